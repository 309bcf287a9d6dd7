#include "tests/pg/orders/two_sides.h"

#include <algorithm>

namespace carillon::test {
namespace {

constexpr auto kLookEvery = std::chrono::milliseconds(2);
constexpr auto kPatience = std::chrono::seconds(20);

}  // namespace

TwoSides::Player* TwoSides::player_of(const GateStatement& statement) {
  for (auto& player : players_)
    if (player->connection == statement.connection) return player.get();
  for (auto& player : players_) {
    if (!player->expected || statement.user != player->side.role || !statement.name.starts_with(player->side.begins)) continue;
    player->expected = false;
    player->connection = statement.connection;
    player->backend = statement.backend;
    player->passed.clear();
    return player.get();
  }
  return nullptr;
}

bool TwoSides::coming(const GateStatement& statement) {
  std::unique_lock lock(mutex_);
  if (abandoned_) return true;
  Player* player = player_of(statement);
  if (player == nullptr || !player->side.stops.contains(statement.name)) return true;
  if (!player->passed.insert(statement.name).second && !player->side.every_time) return true;
  player->at = statement.name;
  player->held = true;
  changed_.notify_all();
  changed_.wait(lock, [&] { return player->told || abandoned_; });
  player->held = player->told = false;
  return true;
}

bool TwoSides::answered(const GateStatement& statement) {
  if (statement.name != "COMMIT" && statement.name != "ROLLBACK") return true;
  std::lock_guard lock(mutex_);
  for (std::size_t n = 0; n < players_.size(); ++n) {
    Player& player = *players_[n];
    if (player.connection != statement.connection) continue;
    if (statement.name == "COMMIT" && first_commit_ < 0) first_commit_ = static_cast<int>(n);
    player.connection = 0;
    player.ended = true;
    player.expected = !player.side.once && !player.finished;  // it may begin anew
    changed_.notify_all();
  }
  return true;
}

bool TwoSides::waits_for(pid_t waiting, pid_t holding) {
  return monitor_.query("SELECT " + std::to_string(holding) + " = ANY (pg_blocking_pids(" + std::to_string(waiting) + "))")[0][0] == "t";
}

/// Until the player has come to a stop or to its end, or waits for the other one.
void TwoSides::wait_until_settled(std::unique_lock<std::mutex>& lock, int which) {
  Player& player = *players_[static_cast<std::size_t>(which)];
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!settled(player)) {
    if (changed_.wait_for(lock, kLookEvery, [&] { return settled(player); })) return;
    Player& other = *players_[static_cast<std::size_t>(1 - which)];
    const pid_t waiting = player.connection ? player.backend : 0, holding = other.connection ? other.backend : 0;
    if (waiting != 0 && holding != 0 && settled(other)) {
      lock.unlock();
      const bool waits = waits_for(waiting, holding);
      lock.lock();
      if (waits && !settled(player)) return;
    }
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error(player.side.name + " does not come on after " + player.at);
  }
}

void TwoSides::start(std::vector<Side> sides) {
  std::unique_lock lock(mutex_);
  abandoned_ = false;
  trace_.clear();
  first_commit_ = -1;
  players_.clear();
  for (auto& side : sides) {
    players_.push_back(std::make_unique<Player>());
    players_.back()->side = std::move(side);
  }
  for (std::size_t n = 0; n < players_.size(); ++n) {
    Player* player = players_[n].get();
    player->expected = true;
    player->thread = std::thread([this, player] {
      player->side.work();
      std::lock_guard done(mutex_);
      player->finished = true;
      changed_.notify_all();
    });
    wait_until_settled(lock, static_cast<int>(n));
  }
}

std::vector<int> TwoSides::ready() {
  std::unique_lock lock(mutex_);
  // Twice: what one has done may have let the other go on.
  for (int which : {0, 1, 0, 1}) wait_until_settled(lock, which);
  std::vector<int> out;
  for (int which : {0, 1})
    if (players_[static_cast<std::size_t>(which)]->held) out.push_back(which);
  return out;
}

void TwoSides::go(int side) {
  std::lock_guard lock(mutex_);
  Player& player = *players_[static_cast<std::size_t>(side)];
  trace_.push_back(player.side.name + ":" + player.at);
  player.told = true;
  player.held = false;
  changed_.notify_all();
}

void TwoSides::abandon() {
  {
    std::lock_guard lock(mutex_);
    abandoned_ = true;
    changed_.notify_all();
  }
  finish();
}

void TwoSides::finish() {
  for (auto& player : players_)
    if (player->thread.joinable()) player->thread.join();
}

bool Orders::next() {
  at_ = 0;
  if (played_++ == 0) return true;
  while (!choices_.empty() && !choices_.back().other_left) choices_.pop_back();
  if (choices_.empty()) {
    --played_;
    return false;
  }
  choices_.back() = {1, false};
  return true;
}

int Orders::choose(const std::vector<int>& ready) {
  if (at_ == choices_.size()) choices_.push_back({ready.front(), ready.size() > 1});
  const int taken = choices_[at_++].taken;
  if (std::ranges::find(ready, taken) == ready.end()) throw OrderLost("an order could not be played again");
  return taken;
}

}  // namespace carillon::test
