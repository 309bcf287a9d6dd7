#include "persistence/stores/pg_secret_store.h"

#include "persistence/core/pg_tx.h"

namespace carillon::pg {
namespace {

constexpr Sql kListSecrets{"list_secrets", "SELECT name, created_at, updated_at, updated_by FROM secrets WHERE tenant_id = $1 ORDER BY name"};
constexpr Sql kFindSecret{"find_secret", "SELECT name, created_at, updated_at, updated_by FROM secrets WHERE tenant_id = $1 AND name = $2"};
constexpr Sql kReplaceSecret{
    "replace_secret",
    "UPDATE secrets SET key_id = $3, wrapped = $4, sealed = $5, updated_at = $6, updated_by = $7 WHERE tenant_id = $1 AND name = $2 RETURNING name",
    Scope::app, true};
constexpr Sql kInsertSecret{
    "insert_secret",
    "INSERT INTO secrets (tenant_id, name, key_id, wrapped, sealed, created_at, updated_at, updated_by) VALUES ($1, $2, $3, $4, $5, $6, $6, $7) "
    "ON CONFLICT (tenant_id, name) DO UPDATE SET key_id = $3, wrapped = $4, sealed = $5, updated_at = $6, updated_by = $7",
    Scope::app, true};
constexpr Sql kHoldSecrets{"hold_secrets", "SELECT name FROM secrets WHERE tenant_id = $1 AND name = ANY($2::text[]) ORDER BY name FOR SHARE"};
constexpr Sql kLockSecret{"lock_secret", "SELECT name FROM secrets WHERE tenant_id = $1 AND name = $2 FOR UPDATE"};
constexpr Sql kDeleteSecret{"delete_secret", "DELETE FROM secrets WHERE tenant_id = $1 AND name = $2 RETURNING name", Scope::app, true};
constexpr Sql kReadSecrets{
    "read_secrets",
    "SELECT s.tenant_id, s.name, s.key_id, s.wrapped, s.sealed FROM secrets s JOIN unnest($1::uuid[], $2::text[]) AS k(t, n) "
    "ON s.tenant_id = k.t AND s.name = k.n",
    Scope::system};
constexpr Sql kSecretsUnderOtherKeys{
    "secrets_under_other_keys", "SELECT tenant_id, name, key_id, wrapped FROM secrets WHERE key_id <> $1 ORDER BY tenant_id, name LIMIT $2",
    Scope::system};
constexpr Sql kRewrapSecret{
    "rewrap_secret", "UPDATE secrets SET key_id = $4, wrapped = $5 WHERE tenant_id = $1 AND name = $2 AND wrapped = $3 RETURNING name", Scope::system,
    true};
constexpr Sql kSecretKeyIds{"secret_key_ids", "SELECT DISTINCT key_id FROM secrets", Scope::system};
constexpr const Sql* kSecretStatements[] = {&kListSecrets, &kFindSecret,  &kReplaceSecret, &kInsertSecret,         &kHoldSecrets, &kLockSecret,
                                            &kDeleteSecret, &kReadSecrets, &kRewrapSecret,  &kSecretsUnderOtherKeys, &kSecretKeyIds};

constexpr Sql kRedactionSettings{"redaction_settings",
                                 "SELECT patterns, revision, updated_at, updated_by FROM redaction_settings WHERE tenant_id = $1"};
constexpr Sql kPutRedactionSettings{
    "put_redaction_settings",
    "INSERT INTO redaction_settings AS r (tenant_id, patterns, revision, updated_at, updated_by) VALUES ($1, $2::text[], $3, $4, $5) "
    "ON CONFLICT (tenant_id) DO UPDATE SET patterns = $2::text[], revision = $3, updated_at = $4, updated_by = $5 "
    "WHERE r.tenant_id = $1 AND r.revision = $3 - 1 RETURNING r.revision",
    Scope::app, true};
constexpr Sql kRedactionPatterns{"redaction_patterns",
                                 "SELECT r.tenant_id, r.patterns FROM redaction_settings r JOIN unnest($1::uuid[]) AS k(t) ON r.tenant_id = k.t",
                                 Scope::system};
constexpr const Sql* kRedactionStatements[] = {&kRedactionSettings, &kPutRedactionSettings, &kRedactionPatterns};

SecretInfo info_of(const pqxx::row& row) { return {text_of(row[0]), instant_of(row[1]), instant_of(row[2]), text_of(row[3])}; }

}  // namespace

std::span<const Sql* const> PgSecretStore::statements() { return kSecretStatements; }
std::span<const Sql* const> PgRedactionStore::statements() { return kRedactionStatements; }

Result<std::vector<SecretInfo>> PgSecretStore::list(Tx& tx, TenantId tenant) {
  std::vector<SecretInfo> out;
  for (const auto& row : pg(tx).exec(kListSecrets, tenant)) out.push_back(info_of(row));
  return out;
}

Result<std::optional<SecretInfo>> PgSecretStore::find(Tx& tx, TenantId tenant, const std::string& name) {
  const auto rows = pg(tx).exec(kFindSecret, tenant, name);
  return rows.empty() ? std::optional<SecretInfo>() : std::optional(info_of(rows[0]));
}

Result<bool> PgSecretStore::put(Tx& tx, TenantId tenant, const std::string& name, const std::string& value, const std::string& by) {
  CARILLON_TRY(const auto s, vault_.seal(tenant, name, value));
  if (!pg(tx).exec(kReplaceSecret, tenant, name, s.key_id, s.wrapped, s.sealed, tx.now(), by).empty()) return false;
  pg(tx).exec(kInsertSecret, tenant, name, s.key_id, s.wrapped, s.sealed, tx.now(), by);
  return true;
}

Result<std::set<std::string>> PgSecretStore::hold(Tx& tx, TenantId tenant, const std::set<std::string>& names) {
  std::set<std::string> out;
  ArrayText wanted;
  for (const auto& name : names) wanted.add(name);
  for (const auto& row : pg(tx).exec(kHoldSecrets, tenant, wanted)) out.insert(text_of(row[0]));
  return out;
}

Result<bool> PgSecretStore::lock(Tx& tx, TenantId tenant, const std::string& name) { return !pg(tx).exec(kLockSecret, tenant, name).empty(); }

Status PgSecretStore::remove(Tx& tx, TenantId tenant, const std::string& name) {
  if (!pg(tx).exec(kDeleteSecret, tenant, name).empty()) return ok();
  return Error{ErrorCode::not_found, "NOT_FOUND", "There is no secret of this name.", "name", shorten(name), "List the secrets.", {}};
}

Result<std::map<SecretKey, Result<std::string>>> PgSecretStore::read(Tx& tx, std::span<const SecretKey> keys) {
  ArrayText tenants, names;
  for (const auto& key : keys) {
    tenants.add(key.tenant);
    names.add(key.name);
  }
  std::map<SecretKey, Result<std::string>> out;
  for (const auto& row : pg(tx).exec(kReadSecrets, tenants, names)) {
    const SecretKey key{id_of<TenantId>(row[0]), text_of(row[1])};
    out.emplace(key, vault_.open(key.tenant, key.name, {text_of(row[2]), text_of(row[3]), text_of(row[4])}));
  }
  return out;
}

Result<std::int64_t> PgSecretStore::rewrap(Tx& tx, int limit) {
  CARILLON_TRY(const auto current, keys_.current());
  std::int64_t done = 0;
  for (const auto& row : pg(tx).exec(kSecretsUnderOtherKeys, current.id, limit)) {
    const auto tenant = id_of<TenantId>(row[0]);
    const std::string name = text_of(row[1]), wrapped = text_of(row[3]);
    CARILLON_TRY(const auto fresh, vault_.rewrap(tenant, name, {text_of(row[2]), wrapped, ""}));
    pg(tx).exec(kRewrapSecret, tenant, name, wrapped, fresh.key_id, fresh.wrapped);
    ++done;
  }
  return done;
}

Result<std::vector<std::string>> PgSecretStore::key_ids(Tx& tx) {
  std::vector<std::string> out;
  for (const auto& row : pg(tx).exec(kSecretKeyIds)) out.push_back(text_of(row[0]));
  return out;
}

Result<RedactionSettings> PgRedactionStore::settings(Tx& tx, TenantId tenant) {
  const auto rows = pg(tx).exec(kRedactionSettings, tenant);
  if (rows.empty()) return RedactionSettings{};
  return RedactionSettings{text_array(rows[0][0]), int_of(rows[0][1]), instant_of(rows[0][2]), text_of(rows[0][3])};
}

Status PgRedactionStore::put(Tx& tx, TenantId tenant, const RedactionSettings& s) {
  if (!pg(tx).exec(kPutRedactionSettings, tenant, array_of(s.patterns), s.revision, tx.now(), s.updated_by).empty()) return ok();
  return Error{ErrorCode::precondition_failed, "REVISION_CHANGED", "The patterns were changed since you read them.", "If-Match",
               std::to_string(s.revision - 1), "Read them again, look at the change, then send yours again.", {}};
}

Result<std::map<TenantId, std::vector<std::string>>> PgRedactionStore::patterns(Tx& tx, std::span<const TenantId> tenants) {
  ArrayText wanted;
  for (const auto& tenant : tenants) wanted.add(tenant);
  std::map<TenantId, std::vector<std::string>> out;
  for (const auto& row : pg(tx).exec(kRedactionPatterns, wanted)) out[id_of<TenantId>(row[0])] = text_array(row[1]);
  return out;
}

}  // namespace carillon::pg
