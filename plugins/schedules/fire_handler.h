#pragma once
#include "engine/jobs/job_runner.h"
#include "engine/runs/run_store.h"
#include "plugins/schedules/decide.h"

namespace carillon::schedules {

inline constexpr const char* kJobKind = "schedule";

/// Keeps the promise of due schedules: loads them, decides, records the fires, creates the runs. One batch, one
/// transaction, any tenants.
class FireHandler final : public JobHandler {
 public:
  FireHandler(ScheduleStore& schedules, RunStore& runs, const ZoneDatabase& zones, IdSource& ids, FirePolicy policy)
      : schedules_(schedules), runs_(runs), zones_(zones), ids_(ids), policy_(policy) {}
  Result<std::vector<JobMove>> handle(Tx& tx, std::span<const DueJob> jobs) override;

 private:
  ScheduleStore& schedules_;
  RunStore& runs_;
  const ZoneDatabase& zones_;
  IdSource& ids_;
  FirePolicy policy_;
};

/// Adds up ended runs per schedule: counts, average duration, last error.
class StatsHook final : public RunHook {
 public:
  explicit StatsHook(ScheduleStore& schedules) : schedules_(schedules) {}
  carillon::Status on_finished(Tx& tx, std::span<const FinishedRun> runs) override;

 private:
  ScheduleStore& schedules_;
};

/// The run a fire becomes.
NewRun run_of_fire(const Schedule& schedule, const Fire& fire, RunId id, Instant now);

}  // namespace carillon::schedules
