#pragma once
#include "persistence/core/pg_database.h"
#include "persistence/migrate/migrator.h"
#include "persistence/stores/pg_job_store.h"
#include "persistence/stores/pg_maintenance_store.h"
#include "persistence/stores/pg_tenant_store.h"

namespace carillon {

/// A database that is already migrated, opened for one errand.
struct Errand {
  std::unique_ptr<Clock> clock = make_system_clock();
  std::unique_ptr<Rng> rng = make_system_rng();
  IdSource ids{*clock, *rng};
  pg::PgTenantStore tenants;
  pg::PgJobStore registrations;
  pg::PgMaintenanceStore maintenance;
  pg::PgDatabase db;

  Errand(const std::string& url, Logger& log) : db(options(url), *rng, ids, log) {}
  static pg::PgOptions options(const std::string& url) {
    const std::string password = pg::role_password(url);
    pg::PgOptions options;
    options.app_url = pg::with_user(url, "carillon_app", password);
    options.system_url = pg::with_user(url, "carillon_system", password);
    options.app_connections = options.system_connections = 1;
    return options;
  }
  /// The tenant with that slug, nothing for "".
  Result<std::optional<TenantId>> tenant_of(const std::string& slug) {
    if (slug.empty()) return std::optional<TenantId>();
    CARILLON_TRY(auto tenant, transact_system(db, [&](Tx& tx) { return tenants.tenant_by_slug(tx, slug); }));
    if (!tenant) return Error{ErrorCode::not_found, "NOT_FOUND", "There is no tenant " + slug + ".", "tenant", slug, "Check the slug.", {}};
    return std::optional<TenantId>(tenant->id);
  }
  /// In the scope that maintenance of the tenant, or of the hub, is written in.
  template <class Work>
  auto in_scope_of(std::optional<TenantId> tenant, Work&& work) {
    return tenant ? transact(db, *tenant, std::forward<Work>(work)) : transact_system(db, std::forward<Work>(work));
  }
};

}  // namespace carillon
