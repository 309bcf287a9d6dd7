#pragma once
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "engine/base/instant.h"

namespace carillon {

/// Calls back when something takes longer than it may. One thread, started with the first guard and ended with the
/// watchdog; share one among all expression sets of a process. Thread-safe. Works on the steady clock of the machine.
class Watchdog {
 public:
  Watchdog() = default;
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// While it lives, `bark` is called (once, on the watchdog's thread) when `limit` has passed. After the destructor
  /// returned `bark` neither runs nor will.
  class Guard {
   public:
    Guard(Watchdog& dog, Duration limit, std::function<void()> bark);
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    Watchdog& dog_;
    std::pair<std::int64_t, std::uint64_t> key_;
  };

 private:
  void run();
  std::mutex mutex_;
  std::condition_variable signal_;
  std::map<std::pair<std::int64_t, std::uint64_t>, std::function<void()>> guards_;  ///< by steady due µs, then number
  std::uint64_t next_ = 0;
  std::int64_t sleeping_until_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace carillon
