#pragma once
#include <string>

#include "engine/base/log.h"
#include "engine/jobs/job_runner.h"
#include "engine/tenancy/tenant_store.h"
#include "plugins/schedules/maintenance_store.h"
#include "web/app/config/config.h"
#include "web/auth/jwt.h"

namespace carillon {

/// What operators do beside the API: tokens and tenants, in a running hub or straight on its database.

auth::JwtPolicy jwt_policy();

/// A token of an actor of a tenant. not_found when there is no such tenant or nobody in it has the email.
Result<std::string> sign_token_for(Database& db, TenantStore& tenants, const auth::JwtCodec& jwt, const std::string& tenant_slug,
                                   const std::string& email, Duration ttl);

struct NewTenant {
  std::string slug;  ///< lower-case letters, digits, hyphens; 1 to 40
  std::string name;
  std::string zone;  ///< IANA
  std::string admin_email, admin_password;
};
struct TenantParts {
  Database& db;
  TenantStore& tenants;
  JobRunner& jobs;
  const ZoneDatabase& zones;
  IdSource& ids;
  Rng& rng;
};
/// A tenant with one admin and its hourly retention. invalid SLUG_INVALID, EMAIL_INVALID, UNKNOWN_ZONE, PASSWORD_…;
/// conflict SLUG_TAKEN. Tenant and admin are one transaction; the promise of retention follows in a second.
Result<Tenant> make_tenant(const TenantParts& parts, const NewTenant& wanted);

/// What make_tenant() gives a tenant that was made otherwise: its first admin and its hourly retention.
Status furnish_tenant(Tx& tx, const TenantParts& parts, const Tenant& tenant, const std::string& admin_email, const std::string& admin_password);

/// Tokens and tenants without a running hub, from the database and the signing keys of the configuration.
Result<std::string> issue_token(const Config& config, const std::string& database_url, const std::string& tenant_slug,
                                const std::string& email, Duration ttl, Logger& log);
/// `wanted.admin_password` "" makes one; answers the password in force.
Result<std::string> create_tenant(const std::string& database_url, NewTenant wanted, Logger& log);

/// Maintenance of the tenant with that slug, or of the whole hub for "". Works beside running hubs.
Result<schedules::MaintenanceEntry> start_maintenance(const std::string& database_url, const std::string& tenant_slug, const std::string& reason,
                                                      std::optional<Instant> until, Logger& log);
/// Ends one, or all that go on for no id; answers the ended ones.
Result<std::vector<schedules::MaintenanceEntry>> end_maintenance(const std::string& database_url, const std::string& tenant_slug,
                                                                 const std::optional<Uuid>& id, Logger& log);
Result<std::vector<schedules::MaintenanceEntry>> list_maintenance(const std::string& database_url, const std::string& tenant_slug, Logger& log);

/// By an operator, after a clock jump: the time is right, all nodes go on catching up. Answers how many nodes there are.
Result<std::int64_t> release_clock(const std::string& database_url, Logger& log);

}  // namespace carillon
