#pragma once
#include "engine/redaction/redaction_store.h"
#include "engine/secrets/secret_store.h"
#include "tests/support/memory/memory_database.h"

namespace carillon::memory {

class MemorySecretStore final : public SecretStore {
 public:
  explicit MemorySecretStore(MemoryWorld& world) : world_(world) {}
  Result<std::vector<SecretInfo>> list(Tx& tx, TenantId tenant) override;
  Result<std::optional<SecretInfo>> find(Tx& tx, TenantId tenant, const std::string& name) override;
  Result<bool> put(Tx& tx, TenantId tenant, const std::string& name, const std::string& value, const std::string& by) override;
  Result<std::set<std::string>> hold(Tx& tx, TenantId tenant, const std::set<std::string>& names) override;
  Result<bool> lock(Tx& tx, TenantId tenant, const std::string& name) override;
  Status remove(Tx& tx, TenantId tenant, const std::string& name) override;
  Result<std::map<SecretKey, Result<std::string>>> read(Tx& tx, std::span<const SecretKey> keys) override;

 private:
  MemoryWorld& world_;
};

class MemoryRedactionStore final : public RedactionStore {
 public:
  explicit MemoryRedactionStore(MemoryWorld& world) : world_(world) {}
  Result<RedactionSettings> settings(Tx& tx, TenantId tenant) override;
  Status put(Tx& tx, TenantId tenant, const RedactionSettings& settings) override;
  Result<std::map<TenantId, std::vector<std::string>>> patterns(Tx& tx, std::span<const TenantId> tenants) override;

 private:
  MemoryWorld& world_;
};

}  // namespace carillon::memory
