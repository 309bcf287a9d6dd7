#include "web/app/hub/operator.h"

#include <algorithm>

#include "engine/jobs/retention.h"
#include "plugins/schedules/maintenance.h"
#include "web/app/hub/errand.h"
#include "web/app/hub/keys.h"
#include "web/auth/password.h"

namespace carillon {
namespace {

Status check_slug(const std::string& slug) {
  const bool good = !slug.empty() && slug.size() <= 40 &&
                    std::ranges::all_of(slug, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
  if (good) return ok();
  return Error{ErrorCode::invalid, "SLUG_INVALID", "\"" + shorten(slug) + "\" is no slug.", "slug", shorten(slug),
               "Use up to 40 lower-case letters, digits and hyphens.", {}};
}

Status check_email(const std::string& email) {
  if (email.find('@') != std::string::npos) return ok();
  return Error{ErrorCode::invalid, "EMAIL_INVALID", "\"" + shorten(email) + "\" is no email address.", "email", shorten(email),
               "Write it like ada@example.com.", {}};
}

Result<Actor> admin_of(const TenantParts& parts, const Tenant& tenant, const std::string& email, const std::string& password) {
  CARILLON_TRY(auto hash, auth::hash_password(password, parts.rng));
  return Actor{parts.ids.make<ActorId>(), tenant.id, "user", "Admin", email, hash, {"admin"}};
}

Status promise_retention(Tx& tx, const TenantParts& parts, TenantId tenant) {
  return parts.jobs.register_recurring(tx, tenant, RegistrationId{parts.ids.next()}, kRetentionKind, Interval{std::chrono::hours(1), tx.now()});
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
  CARILLON_CHECK(check_email(wanted.admin_email));
  CARILLON_TRY([[maybe_unused]] auto* known, parts.zones.require(wanted.zone, "zone"));
  const Tenant tenant{parts.ids.make<TenantId>(), wanted.slug, wanted.name, wanted.zone};
  CARILLON_TRY(const Actor admin, admin_of(parts, tenant, wanted.admin_email, wanted.admin_password));
  CARILLON_CHECK(parts.db.in_system([&](Tx& tx) -> Status {
    CARILLON_CHECK(parts.tenants.insert_tenant(tx, tenant));
    return parts.tenants.insert_actor(tx, admin);
  }));
  CARILLON_CHECK(parts.db.in_tenant(tenant.id, [&](Tx& tx) { return promise_retention(tx, parts, tenant.id); }));
  return tenant;
}

Status furnish_tenant(Tx& tx, const TenantParts& parts, const Tenant& tenant, const std::string& admin_email, const std::string& admin_password) {
  CARILLON_CHECK(check_email(admin_email));
  CARILLON_TRY(const Actor admin, admin_of(parts, tenant, admin_email, admin_password));
  CARILLON_CHECK(parts.tenants.insert_actor(tx, admin));
  return promise_retention(tx, parts, tenant.id);
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

Result<std::int64_t> release_clock(const std::string& database_url, Logger& log) {
  Errand errand(database_url, log);
  return transact_system(errand.db, [&](Tx& tx) -> Result<std::int64_t> {
    CARILLON_TRY(auto nodes, errand.tenants.nodes(tx));
    CARILLON_CHECK(errand.registrations.announce_clock_release(tx));
    return std::ranges::count_if(nodes, [&](const NodeRecord& node) { return node.alive(tx.now()); });
  });
}

}  // namespace carillon
