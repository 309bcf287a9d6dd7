#include <gtest/gtest.h>
#include <openssl/hmac.h>

#include "engine/base/json.h"
#include "web/auth/jwt.h"
#include "web/auth/password.h"
#include "web/auth/secret.h"

namespace carillon::auth {
namespace {

const std::string kSecret(32, 's'), kOther(32, 'o');
constexpr Instant kNow = Instant::from_seconds(1'800'000'000);

std::string base64url(std::string_view bytes) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  unsigned bits = 0, held = 0;
  for (const char c : bytes) {
    held = held << 8 | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6; bits -= 6) out += kDigits[held >> (bits - 6) & 63];
  }
  if (bits > 0) out += kDigits[held << (6 - bits) & 63];
  return out;
}

/// A token made without the code under test.
std::string forge(const std::string& header, const std::string& claims, const std::string& secret, const EVP_MD* digest = EVP_sha256()) {
  const std::string body = base64url(header) + "." + base64url(claims);
  unsigned char mac[64];
  unsigned length = 0;
  HMAC(digest, secret.data(), static_cast<int>(secret.size()), reinterpret_cast<const unsigned char*>(body.data()), body.size(), mac, &length);
  return body + "." + base64url({reinterpret_cast<const char*>(mac), length});
}

constexpr const char* kHeader = R"({"alg":"HS256","typ":"JWT","kid":"a"})";

struct JwtTest : ::testing::Test {
  static JwtCodec make(const Clock& clock, JwtPolicy policy = {}, std::vector<JwtKey> keys = {{"a", kSecret}, {"b", kOther}}) {
    return JwtCodec::create(std::move(keys), std::move(policy), clock).value();
  }
  static Claims claims() {
    Claims out;
    out.tenant = "acme";
    out.subject = "u1";
    out.name = "Ünal";
    out.roles = {"admin"};
    out.permissions = {"schedules.manage"};
    out.issued_at = kNow;
    out.expires_at = kNow + std::chrono::hours(1);
    return out;
  }
  std::string reason(const std::string& token) {
    const auto result = codec.verify(token);
    return result ? "" : result.error().reason;
  }
  std::string reason_of_claims(const std::string& json) { return reason(forge(kHeader, json, kSecret)); }
  ManualClock clock{kNow};
  JwtCodec codec = make(clock);
};

TEST_F(JwtTest, SignedIsVerified) {
  const auto token = codec.sign(claims());
  ASSERT_TRUE(token.has_value());
  const auto back = codec.verify(*token);
  ASSERT_TRUE(back.has_value()) << back.error().message;
  EXPECT_EQ(back->tenant, "acme");
  EXPECT_EQ(back->subject, "u1");
  EXPECT_EQ(back->name, "Ünal");
  EXPECT_EQ(back->roles, std::vector<std::string>{"admin"});
  EXPECT_EQ(back->permissions, std::vector<std::string>{"schedules.manage"});
  EXPECT_EQ(back->kid, "a");
  EXPECT_EQ(back->expires_at, kNow + std::chrono::hours(1));
}

TEST_F(JwtTest, TakesATokenMadeElsewhere) {
  EXPECT_EQ(reason_of_claims(R"({"tenant":"t","sub":"s","exp":1800000100})"), "");
  EXPECT_EQ(reason(forge(R"({"alg":"HS256","kid":"b"})", R"({"tenant":"t","sub":"s","exp":1800000100})", kOther)), "");
}

TEST_F(JwtTest, EveryChangedByteIsSeen) {
  const std::string token = codec.sign(claims()).value();
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    // The last digit of the signature carries two unused bits; a change of the highest bit always counts.
    changed[i] = changed[i] == 'A' ? 'z' : 'A';
    EXPECT_FALSE(codec.verify(changed).has_value()) << i;
  }
  for (std::size_t i = 0; i < token.size(); i += 7) EXPECT_FALSE(codec.verify(token.substr(0, i)).has_value()) << i;
  EXPECT_FALSE(codec.verify(token + std::string(1, '\0') + "x").has_value());
}

TEST_F(JwtTest, NoOtherAlgorithm) {
  const std::string good = R"({"tenant":"t","sub":"s","exp":1800000100})";
  const std::string none = base64url(R"({"alg":"none","kid":"a"})") + "." + base64url(good) + ".";
  EXPECT_EQ(reason(none), "TOKEN_ALGORITHM");
  EXPECT_FALSE(codec.verify(base64url(R"({"alg":"None","kid":"a"})") + "." + base64url(good) + ".").has_value());
  EXPECT_EQ(reason(forge(R"({"alg":"HS512","kid":"a"})", good, kSecret, EVP_sha512())), "TOKEN_ALGORITHM");
  EXPECT_EQ(reason(forge(R"({"alg":"RS256","kid":"a"})", good, kSecret)), "TOKEN_ALGORITHM");
  EXPECT_NE(reason(forge(R"({"kid":"a"})", good, kSecret)), "");
}

TEST_F(JwtTest, KeysAreFoundByNameOnly) {
  const std::string good = R"({"tenant":"t","sub":"s","exp":1800000100})";
  EXPECT_EQ(reason(forge(R"({"alg":"HS256","kid":"b"})", good, kSecret)), "TOKEN_SIGNATURE");
  EXPECT_EQ(reason(forge(R"({"alg":"HS256","kid":"c"})", good, kSecret)), "TOKEN_KEY_UNKNOWN");
  EXPECT_EQ(reason(forge(R"({"alg":"HS256"})", good, kSecret)), "TOKEN_KEY_UNKNOWN");
}

TEST_F(JwtTest, TimesHaveSixtySecondsOfLeeway) {
  const std::string token = codec.sign(claims()).value();
  clock.set(kNow + std::chrono::hours(1) + std::chrono::seconds(59));
  EXPECT_EQ(reason(token), "");
  clock.set(kNow + std::chrono::hours(1) + std::chrono::seconds(60));
  EXPECT_EQ(reason(token), "TOKEN_EXPIRED");
  clock.set(kNow - std::chrono::seconds(60));
  EXPECT_EQ(reason(token), "");
  clock.set(kNow - std::chrono::seconds(61));
  EXPECT_EQ(reason(token), "TOKEN_NOT_YET_VALID");
  clock.set(kNow);
  EXPECT_EQ(reason_of_claims(R"({"tenant":"t","sub":"s","exp":1800000100,"nbf":1800000061})"), "TOKEN_NOT_YET_VALID");
}

TEST_F(JwtTest, ClaimsMustBeWhole) {
  EXPECT_EQ(reason_of_claims(R"({"tenant":"t","sub":"s"})"), "TOKEN_CLAIMS");
  EXPECT_EQ(reason_of_claims(R"({"tenant":"","sub":"s","exp":1800000100})"), "TOKEN_CLAIMS");
  EXPECT_EQ(reason_of_claims(R"({"tenant":7,"sub":"s","exp":1800000100})"), "TOKEN_CLAIMS");
  EXPECT_EQ(reason_of_claims(R"({"tenant":"t","exp":1800000100})"), "TOKEN_CLAIMS");
  EXPECT_EQ(reason_of_claims(R"({"tenant":"t","sub":"s","exp":"later"})"), "TOKEN_CLAIMS");
  EXPECT_EQ(reason_of_claims(R"({"tenant":"t","sub":"s","exp":1e300})"), "TOKEN_CLAIMS");
  EXPECT_EQ(reason_of_claims(R"({"tenant":"t","sub":"s","exp":1800000100,"roles":"admin"})"), "TOKEN_CLAIMS");
  EXPECT_EQ(reason_of_claims(R"({"tenant":"t","sub":"s","exp":1800000100,"roles":[1]})"), "TOKEN_CLAIMS");
}

TEST_F(JwtTest, NoiseIsMalformed) {
  for (const std::string noise : {"", ".", "..", "a.b.c", "a.b", "a.b.c.d", "{}"}) EXPECT_NE(reason(noise), "") << noise;
  EXPECT_EQ(reason(std::string(10'000, 'a')), "TOKEN_MALFORMED");
}

TEST_F(JwtTest, IssuerAndAudienceWhereAsked) {
  const JwtCodec strict = make(clock, {.issuer = "hub", .audience = "api"});
  EXPECT_TRUE(strict.verify(strict.sign(claims()).value()).has_value());
  EXPECT_EQ(strict.verify(codec.sign(claims()).value()).error().reason, "TOKEN_ISSUER");
  const auto with = [](const std::string& aud) {
    return forge(kHeader, R"({"tenant":"t","sub":"s","exp":1800000100,"iss":"hub","aud":)" + aud + "}", kSecret);
  };
  EXPECT_TRUE(strict.verify(with(R"(["x","api"])")).has_value());
  EXPECT_EQ(strict.verify(with(R"(["x"])")).error().reason, "TOKEN_AUDIENCE");
  EXPECT_EQ(strict.verify(with("7")).error().reason, "TOKEN_AUDIENCE");
}

TEST_F(JwtTest, KeysAreChecked) {
  EXPECT_EQ(JwtCodec::create({}, {}, clock).error().reason, "JWT_NO_KEYS");
  EXPECT_EQ(JwtCodec::create({{"a", "short"}}, {}, clock).error().reason, "JWT_KEY_SHORT");
  EXPECT_EQ(JwtCodec::create({{"", kSecret}}, {}, clock).error().reason, "JWT_KEY_NAME");
  EXPECT_EQ(JwtCodec::create({{"a", kSecret}, {"a", kOther}}, {}, clock).error().reason, "JWT_KEY_NAME");
}

constexpr PasswordCost kCheap{.memory_kib = 64, .passes = 1, .lanes = 1};

TEST(Password, OnlyTheRightOneFits) {
  const auto rng = make_system_rng();
  const std::string hash = hash_password("correct horse", *rng, kCheap).value();
  EXPECT_TRUE(hash.starts_with("$argon2id$"));
  EXPECT_TRUE(verify_password("correct horse", hash));
  EXPECT_FALSE(verify_password("correct horsf", hash));
  EXPECT_FALSE(verify_password("", hash));
  EXPECT_NE(hash, hash_password("correct horse", *rng, kCheap).value()) << "the salt is new each time";
  EXPECT_TRUE(verify_password(std::string("a\0b", 3), hash_password(std::string("a\0b", 3), *rng, kCheap).value()));
  EXPECT_FALSE(verify_password("a", hash_password(std::string("a\0b", 3), *rng, kCheap).value()));
}

TEST(Password, ForgedAndChangedHashesDoNotFit) {
  const auto rng = make_system_rng();
  std::string hash = hash_password("p", *rng, kCheap).value();
  EXPECT_FALSE(verify_password("p", ""));
  EXPECT_FALSE(verify_password("p", "p"));
  EXPECT_FALSE(verify_password("p", "$argon2id$"));
  EXPECT_FALSE(verify_password("p", "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$AAAA"));
  hash[hash.size() - 5] = hash[hash.size() - 5] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(verify_password("p", hash));
}

TEST(Password, LimitsAndCost) {
  const auto rng = make_system_rng();
  EXPECT_EQ(hash_password("", *rng, kCheap).error().reason, "PASSWORD_EMPTY");
  EXPECT_EQ(hash_password(std::string(1025, 'x'), *rng, kCheap).error().reason, "PASSWORD_TOO_LONG");
  const std::string cheap = hash_password("p", *rng, kCheap).value();
  EXPECT_FALSE(needs_rehash(cheap, kCheap));
  EXPECT_TRUE(needs_rehash(cheap));
  EXPECT_NO_THROW(pretend_to_verify("p"));
}

TEST(Secret, TokensAreLongAndDifferent) {
  const auto rng = make_system_rng();
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(make_token(*rng, "ck_"));
  EXPECT_EQ(seen.size(), 1000U);
  EXPECT_EQ(seen.begin()->size(), 46U);
  EXPECT_TRUE(seen.begin()->starts_with("ck_"));
}

TEST(Secret, HashIsSha256) {
  // FIPS 180-4, the example "abc".
  EXPECT_EQ(hash_token("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hash_token("").size(), 64U);
}

TEST(Secret, ComparesWhole) {
  EXPECT_TRUE(constant_time_equal("abc", "abc"));
  EXPECT_TRUE(constant_time_equal("", ""));
  EXPECT_FALSE(constant_time_equal("abc", "abd"));
  EXPECT_FALSE(constant_time_equal("abc", "ab"));
}

}  // namespace
}  // namespace carillon::auth
