#include "web/auth/password.h"

#include <argon2.h>

#include <array>
#include <cstring>
#include <stdexcept>

namespace carillon::auth {
namespace {

constexpr std::size_t kMaxPasswordBytes = 1024;
constexpr std::size_t kSaltBytes = 16, kHashBytes = 32;

Error password_error(std::string reason, std::string message, std::string remedy) {
  return Error{.code = ErrorCode::invalid,
               .reason = std::move(reason),
               .message = std::move(message),
               .field = "/password",
               .value = "",
               .remedy = std::move(remedy),
               .violations = {}};
}

std::string argon2id(std::string_view password, std::string_view salt, const PasswordCost& cost) {
  std::string encoded(argon2_encodedlen(cost.passes, cost.memory_kib, cost.lanes, kSaltBytes, kHashBytes, Argon2_id), '\0');
  const int failed = argon2id_hash_encoded(cost.passes, cost.memory_kib, cost.lanes, password.data(), password.size(),
                                           salt.data(), salt.size(), kHashBytes, encoded.data(), encoded.size());
  if (failed != ARGON2_OK) throw std::runtime_error(std::string("argon2id: ") + argon2_error_message(failed));
  encoded.resize(std::strlen(encoded.c_str()));
  return encoded;
}

}  // namespace

Result<std::string> hash_password(std::string_view password, Rng& rng, const PasswordCost& cost) {
  if (password.empty()) return password_error("PASSWORD_EMPTY", "The password is empty.", "Choose one.");
  if (password.size() > kMaxPasswordBytes)
    return password_error("PASSWORD_TOO_LONG", "The password is over 1024 bytes.", "Choose a shorter one.");
  std::array<std::uint64_t, kSaltBytes / 8> words{};
  for (auto& word : words) word = rng.next();
  return argon2id(password, {reinterpret_cast<const char*>(words.data()), kSaltBytes}, cost);
}

bool verify_password(std::string_view password, const std::string& hash) {
  // Only argon2id: argon2_verify would take the weaker variants from a forged hash, too.
  if (password.size() > kMaxPasswordBytes || !hash.starts_with("$argon2id$")) return false;
  return argon2id_verify(hash.c_str(), password.data(), password.size()) == ARGON2_OK;
}

void pretend_to_verify(std::string_view password) {
  static constexpr std::string_view kSalt = "0123456789abcdef";
  (void)argon2id(password.substr(0, kMaxPasswordBytes), kSalt, {});
}

bool needs_rehash(std::string_view hash, const PasswordCost& cost) {
  const std::string current = "$argon2id$v=19$m=" + std::to_string(cost.memory_kib) + ",t=" + std::to_string(cost.passes) +
                              ",p=" + std::to_string(cost.lanes) + "$";
  return !hash.starts_with(current);
}

}  // namespace carillon::auth
