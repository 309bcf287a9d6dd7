#pragma once
#include "persistence/core/sql.h"
#include "plugins/schedules/legacy_store.h"

namespace carillon::pg {

class PgLegacyStore final : public schedules::LegacyStore {
 public:
  Result<bool> add_tenant(Tx& tx, const Tenant& tenant) override;
  Status hold(Tx& tx, TenantId tenant) override;
  Result<std::vector<schedules::LegacyRecord>> records(Tx& tx, TenantId tenant) override;
  Status add(Tx& tx, TenantId tenant, const schedules::LegacyRecord& record) override;
  Status forget(Tx& tx, TenantId tenant) override;
  Result<std::optional<Known>> schedule(Tx& tx, TenantId tenant, ScheduleId id) override;
  static std::span<const Sql* const> statements();
};

}  // namespace carillon::pg
