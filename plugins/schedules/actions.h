#pragma once
#include "engine/plugin/plugin.h"
#include "engine/runs/run_actions.h"
#include "engine/tenancy/tenant_store.h"
#include "engine/workflows/payload_schemas.h"
#include "plugins/schedules/backfill_store.h"
#include "plugins/schedules/input.h"
#include "plugins/schedules/lifecycle.h"
#include "plugins/schedules/maintenance_store.h"

namespace carillon::schedules {

/// What the plugin is given by the composition root. References outlive it.
struct Ports {
  ScheduleStore& schedules;
  BackfillStore& backfills;
  MaintenanceStore& maintenance;
  JobStore& registrations;
  RunStore& runs;
  WorkflowStore& workflows;
  TenantStore& tenants;
  PayloadSchemas& schemas;
  JobRunner& jobs;
  RunStarter& starter;
  RunEnder& ender;
  const ClockGuard& clock_guard;
  const ZoneDatabase& zones;
  IdSource& ids;
  FirePolicy policy;
};

/// The plugin's server actions: schedules.list, .create, .preview, .get, .update, .delete, .pause, .resume, .run,
/// .fires, .upcoming.
class ScheduleActions {
 public:
  ScheduleActions(const Ports& ports, Lifecycle& lifecycle) : p_(ports), life_(lifecycle) {}
  void contribute(PluginHost& host);
  using Answer = Result<ActionResponse>;
  /// Changes what `request` names; `action` is what audit and version say it was.
  Answer update(Tx& tx, const TenantContext& who, const ActionRequest& request, const std::string& action);

 private:
  Answer list(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer create(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer preview(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer get(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer update(Tx& tx, const TenantContext& who, const ActionRequest& request) { return update(tx, who, request, "schedules.update"); }
  Answer remove(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer pause(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer resume(Tx& tx, const TenantContext& who, const ActionRequest& request);
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
  carillon::Status bind_payload(Tx& tx, const Workflow& workflow, const Json& payload, Schedule& schedule);
  carillon::Status change_timing(Tx& tx, const TenantContext& who, const Json& body, Schedule& schedule);
  carillon::Status settle_passed_one_time(Tx& tx, const TenantContext& who, const Json& body, Schedule& schedule);
  /// Writes down the state that somebody saved.
  carillon::Status keep_version(Tx& tx, const TenantContext& who, const Schedule& schedule, const std::string& action, bool with_payload);
  Answer saved(Tx& tx, const TenantContext& who, Schedule& schedule, const std::string& action, Json detail);
  Answer view(Tx& tx, const TenantContext& who, ScheduleId id);

  Ports p_;
  Lifecycle& life_;
};

}  // namespace carillon::schedules
