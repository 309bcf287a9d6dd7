#pragma once
#include <string>
#include <string_view>

#include "engine/base/rng.h"

namespace carillon::auth {

/// A new opaque secret (session, API key): `prefix` and 256 random bits in base64url. Shown once, stored as
/// hash_token(). The generator must be fit for secrets (make_system_rng()).
std::string make_token(Rng& rng, std::string_view prefix = "");

/// SHA-256 in lower-case hex: what is stored and looked up. A fast hash is right for 256 random bits, and wrong for
/// passwords.
std::string hash_token(std::string_view token);

/// Equality whose time depends on the lengths only.
bool constant_time_equal(std::string_view a, std::string_view b);

}  // namespace carillon::auth
