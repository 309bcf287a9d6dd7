#pragma once
#include <mutex>
#include <tuple>

#include "engine/actions/idempotency_store.h"
#include "engine/events/event_store.h"
#include "engine/jobs/registration.h"
#include "engine/redaction/redaction_store.h"
#include "engine/runs/run_store.h"
#include "engine/secrets/secret_store.h"
#include "engine/tenancy/tenant_store.h"
#include "engine/workflows/workflow_store.h"
#include "plugins/schedules/bulk_store.h"
#include "plugins/schedules/backfill_store.h"
#include "plugins/schedules/maintenance_store.h"
#include "plugins/schedules/schedule_store.h"
#include "tests/support/memory/table.h"

namespace carillon::memory {

template <class T>
using Owned = std::pair<TenantId, T>;

struct KeptRow {
  KeptAnswer answer;
  Instant created_at;
};
struct AuditRow {
  TenantId tenant;
  Instant at;
  AuditEntry entry;
};
struct AlertRow {
  TenantId tenant;
  Instant at;
  Alert alert;
  Uuid id;
  std::optional<Instant> acknowledged_at;
  std::string acknowledged_by;
};
struct SecretRow {
  SecretInfo info;
  std::string value;
};
/// A registration with what is remembered of its last fire.
struct RegistrationRow {
  Registration registration;
  std::optional<JobMove::Last> last;
  std::int64_t started = 0;
};
/// The queue entry of a run that has not ended.
struct QueueRow {
  WorkflowId workflow;
  std::int64_t version = 0;
  std::optional<ScheduleId> schedule;
  std::string scope;
  Priority priority = Priority::normal;
  Instant visible_at;
  std::optional<NodeId> owner;
  int epoch = 0;
  bool cancel_requested = false;
  RunSettings settings;
  std::string checkpoint;
};
/// A due time that began to wait for room. Stays when it waits no longer.
struct WaitRow {
  schedules::Waiting waiting;
  std::uint64_t commit = 0;  ///< the one that let it wait
  Instant at;                ///< the database's clock then
};
struct StatsRow {
  std::int64_t succeeded = 0, failed = 0, cancelled = 0, failures_in_row = 0;
  Duration duration{0};
  RunId last_run;
  RunState last_state = RunState::succeeded;
  Instant last_at;
  std::string last_error;
};

/// The tables that all nodes of one simulated hub share: what PostgreSQL is in production. Stores and databases refer
/// to it; it outlives them. Touched only inside a transaction, or by a test between transactions to look at it.
struct MemoryWorld {
  MemoryWorld() = default;
  MemoryWorld(const MemoryWorld&) = delete;
  MemoryWorld& operator=(const MemoryWorld&) = delete;

  std::recursive_mutex mutex;  ///< held for a whole transaction: they run one after the other
  UndoLog undo;
  std::uint64_t commits = 0;  ///< transactions that have committed; the open one, if it commits, is one more

  Table<TenantId, Tenant> tenants{undo};
  Table<Owned<ActorId>, Actor> actors{undo};
  Table<Owned<std::string>, Session> sessions{undo};  ///< by token hash
  Table<Owned<Uuid>, ApiKey> api_keys{undo};
  Table<Owned<std::string>, KeptRow> answers{undo};
  Table<TenantId, std::int64_t> event_heads{undo};
  Table<Owned<std::int64_t>, EventBatch> events{undo};
  Table<std::int64_t, AuditRow> audit{undo};
  Table<std::int64_t, AlertRow> alerts{undo};
  Table<NodeId, NodeRecord> nodes{undo};
  Table<Owned<WorkflowId>, Workflow> workflows{undo};
  Table<Owned<WorkflowId>, Draft> drafts{undo};
  Table<std::tuple<TenantId, WorkflowId, std::int64_t>, WorkflowVersion> versions{undo};
  Table<Owned<RegistrationId>, RegistrationRow> registrations{undo};
  Table<Owned<RunId>, Run> runs{undo};
  Table<Owned<RunId>, QueueRow> queue{undo};
  Table<std::tuple<TenantId, RunId, int>, StoredStep> steps{undo};
  Table<Owned<ScheduleId>, schedules::Schedule> schedules{undo};
  Table<std::tuple<TenantId, ScheduleId, Instant>, schedules::Fire> fires{undo};
  Table<Owned<ScheduleId>, StatsRow> stats{undo};
  Table<std::tuple<TenantId, ScheduleId, Instant>, schedules::Waiting> backlog{undo};
  Table<Owned<BackfillId>, schedules::Backfill> backfills{undo};
  Table<std::tuple<TenantId, BackfillId, Instant>, schedules::BackfillItem> backfill_items{undo};
  Table<Owned<std::string>, bool> overlap_scopes{undo};
  Table<std::tuple<TenantId, ScheduleId, std::int64_t>, schedules::ScheduleVersion> schedule_versions{undo};
  Table<std::tuple<TenantId, WorkflowId, std::int64_t, std::int64_t>, std::string> publish_verdicts{undo};
  Table<Owned<Uuid>, schedules::Maintenance> maintenance{undo};
  Table<Uuid, schedules::Maintenance> system_maintenance{undo};
  Table<Instant, schedules::FirePolicy> fire_limits{undo};
  Table<Owned<std::string>, SecretRow> secrets{undo};
  Table<TenantId, RedactionSettings> redaction{undo};
  Table<Owned<Uuid>, schedules::BulkJob> bulk_jobs{undo};
  Table<std::tuple<TenantId, Uuid, std::int64_t>, schedules::BulkItem> bulk_items{undo};

  /// The number of the commit that wrote a row, for who must know the order of things whatever the clock did.
  Table<std::tuple<TenantId, ScheduleId, Instant>, std::uint64_t> fire_commits{undo};
  Table<std::tuple<TenantId, ScheduleId, Instant>, WaitRow> waits{undo};
  Table<Owned<RunId>, std::uint64_t> run_commits{undo};
  Table<Owned<RunId>, std::uint64_t> run_end_commits{undo};
};

}  // namespace carillon::memory
