#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <mutex>

#include "engine/base/log.h"
#include "engine/base/metrics.h"
#include "engine/jobs/clock_guard.h"
#include "engine/jobs/job_runner.h"

namespace carillon {

struct PlannerOptions {
  int batch = 1000;                    ///< registrations of one transaction
  int parallel = 1;                    ///< transactions at a time; a round scans this many batches
  int tenants_per_transaction = 0;     ///< 0: as many as the batch has; 1 on Citus
  Duration longest_wait{1'000'000};    ///< a notification is only a hint: the clock is asked again this often
  Duration poison_pause{60'000'000};   ///< how long a registration whose handling fails is left alone
};

/// The loop that keeps registrations' promises. Any number of nodes run one; no leader. A round is an unlocked due-scan,
/// then transactions that lock what is still due, hand it to its kind's handler and move it on. All times come from the
/// database's clock. tick() is called by one thread; with `parallel` above 1 handlers are called from several.
class Planner {
 public:
  using HandlerOf = std::function<JobHandler*(const std::string& kind)>;
  Planner(Database& db, JobStore& store, HandlerOf handler_of, const ZoneDatabase& zones, Metrics& metrics, Logger& log,
          PlannerOptions options);

  /// Tells the guard what the database's clock says, each round. Before the first tick.
  void watch(ClockGuard& guard) { guard_ = &guard; }
  /// One round; answers how long nothing is due (zero: call again at once).
  Duration tick();
  /// How late the oldest registration was that the last round found; zero when it found none.
  Duration lag() const { return Duration(lag_us_.load()); }

 private:
  std::vector<std::span<const DueKey>> portions(std::span<const DueKey> keys) const;
  void handle_all(std::span<const std::span<const DueKey>> portions);
  void handle(std::span<const DueKey> keys);
  Status handle_in(Tx& tx, std::span<const DueKey> keys);
  bool poisoned(const DueKey& key, Instant now);

  Database& db_;
  JobStore& store_;
  HandlerOf handler_of_;
  const ZoneDatabase& zones_;
  Logger& log_;
  ClockGuard* guard_ = nullptr;
  PlannerOptions options_;
  Counter& handled_;
  Counter& failed_;
  Histogram& lateness_;
  Gauge& lag_;
  std::atomic<std::int64_t> lag_us_{0};
  Instant scanned_at_;
  std::mutex poison_mutex_;
  std::map<RegistrationId, Instant> poison_;  ///< left alone until
};

}  // namespace carillon
