#pragma once
#include "plugins/schedules/fire_handler.h"

namespace carillon::schedules {

/// The moves of a schedule's life that touch its registration. Callers hold the schedule's row lock, change `schedule`
/// in memory through these and store it afterwards; the registration and the ledger are written here.
class Lifecycle {
 public:
  Lifecycle(ScheduleStore& schedules, JobRunner& jobs, JobStore& registrations, FireHandler& handler, const ZoneDatabase& zones)
      : schedules_(schedules), jobs_(jobs), registrations_(registrations), handler_(handler), zones_(zones) {}

  /// Promises the first due time strictly after `after`; the hold `completed` when there is none any more, for a
  /// one-time (which has not run then) `expired` and an alert. A manual or held schedule promises nothing (a hold with
  /// an end: to look again then). Answers the promised due time.
  Result<std::optional<Instant>> arm(Tx& tx, Schedule& schedule, Instant after);
  /// After an edit of max_runs: an active one that has started as many is completed.
  carillon::Status end_if_used_up(Tx& tx, Schedule& schedule);
  /// Handles a due time that has come but was not handled yet, under the schedule as it is stored. Before an edit of
  /// the timing. Reloads `schedule`, which may have completed by it.
  carillon::Status settle_due(Tx& tx, Schedule& schedule);
  /// Settles what came after a hold whose end has passed, which the planner has not noticed yet. First in every action
  /// on a schedule. Reloads `schedule` if there was one.
  carillon::Status settle_lapsed(Tx& tx, Schedule& schedule);
  /// Up to which time everything has its verdict: now, or later where the clock has stepped back since; earlier where an
  /// active schedule has a due time that nobody handled yet. What is promised next lies strictly after it.
  Result<Instant> settled_until(Tx& tx, const Schedule& schedule);
  /// Puts a hold on; the first one ends the promise, and what waits for room is given up. Due times from now on are its.
  carillon::Status put_hold(Tx& tx, Schedule& schedule, HoldKind kind, Hold hold);
  /// Takes a hold off. The last one: records what it kept from firing, and promises anew, strictly after now
  /// and after what is settled.
  carillon::Status lift_hold(Tx& tx, Schedule& schedule, HoldKind kind);
  /// One hold of one schedule, put on (with what it is) or taken off.
  struct HoldChange {
    Schedule* schedule;
    HoldKind kind;
    std::optional<Hold> put;                   ///< nothing: taken off
    std::optional<Registration> registration;  ///< of the schedule, locked
  };
  /// put_hold() and lift_hold() for many of one tenant, a schedule once.
  carillon::Status change_holds(Tx& tx, TenantId tenant, std::span<HoldChange> changes);
  /// After an edit: what waits for room waits for the one that counts now, and is looked at at once.
  carillon::Status look_at_waiting(Tx& tx, const Schedule& schedule);
  /// What waits for room is recorded and waits no longer.
  carillon::Status give_up_waiting(Tx& tx, const Schedule& schedule, Verdict verdict, const Words& reason);
  /// Records the due times a hold has kept from firing so far; nothing when it is not held.
  carillon::Status settle_held(Tx& tx, Schedule& schedule);
  /// From its deletion on nothing fires: records what has come and was not handled, by its holds or as left by the deletion.
  carillon::Status settle_deletion(Tx& tx, Schedule& schedule);
  /// Records the due times that came since it was deleted: nobody was promised them.
  carillon::Status settle_deleted(Tx& tx, Schedule& schedule, Instant deleted_at);

 private:
  Instant settled_beside(const std::optional<Registration>& registration, const Schedule& schedule, Instant now) const;
  Result<Registration> promise(Tx& tx, Schedule& schedule, Instant after) const;
  std::optional<Fire> held_until(Schedule& schedule, Instant now) const;
  carillon::Status record(Tx& tx, std::vector<Fire> fires);
  /// One record for the due times after `after` up to now, unless there are none, and settles them.
  carillon::Status settle_as(Tx& tx, Schedule& schedule, Instant after, Verdict verdict, const Words& reason);

  ScheduleStore& schedules_;
  JobRunner& jobs_;
  JobStore& registrations_;
  FireHandler& handler_;
  const ZoneDatabase& zones_;
};

}  // namespace carillon::schedules
