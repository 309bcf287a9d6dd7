#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/pg_gate.h"

namespace carillon::test {

/// One of two that work on the same rows at once.
struct Side {
  std::string name;
  std::string role = "carillon_app";  ///< whose transactions are its
  std::string begins = "BEGIN";       ///< the statement it is known by; text or name begin with this
  std::set<std::string> stops;        ///< it waits to be told before each of these
  std::function<void()> work;         ///< brings it about; returns when it is over
  /// Somebody carries it out by himself, again and again: what he does after his first transaction is not led.
  bool once = false;
  bool every_time = false;  ///< at its stops whenever it comes by, not only the first time in a transaction
};

/// Leads two transactions through one order of their statements. A side goes on only when it is told to, up to its next
/// stop, its end, or a lock that the other one has.
class TwoSides final : public GateKeeper {
 public:
  /// `monitor_url`: the server as superuser, not through the gate.
  explicit TwoSides(std::string monitor_url) : monitor_(monitor_url) {}
  /// Starts both sides, one after the other, each up to its first stop.
  void start(std::vector<Side> sides);
  /// Who can be told to go on, once nothing moves any more: 0, 1, both, or none when both are over.
  std::vector<int> ready();
  void go(int side);
  /// Waits for both to return.
  void finish();
  /// Leads nobody any more, and waits for both to return.
  void abandon();
  /// What was executed from stop to stop, in order.
  const std::vector<std::string>& trace() const { return trace_; }
  /// Who was the first to commit.
  int first_commit() const { return first_commit_; }

  bool coming(const GateStatement& statement) override;
  bool answered(const GateStatement& statement) override;

 private:
  struct Player {
    Side side;
    std::uint64_t connection = 0;
    pid_t backend = 0;
    std::set<std::string> passed;  ///< stops of this transaction
    std::string at;                ///< the stop it waits at
    bool expected = false, held = false, told = false, ended = false, finished = false;
    std::thread thread;
  };
  Player* player_of(const GateStatement& statement);
  static bool settled(const Player& player) {
    return player.held || (player.connection == 0 && (player.finished || (player.side.once && player.ended)));
  }
  void wait_until_settled(std::unique_lock<std::mutex>& lock, int which);
  bool waits_for(pid_t waiting, pid_t holding);

  SqlSession monitor_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Player>> players_;
  std::vector<std::string> trace_;
  int first_commit_ = -1;
  bool abandoned_ = false;
};

/// What was ready when an order was played first is not ready this time.
struct OrderLost : std::logic_error {
  using std::logic_error::logic_error;
};

/// Plays every order of the stops of two sides: depth first, always the same one again up to where it has not been yet.
class Orders {
 public:
  /// The next order, from the beginning; false when all were played.
  bool next();
  /// The same order once more.
  void again() { at_ = 0; }
  /// Whom to tell to go on; OrderLost.
  int choose(const std::vector<int>& ready);
  int played() const { return played_; }

 private:
  struct Choice {
    int taken;
    bool other_left;
  };
  std::vector<Choice> choices_;
  std::size_t at_ = 0;
  int played_ = 0;
};

}  // namespace carillon::test
