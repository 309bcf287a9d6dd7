#pragma once
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/base/rng.h"

namespace carillon::auth {

/// Cost of argon2id. The default is the first choice of the OWASP password storage cheat sheet (19 MiB, two passes).
struct PasswordCost {
  unsigned memory_kib = 19 * 1024;
  unsigned passes = 2;
  unsigned lanes = 1;
};

/// The argon2id hash (RFC 9106) in its textual form with salt and cost: what is stored. Takes some 20 ms of CPU.
/// Fails with invalid: PASSWORD_EMPTY, PASSWORD_TOO_LONG (over 1,024 bytes).
Result<std::string> hash_password(std::string_view password, Rng& rng, const PasswordCost& cost = {});

/// Whether the password is the one of the hash; false for a hash that is none. Compares in constant time.
bool verify_password(std::string_view password, const std::string& hash);

/// Spends what verify_password would, for a name nobody has: the answer's time must not tell which names exist.
void pretend_to_verify(std::string_view password);

/// Whether a stored hash was made at another cost and should be made anew at the next sign-in.
bool needs_rehash(std::string_view hash, const PasswordCost& cost = {});

}  // namespace carillon::auth
