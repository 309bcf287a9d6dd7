#pragma once
#include "engine/time/preview.h"
#include "plugins/schedules/backfill_store.h"
#include "plugins/schedules/schedule_store.h"

namespace carillon::schedules {

/// A schedule as lists show it (ScheduleSummary of the API description).
/// What a version of the schedule keeps: everything a person can set, its payload apart, and its holds.
Json version_document(const Schedule& schedule);
Json summary_json(const ScheduleView& view, Locale locale);
/// With payload and warnings (Schedule of the API description).
Json schedule_json(const ScheduleView& view, const ZoneDatabase& zones, Locale locale);
/// How late a run was started, in every answer and event; 0 for a due time that started none.
std::int64_t lateness_ms(Verdict verdict, Instant planned_at, Instant fired_at);
/// With the states of the runs that are known; `backfilled` is what backfills have run of its due times.
Json fire_json(const Fire& fire, const std::map<RunId, RunState>& states, const Backfilled& backfilled);
/// {"count","backfill_id","run_id","run_state"}, or null for none.
Json backfilled_json(const Backfilled& backfilled, const std::map<RunId, RunState>& states);
/// Occurrences, sentence, warnings and the next clock change (Preview of the API description).
Json preview_json(const Recurrence& recurrence, const ZoneDatabase& zones, Instant after, std::size_t count, Locale locale);

}  // namespace carillon::schedules
