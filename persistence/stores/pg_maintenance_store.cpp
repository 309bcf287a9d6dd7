#include "persistence/stores/pg_maintenance_store.h"

#include <algorithm>

#include "persistence/core/pg_tx.h"

namespace carillon::pg {

using namespace carillon::schedules;
using carillon::Status;  // the other Status here is a schedule's

namespace {

#define CARILLON_ENTRY "SELECT id, since, until, ended_at, reason, actor FROM "
#define CARILLON_GOES_ON "since <= $2 AND coalesce(ended_at, until, 'infinity'::timestamptz) > $2 ORDER BY since"

constexpr Sql kInsertMaintenance{
    "insert_maintenance",
    "INSERT INTO maintenance (tenant_id, id, since, until, ended_at, reason, actor) VALUES ($1, $2, $3, $4, $5, $6, $7)", Scope::app, true};
constexpr Sql kInsertSystemMaintenance{
    "insert_system_maintenance",
    "INSERT INTO system_maintenance (id, since, until, ended_at, reason, actor) VALUES ($1, $2, $3, $4, $5, $6)", Scope::system, true};
constexpr Sql kLockMaintenance{"lock_maintenance", CARILLON_ENTRY "maintenance WHERE tenant_id = $1 AND id = $2 FOR UPDATE"};
constexpr Sql kLockSystemMaintenance{"lock_system_maintenance", CARILLON_ENTRY "system_maintenance WHERE id = $1 FOR UPDATE", Scope::system};
constexpr Sql kEndMaintenance{
    "end_maintenance", "UPDATE maintenance SET ended_at = $3 WHERE tenant_id = $1 AND id = $2", Scope::app, true};
constexpr Sql kEndSystemMaintenance{
    "end_system_maintenance", "UPDATE system_maintenance SET ended_at = $2 WHERE id = $1", Scope::system, true};
constexpr Sql kListMaintenance{"list_maintenance", CARILLON_ENTRY "maintenance WHERE tenant_id = $1 ORDER BY id DESC LIMIT $2"};
constexpr Sql kListSystemMaintenance{"list_system_maintenance", CARILLON_ENTRY "system_maintenance ORDER BY id DESC LIMIT $1"};
constexpr Sql kActiveMaintenance{"active_maintenance", CARILLON_ENTRY "maintenance WHERE tenant_id = $1 AND " CARILLON_GOES_ON};
constexpr Sql kActiveSystemMaintenance{
    "active_system_maintenance",
    CARILLON_ENTRY "system_maintenance WHERE since <= $1 AND coalesce(ended_at, until, 'infinity'::timestamptz) > $1 ORDER BY since"};
#undef CARILLON_ENTRY
#undef CARILLON_GOES_ON

constexpr const Sql* kMaintenanceStatements[] = {
    &kInsertMaintenance, &kInsertSystemMaintenance, &kLockMaintenance, &kLockSystemMaintenance, &kEndMaintenance,
    &kEndSystemMaintenance, &kListMaintenance, &kListSystemMaintenance, &kActiveMaintenance, &kActiveSystemMaintenance};

MaintenanceEntry entry_of_row(const pqxx::row& row, std::optional<TenantId> tenant) {
  return {uuid_of(row[0]), tenant, {instant_of(row[1]), instant_or_null(row[2]), instant_or_null(row[3]), text_of(row[4]), text_of(row[5])}};
}

std::vector<MaintenanceEntry> entries_of(const pqxx::result& rows, std::optional<TenantId> tenant) {
  std::vector<MaintenanceEntry> out;
  for (const auto& row : rows) out.push_back(entry_of_row(row, tenant));
  return out;
}

}  // namespace

std::span<const Sql* const> PgMaintenanceStore::statements() { return kMaintenanceStatements; }

Status PgMaintenanceStore::insert(Tx& tx, const MaintenanceEntry& e) {
  const Maintenance& m = e.stretch;
  if (e.tenant) pg(tx).exec(kInsertMaintenance, *e.tenant, e.id, m.since, m.until, m.ended_at, m.reason, m.actor);
  else pg(tx).exec(kInsertSystemMaintenance, e.id, m.since, m.until, m.ended_at, m.reason, m.actor);
  return ok();
}

Result<MaintenanceEntry> PgMaintenanceStore::lock(Tx& tx, std::optional<TenantId> tenant, const Uuid& id) {
  const auto rows = tenant ? pg(tx).exec(kLockMaintenance, *tenant, id) : pg(tx).exec(kLockSystemMaintenance, id);
  if (rows.empty())
    return Error{ErrorCode::not_found, "NOT_FOUND", "There is no maintenance with this id.", "id", id.to_string(), "Check the id.", {}};
  return entry_of_row(rows[0], tenant);
}

Status PgMaintenanceStore::set_ended(Tx& tx, const MaintenanceEntry& e) {
  if (e.tenant) pg(tx).exec(kEndMaintenance, *e.tenant, e.id, e.stretch.ended_at);
  else pg(tx).exec(kEndSystemMaintenance, e.id, e.stretch.ended_at);
  return ok();
}

Result<std::vector<MaintenanceEntry>> PgMaintenanceStore::list(Tx& tx, std::optional<TenantId> tenant, int limit) {
  if (tenant) return entries_of(pg(tx).exec(kListMaintenance, *tenant, limit), tenant);
  return entries_of(pg(tx).exec(kListSystemMaintenance, limit), {});
}

Result<std::vector<MaintenanceEntry>> PgMaintenanceStore::active(Tx& tx, std::optional<TenantId> tenant, Instant now) {
  auto out = entries_of(pg(tx).exec(kActiveSystemMaintenance, now), {});
  if (!tenant) return out;
  for (auto& entry : entries_of(pg(tx).exec(kActiveMaintenance, *tenant, now), tenant)) out.push_back(std::move(entry));
  std::ranges::sort(out, {}, [](const MaintenanceEntry& e) { return std::pair(e.stretch.since, e.id); });
  return out;
}

}  // namespace carillon::pg
