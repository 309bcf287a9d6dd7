// Bad input gets a precise answer, and nothing is half-saved.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/http_sink.h"
#include "tests/support/hub_suite.h"

using namespace carillon;
using namespace carillon::test;
using ::testing::HasSubstr;

namespace {

const Json kNever{{"kind", "manual"}};

class Refusal : public HubSuite<Refusal> {
 protected:
  std::unique_ptr<Clock> clock = make_system_clock();

  std::string workflow(const std::string& name = "W") const {
    return api.workflow(name, posting_workflow("http://127.0.0.1:9/", "{type: object, required: [n], properties: {n: {type: integer, minimum: 1}, "
                                                                      "mail: {type: string, format: email}}, additionalProperties: false}"));
  }
  struct Expected {
    int status;
    std::string code, field, value, remedy;  ///< value "*" for any, remedy a part of it
  };
  /// Sends it, compares the problem with what is expected, and looks that no table has changed.
  Json refused(const std::function<HttpAnswer()>& send, const Expected& e) const {
    // Runs of the test before may still be on their way; nothing else writes.
    EXPECT_TRUE(eventually([&] { return fixture->row_counts()["run_queue"] == "0"; }));
    const auto before = fixture->row_counts();
    const HttpAnswer answer = send();
    const Json problem = answer.json();
    EXPECT_EQ(answer.status, e.status) << answer.body;
    EXPECT_EQ(answer.header("content-type"), "application/problem+json");
    if (e.code != "*") EXPECT_EQ(problem.value("code", ""), e.code) << answer.body;
    EXPECT_EQ(problem.value("field", ""), e.field) << answer.body;
    if (e.value != "*") EXPECT_EQ(problem.value("value", ""), e.value) << answer.body;
    EXPECT_THAT(problem.value("remedy", ""), HasSubstr(e.remedy)) << answer.body;
    EXPECT_FALSE(problem.value("detail", "").empty());
    EXPECT_EQ(fixture->row_counts(), before) << answer.body;
    return problem;
  }
  Json refused_schedule(Json body, const Expected& e) const {
    return refused([&] { return api.post("/api/v1/schedules", body); }, e);
  }
  Json body_of(const std::string& workflow_id, const Json& timing, const Json& payload = {{"n", 1}}) const {
    return {{"workflow_id", workflow_id}, {"name", "S"}, {"timing", timing}, {"payload", payload}};
  }
};

}  // namespace

TEST_F(Refusal, TimingsThatCannotBeKept) {
  const std::string w = workflow();
  const std::string past = format_instant(clock->now() - std::chrono::hours(1));
  refused_schedule(body_of(w, {{"kind", "once"}, {"run_at", past}}), {422, "RUN_AT_IN_PAST", "/timing/run_at", past, "later time"});
  refused_schedule(body_of(w, {{"kind", "once"}, {"local", "2020-01-01T10:00"}, {"zone", "Europe/Berlin"}}),
                   {422, "RUN_AT_IN_PAST", "/timing/local", "2020-01-01T09:00:00Z", "later time"});
  refused_schedule(body_of(w, {{"kind", "once"}}), {422, "TIMING_INCOMPLETE", "/timing/run_at", "", "run_at"});
  refused_schedule(body_of(w, {{"kind", "once"}, {"run_at", "2031-01-01T10:00:00"}}), {422, "INVALID_REQUEST", "/timing/run_at", "*", ""});
  refused_schedule(body_of(w, {{"kind", "once"}, {"local", "2031-03-30T02:30"}, {"zone", "Europe/Berlin"}}),
                   {422, "RUN_AT_IN_GAP", "/timing/local", "2031-03-30T02:30", ""});
  refused_schedule(body_of(w, {{"kind", "once"}, {"local", "2031-10-26T02:30"}, {"zone", "Europe/Berlin"}}),
                   {422, "RUN_AT_AMBIGUOUS", "/timing/local", "2031-10-26T02:30", "fold"});
  refused_schedule(body_of(w, {{"kind", "cron"}, {"cron", "61 * * * *"}}), {422, "INVALID_CRON", "/timing/cron", "61", ""});
  refused_schedule(body_of(w, {{"kind", "cron"}, {"cron", "0 0 9 * * *"}}), {422, "INVALID_CRON", "/timing/cron", "*", "interval"});
  refused_schedule(body_of(w, {{"kind", "cron"}, {"cron", "0 0 30 2 *"}}), {422, "CRON_NEVER_FIRES", "/timing/cron", "0 0 30 2 *", "L"});
  refused_schedule(body_of(w, {{"kind", "interval"}, {"every", 0}, {"unit", "seconds"}}), {422, "INVALID_REQUEST", "/timing/every", "0", ""});
  refused_schedule(body_of(w, {{"kind", "interval"}, {"every", 40000}, {"unit", "days"}}), {422, "INTERVAL_TOO_LONG", "/timing/every", "*", "shorter"});
  refused_schedule(body_of(w, {{"kind", "interval"}, {"every", INT64_MAX}, {"unit", "days"}}), {422, "INTERVAL_TOO_LONG", "/timing/every", "9223372036854775807", "shorter"});
  Json reversed = body_of(w, {{"kind", "cron"}, {"cron", "0 9 * * *"}});
  reversed["start_at"] = "2031-01-02T00:00:00Z";
  reversed["end_at"] = "2031-01-01T00:00:00Z";
  refused_schedule(reversed, {422, "BOUNDS_REVERSED", "/end_at", "2031-01-01T00:00:00Z", "after"});
  Json over = body_of(w, {{"kind", "cron"}, {"cron", "0 9 * * *"}});
  over["end_at"] = past;
  refused_schedule(over, {422, "NEVER_DUE", "/end_at", past, "later end"});
}

TEST_F(Refusal, ZonesThatDoNotExist) {
  const std::string w = workflow();
  refused_schedule(body_of(w, {{"kind", "cron"}, {"cron", "0 9 * * *"}, {"zone", "Europe/Berln"}}),
                   {422, "UNKNOWN_ZONE", "/timing/zone", "Europe/Berln", "Europe/Berlin"});
  refused([&] { return api.post("/api/v1/schedules/preview", {{"timing", {{"kind", "cron"}, {"cron", "0 9 * * *"}, {"zone", "Mars"}}}}); },
          {422, "UNKNOWN_ZONE", "/timing/zone", "Mars", "IANA"});
  EXPECT_EQ(api.make("/api/v1/schedules", body_of(w, {{"kind", "cron"}, {"cron", "0 9 * * *"}}))["timing"]["zone"], "Europe/Berlin");
}

TEST_F(Refusal, WorkflowsThatCannotBeScheduled) {
  const std::string unpublished = api.make("/api/v1/workflows", {{"name", "Unpublished"}})["id"];
  refused_schedule(body_of(unpublished, kNever), {422, "NO_PUBLISHED_VERSION", "/workflow_id", unpublished, "Publish"});
  const std::string open = api.workflow("No schema", "document: {dsl: '1.0.0', namespace: t, name: n, version: '1.0.0'}\ndo: [{a: {set: {b: 1}}}]\n");
  refused_schedule(body_of(open, kNever), {422, "NO_PAYLOAD_SCHEMA", "/workflow_id", open, "input.schema"});
  const std::string nowhere = "01a1fcab-5647-700e-a6a9-bd5855b56a8d";
  refused_schedule(body_of(nowhere, kNever), {404, "NOT_FOUND", "/workflow_id", nowhere, "id"});
  refused([&] { return api.post("/api/v1/workflows/" + unpublished + "/runs", Json::object()); },
          {409, "NO_PUBLISHED_VERSION", "id", unpublished, "Publish"});
}

TEST_F(Refusal, ALocalTimeThatContradictsTheInstantBesideIt) {
  const std::string w = workflow();
  const Json answered{{"kind", "once"}, {"run_at", "2031-10-26T01:30:00Z"}, {"local", "2031-10-26T02:30"}, {"zone", "Europe/Berlin"}};
  const Json made = api.make("/api/v1/schedules", body_of(w, answered));
  Json with_pass = answered;
  with_pass["fold"] = "later";
  EXPECT_EQ(made["timing"], with_pass);
  EXPECT_THAT(made["sentence"].get<std::string>(), HasSubstr("second time"));
  EXPECT_EQ(api.patch("/api/v1/schedules/" + made["id"].get<std::string>(), {{"timing", with_pass}}, 1).json()["timing"], with_pass)
      << "what an answer shows can be sent back, also where the local time comes twice";
  Json moved = answered;
  moved["local"] = "2031-11-05T02:30";
  const std::string path = "/api/v1/schedules/" + made["id"].get<std::string>();
  const Expected contradicts{422, "TIMING_CONTRADICTS", "/timing/local", "2031-11-05T02:30", "one of the two"};
  refused([&] { return api.patch(path, {{"timing", moved}}, 2); }, contradicts);
  moved = answered;
  moved["fold"] = "earlier";
  refused([&] { return api.patch(path, {{"timing", moved}}, 2); }, {422, "TIMING_CONTRADICTS", "/timing/local", "2031-10-26T02:30", "one of the two"});
  EXPECT_EQ(api.read(path)["timing"], with_pass);
}

TEST_F(Refusal, SettingsThatNothingWouldUse) {
  const std::string w = workflow();
  const Json daily{{"kind", "cron"}, {"cron", "0 9 * * *"}}, once{{"kind", "once"}, {"run_at", "2031-01-01T10:00:00Z"}};
  const auto with = [&](const Json& timing, const Json& more) {
    Json body = body_of(w, timing);
    body.update(more);
    return body;
  };
  const std::string when = "2031-01-01T00:00:00Z", code = "SETTING_UNUSED";
  refused_schedule(with(daily, {{"overlap", {{"key", ".n"}}}}), {422, code, "/overlap/key", ".n", "overlap.scope"});
  refused_schedule(with(daily, {{"overlap", {{"limit", 3}}}}), {422, code, "/overlap/limit", "3", "buffer_all or allow"});
  refused_schedule(with(daily, {{"overlap_policy", "allow"}, {"overlap", {{"deadline_seconds", 5}}}}),
                   {422, code, "/overlap/deadline_seconds", "5", "cancel_other"});
  refused_schedule(with(once, {{"max_runs", 5}}), {422, code, "/max_runs", "5", "null"});
  refused_schedule(with(kNever, {{"max_runs", 5}}), {422, code, "/max_runs", "5", "null"});
  refused_schedule(with(kNever, {{"start_at", when}}), {422, code, "/start_at", when, "null"});
  refused_schedule(with(kNever, {{"end_at", when}}), {422, code, "/end_at", when, "null"});
  refused([&] { return api.post("/api/v1/schedules/bulk", {{"action", "pause"}, {"ids", {w}}, {"expected_count", 7}}); },
          {422, code, "/expected_count", "7", "filter"});

  const Json made = api.make("/api/v1/schedules", with(daily, {{"end_at", when}, {"overlap_policy", "cancel_other"}, {"overlap", {{"deadline_seconds", 5}}}}));
  const std::string path = "/api/v1/schedules/" + made["id"].get<std::string>();
  refused([&] { return api.patch(path, {{"timing", kNever}}, 1); }, {422, code, "/end_at", when, "null"});
  EXPECT_EQ(api.patch(path, {{"timing", kNever}, {"end_at", nullptr}}, 1).status, 200);
  // What an answer shows can be sent back, and a policy can be changed without its deadline.
  EXPECT_EQ(api.patch(path, {{"overlap_policy", "skip"}, {"overlap", made["overlap"]}}, 2).status, 200);
  const HttpAnswer keyed = api.patch(path, {{"overlap", {{"scope", "key"}, {"key", ".n"}}}}, 3);
  EXPECT_EQ(keyed.json()["overlap"]["key"], ".n") << keyed.body;
  EXPECT_FALSE(api.patch(path, {{"overlap", {{"scope", "schedule"}}}}, 4).json()["overlap"].contains("key"));
}

TEST_F(Refusal, NamesAndLabelsThatCannotBeToldApart) {
  const std::string w = workflow();
  const auto named = [&](const std::string& name) {
    Json body = body_of(w, kNever);
    body["name"] = name;
    return body;
  };
  refused_schedule(named(" max2 "), {422, "NAME_HAS_OUTER_BLANKS", "/name", " max2 ", "blank"});
  refused_schedule(named("max2 "), {422, "NAME_HAS_OUTER_BLANKS", "/name", "max2 ", "blank"});
  refused_schedule(named("one\ntwo"), {422, "NAME_HAS_CONTROLS", "/name", "*", "one line"});
  Json twice = named("S");
  twice["labels"] = {"red", "blue", "red"};
  refused_schedule(twice, {422, "LABEL_REPEATED", "/labels/2", "red", "once"});
  const Json made = api.make("/api/v1/schedules", named("max 2"));
  const std::string path = "/api/v1/schedules/" + made["id"].get<std::string>();
  refused([&] { return api.patch(path, {{"name", "max 2\t"}}, 1); }, {422, "NAME_HAS_CONTROLS", "/name", "*", "one line"});
  refused([&] { return api.patch("/api/v1/workflows/" + w, {{"name", " "}}, api.read("/api/v1/workflows/" + w)["revision"]); },
          {422, "NAME_BLANK", "/name", " ", "name"});
  refused([&] { return api.post("/api/v1/workflows", {{"name", "W "}}); }, {422, "NAME_HAS_OUTER_BLANKS", "/name", "W ", "blank"});
  refused([&] { return api.post("/api/v1/api-keys", {{"name", "\t"}, {"role", "viewer"}}); }, {422, "NAME_BLANK", "/name", "*", "name"});
}

TEST_F(Refusal, TimesThatNobodyCanKeepOrShow) {
  const Json daily{{"kind", "cron"}, {"cron", "0 9 * * *"}, {"zone", "UTC"}};
  const std::string w = workflow();
  const std::string code = "TIME_MALFORMED", beyond = "9999-12-31T23:59:59-05:00", leap = "2027-12-31T23:59:60Z";
  for (const char* field : {"start_at", "end_at"})
    for (const std::string& time : {beyond, leap, std::string("2027-12-31T23:59:00.1234567890123Z"), std::string("0001-01-01T00:00:00+05:00")}) {
      Json body = body_of(w, daily);
      body[field] = time;
      refused_schedule(body, {422, code, std::string("/") + field, time, "2026"});
    }
  refused_schedule(body_of(w, {{"kind", "once"}, {"run_at", beyond}}), {422, "RUN_AT_MALFORMED", "/timing/run_at", beyond, "2026"});
  refused_schedule(body_of(w, {{"kind", "once"}, {"local", "9999-12-31T23:59:59"}, {"zone", "America/New_York"}}),
                   {422, "RUN_AT_MALFORMED", "/timing/local", "9999-12-31T23:59:59", "another time"});
  refused([&] { return api.post("/api/v1/schedules/preview", {{"timing", daily}, {"after", leap}}); }, {422, code, "/after", leap, "2026"});
  refused([&] { return api.post("/api/v1/maintenance", {{"reason", "For ever."}, {"until", beyond}}); }, {422, "*", "/until", beyond, ""});
  Json body = body_of(w, daily);
  body["end_at"] = "2031-01-01T00:00:00Z";
  const std::string path = "/api/v1/schedules/" + api.make("/api/v1/schedules", body)["id"].get<std::string>();
  refused([&] { return api.patch(path, {{"end_at", leap}}, 1); }, {422, code, "/end_at", leap, "2026"});
  refused([&] { return api.post(path + "/pause", {{"until", leap}}); }, {422, code, "/until", leap, "2026"});
  refused([&] { return api.get(path + "/explain?at=0001-01-01T00:00:00%2B05:00"); }, {400, "PARAMETER_INVALID", "at", "*", "2026"});
  refused([&] { return api.get("/api/v1/runs?from=" + leap); }, {400, "PARAMETER_INVALID", "from", leap, "2026"});
  Json many = body_of(w, daily);
  many["max_runs"] = 9223372036854775808u;
  refused_schedule(many, {422, "INVALID_REQUEST", "/max_runs", "9223372036854775808", "NewSchedule"});
}

TEST_F(Refusal, ATimeToRescheduleToIsNamedWhereItWasSent) {
  Json body = body_of(workflow(), {{"kind", "once"}, {"run_at", format_instant(clock->now() + std::chrono::seconds(1))}});
  body["paused"] = true;
  const std::string path = "/api/v1/schedules/" + api.make("/api/v1/schedules", body)["id"].get<std::string>();
  const Instant later = clock->now() + std::chrono::milliseconds(1200);
  ASSERT_TRUE(eventually([&] { return clock->now() > later; }));
  refused([&] { return api.post(path + "/resume", {{"passed_one_time", "reschedule"}, {"run_at", "2020-01-01T00:00:00Z"}}); },
          {422, "RUN_AT_IN_PAST", "/run_at", "2020-01-01T00:00:00Z", "later time"});
}

TEST_F(Refusal, PayloadsThatDoNotFitOnCreateAndEdit) {
  const std::string w = workflow();
  const Json bad{{"n", 0}, {"mail", "nobody"}, {"extra", true}};
  const Json problem = refused_schedule(body_of(w, kNever, bad), {422, "PAYLOAD_INVALID", "/payload", "*", ""});
  std::set<std::string> places;
  for (const auto& violation : problem["violations"]) places.insert(violation["instance"]);
  EXPECT_EQ(places, (std::set<std::string>{"", "/mail", "/n"})) << problem;
  const Json made = api.make("/api/v1/schedules", body_of(w, kNever));
  const std::string path = "/api/v1/schedules/" + made["id"].get<std::string>();
  refused([&] { return api.patch(path, {{"payload", bad}, {"name", "Renamed"}}, 1); }, {422, "PAYLOAD_INVALID", "/payload", "*", ""});
  EXPECT_EQ(api.read(path), made);
  refused([&] { return api.post("/api/v1/workflows/" + w + "/runs", {{"input", {{"n", "x"}}}}); }, {422, "PAYLOAD_INVALID", "/input", "*", ""});
}

TEST_F(Refusal, NamesThatAreTakenOrBlank) {
  const std::string w = workflow();
  api.make("/api/v1/schedules", body_of(w, kNever));
  refused_schedule(body_of(w, kNever), {409, "NAME_TAKEN", "/name", "S", "another name"});
  Json blank = body_of(w, kNever);
  blank["name"] = "  ";
  refused_schedule(blank, {422, "NAME_BLANK", "/name", "  ", "name"});
  blank["name"] = "";
  refused_schedule(blank, {422, "INVALID_REQUEST", "/name", "\"\"", "NewSchedule"});
  refused([&] { return api.post("/api/v1/workflows", {{"name", "W"}}); }, {409, "NAME_TAKEN", "/name", "W", "another name"});
  refused([&] { return api.post("/api/v1/workflows", {{"name", ""}}); }, {422, "INVALID_REQUEST", "/name", "\"\"", ""});
}

TEST_F(Refusal, DefinitionsThatCannotRun) {
  const std::string text = "document: {dsl: '1.0.0', namespace: t, name: n, version: '1.0.0'}\ndo: [{a: {fork: {branches: []}}}]\n";
  const Json problem = refused([&] { return api.post("/api/v1/workflows", {{"name", "Fork"}, {"text", text}}); },
                               {422, "DEFINITION_INVALID", "/text", "*", ""});
  EXPECT_THAT(problem["detail"].get<std::string>(), HasSubstr("fork"));
  const std::string schema = "document: {dsl: '1.0.0', namespace: t, name: n, version: '1.0.0'}\ninput: {schema: {format: json, document: {type: nonsense}}}\n"
                             "do: [{a: {set: {b: 1}}}]\n";
  refused([&] { return api.post("/api/v1/workflows", {{"name", "Schema"}, {"text", schema}}); }, {422, "DEFINITION_INVALID", "/text", "*", ""});
}

TEST_F(Refusal, ForeignThingsAreNotThere) {
  const std::string w = workflow();
  const Json s = api.make("/api/v1/schedules", body_of(w, kNever));
  const Json run = api.make("/api/v1/workflows/" + w + "/runs", {{"input", {{"n", 1}}}});
  const Json key = api.make("/api/v1/api-keys", {{"name", "K"}, {"role", "viewer"}});
  Json yearly = body_of(w, {{"kind", "cron"}, {"cron", "0 0 1 1 *"}});
  yearly["name"] = "Yearly";
  const Json backfill = api.make("/api/v1/schedules/" + api.make("/api/v1/schedules", yearly)["id"].get<std::string>() + "/backfills",
                                 {{"from", "2025-12-31T00:00:00Z"}, {"to", "2026-01-06T00:00:00Z"}});
  const Json maintenance = api.make("/api/v1/maintenance", {{"reason", "Moving"}});
  const HttpAnswer bulk_answer = api.post("/api/v1/schedules/bulk", {{"action", "pause"}, {"ids", {s["id"]}}});
  ASSERT_EQ(bulk_answer.status, 202) << bulk_answer.body;
  const Json bulk = bulk_answer.json();
  ASSERT_TRUE(eventually([&] { return api.read("/api/v1/schedules/bulk/" + bulk["id"].get<std::string>())["ended_at"] != nullptr; }));
  api.make("/api/v1/maintenance/" + maintenance["id"].get<std::string>() + "/end");
  fixture->sql("INSERT INTO alerts (tenant_id, id, at, code, object_type, object_id, message, detail) "
               "SELECT tenant_id, gen_random_uuid(), now(), 'C', 'schedule', id, 'm', '{}' FROM schedules WHERE id = '" + s["id"].get<std::string>() + "' RETURNING id");
  const std::map<std::string, std::string> ids = {{"workflows", w}, {"schedules", s["id"]}, {"runs", run["run_id"]}, {"api-keys", key["id"]},
                                                  {"backfills", backfill["id"]}, {"maintenance", maintenance["id"]}, {"schedules/bulk", bulk["id"]},
                                                  {"alerts", fixture->sql("SELECT id FROM alerts LIMIT 1")}};
  const TestTenant other = fixture->tenant();
  api.ended(run["run_id"]);
  ASSERT_TRUE(eventually([&] { return api.read("/api/v1/backfills/" + backfill["id"].get<std::string>())["state"] == "completed"; })) << "nothing else writes from here on";
  const Json document = other.api.read("/api/v1/openapi.json");
  // A body each operation would take, so that only the id can be what is refused.
  const std::map<std::string, Json> bodies = {
      {"PUT draft", {{"text", "x"}, {"format", "yaml"}}}, {"POST validate", {{"text", "x"}, {"format", "yaml"}}},
      {"POST payload/validate", {{"payload", 1}}},
      {"POST backfill/preview", {{"from", "2026-01-05T00:00:00Z"}, {"to", "2026-01-06T00:00:00Z"}}},
      {"POST backfills", {{"from", "2026-01-05T00:00:00Z"}, {"to", "2026-01-06T00:00:00Z"}}}};
  int tried = 0;
  for (const auto& [pattern, operations] : document["paths"].items()) {
    const auto place = pattern.find("{id}");
    if (place == std::string::npos) continue;
    const std::string kind = pattern.substr(8, place - 9);
    for (const auto& [method, _] : operations.items()) {
      std::string verb = method, tail = pattern.substr(place + 4);
      std::ranges::transform(verb, verb.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      if (auto number = tail.find("{number}"); number != std::string::npos) tail.replace(number, 8, "1");
      if (auto revision = tail.find("{revision}"); revision != std::string::npos) tail.replace(revision, 10, "1");
      auto body = bodies.find(verb + " " + (tail.empty() ? "" : tail.substr(1)));
      const bool takes = operations[method].contains("requestBody");
      const std::string text = !takes ? "" : dump_json(body == bodies.end() ? Json::object() : body->second);
      for (const std::string& id : {ids.at(kind), std::string("not-an-id")}) {
        const auto before = fixture->row_counts();
        const HttpAnswer answer = other.api.ask(verb, pattern.substr(0, place) + id + tail + (tail.ends_with("/compare") ? "?with=1" : ""), text, {{"If-Match", "\"1\""}});
        EXPECT_EQ(answer.status, 404) << verb << " " << pattern << " " << answer.body;
        EXPECT_EQ(answer.code(), "NOT_FOUND") << verb << " " << pattern;
        EXPECT_EQ(fixture->row_counts(), before) << verb << " " << pattern;
        ++tried;
      }
    }
  }
  EXPECT_GE(tried, 30);
  EXPECT_TRUE(other.api.read("/api/v1/schedules?workflow_id=" + w)["items"].empty());
  EXPECT_TRUE(other.api.read("/api/v1/runs?workflow_id=" + w)["items"].empty());
  EXPECT_TRUE(other.api.read("/api/v1/workflows")["items"].empty());
  refused([&] { return other.api.post("/api/v1/schedules", body_of(w, kNever)); }, {404, "NOT_FOUND", "/workflow_id", w, "id"});
}

TEST_F(Refusal, BodiesThatCannotBeRead) {
  const std::string path = "/api/v1/schedules";
  const auto raw = [&](const std::string& body, HeaderList headers = {}) { return [=, this] { return api.ask("POST", path, body, headers); }; };
  EXPECT_THAT(refused(raw("{\"name\": }"), {400, "JSON_MALFORMED", "", "*", ""})["detail"].get<std::string>(), HasSubstr("Line 1, column 10"));
  refused(raw("{\"name\":\"a\",\"name\":\"b\"}"), {400, "JSON_DUPLICATE_KEY", "", "*", ""});
  refused(raw("{\"payload\":123456789012345678901234567890}"), {400, "JSON_NUMBER_RANGE", "", "*", ""});
  refused(raw("{\"payload\":\"\\u0000\"}"), {400, "JSON_NUL", "", "*", ""});
  EXPECT_EQ(api.ask("POST", path, "{\"payload\":" + std::string(200, '[') + std::string(200, ']') + "}").code(), "JSON_TOO_DEEP");
  refused(raw("{\"payload\":\"" + std::string(1 << 20, 'x') + "\"}"), {413, "BODY_TOO_LARGE", "", "*", ""});
  refused(raw("name=x", {{"Content-Type", "application/x-www-form-urlencoded"}}), {415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type", "application/x-www-form-urlencoded", "application/json"});
  refused(raw("[]"), {422, "INVALID_REQUEST", "", "[]", "NewSchedule"});
  refused(raw(""), {422, "INVALID_REQUEST", "/name", "", "Add name"});
  Json body = body_of(workflow(), kNever);
  body.erase("payload");
  refused(raw(dump_json(body)), {422, "INVALID_REQUEST", "/payload", "", "Add payload"});
  body["payload"] = {{"n", 1}};
  body["timing"] = {{"kind", "cron"}};
  refused(raw(dump_json(body)), {422, "INVALID_REQUEST", "/timing/cron", "", "Add cron"});
}

TEST_F(Refusal, FieldsAndParametersNobodyKnows) {
  Json body = body_of(workflow(), kNever);
  body["payloads"] = 1;
  refused_schedule(body, {422, "INVALID_REQUEST", "/payloads", "1", "Did you mean payload?"});
  refused([&] { return api.post("/api/v1/workflows", {{"name", "A"}, {"xyzzy", {1}}}); }, {422, "INVALID_REQUEST", "/xyzzy", "[1]", "NewWorkflow"});
  // What exists elsewhere in the request, or under this very name for another kind, is no help here.
  refused_schedule(body_of(body["workflow_id"], {{"kind", "manual"}, {"cron", "0 9 * * *"}}),
                   {422, "INVALID_REQUEST", "/timing/cron", "\"0 9 * * *\"", "Compare with the schema NewSchedule"});
  Json stray = body_of(body["workflow_id"], kNever);
  stray["fod"] = 1;
  refused_schedule(stray, {422, "INVALID_REQUEST", "/fod", "1", "Compare with the schema NewSchedule"});
  refused([&] { return api.get("/api/v1/schedules?statsu=active"); }, {400, "UNKNOWN_PARAMETER", "statsu", "", "Did you mean status?"});
  refused([&] { return api.get("/api/v1/schedules?limit=0"); }, {400, "PARAMETER_INVALID", "limit", "0", ""});
  refused([&] { return api.get("/api/v1/schedules?limit=ten"); }, {400, "PARAMETER_INVALID", "limit", "ten", ""});
  refused([&] { return api.get("/api/v1/schedules?status=asleep"); }, {400, "PARAMETER_INVALID", "status", "asleep", ""});
  refused([&] { return api.get("/api/v1/schedules?status=active&status=paused"); }, {400, "PARAMETER_REPEATED", "status", "*", "once"});
  refused([&] { return api.get("/api/v1/schedules?cursor=forged"); }, {400, "BAD_CURSOR", "cursor", "forged", "without a cursor"});
  refused([&] { return api.get("/api/v1/runs?cursor=forged"); }, {400, "BAD_CURSOR", "cursor", "forged", "without a cursor"});
  refused([&] { return api.get("/api/v1/runs?from=yesterday"); }, {400, "PARAMETER_INVALID", "from", "yesterday", ""});
  refused([&] { return api.get("/api/v1/alerts?open=yes"); }, {400, "PARAMETER_INVALID", "open", "yes", ""});
  for (const char* truth : {"true", "false"}) EXPECT_EQ(api.get(std::string("/api/v1/alerts?open=") + truth).status, 200) << truth;
}

TEST_F(Refusal, ChangesWithoutOrWithAnOldRevision) {
  const std::string w = workflow();
  const std::string path = "/api/v1/schedules/" + api.make("/api/v1/schedules", body_of(w, kNever))["id"].get<std::string>();
  const std::string patch = R"({"name":"New"})";
  refused([&] { return api.ask("PATCH", path, patch); }, {428, "IF_MATCH_MISSING", "If-Match", "", "ETag"});
  refused([&] { return api.remove(path); }, {428, "IF_MATCH_MISSING", "If-Match", "", "ETag"});
  refused([&] { return api.ask("PATCH", path, patch, {{"If-Match", "seven"}}); }, {400, "IF_MATCH_INVALID", "If-Match", "seven", "ETag"});
  const HttpAnswer changed = api.patch(path, {{"name", "New"}}, 1);
  EXPECT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(changed.header("etag"), "\"2\"");
  refused([&] { return api.patch(path, {{"name", "Newer"}}, 1); }, {412, "REVISION_CHANGED", "If-Match", "1", "again"});
  refused([&] { return api.remove(path, 1); }, {412, "REVISION_CHANGED", "If-Match", "1", "again"});
  refused([&] { return api.ask("PATCH", "/api/v1/workflows/" + w, patch); }, {428, "IF_MATCH_MISSING", "If-Match", "", "ETag"});
  refused([&] { return api.put("/api/v1/workflows/" + w + "/draft", {{"text", posting_workflow("http://x")}, {"format", "yaml"}}, 9); },
          {412, "REVISION_CHANGED", "If-Match", "9", "again"});
  refused([&] { return api.post("/api/v1/workflows/" + w + "/publish", {{"draft_revision", 9}}); }, {409, "DRAFT_CHANGED", "/draft_revision", "9", "again"});
  EXPECT_EQ(api.remove(path, 2).status, 204);
  EXPECT_EQ(api.get(path).status, 404);
}

TEST_F(Refusal, WhatARoleMayNotDo) {
  const std::string w = workflow();
  const std::string s = api.make("/api/v1/schedules", body_of(w, kNever))["id"];
  const Api viewer(api.port(), fixture->contract(), api.make("/api/v1/api-keys", {{"name", "V"}, {"role", "viewer"}})["secret"]);
  const Api runner(api.port(), fixture->contract(), api.make("/api/v1/api-keys", {{"name", "O"}, {"role", "operator"}})["secret"]);
  EXPECT_EQ(viewer.read("/api/v1/schedules/" + s)["id"], s);
  refused([&] { return viewer.post("/api/v1/schedules", body_of(w, kNever)); }, {403, "MISSING_PERMISSION", "", "schedules.manage", "admin"});
  refused([&] { return viewer.post("/api/v1/schedules/" + s + "/run", Json::object()); }, {403, "MISSING_PERMISSION", "", "runs.start", "admin"});
  refused([&] { return runner.post("/api/v1/schedules/" + s + "/pause", Json::object()); }, {403, "MISSING_PERMISSION", "", "schedules.manage", "admin"});
  refused([&] { return runner.get("/api/v1/api-keys"); }, {403, "MISSING_PERMISSION", "", "tenant.manage", "admin"});
  const Api nobody = fixture->anonymous();
  refused([&] { return nobody.get("/api/v1/schedules"); }, {401, "NOT_SIGNED_IN", "", "", "Sign in"});
  api.ended(runner.make("/api/v1/schedules/" + s + "/run", Json::object())["run_id"]);
}
