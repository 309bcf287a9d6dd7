#include "tests/support/memory/memory_secret_store.h"

namespace carillon::memory {

Result<std::vector<SecretInfo>> MemorySecretStore::list(Tx& tx, TenantId tenant) {
  std::vector<SecretInfo> out;
  if (!mem(tx).sees(tenant)) return out;
  for (const auto& [key, row] : world_.secrets.rows())
    if (key.first == tenant) out.push_back(row.info);
  return out;
}

Result<std::optional<SecretInfo>> MemorySecretStore::find(Tx& tx, TenantId tenant, const std::string& name) {
  const SecretRow* row = mem(tx).sees(tenant) ? world_.secrets.find({tenant, name}) : nullptr;
  return row ? std::optional(row->info) : std::optional<SecretInfo>();
}

Result<bool> MemorySecretStore::put(Tx& tx, TenantId tenant, const std::string& name, const std::string& value, const std::string& by) {
  mem(tx).only_tenant_scope("a write of secrets or their settings");
  const SecretRow* old = world_.secrets.find({tenant, name});
  const bool fresh = old == nullptr;
  world_.secrets.put({tenant, name}, {{name, fresh ? tx.now() : old->info.created_at, tx.now(), by}, value});
  return fresh;
}

Result<std::set<std::string>> MemorySecretStore::hold(Tx& tx, TenantId tenant, const std::set<std::string>& names) {
  std::set<std::string> out;
  for (const auto& name : names)
    if (mem(tx).sees(tenant) && world_.secrets.find({tenant, name})) out.insert(name);
  return out;
}

Result<bool> MemorySecretStore::lock(Tx& tx, TenantId tenant, const std::string& name) {
  return mem(tx).sees(tenant) && world_.secrets.find({tenant, name}) != nullptr;
}

Status MemorySecretStore::remove(Tx& tx, TenantId tenant, const std::string& name) {
  if (mem(tx).sees(tenant) && world_.secrets.erase({tenant, name})) return ok();
  return Error{ErrorCode::not_found, "NOT_FOUND", "There is no secret of this name.", "name", name, "List the secrets.", {}};
}

Result<std::map<SecretKey, Result<std::string>>> MemorySecretStore::read(Tx& tx, std::span<const SecretKey> keys) {
  mem(tx).only_system_scope("SecretStore::read");
  std::map<SecretKey, Result<std::string>> out;
  for (const auto& key : keys)
    if (const SecretRow* row = world_.secrets.find({key.tenant, key.name})) out.emplace(key, row->value);
  return out;
}

Result<RedactionSettings> MemoryRedactionStore::settings(Tx& tx, TenantId tenant) {
  const RedactionSettings* row = mem(tx).sees(tenant) ? world_.redaction.find(tenant) : nullptr;
  return row ? *row : RedactionSettings{};
}

Status MemoryRedactionStore::put(Tx& tx, TenantId tenant, const RedactionSettings& settings) {
  mem(tx).only_tenant_scope("a write of secrets or their settings");
  const RedactionSettings* old = world_.redaction.find(tenant);
  if ((old ? old->revision : 0) != settings.revision - 1)
    return Error{ErrorCode::precondition_failed, "REVISION_CHANGED", "The patterns were changed since you read them.", "If-Match",
                 std::to_string(settings.revision - 1), "Read them again, look at the change, then send yours again.", {}};
  RedactionSettings fresh = settings;
  fresh.updated_at = tx.now();
  world_.redaction.put(tenant, std::move(fresh));
  return ok();
}

Result<std::map<TenantId, std::vector<std::string>>> MemoryRedactionStore::patterns(Tx& tx, std::span<const TenantId> tenants) {
  mem(tx).only_system_scope("RedactionStore::patterns");
  std::map<TenantId, std::vector<std::string>> out;
  for (const auto& tenant : tenants)
    if (const RedactionSettings* row = world_.redaction.find(tenant)) out[tenant] = row->patterns;
  return out;
}

}  // namespace carillon::memory
