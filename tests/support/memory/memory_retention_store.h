#pragma once
#include "plugins/schedules/retention_store.h"
#include "tests/support/memory/memory_database.h"

namespace carillon::memory {

class MemoryRetentionStore final : public schedules::RetentionStore {
 public:
  explicit MemoryRetentionStore(MemoryWorld& world) : world_(world) {}
  Result<std::vector<ScheduleId>> lock_expired(Tx& tx, TenantId tenant, Instant until, std::int64_t limit) override;
  Result<Removed> purge_schedules(Tx& tx, TenantId tenant, std::span<const ScheduleId> schedules,
                                  std::span<const RegistrationId> registrations, std::int64_t limit) override;
  Result<Removed> purge_jobs(Tx& tx, TenantId tenant, Instant until, std::int64_t limit) override;
  Result<Removed> purge_verdicts(Tx& tx, TenantId tenant, Instant until, std::int64_t limit) override;

 private:
  MemoryWorld& world_;
};

}  // namespace carillon::memory
