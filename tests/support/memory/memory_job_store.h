#pragma once
#include "tests/support/memory/memory_database.h"

namespace carillon::memory {

class MemoryJobStore final : public JobStore {
 public:
  explicit MemoryJobStore(MemoryWorld& world) : world_(world) {}
  Status put(Tx& tx, const Registration& registration) override;
  Status put_all(Tx& tx, std::span<const Registration> registrations) override;
  Result<std::optional<Registration>> lock(Tx& tx, TenantId tenant, RegistrationId id) override;
  Result<std::vector<Registration>> lock_all(Tx& tx, TenantId tenant, std::span<const RegistrationId> ids) override;
  Status erase(Tx& tx, TenantId tenant, RegistrationId id) override;
  Status put_sooner(Tx& tx, std::span<const Registration> registrations) override;
  Result<std::vector<RegistrationKey>> try_lock(Tx& tx, std::span<const RegistrationKey> keys) override;
  Status wake(Tx& tx, std::span<const RegistrationKey> keys, Instant at) override;
  Result<std::int64_t> unpark(Tx& tx, std::optional<TenantId> tenant, Instant at) override;
  Status note(Tx& tx, std::span<const JobNote> notes) override;
  Result<std::vector<DueKey>> due(Tx& tx, Instant until, int limit) override;
  Result<std::vector<DueKey>> due_beside(Tx& tx, Instant from, Instant until, std::span<const TenantId> tenants, int limit) override;
  Result<std::vector<DueJob>> lock_due(Tx& tx, std::span<const DueKey> keys) override;
  Status move(Tx& tx, std::span<const JobMove> moves) override;
  Result<std::optional<Instant>> next_wake(Tx& tx) override;
  Status announce_clock_release(Tx&) override { return ok(); }  // nobody listens in memory

 private:
  MemoryWorld& world_;
};

}  // namespace carillon::memory
