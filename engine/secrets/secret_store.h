#pragma once
#include <map>
#include <set>
#include <span>

#include "engine/storage/database.h"

namespace carillon {

/// Shorter ones can be guessed, and could not be told from other text in what a server answers.
inline constexpr std::size_t kShortestSecret = 8;
inline constexpr std::size_t kLongestSecret = 32 * 1024;

/// A secret as lists show it; its value is never among it.
struct SecretInfo {
  std::string name;
  Instant created_at, updated_at;
  std::string updated_by;
};

struct SecretKey {
  TenantId tenant;
  std::string name;
  auto operator<=>(const SecretKey&) const = default;
};

/// Port: secrets of tenants, by name. Values go in, and come out for workers only.
class SecretStore {
 public:
  virtual ~SecretStore() = default;
  virtual Result<std::vector<SecretInfo>> list(Tx& tx, TenantId tenant) = 0;  ///< by name
  virtual Result<std::optional<SecretInfo>> find(Tx& tx, TenantId tenant, const std::string& name) = 0;
  /// Makes it or replaces its value; whether it is new. internal SECRET_KEY_FILE when it cannot be sealed.
  virtual Result<bool> put(Tx& tx, TenantId tenant, const std::string& name, const std::string& value, const std::string& by) = 0;
  /// Those of `names` that exist. None of them is removed until the transaction ends.
  virtual Result<std::set<std::string>> hold(Tx& tx, TenantId tenant, const std::set<std::string>& names) = 0;
  /// Waits for who holds it, and keeps others from holding it. Whether it exists.
  virtual Result<bool> lock(Tx& tx, TenantId tenant, const std::string& name) = 0;
  virtual Status remove(Tx& tx, TenantId tenant, const std::string& name) = 0;
  /// The values of those that exist; an Error (SECRET_UNREADABLE) for one that cannot be opened. System scope, for the
  /// step that needs them.
  virtual Result<std::map<SecretKey, Result<std::string>>> read(Tx& tx, std::span<const SecretKey> keys) = 0;
};

}  // namespace carillon
