#pragma once
#include <string>

#include "engine/base/ids.h"
#include "persistence/secrets/key_file.h"

namespace carillon {

/// A secret as the database keeps it; base64 texts.
struct SealedSecret {
  std::string key_id;
  std::string wrapped;  ///< the secret's own key under the hub's key
  std::string sealed;   ///< the value under the secret's own key
};

/// Envelope encryption with AES-256-GCM (NIST SP 800-38D): each value has a random key of its own, which is kept under
/// the hub's current key. Nonces are 96 random bits, used once a key; tags 128 bits. Tenant and name are authenticated
/// with both, so that a row copied to another place does not open. Thread-safe.
class SecretVault {
 public:
  explicit SecretVault(KeyFile& keys) : keys_(keys) {}
  Result<SealedSecret> seal(TenantId tenant, const std::string& name, const std::string& value);
  /// internal SECRET_UNREADABLE when it was sealed elsewhere or changed; SECRET_KEY_UNKNOWN.
  Result<std::string> open(TenantId tenant, const std::string& name, const SealedSecret& secret);
  /// The same secret under the current key. The value is not opened.
  Result<SealedSecret> rewrap(TenantId tenant, const std::string& name, const SealedSecret& secret);

 private:
  KeyFile& keys_;
};

}  // namespace carillon
