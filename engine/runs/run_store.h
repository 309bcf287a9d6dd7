#pragma once
#include <span>

#include "engine/runs/run.h"
#include "engine/storage/database.h"

namespace carillon {

struct RunFilter {
  std::optional<RunState> state;
  std::optional<WorkflowId> workflow;
  std::optional<ScheduleId> schedule;
  std::string reason;  ///< provenance reason, "" for any
  std::optional<Instant> from, to;  ///< created in [from, to)
  std::optional<RunId> before;      ///< the page starts after this run, newest first
  int limit = 50;
};

/// What one run that ended looked like, for hooks that keep counts.
struct FinishedRun {
  TenantId tenant;
  RunId id;
  WorkflowId workflow;
  RunState state = RunState::succeeded;
  Provenance provenance;
  std::optional<Instant> started_at;
  Instant ended_at;
  std::string error;  ///< JSON text, "" for none
  std::optional<RunId> retried_by;  ///< the run that tries again; such an end is not final
};

/// Runs that may not overlap: those of the scope where there is one, else of the schedule, else of the workflow.
struct RunRoom {
  TenantId tenant;
  WorkflowId workflow;
  std::optional<ScheduleId> schedule;
  std::string scope;  ///< as in Provenance
};

/// Port: runs, their queue and their steps.
class RunStore {
 public:
  virtual ~RunStore() = default;
  /// Stores runs and their queue entries (state queued, claimable at not_before, or held by whoever has `taken` them).
  /// Any tenants in system scope.
  virtual Status insert(Tx& tx, std::span<const NewRun> runs) = 0;
  /// Takes up to `limit` claimable runs (queued, wake time passed, or lease run out), higher priority first, then
  /// oldest. Sets the lease and a new epoch; the run's state follows with its first progress(). System scope.
  virtual Result<std::vector<ClaimedRun>> claim(Tx& tx, NodeId owner, Instant lease_until, int limit) = 0;
  /// Writes progress, fenced by epoch; answers the ids that were still held. An end removes the queue entry, so
  /// exactly one progress() per run ever ends it. System scope.
  virtual Result<std::vector<RunId>> progress(Tx& tx, std::span<const RunProgress> batch) = 0;
  struct LeaseKey {
    TenantId tenant;
    RunId run;
    int epoch;
  };
  struct LeaseAnswer {
    RunId run;
    bool cancel_requested;
  };
  /// Extends leases still held; answers those, with whether somebody asked for a cancel. System scope.
  virtual Result<std::vector<LeaseAnswer>> extend(Tx& tx, std::span<const LeaseKey> keys, Instant lease_until) = 0;
  /// Gives runs back unfinished, claimable at once. System scope.
  virtual Status hand_back(Tx& tx, std::span<const LeaseKey> keys) = 0;
  /// Earliest time anything becomes claimable. System scope.
  virtual Result<std::optional<Instant>> next_wake(Tx& tx) = 0;

  virtual Result<Run> get(Tx& tx, TenantId tenant, RunId id) = 0;  ///< not_found
  virtual Result<std::vector<Run>> list(Tx& tx, TenantId tenant, const RunFilter& filter) = 0;
  virtual Result<std::vector<StoredStep>> steps(Tx& tx, TenantId tenant, RunId id) = 0;
  /// Marks the queue entry and makes it claimable now; conflict RUN_ENDED when the run has ended.
  virtual Status request_cancel(Tx& tx, TenantId tenant, RunId id) = 0;
  /// Asks all unfinished runs of these rooms to end. One whose progress is being written just now is left out: ask
  /// again. System scope.
  virtual Status request_cancel_in(Tx& tx, std::span<const RunRoom> rooms) = 0;
  /// Ends the unfinished runs of these rooms at once as cancelled, with this error (JSON text); what their workers
  /// still write is refused. Those being written just now are left out. Answers the ended ones, for hooks. System scope.
  virtual Result<std::vector<FinishedRun>> terminate_in(Tx& tx, std::span<const RunRoom> rooms, const std::string& error) = 0;
  /// Unfinished runs of the tenant that would be claimed before a run created now with this priority.
  virtual Result<std::int64_t> queue_position(Tx& tx, TenantId tenant, Priority priority) = 0;
};

/// Joins the transaction that ends runs. Called with a batch, possibly of many tenants (system scope).
class RunHook {
 public:
  virtual ~RunHook() = default;
  virtual Status on_finished(Tx& tx, std::span<const FinishedRun> runs) = 0;
};

}  // namespace carillon
