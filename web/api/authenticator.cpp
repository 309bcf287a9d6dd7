#include "web/api/authenticator.h"

#include "web/auth/password.h"
#include "web/auth/secret.h"

namespace carillon::api {
namespace {

Error unauthenticated(const std::string& reason, const std::string& message, const std::string& remedy) {
  return Error{ErrorCode::unauthenticated, reason, message, "", "", remedy, {}};
}

}  // namespace

std::string make_tenant_token(Rng& rng, const std::string& prefix, TenantId tenant) {
  return prefix + tenant.to_string() + "." + auth::make_token(rng);
}

std::optional<TenantId> tenant_of_token(std::string_view token, std::string_view prefix) {
  if (!token.starts_with(prefix) || token.size() < prefix.size() + 37 || token[prefix.size() + 36] != '.') return std::nullopt;
  return TenantId::parse(token.substr(prefix.size(), 36));
}

Authenticator::Authenticator(Database& db, TenantStore& tenants, const RoleTable& roles, const auth::JwtCodec& jwt,
                             const Clock& clock, Rng& rng, IdSource& ids, Duration session_ttl)
    : db_(db), tenants_(tenants), roles_(roles), jwt_(jwt), rng_(rng), ids_(ids), session_ttl_(session_ttl),
      sign_in_limiter_({.per_second = 0.1, .burst = 10, .max_keys = 10'000}, clock) {}

Result<TenantContext> Authenticator::authenticate(const web::Request& request) {
  std::string_view bearer = request.bearer_token();
  if (bearer.starts_with(kApiKeyPrefix)) return by_token(std::string(bearer), request, true);
  if (!bearer.empty()) {
    CARILLON_TRY(auto context, by_jwt(bearer));
    context.request_id = request.request_id;
    context.locale = std::string(request.headers.get("Accept-Language").substr(0, 2));
    return context;
  }
  std::string cookie = request.cookie(kSessionCookie);
  if (cookie.empty())
    return unauthenticated("NOT_SIGNED_IN", "This needs a signed-in user or a token.",
                           "Sign in, or send a token as Authorization: Bearer.");
  return by_token(cookie, request, false);
}

Result<TenantContext> Authenticator::by_jwt(std::string_view token) {
  CARILLON_TRY(auto claims, jwt_.verify(token));
  auto tenant = TenantId::parse(claims.tenant);
  if (!tenant) return unauthenticated("TOKEN_CLAIMS", "The token's tenant is not an id.", "Get a new token.");
  TenantContext context;
  context.tenant = *tenant;
  context.actor = ActorId::parse(claims.subject).value_or(ActorId{});
  context.actor_name = claims.name.empty() ? claims.subject : claims.name;
  context.permissions = roles_.permissions_of(claims.roles);
  context.permissions.insert(claims.permissions.begin(), claims.permissions.end());
  return context;
}

Result<TenantContext> Authenticator::by_token(const std::string& token, const web::Request& request, bool api_key) {
  const Error refused = api_key ? unauthenticated("API_KEY_UNKNOWN", "The API key is not known.", "Make a new key in the settings.")
                                : unauthenticated("SESSION_ENDED", "The session has ended.", "Sign in again.");
  auto tenant = tenant_of_token(token, api_key ? kApiKeyPrefix : kSessionPrefix);
  if (!tenant) return refused;
  const std::string hash = auth::hash_token(token);
  return transact(db_, *tenant, [&](Tx& tx) -> Result<TenantContext> {
    ActorId actor_id;
    std::vector<std::string> roles;
    if (api_key) {
      CARILLON_TRY(auto key, tenants_.api_key_by_hash(tx, *tenant, hash));
      if (!key) return refused;
      actor_id = key->actor;
      if (!key->last_used_at || tx.now() - *key->last_used_at > std::chrono::minutes(1))
        CARILLON_CHECK(tenants_.touch_api_key(tx, *tenant, key->id));
    } else {
      CARILLON_TRY(auto session, tenants_.session(tx, *tenant, hash));
      if (!session) return refused;
      actor_id = session->actor;
    }
    CARILLON_TRY(auto actor, tenants_.actor(tx, *tenant, actor_id));
    if (!actor) return refused;
    TenantContext context;
    context.tenant = *tenant;
    context.actor = actor->id;
    context.actor_name = actor->name;
    context.permissions = roles_.permissions_of(actor->roles);
    context.request_id = request.request_id;
    context.locale = std::string(request.headers.get("Accept-Language").substr(0, 2));
    return context;
  });
}

Result<Authenticator::SignedIn> Authenticator::sign_in(const web::Request& request, const std::string& email, const std::string& password) {
  const std::string key = request.remote_address + " " + email;
  CARILLON_CHECK(sign_in_limiter_.check(key));
  CARILLON_TRY(auto actors, transact_system(db_, [&](Tx& tx) { return tenants_.actors_by_email(tx, email); }));
  const Actor* found = nullptr;
  for (const auto& actor : actors)
    if (!actor.password_hash.empty() && auth::verify_password(password, actor.password_hash)) {
      found = &actor;
      break;
    }
  if (actors.empty()) auth::pretend_to_verify(password);
  if (found == nullptr)
    return unauthenticated("SIGN_IN_REFUSED", "Email or password is wrong.", "Try again, or ask an admin of your tenant.");
  sign_in_limiter_.reset(key);
  SignedIn out;
  out.actor = *found;
  out.token = make_tenant_token(rng_, std::string(kSessionPrefix), found->tenant);
  CARILLON_CHECK(db_.in_tenant(found->tenant, [&](Tx& tx) -> Status {
    CARILLON_TRY(out.tenant, tenants_.tenant(tx, found->tenant));
    out.expires_at = tx.now() + session_ttl_;
    return tenants_.insert_session(tx, found->tenant, {ids_.next(), found->id, auth::hash_token(out.token), tx.now(), out.expires_at});
  }));
  return out;
}

Status Authenticator::sign_out(const web::Request& request) {
  const std::string cookie = request.cookie(kSessionCookie);
  auto tenant = tenant_of_token(cookie, kSessionPrefix);
  if (!tenant) return ok();
  return db_.in_tenant(*tenant, [&](Tx& tx) { return tenants_.delete_session(tx, *tenant, auth::hash_token(cookie)); });
}

Json Authenticator::session_json(const Actor& actor, const Tenant& tenant) {
  return {{"actor", {{"id", actor.id.to_string()}, {"name", actor.name}, {"email", actor.email}}},
          {"tenant", {{"id", tenant.id.to_string()}, {"name", tenant.name}, {"slug", tenant.slug}, {"default_zone", tenant.default_zone}}},
          {"roles", actor.roles},
          {"permissions", roles_.permissions_of(actor.roles)}};
}

Result<Json> Authenticator::session_view(const TenantContext& who) {
  return transact(db_, who.tenant, [&](Tx& tx) -> Result<Json> {
    CARILLON_TRY(auto tenant, tenants_.tenant(tx, who.tenant));
    CARILLON_TRY(auto actor, tenants_.actor(tx, who.tenant, who.actor));
    Actor shown = actor.value_or(Actor{who.actor, who.tenant, "host", who.actor_name, "", "", {}});
    Json out = session_json(shown, tenant);
    out["permissions"] = who.permissions;
    return out;
  });
}

}  // namespace carillon::api
