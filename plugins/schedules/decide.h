#pragma once
#include "plugins/schedules/schedule_store.h"
#include "plugins/schedules/words.h"

namespace carillon::schedules {

/// What is to be done with one due registration. Fires with verdict `started` each become a run.
struct Decision {
  std::vector<Fire> fires;  ///< in time order; run ids are set by whoever creates the runs
  /// Where the registration goes. With a due time and no planned time it is parked: maintenance holds it back.
  std::optional<Instant> next_due_at, next_planned_at;
  std::optional<Instant> settled_until;  ///< the schedule's, with new holds
  std::optional<Holds> holds;            ///< the schedule's holds, where the decision changed them
  std::vector<Waiting> waiting;          ///< due times that begin to wait for room
  std::vector<Waiting> ended_waiting;    ///< earlier ones that wait no longer; their verdict is among the fires
  bool cancel_others = false;            ///< the runs of its room are to be asked to end
  std::int64_t missed_failures = 0;      ///< due times missed under the policy `fail`
  std::optional<Alert> alert;
};

/// The registration's promise. Everything before `due_at` is settled; `planned_at` is when due_at itself is.
struct Promise {
  Instant due_at, planned_at;
};

/// What surrounds a decision.
struct DecideAt {
  Instant now;
  FirePolicy policy;
  std::span<const Maintenance> maintenance = {};  ///< of the tenant and the hub, by start
  bool park = true;  ///< false: what maintenance holds back is settled as missed now
};

/// Whether decide() has to know the room: how many run in it, and who waits.
bool needs_room(const Schedule& schedule);

/// Decides, purely: which due times up to `now` fire, which are missed or skipped, and what comes next. A held schedule
/// fires nothing; a hold whose `until` has come is lifted here. `room` is counted up by what the decision starts and
/// lists, so that further decisions on the same room see it; for a schedule that does not need its room, `running` of
/// the view counts.
Decision decide(const FireView& view, RoomView& room, const Recurrence& recurrence, Promise promise, const DecideAt& at);

/// Why the hold `failures` is on, and the alert that says so.
Words failures_reason(std::int64_t failures);
Alert failures_alert(const Schedule& schedule, std::int64_t failures);

/// How late a one-time still fires: its own catch-up window where it has that policy.
Duration one_time_window(const Schedule& schedule, const FirePolicy& policy);

/// The maintenance that goes on at `now`; nullptr if none does.
const Maintenance* current_maintenance(std::span<const Maintenance> all, Instant now);

/// One record for the due times in (after, until] that a hold kept from firing; nothing if there are none.
std::optional<Fire> held_stretch(const Schedule& schedule, const Recurrence& recurrence, Instant after, Instant until,
                                 Verdict verdict);

/// What becomes of those that wait for room when somebody looks again.
struct Drain {
  std::vector<Fire> fires;             ///< of those that wait no longer; `started` ones each become a run
  std::vector<std::string> reasons;    ///< for each fire, why its run exists (scheduled, catchup)
  std::vector<Waiting> ended_waiting;
  bool cancel_others = false, terminate_others = false;
  std::optional<Instant> look_again;   ///< set while somebody waits
};
/// `catch_up_held`: the clock has jumped, nothing is caught up just now. A run that has to end first is waited for;
/// under cancel_other it is terminated once the deadline is over: then this is asked again with the emptied room.
Drain drain(const FireView& view, RoomView& room, Instant now, bool catch_up_held);

/// Ends the waiting of one with a verdict.
Fire give_up(const Waiting& waiting, Instant now, Verdict verdict, const Words& reason);
/// The same for a hold that came over it: `invalid` or `paused`.
Fire give_up(const Waiting& waiting, Instant now, HoldKind kind, const Hold& hold);

/// Most due times of one schedule that one look at the backlog starts.
inline constexpr int kDrainAtOnce = 10;

}  // namespace carillon::schedules
