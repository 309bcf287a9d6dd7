#pragma once
#include "plugins/schedules/lifecycle.h"

namespace carillon::schedules {

/// Adds up ended runs per schedule: counts, average duration, last error. A schedule that has failed as often in a row
/// as it may is held.
class StatsHook final : public RunHook {
 public:
  StatsHook(ScheduleStore& schedules, JobStore& registrations, Lifecycle& lifecycle)
      : schedules_(schedules), registrations_(registrations), life_(lifecycle) {}
  carillon::Status on_finished(Tx& tx, std::span<const FinishedRun> runs) override;

 private:
  /// A run that is started again may be of a schedule that is removed for good by now: nobody counts for it any more.
  carillon::Status forget_removed(Tx& tx, std::span<const FinishedRun> runs, std::map<ScheduleId, StatsDelta>& deltas);
  carillon::Status hold_overfailed(Tx& tx, std::span<const StatsDelta> deltas);
  ScheduleStore& schedules_;
  JobStore& registrations_;
  Lifecycle& life_;
};

}  // namespace carillon::schedules
