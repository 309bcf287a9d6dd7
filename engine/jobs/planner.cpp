#include "engine/jobs/planner.h"

#include <algorithm>
#include <thread>

#include "engine/jobs/timing_json.h"

namespace carillon {
namespace {

constexpr int kTurn = 50;                ///< registrations a tenant may have handled before another's turn comes
constexpr std::size_t kSmallest = 100;   ///< less is not worth a thread and a commit of its own

}  // namespace

Planner::Planner(Database& db, JobStore& store, HandlerOf handler_of, const ZoneDatabase& zones, Metrics& metrics,
                 Logger& log, PlannerOptions options)
    : db_(db), store_(store), handler_of_(std::move(handler_of)), zones_(zones), log_(log), options_(options),
      handled_(metrics.counter("carillon_registrations_handled_total", "Due registrations this node has handled")),
      failed_(metrics.counter("carillon_registrations_failed_total", "Registrations whose handling failed")),
      lateness_(metrics.histogram("carillon_fire_lateness_seconds", "Handled this long after the planned time")),
      lag_(metrics.gauge("carillon_planner_lag_seconds", "How late the oldest due registration is")),
      // A transaction of one tenant is worth its commit only when it is full.
      backlog_(options.tenants_per_transaction > 0 ? options.batch : kTurn), background_(backlog_) {}

Duration Planner::tick() {
  {
    std::lock_guard lock(mutex_);
    backlog_.clear();
    background_.clear();
    in_hand_.clear();
    scans_left_ = std::max(options_.scans, 1) - 1;
  }
  if (Status scanned = scan(Scan::everything); !scanned) {
    log_.warn("planner cannot reach the database", {{"reason", scanned.error().reason}});
    return options_.longest_wait;
  }
  if (nothing_left()) return wake_ ? std::clamp(*wake_ - scanned_until_, Duration{0}, options_.longest_wait) : options_.longest_wait;
  handle_all();
  return full_ ? Duration{0} : Duration{1000};
}

void Planner::handle_all() {
  const auto work = [this] {
    while (auto portion = next_portion()) {
      handle(*portion);
      finished(*portion);
    }
  };
  // This thread is one of them, so what one batch can hold starts none.
  std::vector<std::jthread> helpers;
  const std::size_t most = static_cast<std::size_t>(std::max(options_.parallel, 1));
  const std::size_t threads = options_.tenants_per_transaction > 0 ? most : std::min(most, (backlog_.size() + background_.size() + kSmallest - 1) / kSmallest);
  for (std::size_t n = 1; n < threads; ++n) helpers.emplace_back(work);
  work();
}

/// The next batch; scans first where it is time to. Nothing when the round is over.
std::optional<Planner::Portion> Planner::next_portion() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (auto what = wanted_scan()) {
      scanning_ = true;
      if (*what == Scan::everything) --scans_left_;
      lock.unlock();
      const bool scanned = scan_again(*what);
      lock.lock();
      scanning_ = false;
      changed_.notify_all();
      if (!scanned) abandon();
    }
    if (!nothing_left()) {
      // Never two lanes in one transaction: what is live may wait for the background's rows, but not the other way round.
      DueBacklog& lane = backlog_.empty() ? background_ : backlog_;
      const std::size_t share = (lane.size() + static_cast<std::size_t>(options_.parallel) - 1) / static_cast<std::size_t>(options_.parallel);
      const std::size_t most = std::min<std::size_t>(static_cast<std::size_t>(options_.batch), std::max(share, kSmallest));
      Portion portion = lane.take(most, options_.tenants_per_transaction);
      for (const auto& key : portion) in_hand_.insert(key.id);
      ++portions_since_scan_;
      return portion;
    }
    if (!scanning_) return std::nullopt;
    changed_.wait(lock);
  }
}

std::optional<Planner::Scan> Planner::wanted_scan() const {
  if (scanning_) return std::nullopt;
  if (nothing_left()) {
    const bool useful = scans_left_ > 0 && large_ && locked_since_scan_ > 0;
    return useful ? std::optional(Scan::everything) : std::nullopt;
  }
  const bool enough_for_now = portions_since_scan_ < options_.parallel || options_.scans <= 1;
  return enough_for_now ? std::nullopt : std::optional(Scan::newcomers);
}

void Planner::finished(const Portion& portion) {
  std::lock_guard lock(mutex_);
  for (const auto& key : portion) in_hand_.erase(key.id);
}

/// Nothing more in this round: the database is not there, or too busy.
void Planner::abandon() {
  backlog_.clear();
  background_.clear();
  scans_left_ = 0;
}

/// For any thread of the round, out of which nothing may be thrown.
bool Planner::scan_again(Scan what) {
  try {
    Status scanned = scan(what);
    if (!scanned) log_.warn("planner cannot reach the database", {{"reason", scanned.error().reason}});
    return scanned.has_value();
  } catch (const std::exception& e) {
    log_.error("due-scan failed", {{"error", std::string(e.what())}});
    return false;
  }
}

Status Planner::scan(Scan what) {
  std::vector<DueKey> keys;
  CARILLON_CHECK(db_.in_system([&](Tx& tx) -> Status {
    CARILLON_TRY(keys, scan_in(tx, what));
    return ok();
  }));
  std::lock_guard lock(mutex_);
  if (guard_ != nullptr) guard_->observe(scanned_until_);
  std::erase_if(keys, [&](const DueKey& key) { return in_hand_.contains(key.id) || poisoned(key, scanned_until_); });
  std::vector<DueKey> background;
  for (const auto& key : keys)
    if (key.lane == Lane::background) background.push_back(key);
  std::erase_if(keys, [](const DueKey& key) { return key.lane == Lane::background; });
  backlog_.add(keys);
  background_.add(background);
  portions_since_scan_ = 0;
  return ok();
}

Result<std::vector<DueKey>> Planner::scan_in(Tx& tx, Scan what) {
  const Instant now = tx.now();
  std::unique_lock lock(mutex_);
  const Instant before = std::exchange(scanned_until_, now);
  // Those left alone are still due, as are those in hand: they must not fill the scan for the others.
  const int limit = scan_limit() + static_cast<int>(poison_.size() + in_hand_.size());
  lock.unlock();
  if (what == Scan::newcomers) return store_.due_beside(tx, before + Duration{1}, now, {}, limit);

  CARILLON_TRY(auto keys, store_.due(tx, now, limit));
  std::optional<Instant> wake;
  if (keys.empty()) {
    CARILLON_TRY(wake, store_.next_wake(tx));
  }
  Instant oldest = now;
  for (const auto& key : keys) oldest = std::min(oldest, key.planned_at);
  const bool full = static_cast<int>(keys.size()) >= limit;
  if (full && options_.scans > 1 && keys.back().lane == Lane::live) {
    // A herd that fills the scan may hide the little that other tenants have due.
    std::set<TenantId> seen;
    for (const auto& key : keys) seen.insert(key.tenant);
    const std::vector<TenantId> tenants(seen.begin(), seen.end());
    CARILLON_TRY(auto others, store_.due_beside(tx, keys.back().planned_at, now, tenants, options_.batch));
    keys.insert(keys.end(), others.begin(), others.end());
  }
  lock.lock();
  lag_us_ = std::max<std::int64_t>(0, (now - oldest).count());
  lag_.set(static_cast<double>(lag_us_) / 1e6);
  wake_ = wake;
  full_ = full;
  large_ = static_cast<int>(keys.size()) >= options_.batch;
  locked_since_scan_ = 0;
  return keys;
}

bool Planner::poisoned(const DueKey& key, Instant now) {
  auto it = poison_.find(key.id);
  if (it == poison_.end()) return false;
  if (it->second > now) return true;
  poison_.erase(it);
  return false;
}

void Planner::handle(std::span<const DueKey> keys) {
  std::string failure;
  try {
    Status handled = db_.in_system([&](Tx& tx) { return handle_in(tx, keys); });
    if (handled) return;
    if (handled.error().code == ErrorCode::unavailable) {
      log_.warn("planner batch postponed", {{"reason", handled.error().reason}});
      std::lock_guard lock(mutex_);
      abandon();
      return;
    }
    failure = handled.error().message;
  } catch (const std::exception& e) {
    failure = e.what();
  }
  // Something in the batch cannot be handled: halve until it stands alone, so that the others go on.
  if (keys.size() > 1) {
    handle(keys.first(keys.size() / 2));
    handle(keys.subspan(keys.size() / 2));
    return;
  }
  failed_.add();
  log_.error("registration failed", {{"registration", keys[0].id.to_string()}, {"kind", keys[0].kind}, {"error", failure}});
  std::lock_guard lock(mutex_);
  poison_[keys[0].id] = scanned_until_ + options_.poison_pause;
}

Status Planner::handle_in(Tx& tx, std::span<const DueKey> keys) {
  CARILLON_TRY(auto jobs, store_.lock_due(tx, keys));
  if (!jobs.empty()) {
    std::lock_guard lock(mutex_);
    locked_since_scan_ += static_cast<std::int64_t>(jobs.size());
  }
  std::map<RegistrationId, const DueKey*> kinds;
  for (const auto& key : keys) kinds[key.id] = &key;
  std::map<std::string, std::vector<DueJob>> by_kind;
  for (auto& job : jobs) by_kind[kinds.at(job.id)->kind].push_back(job);
  for (auto& [kind, batch] : by_kind) {
    JobHandler* handler = handler_of_(kind);
    if (handler == nullptr)
      return Error{ErrorCode::internal, "NO_JOB_HANDLER", "Nobody handles registrations of kind " + kind + ".", "", kind,
                   "Start the hub with the plugin that made them.", {}};
    CARILLON_TRY(auto moves, handler->handle(tx, batch));
    std::map<RegistrationId, const DueJob*> recurring;
    for (const auto& job : batch)
      if (!job.recurrence.empty()) recurring[job.id] = &job;
    for (auto& move : moves) {
      auto it = recurring.find(move.id);
      if (it == recurring.end() || move.next_due_at) continue;
      CARILLON_TRY(auto recurrence, compile(timing_from_stored(parse_stored_json(it->second->recurrence)), {}, zones_));
      move.next_due_at = move.next_planned_at = recurrence.next(tx.now());
      move.zone_data = zones_.version();
    }
    CARILLON_CHECK(store_.move(tx, moves));
    const Instant now = tx.now();
    const std::size_t count = batch.size();
    std::vector<double> late;
    for (const auto& job : batch) late.push_back(static_cast<double>((now - job.planned_at).count()) / 1e6);
    tx.after_commit([this, count, late = std::move(late)] {
      handled_.add(static_cast<std::int64_t>(count));
      for (double seconds : late) lateness_.observe(seconds);
    });
  }
  return ok();
}

}  // namespace carillon
