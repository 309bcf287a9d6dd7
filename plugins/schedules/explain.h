#pragma once
#include "plugins/schedules/backfill_store.h"
#include "plugins/schedules/decide.h"

namespace carillon::schedules {

/// Everything an explanation rests on, as it was, or is, at the asked moment.
struct Facts {
  Schedule schedule;       ///< as the version in force had it, or the one that decided where that is another; its holds are those of then
  std::optional<ScheduleVersion> in_force;  ///< the version in force then; nothing where none was kept (older than versions)
  std::optional<ScheduleVersion> decided;   ///< a later one that was in force when the due time was decided
  Holds holds_now;
  Instant settled_until;   ///< the schedule's, now
  Instant at, now;
  std::optional<Fire> fire;          ///< the ledger's record that covers the due time
  std::optional<Waiting> waiting;    ///< it waits for room
  std::optional<Backfill> backfill;  ///< has run it: the newest
  std::vector<Maintenance> maintenance;
  bool node_alive = true;            ///< a node that fires has been seen in the last half minute
  std::int64_t running = 0;          ///< unfinished runs of the room, now
  std::int64_t started = 0;          ///< runs its due times have started, now
  FirePolicy policy;       ///< under which it was, or would be, decided
  std::string zone_data, zone_data_now;  ///< versions of it: then, and what the recurrence is computed with
};

/// One thing that had, or has, to be true for a run to start. Where it started all the same, a later check, or the record's
/// reason, says what made up for it.
struct Check {
  enum class Result { passed, failed, unknown };
  std::string code;  ///< existed, timing, decided, max_runs, hold, maintenance, in_time, missed, overlap, hub, backfill
  Result result = Result::passed;
  Words words;       ///< one sentence
};

struct Explanation {
  std::optional<Instant> due_at, planned_at, previous_due_at, next_due_at;  ///< due_at only when `at` is a due time
  /// A verdict of the ledger, or: waiting, not_due, undecided (due, but not handled yet), will_start, will_not_start.
  std::string outcome;
  Words summary;
  std::vector<Check> checks;
  std::optional<Verdict> replayed;  ///< what the same decision says again, from the facts kept
};

/// True where a hold settled the due time, not the planner at its own time.
bool settled_by_hold(const Fire& fire);

/// Explains, purely, what became or will become of the moment `at`.
Explanation explain(const Facts& facts, const Recurrence& recurrence);

/// The schedule as a kept version has it; what versions do not hold is taken from `current`.
Schedule at_version(const Schedule& current, const ScheduleVersion& version);

}  // namespace carillon::schedules
