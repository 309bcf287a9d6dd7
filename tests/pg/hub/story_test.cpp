// The main job through HTTP: a schedule fires, its run calls out, a publish breaks and a new payload mends it.
#include <gtest/gtest.h>

#include "tests/support/http_sink.h"
#include "tests/support/hub_suite.h"

using namespace carillon;
using namespace carillon::test;

namespace {

const char* kOrderSchema = "{type: object, required: [order], properties: {order: {type: integer}}}";
const char* kStricterSchema =
    "{type: object, required: [order, customer], properties: {order: {type: integer}, customer: {type: string}}}";

class Story : public HubSuite<Story> {
 protected:
  HttpSink sink;
  std::unique_ptr<Clock> clock = make_system_clock();

  std::string in_seconds(int seconds) const { return format_instant(clock->now() + std::chrono::seconds(seconds)); }
  Json schedule(const std::string& workflow, const Json& timing, const Json& payload, Json more = Json::object()) const {
    Json body{{"workflow_id", workflow}, {"name", "S"}, {"timing", timing}, {"payload", payload}};
    body.update(more);
    return api.make("/api/v1/schedules", body);
  }
  static std::string path_of(const Json& schedule) { return "/api/v1/schedules/" + schedule["id"].get<std::string>(); }
  Json run_of(const std::string& workflow, const std::string& yaml, const Json& input = Json::object()) const {
    const std::string id = api.workflow(workflow, yaml);
    return api.ended(api.make("/api/v1/workflows/" + id + "/runs", {{"input", input}})["run_id"]);
  }
  std::string definition(const std::string& tasks) const {
    return "document: {dsl: '1.0.0', namespace: test, name: w, version: '1.0.0'}\ninput: {schema: {format: json, document: {type: object}}}\ndo:\n" + tasks;
  }
};

const Json kEverySecond{{"kind", "interval"}, {"every", 1}, {"unit", "seconds"}};

}  // namespace

TEST_F(Story, OnceFiresAtItsTimeWithTheSavedPayloadAndSaysWhy) {
  const std::string workflow = api.workflow("Post", posting_workflow(sink.url("/orders"), kOrderSchema));
  const Json payload{{"order", 7}, {"note", "ünïcode \n\" and nested"}, {"deep", {{"list", {1, 2.5, nullptr, true}}}}};
  const std::string run_at = in_seconds(2);
  const Json made = schedule(workflow, {{"kind", "once"}, {"run_at", run_at}}, payload);
  EXPECT_EQ(made["status"], "active");
  EXPECT_EQ(parse_instant(made["next_due_at"].get<std::string>()), parse_instant(run_at));
  EXPECT_EQ(sink.count(), 0u);
  ASSERT_TRUE(eventually([&] { return sink.count() == 1; }));

  const Json shown = api.read(path_of(made));
  EXPECT_EQ(shown["status"], "completed");
  EXPECT_EQ(shown["last_fire"]["verdict"], "started");
  EXPECT_LT(shown["last_fire"]["lateness_ms"], 1000);
  const Json run = api.ended(shown["last_fire"]["run_id"]);
  EXPECT_EQ(run["state"], "succeeded");
  EXPECT_EQ(run["input"], payload);
  EXPECT_EQ(run["version"], 1);
  const Json& why = run["provenance"];
  EXPECT_EQ(why["reason"], "scheduled");
  EXPECT_EQ(why["schedule_id"], made["id"]);
  EXPECT_EQ(why["schedule_name"], "S");
  EXPECT_EQ(why["timing_kind"], "once");
  EXPECT_EQ(parse_instant(why["due_at"].get<std::string>()), parse_instant(run_at));
  EXPECT_EQ(api.read("/api/v1/runs?schedule_id=" + made["id"].get<std::string>())["items"].size(), 1u);

  ASSERT_EQ(sink.count(), 1u);
  const SinkCall call = sink.calls()[0];
  EXPECT_EQ(call.method, "POST");
  EXPECT_EQ(call.path, "/orders");
  EXPECT_EQ(call.json(), payload);
  EXPECT_TRUE(call.key().starts_with(run["id"].get<std::string>())) << call.key();
  const Json fires = api.read(path_of(made) + "/fires")["items"];
  ASSERT_EQ(fires.size(), 1u);
  EXPECT_EQ(fires[0]["run_id"], run["id"]);
  EXPECT_EQ(fires[0]["run_state"], "succeeded");
}

TEST_F(Story, APublishThatBreaksThePayloadStopsItAndANewPayloadMendsIt) {
  const std::string workflow = api.workflow("Post", posting_workflow(sink.url(), kOrderSchema));
  Json s = schedule(workflow, kEverySecond, {{"order", 1}});
  ASSERT_TRUE(eventually([&] { return sink.count() >= 2; }));

  const Json published = api.publish(workflow, posting_workflow(sink.url(), kStricterSchema));
  EXPECT_EQ(published["version"], 2);
  ASSERT_EQ(published["schedules"].size(), 1u);
  EXPECT_EQ(published["schedules"][0]["verdict"], "invalid");
  EXPECT_EQ(published["counts"]["invalid"], 1);
  s = api.read(path_of(s));
  EXPECT_EQ(s["status"], "invalid");
  EXPECT_EQ(s["bound_version"], 1);
  EXPECT_TRUE(s["next_due_at"].is_null());
  ASSERT_EQ(s["holds"].size(), 1u);
  ASSERT_EQ(s["holds"][0]["violations"].size(), 1u);
  EXPECT_EQ(s["holds"][0]["violations"][0]["keyword"], "required");
  EXPECT_EQ(s["holds"][0]["violations"][0]["params"]["missingProperty"], "customer") << s["holds"][0]["violations"];
  EXPECT_EQ(api.read("/api/v1/workflows/" + workflow)["schedules"], (Json{{"total", 1}, {"invalid", 1}}));
  const HttpAnswer refused = api.post(path_of(s) + "/run", Json::object());
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.code(), "SCHEDULE_INVALID");

  // Two of its due times pass; nothing but what had started before may arrive.
  const std::string runs_before = fixture->sql("SELECT count(*) FROM runs WHERE schedule_id = '" + s["id"].get<std::string>() + "'");
  const Instant later = clock->now() + std::chrono::milliseconds(2200);
  ASSERT_TRUE(eventually([&] { return clock->now() > later; }));
  EXPECT_EQ(fixture->sql("SELECT count(*) FROM runs WHERE schedule_id = '" + s["id"].get<std::string>() + "'"), runs_before);

  const HttpAnswer mended = api.patch(path_of(s), {{"payload", {{"order", 1}, {"customer", "c"}}}}, s["revision"]);
  ASSERT_EQ(mended.status, 200) << mended.body;
  EXPECT_EQ(mended.json()["status"], "active");
  EXPECT_EQ(mended.json()["bound_version"], 2);
  sink.clear();
  ASSERT_TRUE(eventually([&] { return sink.count() >= 1; }));
  EXPECT_EQ(sink.calls()[0].json(), (Json{{"order", 1}, {"customer", "c"}}));
  const Json fires = api.read(path_of(s) + "/fires")["items"];
  const auto held = std::ranges::find(fires, "invalid", [](const Json& f) { return f["verdict"].get<std::string>(); });
  ASSERT_NE(held, fires.end()) << fires;
  EXPECT_GE((*held)["count"], 2);
  // Every due time stands in the ledger once, with the run it started.
  std::set<std::string> due;
  for (const auto& fire : fires) EXPECT_TRUE(due.insert(fire["due_at"]).second) << fire;
}

TEST_F(Story, ALaterPublishRevivesWhatAnEarlierOneBroke) {
  const std::string workflow = api.workflow("Post", posting_workflow(sink.url(), kOrderSchema));
  const Json s = schedule(workflow, {{"kind", "cron"}, {"cron", "0 0 1 1 *"}}, {{"order", 1}});
  const Json held = schedule(workflow, {{"kind", "cron"}, {"cron", "0 0 1 1 *"}}, {{"order", 2}}, {{"name", "Paused"}, {"paused", true}});
  EXPECT_EQ(api.publish(workflow, posting_workflow(sink.url(), kStricterSchema))["counts"]["invalid"], 2);
  const Json again = api.publish(workflow, posting_workflow(sink.url(), "{type: object}"));
  EXPECT_EQ(again["counts"]["revived"], 2);
  EXPECT_EQ(api.read(path_of(s))["status"], "active");
  EXPECT_EQ(api.read(path_of(s))["bound_version"], 3);
  EXPECT_FALSE(api.read(path_of(s))["next_due_at"].is_null());
  EXPECT_EQ(api.read(path_of(held))["status"], "paused");
  const Json planned = api.make("/api/v1/workflows/" + workflow + "/publish/plan", Json::object());
  EXPECT_EQ(planned["dry_run"], true);
  EXPECT_EQ(planned["counts"]["rebound"], 2);
  EXPECT_EQ(api.read("/api/v1/workflows/" + workflow)["latest_version"], 3);
}

TEST_F(Story, PauseStopsItAndResumeGoesOnWithoutCatchingUp) {
  const std::string workflow = api.workflow("Post", posting_workflow(sink.url()));
  Json s = schedule(workflow, kEverySecond, {{"a", 1}});
  ASSERT_TRUE(eventually([&] { return sink.count() >= 1; }));
  s = api.make(path_of(s) + "/pause", {{"reason", "Stocktaking"}});
  EXPECT_EQ(s["status"], "paused");
  EXPECT_EQ(s["status_reason"], "Stocktaking");
  EXPECT_TRUE(s["next_due_at"].is_null());
  const std::string started = "SELECT count(*) FROM fires WHERE verdict = 'started' AND schedule_id = '" + s["id"].get<std::string>() + "'";
  const std::string before = fixture->sql(started);
  const Instant later = clock->now() + std::chrono::milliseconds(2200);
  ASSERT_TRUE(eventually([&] { return clock->now() > later; }));
  EXPECT_EQ(fixture->sql(started), before);
  s = api.make(path_of(s) + "/resume", Json::object());
  EXPECT_EQ(s["status"], "active");
  EXPECT_GT(*parse_instant(s["next_due_at"].get<std::string>()), later);
  ASSERT_TRUE(eventually([&] { return fixture->sql(started) != before; }));
  const Json paused = api.read(path_of(s) + "/fires?verdict=paused")["items"];
  ASSERT_EQ(paused.size(), 1u);
  EXPECT_EQ(paused[0]["reason"], "Stocktaking");
  EXPECT_GE(paused[0]["count"], 2);
  api.make(path_of(s) + "/pause", Json::object());
}

TEST_F(Story, AOneTimeThatPassedWhilePausedAsksWhatToDo) {
  const std::string workflow = api.workflow("Post", posting_workflow(sink.url()));
  std::vector<Json> made;
  for (const char* name : {"run", "move", "expire"})
    made.push_back(schedule(workflow, {{"kind", "once"}, {"run_at", in_seconds(1)}}, {{"n", name}}, {{"name", name}, {"paused", true}}));
  const Instant later = clock->now() + std::chrono::milliseconds(1300);
  ASSERT_TRUE(eventually([&] { return clock->now() > later; }));
  const HttpAnswer asked = api.post(path_of(made[0]) + "/resume", Json::object());
  EXPECT_EQ(asked.status, 409);
  EXPECT_EQ(asked.code(), "RUN_AT_PASSED");
  EXPECT_EQ(api.make(path_of(made[0]) + "/resume", {{"passed_one_time", "run_now"}})["status"], "completed");
  const std::string tomorrow = in_seconds(86400);
  const Json moved = api.make(path_of(made[1]) + "/resume", {{"passed_one_time", "reschedule"}, {"run_at", tomorrow}});
  EXPECT_EQ(moved["status"], "active");
  EXPECT_EQ(parse_instant(moved["next_due_at"].get<std::string>()), parse_instant(tomorrow));
  EXPECT_EQ(api.make(path_of(made[2]) + "/resume", {{"passed_one_time", "expire"}})["status"], "expired");
  EXPECT_EQ(api.read(path_of(made[2]))["status"], "expired");
  ASSERT_TRUE(eventually([&] { return sink.count() == 1; }));
  EXPECT_EQ(sink.calls()[0].json(), (Json{{"n", "run"}}));
  const HttpAnswer over = api.post(path_of(made[0]) + "/resume", Json::object());
  EXPECT_EQ(over.status, 409);
  EXPECT_EQ(over.code(), "SCHEDULE_COMPLETED");
}

TEST_F(Story, AOneTimeThatPassedWhileInvalidIsExpiredAndNotCompleted) {
  const std::string workflow = api.workflow("Post", posting_workflow(sink.url(), kOrderSchema));
  const Json once{{"kind", "once"}, {"run_at", in_seconds(2)}};
  const Json mended = schedule(workflow, once, {{"order", 1}}, {{"name", "mended"}});
  const Json revived = schedule(workflow, once, {{"order", 2}}, {{"name", "revived"}});
  api.publish(workflow, posting_workflow(sink.url(), kStricterSchema));
  EXPECT_EQ(api.read(path_of(mended))["status"], "invalid");
  const Instant later = clock->now() + std::chrono::milliseconds(2200);
  ASSERT_TRUE(eventually([&] { return clock->now() > later; }));

  const HttpAnswer saved = api.patch(path_of(mended), {{"payload", {{"order", 1}, {"customer", "A"}}}}, api.read(path_of(mended))["revision"]);
  EXPECT_EQ(saved.status, 200) << saved.body;
  api.publish(workflow, posting_workflow(sink.url(), kOrderSchema));
  for (const Json& s : {mended, revived}) {
    const Json shown = api.read(path_of(s));
    EXPECT_EQ(shown["status"], "expired") << shown;
    EXPECT_EQ(shown["stats"]["total"], 0);
    const std::string alerts = "SELECT count(*) FROM alerts WHERE code = 'ONE_TIME_EXPIRED' AND object_id = '" + s["id"].get<std::string>() + "'";
    EXPECT_EQ(fixture->sql(alerts), "1") << shown["name"];
  }
  EXPECT_EQ(sink.count(), 0u);
}

TEST_F(Story, RunNowMergesOverridesAndMovesNothing) {
  const std::string workflow = api.workflow("Post", posting_workflow(sink.url(), kOrderSchema));
  const Json s = schedule(workflow, {{"kind", "cron"}, {"cron", "0 0 1 1 *"}}, {{"order", 1}, {"drop", "me"}});
  const Json started = api.make(path_of(s) + "/run", {{"overrides", {{"order", 2}, {"drop", nullptr}}}, {"priority", "high"}});
  const Json run = api.ended(started["run_id"]);
  EXPECT_EQ(run["input"], (Json{{"order", 2}}));
  EXPECT_EQ(run["priority"], "high");
  EXPECT_EQ(run["provenance"]["reason"], "manual");
  EXPECT_EQ(run["provenance"]["schedule_id"], s["id"]);
  EXPECT_EQ(run["provenance"]["actor"], "Admin");
  EXPECT_EQ(api.read(path_of(s))["next_due_at"], s["next_due_at"]);
  EXPECT_EQ(api.read(path_of(s))["revision"], s["revision"]);
  EXPECT_TRUE(api.read(path_of(s) + "/fires")["items"].empty());
  const HttpAnswer refused = api.post(path_of(s) + "/run", {{"overrides", {{"order", "two"}}}});
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.code(), "PAYLOAD_INVALID");
  EXPECT_EQ(refused.json()["violations"][0]["instance"], "/order");

  const Json retried = api.ended(api.make("/api/v1/runs/" + run["id"].get<std::string>() + "/retry")["run_id"]);
  EXPECT_EQ(retried["provenance"]["reason"], "retry");
  EXPECT_EQ(retried["provenance"]["retry_of"], run["id"]);
  EXPECT_EQ(retried["input"], run["input"]);
  ASSERT_EQ(sink.count(), 2u);
  EXPECT_NE(sink.calls()[0].key(), sink.calls()[1].key());
}

TEST_F(Story, CancelEndsAWaitingAndARunningRun) {
  const std::string waiting = api.workflow("Wait", definition("  - pause: {wait: {hours: 1}}\n"));
  const std::string calling = api.workflow("Call", posting_workflow(sink.url()));
  sink.hold();
  const std::string first = api.make("/api/v1/workflows/" + waiting + "/runs", Json::object())["run_id"];
  const std::string second = api.make("/api/v1/workflows/" + calling + "/runs", Json::object())["run_id"];
  ASSERT_TRUE(eventually([&] { return api.read("/api/v1/runs/" + first)["state"] == "waiting"; }));
  ASSERT_TRUE(eventually([&] { return sink.count() == 1 && api.read("/api/v1/runs/" + second)["state"] == "running"; }));
  const HttpAnswer too_early = api.post("/api/v1/runs/" + first + "/retry");
  EXPECT_EQ(too_early.status, 409);
  EXPECT_EQ(too_early.code(), "RUN_NOT_ENDED");
  for (const auto& id : {first, second}) {
    EXPECT_EQ(api.post("/api/v1/runs/" + id + "/cancel").status, 200);
    EXPECT_EQ(api.ended(id)["state"], "cancelled");
    const HttpAnswer again = api.post("/api/v1/runs/" + id + "/cancel");
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(again.code(), "RUN_ENDED");
  }
  sink.let_go();
  EXPECT_EQ(sink.count(), 1u);
}

TEST_F(Story, ATimeoutEndsARunThatHangs) {
  sink.hold();
  const Json run = run_of("Slow", "document: {dsl: '1.0.0', namespace: test, name: w, version: '1.0.0'}\ntimeout: {after: PT1S}\ndo:\n"
                                  "  - ask: {call: http, with: {method: get, endpoint: '" + sink.url() + "'}}\n");
  EXPECT_EQ(run["state"], "timed_out");
  EXPECT_GE(run["duration_ms"], 1000);
  EXPECT_EQ(run["error"]["status"], 408);
  sink.let_go();
}

TEST_F(Story, RetriesAreRecordedAsAttemptsUnderOneKey) {
  std::atomic<int> asked{0};
  HttpSink flaky([&](const SinkCall&) { return SinkAnswer{++asked <= 2 ? 503 : 200, R"({"done":true})"}; });
  const Json run = run_of("Flaky", definition("  - save:\n      try:\n        - ask: {call: http, with: {method: post, endpoint: '" + flaky.url() +
                                              "', body: '${ . }'}}\n      catch:\n        errors: {with: {status: 503}}\n"
                                              "        retry: {delay: {milliseconds: 50}, limit: {attempt: {count: 5}}}\n"), {{"x", 1}});
  EXPECT_EQ(run["state"], "succeeded");
  EXPECT_EQ(run["output"], (Json{{"done", true}}));
  const auto ask = std::ranges::find(run["steps"], "ask", [](const Json& s) { return s["name"].get<std::string>(); });
  ASSERT_NE(ask, run["steps"].end()) << run["steps"];
  ASSERT_EQ((*ask)["attempts"].size(), 3u) << run["steps"];
  EXPECT_EQ((*ask)["attempts"][0]["error"]["status"], 503);
  EXPECT_TRUE((*ask)["attempts"][2]["error"].is_null());
  ASSERT_EQ(flaky.count(), 3u);
  EXPECT_EQ(flaky.calls()[0].key(), flaky.calls()[2].key());
}

TEST_F(Story, AnErrorThatIsCaughtGoesOnAndOneThatIsNotFailsTheRun) {
  HttpSink broken([](const SinkCall&) { return SinkAnswer{500, R"({"why":"broken"})"}; });
  const std::string call = "{call: http, with: {method: get, endpoint: '" + broken.url() + "'}}";
  const Json caught = run_of("Caught", definition("  - safe:\n      try: [{ask: " + call + "}]\n      catch:\n        as: e\n"
                                                  "        do: [{note: {set: {status: '${ $e.status }'}}}]\n"));
  EXPECT_EQ(caught["state"], "succeeded");
  EXPECT_EQ(caught["output"], (Json{{"status", 500}}));
  const Json failed = run_of("Failed", definition("  - ask: " + call + "\n"));
  EXPECT_EQ(failed["state"], "failed");
  EXPECT_EQ(failed["error"]["status"], 500);
  EXPECT_EQ(failed["error"]["step"], "/do/0/ask");
  const Json raised = run_of("Raised", definition("  - stop: {raise: {error: {type: 'https://example.com/stop', status: 400, title: No, detail: Never}}}\n"));
  EXPECT_EQ(raised["error"]["title"], "No");
}

TEST_F(Story, FailuresAndSuccessesAreCountedOnTheSchedule) {
  std::atomic<int> asked{0};
  HttpSink flaky([&](const SinkCall&) { return SinkAnswer{++asked % 2 == 1 ? 500 : 200}; });
  const std::string workflow = api.workflow("Flaky", posting_workflow(flaky.url()));
  const Json s = schedule(workflow, {{"kind", "manual"}}, Json::object());
  for (int i = 0; i < 3; ++i) api.ended(api.make(path_of(s) + "/run", Json::object())["run_id"]);
  const Json shown = api.read(path_of(s));
  EXPECT_EQ(shown["stats"]["succeeded"], 1);
  EXPECT_EQ(shown["stats"]["failed"], 2);
  EXPECT_EQ(shown["stats"]["total"], 3);
  EXPECT_FALSE(shown["last_error"].is_null());
  EXPECT_TRUE(shown["next_due_at"].is_null());
}

TEST_F(Story, OverlapSkipRecordsWhatItSkips) {
  sink.hold();
  const std::string workflow = api.workflow("Slow", posting_workflow(sink.url()));
  const Json skip = schedule(workflow, kEverySecond, {{"policy", "skip"}}, {{"name", "skip"}});
  const Json allow = schedule(workflow, kEverySecond, {{"policy", "allow"}}, {{"name", "allow"}, {"overlap_policy", "allow"}, {"max_runs", 2}});
  const std::string fires = path_of(skip) + "/fires?verdict=skipped_overlap";
  ASSERT_TRUE(eventually([&] { return !api.read(fires)["items"].empty(); }));
  ASSERT_TRUE(eventually([&] { return api.read(path_of(allow))["status"] == "completed"; }));
  EXPECT_EQ(api.read(path_of(skip) + "/fires?verdict=started")["items"].size(), 1u);
  EXPECT_EQ(api.read(path_of(allow) + "/fires?verdict=started")["items"].size(), 2u);
  api.make(path_of(skip) + "/pause", Json::object());
  const Json shown = api.read(path_of(skip));
  EXPECT_EQ(shown["stats"]["total"], 1);
  EXPECT_EQ(shown["stats"]["unfinished"], 1);
  const Json last = api.read(fires)["items"][0];
  EXPECT_EQ(shown["last_fire"]["due_at"], last["due_at"]);
  EXPECT_EQ(shown["last_fire"]["lateness_ms"], last["lateness_ms"]) << "what started nothing was not late, wherever it is shown";
  sink.let_go();
  ASSERT_TRUE(eventually([&] { return api.read("/api/v1/runs?state=running")["items"].empty(); }));
  EXPECT_EQ(sink.count(), 3u);
}
