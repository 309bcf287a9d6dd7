#pragma once
#include <condition_variable>
#include <mutex>

#include "engine/base/instant.h"
#include "tests/support/pg_gate.h"

namespace carillon::test {

/// Where a request is stopped: at its nth statement of the app role, counted from 1, or at its first of a name.
struct StopPoint {
  enum class When {
    before,    ///< the statement has not reached the server
    sent,      ///< it has, and nobody knows how far the server has come with it
    answered,  ///< the server has answered it, which nobody hears of
  };
  int statement = 0;
  std::string name = {};  ///< instead
  When when = When::before;
  std::string text() const;
};

/// Lets everything pass but the statement it is told to stop at; that one waits until the test has done what it wants to
/// do meanwhile. Only the app role is looked at, as which the hub does what requests ask for. Thread-safe.
class StopAt final : public GateKeeper {
 public:
  /// Counts from here on. A point without number and name stops nothing.
  void arm(StopPoint point);
  /// Until it has stopped; false when the limit passed first.
  bool await(Duration limit);
  bool stopped() const;
  /// What is stopped goes no further: its connection ends. Counts no more.
  void drop();
  /// Names of the statements since arm().
  std::vector<std::string> seen() const;
  /// The server's process that executes, or would have executed, what is stopped.
  pid_t backend() const;

  bool coming(const GateStatement& statement) override;
  bool answered(const GateStatement& statement) override;

 private:
  bool stop(std::unique_lock<std::mutex>& lock, const GateStatement& statement);
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  StopPoint point_;
  bool armed_ = false, stopped_ = false, dropped_ = false;
  std::uint64_t at_ = 0;  ///< connection of the statement that is meant
  pid_t backend_ = 0;
  std::vector<std::string> seen_;
};

}  // namespace carillon::test
