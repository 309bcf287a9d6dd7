#pragma once
#include "engine/storage/database.h"

namespace carillon {

/// The answer a key was given first.
struct KeptAnswer {
  std::uint64_t request_hash = 0;
  std::string body;  ///< JSON text
  std::optional<std::int64_t> revision;
};

/// Port: answers kept for 24 h under a caller's idempotency key.
class IdempotencyStore {
 public:
  virtual ~IdempotencyStore() = default;
  /// Takes the key for this transaction; the answer kept under it if there is one. Two calls with one key at once:
  /// the second waits for the first to end.
  virtual Result<std::optional<KeptAnswer>> take(Tx& tx, TenantId tenant, const std::string& key,
                                                 std::uint64_t request_hash) = 0;
  virtual Status keep(Tx& tx, TenantId tenant, const std::string& key, const KeptAnswer& answer) = 0;
};

}  // namespace carillon
