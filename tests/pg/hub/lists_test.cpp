// Pages, filters and keys that make a call repeatable.
#include <gtest/gtest.h>

#include "tests/support/hub_suite.h"

using namespace carillon;
using namespace carillon::test;

namespace {

/// Anything but letters and digits as %XX.
std::string percent_encoded(const std::string& text) {
  std::string out;
  char code[4];
  for (unsigned char c : text) {
    std::snprintf(code, sizeof code, "%%%02X", c);
    out += std::isalnum(c) != 0 ? std::string(1, static_cast<char>(c)) : code;
  }
  return out;
}

class Lists : public HubSuite<Lists> {
 protected:
  std::string workflow = api.workflow("W", posting_workflow("http://127.0.0.1:9/"));

  Json schedule(const std::string& name, Json more = Json::object(), HeaderList headers = {}) const {
    Json body{{"workflow_id", workflow}, {"name", name}, {"timing", {{"kind", "manual"}}}, {"payload", Json::object()}};
    body.update(more);
    return api.make("/api/v1/schedules", body, std::move(headers));
  }
  std::vector<std::string> names(const std::string& query) const {
    std::vector<std::string> out;
    const Json page = api.read("/api/v1/schedules?" + query);
    for (const auto& item : page["items"]) out.push_back(item["name"]);
    EXPECT_EQ(page["total"], out.size());
    std::ranges::sort(out);
    return out;
  }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_F(Lists, PagesOfEachSortGiveEveryScheduleOnceInOrder) {
  std::set<std::string> ids;
  for (int i = 0; i < 120; ++i) {
    // Every third has no next time; equal times and names that differ in case test the order's second key.
    Json timing{{"kind", "manual"}};
    if (i % 3 != 0) timing = {{"kind", "once"}, {"run_at", "2099-01-0" + std::to_string(1 + i % 7) + "T00:00:00Z"}};
    ids.insert(schedule((i % 2 != 0 ? "item " : "Item ") + std::to_string(i * 37 % 120), {{"timing", timing}})["id"]);
  }
  for (const char* sort : {"name", "-name", "next_due_at", "-next_due_at", "updated_at", "-updated_at"}) {
    std::set<std::string> seen;
    std::vector<Json> order;
    std::string cursor;
    int pages = 0;
    do {
      const Json page = api.read("/api/v1/schedules?limit=50&sort=" + std::string(sort) + (cursor.empty() ? "" : "&cursor=" + percent_encoded(cursor)));
      EXPECT_EQ(page["total"], 120);
      for (const auto& item : page["items"]) {
        EXPECT_TRUE(seen.insert(item["id"]).second) << sort << " gives " << item["name"] << " twice";
        order.push_back(item[sort[0] == '-' ? sort + 1 : sort]);
      }
      cursor = page["next_cursor"].is_null() ? "" : page["next_cursor"].get<std::string>();
      ++pages;
    } while (!cursor.empty() && pages < 10);
    EXPECT_EQ(pages, 3) << sort;
    EXPECT_EQ(seen, ids) << sort;
    const auto falling = std::ranges::adjacent_find(order, [&](const Json& a, const Json& b) {
      // What has no next time counts as later than everything.
      if (a.is_null() != b.is_null()) return a.is_null() == (sort[0] != '-');
      return sort[0] == '-' ? a < b : b < a;
    });
    if (std::string(sort).find("name") == std::string::npos)  // the order of names is the database's
      EXPECT_EQ(falling, order.end()) << sort << ": " << *falling << " before " << *std::next(falling);
  }
}

TEST_F(Lists, FiltersChooseWhatTheySay) {
  const std::string second = api.workflow("Second", posting_workflow("http://127.0.0.1:9/"));
  schedule("alpha", {{"labels", {"red", "big"}}});
  schedule("Beta 100%", {{"labels", {"red"}}, {"timing", {{"kind", "cron"}, {"cron", "0 9 * * *"}}}});
  schedule("gamma_ray", {{"timing", {{"kind", "interval"}, {"every", 1}, {"unit", "days"}}}, {"paused", true}});
  schedule("delta", {{"workflow_id", second}, {"timing", {{"kind", "once"}, {"run_at", "2099-01-01T00:00:00Z"}}}});
  EXPECT_EQ(names("label=red"), (Names{"Beta 100%", "alpha"}));
  EXPECT_EQ(names("label=re"), Names{});
  EXPECT_EQ(names("kind=cron"), Names{"Beta 100%"});
  EXPECT_EQ(names("kind=once"), Names{"delta"});
  EXPECT_EQ(names("status=paused"), Names{"gamma_ray"});
  EXPECT_EQ(names("status=invalid"), Names{});
  EXPECT_EQ(names("workflow_id=" + second), Names{"delta"});
  EXPECT_EQ(names("text=BETA"), Names{"Beta 100%"});
  EXPECT_EQ(names("text=100%25"), Names{"Beta 100%"});
  EXPECT_EQ(names("text=%25"), Names{"Beta 100%"});
  EXPECT_EQ(names("text=a_r"), Names{"gamma_ray"});
  EXPECT_EQ(names("status=active&label=red&kind=manual"), Names{"alpha"});
  api.publish(second, posting_workflow("http://127.0.0.1:9/", "{type: object, required: [x]}"));
  EXPECT_EQ(names("status=invalid"), Names{"delta"});
}

TEST_F(Lists, RunsAreFilteredAndPaged) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(api.make("/api/v1/workflows/" + workflow + "/runs", Json::object())["run_id"]);
  for (const auto& id : ids) api.ended(id);
  const Json first = api.read("/api/v1/runs?limit=3&state=failed&reason=manual");
  ASSERT_EQ(first["items"].size(), 3u);
  EXPECT_EQ(first["items"][0]["id"], ids[4]);
  const Json rest = api.read("/api/v1/runs?limit=3&state=failed&cursor=" + first["next_cursor"].get<std::string>());
  ASSERT_EQ(rest["items"].size(), 2u);
  EXPECT_EQ(rest["items"][1]["id"], ids[0]);
  EXPECT_TRUE(rest["next_cursor"].is_null());
  EXPECT_TRUE(api.read("/api/v1/runs?state=succeeded")["items"].empty());
  EXPECT_TRUE(api.read("/api/v1/runs?reason=scheduled")["items"].empty());
  EXPECT_TRUE(api.read("/api/v1/runs?to=2020-01-01T00:00:00Z")["items"].empty());
  EXPECT_EQ(api.read("/api/v1/runs?from=2020-01-01T00:00:00Z")["items"].size(), 5u);
}

TEST_F(Lists, AnIdempotencyKeyGivesTheFirstAnswerAgain) {
  const HeaderList key{{"Idempotency-Key", "create-1"}};
  const Json first = schedule("once only", Json::object(), key);
  EXPECT_EQ(schedule("once only", Json::object(), key), first);
  EXPECT_EQ(api.read("/api/v1/schedules")["total"], 1);
  const HttpAnswer other = api.post("/api/v1/schedules", {{"workflow_id", workflow}, {"name", "other"}, {"timing", {{"kind", "manual"}}}, {"payload", Json::object()}}, key);
  EXPECT_EQ(other.status, 409);
  EXPECT_EQ(other.code(), "IDEMPOTENCY_KEY_REUSED");
  EXPECT_EQ(api.read("/api/v1/schedules")["total"], 1);

  const std::string path = "/api/v1/schedules/" + first["id"].get<std::string>();
  const Json started = api.make(path + "/run", Json::object(), {{"Idempotency-Key", "run-1"}});
  EXPECT_EQ(api.make(path + "/run", Json::object(), {{"Idempotency-Key", "run-1"}}), started);
  EXPECT_NE(api.make(path + "/run", Json::object(), {{"Idempotency-Key", "run-2"}})["run_id"], started["run_id"]);
  EXPECT_EQ(api.read("/api/v1/runs")["items"].size(), 2u);

  // A refused call keeps nothing under its key.
  EXPECT_EQ(api.post(path + "/run", {{"overrides", 1}}, {{"Idempotency-Key", "run-3"}}).status, 422);
  EXPECT_EQ(api.post(path + "/run", Json::object(), {{"Idempotency-Key", "run-3"}}).status, 201);
  // Another tenant's key of the same name is another key.
  const TestTenant other_tenant = fixture->tenant();
  EXPECT_EQ(other_tenant.api.post("/api/v1/workflows", {{"name", "Mine"}}, key).status, 201);
}

TEST_F(Lists, CallsAtOnceUnderOneKeyDoItOnce) {
  const std::string path = "/api/v1/workflows/" + workflow + "/runs";
  std::vector<std::thread> callers;
  std::mutex mutex;
  std::set<std::string> runs;
  for (int i = 0; i < 8; ++i)
    callers.emplace_back([&] {
      const std::string id = api.make(path, Json::object(), {{"Idempotency-Key", "together"}})["run_id"];
      std::lock_guard lock(mutex);
      runs.insert(id);
    });
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(runs.size(), 1u);
  EXPECT_EQ(api.read("/api/v1/runs")["items"].size(), 1u);
}
