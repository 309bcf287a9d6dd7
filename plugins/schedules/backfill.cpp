#include "plugins/schedules/backfill.h"

#include <algorithm>

namespace carillon::schedules {

BackfillPlan plan_backfill(const Recurrence& recurrence, Instant from, Instant to, const TakenTimes& taken, bool include_fired) {
  BackfillPlan plan;
  ZoneHint hint;
  for (auto due = recurrence.next(from - Duration{1}, hint); due && *due < to; due = recurrence.next(*due, hint)) {
    const bool fired = std::ranges::binary_search(taken.fired, *due);
    if (fired) ++plan.already_fired;
    if (std::ranges::binary_search(taken.busy, *due)) ++plan.busy;
    else if (!fired || include_fired) plan.due_times.push_back(*due);
  }
  return plan;
}

BackfillStep backfill_step(const BackfillProgress& progress, std::int64_t concurrency) {
  return {std::clamp<std::int64_t>(concurrency - progress.started, 0, progress.waiting), progress.waiting == 0 && progress.started == 0};
}

Instant backfill_look_again(Instant since, Instant now) {
  return now + std::clamp(now - since, Duration{1'000'000}, Duration{30'000'000});
}

Json backfill_json(const BackfillView& view) {
  const Backfill& b = view.backfill;
  const BackfillProgress& p = view.progress;
  return {{"id", b.id.to_string()},
          {"schedule_id", b.schedule.to_string()},
          {"from", format_instant(b.from)},
          {"to", format_instant(b.to)},
          {"concurrency", b.concurrency},
          {"include_fired", b.include_fired},
          {"state", to_string(b.state)},
          {"reason", b.reason},
          {"total", b.total},
          {"progress", {{"waiting", p.waiting}, {"started", p.started}, {"succeeded", p.succeeded}, {"failed", p.failed}, {"cancelled", p.cancelled}}},
          {"created_at", format_instant(b.created_at)},
          {"created_by", b.created_by},
          {"ended_at", b.ended_at ? Json(format_instant(*b.ended_at)) : Json(nullptr)}};
}

Event backfill_event(const BackfillView& view, const std::string& kind) { return {"backfills", view.backfill.id.value, kind, 0, backfill_json(view)}; }

}  // namespace carillon::schedules
