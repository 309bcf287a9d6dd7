#pragma once
#include "engine/plugin/plugin.h"
#include "engine/redaction/redaction.h"
#include "engine/runs/run_actions.h"
#include "engine/secrets/secret_store.h"
#include "engine/tenancy/tenant_store.h"
#include "engine/workflows/payload_schemas.h"
#include "plugins/schedules/bulk_store.h"
#include "plugins/schedules/backfill_store.h"
#include "plugins/schedules/input.h"
#include "plugins/schedules/lifecycle.h"
#include "plugins/schedules/maintenance_store.h"
#include "plugins/schedules/publish_store.h"
#include "plugins/schedules/retention.h"

namespace carillon::schedules {

/// conflict SCHEDULE_COMPLETED or SCHEDULE_EXPIRED, for one that is_over.
Error over_error(const Schedule& schedule);
inline bool is_over(const Schedule& s) { return s.holds.contains(HoldKind::completed) || s.holds.contains(HoldKind::expired); }

/// What the plugin is given by the composition root. References outlive it.
struct Ports {
  ScheduleStore& schedules;
  BulkStore& bulk;
  BackfillStore& backfills;
  MaintenanceStore& maintenance;
  PublishStore& publishing;
  RetentionStore& retention;
  JobStore& registrations;
  RunStore& runs;
  WorkflowStore& workflows;
  TenantStore& tenants;
  PayloadSchemas& schemas;
  SecretStore& secrets;
  Redaction& redaction;
  JobRunner& jobs;
  RunStarter& starter;
  RunEnder& ender;
  ClockGuard& clock_guard;
  const ZoneDatabase& zones;
  IdSource& ids;
  Logger& log;
  /// For work in the background. Called once it runs: at boot the database is not open yet.
  std::function<Database&()> database;
  FirePolicy policy;
  Retention kept = {};
};

/// The plugin's server actions: schedules.list, .create, .preview, .get, .update, .delete, .undelete, .pause,
/// .resume, .run, .fires, .upcoming.
class ScheduleActions {
 public:
  ScheduleActions(const Ports& ports, Lifecycle& lifecycle) : p_(ports), life_(lifecycle) {}
  void contribute(PluginHost& host);
  using Answer = Result<ActionResponse>;
  /// Changes what `request` names; `action` is what audit and version say it was.
  Answer update(Tx& tx, const TenantContext& who, const ActionRequest& request, const std::string& action);
  /// One item of a bulk job: what the single action does, and its refusals. Sets state (done or skipped), code, message
  /// and undo of the item.
  carillon::Status bulk_step(Tx& tx, const TenantContext& who, const BulkJob& job, BulkItem& item);

 private:
  Answer list(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer create(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer preview(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer get(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer update(Tx& tx, const TenantContext& who, const ActionRequest& request) { return update(tx, who, request, "schedules.update"); }
  Answer remove(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer pause(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer resume(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer undelete(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer run_now(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer fires(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer upcoming(Tx& tx, const TenantContext& who, const ActionRequest& request);

  Result<InputContext> input_context(Tx& tx, const TenantContext& who);
  /// Locks in order: the workflow's head (shared), then the schedule.
  struct Locked {
    Workflow workflow;
    Schedule schedule;
  };
  Result<Locked> lock(Tx& tx, const TenantContext& who, const ActionRequest& request);
  /// The payload that somebody sends for a schedule (a new one has no bound version yet): hidden values put back, its
  /// secrets known.
  Result<Json> sent_payload(Tx& tx, const TenantContext& who, const Workflow& workflow, const Schedule& schedule, const Json& sent);
  carillon::Status settle(Tx& tx, Schedule& schedule);
  carillon::Status bind_payload(Tx& tx, const Workflow& workflow, const Json& payload, Schedule& schedule);
  carillon::Status change_timing(Tx& tx, const TenantContext& who, const Json& body, Schedule& schedule);
  carillon::Status settle_passed_one_time(Tx& tx, const TenantContext& who, const Json& body, HoldKind lifted, Schedule& schedule);
  /// Writes down the state that somebody saved.
  carillon::Status keep_version(Tx& tx, const TenantContext& who, const Schedule& schedule, const std::string& action, bool with_payload);
  Answer remove_locked(Tx& tx, const TenantContext& who, Schedule& schedule);
  Answer pause_locked(Tx& tx, const TenantContext& who, const ActionRequest& request, Schedule& schedule);
  Answer resume_locked(Tx& tx, const TenantContext& who, const ActionRequest& request, Schedule& schedule);
  carillon::Status bulk_change(Tx& tx, const TenantContext& who, const BulkJob& job, BulkItem& item, const ActionRequest& request);
  /// Takes off the pause that a bulk job put on, and nothing else.
  carillon::Status unpause(Tx& tx, const TenantContext& who, BulkItem& item, const ActionRequest& request, Schedule& schedule);
  /// Puts the holds back that a bulk job took off.
  carillon::Status hold_again(Tx& tx, const TenantContext& who, BulkItem& item, Schedule& schedule);
  /// What came while it was deleted: publishes, and the end of holds and of its one time.
  carillon::Status catch_up_with_workflow(Tx& tx, const Workflow& workflow, Instant deleted_at, Schedule& schedule);
  Answer saved(Tx& tx, const TenantContext& who, Schedule& schedule, const std::string& action, Json detail);
  Answer view(Tx& tx, const TenantContext& who, ScheduleId id);

  Ports p_;
  Lifecycle& life_;
};

}  // namespace carillon::schedules
