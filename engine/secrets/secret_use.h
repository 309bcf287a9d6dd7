#pragma once
#include "engine/storage/database.h"

namespace carillon {

/// One thing that refers to a secret.
struct SecretUse {
  std::string secret;
  std::string type;  ///< "schedule"
  Uuid id;
  std::string name;           ///< of the thing
  std::string workflow_name;  ///< "" if it has none
};

/// Says where a plugin's things refer to secrets.
class SecretUser {
 public:
  virtual ~SecretUser() = default;
  /// Uses of one secret (of any for ""), the first `limit` things by name.
  virtual Result<std::vector<SecretUse>> uses(Tx& tx, TenantId tenant, const std::string& secret, int limit) = 0;
};

}  // namespace carillon
