#pragma once
#include <span>

#include "engine/jobs/registration.h"
#include "plugins/schedules/model.h"

namespace carillon::schedules {

struct ScheduleFilter {
  std::optional<WorkflowId> workflow;
  std::string kind;   ///< "" for any
  std::optional<Status> status;
  bool in_maintenance = false;  ///< what is active counts as paused
  std::string label, text;
  std::string sort = "name";  ///< name, next_due_at, updated_at, with "-" in front for descending
  std::string cursor;         ///< from the page before
  int limit = 50;
};

/// A schedule with what lists show beside it.
struct ScheduleView {
  Schedule schedule;
  std::string workflow_name;
  std::optional<Instant> next_due_at;
  struct LastFire {
    Instant due_at, fired_at, planned_at;
    Verdict verdict;
    std::optional<RunId> run;
    std::optional<RunState> run_state;
  };
  std::optional<LastFire> last_fire;
  std::int64_t started = 0;                              ///< runs its due times have started, for max_runs
  std::int64_t unfinished = 0;                           ///< runs, whatever started them; a run and its retries are one
  std::int64_t succeeded = 0, failed = 0, cancelled = 0;  ///< those that ended
  std::optional<Duration> average_duration;
  std::optional<Instant> last_run_at;
  std::string last_error;
};

struct SchedulePage {
  std::vector<ScheduleView> items;
  std::string next_cursor;  ///< "" on the last page
};

/// What the fire handler needs of one schedule.
struct FireView {
  Schedule schedule;         ///< payload included, description and labels not
  std::int64_t started = 0;  ///< runs so far, for max_runs
  bool running = false;      ///< an unfinished run of this schedule exists
  std::int64_t failures_in_row = 0;  ///< only where the schedule has hold_after_failures
};

/// Asks how full a schedule's room is.
struct RoomKey {
  TenantId tenant;
  ScheduleId schedule;
  WorkflowId workflow;
  std::string scope;  ///< scope_of the schedule
};
/// A version of a schedule's backlog and room as the database has it; further decisions of a batch add to it.
struct RoomView {
  std::int64_t running = 0;      ///< unfinished runs of the scope
  std::vector<Waiting> waiting;  ///< of this schedule, oldest due time first
};

/// A live schedule whose payload refers to a secret.
struct SecretPayload {
  ScheduleId id;
  std::string name, workflow_name, payload;
};

struct ScheduleKey {
  TenantId tenant;
  ScheduleId id;
};

/// Counts per schedule that a batch of ended runs adds up to.
struct StatsDelta {
  TenantId tenant;
  ScheduleId schedule;
  std::int64_t succeeded = 0, failed = 0, cancelled = 0;
  Duration duration{0};
  RunId last_run;
  RunState last_state = RunState::succeeded;
  Instant last_at;
  std::string last_error;  ///< one line, "" after a success
  std::int64_t trailing_failures = 0;  ///< failures since the batch's last success
  bool any_success = false;
};

/// Failures without a run: due times missed under the policy `fail`.
struct MissedFailures {
  TenantId tenant;
  ScheduleId schedule;
  std::int64_t count = 0;
  Instant at;
};

/// Port: schedules, their ledger of fires, their counts.
class ScheduleStore {
 public:
  virtual ~ScheduleStore() = default;
  /// conflict NAME_TAKEN (field /name).
  virtual carillon::Status insert(Tx& tx, const Schedule& schedule) = 0;
  /// Writes everything but id, tenant, workflow and creation; conflict NAME_TAKEN.
  virtual carillon::Status update(Tx& tx, const Schedule& schedule) = 0;
  /// Only binding, holds, settled_until, revision, updated_at of many (publish).
  virtual carillon::Status rebind(Tx& tx, std::span<const Schedule> schedules) = 0;
  virtual Result<Schedule> lock(Tx& tx, TenantId tenant, ScheduleId id) = 0;  ///< not_found; second in lock order
  /// One that was deleted and is still kept; not_found for any other. Second in lock order.
  virtual Result<Schedule> lock_deleted(Tx& tx, TenantId tenant, ScheduleId id) = 0;
  /// Of these the ones that there are, deleted ones too, but none that is removed for good. System scope.
  virtual Result<std::vector<ScheduleKey>> kept(Tx& tx, std::span<const ScheduleKey> keys) = 0;
  virtual Result<ScheduleView> view(Tx& tx, TenantId tenant, ScheduleId id) = 0;  ///< not_found
  virtual Result<SchedulePage> list(Tx& tx, TenantId tenant, const ScheduleFilter& filter) = 0;
  virtual Result<std::int64_t> count(Tx& tx, TenantId tenant, const ScheduleFilter& filter) = 0;
  /// All live schedules of a workflow, locked, in id order.
  virtual Result<std::vector<Schedule>> lock_of_workflow(Tx& tx, TenantId tenant, WorkflowId workflow) = 0;
  struct WorkflowCounts {
    std::int64_t total = 0, invalid = 0;
  };
  virtual Result<std::map<WorkflowId, WorkflowCounts>> counts(Tx& tx, TenantId tenant) = 0;

  /// The schedules of a batch, any tenants (system scope). What is missing from the answer was deleted.
  virtual Result<std::vector<FireView>> load_for_fire(Tx& tx, std::span<const ScheduleKey> keys) = 0;
  /// Records fires; answers for each whether it was new. False: that due time was already recorded.
  virtual Result<std::vector<bool>> insert_fires(Tx& tx, std::span<const Fire> fires) = 0;
  /// Writes only holds and settled_until of schedules that a fire changed (system scope); answers those written, in id order. One
  /// that somebody else holds just now is left out rather than waited for: a fire comes to schedules after their
  /// registrations, against the lock order.
  virtual Result<std::vector<ScheduleId>> put_holds(Tx& tx, std::span<const Schedule> schedules) = 0;
  /// How full the room of each is, in the order of the keys. Rooms that several schedules share are held until the
  /// transaction ends, in order of their scope, so that no two decide on the same room at once (system scope).
  virtual Result<std::vector<RoomView>> rooms(Tx& tx, std::span<const RoomKey> keys) = 0;
  /// Makes a shared room known, so that it can be held. Nothing for scope "".
  virtual carillon::Status add_scope(Tx& tx, TenantId tenant, const std::string& scope) = 0;
  virtual carillon::Status add_waiting(Tx& tx, std::span<const Waiting> waiting) = 0;
  virtual carillon::Status remove_waiting(Tx& tx, std::span<const Waiting> waiting) = 0;
  /// What waits of the schedule counts in this scope from now on; answers how many.
  virtual Result<std::int64_t> rescope_waiting(Tx& tx, TenantId tenant, ScheduleId id, const std::string& scope) = 0;
  /// Those of the schedules, oldest due time first.
  virtual Result<std::vector<Waiting>> waiting_of(Tx& tx, TenantId tenant, std::span<const ScheduleId> schedules) = 0;
  /// Schedules with something waiting for room in one of the scopes ("" with the schedule itself). System scope.
  virtual Result<std::vector<ScheduleKey>> waiting_in(Tx& tx, std::span<const RoomKey> rooms) = 0;

  /// Maintenance of the tenants, and of the hub (which counts for each of them), that ends after `since`. With `hold`
  /// nobody changes it until the transaction ends (system scope): what this transaction parks cannot be missed by who
  /// ends the maintenance and unparks.
  virtual Result<std::map<TenantId, std::vector<Maintenance>>> maintenance(Tx& tx, std::span<const TenantId> tenants, Instant since,
                                                                           bool hold) = 0;

  /// From `since` on due times are decided under these; nothing where they are already. System scope.
  virtual carillon::Status note_limits(Tx& tx, Instant since, const FirePolicy& limits) = 0;
  /// Those of the moment; nothing before the first were noted.
  virtual Result<std::optional<FirePolicy>> limits_at(Tx& tx, Instant at) = 0;

  virtual carillon::Status add_version(Tx& tx, TenantId tenant, ScheduleId id, const ScheduleVersion& version) = 0;
  /// Newest first; `before` a revision when given.
  virtual Result<std::vector<ScheduleVersion>> versions(Tx& tx, TenantId tenant, ScheduleId id, std::optional<std::int64_t> before,
                                                        int limit) = 0;
  /// The newest version saved at or before the moment; the newest with at most this revision.
  virtual Result<std::optional<ScheduleVersion>> version_at(Tx& tx, TenantId tenant, ScheduleId id, Instant at) = 0;
  virtual Result<std::optional<ScheduleVersion>> version_until(Tx& tx, TenantId tenant, ScheduleId id, std::int64_t revision) = 0;
  /// The payload that a version has, from it or an earlier one; "null" if none was kept.
  virtual Result<std::string> payload_until(Tx& tx, TenantId tenant, ScheduleId id, std::int64_t revision) = 0;
  /// Live schedules with `text` in their stored payload, the first `limit` by name.
  virtual Result<std::vector<SecretPayload>> payloads_with(Tx& tx, TenantId tenant, const std::string& text, int limit) = 0;
  /// Unfinished runs of the room, unlocked.
  virtual Result<std::int64_t> running(Tx& tx, const RoomKey& room) = 0;
  /// Newest first, strictly before `before` when given.
  virtual Result<std::vector<Fire>> fires(Tx& tx, TenantId tenant, ScheduleId id, std::optional<Verdict> verdict,
                                          std::optional<Instant> before, int limit) = 0;
  virtual Result<std::map<RunId, RunState>> run_states(Tx& tx, TenantId tenant, std::span<const RunId> runs) = 0;
  virtual carillon::Status add_stats(Tx& tx, std::span<const StatsDelta> deltas) = 0;  ///< system scope
  virtual carillon::Status add_missed_failures(Tx& tx, std::span<const MissedFailures> failures) = 0;  ///< system scope
  virtual carillon::Status clear_failures(Tx& tx, TenantId tenant, ScheduleId id) = 0;  ///< failures_in_row = 0
  /// Of these the schedules that have failed as often in a row as they may and are not held for it; those that somebody
  /// else holds just now are left out (they are found at their next fire). Locked. System scope.
  virtual Result<std::vector<Schedule>> lock_overfailed(Tx& tx, std::span<const ScheduleKey> keys) = 0;
};

}  // namespace carillon::schedules
