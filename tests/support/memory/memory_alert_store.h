#pragma once
#include "engine/events/alert_store.h"
#include "tests/support/memory/memory_database.h"

namespace carillon::memory {

class MemoryAlertStore final : public AlertStore {
 public:
  explicit MemoryAlertStore(MemoryWorld& world) : world_(world) {}
  Result<std::vector<KeptAlert>> list(Tx& tx, TenantId tenant, const AlertFilter& filter) override;
  Result<std::int64_t> count_open(Tx& tx, TenantId tenant) override;
  Status acknowledge(Tx& tx, TenantId tenant, Uuid id, const std::string& actor) override;
  Result<std::int64_t> acknowledge_all(Tx& tx, TenantId tenant, const std::string& actor) override;
  Result<std::int64_t> purge(Tx& tx, TenantId tenant, Instant until, std::int64_t limit) override;

 private:
  MemoryWorld& world_;
};

}  // namespace carillon::memory
