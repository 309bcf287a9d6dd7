#pragma once
#include <map>
#include <span>

#include "engine/storage/database.h"

namespace carillon {

/// What a tenant hides by the names of members, see KeyPatterns.
struct RedactionSettings {
  std::vector<std::string> patterns;
  std::int64_t revision = 0;  ///< 0: never set
  std::optional<Instant> updated_at;
  std::string updated_by;
};

/// Port: one row a tenant.
class RedactionStore {
 public:
  virtual ~RedactionStore() = default;
  /// With revision 0 where nothing was set.
  virtual Result<RedactionSettings> settings(Tx& tx, TenantId tenant) = 0;
  /// Writes the revision after the one that is stored; precondition_failed REVISION_CHANGED where another one is.
  virtual Status put(Tx& tx, TenantId tenant, const RedactionSettings& settings) = 0;
  /// Patterns of those of the tenants that have any. System scope.
  virtual Result<std::map<TenantId, std::vector<std::string>>> patterns(Tx& tx, std::span<const TenantId> tenants) = 0;
};

}  // namespace carillon
