#pragma once
#include "plugins/schedules/decide.h"

namespace carillon::schedules {

/// Everything an explanation rests on, as it was, or is, at the asked moment.
struct Facts {
  Schedule schedule;       ///< as it stood then: the version in force, with its holds
  std::int64_t version = 0;          ///< revision of that version; 0 where none was kept (older than versions)
  std::string version_by, version_action;
  std::optional<Instant> version_at;
  Instant at, now;
  std::optional<Fire> fire;          ///< the ledger's record that covers the due time
  std::optional<Waiting> waiting;    ///< it waits for room
  std::vector<Maintenance> maintenance;
  std::optional<Instant> registered_due, registered_planned;  ///< what the planner is promised next
  bool node_alive = true;            ///< a node that fires has been seen in the last half minute
  std::int64_t running = 0;          ///< unfinished runs of the room, now
  FirePolicy policy;
  std::string zone_data;
};

/// One thing that had, or has, to be true for a run to start.
struct Check {
  enum class Result { passed, failed, unknown };
  std::string code;  ///< existed, timing, bounds, max_runs, hold, maintenance, in_time, overlap, hub
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

/// Explains, purely, what became or will become of the moment `at`.
Explanation explain(const Facts& facts, const Recurrence& recurrence);

/// The schedule as a kept version has it; what versions do not hold is taken from `current`.
Schedule at_version(const Schedule& current, const ScheduleVersion& version);

}  // namespace carillon::schedules
