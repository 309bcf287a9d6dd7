#include <gtest/gtest.h>

#include "web/http/rate_limiter.h"
#include "web/http/security.h"
#include "web/http/static_files.h"

namespace carillon::web {
namespace {

Request cookie_request(std::string method, std::vector<Headers::Field> fields) {
  Request request{.method = std::move(method), .target = "/"};
  request.headers.add("Host", "hub.example:8080");
  request.headers.add("Cookie", "carillon_session=1");
  for (auto& [name, value] : fields) request.headers.add(name, value);
  return request;
}

TEST(Csrf, ACookieAloneChangesNothing) {
  EXPECT_EQ(csrf_check(cookie_request("POST", {})).error().reason, "CSRF_REFUSED");
  EXPECT_FALSE(csrf_check(cookie_request("DELETE", {{"Origin", "https://evil.example"}})).has_value());
  EXPECT_FALSE(csrf_check(cookie_request("POST", {{"Origin", "null"}})).has_value());
  EXPECT_FALSE(csrf_check(cookie_request("POST", {{"Sec-Fetch-Site", "cross-site"}, {"X-Carillon-Csrf", "1"}})).has_value());
  EXPECT_FALSE(csrf_check(cookie_request("POST", {{"Sec-Fetch-Site", "same-site"}})).has_value());
  EXPECT_FALSE(csrf_check(cookie_request("POST", {{"Origin", "https://hub.example:8081"}})).has_value());
  EXPECT_FALSE(csrf_check(cookie_request("POST", {{"X-Carillon-Csrf", "0"}})).has_value());
}

TEST(Csrf, TheSitesOwnRequestsPass) {
  EXPECT_TRUE(csrf_check(cookie_request("GET", {})).has_value());
  EXPECT_TRUE(csrf_check(cookie_request("POST", {{"X-Carillon-Csrf", "1"}})).has_value());
  EXPECT_TRUE(csrf_check(cookie_request("POST", {{"Sec-Fetch-Site", "same-origin"}})).has_value());
  EXPECT_TRUE(csrf_check(cookie_request("POST", {{"Origin", "http://hub.example:8080"}})).has_value());
  EXPECT_TRUE(csrf_check(cookie_request("POST", {{"Authorization", "Bearer x"}})).has_value());
  const CorsPolicy cors{.origins = {"https://ops.example"}};
  EXPECT_TRUE(csrf_check(cookie_request("POST", {{"Origin", "https://ops.example"}, {"Sec-Fetch-Site", "cross-site"}}), cors).has_value());
}

TEST(Origin, AnUpgradeOnACookieNeedsThisOrigin) {
  EXPECT_EQ(origin_check(cookie_request("GET", {})).error().reason, "ORIGIN_REFUSED");
  EXPECT_FALSE(origin_check(cookie_request("GET", {{"Origin", "https://evil.example"}})).has_value());
  EXPECT_TRUE(origin_check(cookie_request("GET", {{"Origin", "https://HUB.example:8080"}})).has_value());
  EXPECT_TRUE(origin_check(cookie_request("GET", {{"Authorization", "Bearer x"}})).has_value());
}

TEST(Cors, IsClosedUnlessOpened) {
  Request request = cookie_request("OPTIONS", {{"Origin", "https://ops.example"}, {"Access-Control-Request-Method", "POST"}});
  const auto closed = cors_preflight({}, request, {"GET"});
  ASSERT_TRUE(closed.has_value());
  EXPECT_FALSE(closed->headers.has("Access-Control-Allow-Methods"));
  const CorsPolicy policy{.origins = {"https://ops.example"}};
  EXPECT_EQ(cors_preflight(policy, request, {"GET", "POST"})->headers.get("Access-Control-Allow-Methods"), "GET, POST");
  Response response;
  add_cors_headers({}, request, response);
  EXPECT_TRUE(response.headers.fields().empty());
  add_cors_headers(policy, request, response);
  EXPECT_EQ(response.headers.get("Access-Control-Allow-Origin"), "https://ops.example");
  Response other;
  request.headers.set("Origin", "https://evil.example");
  add_cors_headers(policy, request, other);
  EXPECT_FALSE(other.headers.has("Access-Control-Allow-Origin"));
  EXPECT_EQ(other.headers.get("Vary"), "Origin");
}

TEST(RateLimiter, FillsUpWithTime) {
  ManualClock clock(Instant{0});
  RateLimiter limiter({.per_second = 2, .burst = 3, .max_keys = 10}, clock);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limiter.take("a").count(), 0);
  EXPECT_EQ(limiter.take("a"), std::chrono::milliseconds(500));
  EXPECT_EQ(limiter.take("b").count(), 0);
  clock.advance(std::chrono::milliseconds(500));
  EXPECT_TRUE(limiter.check("a").has_value());
  const auto refused = limiter.check("a");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::rate_limited);
  limiter.reset("a");
  EXPECT_TRUE(limiter.check("a", 3).has_value());
  clock.advance(std::chrono::hours(1));
  EXPECT_FALSE(limiter.check("a", 3.5).has_value()) << "never more than the burst";
}

TEST(RateLimiter, ForgetsTheLongestUnusedKey) {
  ManualClock clock(Instant{0});
  RateLimiter limiter({.per_second = 1, .burst = 1, .max_keys = 2}, clock);
  for (const char* key : {"a", "b", "a"}) (void)limiter.take(key);
  (void)limiter.take("c");
  EXPECT_EQ(limiter.keys(), 2U);
  EXPECT_GT(limiter.take("a").count(), 0) << "used after b, so still remembered";
  EXPECT_EQ(limiter.take("b").count(), 0);
  for (int i = 0; i < 1000; ++i) (void)limiter.take("k" + std::to_string(i));
  EXPECT_EQ(limiter.keys(), 2U);
}

struct StaticFilesTest : ::testing::Test {
  Response get(std::string path, std::vector<Headers::Field> fields = {}) {
    Request request{.method = "GET", .target = path, .path = path};
    for (auto& [name, value] : fields) request.headers.add(name, value);
    return files.serve(request);
  }
  const std::vector<EmbeddedFile> blobs{
      {"/index.html", "<html data-theme=\"__THEME__\"><meta nonce=\"__CSP_NONCE__\"><style nonce=\"__CSP_NONCE__\">", {}, "00"},
      {"/assets/app-B7.js", "plain", "packed", "aabb"},
      {"/favicon.svg", "<svg/>", {}, "ccdd"}};
  std::unique_ptr<Rng> rng = make_seeded_rng(7);
  StaticFiles files{blobs, *rng};
};

TEST_F(StaticFilesTest, TheIndexHasAFreshNonceEachTime) {
  const Response first = get("/schedules/7"), second = get("/");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body.find("__CSP_NONCE__"), std::string::npos);
  const auto at = first.body.find("nonce=\"") + 7;
  const std::string nonce = first.body.substr(at, first.body.find('"', at) - at);
  EXPECT_EQ(nonce.size(), 32U);
  EXPECT_EQ(first.headers.get("Content-Security-Policy"),
            "default-src 'self'; script-src 'self'; style-src 'self' 'nonce-" + nonce +
                "'; img-src 'self' data:; connect-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'");
  EXPECT_NE(first.body, second.body);
  EXPECT_EQ(first.headers.get("Cache-Control"), "no-store");
}

TEST_F(StaticFilesTest, TheThemeIsTheCookieAndNothingElse) {
  EXPECT_NE(get("/", {{"Cookie", "theme=dark"}}).body.find("data-theme=\"dark\""), std::string::npos);
  EXPECT_NE(get("/", {{"Cookie", "theme=\"><script>"}}).body.find("data-theme=\"\""), std::string::npos);
}

TEST_F(StaticFilesTest, HashedFilesAreKeptAndCompressed) {
  const Response plain = get("/assets/app-B7.js");
  EXPECT_EQ(plain.content(), "plain");
  EXPECT_EQ(plain.headers.get("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(plain.headers.get("Content-Type"), "text/javascript; charset=utf-8");
  const Response packed = get("/assets/app-B7.js", {{"Accept-Encoding", "br, gzip;q=0.5"}});
  EXPECT_EQ(packed.content(), "packed");
  EXPECT_EQ(packed.headers.get("Content-Encoding"), "gzip");
  EXPECT_NE(packed.headers.get("ETag"), plain.headers.get("ETag"));
  EXPECT_EQ(get("/assets/app-B7.js", {{"Accept-Encoding", "gzip;q=0"}}).content(), "plain");
}

TEST_F(StaticFilesTest, KnowsWhatTheClientHas) {
  const std::string etag(get("/favicon.svg").headers.get("ETag"));
  const Response again = get("/favicon.svg", {{"If-None-Match", etag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_TRUE(again.content().empty());
  EXPECT_EQ(get("/favicon.svg", {{"If-None-Match", "\"other\""}}).status, 200);
}

TEST_F(StaticFilesTest, MissingFilesAreNotTheIndex) {
  EXPECT_EQ(get("/assets/old-A1.js").status, 404);
  EXPECT_EQ(get("/api/v1/nothing").status, 404);
  EXPECT_EQ(get("/index.html").headers.get("Content-Type"), "text/html; charset=utf-8");
}

TEST(StaticFilesUnbuilt, SaysHowToBuild) {
  const auto rng = make_seeded_rng(7);
  const StaticFiles files({}, *rng);
  const Response page = files.serve(Request{.method = "GET", .target = "/", .path = "/"});
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("npm"), std::string::npos);
  for (const auto& file : embedded_ui()) EXPECT_FALSE(file.path.empty());
}

}  // namespace
}  // namespace carillon::web
