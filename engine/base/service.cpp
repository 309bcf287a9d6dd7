#include "engine/base/service.h"

#include <pthread.h>

#include <exception>

namespace carillon {

void Wakeup::notify() {
  {
    std::lock_guard lock(mutex_);
    notified_ = true;
  }
  signal_.notify_one();
}

void Wakeup::wait_for(Duration limit) {
  std::unique_lock lock(mutex_);
  signal_.wait_for(lock, limit, [this] { return notified_; });
  notified_ = false;
}

LoopService::LoopService(std::string name, Logger& log, Tick tick)
    : name_(std::move(name)), log_(log), tick_(std::move(tick)) {}

LoopService::~LoopService() { stop(); }

void LoopService::start() {
  stopping_ = false;
  thread_ = std::thread([this] { run(); });
}

void LoopService::stop() {
  stopping_ = true;
  wakeup_.notify();
  if (thread_.joinable()) thread_.join();
}

void LoopService::run() {
  pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
  while (!stopping_) {
    Duration pause = std::chrono::seconds(1);
    try {
      pause = tick_();
    } catch (const std::exception& e) {
      log_.error("loop failed", {{"loop", name_}, {"error", e.what()}});
    }
    if (!stopping_ && pause > Duration::zero()) wakeup_.wait_for(pause);
  }
}

}  // namespace carillon
