#include "web/http/router.h"

#include <gtest/gtest.h>

namespace carillon::web {
namespace {

Handler answers(std::string text) {
  return [text](const Request&, const PathParams&) { return text_response(text); };
}

struct RouterTest : ::testing::Test {
  void SetUp() override {
    router.add("GET /api/v1/schedules", answers("list"));
    router.add("POST /api/v1/schedules", answers("create"));
    router.add("GET /api/v1/schedules/{id}", answers("get"));
    router.add("POST /api/v1/schedules/preview", answers("preview"));
    router.add("POST /api/v1/schedules/{id}/pause", answers("pause"));
    router.add("GET /api/v1/workflows/{id}/versions/{number}", answers("version"));
    router.add("GET /", answers("root"));
  }
  Router router;
};

TEST_F(RouterTest, FindsLiteralsAndParameters) {
  const auto match = router.find("GET", "/api/v1/workflows/w%201/versions/7");
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.route->pattern, "/api/v1/workflows/{id}/versions/{number}");
  EXPECT_EQ(match.params.get("id"), "w 1");
  EXPECT_EQ(match.params.get("number"), "7");
  EXPECT_EQ(match.params.get("other"), "");
  EXPECT_EQ(router.find("GET", "/").route->pattern, "/");
}

TEST_F(RouterTest, AnEncodedSlashStaysInsideItsSegment) {
  const auto match = router.find("GET", "/api/v1/schedules/a%2Fb");
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.params.get("id"), "a/b");
}

TEST_F(RouterTest, UnknownPathsHaveNoMethods) {
  for (const char* path : {"/api/v1/nothing", "/api/v1/schedules/1/pause/x", "/api/v1/schedules/", "/api/v1//schedules", "api", ""}) {
    const auto match = router.find("GET", path);
    EXPECT_EQ(match.route, nullptr) << path;
    EXPECT_TRUE(match.allowed.empty()) << path;
  }
}

TEST_F(RouterTest, AKnownPathTellsItsMethods) {
  const auto match = router.find("DELETE", "/api/v1/schedules");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allowed, (std::vector<std::string>{"GET", "HEAD", "OPTIONS", "POST"}));
  EXPECT_EQ(router.find("GET", "/api/v1/schedules/7/pause").allowed, (std::vector<std::string>{"OPTIONS", "POST"}));
}

TEST_F(RouterTest, ALiteralWinsOverAParameterAndFallsBackWhereItLeadsNowhere) {
  EXPECT_EQ(router.find("POST", "/api/v1/schedules/preview").route->pattern, "/api/v1/schedules/preview");
  EXPECT_EQ(router.find("POST", "/api/v1/schedules/preview/pause").params.get("id"), "preview");
}

TEST_F(RouterTest, HeadFindsGet) {
  ASSERT_NE(router.find("HEAD", "/api/v1/schedules").route, nullptr);
  EXPECT_EQ(router.find("HEAD", "/api/v1/schedules").route->method, "GET");
  EXPECT_EQ(router.find("HEAD", "/api/v1/schedules/1/pause").route, nullptr);
}

TEST_F(RouterTest, ABrokenEncodingIsAnError) {
  for (const char* path : {"/api/v1/schedules/%", "/api/v1/schedules/%zz", "/api/v1/schedules/%00", "/api/v1/schedules/%ff"}) {
    const auto match = router.find("GET", path);
    ASSERT_TRUE(match.error.has_value()) << path;
    EXPECT_EQ(match.error->reason, "URL_ENCODING");
  }
}

TEST_F(RouterTest, RefusesMistakesAtBoot) {
  for (const char* route : {"GET /api/v1/schedules", "GET /api/v1/schedules/{other}", "GET nothing", "get /x", "GET/x",
                            "GET /a/{b}/{b}", "GET /a/x{b}", "GET //a"})
    EXPECT_THROW(router.add(route, answers("")), std::invalid_argument) << route;
}

TEST_F(RouterTest, ListsWhatItServes) {
  const auto routes = router.routes();
  EXPECT_EQ(routes.size(), 7U);
  EXPECT_EQ(routes.front(), "GET /");
  EXPECT_TRUE(std::is_sorted(routes.begin(), routes.end()));
}

}  // namespace
}  // namespace carillon::web
