#include "web/app/hub/keys.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace carillon {

Result<std::vector<auth::JwtKey>> signing_keys(const Config& config, Rng& rng) {
  std::vector<auth::JwtKey> keys;
  for (const auto& key : config.jwt_keys) keys.push_back({key.id, key.secret});
  if (!keys.empty()) return keys;
  const auto path = std::filesystem::path(config.home) / "jwt.key";
  std::string secret;
  if (std::ifstream in(path); in) std::getline(in, secret);
  if (secret.size() < 32) {
    secret = random_hex(rng, 32);
    std::error_code ignored;
    std::filesystem::create_directories(config.home, ignored);
    const auto fresh = path.string() + ".new";
    const mode_t old = umask(0077);
    std::ofstream out(fresh, std::ios::trunc);
    umask(old);
    out << secret << "\n";
    out.close();
    std::error_code failed;
    std::filesystem::rename(fresh, path, failed);
    if (!out || failed)
      return Error{ErrorCode::internal, "JWT_KEY_FILE", "The signing key cannot be kept in " + path.string() + ".", "jwt.keys", path.string(),
                   "Make the folder writable, or set jwt.keys.", {}};
  }
  keys.push_back({"local", secret});
  return keys;
}

}  // namespace carillon
