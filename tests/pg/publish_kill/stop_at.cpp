#include "tests/pg/publish_kill/stop_at.h"

namespace carillon::test {

std::string StopPoint::text() const {
  const char* const words[] = {"before ", "having sent ", "after "};
  return words[static_cast<int>(when)] + (name.empty() ? std::to_string(statement) : name);
}

void StopAt::arm(StopPoint point) {
  std::lock_guard lock(mutex_);
  point_ = point;
  armed_ = true;
  stopped_ = dropped_ = false;
  at_ = 0;
  backend_ = 0;
  seen_.clear();
}

bool StopAt::await(Duration limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [this] { return stopped_; });
}

bool StopAt::stopped() const {
  std::lock_guard lock(mutex_);
  return stopped_;
}

void StopAt::drop() {
  std::lock_guard lock(mutex_);
  armed_ = false;
  dropped_ = true;
  changed_.notify_all();
}

std::vector<std::string> StopAt::seen() const {
  std::lock_guard lock(mutex_);
  return seen_;
}

pid_t StopAt::backend() const {
  std::lock_guard lock(mutex_);
  return backend_;
}

bool StopAt::stop(std::unique_lock<std::mutex>& lock, const GateStatement& statement) {
  stopped_ = true;
  backend_ = statement.backend;
  changed_.notify_all();
  if (point_.when == StopPoint::When::sent) return true;
  changed_.wait(lock, [this] { return dropped_; });
  return false;
}

bool StopAt::coming(const GateStatement& statement) {
  std::unique_lock lock(mutex_);
  if (!armed_ || statement.user != "carillon_app") return true;
  seen_.push_back(statement.name);
  if (point_.name.empty() ? static_cast<int>(seen_.size()) != point_.statement : statement.name != point_.name) return true;
  at_ = statement.connection;
  return point_.when == StopPoint::When::answered || stop(lock, statement);
}

bool StopAt::answered(const GateStatement& statement) {
  std::unique_lock lock(mutex_);
  if (!armed_ || statement.connection != at_ || point_.when == StopPoint::When::before || stopped_) {
    // What was sent may have been answered before the killer came; then the answer is on its way, too.
    return true;
  }
  return stop(lock, statement);
}

}  // namespace carillon::test
