// Maintenance of a tenant and of the whole hub: nothing fires meanwhile, and afterwards the missed policies decide.
#include <gtest/gtest.h>

#include "tests/support/http_sink.h"
#include "tests/support/hub_fixture.h"
#include "web/app/hub/operator.h"

using namespace carillon;
using namespace carillon::test;

namespace {

const char* kWaitsOneHour =
    "document: {dsl: '1.0.0', namespace: t, name: n, version: '1.0.0'}\ninput: {schema: {format: json, document: {type: object}}}\n"
    "do: [{a: {wait: {hours: 1}}}]\n";
const Json kSecondly{{"kind", "interval"}, {"every", 1}, {"unit", "seconds"}};

class MaintenanceOfAHub : public ::testing::Test {
 protected:
  HubFixture fixture;
  HttpSink sink;
  TestTenant tenant = fixture.tenant();
  const Api& api = tenant.api;
  std::unique_ptr<Clock> clock = make_system_clock();
  NullLogger quiet;

  void TearDown() override { EXPECT_EQ(fixture.log().errors(), std::vector<std::string>()); }
  std::string schedule(const std::string& workflow, const std::string& name, const Json& timing, Json more = Json::object()) const {
    Json body{{"workflow_id", workflow}, {"name", name}, {"timing", timing}, {"payload", Json::object()}};
    body.update(more);
    return "/api/v1/schedules/" + api.make("/api/v1/schedules", body)["id"].get<std::string>();
  }
  static std::string id_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }
  Json fires(const std::string& path, const std::string& verdict) const { return api.read(path + "/fires?verdict=" + verdict)["items"]; }
  std::string count(const std::string& from) { return fixture.sql("SELECT count(*) FROM " + from); }
  std::string parked(const std::string& kind) {
    return count("registrations WHERE kind = '" + kind + "' AND due_at IS NOT NULL AND planned_at IS NULL");
  }
  std::size_t listed(const std::string& status) const { return api.read("/api/v1/schedules?status=" + status)["items"].size(); }
};

}  // namespace

TEST_F(MaintenanceOfAHub, EachMissedPolicyDecidesAfterItsEnd) {
  const std::string post = api.workflow("Post", posting_workflow(sink.url()));
  const Json other_room{{"overlap_policy", "allow"}};
  const std::string skip = schedule(post, "skip", kSecondly, other_room);
  const std::string latest = schedule(post, "latest", kSecondly, {{"overlap_policy", "allow"}, {"missed_policy", "catchup"}, {"catch_up", {{"count", 1}}}});
  const std::string fail = schedule(post, "fail", kSecondly, {{"overlap_policy", "allow"}, {"missed_policy", "fail"}});
  const std::string once = schedule(post, "once", {{"kind", "once"}, {"run_at", format_instant(clock->now() + std::chrono::milliseconds(1500))}});
  for (const auto& s : {skip, latest, fail}) ASSERT_TRUE(eventually([&] { return !fires(s, "started").empty(); }));

  const Instant until = clock->now() + std::chrono::seconds(4);
  const Json started = api.make("/api/v1/maintenance", {{"reason", "Moving house"}, {"until", format_instant(until)}});
  EXPECT_EQ(started["scope"], "tenant");
  EXPECT_EQ(started["active"], true);
  const Json shown = api.read(skip);
  EXPECT_EQ(shown["status"], "paused");
  EXPECT_EQ(shown["status_reason"], "Maintenance: Moving house");
  EXPECT_EQ(shown["status_reason_code"], "maintenance");
  EXPECT_EQ(shown["status_reason_params"], Json({{"reason", "Moving house"}}));
  EXPECT_EQ(shown["holds"][0]["kind"], "tenant");
  EXPECT_EQ(parse_instant(shown["holds"][0]["until"].get<std::string>()), until);
  EXPECT_TRUE(shown["next_due_at"].is_null());
  EXPECT_EQ(api.make(skip + "/resume", Json::object())["status"], "paused") << "a resume does not override it";
  EXPECT_EQ(listed("paused"), 4u);
  EXPECT_EQ(listed("active"), 0u);
  ASSERT_TRUE(eventually([&] { return parked("schedule") == "4"; }));
  const std::string runs_meanwhile = count("runs");

  const Instant began = *parse_instant(started["since"].get<std::string>());
  ASSERT_TRUE(eventually([&] { return fires(skip, "paused").size() == 1; }));
  EXPECT_GE(clock->now(), until);
  EXPECT_NE(runs_meanwhile, "0");
  EXPECT_EQ(count("fires WHERE verdict = 'started' AND fired_at > '" + format_instant(began + std::chrono::seconds(1)) + "' AND fired_at < '" +
                  format_instant(until) + "'"),
            "0");
  const Json stretch = fires(skip, "paused")[0];
  EXPECT_GE(stretch["count"], 2);
  EXPECT_EQ(stretch["reason"], "Maintenance: Moving house");
  // The latest of those that were missed starts after all, once.
  ASSERT_TRUE(eventually([&] { return count("runs WHERE schedule_id = '" + id_of(latest) + "' AND provenance::json->>'reason' = 'catchup'") == "1"; }));
  EXPECT_EQ(fires(latest, "missed").size(), 1u);
  ASSERT_TRUE(eventually([&] { return fires(fail, "missed").size() == 1; }));
  EXPECT_EQ(count("alerts WHERE code = 'FIRES_MISSED' AND object_id = '" + id_of(fail) + "'"), "1");
  ASSERT_TRUE(eventually([&] { return api.read(once)["status"] == "completed"; }));
  EXPECT_EQ(fires(once, "started").size(), 1u);
  EXPECT_GE(*parse_instant(fires(once, "started")[0]["fired_at"].get<std::string>()), until);
  // All is as before.
  EXPECT_EQ(listed("active"), 3u);
  ASSERT_TRUE(eventually([&] { return count("fires WHERE verdict = 'started' AND schedule_id = '" + id_of(skip) + "' AND due_at > '" + format_instant(until) + "'") != "0"; }));
  EXPECT_EQ(count("runs WHERE schedule_id = '" + id_of(latest) + "' AND provenance::json->>'reason' = 'catchup'"), "1");
  EXPECT_EQ(api.read("/api/v1/maintenance?active=true")["items"].size(), 0u);
  EXPECT_EQ(api.read("/api/v1/maintenance")["items"][0]["ended_at"], api.read("/api/v1/maintenance")["items"][0]["until"]);
}

TEST_F(MaintenanceOfAHub, OverlappingOnesHoldBacklogAndBackfillUntilTheLastEnds) {
  const std::string waits = api.workflow("Waits", kWaitsOneHour);
  const std::string buffer = schedule(waits, "buffer", kSecondly, {{"overlap_policy", "buffer_one"}});
  const std::string of_buffer = "runs WHERE schedule_id = '" + id_of(buffer) + "'";
  ASSERT_TRUE(eventually([&] { return count("backlog") == "1"; }));
  const std::string hourly = schedule(waits, "hourly", {{"kind", "cron"}, {"cron", "0 0 * * *"}}, {{"paused", true}});
  const std::string first = api.make("/api/v1/maintenance", {{"reason", "One"}})["id"], second = api.make("/api/v1/maintenance", {{"reason", "Two"}})["id"];
  ASSERT_TRUE(eventually([&] { return parked("schedule") == "1"; }));
  // There is room now, and nobody takes it.
  api.make("/api/v1/runs/" + api.read("/api/v1/runs?schedule_id=" + id_of(buffer))["items"][0]["id"].get<std::string>() + "/cancel");
  ASSERT_TRUE(eventually([&] { return parked("schedule_backlog") == "1"; }));
  const Json backfill = api.make(hourly + "/backfills", {{"from", "2026-01-01T00:00:00Z"}, {"to", "2026-01-03T00:00:00Z"}});
  ASSERT_TRUE(eventually([&] { return parked("schedule_backfill") == "1"; }));

  EXPECT_EQ(api.make("/api/v1/maintenance/" + first + "/end")["active"], false);
  EXPECT_EQ(api.read(buffer)["status_reason"], "Maintenance: Two");
  ASSERT_TRUE(eventually([&] { return count("registrations WHERE id = '" + first + "' AND due_at IS NULL") == "1"; }));
  EXPECT_EQ(parked("schedule_backlog"), "1");
  EXPECT_EQ(count(of_buffer), "1");

  api.make("/api/v1/maintenance/" + second + "/end");
  EXPECT_EQ(api.read(buffer)["status"], "active");
  ASSERT_TRUE(eventually([&] { return count(of_buffer) == "2"; }));
  ASSERT_TRUE(eventually([&] { return api.read("/api/v1/backfills/" + backfill["id"].get<std::string>())["progress"]["started"] == 1; }));
  EXPECT_EQ(parked("schedule"), "0");
}

TEST_F(MaintenanceOfAHub, OfAllTenantsIsTheOperators) {
  const std::string post = api.workflow("Post", posting_workflow(sink.url()));
  const std::string s = schedule(post, "s", kSecondly, {{"overlap_policy", "allow"}});
  ASSERT_TRUE(eventually([&] { return sink.count() > 0; }));
  const std::string url = fixture.database().connection_string();
  const auto started = start_maintenance(url, "", "Upgrade", std::nullopt, quiet);
  ASSERT_TRUE(started) << started.error().message;
  EXPECT_EQ(api.read(s)["status_reason"], "Maintenance: Upgrade");
  EXPECT_EQ(api.read("/api/v1/maintenance?active=true")["items"][0]["scope"], "system");
  const HttpAnswer refused = api.post("/api/v1/maintenance/" + started->id.to_string() + "/end");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.code(), "MAINTENANCE_OF_THE_HUB");
  ASSERT_TRUE(eventually([&] { return parked("schedule") == "1"; }));
  const auto ended = end_maintenance(url, "", std::nullopt, quiet);
  ASSERT_TRUE(ended) << ended.error().message;
  EXPECT_EQ(ended->size(), 1u);
  ASSERT_TRUE(eventually([&] { return api.read(s)["status"] == "active" && parked("schedule") == "0"; }));
  // Of one tenant by its slug.
  const auto one = start_maintenance(url, tenant.slug, "Only here", clock->now() + std::chrono::hours(1), quiet);
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_EQ(api.read(s)["status_reason"], "Maintenance: Only here");
  EXPECT_EQ(fixture.tenant().api.read("/api/v1/maintenance")["items"].size(), 0u);
  const auto all = list_maintenance(url, tenant.slug, quiet);
  ASSERT_TRUE(all && all->size() == 1u);
  EXPECT_EQ(start_maintenance(url, "nobody", "r", std::nullopt, quiet).error().reason, "NOT_FOUND");
  EXPECT_EQ(api.post("/api/v1/maintenance", {{"reason", "r"}, {"until", "2020-01-01T00:00:00Z"}}).code(), "UNTIL_IN_PAST");
  EXPECT_EQ(api.post("/api/v1/maintenance/00000000-0000-7000-8000-000000000000/end").status, 404);
}
