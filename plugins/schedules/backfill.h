#pragma once
#include "engine/jobs/job_runner.h"
#include "engine/runs/run_actions.h"
#include "plugins/schedules/backfill_store.h"
#include "plugins/schedules/schedule_store.h"

namespace carillon::schedules {

/// The registration that looks after a backfill; it has the backfill's id.
inline constexpr const char* kBackfillKind = "schedule_backfill";
inline constexpr std::int64_t kBackfillCap = 10'000;       ///< due times of one backfill
inline constexpr std::int64_t kBackfillRangeCap = 200'000; ///< due times of a range that is looked at

/// What a range holds.
struct BackfillPlan {
  std::vector<Instant> due_times;   ///< that would each get a run, oldest first
  std::int64_t already_fired = 0;   ///< that have a run
  std::int64_t busy = 0;            ///< left out: they wait for their run elsewhere
};
/// Which due times in [from, to) a backfill would run, purely.
BackfillPlan plan_backfill(const Recurrence& recurrence, Instant from, Instant to, const TakenTimes& taken, bool include_fired);

/// What is next for a backfill that runs.
struct BackfillStep {
  std::int64_t start = 0;  ///< so many waiting due times get their run now
  bool completed = false;
};
BackfillStep backfill_step(const BackfillProgress& progress, std::int64_t concurrency);
/// When to look again in case nobody says that a run has ended: 1 to 30 seconds, longer the longer nothing happens.
Instant backfill_look_again(Instant since, Instant now);

Json backfill_json(const BackfillView& view);
Event backfill_event(const BackfillView& view, const std::string& kind = "updated");

/// Starts the runs of backfills, as far as their concurrency allows. A due time's state and its run change in one
/// transaction, so no crash gives it two.
class BackfillHandler final : public JobHandler {
 public:
  BackfillHandler(BackfillStore& backfills, ScheduleStore& schedules, RunStarter& starter, IdSource& ids)
      : backfills_(backfills), schedules_(schedules), starter_(starter), ids_(ids) {}
  Result<std::vector<JobMove>> handle(Tx& tx, std::span<const DueJob> jobs) override;

 private:
  struct Around {
    const Schedule* schedule;  ///< nullptr: deleted
    Instant since;             ///< since when nothing was started
    bool park;                 ///< maintenance goes on
  };
  carillon::Status go_on(Tx& tx, BackfillView& view, const Around& around, JobMove& move, std::vector<NewRun>& runs);
  Result<std::vector<NewRun>> start_some(Tx& tx, BackfillView& view, const Schedule& schedule, std::int64_t count);
  carillon::Status end_early(Tx& tx, BackfillView& view, const Schedule* schedule);
  BackfillStore& backfills_;
  ScheduleStore& schedules_;
  RunStarter& starter_;
  IdSource& ids_;
};

/// Writes down how the runs of backfills ended and wakes the backfills.
class BackfillHook final : public RunHook {
 public:
  BackfillHook(BackfillStore& backfills, JobStore& registrations) : backfills_(backfills), registrations_(registrations) {}
  carillon::Status on_finished(Tx& tx, std::span<const FinishedRun> runs) override;

 private:
  BackfillStore& backfills_;
  JobStore& registrations_;
};

}  // namespace carillon::schedules
