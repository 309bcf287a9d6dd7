// Who may come in: sessions, API keys, tokens.
#include <gtest/gtest.h>

#include "tests/support/hub_suite.h"
#include "web/auth/jwt.h"

using namespace carillon;
using namespace carillon::test;

namespace {

class Sessions : public HubSuite<Sessions> {
 protected:
  Api nobody = fixture->anonymous();
  std::unique_ptr<Clock> clock = make_system_clock();

  HttpAnswer sign_in(const std::string& password) const {
    return nobody.post("/api/v1/session", {{"email", tenant.email}, {"password", password}});
  }
  static std::string cookie_of(const HttpAnswer& answer) {
    const std::string set = answer.header("set-cookie");
    return set.substr(0, set.find(';'));
  }
  Api with(const std::string& token) const { return Api(nobody.port(), fixture->contract(), token); }
  std::string refusal(const std::string& token) const {
    const HttpAnswer answer = with(token).get("/api/v1/session");
    EXPECT_EQ(answer.status, 401) << answer.body;
    return answer.code();
  }
  std::string token(const std::string& kid, Duration ttl, const std::string& secret = kTestKeySecret) const {
    auto codec = auth::JwtCodec::create({{kid, secret}}, {"carillon", "", std::chrono::seconds(60)}, *clock);
    auth::Claims claims;
    claims.tenant = tenant.api.read("/api/v1/session")["tenant"]["id"];
    claims.subject = "somebody";
    claims.roles = {"viewer"};
    claims.issued_at = clock->now() - std::chrono::hours(2);
    claims.expires_at = clock->now() + ttl;
    return codec->sign(claims).value();
  }
};

}  // namespace

TEST_F(Sessions, SignInUseAndSignOut) {
  const HttpAnswer in = sign_in(kTestPassword);
  ASSERT_EQ(in.status, 201) << in.body;
  EXPECT_EQ(in.json()["tenant"]["slug"], tenant.slug);
  const std::string set = in.header("set-cookie");
  for (const char* part : {"HttpOnly", "SameSite=Lax", "Path=/"}) EXPECT_NE(set.find(part), std::string::npos) << set;
  const HeaderList cookie{{"Cookie", cookie_of(in)}};
  EXPECT_EQ(nobody.ask("GET", "/api/v1/session", "", cookie).json()["actor"]["email"], tenant.email);
  EXPECT_EQ(nobody.ask("GET", "/api/v1/schedules", "", cookie).status, 200);

  const HttpAnswer forged = nobody.ask("POST", "/api/v1/workflows", R"({"name":"x"})", {{"Cookie", cookie_of(in)}, {"Origin", "https://evil.example"}});
  EXPECT_EQ(forged.status, 403);
  EXPECT_EQ(forged.code(), "CSRF_REFUSED");
  EXPECT_EQ(nobody.ask("POST", "/api/v1/workflows", R"({"name":"x"})", cookie).status, 403);
  EXPECT_EQ(tenant.api.read("/api/v1/workflows")["total"], 0);
  HeaderList own = cookie;
  own.emplace_back("X-Carillon-Csrf", "1");
  EXPECT_EQ(nobody.ask("POST", "/api/v1/workflows", R"({"name":"x"})", own).status, 201);

  const HttpAnswer out = nobody.ask("DELETE", "/api/v1/session", "", own);
  EXPECT_EQ(out.status, 204);
  EXPECT_NE(out.header("set-cookie").find("Max-Age=0"), std::string::npos);
  const HttpAnswer after = nobody.ask("GET", "/api/v1/session", "", cookie);
  EXPECT_EQ(after.status, 401);
  EXPECT_EQ(after.code(), "SESSION_ENDED");
}

TEST_F(Sessions, TheCookieLivesAsLongAsTheSession) {
  const HttpAnswer in = sign_in(kTestPassword);
  const std::string set = in.header("set-cookie");
  const auto place = set.find("Max-Age=");
  ASSERT_NE(place, std::string::npos) << set;
  const std::int64_t seconds = std::stoll(set.substr(place + 8));
  const Duration left = *parse_instant(in.json()["expires_at"].get<std::string>()) - clock->now();
  EXPECT_NEAR(static_cast<double>(seconds), static_cast<double>(left.count()) / 1e6, 60);
}

TEST_F(Sessions, WrongPasswordsAreRefusedAndThenSlowedDown) {
  const HttpAnswer wrong = sign_in("wrong");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.code(), "SIGN_IN_REFUSED");
  const HttpAnswer unknown = nobody.post("/api/v1/session", {{"email", "nobody@example.com"}, {"password", "wrong"}});
  EXPECT_EQ(unknown.json()["detail"], wrong.json()["detail"]);
  int tries = 1;
  HttpAnswer answer = wrong;
  while (answer.status == 401 && tries < 30) {
    answer = sign_in("wrong");
    ++tries;
  }
  EXPECT_EQ(answer.status, 429) << answer.body;
  EXPECT_EQ(tries, 11);
  EXPECT_FALSE(answer.header("retry-after").empty());
  // Another account from the same place is not held up.
  const TestTenant other = fixture->tenant();
  EXPECT_EQ(nobody.post("/api/v1/session", {{"email", other.email}, {"password", kTestPassword}}).status, 201);
}

TEST_F(Sessions, AnApiKeyWorksUntilItIsDeleted) {
  const Json made = tenant.api.make("/api/v1/api-keys", {{"name", "CI"}, {"role", "editor"}});
  const Api key = with(made["secret"]);
  EXPECT_EQ(key.read("/api/v1/session")["actor"]["name"], "CI");
  EXPECT_EQ(key.post("/api/v1/workflows", {{"name", "By key"}}).status, 201);
  const Json listed = tenant.api.read("/api/v1/api-keys")["items"];
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_FALSE(listed[0].contains("secret"));
  EXPECT_FALSE(listed[0]["last_used_at"].is_null());
  EXPECT_TRUE(made["secret"].get<std::string>().starts_with(listed[0]["prefix"].get<std::string>()));
  EXPECT_EQ(fixture->sql("SELECT count(*) FROM api_keys WHERE secret_hash LIKE '%" + made["secret"].get<std::string>().substr(45) + "%'"), "0");
  EXPECT_EQ(tenant.api.remove("/api/v1/api-keys/" + made["id"].get<std::string>()).status, 204);
  EXPECT_EQ(refusal(made["secret"]), "API_KEY_UNKNOWN");
  EXPECT_EQ(tenant.api.remove("/api/v1/api-keys/" + made["id"].get<std::string>()).status, 404);
}

TEST_F(Sessions, OnlyTokensThatProveSomethingAreTaken) {
  EXPECT_EQ(with(token(kTestKeyId, std::chrono::hours(1))).get("/api/v1/schedules").status, 200);
  EXPECT_EQ(refusal(token("another", std::chrono::hours(1))), "TOKEN_KEY_UNKNOWN");
  EXPECT_EQ(refusal(token(kTestKeyId, std::chrono::hours(1), "ffffffffffffffffffffffffffffffff")), "TOKEN_SIGNATURE");
  EXPECT_EQ(refusal(token(kTestKeyId, -std::chrono::minutes(10))), "TOKEN_EXPIRED");
  // {"alg":"none","kid":"test","typ":"JWT"}
  const std::string good = token(kTestKeyId, std::chrono::hours(1));
  const std::string body = good.substr(good.find('.'), good.rfind('.') - good.find('.') + 1);
  EXPECT_EQ(refusal("eyJhbGciOiJub25lIiwia2lkIjoidGVzdCIsInR5cCI6IkpXVCJ9" + body), "TOKEN_ALGORITHM");
  EXPECT_EQ(refusal("not a token"), "TOKEN_MALFORMED");
  EXPECT_EQ(refusal("ck_" + std::string(80, 'x')), "API_KEY_UNKNOWN");
}
