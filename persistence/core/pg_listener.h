#pragma once
#include <atomic>
#include <functional>
#include <set>
#include <string>
#include <thread>

#include "engine/base/log.h"
#include "engine/base/service.h"

namespace carillon::pg {

/// Hears what other transactions notify ("runs", "jobs", "events", "clock") on a connection of its own. A notification is only a
/// hint: while the connection is away nothing is heard, and after it is back every topic is called once.
class PgListener final : public Service {
 public:
  using Callback = std::function<void(const std::set<std::string>& topics)>;
  /// `heard` runs on the listener's thread and must be quick.
  PgListener(std::string url, Logger& log, Callback heard) : url_(std::move(url)), log_(log), heard_(std::move(heard)) {}
  ~PgListener() override { stop(); }
  std::string_view name() const override { return "listener"; }
  void start() override;
  void stop() override;

 private:
  void run();
  void listen();
  std::string url_;
  Logger& log_;
  Callback heard_;
  Wakeup wakeup_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace carillon::pg
