#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "engine/base/instant.h"
#include "engine/base/log.h"

namespace carillon {

/// Something that runs in the background between start() and stop(). start() returns when it runs or throws; stop()
/// returns when nothing of it runs any more and may be called twice.
class Service {
 public:
  virtual ~Service() = default;
  virtual std::string_view name() const = 0;
  virtual void start() = 0;
  virtual void stop() = 0;
};

/// Lets one thread wait until another has something for it. A notify() before the wait is not lost.
class Wakeup {
 public:
  void notify();
  /// Returns after `limit` at the latest, at once when notified since the last return.
  void wait_for(Duration limit);

 private:
  std::mutex mutex_;
  std::condition_variable signal_;
  bool notified_ = false;
};

/// A thread that calls tick() again and again, waiting as long as tick() asked in between (or until notified).
/// An exception out of tick() is logged and answered with a pause of one second: a loop never dies.
class LoopService final : public Service {
 public:
  using Tick = std::function<Duration()>;
  LoopService(std::string name, Logger& log, Tick tick);
  ~LoopService() override;
  std::string_view name() const override { return name_; }
  void start() override;
  void stop() override;
  /// Makes the loop call tick() soon. Any thread.
  void notify() { wakeup_.notify(); }
  bool stopping() const { return stopping_; }

 private:
  void run();
  std::string name_;
  Logger& log_;
  Tick tick_;
  Wakeup wakeup_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace carillon
