#include "web/http/handler_pool.h"

#include <exception>

namespace carillon::web {

HandlerPool::HandlerPool(int threads, std::size_t max_queue, Logger& log)
    : thread_count_(threads), max_queue_(max_queue), log_(log) {}

HandlerPool::~HandlerPool() { stop(); }

void HandlerPool::start() {
  std::lock_guard lock(mutex_);
  running_ = true;
  for (int i = 0; i < thread_count_; ++i) threads_.emplace_back([this] { run(); });
}

void HandlerPool::stop() {
  {
    std::lock_guard lock(mutex_);
    running_ = false;
  }
  signal_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

bool HandlerPool::submit(Job job, Place place) {
  {
    std::lock_guard lock(mutex_);
    if (!running_ || (place == Place::bounded && queue_.size() >= max_queue_)) return false;
    queue_.push_back(std::move(job));
  }
  signal_.notify_one();
  return true;
}

void HandlerPool::run() {
  while (true) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      signal_.wait(lock, [this] { return !queue_.empty() || !running_; });
      if (queue_.empty()) return;
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    try {
      job();
    } catch (const std::exception& e) {
      log_.error("handler job failed", {{"error", e.what()}});
    }
  }
}

}  // namespace carillon::web
