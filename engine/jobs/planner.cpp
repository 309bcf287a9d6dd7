#include "engine/jobs/planner.h"

#include <algorithm>
#include <thread>
#include <tuple>

#include "engine/jobs/timing_json.h"

namespace carillon {

Planner::Planner(Database& db, JobStore& store, HandlerOf handler_of, const ZoneDatabase& zones, Metrics& metrics,
                 Logger& log, PlannerOptions options)
    : db_(db), store_(store), handler_of_(std::move(handler_of)), zones_(zones), log_(log), options_(options),
      handled_(metrics.counter("carillon_registrations_handled_total", "Due registrations this node has handled")),
      failed_(metrics.counter("carillon_registrations_failed_total", "Registrations whose handling failed")),
      lateness_(metrics.histogram("carillon_fire_lateness_seconds", "Handled this long after the planned time")),
      lag_(metrics.gauge("carillon_planner_lag_seconds", "How late the oldest due registration is")) {}

Duration Planner::tick() {
  std::vector<DueKey> keys;
  std::optional<Instant> wake;
  Instant now;
  Status scanned = db_.in_system([&](Tx& tx) -> Status {
    now = tx.now();
    // Those left alone are still due: they must not fill the scan for the others.
    CARILLON_TRY(keys, store_.due(tx, now, options_.batch * options_.parallel + static_cast<int>(poison_.size())));
    if (keys.empty()) {
      CARILLON_TRY(wake, store_.next_wake(tx));
    }
    return ok();
  });
  if (!scanned) {
    log_.warn("planner cannot reach the database", {{"reason", scanned.error().reason}});
    return options_.longest_wait;
  }
  scanned_at_ = now;
  if (guard_ != nullptr) guard_->observe(now);
  const bool full = static_cast<int>(keys.size()) >= options_.batch * options_.parallel;
  lag_us_ = keys.empty() ? 0 : std::max<std::int64_t>(0, (now - keys.front().planned_at).count());
  lag_.set(static_cast<double>(lag_us_) / 1e6);
  if (keys.empty() && wake) return std::clamp(*wake - now, Duration{0}, options_.longest_wait);
  std::erase_if(keys, [&](const DueKey& key) { return poisoned(key, now); });
  if (keys.empty()) return options_.longest_wait;

  // By tenant, so that a transaction locks the heads of few change streams; by due time within. Never two lanes in one
  // transaction: what is live may wait for the background's rows, but not the other way round.
  std::sort(keys.begin(), keys.end(), [](const DueKey& a, const DueKey& b) {
    return std::tie(a.lane, a.tenant, a.planned_at, a.id) < std::tie(b.lane, b.tenant, b.planned_at, b.id);
  });
  const auto background = std::ranges::find(keys, Lane::background, &DueKey::lane);
  handle_all(portions({keys.begin(), background}));
  handle_all(portions({background, keys.end()}));
  return full ? Duration{0} : Duration{1000};
}

/// One for each transaction. Where a transaction may have any tenants, equal parts: two that share a tenant only wait
/// for each other at the head of its change stream, just before the commit.
std::vector<std::span<const DueKey>> Planner::portions(std::span<const DueKey> keys) const {
  std::vector<std::span<const DueKey>> out;
  if (options_.tenants_per_transaction <= 0) {
    const std::size_t most = static_cast<std::size_t>(options_.batch);
    const std::size_t parts = (keys.size() + most - 1) / most;
    for (std::size_t n = 0; n < parts; ++n) {
      const std::size_t begin = keys.size() * n / parts;
      out.push_back(keys.subspan(begin, keys.size() * (n + 1) / parts - begin));
    }
    return out;
  }
  for (std::size_t begin = 0, end = 0; begin < keys.size(); begin = end) {
    for (int tenants = 0; end < keys.size(); ++end) {
      bool first_of_tenant = end == begin || keys[end].tenant != keys[end - 1].tenant;
      if (first_of_tenant && ++tenants > options_.tenants_per_transaction) break;
    }
    out.push_back(keys.subspan(begin, end - begin));
  }
  return out;
}

void Planner::handle_all(std::span<const std::span<const DueKey>> portions) {
  std::atomic<std::size_t> next{0};
  auto take = [&] {
    for (std::size_t n = next++; n < portions.size(); n = next++) handle(portions[n]);
  };
  // This thread is one of them, so a lone portion starts none.
  std::vector<std::jthread> helpers;
  const auto threads = std::min<std::size_t>(static_cast<std::size_t>(std::max(options_.parallel, 1)), portions.size());
  for (std::size_t n = 1; n < threads; ++n) helpers.emplace_back(take);
  take();
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
  std::lock_guard lock(poison_mutex_);
  poison_[keys[0].id] = scanned_at_ + options_.poison_pause;
}

Status Planner::handle_in(Tx& tx, std::span<const DueKey> keys) {
  CARILLON_TRY(auto jobs, store_.lock_due(tx, keys));
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
      if (it == recurring.end()) continue;
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
