#include "plugins/schedules/fire_handler.h"

#include <algorithm>
#include <map>

#include "engine/runs/run_events.h"

namespace carillon::schedules {
namespace {

/// A schedule that cannot be decided: recorded as error, held as invalid, so that somebody sees why it stands still.
Decision undecidable(const Schedule& schedule, const DueJob& job, Instant now, const Error& error) {
  Decision out;
  Fire fire;
  fire.tenant = schedule.tenant;
  fire.schedule = schedule.id;
  fire.due_at = job.due_at;
  fire.planned_at = job.planned_at;
  fire.fired_at = now;
  fire.verdict = Verdict::error;
  fire.reason = error.message;
  fire.schedule_revision = schedule.revision;
  out.fires.push_back(std::move(fire));
  Holds holds = schedule.holds;
  holds[HoldKind::invalid] = {error.message, "", now, {}, {}};
  out.holds = std::move(holds);
  return out;
}

Event fired_event(const Schedule& schedule, const JobMove& move, const std::optional<Holds>& holds) {
  Json patch{{"next_due_at", move.next_due_at ? Json(format_instant(*move.next_due_at)) : Json(nullptr)}};
  if (move.last) {
    patch["last_fire"] = {{"due_at", format_instant(move.last->due_at)},
                          {"fired_at", format_instant(move.last->fired_at)},
                          {"verdict", move.last->verdict},
                          {"lateness_ms", (move.last->fired_at - move.last->planned_at).count() / 1000},
                          {"run_id", move.last->run ? Json(move.last->run->to_string()) : Json(nullptr)},
                          {"run_state", move.last->run ? Json("queued") : Json(nullptr)}};
  }
  if (holds) patch["status"] = to_string(status_of(*holds));
  return {"schedules", schedule.id.value, "updated", schedule.revision, std::move(patch)};
}

}  // namespace

NewRun run_of_fire(const Schedule& s, const Fire& fire, RunId id, Instant now) {
  NewRun run;
  run.tenant = s.tenant;
  run.id = id;
  run.workflow = s.workflow;
  run.version = s.bound_version;
  run.priority = s.priority;
  run.input = s.payload;
  run.created_at = now;
  run.provenance.reason = "scheduled";
  run.provenance.schedule = s.id;
  run.provenance.schedule_name = s.name;
  run.provenance.schedule_revision = s.revision;
  run.provenance.timing_kind = timing_kind(s.timing);
  run.provenance.due_at = fire.due_at;
  run.provenance.planned_at = fire.planned_at;
  run.provenance.fired_at = now;
  return run;
}

namespace {

struct Decided {
  const FireView* view;
  Decision decision;
  JobMove move;
};

/// Records the fires of all decisions, creates their runs and notes the last fire in each move.
carillon::Status record_fires(Tx& tx, ScheduleStore& schedules, RunStore& run_store, IdSource& ids, std::vector<Decided>& decided) {
  std::vector<Fire> fires;
  for (auto& d : decided)
    for (auto& fire : d.decision.fires) {
      if (fire.verdict == Verdict::started) fire.run = ids.make<RunId>();
      fires.push_back(fire);
    }
  CARILLON_TRY(auto fresh, schedules.insert_fires(tx, fires));
  std::vector<NewRun> runs;
  std::size_t n = 0;
  for (auto& d : decided) {
    const Schedule& schedule = d.view->schedule;
    for (const auto& fire : d.decision.fires) {
      // A due time that is already recorded was handled before: it never starts a second run.
      if (!fresh[n++]) continue;
      std::int64_t started = d.move.last ? d.move.last->started : 0;
      if (fire.run) {
        runs.push_back(run_of_fire(schedule, fire, *fire.run, tx.now()));
        ++started;
      }
      d.move.last = JobMove::Last{fire.last_due_at.value_or(fire.due_at), tx.now(), fire.planned_at,
                                  std::string(to_string(fire.verdict)), fire.run, started};
    }
  }
  CARILLON_CHECK(run_store.insert(tx, runs));
  for (const auto& run : runs) tx.emit(run.tenant, created_event(run));
  return ok();
}

JobMove unmoved(const DueJob& job, const std::string& zone_data) {
  return {job.tenant, job.id, std::nullopt, std::nullopt, zone_data, std::nullopt};
}

}  // namespace

Result<std::vector<JobMove>> FireHandler::handle(Tx& tx, std::span<const DueJob> jobs) {
  const Instant now = tx.now();
  std::vector<ScheduleKey> keys;
  keys.reserve(jobs.size());
  for (const auto& job : jobs) keys.push_back({job.tenant, ScheduleId{job.id.value}});
  CARILLON_TRY(auto loaded, schedules_.load_for_fire(tx, keys));
  std::map<ScheduleId, const FireView*> views;
  for (const auto& view : loaded) views[view.schedule.id] = &view;

  std::vector<JobMove> moves;  // of what was deleted: nothing is promised any more
  std::vector<Decided> decided;
  std::vector<Schedule> held;
  for (const auto& job : jobs) {
    auto it = views.find(ScheduleId{job.id.value});
    if (it == views.end()) {
      moves.push_back(unmoved(job, ""));
      continue;
    }
    const Schedule& schedule = it->second->schedule;
    auto recurrence = compile(schedule.timing, schedule.bounds, zones_);
    Decision decision = recurrence ? decide(*it->second, *recurrence, {job.due_at, job.planned_at}, now, policy_)
                                   : undecidable(schedule, job, now, recurrence.error());
    if (decision.holds) {
      held.push_back(schedule);
      held.back().holds = *decision.holds;
      held.back().updated_at = now;
    }
    JobMove move = unmoved(job, zones_.version());
    move.next_due_at = decision.next_due_at;
    move.next_planned_at = decision.next_planned_at;
    decided.push_back({it->second, std::move(decision), std::move(move)});
  }
  CARILLON_TRY(auto written, schedules_.put_holds(tx, held));
  // Somebody is editing it this very moment: left as it is, and found again in the next round.
  std::erase_if(decided, [&](const Decided& d) {
    return d.decision.holds && !std::ranges::binary_search(written, d.view->schedule.id);
  });
  CARILLON_CHECK(record_fires(tx, schedules_, runs_, ids_, decided));
  for (auto& d : decided) {
    tx.emit(d.view->schedule.tenant, fired_event(d.view->schedule, d.move, d.decision.holds));
    moves.push_back(std::move(d.move));
  }
  return moves;
}

carillon::Status StatsHook::on_finished(Tx& tx, std::span<const FinishedRun> runs) {
  std::map<ScheduleId, StatsDelta> deltas;  // ordered, so that concurrent workers take the rows in one order
  for (const auto& run : runs) {
    if (!run.provenance.schedule) continue;
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
  std::vector<StatsDelta> list;
  for (auto& [_, delta] : deltas) list.push_back(std::move(delta));
  CARILLON_CHECK(schedules_.add_stats(tx, list));
  for (const auto& d : list)
    tx.emit(d.tenant, {"schedules", d.schedule.value, "updated", 0,
                       {{"last_error", d.last_error.empty() ? Json(nullptr) : Json(d.last_error)},
                        {"last_run", {{"id", d.last_run.to_string()}, {"state", to_string(d.last_state)}}}}});
  return ok();
}

}  // namespace carillon::schedules
