// Backfills through HTTP: what they take, how many run at a time, and what stops them.
#include <gtest/gtest.h>

#include "tests/support/http_sink.h"
#include "tests/support/hub_suite.h"

using namespace carillon;
using namespace carillon::test;

namespace {

const char* kWaitsForHours =
    "document: {dsl: '1.0.0', namespace: t, name: n, version: '1.0.0'}\ninput: {schema: {format: json, document: {type: object}}}\n"
    "do: [{a: {wait: {hours: 5}}}]\n";

class Backfills : public HubSuite<Backfills> {
 protected:
  HttpSink sink;
  std::unique_ptr<Clock> clock = make_system_clock();
  /// The full hour before this one: whatever is due now is not in any range of these tests.
  Instant hour = Instant::from_seconds((clock->now().seconds() / 3600 - 1) * 3600);

  std::string hours_ago(int hours) const { return format_instant(hour - std::chrono::hours(hours)); }
  std::string hourly(const std::string& workflow, Json more = Json::object()) const {
    Json body{{"workflow_id", workflow}, {"name", "S"}, {"timing", {{"kind", "cron"}, {"cron", "0 * * * *"}, {"zone", "UTC"}}}, {"payload", {{"n", 7}}}};
    body.update(more);
    return "/api/v1/schedules/" + api.make("/api/v1/schedules", body)["id"].get<std::string>();
  }
  Json range(int from, int to, Json more = Json::object()) const {
    Json body{{"from", hours_ago(from)}, {"to", hours_ago(to)}};
    body.update(more);
    return body;
  }
  static std::string path_of(const Json& backfill) { return "/api/v1/backfills/" + backfill["id"].get<std::string>(); }
  Json once(const std::string& path, const std::function<bool(const Json&)>& good) const {
    Json seen;
    EXPECT_TRUE(eventually([&] { return good(seen = api.read(path)); })) << seen.dump();
    return seen;
  }
};

}  // namespace

TEST_F(Backfills, RunsWhatWasNotFiredOnceEachAndSaysWhy) {
  const std::string s = hourly(api.workflow("Post", posting_workflow(sink.url())), {{"paused", true}});
  const Json preview = api.make(s + "/backfill/preview", range(10, 0));
  EXPECT_EQ(preview["count"], 10);
  EXPECT_EQ(preview["already_fired"], 0);
  EXPECT_EQ(parse_instant(preview["first"].get<std::string>()), hour - std::chrono::hours(10));
  EXPECT_EQ(parse_instant(preview["last"].get<std::string>()), hour - std::chrono::hours(1));
  EXPECT_EQ(preview["sample"].size(), 10u);
  EXPECT_FALSE(preview["sample"][0]["local"].get<std::string>().empty());
  const HttpAnswer changed = api.post(s + "/backfills", range(10, 0, {{"expected_count", 9}}));
  EXPECT_EQ(changed.code(), "COUNT_CHANGED");
  EXPECT_EQ(changed.json()["value"], "9");
  EXPECT_NE(changed.json()["detail"].get<std::string>().find("10 due times"), std::string::npos);

  // The schedule is paused by its user: what is asked for explicitly runs all the same.
  const Json made = api.make(s + "/backfills", range(10, 0, {{"expected_count", 10}, {"concurrency", 3}}), {{"Idempotency-Key", "once"}});
  EXPECT_EQ(api.make(s + "/backfills", range(10, 0, {{"expected_count", 10}, {"concurrency", 3}}), {{"Idempotency-Key", "once"}})["id"], made["id"]);
  const Json done = once(path_of(made), [](const Json& b) { return b["state"] == "completed"; });
  EXPECT_EQ(done["progress"]["succeeded"], 10);
  EXPECT_FALSE(done["ended_at"].is_null());
  EXPECT_EQ(sink.count(), 10u);
  const Json runs = api.read("/api/v1/runs?reason=backfill&limit=50")["items"];
  ASSERT_EQ(runs.size(), 10u);
  std::set<std::string> dues;
  for (const auto& run : runs) {
    const Json one = api.read("/api/v1/runs/" + run["id"].get<std::string>());
    dues.insert(one["provenance"]["due_at"].get<std::string>());
    EXPECT_EQ(one["provenance"]["backfill_id"], made["id"]);
    EXPECT_EQ(one["input"], (Json{{"n", 7}}));
  }
  EXPECT_EQ(dues.size(), 10u);
  // The ledger of the schedule is of its own fires; the runs count as its runs.
  EXPECT_EQ(api.read(s)["stats"]["succeeded"], 10);
  EXPECT_EQ(api.read(s)["stats"]["total"], 10);

  const Json again = api.make(s + "/backfill/preview", range(12, 0));
  EXPECT_EQ(again["count"], 2);
  EXPECT_EQ(again["already_fired"], 10);
  EXPECT_EQ(api.make(s + "/backfill/preview", range(12, 0, {{"include_fired", true}}))["count"], 12);
  EXPECT_EQ(api.post(s + "/backfills", range(10, 0)).code(), "NOTHING_TO_BACKFILL");
}

TEST_F(Backfills, StartNoMoreThanTheirConcurrencyAndArePausedAndCancelled) {
  const std::string s = hourly(api.workflow("Waits", kWaitsForHours), {{"paused", true}});
  const Json made = api.make(s + "/backfills", range(6, 0, {{"concurrency", 2}}));
  const std::string path = path_of(made);
  once(path, [](const Json& b) { return b["progress"]["started"] == 2 && b["progress"]["waiting"] == 4; });
  // Another one takes none of its times.
  EXPECT_EQ(api.make(s + "/backfill/preview", range(8, 0))["count"], 2);
  EXPECT_EQ(api.make(s + "/backfill/preview", range(8, 0))["busy"], 6);
  EXPECT_EQ(api.make(s + "/backfill/preview", range(8, 0, {{"include_fired", true}}))["count"], 2);

  EXPECT_EQ(api.make(path + "/pause")["state"], "paused");
  auto items = api.read(path + "/items?state=started")["items"];
  ASSERT_EQ(items.size(), 2u);
  api.make("/api/v1/runs/" + items[0]["run_id"].get<std::string>() + "/cancel");
  const Json paused = once(path, [](const Json& b) { return b["progress"]["cancelled"] == 1; });
  EXPECT_EQ(paused["progress"]["started"], 1);
  EXPECT_EQ(paused["progress"]["waiting"], 4);
  EXPECT_EQ(api.make(path + "/resume")["state"], "running");
  once(path, [](const Json& b) { return b["progress"]["started"] == 2 && b["progress"]["waiting"] == 3; });

  // The end of a run makes room at once, long before the backfill would look by itself.
  items = api.read(path + "/items?state=started&limit=1");
  EXPECT_FALSE(items["next_cursor"].is_null());
  api.make("/api/v1/runs/" + items["items"][0]["run_id"].get<std::string>() + "/cancel");
  once(path, [](const Json& b) { return b["progress"]["started"] == 2 && b["progress"]["waiting"] == 2; });

  const Json cancelled = api.make(path + "/cancel");
  EXPECT_EQ(cancelled["state"], "cancelled");
  EXPECT_EQ(cancelled["progress"], (Json{{"waiting", 0}, {"started", 2}, {"succeeded", 0}, {"failed", 0}, {"cancelled", 4}}));
  EXPECT_EQ(api.make(s + "/backfill/preview", range(6, 0))["count"], 2) << "what was never started is free again";
  EXPECT_EQ(api.post(path + "/resume").code(), "BACKFILL_ENDED");
}

TEST_F(Backfills, StandStillWithAnInvalidScheduleAndEndWithADeletedOne) {
  const std::string workflow = api.workflow("Waits", kWaitsForHours);
  const std::string s = hourly(workflow);
  const std::string path = path_of(api.make(s + "/backfills", range(4, 0)));
  once(path, [](const Json& b) { return b["progress"]["started"] == 1; });
  std::string stricter = kWaitsForHours;
  stricter.replace(stricter.find("{type: object}"), 14, "{type: object, required: [m]}");
  api.publish(workflow, stricter);
  const auto end_one = [&] {
    api.make("/api/v1/runs/" + api.read(path + "/items?state=started")["items"][0]["run_id"].get<std::string>() + "/cancel");
  };
  end_one();
  const Json still = once(path, [](const Json& b) { return b["state"] == "paused"; });
  EXPECT_TRUE(still["reason"].get<std::string>().starts_with("The schedule is invalid")) << still["reason"];
  EXPECT_EQ(still["progress"]["waiting"], 3);
  EXPECT_EQ(fixture->sql("SELECT count(*) FROM alerts WHERE code = 'BACKFILL_PAUSED' AND object_id = '" + s.substr(s.rfind('/') + 1) + "'"), "1");
  EXPECT_EQ(api.post(path + "/resume").code(), "SCHEDULE_INVALID");
  EXPECT_EQ(api.post(s + "/backfills", range(8, 4)).code(), "SCHEDULE_INVALID");
  EXPECT_EQ(api.patch(s, {{"payload", {{"m", 1}}}}, api.read(s)["revision"]).status, 200);
  api.make(path + "/resume");
  once(path, [](const Json& b) { return b["progress"]["started"] == 1; });
  // The payload is the schedule's at the start of each run.
  const std::string run = api.read(path + "/items?state=started")["items"][0]["run_id"];
  EXPECT_EQ(api.read("/api/v1/runs/" + run)["input"], (Json{{"m", 1}}));

  EXPECT_EQ(api.remove(s, api.read(s)["revision"]).status, 204);
  end_one();
  const Json gone = once(path, [](const Json& b) { return b["state"] == "cancelled"; });
  EXPECT_EQ(gone["reason"], "The schedule was deleted.");
  EXPECT_EQ(gone["progress"]["waiting"], 0);
}

TEST_F(Backfills, LeaveToThePlannerWhatItHasNotDecided) {
  // Due since a moment ago or in a moment, and spread over a minute: the planner will fire it.
  const std::string s = "/api/v1/schedules/" +
                        api.make("/api/v1/schedules", {{"workflow_id", api.workflow("Waits", kWaitsForHours)}, {"name", "S"}, {"payload", Json::object()},
                                                       {"timing", {{"kind", "interval"}, {"every", 1}, {"unit", "seconds"}}}, {"overlap_policy", "skip"}})["id"]
                            .get<std::string>();
  ASSERT_TRUE(eventually([&] { return api.read(s)["stats"]["total"] == 1; }));
  ASSERT_TRUE(eventually([&] { return api.read(s + "/fires")["items"].size() >= 3; }));
  const std::string id = s.substr(s.rfind('/') + 1);
  const Json preview = api.make(s + "/backfill/preview", {{"from", api.read(s)["created_at"]}, {"to", format_instant(clock->now())}});
  EXPECT_EQ(preview["already_fired"], 1);
  // All that is offered is in the ledger already, with another verdict than started.
  EXPECT_EQ(fixture->sql("SELECT count(*) FROM fires WHERE schedule_id = '" + id + "' AND due_at = '" + preview["last"].get<std::string>() +
                         "' AND verdict = 'skipped_overlap'"),
            "1");
}

TEST_F(Backfills, RefuseWhatTheyCannotDo) {
  const std::string waits = api.workflow("Waits", kWaitsForHours);
  const std::string s = hourly(waits, {{"paused", true}});
  const std::string preview = s + "/backfill/preview";
  HttpAnswer refused = api.post(preview, {{"from", hours_ago(2)}, {"to", format_instant(clock->now() + std::chrono::hours(1))}});
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.code(), "TO_IN_FUTURE");
  EXPECT_EQ(refused.json()["field"], "/to");
  EXPECT_EQ(api.post(preview, range(2, 2)).code(), "RANGE_REVERSED");
  const std::string minutes = "/api/v1/schedules/" + api.make("/api/v1/schedules", {{"workflow_id", waits}, {"name", "M"}, {"paused", true}, {"payload", Json::object()},
                                                                                   {"timing", {{"kind", "cron"}, {"cron", "* * * * *"}}}})["id"]
                                                         .get<std::string>();
  EXPECT_EQ(api.make(minutes + "/backfill/preview", range(200, 0))["count"], 12000);
  EXPECT_EQ(api.post(minutes + "/backfills", range(200, 0)).code(), "BACKFILL_TOO_LARGE");
  EXPECT_EQ(api.post(minutes + "/backfill/preview", range(4000, 0)).code(), "RANGE_TOO_LONG");
  const std::string manual = "/api/v1/schedules/" + api.make("/api/v1/schedules", {{"workflow_id", waits}, {"name", "H"}, {"payload", Json::object()},
                                                                                  {"timing", {{"kind", "manual"}}}})["id"]
                                                        .get<std::string>();
  EXPECT_EQ(api.post(manual + "/backfill/preview", range(2, 0)).code(), "NOT_RECURRING");
  const Json made = api.make(s + "/backfills", range(2, 0));
  const TestTenant other = fixture->tenant();
  EXPECT_EQ(other.api.get(path_of(made)).status, 404);
  EXPECT_EQ(other.api.get(path_of(made) + "/items").status, 404);
  EXPECT_EQ(other.api.post(path_of(made) + "/cancel").status, 404);
  EXPECT_EQ(other.api.post(s + "/backfills", range(2, 0)).status, 404);
}
