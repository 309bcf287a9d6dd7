#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>

#include "engine/base/log.h"
#include "engine/base/metrics.h"
#include "engine/jobs/clock_guard.h"
#include "engine/jobs/due_backlog.h"
#include "engine/jobs/job_runner.h"

namespace carillon {

struct PlannerOptions {
  int batch = 1000;                    ///< registrations of one transaction
  int parallel = 1;                    ///< transactions at a time
  int scan = 0;                        ///< registrations of one due-scan; 0: batch * parallel
  int scans = 1;                       ///< due-scans of one round: who finds nothing left scans while others finish
  int tenants_per_transaction = 0;     ///< 0: as many as the batch has; 1 on Citus
  Duration longest_wait{1'000'000};    ///< a notification is only a hint: the clock is asked again this often
  Duration poison_pause{60'000'000};   ///< how long a registration whose handling fails is left alone
};

/// The loop that keeps registrations' promises. Any number of nodes run one; no leader. A round is an unlocked due-scan
/// into a backlog that is fair to tenants, then transactions that lock what is still due, hand it to its kind's handler
/// and move it on; meanwhile what becomes due joins the backlog. All times come from the database's clock. tick() is
/// called by one thread; with `parallel` above 1 handlers are called from several.
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
  using Portion = std::vector<DueKey>;
  enum class Scan { everything, newcomers };
  int scan_limit() const { return options_.scan > 0 ? options_.scan : options_.batch * options_.parallel; }
  void handle_all();
  std::optional<Portion> next_portion();
  std::optional<Scan> wanted_scan() const;
  Status scan(Scan what);
  bool scan_again(Scan what);
  Result<std::vector<DueKey>> scan_in(Tx& tx, Scan what);
  void finished(const Portion& portion);
  void handle(std::span<const DueKey> keys);
  Status handle_in(Tx& tx, std::span<const DueKey> keys);
  bool poisoned(const DueKey& key, Instant now);
  void abandon();
  bool nothing_left() const { return backlog_.empty() && background_.empty(); }

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

  std::mutex mutex_;  ///< guards all below
  std::condition_variable changed_;
  DueBacklog backlog_, background_;            ///< live first; what is in the background has one of its own
  std::set<RegistrationId> in_hand_;           ///< taken from the backlog, not finished
  std::map<RegistrationId, Instant> poison_;   ///< left alone until
  Instant scanned_until_;
  std::optional<Instant> wake_;                ///< where the last full scan found nothing due: what comes first
  int scans_left_ = 0;
  int portions_since_scan_ = 0;
  bool scanning_ = false;
  bool full_ = false;                          ///< the last full scan found as much as it may
  bool large_ = false;                         ///< … a batch at least
  std::int64_t locked_since_scan_ = 0;         ///< nothing: somebody else is at it, and scanning again at once is no use
};

}  // namespace carillon
