#pragma once
#include "persistence/core/sql.h"
#include "plugins/schedules/retention_store.h"

namespace carillon::pg {

class PgRetentionStore final : public schedules::RetentionStore {
 public:
  Result<std::vector<ScheduleId>> lock_expired(Tx& tx, TenantId tenant, Instant until, std::int64_t limit) override;
  Result<Removed> purge_schedules(Tx& tx, TenantId tenant, std::span<const ScheduleId> schedules,
                                  std::span<const RegistrationId> registrations, std::int64_t limit) override;
  Result<Removed> purge_jobs(Tx& tx, TenantId tenant, Instant until, std::int64_t limit) override;
  Result<Removed> purge_verdicts(Tx& tx, TenantId tenant, Instant until, std::int64_t limit) override;
  static std::span<const Sql* const> statements();
};

}  // namespace carillon::pg
