#pragma once
#include <functional>

#include "engine/base/json.h"
#include "engine/secrets/secret_store.h"
#include "engine/secrets/secret_use.h"
#include "engine/tenancy/tenancy.h"

namespace carillon {

/// Who has it may refer to secrets in payloads and see their names.
inline constexpr const char* kUseSecrets = "secrets.use";

struct SecretView {
  SecretInfo info;
  std::vector<SecretUse> uses;
};
Json to_json(const SecretView& view);  ///< Secret of the API description

/// What people do with secrets, the same for server actions and the command line. All of it is audited, without values.
class SecretControl {
 public:
  using Users = std::function<std::vector<SecretUser*>()>;
  SecretControl(SecretStore& store, Users users) : store_(store), users_(std::move(users)) {}
  Result<std::vector<SecretView>> list(Tx& tx, TenantId tenant);
  /// invalid SECRET_NAME_MALFORMED (field name), SECRET_TOO_SHORT, SECRET_TOO_LONG (field /value).
  Result<SecretView> put(Tx& tx, const TenantContext& who, const std::string& name, const std::string& value);
  /// not_found; conflict SECRET_IN_USE naming who refers to it, unless `force`.
  Status remove(Tx& tx, const TenantContext& who, const std::string& name, bool force);

 private:
  Result<std::vector<SecretUse>> uses(Tx& tx, TenantId tenant, const std::string& secret);
  SecretStore& store_;
  Users users_;
};

/// Whether `payload` may be saved with its references: each secret exists (invalid SECRET_UNKNOWN, with the nearest name)
/// and, where `stored` does not refer to it already, `who` may use secrets (forbidden MISSING_PERMISSION). The secrets
/// stay until the transaction ends. `field` names the payload in the request.
Status check_secrets(Tx& tx, SecretStore& store, const TenantContext& who, const Json& payload, const Json* stored, const std::string& field);

}  // namespace carillon
