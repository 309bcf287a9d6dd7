#include "web/app/hub/operator.h"

#include <algorithm>

#include "persistence/core/pg_database.h"
#include "persistence/migrate/migrator.h"
#include "persistence/stores/pg_job_store.h"
#include "persistence/stores/pg_maintenance_store.h"
#include "persistence/stores/pg_tenant_store.h"
#include "plugins/schedules/maintenance.h"
#include "web/app/hub/keys.h"
#include "web/app/hub/retention.h"
#include "web/auth/password.h"

namespace carillon {
namespace {

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

Status check_slug(const std::string& slug) {
  const bool good = !slug.empty() && slug.size() <= 40 &&
                    std::ranges::all_of(slug, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
  if (good) return ok();
  return Error{ErrorCode::invalid, "SLUG_INVALID", "\"" + shorten(slug) + "\" is no slug.", "slug", shorten(slug),
               "Use up to 40 lower-case letters, digits and hyphens.", {}};
}

}  // namespace

auth::JwtPolicy jwt_policy() { return {"carillon", "", std::chrono::seconds(60)}; }

Result<std::string> sign_token_for(Database& db, TenantStore& tenants, const auth::JwtCodec& jwt, const std::string& tenant_slug,
                             const std::string& email, Duration ttl) {
  Actor actor;
  Instant now;
  CARILLON_CHECK(db.in_system([&](Tx& tx) -> Status {
    now = tx.now();
    CARILLON_TRY(auto tenant, tenants.tenant_by_slug(tx, tenant_slug));
    if (!tenant)
      return Error{ErrorCode::not_found, "NOT_FOUND", "There is no tenant " + tenant_slug + ".", "tenant", tenant_slug, "Check the slug.", {}};
    CARILLON_TRY(auto actors, tenants.actors_by_email(tx, email));
    for (const auto& candidate : actors)
      if (candidate.tenant == tenant->id) actor = candidate;
    if (actor.id.is_nil())
      return Error{ErrorCode::not_found, "NOT_FOUND", "Nobody in " + tenant_slug + " has the email " + email + ".", "actor", email, "Check the email.", {}};
    return ok();
  }));
  auth::Claims claims;
  claims.tenant = actor.tenant.to_string();
  claims.subject = actor.id.to_string();
  claims.name = actor.name;
  claims.roles = actor.roles;
  claims.issued_at = now;
  claims.expires_at = now + ttl;
  return jwt.sign(claims);
}

Result<Tenant> make_tenant(const TenantParts& parts, const NewTenant& wanted) {
  CARILLON_CHECK(check_slug(wanted.slug));
  if (wanted.admin_email.find('@') == std::string::npos)
    return Error{ErrorCode::invalid, "EMAIL_INVALID", "\"" + shorten(wanted.admin_email) + "\" is no email address.", "email",
                 shorten(wanted.admin_email), "Write it like ada@example.com.", {}};
  CARILLON_TRY([[maybe_unused]] auto* known, parts.zones.require(wanted.zone, "zone"));
  CARILLON_TRY(auto hash, auth::hash_password(wanted.admin_password, parts.rng));
  const Tenant tenant{parts.ids.make<TenantId>(), wanted.slug, wanted.name, wanted.zone};
  const Actor admin{parts.ids.make<ActorId>(), tenant.id, "user", "Admin", wanted.admin_email, hash, {"admin"}};
  CARILLON_CHECK(parts.db.in_system([&](Tx& tx) -> Status {
    CARILLON_CHECK(parts.tenants.insert_tenant(tx, tenant));
    return parts.tenants.insert_actor(tx, admin);
  }));
  CARILLON_CHECK(parts.db.in_tenant(tenant.id, [&](Tx& tx) {
    return parts.jobs.register_recurring(tx, tenant.id, RegistrationId{parts.ids.next()}, kRetentionKind, Interval{std::chrono::hours(1), tx.now()});
  }));
  return tenant;
}

Result<std::string> issue_token(const Config& config, const std::string& database_url, const std::string& tenant_slug,
                                const std::string& email, Duration ttl, Logger& log) {
  Errand errand(database_url, log);
  CARILLON_TRY(auto keys, signing_keys(config, *errand.rng));
  CARILLON_TRY(auto jwt, auth::JwtCodec::create(std::move(keys), jwt_policy(), *errand.clock));
  return sign_token_for(errand.db, errand.tenants, jwt, tenant_slug, email, ttl);
}

Result<std::string> create_tenant(const std::string& database_url, NewTenant wanted, Logger& log) {
  Errand errand(database_url, log);
  const ZoneDatabase zones;
  JobRunner jobs(errand.registrations, zones);
  if (wanted.admin_password.empty()) wanted.admin_password = random_hex(*errand.rng, 12);
  CARILLON_TRY([[maybe_unused]] auto made, make_tenant({errand.db, errand.tenants, jobs, zones, errand.ids, *errand.rng}, wanted));
  return wanted.admin_password;
}

Result<schedules::MaintenanceEntry> start_maintenance(const std::string& database_url, const std::string& tenant_slug, const std::string& reason,
                                                      std::optional<Instant> until, Logger& log) {
  Errand errand(database_url, log);
  CARILLON_TRY(auto tenant, errand.tenant_of(tenant_slug));
  schedules::MaintenanceControl control(errand.maintenance, errand.registrations, errand.ids);
  return errand.in_scope_of(tenant, [&](Tx& tx) { return control.start(tx, tenant, reason, until, "operator"); });
}

Result<std::vector<schedules::MaintenanceEntry>> end_maintenance(const std::string& database_url, const std::string& tenant_slug,
                                                                 const std::optional<Uuid>& id, Logger& log) {
  using schedules::MaintenanceEntry;
  Errand errand(database_url, log);
  CARILLON_TRY(auto tenant, errand.tenant_of(tenant_slug));
  schedules::MaintenanceControl control(errand.maintenance, errand.registrations, errand.ids);
  return errand.in_scope_of(tenant, [&](Tx& tx) -> Result<std::vector<MaintenanceEntry>> {
    std::vector<Uuid> ids;
    if (id) ids.push_back(*id);
    CARILLON_TRY(auto active, errand.maintenance.active(tx, tenant, tx.now()));
    for (const auto& entry : active)
      if (!id && entry.tenant == tenant) ids.push_back(entry.id);
    std::vector<MaintenanceEntry> out;
    for (const auto& each : ids) {
      CARILLON_TRY(auto ended, control.end(tx, tenant, each));
      out.push_back(std::move(ended));
    }
    return out;
  });
}

Result<std::vector<schedules::MaintenanceEntry>> list_maintenance(const std::string& database_url, const std::string& tenant_slug, Logger& log) {
  Errand errand(database_url, log);
  CARILLON_TRY(auto tenant, errand.tenant_of(tenant_slug));
  return errand.in_scope_of(tenant, [&](Tx& tx) { return errand.maintenance.list(tx, tenant, 50); });
}

}  // namespace carillon
