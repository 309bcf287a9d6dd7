#pragma once
#include <vector>

#include "engine/base/rng.h"
#include "web/app/config/config.h"
#include "web/auth/jwt.h"

namespace carillon {

/// The configured signing keys; without any, one that is made at the first start and kept in <home>/jwt.key (mode 0600).
Result<std::vector<auth::JwtKey>> signing_keys(const Config& config, Rng& rng);

}  // namespace carillon
