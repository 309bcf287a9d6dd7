#include "persistence/core/pg_tx.h"
#include "persistence/stores/pg_tenant_store.h"

namespace carillon::pg {
namespace {

constexpr Sql kListenersBehind{
    "listeners_behind",
    "SELECT h.tenant_id FROM event_heads h LEFT JOIN listener_positions p ON p.tenant_id = h.tenant_id AND p.listener = $1 "
    "WHERE coalesce(p.seq, 0) < h.seq LIMIT $2",
    Scope::system};
constexpr Sql kFirstPosition{
    "first_listener_position",
    "INSERT INTO listener_positions (tenant_id, listener, seq) VALUES ($1, $2, 0) ON CONFLICT (tenant_id, listener) DO NOTHING",
    Scope::system, true};
constexpr Sql kTakePosition{
    "take_listener_position",
    "SELECT seq FROM listener_positions WHERE tenant_id = $1 AND listener = $2 FOR UPDATE SKIP LOCKED", Scope::system};
constexpr Sql kMovePosition{"move_listener_position",
                            "UPDATE listener_positions SET seq = $3 WHERE tenant_id = $1 AND listener = $2", Scope::system, true};
constexpr const Sql* kListenerStatements[] = {&kListenersBehind, &kFirstPosition, &kTakePosition, &kMovePosition};

}  // namespace

std::span<const Sql* const> PgListenerStore::statements() { return kListenerStatements; }

Result<std::vector<TenantId>> PgListenerStore::behind(Tx& tx, const std::string& listener, int limit) {
  std::vector<TenantId> out;
  for (const auto& row : pg(tx).exec(kListenersBehind, listener, limit)) out.push_back(id_of<TenantId>(row[0]));
  return out;
}

Result<std::optional<std::int64_t>> PgListenerStore::take(Tx& tx, TenantId tenant, const std::string& listener) {
  pg(tx).exec(kFirstPosition, tenant, listener);
  auto rows = pg(tx).exec(kTakePosition, tenant, listener);
  if (rows.empty()) return std::optional<std::int64_t>();
  return std::optional<std::int64_t>(int_of(rows[0][0]));
}

Status PgListenerStore::move(Tx& tx, TenantId tenant, const std::string& listener, std::int64_t seq) {
  pg(tx).exec(kMovePosition, tenant, listener, seq);
  return ok();
}

}  // namespace carillon::pg
