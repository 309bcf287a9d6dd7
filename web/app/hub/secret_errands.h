#pragma once
#include <filesystem>
#include <string>

#include "engine/base/log.h"
#include "engine/secrets/secret_control.h"

namespace carillon {

/// `carillon secrets …`, straight on the database; a hub may run meanwhile.
struct SecretErrand {
  std::string database_url;
  std::filesystem::path key_file;
  std::string tenant;  ///< slug
};

/// As SecretControl says; audited as done by "operator".
Result<SecretView> put_secret(const SecretErrand& errand, const std::string& name, const std::string& value, Logger& log);
Result<std::vector<SecretView>> list_secrets(const SecretErrand& errand, Logger& log);
Status delete_secret(const SecretErrand& errand, const std::string& name, bool force, Logger& log);

struct Rotation {
  std::string key_id;
  std::int64_t secrets = 0;  ///< now under it, of all tenants
};
/// A new key for all secrets of all tenants. Safe to repeat, and after an interruption.
Result<Rotation> rotate_secrets(const SecretErrand& errand, Logger& log);

}  // namespace carillon
