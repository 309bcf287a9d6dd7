// A hidden value and a secret, through everything the hub says and keeps: whoever may not see them finds not a byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/http_sink.h"
#include "tests/support/hub_fixture.h"

using namespace carillon;
using namespace carillon::test;
using testing::HasSubstr;
using testing::Not;

namespace {

constexpr const char* kMarked = "canary-marked-81723";     ///< hidden by the schema
constexpr const char* kMarked2 = "canary-second-55190";    ///< its second value
constexpr const char* kNamed = "canary-named-40417";       ///< hidden by the tenant's patterns
constexpr const char* kSecret = "canary \"secret\"/66205";  ///< in the secret store
constexpr const char* kSchema =
    "{type: object, required: [n], properties: {n: {type: integer}, pw: {type: string, writeOnly: true, minLength: 8}, token: {type: string, pattern: '^[a-z]$'}, "
    "deep: {type: array, items: {$ref: '#/definitions/d'}}}, definitions: {d: {type: object, properties: {key: {x-redact: true}}}}}";

/// Everything somebody got to see or that was kept, to be searched.
class Bytes {
 public:
  void add(const std::string& where, std::string bytes) { all_.emplace_back(where, std::move(bytes)); }
  /// Where a text is, first in plain, then as JSON, percent-encoded or base64 would write it.
  std::vector<std::string> holding(const std::string& text) const {
    const std::string dumped = dump_json(text);
    const std::string core = text.substr(text.find_last_of("-/") + 1);  // the digits survive every form but base64
    std::vector<std::string> out;
    for (const auto& [where, bytes] : all_)
      if (bytes.find(text) != std::string::npos || bytes.find(dumped.substr(1, dumped.size() - 2)) != std::string::npos || bytes.find(core) != std::string::npos)
        out.push_back(where);
    return out;
  }
  std::size_t size() const { return all_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> all_;
};

/// Echoes everything it gets back, in headers' case, too.
SinkAnswer echo(const SinkCall& call) {
  Json headers = Json::object();
  for (const auto& [name, value] : call.headers) headers[name] = value;
  return {call.path.find("fail") == std::string::npos ? 200 : 500, dump_json({{"path", call.path}, {"headers", headers}, {"body", call.body}})};
}

class Redacted : public testing::Test {
 protected:
  static void SetUpTestSuite() { fixture = new HubFixture({.flags = {{"log.level", "debug"}}}); }
  static void TearDownTestSuite() {
    EXPECT_EQ(fixture->log().errors(), std::vector<std::string>());
    delete fixture;
    fixture = nullptr;
  }
  static HubFixture* fixture;
  HttpSink sink{echo};
  TestTenant tenant = fixture->tenant();
  const Api& admin = tenant.api;

  Api with_role(const std::string& role) const {
    return Api(admin.port(), fixture->contract(), admin.make("/api/v1/api-keys", {{"name", role}, {"role", role}})["secret"]);
  }
  std::string definition(const std::string& path, const std::string& schema = kSchema) const {
    return "document: {dsl: '1.0.0', namespace: test, name: post, version: '1.0.0'}\n"
           "input: {schema: {format: json, document: " + schema + "}}\n"
           "do:\n  - keep: {set: {copy: '${ . }', again: '${ .pw }'}, input: {from: '${ $workflow.input }'}}\n"
           "  - send:\n      call: http\n      with:\n        method: post\n        endpoint: '" + sink.url(path) + "'\n        output: response\n"
           "        headers: {Authorization: '${ \"Bearer \" + ($workflow.input.token // \"none\") }'}\n        query: {t: '${ $workflow.input.token }'}\n"
           "        body: '${ $workflow.input }'\n";
  }
  void put_secret(const std::string& name, const std::string& value) const {
    const HttpAnswer put = admin.ask("PUT", "/api/v1/secrets/" + name, dump_json({{"value", value}}));
    ASSERT_EQ(put.status, 200) << put.body;
    EXPECT_THAT(put.body, Not(HasSubstr("66205")));
  }
  void hide_names() const {
    const HttpAnswer put = admin.put("/api/v1/redaction", {{"patterns", {"*passphrase*"}}}, 0);
    ASSERT_EQ(put.status, 200) << put.body;
  }
  static Json payload(const std::string& pw = kMarked) {
    return {{"n", 1}, {"pw", pw}, {"my_PassPhrase", kNamed}, {"token", {{"$secret", "api-key"}}}, {"deep", {{{"key", kMarked}, {"open", "yes"}}}}};
  }
  Json schedule(const std::string& workflow, const Json& more = Json::object()) const {
    Json body{{"workflow_id", workflow}, {"name", "S"}, {"timing", {{"kind", "manual"}}}, {"payload", payload()}};
    body.update(more);
    return admin.make("/api/v1/schedules", body);
  }
  static std::string at(const Json& schedule) { return "/api/v1/schedules/" + schedule["id"].get<std::string>(); }

  /// Every reading operation of the API description, with the ids of this test, and what else `who` may ask.
  void read_everything(const Api& who, const std::map<std::string, std::string>& ids, Bytes& seen) const {
    for (const auto& operation : fixture->contract().operations()) {
      if (!operation.starts_with("GET ") || operation.ends_with("/stream")) continue;
      std::string path = operation.substr(4);
      const std::string kind = path.substr(0, path.find('/', 8));
      for (const auto& [name, id] : ids) {
        const auto hole = path.find(name.substr(name.find(' ') + 1));
        if (path.starts_with(name.substr(0, name.find(' '))) && hole != std::string::npos) path.replace(hole, name.size() - name.find(' ') - 1, id);
      }
      if (path.ends_with("/compare")) path += "?with=1";
      seen.add(operation + " " + path, who.get(path).body);
    }
  }
  /// All rows of all tables as text.
  std::string dump() const {
    std::string out;
    const std::string url = fixture->database().connection_string();
    for (const auto& table : query(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
      for (const auto& row : query(url, "SELECT t::text FROM \"" + table[0] + "\" t")) out += table[0] + " " + row[0] + "\n";
    return out;
  }
};
HubFixture* Redacted::fixture = nullptr;

}  // namespace

TEST_F(Redacted, NoByteOfAHiddenValueOrSecretReachesAViewer) {
  put_secret("api-key", kSecret);
  hide_names();
  const Api viewer = with_role("viewer"), operator_ = with_role("operator"), editor = with_role("editor");
  WsClient stream(viewer.port(), "/api/v1/stream", {{"Authorization", "Bearer " + viewer.token()}});
  stream.next();
  Bytes seen;
  auto saw = [&](const std::string& where, const HttpAnswer& answer) {
    seen.add(where, answer.body);
    return answer;
  };

  const std::string w = admin.workflow("W", definition("/ok")), f = admin.workflow("F", definition("/fail"));
  const Json s = schedule(w), failing = schedule(f, {{"name", "Failing"}});
  EXPECT_EQ(s["payload"], payload()) << "who may reveal sees it";
  auto changed = admin.patch(at(s), {{"payload", payload(kMarked2)}}, 1);
  ASSERT_EQ(changed.status, 200) << changed.body;

  const std::string run = admin.make(at(s) + "/run", Json::object())["run_id"], failed = admin.make(at(failing) + "/run", Json::object())["run_id"];
  const Json ended = admin.ended(run);
  ASSERT_EQ(ended["state"], "succeeded") << ended.dump(1);
  EXPECT_EQ(admin.ended(failed)["state"], "failed");
  ASSERT_EQ(sink.count(), 2u);
  const SinkCall call = sink.calls()[0];
  EXPECT_EQ(call.headers.at("authorization"), "Bearer " + std::string(kSecret)) << "the step really has the secret";
  EXPECT_EQ(call.json()["token"], kSecret);
  EXPECT_EQ(call.json()["my_PassPhrase"], kNamed);
  EXPECT_THAT(call.path, HasSubstr("t=canary%20%22secret%22%2F66205"));

  // What people without the permission do, and are answered.
  saw("bulk", operator_.post("/api/v1/schedules/bulk", {{"action", "run"}, {"ids", {s["id"]}}, {"overrides", {{"n", "no number"}}}}));
  saw("run now, overrides refused", operator_.post(at(s) + "/run", {{"overrides", {{"n", "x"}, {"pw", "short"}}}}));
  saw("edit", editor.patch(at(s), {{"description", "by the editor"}}, 2));
  saw("key over it", editor.patch(at(s), {{"overlap", {{"scope", "key"}, {"key", ".pw"}}}, {"overlap_policy", "skip"}}, 3));
  saw("key that fails on it", editor.patch(at(s), {{"overlap", {{"scope", "key"}, {"key", ".pw | tonumber"}}}, {"overlap_policy", "skip"}}, 3));
  saw("payload that does not fit", editor.patch(at(s), {{"payload", {{"n", "x"}, {"pw", 5}}}}, 3));
  saw("payload that moves it", editor.patch(at(s), {{"payload", {{"n", 1}, {"open", {{"$redacted", {{"at", "/pw"}, {"type", "string"}}}}}}}}, 3));
  saw("paused", editor.post(at(s) + "/pause", {{"reason", "For a while."}}));
  saw("resumed", editor.post(at(s) + "/resume"));
  saw("restored", editor.ask("POST", at(s) + "/versions/1/restore", "", {{"If-Match", "\"" + std::to_string(viewer.read(at(s))["revision"].get<int>()) + "\""}}));
  saw("retry", operator_.post("/api/v1/runs/" + failed + "/retry"));
  const Json plan{{"migration", Json::array({{{"op", "rename"}, {"from", "/pw"}, {"to", "/password"}}, {{"op", "set"}, {"path", "/n"}, {"expr", ".pw | tonumber"}}})}};
  const std::string renamed = definition("/ok", "{type: object, properties: {n: {type: integer}, password: {type: string}}}");
  const HttpAnswer draft = editor.put("/api/v1/workflows/" + w + "/draft", {{"text", renamed}, {"format", "yaml"}}, 1);
  ASSERT_EQ(draft.status, 200) << draft.body;
  saw("plan with a migration that quotes", editor.post("/api/v1/workflows/" + w + "/publish/plan", plan));
  saw("plan with a migration", editor.post("/api/v1/workflows/" + w + "/publish/plan", {{"migration", {{{"op", "rename"}, {"from", "/pw"}, {"to", "/password"}}}}}));
  saw("publish that quotes", editor.post("/api/v1/workflows/" + w + "/publish", plan));
  ASSERT_TRUE(eventually([&] { return fixture->row_counts()["run_queue"] == "0"; }));

  std::map<std::string, std::string> ids = {{"/api/v1/schedules {id}", s["id"]}, {"/api/v1/workflows {id}", w}, {"/api/v1/runs {id}", run},
                                            {"/api/v1/schedules {revision}", "2"}, {"/api/v1/workflows {number}", "1"}};
  read_everything(viewer, ids, seen);
  ids["/api/v1/runs {id}"] = failed;
  ids["/api/v1/schedules {id}"] = failing["id"];
  ids["/api/v1/workflows {number}"] = "2";
  read_everything(viewer, ids, seen);
  read_everything(editor, ids, seen);
  while (!stream.silent_for(300)) seen.add("stream", dump_json(stream.next()));
  seen.add("audit", query_value(fixture->database().connection_string(), "SELECT string_agg(t::text, E'\\n') FROM audit_log t"));
  seen.add("events", query_value(fixture->database().connection_string(), "SELECT string_agg(t::text, E'\\n') FROM events t"));
  seen.add("alerts", query_value(fixture->database().connection_string(), "SELECT string_agg(t::text, E'\\n') FROM alerts t"));
  seen.add("log", fixture->log().everything());
  EXPECT_GT(seen.size(), 60u);
  for (const char* canary : {kMarked, kMarked2, kNamed, kSecret}) EXPECT_THAT(seen.holding(canary), testing::IsEmpty()) << canary;

  // The same search finds what an admin sees, so it can fail; the secret not even there, nor in the database.
  Bytes admins;
  ids["/api/v1/schedules {id}"] = s["id"];
  ids["/api/v1/runs {id}"] = run;
  ids["/api/v1/workflows {number}"] = "1";
  read_everything(admin, ids, admins);
  for (const char* canary : {kMarked, kMarked2, kNamed}) EXPECT_THAT(admins.holding(canary), Not(testing::IsEmpty())) << canary;
  EXPECT_THAT(admins.holding(kSecret), testing::IsEmpty());
  Bytes kept;
  kept.add("database", dump());
  EXPECT_THAT(kept.holding(kSecret), testing::IsEmpty());
  EXPECT_THAT(kept.holding(kMarked), Not(testing::IsEmpty())) << "hidden values are stored as they are";
}

TEST_F(Redacted, AnEditOfWhatWasShownKeepsWhatWasHidden) {
  put_secret("api-key", kSecret);
  const std::string w = admin.workflow("W", definition("/ok"));
  const Json s = schedule(w);
  const Api editor = with_role("editor");
  Json shown = editor.read(at(s))["payload"];
  EXPECT_EQ(shown["pw"], Json::parse(R"({"$redacted":{"at":"/pw","type":"string"}})"));
  EXPECT_EQ(shown["token"], Json::parse(R"({"$secret":"api-key"})"));
  shown["n"] = 2;
  EXPECT_EQ(editor.make("/api/v1/workflows/" + w + "/payload/validate", {{"payload", shown}})["valid"], true);
  const HttpAnswer saved = editor.patch(at(s), {{"payload", shown}}, 1);
  ASSERT_EQ(saved.status, 200) << saved.body;
  Json expected = payload();
  expected["n"] = 2;
  EXPECT_EQ(admin.read(at(s))["payload"], expected);

  shown["pw"] = "a new password";
  ASSERT_EQ(editor.patch(at(s), {{"payload", shown}}, 2).status, 200);
  EXPECT_EQ(admin.read(at(s))["payload"]["pw"], "a new password");
  EXPECT_EQ(admin.read(at(s))["payload"]["deep"][0]["key"], kMarked);
  // A schedule of its own has nothing stored yet.
  const HttpAnswer copy = editor.post("/api/v1/schedules", {{"workflow_id", w}, {"name", "Copy"}, {"timing", {{"kind", "manual"}}}, {"payload", shown}});
  EXPECT_EQ(copy.code(), "PLACEHOLDER_UNKNOWN") << copy.body;
  EXPECT_EQ(copy.json()["field"], "/payload/deep/0/key");
}

TEST_F(Redacted, ASecretIsRefusedWhereItIsUnknownOrMayNotBeUsed) {
  put_secret("smtp-password", kSecret);
  const std::string w = admin.workflow("W", definition("/ok"));
  const auto create = [&](const Api& who, const Json& token) {
    return who.post("/api/v1/schedules", {{"workflow_id", w}, {"name", "S"}, {"timing", {{"kind", "manual"}}}, {"payload", {{"n", 1}, {"token", token}}}});
  };
  const HttpAnswer unknown = create(admin, {{"$secret", "smtp-pasword"}});
  EXPECT_EQ(unknown.status, 422);
  EXPECT_EQ(unknown.code(), "SECRET_UNKNOWN") << unknown.body;
  EXPECT_EQ(unknown.json()["field"], "/payload/token");
  EXPECT_EQ(unknown.json()["value"], "smtp-pasword");
  EXPECT_THAT(unknown.json()["remedy"].get<std::string>(), HasSubstr("smtp-password"));
  EXPECT_EQ(create(admin, {{"$secret", "smtp-password"}}).status, 201);
  const HttpAnswer number = admin.post("/api/v1/schedules", {{"workflow_id", w}, {"name", "N"}, {"timing", {{"kind", "manual"}}}, {"payload", {{"n", {{"$secret", "smtp-password"}}}}}});
  EXPECT_EQ(number.code(), "PAYLOAD_INVALID");
  EXPECT_THAT(number.body, HasSubstr("a secret reference stands for a text"));
  const HttpAnswer run = with_role("operator").post("/api/v1/workflows/" + w + "/runs", {{"input", {{"n", 1}, {"token", {{"$secret", "smtp-password"}}}}}});
  EXPECT_EQ(run.status, 403) << run.body;
  EXPECT_EQ(with_role("operator").get("/api/v1/secrets").status, 403);
  EXPECT_EQ(with_role("editor").ask("PUT", "/api/v1/secrets/x", R"({"value":"long enough"})").status, 403);
  const HttpAnswer shape = admin.ask("PUT", "/api/v1/secrets/x", dump_json({{"valeu", kSecret}}));
  EXPECT_EQ(shape.status, 422);
  EXPECT_THAT(shape.body, Not(HasSubstr("66205"))) << "not even to who sent it";
  EXPECT_EQ(admin.ask("PUT", "/api/v1/secrets/x", R"({"value":"short"})").code(), "SECRET_TOO_SHORT");
  EXPECT_EQ(admin.ask("PUT", "/api/v1/secrets/a%20b", R"({"value":"long enough"})").code(), "SECRET_NAME_MALFORMED");
}

TEST_F(Redacted, APayloadCorrectedInAPublishKeepsWhatItsWriterMayNotSee) {
  put_secret("api-key", kSecret);
  const std::string workflow = admin.workflow("W", definition("/ok")), publishing = "/api/v1/workflows/" + workflow + "/publish";
  const Json made = schedule(workflow);
  const std::string id = made["id"];
  std::string next = kSchema;
  next.replace(next.find("required: [n]"), 13, "required: [n, region]");
  const std::string draft = "/api/v1/workflows/" + workflow + "/draft";
  ASSERT_EQ(admin.put(draft, {{"text", definition("/ok", next)}, {"format", "yaml"}}, admin.read(draft)["revision"]).status, 200);

  const Api editor = with_role("editor");
  const Json seen = editor.read(at(made));
  Json payload = seen["payload"];
  ASSERT_TRUE(payload["pw"].contains("$redacted")) << payload;
  payload["region"] = "emea";
  const auto correcting = [&](const Json& corrected) {
    return Json{{"payload_fixes", {{id, {{"revision", seen["revision"]}, {"payload", corrected}}}}}};
  };
  Json unknown = payload;
  unknown["token"] = {{"$secret", "api-kye"}};
  const HttpAnswer refused = editor.post(publishing, correcting(unknown));
  EXPECT_EQ(refused.status, 422) << refused.body;
  EXPECT_EQ(refused.code(), "SECRET_UNKNOWN");
  EXPECT_EQ(refused.json()["field"], "/payload_fixes/" + id + "/payload/token");
  Json moved = payload;
  moved["pw"]["$redacted"]["at"] = "/nowhere";
  EXPECT_EQ(editor.post(publishing, correcting(moved)).code(), "FIX_INVALID");
  EXPECT_EQ(admin.read("/api/v1/workflows/" + workflow)["latest_version"], 1);

  const HttpAnswer planned = editor.post(publishing + "/plan", correcting(payload)), published = editor.post(publishing, correcting(payload));
  EXPECT_EQ(planned.json()["counts"]["rebound"], 1) << planned.body;
  ASSERT_EQ(published.status, 201) << published.body;
  for (const HttpAnswer& answer : {planned, published}) EXPECT_THAT(answer.body, Not(HasSubstr("canary-marked")));
  Json expected = made["payload"];
  expected["region"] = "emea";
  EXPECT_EQ(admin.read(at(made))["payload"], expected);
}

TEST_F(Redacted, ADeletedSecretFailsTheStepByName) {
  put_secret("api-key", kSecret);
  const std::string w = admin.workflow("W", definition("/ok"));
  const Json s = schedule(w);
  const Json listed = admin.read("/api/v1/secrets")["items"];
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0]["used_by"][0]["id"], s["id"]);
  const HttpAnswer used = admin.remove("/api/v1/secrets/api-key");
  EXPECT_EQ(used.status, 409);
  EXPECT_EQ(used.code(), "SECRET_IN_USE");
  EXPECT_THAT(used.body, HasSubstr("\\\"S\\\""));
  EXPECT_EQ(admin.remove("/api/v1/secrets/api-key?force=true").status, 204);
  const Json run = admin.ended(admin.make(at(s) + "/run", {{"overrides", {{"token", "p"}}}})["run_id"]);
  EXPECT_EQ(run["state"], "succeeded") << "a run that does not need it";
  const HttpAnswer refused = admin.post(at(s) + "/run", Json::object());
  EXPECT_EQ(refused.code(), "SECRET_UNKNOWN") << refused.body;
  // One that was already started finds out at its step.
  put_secret("api-key", kSecret);
  sink.hold();
  const std::string waiting = admin.workflow("Slow", "document: {dsl: '1.0.0', namespace: t, name: n, version: '1.0.0'}\ndo:\n  - a: {wait: {seconds: 1}}\n"
                                                     "  - b: {call: http, with: {method: get, endpoint: '" + sink.url() + "', headers: {A: '${ $workflow.input.k }'}}}\n");
  const std::string slow = admin.make("/api/v1/workflows/" + waiting + "/runs", {{"input", {{"k", {{"$secret", "api-key"}}}}}})["run_id"];
  EXPECT_EQ(admin.remove("/api/v1/secrets/api-key?force=true").status, 204);
  sink.let_go();
  const Json ended = admin.ended(slow);
  EXPECT_EQ(ended["state"], "failed");
  EXPECT_THAT(ended["error"]["detail"].get<std::string>(), HasSubstr("SECRET_UNKNOWN: There is no secret \"api-key\""));
  EXPECT_THAT(ended["error"]["type"].get<std::string>(), HasSubstr("errors/configuration"));
  EXPECT_EQ(admin.remove("/api/v1/secrets/api-key").status, 404);
}

TEST_F(Redacted, PatternsAreChangedByWhoReadTheNewestAndWrittenDown) {
  EXPECT_EQ(admin.read("/api/v1/redaction")["revision"], 0);
  hide_names();
  EXPECT_EQ(admin.put("/api/v1/redaction", {{"patterns", {"x"}}}, 0).status, 412);
  EXPECT_EQ(admin.ask("PUT", "/api/v1/redaction", R"({"patterns":[]})").status, 428);
  const HttpAnswer bad = admin.put("/api/v1/redaction", {{"patterns", {"ok", "**"}}}, 1);
  EXPECT_EQ(bad.code(), "PATTERN_MALFORMED");
  EXPECT_EQ(bad.json()["field"], "/patterns/1");
  EXPECT_EQ(admin.put("/api/v1/redaction", {{"patterns", {"pin"}}}, 1).status, 200);
  EXPECT_EQ(with_role("editor").get("/api/v1/redaction").status, 403);
  EXPECT_EQ(fixture->sql("SELECT detail FROM audit_log WHERE action = 'redaction.put' ORDER BY id DESC LIMIT 1"),
            R"({"added":["pin"],"removed":["*passphrase*"]})");
}
