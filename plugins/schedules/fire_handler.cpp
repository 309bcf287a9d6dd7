#include "plugins/schedules/fire_handler.h"

#include <algorithm>
#include <map>

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
  const Words why = words_of(error);
  give_reason(fire, why);
  fire.schedule_revision = schedule.revision;
  out.fires.push_back(std::move(fire));
  Holds holds = schedule.holds;
  holds[HoldKind::invalid] = hold_of(why, "", now);
  out.holds = std::move(holds);
  out.settled_until = job.due_at;  // later due times are the hold's
  out.alert = alert_of(Phrase::SCHEDULE_UNDECIDABLE, schedule, {{"reason", to_json(why)}});
  return out;
}

JobMove unmoved(const DueJob& job, const std::string& zone_data) {
  return {job.tenant, job.id, std::nullopt, std::nullopt, zone_data, std::nullopt};
}

/// One schedule of the batch, and what was decided about it.
struct Decided {
  const DueJob* job;
  const FireView* view;
  Decision decision;
};

/// The batch's rooms: schedules that share one see each other's starts.
class Rooms {
 public:
  carillon::Status load(Tx& tx, ScheduleStore& schedules, const std::vector<FireView>& views) {
    std::vector<RoomKey> keys;
    for (const auto& view : views)
      if (needs_room(view.schedule)) keys.push_back(room_key(view.schedule));
    if (keys.empty()) return ok();
    CARILLON_TRY(auto loaded, schedules.rooms(tx, keys));
    for (std::size_t n = 0; n < keys.size(); ++n) {
      if (!keys[n].scope.empty()) shared_[{keys[n].tenant, keys[n].scope}] = loaded[n].running;
      rooms_[keys[n].schedule] = std::move(loaded[n]);
    }
    return ok();
  }
  /// Calls `decide` with the schedule's room as it is by now.
  template <class Decide>
  auto with(const Schedule& s, Decide&& decide) {
    RoomView& room = rooms_[s.id];
    auto shared = shared_.find({s.tenant, scope_of(s)});
    if (shared == shared_.end()) return decide(room);
    room.running = shared->second;
    auto out = decide(room);
    shared->second = room.running;
    return out;
  }

 private:
  std::map<ScheduleId, RoomView> rooms_;
  std::map<std::pair<TenantId, std::string>, std::int64_t> shared_;
};

Result<std::map<TenantId, std::vector<Maintenance>>> maintenance_of(Tx& tx, ScheduleStore& schedules, std::span<const DueJob> jobs,
                                                                             bool hold) {
  std::vector<TenantId> tenants;
  Instant oldest = tx.now();
  for (const auto& job : jobs) {
    tenants.push_back(job.tenant);
    oldest = std::min(oldest, job.due_at);
  }
  std::ranges::sort(tenants);
  const auto rest = std::ranges::unique(tenants);
  tenants.erase(rest.begin(), rest.end());
  return schedules.maintenance(tx, tenants, oldest, hold);
}

Schedule with_decision(const Schedule& schedule, const Decision& decision, Instant now) {
  Schedule out = schedule;
  out.holds = *decision.holds;
  if (decision.settled_until) out.settled_until = *decision.settled_until;
  out.updated_at = now;
  return out;
}

/// Everything a decision asks for beside its fires.
carillon::Status carry_out(Tx& tx, ScheduleStore& schedules, RunStore& runs, JobStore& registrations, std::span<const Decided> decided) {
  std::vector<Waiting> waiting, ended;
  std::vector<RunRoom> cancelled;
  std::vector<MissedFailures> failures;
  std::vector<Registration> backlogs;
  for (const auto& d : decided) {
    const Schedule& s = d.view->schedule;
    waiting.insert(waiting.end(), d.decision.waiting.begin(), d.decision.waiting.end());
    ended.insert(ended.end(), d.decision.ended_waiting.begin(), d.decision.ended_waiting.end());
    if (d.decision.cancel_others) cancelled.push_back(run_room(s));
    if (d.decision.missed_failures > 0) failures.push_back({s.tenant, s.id, d.decision.missed_failures, tx.now()});
    if (d.decision.alert) tx.raise(s.tenant, *d.decision.alert);
    if (d.decision.waiting.empty()) continue;
    // What is caught up may start at once; what is buffered is woken when a run ends, and looked after in case nobody says so.
    const bool catch_up = std::ranges::any_of(d.decision.waiting, [](const Waiting& w) { return w.reason == "catchup"; });
    const Instant look = catch_up ? tx.now() : tx.now() + Duration{1'000'000};
    backlogs.push_back({s.tenant, backlog_registration(s.id), kBacklogKind, look, look, "", "", Lane::background});
  }
  CARILLON_CHECK(schedules.remove_waiting(tx, ended));
  CARILLON_CHECK(schedules.add_waiting(tx, waiting));
  std::ranges::sort(failures, {}, &MissedFailures::schedule);  // the order in which workers take these rows
  CARILLON_CHECK(schedules.add_missed_failures(tx, failures));
  CARILLON_CHECK(runs.request_cancel_in(tx, cancelled));
  return registrations.put_sooner(tx, backlogs);
}

}  // namespace

Result<std::vector<JobMove>> FireHandler::handle(Tx& tx, std::span<const DueJob> jobs) {
  if (!noted_) {
    CARILLON_CHECK(schedules_.note_limits(tx, tx.now(), policy_));
    tx.after_commit([this] { noted_ = true; });
  }
  return handle(tx, jobs, true);
}

Result<std::vector<JobMove>> FireHandler::handle(Tx& tx, std::span<const DueJob> jobs, bool park) {
  const Instant now = tx.now();
  std::vector<ScheduleKey> keys;
  keys.reserve(jobs.size());
  for (const auto& job : jobs) keys.push_back({job.tenant, ScheduleId{job.id.value}});
  CARILLON_TRY(auto loaded, schedules_.load_for_fire(tx, keys));
  CARILLON_TRY(auto maintenance, maintenance_of(tx, schedules_, jobs, park));
  std::map<ScheduleId, const FireView*> views;
  for (const auto& view : loaded) views[view.schedule.id] = &view;
  Rooms rooms;
  CARILLON_CHECK(rooms.load(tx, schedules_, loaded));

  std::vector<JobMove> moves;
  std::set<ScheduleId> busy;  // somebody is editing it this very moment: left as it is, and found again in the next round
  std::vector<Decided> decided;
  while (true) {
    decided.clear();
    std::vector<Schedule> held;
    Rooms counted = rooms;
    for (const auto& job : jobs) {
      auto it = views.find(ScheduleId{job.id.value});
      if (it == views.end() || busy.contains(it->first)) continue;
      const Schedule& schedule = it->second->schedule;
      auto recurrence = compile(schedule.timing, schedule.bounds, zones_);
      Decision decision = !recurrence ? undecidable(schedule, job, now, recurrence.error()) : counted.with(schedule, [&](RoomView& room) {
        return decide(*it->second, room, *recurrence, {job.due_at, job.planned_at}, {now, policy_, maintenance[job.tenant], park});
      });
      if (decision.holds) held.push_back(with_decision(schedule, decision, now));
      decided.push_back({&job, it->second, std::move(decision)});
    }
    CARILLON_TRY(auto written, schedules_.put_holds(tx, held));
    if (written.size() == held.size()) break;
    // Decided again without them: what they would have started may have kept others of their room from starting.
    for (const auto& s : held)
      if (!std::ranges::binary_search(written, s.id)) busy.insert(s.id);
  }

  std::vector<NewFire> fires;
  for (auto& d : decided)
    for (auto& fire : d.decision.fires) fires.push_back({&d.view->schedule, fire, "scheduled"});
  CARILLON_TRY(auto last, recorder_.record(tx, fires));
  CARILLON_CHECK(carry_out(tx, schedules_, runs_, registrations_, decided));
  for (const auto& job : jobs)  // of what was deleted: nothing is promised any more
    if (!views.contains(ScheduleId{job.id.value})) moves.push_back(unmoved(job, ""));
  for (auto& d : decided) {
    JobMove move = unmoved(*d.job, zones_.version());
    move.next_due_at = d.decision.next_due_at;
    move.next_planned_at = d.decision.next_planned_at;
    if (auto it = last.find(d.view->schedule.id); it != last.end()) move.last = it->second;
    const Schedule& s = d.view->schedule;
    tx.emit(s.tenant, fired_event(s, move.last ? &*move.last : nullptr, d.decision.holds, move.next_due_at));
    moves.push_back(std::move(move));
  }
  return moves;
}

}  // namespace carillon::schedules
