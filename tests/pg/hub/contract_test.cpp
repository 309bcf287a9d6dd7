// The API description and the hub say the same, both ways.
#include <gtest/gtest.h>

#include "tests/support/hub_fixture.h"

using namespace carillon;
using namespace carillon::test;

TEST(Contract, EveryRouteIsDescribedAndEveryDescriptionHasARoute) {
  HubFixture fixture;
  const auto routes = fixture.hub().routes();
  EXPECT_EQ(std::set<std::string>(routes.begin(), routes.end()), fixture.contract().operations());
  const HttpAnswer served = fixture.anonymous().get("/api/v1/openapi.json");
  EXPECT_EQ(served.json()["openapi"], "3.1.0");
}

/// What backfills and maintenance answer.
static void held_back(const Api& api, const std::string& schedule) {
  EXPECT_EQ(api.make(schedule + "/backfill/preview", {{"from", "2026-01-05T00:00:00Z"}, {"to", "2026-01-10T00:00:00Z"}})["count"], 5);
  const Json backfill = api.make(schedule + "/backfills", {{"from", "2026-01-05T00:00:00Z"}, {"to", "2026-01-07T00:00:00Z"}, {"concurrency", 2}});
  EXPECT_EQ(backfill["total"], 2);
  const std::string backfills = "/api/v1/backfills/" + backfill["id"].get<std::string>();
  ASSERT_TRUE(eventually([&] { return api.read(backfills)["state"] == "completed"; }));
  EXPECT_EQ(api.read(backfills + "/items?state=failed")["items"].size(), 2u);
  EXPECT_EQ(api.read(schedule + "/backfills")["items"].size(), 1u);
  for (const char* change : {"/pause", "/resume", "/cancel"}) EXPECT_EQ(api.post(backfills + change).code(), "BACKFILL_ENDED") << change;
  const Json maintenance = api.make("/api/v1/maintenance", {{"reason", "Moving house"}});
  EXPECT_EQ(api.read("/api/v1/maintenance?active=true")["items"][0]["id"], maintenance["id"]);
  // Held back by it, a backfill stays where it is put.
  const std::string held = "/api/v1/backfills/" + api.make(schedule + "/backfills", {{"from", "2026-02-02T00:00:00Z"}, {"to", "2026-02-04T00:00:00Z"}})["id"].get<std::string>();
  for (const char* change : {"/pause", "/resume", "/cancel"}) EXPECT_EQ(api.post(held + change).status, 200) << change;
  EXPECT_EQ(api.make("/api/v1/maintenance/" + maintenance["id"].get<std::string>() + "/end")["active"], false);
}

/// What the versions of a workflow answer.
static void versions_of(const Api& api, const std::string& workflow) {
  EXPECT_EQ(api.read(workflow + "/versions")["items"].size(), 2u);
  EXPECT_EQ(api.read(workflow + "/versions/1")["number"], 1);
  EXPECT_EQ(api.read(workflow + "/versions/2/compare?with=1")["schema_changes"].size(), 2u);
  const std::string revision = std::to_string(api.read(workflow + "/draft")["revision"].get<int>());
  EXPECT_EQ(api.post(workflow + "/versions/1/restore", nullptr, {{"If-Match", "\"" + revision + "\""}}).status, 200);
}

/// What secrets and redaction answer.
static void not_to_be_seen(const Api& api) {
  EXPECT_EQ(api.ask("PUT", "/api/v1/secrets/k", R"({"value":"long enough"})").status, 200);
  EXPECT_EQ(api.read("/api/v1/secrets")["items"][0]["name"], "k");
  EXPECT_EQ(api.remove("/api/v1/secrets/k?force=false").status, 204);
  EXPECT_EQ(api.put("/api/v1/redaction", {{"patterns", {"*password*"}}}, api.read("/api/v1/redaction")["revision"]).status, 200);
}

TEST(Contract, EveryOperationAnswersAsDescribed) {
  HubFixture fixture;
  const TestTenant tenant = fixture.tenant();
  const Api& api = tenant.api;
  for (const char* path : {"/healthz", "/readyz", "/metrics", "/api/v1/openapi.json", "/api/v1/nodes", "/api/v1/time-zones"})
    EXPECT_EQ(api.get(path).status, 200) << path;
  ASSERT_TRUE(eventually([&] { return !api.read("/api/v1/nodes")["items"].empty(); }));
  const Api nobody = fixture.anonymous();
  EXPECT_EQ(nobody.post("/api/v1/session", {{"email", tenant.email}, {"password", kTestPassword}}).status, 201);
  EXPECT_EQ(api.get("/api/v1/session").status, 200);
  EXPECT_EQ(nobody.ask("DELETE", "/api/v1/session", "").status, 204);
  const std::string key = api.make("/api/v1/api-keys", {{"name", "K"}, {"role", "viewer"}})["id"];
  EXPECT_EQ(api.read("/api/v1/api-keys")["items"].size(), 1u);
  EXPECT_EQ(api.remove("/api/v1/api-keys/" + key).status, 204);

  not_to_be_seen(api);
  const std::string schema = "{type: object, required: [a]}";
  const std::string w = api.workflow("W", posting_workflow("http://127.0.0.1:9/", schema));
  const std::string workflow = "/api/v1/workflows/" + w;
  EXPECT_EQ(api.patch(workflow, {{"description", "Does it"}}, 1).status, 200);
  EXPECT_EQ(api.read(workflow)["description"], "Does it");
  EXPECT_EQ(api.read("/api/v1/workflows?text=w&limit=1")["total"], 1);
  EXPECT_EQ(api.make(workflow + "/validate", {{"text", "do: 1"}, {"format", "yaml"}})["valid"], false);
  EXPECT_EQ(api.make(workflow + "/payload/validate", {{"payload", Json::object()}})["valid"], false);
  EXPECT_EQ(api.make(workflow + "/payload/validate", {{"payload", {{"a", 1}}}})["valid"], true);

  const Json made = api.make("/api/v1/schedules", {{"workflow_id", w}, {"name", "S"}, {"timing", {{"kind", "cron"}, {"cron", "0 9 * * 1-5"}}},
                                                   {"payload", {{"a", 1}}}, {"labels", {"x"}}, {"jitter_seconds", 30}, {"max_runs", 5},
                                                   {"end_at", "2099-01-01T00:00:00Z"}});
  const std::string schedule = "/api/v1/schedules/" + made["id"].get<std::string>();
  EXPECT_EQ(api.read("/api/v1/schedules")["items"][0]["name"], "S");
  EXPECT_EQ(api.read(schedule + "/upcoming?count=3")["occurrences"].size(), 3u);
  EXPECT_EQ(api.make("/api/v1/schedules/preview", {{"timing", {{"kind", "cron"}, {"cron", "30 2 * * *"}, {"zone", "Europe/Berlin"}}}, {"count", 5},
                                                   {"after", "2031-03-28T00:00:00Z"}})["occurrences"].size(), 5u);
  EXPECT_EQ(api.patch(schedule, {{"name", "T"}}, 1).status, 200);
  EXPECT_EQ(api.make(schedule + "/pause", {{"until", "2098-01-01T00:00:00Z"}})["holds"][0]["until"], "2098-01-01T00:00:00Z");
  EXPECT_EQ(api.make(schedule + "/resume", Json::object())["status"], "active");
  held_back(api, schedule);
  EXPECT_EQ(api.read(schedule + "/explain")["outcome"], "will_start");
  EXPECT_EQ(api.read(schedule + "/versions")["items"].size(), 4u);
  EXPECT_EQ(api.read(schedule + "/versions/1")["settings"]["name"], "S");
  EXPECT_EQ(api.read(schedule + "/versions/2/compare?with=1")["changes"][0]["path"], "/name");
  EXPECT_EQ(api.post(schedule + "/versions/2/restore", nullptr, {{"If-Match", "\"4\""}}).json()["name"], "T");
  fixture.sql("INSERT INTO alerts (tenant_id, id, at, code, object_type, object_id, message, detail) "
              "SELECT tenant_id, gen_random_uuid(), now(), 'FIRES_MISSED', 'schedule', id, 'Missed.', '{}' FROM schedules RETURNING id");
  const Json alerts = api.read("/api/v1/alerts?open=true");
  EXPECT_EQ(alerts["open"], 1);
  EXPECT_EQ(api.post("/api/v1/alerts/" + alerts["items"][0]["id"].get<std::string>() + "/acknowledge").status, 204);
  EXPECT_EQ(api.make("/api/v1/alerts/acknowledge")["acknowledged"], 0);
  const std::string run = api.make(schedule + "/run", Json::object())["run_id"];
  EXPECT_EQ(api.ended(run)["state"], "failed");
  EXPECT_EQ(api.read(schedule + "/fires")["items"].size(), 0u);
  EXPECT_EQ(api.read("/api/v1/runs?reason=manual")["items"].size(), 1u);
  const std::string retried = api.make("/api/v1/runs/" + run + "/retry")["run_id"];
  api.ended(retried);
  const std::string waits = api.workflow("Waits", "document: {dsl: '1.0.0', namespace: t, name: n, version: '1.0.0'}\ndo: [{a: {wait: {hours: 1}}}]\n");
  const std::string waiting = api.make("/api/v1/workflows/" + waits + "/runs", Json::object())["run_id"];
  EXPECT_EQ(api.post("/api/v1/runs/" + waiting + "/cancel").status, 200);
  EXPECT_EQ(api.make(workflow + "/publish/plan", Json::object())["counts"]["rebound"], 1);
  EXPECT_EQ(api.publish(w, posting_workflow("http://127.0.0.1:9/", "{type: object, required: [b]}"))["counts"]["invalid"], 1);
  versions_of(api, workflow);
  EXPECT_EQ(api.read(workflow + "/versions/2/schedules")["items"][0]["verdict"], "invalid");
  EXPECT_TRUE(api.read(workflow + "/publish/progress")["phase"].is_null());
  EXPECT_EQ(api.remove(schedule, api.read(schedule)["revision"]).status, 204);
  EXPECT_EQ(api.make(schedule + "/undelete")["name"], "T");

  const Json ids = Json::array({made["id"]});
  const std::string bulk = "/api/v1/schedules/bulk/" + api.post("/api/v1/schedules/bulk", {{"action", "pause"}, {"ids", ids}}).json()["id"].get<std::string>();
  ASSERT_TRUE(eventually([&] { return api.read(bulk)["state"] == "finished"; }));
  EXPECT_EQ(api.read("/api/v1/schedules/bulk?limit=5")["items"].size(), 1u);
  EXPECT_EQ(api.read(bulk + "/items?state=done&limit=1")["items"][0]["schedule_id"], made["id"]);
  EXPECT_EQ(api.post(bulk + "/cancel").status, 200);
  EXPECT_EQ(api.post(bulk + "/undo", Json::object()).status, 202);

  std::set<std::string> left = fixture.contract().operations();
  for (const auto& operation : fixture.contract().answered()) left.erase(operation);
  EXPECT_EQ(left, std::set<std::string>{"GET /api/v1/stream"});
  EXPECT_EQ(fixture.log().errors(), std::vector<std::string>());
}
