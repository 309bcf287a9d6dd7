#pragma once
#include "engine/tenancy/tenant_store.h"
#include "web/auth/jwt.h"
#include "web/http/message.h"
#include "web/http/rate_limiter.h"

namespace carillon::api {

/// Makes a TenantContext out of what a request proves: a JWT or an API key as bearer, or the session cookie.
/// Thread-safe; blocks on the database for sessions and keys.
class Authenticator {
 public:
  Authenticator(Database& db, TenantStore& tenants, const RoleTable& roles, const auth::JwtCodec& jwt, const Clock& clock,
                Rng& rng, IdSource& ids, Duration session_ttl);

  /// unauthenticated: NOT_SIGNED_IN, SESSION_ENDED, API_KEY_UNKNOWN, or a reason of JwtCodec::verify.
  Result<TenantContext> authenticate(const web::Request& request);

  struct SignedIn {
    std::string token;  ///< the cookie's value
    Instant expires_at;
    Actor actor;
    Tenant tenant;
  };
  /// unauthenticated SIGN_IN_REFUSED, which does not tell which of the two was wrong; rate_limited after ten tries.
  Result<SignedIn> sign_in(const web::Request& request, const std::string& email, const std::string& password);
  Status sign_out(const web::Request& request);
  /// What GET /session shows of a context.
  Result<Json> session_view(const TenantContext& who);
  Duration session_ttl() const { return session_ttl_; }
  Json session_json(const Actor& actor, const Tenant& tenant);

 private:
  Result<TenantContext> by_token(const std::string& token, const web::Request& request, bool api_key);
  Result<TenantContext> by_jwt(std::string_view token);
  Database& db_;
  TenantStore& tenants_;
  const RoleTable& roles_;
  const auth::JwtCodec& jwt_;
  Rng& rng_;
  IdSource& ids_;
  Duration session_ttl_;
  web::RateLimiter sign_in_limiter_;
};

/// "<prefix><tenant id>.<secret>": the tenant in front lets the look-up stay inside row-level security.
std::string make_tenant_token(Rng& rng, const std::string& prefix, TenantId tenant);
std::optional<TenantId> tenant_of_token(std::string_view token, std::string_view prefix);
inline constexpr std::string_view kApiKeyPrefix = "ck_";
inline constexpr std::string_view kSessionPrefix = "cs_";
inline constexpr const char* kSessionCookie = "carillon_session";

}  // namespace carillon::api
