// What users choose as policies, and the operator's maintenance.
#include "tests/simulation/hub/rooms.h"
#include "tests/simulation/hub/scenario.h"

namespace carillon::simulation {

using schedules::MissedPolicy;
using schedules::OverlapPolicy;
using schedules::OverlapScope;

void Scenario::choose_policies(ScheduleState& s) {
  s.missed = std::array{MissedPolicy::skip, MissedPolicy::skip, MissedPolicy::catchup, MissedPolicy::catchup, MissedPolicy::fail}[below(5)];
  s.catch_up = hub_.chance(40) ? 1 : hub_.chance(97) ? up_to(12) : up_to(200);
  s.catch_up_window = std::chrono::seconds(hub_.chance(50) ? 86'400 : up_to(7 * 86'400));
  s.overlap = static_cast<OverlapPolicy>(below(5));
  // Refused: all but the first would be skipped. Now and then somebody tries.
  if (!policies_fit(s) && hub_.chance(90)) s.catch_up = 1;
  s.scope = std::array{OverlapScope::schedule, OverlapScope::schedule, OverlapScope::workflow, OverlapScope::key}[below(4)];
  s.limit = hub_.chance(40) ? 0 : up_to(s.overlap == OverlapPolicy::allow ? 3 : 5);
  s.deadline = std::chrono::seconds(up_to(hub_.chance(60) ? 120 : 3600));
  s.hold_after_failures.reset();
  if (hub_.chance(30)) s.hold_after_failures = up_to(3);
}

Json Scenario::policies_json(const ScheduleState& s) {
  // What the policy has no use for is refused.
  Json overlap{{"scope", to_string(s.scope)}};
  if (s.scope == OverlapScope::key) overlap["key"] = ".g";
  if (s.overlap == OverlapPolicy::buffer_all || s.overlap == OverlapPolicy::allow) overlap["limit"] = s.limit;
  if (s.overlap == OverlapPolicy::cancel_other) overlap["deadline_seconds"] = s.deadline.count() / 1'000'000;
  return {{"missed_policy", to_string(s.missed)},
          {"catch_up", {{"count", s.catch_up}, {"window_seconds", s.catch_up_window.count() / 1'000'000}}},
          {"overlap_policy", to_string(s.overlap)},
          {"overlap", std::move(overlap)},
          {"hold_after_failures", s.hold_after_failures ? Json(*s.hold_after_failures) : Json(nullptr)}};
}

bool Scenario::policies_fit(const ScheduleState& s) {
  if (s.missed == MissedPolicy::catchup && s.catch_up > 1 && s.overlap == OverlapPolicy::skip) return false;
  return s.scope != OverlapScope::key || s.payload.empty() || parse_stored_json(s.payload).contains("g");
}

/// Who waits goes on to wait, and is judged by what is chosen now.
void Scenario::edit_policies(ScheduleModel& model) {
  ScheduleState next = model.now();
  choose_policies(next);
  ActionRequest request = request_for(model, policies_json(next));
  request.if_match = row(model).revision;
  const bool was_over = over(model);
  Outcome outcome = act(flow_of(model).tenant, "schedules.update", request);
  expect(!was_over && policies_fit(next), outcome, model, "editing its policies");
  if (outcome.committed)
    model.note(outcome.moment, "policies " + request.body.dump(), [&](ScheduleState& s) {
      s.missed = next.missed;
      s.catch_up = next.catch_up;
      s.catch_up_window = next.catch_up_window;
      s.overlap = next.overlap;
      s.scope = next.scope;
      s.limit = next.limit;
      s.deadline = next.deadline;
      s.hold_after_failures = next.hold_after_failures;
    });
}

void Scenario::begin_maintenance() {
  hub_.time.advance(Duration{1});
  MaintenanceModel model;
  if (hub_.chance(60)) model.tenant = who_[below(who_.size())].tenant;
  model.since = hub_.clock.now();
  IdSource ids(hub_.time, *hub_.rng);
  const Uuid id = ids.next();
  memory::MemoryDatabase db(hub_.world, hub_.clock);
  const Status begun = db.in_system([&](Tx&) {
    const schedules::Maintenance row{model.since, {}, {}, "moving house", "Olga"};
    if (model.tenant) hub_.world.maintenance.put({*model.tenant, id}, row);
    else hub_.world.system_maintenance.put(id, row);
    return ok();
  });
  if (!begun) return wrong("no maintenance");
  model.begun = hub_.world.commits;
  history_.maintenance.push_back(model);
  maintenance_ids_.push_back(id);
}

void Scenario::end_maintenance(std::size_t which) {
  MaintenanceModel& model = history_.maintenance[which];
  if (model.ended) return;
  hub_.time.advance(Duration{1});
  const Instant now = hub_.clock.now();
  memory::MemoryDatabase db(hub_.world, hub_.clock);
  const Status ended = db.in_system([&](Tx& tx) -> Status {
    auto end = [&](schedules::Maintenance& row) { row.ended_at = now; };
    if (model.tenant) hub_.world.maintenance.edit({*model.tenant, maintenance_ids_[which]}, end);
    else hub_.world.system_maintenance.edit(maintenance_ids_[which], end);
    CARILLON_TRY([[maybe_unused]] auto woken, hub_.stores.jobs.unpark(tx, model.tenant, now));
    return ok();
  });
  if (!ended) return wrong("a maintenance without end");
  model.ended = now;
  model.end_commit = hub_.world.commits;
}

}  // namespace carillon::simulation
