#pragma once
#include "engine/redaction/redaction_store.h"
#include "engine/secrets/secret_store.h"
#include "persistence/core/sql.h"
#include "persistence/secrets/vault.h"

namespace carillon::pg {

class PgSecretStore final : public SecretStore {
 public:
  /// `keys` outlives it.
  explicit PgSecretStore(KeyFile& keys) : keys_(keys), vault_(keys) {}
  Result<std::vector<SecretInfo>> list(Tx& tx, TenantId tenant) override;
  Result<std::optional<SecretInfo>> find(Tx& tx, TenantId tenant, const std::string& name) override;
  Result<bool> put(Tx& tx, TenantId tenant, const std::string& name, const std::string& value, const std::string& by) override;
  Result<std::set<std::string>> hold(Tx& tx, TenantId tenant, const std::set<std::string>& names) override;
  Result<bool> lock(Tx& tx, TenantId tenant, const std::string& name) override;
  Status remove(Tx& tx, TenantId tenant, const std::string& name) override;
  Result<std::map<SecretKey, Result<std::string>>> read(Tx& tx, std::span<const SecretKey> keys) override;
  /// Wraps up to `limit` secrets that are under another than the current key anew; how many. System scope.
  Result<std::int64_t> rewrap(Tx& tx, int limit);
  /// Ids of the keys that secrets are under. System scope.
  Result<std::vector<std::string>> key_ids(Tx& tx);
  static std::span<const Sql* const> statements();

 private:
  KeyFile& keys_;
  SecretVault vault_;
};

class PgRedactionStore final : public RedactionStore {
 public:
  Result<RedactionSettings> settings(Tx& tx, TenantId tenant) override;
  Status put(Tx& tx, TenantId tenant, const RedactionSettings& settings) override;
  Result<std::map<TenantId, std::vector<std::string>>> patterns(Tx& tx, std::span<const TenantId> tenants) override;
  static std::span<const Sql* const> statements();
};

}  // namespace carillon::pg
