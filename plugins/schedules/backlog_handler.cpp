#include <algorithm>

#include "plugins/schedules/fire_handler.h"

namespace carillon::schedules {
namespace {

constexpr Duration kAgainSoon{100'000};

bool blocks_backlog(const Holds& holds) {
  return std::ranges::any_of(holds, [](const auto& entry) { return entry.first != HoldKind::completed && entry.first != HoldKind::expired; });
}

/// Whether it has now started as many runs as it may.
bool started_last(const FireView& view, const Drain& drained) {
  const auto started = std::ranges::count(drained.fires, Verdict::started, &Fire::verdict);
  return started > 0 && view.schedule.max_runs && view.started + started >= *view.schedule.max_runs;
}

/// A hold that came over those that wait, past the place that gives them up with it.
Drain given_up(const FireView& view, RoomView& room, Instant now) {
  Drain out;
  const auto& [kind, hold] = *deciding_hold(view.schedule.holds);
  for (const auto& w : room.waiting) out.fires.push_back(give_up(w, now, kind, hold));
  out.reasons.assign(out.fires.size(), "scheduled");
  out.ended_waiting = std::exchange(room.waiting, {});
  return out;
}

}  // namespace

void BacklogHandler::tell_of_jump(Tx& tx, const Schedule& schedule) {
  const auto jump = guard_.untold(schedule.tenant);
  if (!jump) return;
  const std::int64_t seconds = jump->step.count() / 1'000'000;
  Alert alert = alert_of(Phrase::CLOCK_JUMPED, schedule, {{"jump_seconds", seconds}, {"jump_ms", seconds * 1000}, {"at", format_instant(jump->at)}});
  alert.unless_since = ClockGuard::told_since(*jump, tx.now());
  tx.raise(schedule.tenant, std::move(alert));
  tx.after_commit([this, tenant = schedule.tenant] { guard_.told(tenant); });
}

Result<Drain> BacklogHandler::drain_one(Tx& tx, const FireView& view, RoomView& room) {
  if (blocks_backlog(view.schedule.holds)) return given_up(view, room, tx.now());
  RoomView before = room;
  Drain out = drain(view, room, tx.now(), guard_.catch_up_held());
  if (std::ranges::any_of(room.waiting, [](const Waiting& w) { return w.reason == "catchup"; })) tell_of_jump(tx, view.schedule);
  const RunRoom others = run_room(view.schedule);
  if (out.terminate_others) {
    CARILLON_TRY(auto ended, ender_.terminate(tx, std::span(&others, 1),
                                              "It was asked to end for a newer due time of \"" + shorten(view.schedule.name, 80) +
                                                  "\" and did not within " + describe_duration(view.schedule.room.deadline) + "."));
    before.running = std::max<std::int64_t>(0, before.running - static_cast<std::int64_t>(ended));
    room = std::move(before);
    return drain(view, room, tx.now(), guard_.catch_up_held());
  }
  if (out.cancel_others) CARILLON_CHECK(runs_.request_cancel_in(tx, std::span(&others, 1)));
  return out;
}

Result<std::vector<JobMove>> BacklogHandler::handle(Tx& tx, std::span<const DueJob> jobs) {
  std::vector<RegistrationKey> mains;
  std::vector<ScheduleKey> keys;
  std::vector<TenantId> tenants;
  for (const auto& job : jobs) {
    const ScheduleId id = schedule_of_backlog(job.id);
    mains.push_back({job.tenant, RegistrationId{id.value}});
    keys.push_back({job.tenant, id});
    tenants.push_back(job.tenant);
  }
  std::ranges::sort(tenants);
  const auto twice = std::ranges::unique(tenants);
  tenants.erase(twice.begin(), twice.end());
  // Whoever decides on a schedule holds its registration. One that is held elsewhere is looked after again soon.
  CARILLON_TRY(auto locked, registrations_.try_lock(tx, mains));
  std::set<ScheduleId> ours;
  for (const auto& key : locked) ours.insert(ScheduleId{key.id.value});
  std::erase_if(keys, [&](const ScheduleKey& key) { return !ours.contains(key.id); });
  CARILLON_TRY(auto loaded, schedules_.load_for_fire(tx, keys));
  CARILLON_TRY(auto maintenance, schedules_.maintenance(tx, tenants, tx.now(), true));
  std::map<ScheduleId, std::pair<const FireView*, RoomView>> views;
  std::vector<RoomKey> room_keys;
  for (const auto& view : loaded) room_keys.push_back(room_key(view.schedule));
  CARILLON_TRY(auto rooms, schedules_.rooms(tx, room_keys));
  for (std::size_t n = 0; n < loaded.size(); ++n) views[loaded[n].schedule.id] = {&loaded[n], std::move(rooms[n])};

  std::vector<JobMove> moves;
  std::vector<NewFire> fires;
  std::vector<Waiting> ended;
  std::vector<RegistrationKey> ran_out;
  std::map<std::pair<TenantId, std::string>, std::int64_t> started_in;  // by scope, in this batch
  for (const auto& job : jobs) {
    const ScheduleId id = schedule_of_backlog(job.id);
    JobMove move{job.tenant, job.id, std::nullopt, std::nullopt, "", std::nullopt};
    auto it = views.find(id);
    if (!ours.contains(id)) {
      move.next_due_at = job.due_at;
      move.next_planned_at = tx.now() + kAgainSoon;
    } else if (const Maintenance* m = current_maintenance(maintenance[job.tenant], tx.now())) {
      move.next_due_at = job.due_at;  // parked
      move.next_planned_at = m->ended_at;
    } else if (it != views.end()) {
      auto& [view, room] = it->second;
      const auto scope = std::pair(job.tenant, scope_of(view->schedule));
      if (shares_room(view->schedule)) room.running += started_in[scope];
      const std::int64_t before = room.running;
      CARILLON_TRY(Drain drained, drain_one(tx, *view, room));
      if (shares_room(view->schedule)) started_in[scope] += std::max<std::int64_t>(0, room.running - before);
      for (std::size_t n = 0; n < drained.fires.size(); ++n) fires.push_back({&view->schedule, drained.fires[n], drained.reasons[n]});
      ended.insert(ended.end(), drained.ended_waiting.begin(), drained.ended_waiting.end());
      move.next_due_at = move.next_planned_at = drained.look_again;
      if (started_last(*view, drained)) ran_out.push_back({job.tenant, RegistrationId{id.value}});
    }
    moves.push_back(std::move(move));
  }
  CARILLON_TRY(auto last, recorder_.record(tx, fires));
  CARILLON_CHECK(schedules_.remove_waiting(tx, ended));
  std::vector<JobNote> notes;
  for (const auto& [id, fire] : last) {
    const Schedule& s = views.at(id).first->schedule;
    notes.push_back({s.tenant, RegistrationId{id.value}, fire});
    tx.emit(s.tenant, fired_event(s, &fire, std::nullopt, std::nullopt));
  }
  CARILLON_CHECK(registrations_.note(tx, notes));
  // Completed by whoever handles it now, not only when it would be due.
  CARILLON_CHECK(registrations_.wake(tx, ran_out, tx.now()));
  return moves;
}

carillon::Status RoomHook::on_finished(Tx& tx, std::span<const FinishedRun> runs) {
  std::vector<RoomKey> rooms;
  for (const auto& run : runs) rooms.push_back({run.tenant, run.provenance.schedule.value_or(ScheduleId{}), run.workflow, run.provenance.scope});
  CARILLON_TRY(auto waiting, schedules_.waiting_in(tx, rooms));
  std::vector<RegistrationKey> keys;
  for (const auto& key : waiting) keys.push_back({key.tenant, backlog_registration(key.id)});
  return registrations_.wake(tx, keys, tx.now());
}

}  // namespace carillon::schedules
