#include "web/auth/jwt.h"

#include <jwt.h>

#include <cstdlib>

#include "engine/base/json.h"

namespace carillon::auth {
namespace {

constexpr std::size_t kMinSecretBytes = 32;
constexpr std::size_t kMaxTokenBytes = 8192;

struct JwtFree {
  void operator()(jwt_t* jwt) const { jwt_free(jwt); }
};
using JwtPtr = std::unique_ptr<jwt_t, JwtFree>;

Error token_error(std::string reason, std::string message, std::string remedy = "Sign in again, or use a current token.") {
  return Error{.code = ErrorCode::unauthenticated,
               .reason = std::move(reason),
               .message = std::move(message),
               .field = "Authorization",
               .value = "",
               .remedy = std::move(remedy),
               .violations = {}};
}

Error key_error(std::string reason, std::string message, std::string kid, std::string remedy) {
  return Error{.code = ErrorCode::invalid,
               .reason = std::move(reason),
               .message = std::move(message),
               .field = "",
               .value = std::move(kid),
               .remedy = std::move(remedy),
               .violations = {}};
}

JwtPtr decode_token(const std::string& token, const std::string* secret) {
  jwt_t* jwt = nullptr;
  const auto* key = secret == nullptr ? nullptr : reinterpret_cast<const unsigned char*>(secret->data());
  const int failed = jwt_decode(&jwt, token.c_str(), key, secret == nullptr ? 0 : static_cast<int>(secret->size()));
  return JwtPtr(failed == 0 ? jwt : nullptr);
}

/// What is in the token as JSON; libjwt's own getters cannot tell a missing claim from one of another type.
Result<Json> claims_json(jwt_t* jwt) {
  std::unique_ptr<char, void (*)(void*)> text(jwt_get_grants_json(jwt, nullptr), std::free);
  if (!text) return token_error("TOKEN_MALFORMED", "The token has no claims.");
  auto parsed = parse_json(text.get(), {.bytes = kMaxTokenBytes, .depth = 8});
  if (!parsed || !parsed->is_object()) return token_error("TOKEN_MALFORMED", "The token's claims are not a JSON object.");
  return parsed;
}

Result<std::string> text_claim(const Json& claims, const char* name, bool required) {
  const auto found = claims.find(name);
  if (found == claims.end() && !required) return std::string();
  if (found == claims.end() || !found->is_string() || (required && found->get_ref<const std::string&>().empty()))
    return token_error("TOKEN_CLAIMS", std::string("The claim \"") + name + "\" is missing or no text.");
  return found->get<std::string>();
}

Result<std::optional<Instant>> time_claim(const Json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end()) return std::optional<Instant>();
  // Year 9999: what is later would overflow the microseconds.
  if (!found->is_number() || found->get<double>() < 0 || found->get<double>() > 253402300799.0)
    return token_error("TOKEN_CLAIMS", std::string("The claim \"") + name + "\" is no point in time.");
  return std::optional<Instant>(Instant::from_seconds(static_cast<std::int64_t>(found->get<double>())));
}

Result<std::vector<std::string>> list_claim(const Json& claims, const char* name) {
  std::vector<std::string> out;
  const auto found = claims.find(name);
  if (found == claims.end()) return out;
  if (found->is_array())
    for (const auto& entry : *found)
      if (entry.is_string()) out.push_back(entry.get<std::string>());
  if (!found->is_array() || out.size() != found->size())
    return token_error("TOKEN_CLAIMS", std::string("The claim \"") + name + "\" is no list of texts.");
  return out;
}

Result<Claims> read_claims(const Json& json) {
  Claims out;
  CARILLON_TRY(out.tenant, text_claim(json, "tenant", true));
  CARILLON_TRY(out.subject, text_claim(json, "sub", true));
  CARILLON_TRY(out.name, text_claim(json, "name", false));
  CARILLON_TRY(out.roles, list_claim(json, "roles"));
  CARILLON_TRY(out.permissions, list_claim(json, "permissions"));
  CARILLON_TRY(const auto issued, time_claim(json, "iat"));
  CARILLON_TRY(out.not_before, time_claim(json, "nbf"));
  CARILLON_TRY(const auto expires, time_claim(json, "exp"));
  if (!expires) return token_error("TOKEN_CLAIMS", "The token does not say when it expires (\"exp\").");
  out.issued_at = issued.value_or(Instant{});
  out.expires_at = *expires;
  return out;
}

Status check_times(const Claims& claims, Instant now, Duration leeway) {
  if (now >= claims.expires_at + leeway) return token_error("TOKEN_EXPIRED", "The token has expired.");
  const Instant from = std::max(claims.issued_at, claims.not_before.value_or(Instant{}));
  if (now + leeway < from)
    return token_error("TOKEN_NOT_YET_VALID", "The token is not valid yet.", "Check the clock of whoever made it.");
  return ok();
}

Status check_parties(const Json& json, const JwtPolicy& policy) {
  if (!policy.issuer.empty() && json.value("iss", Json()) != policy.issuer)
    return token_error("TOKEN_ISSUER", "The token is from another issuer.");
  if (policy.audience.empty()) return ok();
  const Json audience = json.value("aud", Json());
  const bool listed = audience.is_array() && std::find(audience.begin(), audience.end(), Json(policy.audience)) != audience.end();
  if (audience != policy.audience && !listed) return token_error("TOKEN_AUDIENCE", "The token is meant for somebody else.");
  return ok();
}

}  // namespace

Result<JwtCodec> JwtCodec::create(std::vector<JwtKey> keys, JwtPolicy policy, const Clock& clock) {
  if (keys.empty()) return key_error("JWT_NO_KEYS", "There is no key to sign or verify with.", "", "Configure at least one.");
  std::set<std::string_view> names;
  for (const auto& key : keys) {
    if (key.kid.empty() || !names.insert(key.kid).second)
      return key_error("JWT_KEY_NAME", "A key has no name, or one that is there twice.", key.kid, "Give each key its own kid.");
    if (key.secret.size() < kMinSecretBytes)
      return key_error("JWT_KEY_SHORT", "A key is shorter than 32 bytes.", key.kid, "Make one with 32 random bytes or more.");
  }
  return JwtCodec(std::move(keys), std::move(policy), clock);
}

Result<Claims> JwtCodec::verify(std::string_view token) const {
  // libjwt reads a C string: what follows a NUL would go unchecked.
  if (token.empty() || token.size() > kMaxTokenBytes || token.find('\0') != std::string_view::npos ||
      std::count(token.begin(), token.end(), '.') != 2)
    return token_error("TOKEN_MALFORMED", "This is no signed JSON Web Token.");
  const std::string text(token);
  // First without a key, only to learn which key and algorithm the header names. Nothing of this reading is trusted.
  const JwtPtr unverified = decode_token(text, nullptr);
  if (!unverified) return token_error("TOKEN_MALFORMED", "This is no signed JSON Web Token.");
  const char* algorithm = jwt_get_header(unverified.get(), "alg");
  if (algorithm == nullptr || std::string_view(algorithm) != "HS256")
    return token_error("TOKEN_ALGORITHM", "The token is not signed with HS256.", "Have it signed with HS256.");
  const char* kid = jwt_get_header(unverified.get(), "kid");
  const auto key = std::find_if(keys_.begin(), keys_.end(), [&](const JwtKey& one) { return kid != nullptr && one.kid == kid; });
  if (key == keys_.end()) return token_error("TOKEN_KEY_UNKNOWN", "The token names no key this hub knows.");
  const JwtPtr verified = decode_token(text, &key->secret);
  if (!verified || jwt_get_alg(verified.get()) != JWT_ALG_HS256)
    return token_error("TOKEN_SIGNATURE", "The token's signature is not right.");
  CARILLON_TRY(const Json json, claims_json(verified.get()));
  CARILLON_TRY(Claims claims, read_claims(json));
  CARILLON_CHECK(check_times(claims, clock_->now(), policy_.leeway));
  CARILLON_CHECK(check_parties(json, policy_));
  claims.kid = key->kid;
  return claims;
}

Result<std::string> JwtCodec::sign(const Claims& claims) const {
  if (claims.tenant.empty() || claims.subject.empty())
    return key_error("TOKEN_CLAIMS", "A token needs a tenant and a subject.", "", "Give both.");
  Json json = {{"tenant", claims.tenant},
               {"sub", claims.subject},
               {"roles", claims.roles},
               {"permissions", claims.permissions},
               {"iat", claims.issued_at.seconds()},
               {"exp", claims.expires_at.seconds()}};
  if (!claims.name.empty()) json["name"] = claims.name;
  if (claims.not_before) json["nbf"] = claims.not_before->seconds();
  if (!policy_.issuer.empty()) json["iss"] = policy_.issuer;
  if (!policy_.audience.empty()) json["aud"] = policy_.audience;
  const JwtKey& key = keys_.front();
  jwt_t* raw = nullptr;
  if (jwt_new(&raw) != 0) throw std::bad_alloc();
  const JwtPtr jwt(raw);
  const auto* secret = reinterpret_cast<const unsigned char*>(key.secret.data());
  if (jwt_add_grants_json(raw, dump_json(json).c_str()) != 0 || jwt_add_header(raw, "kid", key.kid.c_str()) != 0 ||
      jwt_set_alg(raw, JWT_ALG_HS256, secret, static_cast<int>(key.secret.size())) != 0)
    return key_error("TOKEN_CLAIMS", "The claims cannot be written as a token.", "", "Use valid UTF-8.");
  std::unique_ptr<char, void (*)(void*)> text(jwt_encode_str(raw), std::free);
  if (!text) throw std::runtime_error("libjwt could not encode a token");
  return std::string(text.get());
}

}  // namespace carillon::auth
