#include <algorithm>

#include "plugins/schedules/backfill.h"
#include "plugins/schedules/fire_handler.h"

namespace carillon::schedules {
namespace {

constexpr Duration kHeldElsewherePause{100'000};

ItemState item_state_of(RunState state) {
  if (state == RunState::succeeded) return ItemState::succeeded;
  return state == RunState::cancelled ? ItemState::cancelled : ItemState::failed;
}

}  // namespace

Result<std::vector<NewRun>> BackfillHandler::start_some(Tx& tx, BackfillView& view, const Schedule& schedule, std::int64_t count) {
  const Backfill& b = view.backfill;
  CARILLON_TRY(auto due_times, backfills_.waiting(tx, {b.tenant, b.id}, count));
  std::vector<NewRun> runs;
  std::vector<ItemChange> started;
  for (const Instant due : due_times) {
    Fire fire;
    fire.due_at = fire.planned_at = due;
    NewRun run = run_of_fire(schedule, fire, ids_.make<RunId>(), tx.now(), "backfill");
    run.provenance.backfill = b.id;
    run.provenance.actor = b.created_by;
    started.push_back({b.tenant, b.id, due, run.id, ItemState::started, {}});
    runs.push_back(std::move(run));
  }
  CARILLON_CHECK(backfills_.start(tx, started));
  view.progress.waiting -= static_cast<std::int64_t>(started.size());
  view.progress.started += static_cast<std::int64_t>(started.size());
  return runs;
}

/// Its schedule was deleted, or must not start anything.
carillon::Status BackfillHandler::end_early(Tx& tx, BackfillView& view, const Schedule* schedule) {
  Backfill& b = view.backfill;
  if (schedule == nullptr) {
    b.state = BackfillState::cancelled;
    b.reason = "The schedule was deleted.";
    b.ended_at = tx.now();
    CARILLON_TRY(auto cancelled, backfills_.cancel_waiting(tx, b.tenant, b.id));
    view.progress.waiting -= cancelled;
    view.progress.cancelled += cancelled;
  } else {
    b.state = BackfillState::paused;
    b.reason = "The schedule is invalid: " + schedule->holds.at(HoldKind::invalid).reason;
    tx.raise(b.tenant, alert_of(Phrase::BACKFILL_PAUSED, *schedule,
                                {{"backfill_id", b.id.to_string()}, {"reason", to_json(words_of(schedule->holds.at(HoldKind::invalid)))}}));
  }
  CARILLON_CHECK(backfills_.update(tx, b));
  tx.emit(b.tenant, backfill_event(view));
  return ok();
}

/// What becomes of one backfill now, and when to look at it again. Adds the runs it starts.
carillon::Status BackfillHandler::go_on(Tx& tx, BackfillView& view, const Around& around, JobMove& move, std::vector<NewRun>& runs) {
  Backfill& b = view.backfill;
  if (b.state != BackfillState::running) return ok();  // nothing is promised: a resume promises anew
  const Schedule* schedule = around.schedule;
  if (schedule == nullptr || schedule->holds.contains(HoldKind::invalid)) return end_early(tx, view, schedule);
  if (around.park) {
    move.next_due_at = around.since;
    return ok();
  }
  const BackfillStep step = backfill_step(view.progress, b.concurrency);
  if (step.completed) {
    b.state = BackfillState::completed;
    b.ended_at = tx.now();
    CARILLON_CHECK(backfills_.update(tx, b));
    tx.emit(b.tenant, backfill_event(view));
    return ok();
  }
  CARILLON_TRY(auto started, start_some(tx, view, *schedule, step.start));
  if (!started.empty()) tx.emit(b.tenant, backfill_event(view));
  // due_at remembers since when nothing was started.
  move.next_due_at = started.empty() ? around.since : tx.now();
  move.next_planned_at = backfill_look_again(*move.next_due_at, tx.now());
  runs.insert(runs.end(), std::make_move_iterator(started.begin()), std::make_move_iterator(started.end()));
  return ok();
}

Result<std::vector<JobMove>> BackfillHandler::handle(Tx& tx, std::span<const DueJob> jobs) {
  std::vector<BackfillKey> keys;
  std::set<TenantId> tenants;
  for (const auto& job : jobs) {
    keys.push_back({job.tenant, BackfillId{job.id.value}});
    tenants.insert(job.tenant);
  }
  // Whoever pauses or cancels one holds its row. One that is held elsewhere is looked after again soon.
  CARILLON_TRY(auto locked, backfills_.try_lock(tx, keys));
  CARILLON_TRY(auto maintenance, schedules_.maintenance(tx, std::vector(tenants.begin(), tenants.end()), tx.now(), true));
  std::vector<ScheduleKey> schedule_keys;
  std::map<BackfillId, BackfillView*> views;
  for (auto& view : locked) {
    views[view.backfill.id] = &view;
    schedule_keys.push_back({view.backfill.tenant, view.backfill.schedule});
  }
  CARILLON_TRY(auto loaded, schedules_.load_for_fire(tx, schedule_keys));
  std::map<ScheduleId, const Schedule*> schedules;
  for (const auto& view : loaded) schedules[view.schedule.id] = &view.schedule;

  std::vector<JobMove> moves;
  std::vector<NewRun> runs;
  for (const auto& job : jobs) {
    JobMove move{job.tenant, job.id, std::nullopt, std::nullopt, "", std::nullopt};
    auto it = views.find(BackfillId{job.id.value});
    if (it == views.end()) {
      move.next_due_at = job.due_at;
      move.next_planned_at = tx.now() + kHeldElsewherePause;
    } else {
      auto schedule = schedules.find(it->second->backfill.schedule);
      const bool park = current_maintenance(maintenance[job.tenant], tx.now()) != nullptr;
      const Around around{schedule == schedules.end() ? nullptr : schedule->second, job.due_at, park};
      CARILLON_CHECK(go_on(tx, *it->second, around, move, runs));
    }
    moves.push_back(move);
  }
  CARILLON_CHECK(starter_.create(tx, std::move(runs)));
  return moves;
}

carillon::Status BackfillHook::on_finished(Tx& tx, std::span<const FinishedRun> runs) {
  std::vector<ItemChange> ended;
  std::set<std::pair<TenantId, BackfillId>> backfills;
  for (const auto& run : runs) {
    const Provenance& p = run.provenance;
    if (!p.backfill || !p.due_at) continue;
    ended.push_back({run.tenant, *p.backfill, *p.due_at, run.id, run.retried_by ? ItemState::started : item_state_of(run.state), run.retried_by});
    backfills.insert({run.tenant, *p.backfill});
  }
  if (ended.empty()) return ok();
  std::ranges::sort(ended, {}, [](const ItemChange& e) { return std::tuple(e.tenant, e.backfill, e.due_at); });
  CARILLON_CHECK(backfills_.finish(tx, ended));
  std::vector<RegistrationKey> keys;
  for (const auto& [tenant, id] : backfills) keys.push_back({tenant, RegistrationId{id.value}});
  return registrations_.wake(tx, keys, tx.now());
}

}  // namespace carillon::schedules
