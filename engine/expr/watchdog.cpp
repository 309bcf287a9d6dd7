#include "engine/expr/watchdog.h"

#include <chrono>

namespace carillon {
namespace {

std::int64_t watchdog_now() {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Watchdog::~Watchdog() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  signal_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (guards_.empty()) {
      sleeping_until_ = INT64_MAX;
      signal_.wait(lock);
      continue;
    }
    auto first = guards_.begin();
    std::int64_t now = watchdog_now();
    if (first->first.first <= now) {
      // Under the lock, so that the guard's destructor cannot pass while the callback runs.
      first->second();
      guards_.erase(first);
      continue;
    }
    sleeping_until_ = first->first.first;
    signal_.wait_for(lock, std::chrono::microseconds(sleeping_until_ - now));
  }
}

Watchdog::Guard::Guard(Watchdog& dog, Duration limit, std::function<void()> bark) : dog_(dog) {
  std::lock_guard lock(dog_.mutex_);
  if (!dog_.thread_.joinable()) dog_.thread_ = std::thread([&dog] { dog.run(); });
  key_ = {watchdog_now() + limit.count(), dog_.next_++};
  dog_.guards_.emplace(key_, std::move(bark));
  if (key_.first < dog_.sleeping_until_) dog_.signal_.notify_one();
}

Watchdog::Guard::~Guard() {
  std::lock_guard lock(dog_.mutex_);
  dog_.guards_.erase(key_);
}

}  // namespace carillon
