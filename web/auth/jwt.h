#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"

namespace carillon::auth {

/// A shared secret and the name tokens call it by ("kid", RFC 7515 section 4.1.4).
struct JwtKey {
  std::string kid;
  std::string secret;  ///< at least 32 bytes (RFC 7518 section 3.2)
};

struct JwtPolicy {
  std::string issuer;    ///< required "iss"; "" does not look
  std::string audience;  ///< required "aud" (or one of its entries); "" does not look
  Duration leeway = std::chrono::seconds(60);  ///< how far clocks may differ
};

/// What a token says. Names in the token: tenant, sub, name, roles, permissions, iat, nbf, exp.
struct Claims {
  std::string tenant;
  std::string subject;
  std::string name;
  std::vector<std::string> roles;
  std::vector<std::string> permissions;
  std::string kid;  ///< of the key that signed it; filled by verify()
  Instant issued_at;
  std::optional<Instant> not_before;
  Instant expires_at;
};

/// Signs and verifies JSON Web Tokens (RFC 7519) with HS256 and nothing else: `none` and every other algorithm are
/// refused whatever the token's header says. Keys are found by kid only; the first one signs. Immutable, thread-safe.
class JwtCodec {
 public:
  /// Fails with invalid: JWT_KEY_SHORT, JWT_KEY_NAME (empty or twice), JWT_NO_KEYS.
  static Result<JwtCodec> create(std::vector<JwtKey> keys, JwtPolicy policy, const Clock& clock);

  /// Fails with unauthenticated: TOKEN_MALFORMED, TOKEN_ALGORITHM, TOKEN_KEY_UNKNOWN, TOKEN_SIGNATURE, TOKEN_EXPIRED,
  /// TOKEN_NOT_YET_VALID, TOKEN_ISSUER, TOKEN_AUDIENCE, TOKEN_CLAIMS (no tenant, sub or exp, or of a wrong type).
  Result<Claims> verify(std::string_view token) const;

  /// iss and aud are the policy's; kid of the claims is ignored. Fails with invalid (TOKEN_CLAIMS) for empty tenant or
  /// subject.
  Result<std::string> sign(const Claims& claims) const;

 private:
  JwtCodec(std::vector<JwtKey> keys, JwtPolicy policy, const Clock& clock)
      : keys_(std::move(keys)), policy_(std::move(policy)), clock_(&clock) {}
  std::vector<JwtKey> keys_;
  JwtPolicy policy_;
  const Clock* clock_;
};

}  // namespace carillon::auth
