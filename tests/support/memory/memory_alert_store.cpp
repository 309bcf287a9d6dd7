#include "tests/support/memory/memory_alert_store.h"

namespace carillon::memory {

Result<std::vector<KeptAlert>> MemoryAlertStore::list(Tx& tx, TenantId tenant, const AlertFilter& filter) {
  std::vector<KeptAlert> out;
  if (!mem(tx).sees(tenant)) return out;
  const auto& rows = world_.alerts.rows();
  for (auto it = rows.rbegin(); it != rows.rend() && out.size() < static_cast<std::size_t>(filter.limit); ++it) {
    const AlertRow& row = it->second;
    if (row.tenant != tenant || (filter.open_only && row.acknowledged_at)) continue;
    if ((!filter.code.empty() && row.alert.code != filter.code) || (filter.before && !(row.id < *filter.before))) continue;
    out.push_back({row.id, row.at, row.alert, row.acknowledged_at, row.acknowledged_by});
  }
  return out;
}

Result<std::int64_t> MemoryAlertStore::count_open(Tx& tx, TenantId tenant) {
  CARILLON_TRY(const auto open, list(tx, tenant, {true, "", {}, 1000}));
  return static_cast<std::int64_t>(open.size());
}

Status MemoryAlertStore::acknowledge(Tx& tx, TenantId tenant, Uuid id, const std::string& actor) {
  mem(tx).only_tenant_scope("AlertStore::acknowledge");
  for (const auto& [number, row] : world_.alerts.rows()) {
    if (row.tenant != tenant || row.id != id || !mem(tx).sees(tenant)) continue;
    if (row.acknowledged_at) return ok();
    world_.alerts.edit(number, [&](AlertRow& kept) {
      kept.acknowledged_at = tx.now();
      kept.acknowledged_by = actor;
    });
    return ok();
  }
  return nothing_there("alert", "id", id.to_string());
}

Result<std::int64_t> MemoryAlertStore::acknowledge_all(Tx& tx, TenantId tenant, const std::string& actor) {
  CARILLON_TRY(const auto open, list(tx, tenant, {true, "", {}, std::numeric_limits<int>::max()}));
  for (const auto& alert : open) CARILLON_CHECK(acknowledge(tx, tenant, alert.id, actor));
  return static_cast<std::int64_t>(open.size());
}

Result<std::int64_t> MemoryAlertStore::purge(Tx& tx, TenantId tenant, Instant until, std::int64_t limit) {
  mem(tx).only_system_scope("AlertStore::purge");
  std::int64_t count = 0;
  // Numbered in the order in which they were raised.
  world_.alerts.erase_if([&](std::int64_t, const AlertRow& row) { return count < limit && row.tenant == tenant && row.at <= until && ++count > 0; });
  return count;
}

}  // namespace carillon::memory
