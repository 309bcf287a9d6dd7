#include "persistence/stores/pg_alert_store.h"

#include "engine/base/json.h"
#include "persistence/core/pg_tx.h"

namespace carillon::pg {
namespace {

constexpr Sql kListAlerts{
    "list_alerts",
    "SELECT id, at, code, object_type, object_id, message, detail, acknowledged_at, acknowledged_by FROM alerts "
    "WHERE tenant_id = $1 AND (NOT $2::boolean OR acknowledged_at IS NULL) AND ($3 = '' OR code = $3) "
    "AND ($4::uuid IS NULL OR id < $4) ORDER BY id DESC LIMIT $5"};
constexpr Sql kCountOpenAlerts{
    "count_open_alerts",
    "SELECT count(*) FROM (SELECT 1 FROM alerts WHERE tenant_id = $1 AND acknowledged_at IS NULL LIMIT 1000) AS open"};
constexpr Sql kAcknowledgeAlert{
    "acknowledge_alert",
    "UPDATE alerts SET acknowledged_at = coalesce(acknowledged_at, $3), "
    "acknowledged_by = CASE WHEN acknowledged_at IS NULL THEN $4 ELSE acknowledged_by END WHERE tenant_id = $1 AND id = $2 RETURNING id",
    Scope::app, true};
constexpr Sql kAcknowledgeAlerts{
    "acknowledge_alerts",
    "UPDATE alerts SET acknowledged_at = $2, acknowledged_by = $3 WHERE tenant_id = $1 AND acknowledged_at IS NULL RETURNING id",
    Scope::app, true};
constexpr Sql kExpiredAlerts{
    "expired_alerts",
    "SELECT a.id FROM alerts a WHERE a.tenant_id = $1 AND a.at <= $2 ORDER BY a.at, a.id LIMIT $3 FOR UPDATE SKIP LOCKED", Scope::system};
constexpr Sql kPurgeAlerts{"purge_alerts", "DELETE FROM alerts WHERE tenant_id = $1 AND id = ANY($2::uuid[])", Scope::system, true};
constexpr const Sql* kAlertStatements[] = {&kListAlerts, &kCountOpenAlerts, &kAcknowledgeAlert, &kAcknowledgeAlerts,
                                           &kExpiredAlerts, &kPurgeAlerts};

}  // namespace

std::span<const Sql* const> PgAlertStore::statements() { return kAlertStatements; }

Result<std::vector<KeptAlert>> PgAlertStore::list(Tx& tx, TenantId tenant, const AlertFilter& f) {
  std::vector<KeptAlert> out;
  for (const auto& row : pg(tx).exec(kListAlerts, tenant, f.open_only, f.code, f.before, f.limit))
    out.push_back({uuid_of(row[0]), instant_of(row[1]),
                   Alert{text_of(row[2]), text_of(row[3]), uuid_of(row[4]), text_of(row[5]), parse_stored_json(text_of(row[6]))},
                   instant_or_null(row[7]), text_of(row[8])});
  return out;
}

Result<std::int64_t> PgAlertStore::count_open(Tx& tx, TenantId tenant) { return int_of(pg(tx).exec(kCountOpenAlerts, tenant)[0][0]); }

Status PgAlertStore::acknowledge(Tx& tx, TenantId tenant, Uuid id, const std::string& actor) {
  if (pg(tx).exec(kAcknowledgeAlert, tenant, id, tx.now(), actor).empty())
    return Error{ErrorCode::not_found, "NOT_FOUND", "There is no alert with this id.", "id", id.to_string(), "Check the id.", {}};
  return ok();
}

Result<std::int64_t> PgAlertStore::acknowledge_all(Tx& tx, TenantId tenant, const std::string& actor) {
  return static_cast<std::int64_t>(pg(tx).exec(kAcknowledgeAlerts, tenant, tx.now(), actor).size());
}

Result<std::int64_t> PgAlertStore::purge(Tx& tx, TenantId tenant, Instant until, std::int64_t limit) {
  ArrayText ids;
  const auto found = pg(tx).exec(kExpiredAlerts, tenant, until, limit);
  for (const auto& row : found) ids.add(uuid_of(row[0]));
  return found.empty() ? 0 : static_cast<std::int64_t>(pg(tx).exec(kPurgeAlerts, tenant, ids).affected_rows());
}

}  // namespace carillon::pg
