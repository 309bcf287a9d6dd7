#pragma once
#include <atomic>

#include "engine/jobs/clock_guard.h"
#include "engine/jobs/job_runner.h"
#include "engine/runs/run_actions.h"
#include "engine/runs/run_ender.h"
#include "plugins/schedules/decide.h"

namespace carillon::schedules {

inline constexpr const char* kJobKind = "schedule";
/// The registration that looks after a schedule's backlog.
inline constexpr const char* kBacklogKind = "schedule_backlog";
RegistrationId backlog_registration(ScheduleId schedule);
ScheduleId schedule_of_backlog(RegistrationId registration);

/// The run a fire becomes. `reason` as in Provenance.
NewRun run_of_fire(const Schedule& schedule, const Fire& fire, RunId id, Instant now, const std::string& reason = "scheduled");
/// Where the schedule's runs are counted.
RunRoom run_room(const Schedule& schedule);
RoomKey room_key(const Schedule& schedule);

/// A fire about to be recorded.
struct NewFire {
  const Schedule* schedule = nullptr;
  Fire fire;
  std::string reason = "scheduled";  ///< of the run, where it starts one
};
/// Records fires and creates the runs of the started ones. A due time that is already recorded starts nothing. Answers
/// for each schedule the last recorded fire and how many runs were created.
class FireRecorder {
 public:
  FireRecorder(ScheduleStore& schedules, RunStarter& starter, const ZoneDatabase& zones, IdSource& ids)
      : schedules_(schedules), starter_(starter), zones_(zones), ids_(ids) {}
  Result<std::map<ScheduleId, JobMove::Last>> record(Tx& tx, std::vector<NewFire>& fires);

 private:
  ScheduleStore& schedules_;
  RunStarter& starter_;
  const ZoneDatabase& zones_;
  IdSource& ids_;
};

/// Keeps the promise of due schedules: loads them, decides, records the fires, creates the runs. One batch, one
/// transaction, any tenants.
class FireHandler final : public JobHandler {
 public:
  FireHandler(ScheduleStore& schedules, RunStore& runs, RunStarter& starter, JobStore& registrations, const ZoneDatabase& zones, IdSource& ids, FirePolicy policy)
      : schedules_(schedules), runs_(runs), registrations_(registrations), zones_(zones), recorder_(schedules, starter, zones, ids),
        policy_(policy) {}
  Result<std::vector<JobMove>> handle(Tx& tx, std::span<const DueJob> jobs) override;
  /// The same for a due time that must be settled now, whatever goes on: maintenance parks nothing.
  Result<std::vector<JobMove>> settle(Tx& tx, const DueJob& job) { return handle(tx, std::span(&job, 1), false); }

 private:
  Result<std::vector<JobMove>> handle(Tx& tx, std::span<const DueJob> jobs, bool park);
  ScheduleStore& schedules_;
  RunStore& runs_;
  JobStore& registrations_;
  const ZoneDatabase& zones_;
  FireRecorder recorder_;
  FirePolicy policy_;
  std::atomic<bool> noted_{false};  ///< the ledger knows the limits of this process
};

/// Starts what waits for room, as far as there is room.
class BacklogHandler final : public JobHandler {
 public:
  BacklogHandler(ScheduleStore& schedules, RunStore& runs, RunStarter& starter, JobStore& registrations, RunEnder& ender, ClockGuard& guard,
                 const ZoneDatabase& zones, IdSource& ids)
      : schedules_(schedules), runs_(runs), registrations_(registrations), ender_(ender), guard_(guard),
        recorder_(schedules, starter, zones, ids) {}
  Result<std::vector<JobMove>> handle(Tx& tx, std::span<const DueJob> jobs) override;

 private:
  Result<Drain> drain_one(Tx& tx, const FireView& view, RoomView& room);
  void tell_of_jump(Tx& tx, const Schedule& schedule);
  ScheduleStore& schedules_;
  RunStore& runs_;
  JobStore& registrations_;
  RunEnder& ender_;
  ClockGuard& guard_;
  FireRecorder recorder_;
};

/// Tells those that wait for room that a run of their scope has ended.
class RoomHook final : public RunHook {
 public:
  RoomHook(ScheduleStore& schedules, JobStore& registrations) : schedules_(schedules), registrations_(registrations) {}
  carillon::Status on_finished(Tx& tx, std::span<const FinishedRun> runs) override;

 private:
  ScheduleStore& schedules_;
  JobStore& registrations_;
};

/// The change-stream entry of a schedule whose fires were recorded.
Event fired_event(const Schedule& schedule, const JobMove::Last* last, const std::optional<Holds>& holds,
                  const std::optional<std::optional<Instant>>& next_due_at);

}  // namespace carillon::schedules
