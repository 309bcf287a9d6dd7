#pragma once
#include "engine/jobs/job_runner.h"
#include "engine/tenancy/tenant_store.h"
#include "engine/workflows/payload_schemas.h"
#include "plugins/schedules/legacy_plan.h"
#include "plugins/schedules/lifecycle.h"

namespace carillon::schedules {

/// What the import is given. References outlive it.
struct LegacyPorts {
  Database& db;
  LegacyStore& legacy;
  ScheduleStore& schedules;
  JobStore& registrations;
  WorkflowStore& workflows;
  TenantStore& tenants;
  PayloadSchemas& schemas;
  JobRunner& jobs;
  Lifecycle& lifecycle;
  const ZoneDatabase& zones;
  IdSource& ids;
  /// People and duties of a tenant that only the old database knows, in the transaction that makes it; its answer is
  /// shown in the report. Not asked in a dry run.
  std::function<Result<Json>(Tx&, const Tenant&)> furnish_tenant;
};

/// Moves inline time triggers of a database of the old shape into schedules (SCH-29), and back.
///
/// Each tenant is one transaction, all or nothing. Every old record ends as one schedule or one line of the report; lines
/// are kept, and a record that has one is never touched again, so it can be run any number of times, also after it was
/// interrupted. Workflows the hub does not know are taken over with their versions. Nothing fires because of it: next due
/// times lie strictly after it. The old database is only read. Should not run while an old hub still fires.
class LegacyImport {
 public:
  explicit LegacyImport(const LegacyPorts& ports) : p_(ports) {}

  /// Answers {dry_run, changed, unchanged, failed, tenants: [{old_tenant, tenant_id, slug, made, changed, lines, error}]}.
  /// A line: {kind, old_id, became (schedule, present, report, untouched), reason, notes, old, unchanged, workflow,
  /// schedule}. A tenant that fails is listed with its error, and the others go on. `dry_run`: everything is tried and
  /// rolled back.
  Json import(const LegacyData& data, bool dry_run);

  /// Takes the imported schedules back (deleted, softly), so that the old hub can go on with what its tables say. Refused
  /// for all tenants where one is: conflict SEVERAL_SCHEDULES (a workflow has more than the one that the old shape can
  /// hold), SCHEDULES_CHANGED (what somebody changed here would be lost). Workflows stay.
  Result<Json> take_back(const LegacyData& data, bool dry_run);

 private:
  struct Place;  ///< one tenant in one transaction
  Result<std::optional<Tenant>> find_tenant(const std::string& old_tenant);
  Result<Json> import_tenant(Tx& tx, const LegacyData& data, const std::string& old_tenant, const Tenant& tenant, bool dry_run);
  Result<Json> import_item(Place& place, const LegacyItem& item);
  Result<Json> import_schedule(Place& place, const LegacyItem& item, const Workflow& workflow, Json line);
  Result<Workflow> take_workflow(Place& place, const LegacyWorkflow& old, Json& line);
  Result<Workflow> make_workflow(Place& place, const LegacyWorkflow& old, Json& line);
  carillon::Status clean_draft(Place& place, Workflow& workflow);
  carillon::Status store(Place& place, Schedule& schedule, const std::optional<LegacyStore::Known>& known);
  Result<Json> take_back_tenant(Tx& tx, const Tenant& tenant);

  LegacyPorts p_;
};

/// The report of import() or take_back() for people.
std::string legacy_report_text(const Json& report);

}  // namespace carillon::schedules
