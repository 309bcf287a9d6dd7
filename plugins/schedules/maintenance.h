#pragma once
#include "engine/jobs/job_runner.h"
#include "engine/plugin/plugin.h"
#include "plugins/schedules/maintenance_store.h"

namespace carillon::schedules {

/// The registration that ends a maintenance and wakes what it parked; it has the maintenance's id. That of the hub
/// belongs to the tenant with the id zero, which nobody is.
inline constexpr const char* kMaintenanceEndKind = "maintenance_end";

/// Starts and ends maintenance, for server actions (one tenant) and for operators (a tenant or the whole hub).
class MaintenanceControl {
 public:
  MaintenanceControl(MaintenanceStore& maintenance, JobStore& registrations, IdSource& ids)
      : maintenance_(maintenance), registrations_(registrations), ids_(ids) {}
  /// From now on nothing of the tenant (nothing: of the hub, in system scope) fires. UNTIL_IN_PAST at /until.
  Result<MaintenanceEntry> start(Tx& tx, std::optional<TenantId> tenant, const std::string& reason, std::optional<Instant> until, const std::string& actor);
  /// Ends it now; one that is over stays as it is. not_found. What it parked is woken in a transaction of its own, at once.
  Result<MaintenanceEntry> end(Tx& tx, std::optional<TenantId> tenant, const Uuid& id);

 private:
  carillon::Status promise(Tx& tx, const MaintenanceEntry& entry, Instant at);
  MaintenanceStore& maintenance_;
  JobStore& registrations_;
  IdSource& ids_;
};

/// Ends maintenance whose `until` has come, and wakes what was parked once nothing else holds it back. In two steps, each a
/// transaction: whoever parked something because of it held its row, so all of that is committed when the second begins.
class MaintenanceEndHandler final : public JobHandler {
 public:
  MaintenanceEndHandler(MaintenanceStore& maintenance, JobStore& registrations) : maintenance_(maintenance), registrations_(registrations) {}
  Result<std::vector<JobMove>> handle(Tx& tx, std::span<const DueJob> jobs) override;

 private:
  MaintenanceStore& maintenance_;
  JobStore& registrations_;
};

/// Server actions maintenance.list, .start, .end: of the tenant; that of the hub is shown.
class MaintenanceActions {
 public:
  MaintenanceActions(MaintenanceStore& maintenance, JobStore& registrations, IdSource& ids)
      : maintenance_(maintenance), control_(maintenance, registrations, ids) {}
  void contribute(PluginHost& host);

 private:
  using Answer = Result<ActionResponse>;
  Answer list(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer start(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer end(Tx& tx, const TenantContext& who, const ActionRequest& request);
  MaintenanceStore& maintenance_;
  MaintenanceControl control_;
};

/// Shows what goes on as holds of kind tenant and system on top of a schedule's own. Never stored.
void add_maintenance(Holds& holds, std::span<const MaintenanceEntry> active);
Json maintenance_json(const MaintenanceEntry& entry, Instant now);

}  // namespace carillon::schedules
