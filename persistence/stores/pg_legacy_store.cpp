#include "persistence/stores/pg_legacy_store.h"

#include "persistence/core/pg_tx.h"

namespace carillon::pg {
namespace {

constexpr Sql kAddLegacyTenant{
    "add_legacy_tenant",
    "INSERT INTO tenants (tenant_id, slug, name, default_zone, created_at) VALUES ($1, $2, $3, $4, $5) "
    "ON CONFLICT (tenant_id) DO NOTHING RETURNING tenant_id",
    Scope::app, true};
constexpr Sql kHoldLegacyTenant{"hold_legacy_tenant", "SELECT tenant_id FROM tenants WHERE tenant_id = $1 FOR NO KEY UPDATE"};
constexpr Sql kLegacyRecords{"legacy_records",
                             "SELECT kind, old_id, schedule_id, line FROM legacy_imports WHERE tenant_id = $1 ORDER BY kind, old_id"};
constexpr Sql kAddLegacyRecord{
    "add_legacy_record",
    "INSERT INTO legacy_imports (tenant_id, kind, old_id, schedule_id, line, at) VALUES ($1, $2, $3, $4, $5, $6)", Scope::app, true};
constexpr Sql kForgetLegacyRecords{"forget_legacy_records", "DELETE FROM legacy_imports WHERE tenant_id = $1", Scope::app, true};
constexpr Sql kKnownSchedule{"known_schedule", "SELECT revision, deleted_at IS NOT NULL FROM schedules WHERE tenant_id = $1 AND id = $2"};

constexpr const Sql* kLegacyStatements[] = {&kAddLegacyTenant, &kHoldLegacyTenant,    &kLegacyRecords,
                                            &kAddLegacyRecord, &kForgetLegacyRecords, &kKnownSchedule};

}  // namespace

std::span<const Sql* const> PgLegacyStore::statements() { return kLegacyStatements; }

Result<bool> PgLegacyStore::add_tenant(Tx& tx, const Tenant& t) {
  return !pg(tx).exec(kAddLegacyTenant, t.id, t.slug, t.name, t.default_zone, tx.now()).empty();
}

Status PgLegacyStore::hold(Tx& tx, TenantId tenant) {
  pg(tx).exec(kHoldLegacyTenant, tenant);
  return ok();
}

Result<std::vector<schedules::LegacyRecord>> PgLegacyStore::records(Tx& tx, TenantId tenant) {
  std::vector<schedules::LegacyRecord> out;
  for (const auto& row : pg(tx).exec(kLegacyRecords, tenant))
    out.push_back({text_of(row[0]), text_of(row[1]), id_or_null<ScheduleId>(row[2]), parse_stored_json(text_of(row[3]))});
  return out;
}

Status PgLegacyStore::add(Tx& tx, TenantId tenant, const schedules::LegacyRecord& r) {
  pg(tx).exec(kAddLegacyRecord, tenant, r.kind, r.old_id, r.schedule, dump_json(r.line), tx.now());
  return ok();
}

Status PgLegacyStore::forget(Tx& tx, TenantId tenant) {
  pg(tx).exec(kForgetLegacyRecords, tenant);
  return ok();
}

Result<std::optional<schedules::LegacyStore::Known>> PgLegacyStore::schedule(Tx& tx, TenantId tenant, ScheduleId id) {
  auto rows = pg(tx).exec(kKnownSchedule, tenant, id);
  if (rows.empty()) return std::optional<Known>();
  return std::optional<Known>(Known{int_of(rows[0][0]), bool_of(rows[0][1])});
}

}  // namespace carillon::pg
