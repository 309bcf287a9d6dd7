#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "persistence/embedded/child.h"

namespace carillon::test {

struct HubProcessOptions {
  std::filesystem::path program;              ///< the `carillon` binary
  std::filesystem::path home;                 ///< made when missing; its logs go there, too
  std::string database_url;
  std::vector<std::string> flags = {};        ///< further arguments of `carillon serve`
  std::vector<std::string> environment = {};  ///< NAME=value beside what the hub needs anyway
};

/// A node: the real program, on a database somebody else runs, listening on a free port. It ends with the thread that
/// started it. One thread.
class HubProcess {
 public:
  explicit HubProcess(HubProcessOptions options);
  ~HubProcess();  ///< SIGTERM, and kill -9 when that takes long
  HubProcess(const HubProcess&) = delete;
  HubProcess& operator=(const HubProcess&) = delete;

  /// Starts it and does not wait; throws std::runtime_error when the program cannot be executed.
  void start();
  /// kill -9. Returns when it is gone.
  void kill_hard();
  /// Waits until it takes requests; throws with its log when that does not happen.
  void await_ready();
  /// Where it listens; 0 until it does.
  std::uint16_t port();
  /// Of its last start; 0 before.
  pid_t pid() const { return child_.pid(); }
  /// What its last start has written.
  std::string log_text() const;
  /// The log lines of level error of all starts.
  std::vector<std::string> errors() const;

 private:
  std::filesystem::path log_file(int start) const;
  HubProcessOptions options_;
  embedded::Child child_;
  int starts_ = 0;
  std::uint16_t port_ = 0;
};

}  // namespace carillon::test
