#include "web/app/hub/import.h"

#include "persistence/stores/pg_legacy_source.h"
#include "persistence/stores/pg_legacy_store.h"
#include "persistence/stores/pg_run_store.h"
#include "persistence/stores/pg_schedule_store.h"
#include "persistence/stores/pg_workflow_store.h"
#include "plugins/schedules/legacy_import.h"
#include "web/app/hub/errand.h"
#include "web/app/hub/hub.h"
#include "web/app/hub/operator.h"

namespace carillon {
namespace {

/// The schedules plugin's rules on a database without a hub around them.
struct ImportErrand : Errand {
  ZoneDatabase zones;
  pg::PgWorkflowStore workflows;
  pg::PgScheduleStore schedules;
  pg::PgRunStore runs;
  pg::PgLegacyStore legacy;
  JobRunner jobs{registrations, zones};
  PayloadSchemas schemas{workflows};
  RunHandover nobody;  // no worker here
  RunStarter starter{runs, nobody, ids};
  schedules::FireHandler settler{schedules, runs, starter, registrations, zones, ids, {}};
  schedules::Lifecycle lifecycle{schedules, jobs, registrations, settler, zones};
  std::string email;

  ImportErrand(const std::string& url, const std::string& admin_email, Logger& log) : Errand(url, log), email(admin_email) {}

  Result<Json> furnish(Tx& tx, const Tenant& tenant) {
    const std::string password = random_hex(*rng, 12), address = email.empty() ? "admin@" + tenant.slug + ".invalid" : email;
    CARILLON_CHECK(furnish_tenant(tx, {db, tenants, jobs, zones, ids, *rng}, tenant, address, password));
    return Json{{"email", address}, {"password", password}};
  }
  schedules::LegacyPorts ports() {
    return {db,   legacy,    schedules, registrations, workflows, tenants, schemas,
            jobs, lifecycle, zones,     ids,           [this](Tx& tx, const Tenant& tenant) { return furnish(tx, tenant); }};
  }
};

Status check_migrated(const std::string& database_url, Logger& log) {
  try {
    CARILLON_TRY(const int pending, migrate_database(database_url, true, log, [](const std::string&) {}));
    if (pending == 0) return ok();
  } catch (const std::exception& e) {
    return Error{ErrorCode::unavailable, "DATABASE_UNAVAILABLE", std::string("The database cannot be used: ") + e.what(), "database_url", "",
                 "Check the address.", {}};
  }
  return Error{ErrorCode::conflict, "MIGRATION_PENDING", "The hub's database is not up to date.", "database_url", "",
               "Run carillon migrate, or start the hub once.", {}};
}

}  // namespace

Result<LegacyReport> import_legacy(const std::string& database_url, const LegacyRequest& request, Logger& log) {
  CARILLON_CHECK(check_migrated(database_url, log));
  pg::PgLegacySource source(request.from.empty() ? database_url : request.from, request.schema);
  CARILLON_TRY(const auto data, source.read());
  ImportErrand errand(database_url, request.email, log);
  schedules::LegacyImport import(errand.ports());
  LegacyReport out;
  if (request.back) {
    CARILLON_TRY(out.document, import.take_back(data, request.dry_run));
  } else {
    out.document = import.import(data, request.dry_run);
  }
  out.text = schedules::legacy_report_text(out.document);
  out.failed = out.document["failed"].get<int>() > 0;
  return out;
}

}  // namespace carillon
