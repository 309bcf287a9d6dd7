#pragma once
#include "persistence/core/sql.h"
#include "plugins/schedules/maintenance_store.h"

namespace carillon::pg {

class PgMaintenanceStore final : public schedules::MaintenanceStore {
 public:
  Status insert(Tx& tx, const schedules::MaintenanceEntry& entry) override;
  Result<schedules::MaintenanceEntry> lock(Tx& tx, std::optional<TenantId> tenant, const Uuid& id) override;
  Status set_ended(Tx& tx, const schedules::MaintenanceEntry& entry) override;
  Result<std::vector<schedules::MaintenanceEntry>> list(Tx& tx, std::optional<TenantId> tenant, int limit) override;
  Result<std::vector<schedules::MaintenanceEntry>> active(Tx& tx, std::optional<TenantId> tenant, Instant now) override;
  static std::span<const Sql* const> statements();
};

}  // namespace carillon::pg
