#include "plugins/schedules/stats_hook.h"

#include <algorithm>
#include <map>

namespace carillon::schedules {

carillon::Status StatsHook::hold_overfailed(Tx& tx, std::span<const StatsDelta> deltas) {
  std::vector<ScheduleKey> failing;
  for (const auto& d : deltas)
    if (d.trailing_failures > 0) failing.push_back({d.tenant, d.schedule});
  if (failing.empty()) return ok();
  CARILLON_TRY(auto overfailed, schedules_.lock_overfailed(tx, failing));
  // Who fires one just now may be waiting for the counts that this transaction holds: it is not waited for, and the
  // schedule's next fire finds what is left out here.
  std::vector<RegistrationKey> keys;
  for (const auto& s : overfailed) keys.push_back({s.tenant, RegistrationId{s.id.value}});
  CARILLON_TRY(auto free, registrations_.try_lock(tx, keys));
  for (auto& s : overfailed) {
    if (std::ranges::none_of(free, [&](const RegistrationKey& key) { return key.id.value == s.id.value; })) continue;
    const std::int64_t failures = *s.hold_after_failures;
    CARILLON_CHECK(life_.put_hold(tx, s, HoldKind::failures, hold_of(failures_reason(failures), "", tx.now())));
    s.updated_at = tx.now();
    CARILLON_TRY([[maybe_unused]] auto written, schedules_.put_holds(tx, std::span(&s, 1)));
    tx.raise(s.tenant, failures_alert(s, failures));
    tx.emit(s.tenant, fired_event(s, nullptr, s.holds, std::optional<Instant>()));
  }
  return ok();
}

carillon::Status StatsHook::forget_removed(Tx& tx, std::span<const FinishedRun> runs, std::map<ScheduleId, StatsDelta>& deltas) {
  // Any other run has kept its schedule while it had not ended.
  std::vector<ScheduleKey> retried;
  for (const auto& run : runs)
    if (run.provenance.reason == "retry" && run.provenance.schedule && deltas.contains(*run.provenance.schedule))
      retried.push_back({run.tenant, *run.provenance.schedule});
  if (retried.empty()) return ok();
  CARILLON_TRY(const auto kept, schedules_.kept(tx, retried));
  for (const auto& key : retried)
    if (std::ranges::none_of(kept, [&](const ScheduleKey& k) { return k.id == key.id; })) deltas.erase(key.id);
  return ok();
}

carillon::Status StatsHook::on_finished(Tx& tx, std::span<const FinishedRun> runs) {
  std::map<ScheduleId, StatsDelta> deltas;  // ordered, so that concurrent workers take the rows in one order
  for (const auto& run : runs) {
    if (!run.provenance.schedule) continue;
    if (run.retried_by) continue;  // counted when the last try has ended
    StatsDelta& d = deltas[*run.provenance.schedule];
    d.tenant = run.tenant;
    d.schedule = *run.provenance.schedule;
    d.last_run = run.id;
    d.last_state = run.state;
    d.last_at = run.ended_at;
    if (run.state == RunState::cancelled) {
      ++d.cancelled;
      continue;
    }
    if (run.started_at) d.duration += run.ended_at - *run.started_at;
    if (run.state == RunState::succeeded) {
      ++d.succeeded;
      d.trailing_failures = 0;
      d.any_success = true;
      d.last_error.clear();
    } else {
      ++d.failed;
      ++d.trailing_failures;
      Json error = run.error.empty() ? Json::object() : parse_stored_json(run.error);
      d.last_error = shorten(error.value("title", std::string(to_string(run.state))) + ": " + error.value("detail", ""), 300);
    }
  }
  CARILLON_CHECK(forget_removed(tx, runs, deltas));
  std::vector<StatsDelta> list;
  for (auto& [_, delta] : deltas) list.push_back(std::move(delta));
  CARILLON_CHECK(schedules_.add_stats(tx, list));
  CARILLON_CHECK(hold_overfailed(tx, list));
  for (const auto& d : list)
    tx.emit(d.tenant, {"schedules", d.schedule.value, "updated", 0,
                       {{"last_error", d.last_error.empty() ? Json(nullptr) : Json(d.last_error)},
                        {"last_run", {{"id", d.last_run.to_string()}, {"state", to_string(d.last_state)}}}}});
  return ok();
}

}  // namespace carillon::schedules
