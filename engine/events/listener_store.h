#pragma once
#include "engine/storage/database.h"

namespace carillon {

/// Port: how far each listener has heard each tenant's change stream. System scope.
class ListenerStore {
 public:
  virtual ~ListenerStore() = default;
  /// Tenants whose stream is longer than what the listener has heard, any `limit` of them.
  virtual Result<std::vector<TenantId>> behind(Tx& tx, const std::string& listener, int limit) = 0;
  /// The last sequence number heard (0 before the first), held until the transaction ends; nothing while another
  /// transaction holds it.
  virtual Result<std::optional<std::int64_t>> take(Tx& tx, TenantId tenant, const std::string& listener) = 0;
  virtual Status move(Tx& tx, TenantId tenant, const std::string& listener, std::int64_t seq) = 0;
};

}  // namespace carillon
