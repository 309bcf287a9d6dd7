#pragma once
#include "plugins/schedules/schedule_store.h"

namespace carillon::schedules {

/// The numbers of semantics.md, "Missed".
struct FirePolicy {
  Duration grace{600'000'000};               ///< within it (and before the next due time) an occurrence fires normally
  Duration one_time_window{86'400'000'000};  ///< a one-time that was missed still fires this late, then it is expired
};

/// What is to be done with one due registration. Fires with verdict `started` each become a run.
struct Decision {
  std::vector<Fire> fires;  ///< in time order; run ids are set by whoever creates the runs
  std::optional<Instant> next_due_at, next_planned_at;
  std::optional<Holds> holds;  ///< the schedule's holds, where the decision changed them
};

/// The registration's promise. Everything before `due_at` is settled; `planned_at` is when due_at itself is.
struct Promise {
  Instant due_at, planned_at;
};

/// Decides, purely: which due times up to `now` fire, which are missed or skipped, and what comes next. A held schedule
/// fires nothing; a hold whose `until` has come is lifted here.
Decision decide(const FireView& view, const Recurrence& recurrence, Promise promise, Instant now, const FirePolicy& policy);

/// One record for the due times in (after, until] that a hold kept from firing; nothing if there are none.
std::optional<Fire> held_stretch(const Schedule& schedule, const Recurrence& recurrence, Instant after, Instant until,
                                 Verdict verdict);

}  // namespace carillon::schedules
