#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/base/log.h"

namespace carillon::web {

/// Threads that may block, behind a bounded queue. Thread-safe.
class HandlerPool {
 public:
  using Job = std::function<void()>;
  enum class Place {
    bounded,  ///< refused when the queue is full: new work
    always,   ///< taken even then: work that ends something, or is bounded elsewhere
  };
  HandlerPool(int threads, std::size_t max_queue, Logger& log);
  ~HandlerPool();
  void start();
  /// Runs what is queued, then ends the threads. Jobs come out quickly once the server stops answering, see
  /// Responder::close().
  void stop();
  /// False, and the job is not taken, when the queue is full or the pool does not run.
  bool submit(Job job, Place place);

 private:
  void run();
  const int thread_count_;
  const std::size_t max_queue_;
  Logger& log_;
  std::mutex mutex_;
  std::condition_variable signal_;
  std::deque<Job> queue_;
  bool running_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace carillon::web
