// Publishing: plans and what makes them stale, migrations of payloads, verdicts in pages, progress.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/hub_fixture.h"

using namespace carillon;
using namespace carillon::test;

namespace {

std::string payload_workflow(const std::string& schema) {
  return "document: {dsl: '1.0.0', namespace: test, name: plan, version: '1.0.0'}\n"
         "input: {schema: {format: json, document: " + schema + "}}\ndo:\n  - done: {set: {ok: true}}\n";
}

const char* const kOld = "{type: object, required: [cents], properties: {cents: {type: integer}}}";
const char* const kNew = "{type: object, required: [amount, currency], additionalProperties: false, "
                         "properties: {amount: {type: number}, currency: {type: string, default: EUR}}}";

class Publishing : public testing::Test {
 protected:
  std::string schedule(const std::string& name, const Json& payload, const Json& more = Json::object()) {
    Json body{{"workflow_id", workflow_}, {"name", name}, {"timing", {{"kind", "cron"}, {"cron", "0 3 * * *"}, {"zone", "UTC"}}}, {"payload", payload}};
    body.update(more);
    return api_.make("/api/v1/schedules", body)["id"];
  }
  void save(const char* schema) {
    const std::string path = "/api/v1/workflows/" + workflow_ + "/draft";
    const Json draft = api_.read(path);
    ASSERT_EQ(api_.put(path, {{"text", payload_workflow(schema)}, {"format", "yaml"}}, draft["revision"]).status, 200);
  }
  Json plan(const Json& body = Json::object()) { return Json::parse(api_.post(publishing_ + "/plan", body).body); }
  static const Json& of(const Json& list, const std::string& name) {
    static const Json none;
    for (const auto& item : list)
      if (item["name"] == name) return item;
    return none;
  }
  HubFixture fixture_;
  TestTenant tenant_ = fixture_.tenant();
  const Api& api_ = tenant_.api;
  std::string workflow_ = api_.workflow("Plan", payload_workflow(kOld));
  std::string publishing_ = "/api/v1/workflows/" + workflow_ + "/publish";
  const Json migration_ = {{{"op", "set"}, {"path", "/amount"}, {"expr", ".cents / 100"}}, {{"op", "drop"}, {"path", "/cents"}},
                           {{"op", "default"}, {"path", "/currency"}, {"value", "EUR"}}};
};

}  // namespace

TEST_F(Publishing, APlanShowsWhatWouldHappenAndChangesNothing) {
  schedule("A", {{"cents", 250}});
  schedule("B", {{"cents", 5}, {"amount", 1}});
  save("{type: object, required: [cents, unit], properties: {cents: {type: number}, unit: {type: string, default: eur}}}");
  const auto before = fixture_.row_counts();
  const Json planned = plan();
  EXPECT_EQ(fixture_.row_counts(), before);
  EXPECT_EQ(planned["dry_run"], true);
  EXPECT_EQ(planned["version"], 2);
  EXPECT_EQ(planned["counts"]["invalid"], 2);
  EXPECT_EQ(planned["fit_with_defaults"], 2);
  EXPECT_EQ(planned["at_risk"].size(), 2u);
  EXPECT_EQ(of(planned["schedules"], "A")["fits_with_defaults"], true);
  EXPECT_EQ(of(planned["schedules"], "A")["violations"][0]["keyword"], "required");
  std::set<std::pair<std::string, std::string>> changes;
  for (const auto& change : planned["schema_changes"]) changes.emplace(change["pointer"].get<std::string>(), change["change"].get<std::string>());
  EXPECT_EQ(changes, (std::set<std::pair<std::string, std::string>>{{"/cents", "type"}, {"/unit", "added"}, {"/unit", "required"}}));
  EXPECT_EQ(api_.post(publishing_, {{"plan_hash", planned["plan_hash"]}}).status, 201);
}

TEST_F(Publishing, AStalePlanIsRefusedAndSaysWhatChanged) {
  const std::string a = schedule("A", {{"cents", 250}});
  const std::string b = schedule("B", {{"cents", 5}});
  save("{type: object, properties: {cents: {type: number}}}");
  auto refusal = [&](const Json& planned, const Json& more = Json::object()) {
    Json body{{"plan_hash", planned["plan_hash"]}};
    body.update(more);
    const HttpAnswer answer = api_.post(publishing_, body);
    EXPECT_EQ(answer.status, 409) << answer.body;
    const Json problem = Json::parse(answer.body);
    EXPECT_EQ(problem["code"], "PLAN_STALE");
    return problem["detail"].get<std::string>();
  };
  Json planned = plan();
  ASSERT_EQ(api_.patch("/api/v1/schedules/" + a, {{"payload", {{"cents", 7}}}}, api_.read("/api/v1/schedules/" + a)["revision"]).status, 200);
  EXPECT_THAT(refusal(planned), testing::HasSubstr("1 schedule was edited (A)"));
  planned = plan();
  schedule("C", {{"cents", 1}});
  EXPECT_THAT(refusal(planned), testing::HasSubstr("1 schedule was added (C)"));
  planned = plan();
  ASSERT_EQ(api_.remove("/api/v1/schedules/" + b, api_.read("/api/v1/schedules/" + b)["revision"].get<std::int64_t>()).status, 204);
  EXPECT_THAT(refusal(planned), testing::HasSubstr("1 schedule was removed (B)"));
  planned = plan();
  EXPECT_THAT(refusal(planned, {{"migration", migration_}}), testing::HasSubstr("the migration is another"));
  save("{type: object}");
  EXPECT_THAT(refusal(planned), testing::HasSubstr("the draft was changed to revision"));
  planned = plan();
  ASSERT_EQ(api_.post(publishing_, Json::object()).status, 201);
  EXPECT_THAT(refusal(planned), testing::HasSubstr("version 2 was published"));
  EXPECT_EQ(Json::parse(api_.post(publishing_, {{"plan_hash", "nonsense"}}).body)["code"], "PLAN_UNKNOWN");
}

TEST_F(Publishing, AMigrationChangesPayloadsInThePublishAndCanBeTakenBack) {
  const std::string a = schedule("A", {{"cents", 250}});
  const std::string odd = schedule("Odd", {{"cents", 3}, {"extra", true}});
  const std::string keyed = schedule("Keyed", {{"cents", 700}}, {{"overlap", {{"scope", "key"}, {"key", ".cents // .amount"}}}});
  save(kNew);
  const Json planned = plan({{"migration", migration_}});
  EXPECT_EQ(planned["payloads_changed"], 2);
  const Json changes = of(planned["schedules"], "A")["payload_changes"];
  EXPECT_EQ(changes.size(), 3u) << changes;
  EXPECT_EQ(of(planned["schedules"], "Odd")["verdict"], "invalid");
  EXPECT_EQ(api_.read("/api/v1/schedules/" + a)["payload"], Json({{"cents", 250}}));

  const HttpAnswer answer = api_.post(publishing_, {{"migration", migration_}, {"plan_hash", planned["plan_hash"]}});
  ASSERT_EQ(answer.status, 201) << answer.body;
  const Json published = Json::parse(answer.body);
  EXPECT_EQ(published["counts"]["rebound"], 2);
  EXPECT_EQ(of(published["schedules"], "A")["payload_changed"], true);
  const Json now = api_.read("/api/v1/schedules/" + a);
  EXPECT_EQ(now["payload"], Json({{"amount", 2.5}, {"currency", "EUR"}}));
  EXPECT_EQ(now["bound_version"], 2);
  EXPECT_EQ(api_.read("/api/v1/schedules/" + odd)["payload"], Json({{"cents", 3}, {"extra", true}}));
  EXPECT_EQ(api_.read("/api/v1/schedules/" + odd)["status"], "invalid");
  EXPECT_EQ(fixture_.sql("SELECT scope FROM schedules WHERE id = '" + keyed + "'"), "k:7");
  EXPECT_EQ(fixture_.sql("SELECT count(*) FROM overlap_scopes WHERE scope = 'k:7'"), "1");

  const Json versions = api_.read("/api/v1/schedules/" + a + "/versions")["items"];
  EXPECT_EQ(versions[0]["action"], "workflows.publish");
  EXPECT_EQ(versions[0]["revision"], now["revision"]);
  const std::string first = "/api/v1/schedules/" + a + "/versions/" + std::to_string(versions.back()["revision"].get<int>());
  EXPECT_EQ(api_.read(first)["payload"], Json({{"cents", 250}}));
  save(kOld);
  ASSERT_EQ(api_.post(publishing_, Json::object()).status, 201);
  const std::int64_t revision = api_.read("/api/v1/schedules/" + a)["revision"];
  EXPECT_EQ(api_.post(first + "/restore", nullptr, {{"If-Match", "\"" + std::to_string(revision) + "\""}}).status, 200);
  EXPECT_EQ(api_.read("/api/v1/schedules/" + a)["payload"], Json({{"cents", 250}}));
}

TEST_F(Publishing, APayloadFixFitsTheNewSchemaAndTravelsWithThePublish) {
  const std::string a = schedule("A", {{"cents", 250}}), b = schedule("B", {{"cents", 5}}), c = schedule("C", {{"cents", 9}});
  save(kNew);
  const Json fixed{{"amount", 2.5}, {"currency", "EUR"}};
  const Json current = api_.read("/api/v1/schedules/" + a);
  EXPECT_EQ(api_.patch("/api/v1/schedules/" + a, {{"payload", fixed}}, current["revision"]).status, 422) << "not before the publish";
  Json body{{"payload_fixes", {{a, {{"revision", current["revision"]}, {"payload", fixed}}}}}};
  EXPECT_EQ(plan()["counts"]["invalid"], 3);
  const Json planned = plan(body);
  EXPECT_EQ(planned["counts"]["invalid"], 2);
  EXPECT_EQ(planned["payloads_changed"], 1);
  EXPECT_EQ(of(planned["schedules"], "A")["verdict"], "rebound");
  EXPECT_EQ(of(planned["schedules"], "A")["payload_changes"].size(), 3u);
  EXPECT_EQ(planned["payload_schema"]["required"], Json({"amount", "currency"}));

  body["plan_hash"] = plan()["plan_hash"];
  const HttpAnswer other = api_.post(publishing_, body);
  EXPECT_EQ(other.status, 409);
  EXPECT_THAT(other.body, testing::HasSubstr("the payload fixes are others than the planned ones"));

  body["plan_hash"] = planned["plan_hash"];
  body["migration"] = Json::array();
  const HttpAnswer answer = api_.post(publishing_, body);
  ASSERT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(answer.json()["counts"]["invalid"], 2);
  EXPECT_EQ(of(answer.json()["schedules"], "A")["payload_changed"], true);
  const Json now = api_.read("/api/v1/schedules/" + a);
  EXPECT_EQ(now["payload"], fixed);
  EXPECT_EQ(now["status"], "active");
  EXPECT_EQ(now["bound_version"], 2);
  EXPECT_EQ(api_.read("/api/v1/schedules/" + b)["payload"], Json({{"cents", 5}}));
  const Json versions = api_.read("/api/v1/schedules/" + a + "/versions")["items"];
  EXPECT_EQ(versions[0]["action"], "workflows.publish");
  EXPECT_EQ(versions[0]["revision"], now["revision"]);

  // One that is invalid comes back to life by its fix, and the migration leaves a fix alone.
  save("{type: object, required: [amount], additionalProperties: false, properties: {amount: {type: number}, cents: {}}}");
  const std::int64_t revision = api_.read("/api/v1/schedules/" + c)["revision"];
  const Json revived = api_.make(publishing_, {{"migration", {{{"op", "default"}, {"path", "/cents"}, {"value", 0}}}},
                                               {"payload_fixes", {{c, {{"revision", revision}, {"payload", {{"amount", 9}}}}}}}});
  EXPECT_EQ(of(revived["schedules"], "C")["verdict"], "revived");
  EXPECT_EQ(api_.read("/api/v1/schedules/" + c)["payload"], Json({{"amount", 9}}));
}

TEST_F(Publishing, APayloadFixThatIsStaleOrDoesNotFitRefusesThePublishWhole) {
  const std::string a = schedule("A", {{"cents", 250}}), b = schedule("B", {{"cents", 5}});
  save(kNew);
  const std::int64_t revision = api_.read("/api/v1/schedules/" + a)["revision"];
  auto fixing = [](const std::string& id, std::int64_t at, const Json& payload) {
    return Json{{"payload_fixes", {{id, {{"revision", at}, {"payload", payload}}}}}};
  };
  const Json unfit = fixing(a, revision, {{"amount", "much"}, {"currency", "EUR"}});
  const Json planned = plan(unfit);
  EXPECT_EQ(of(planned["schedules"], "A")["verdict"], "invalid");
  EXPECT_EQ(of(planned["schedules"], "A")["violations"][0]["instance"], "/amount");
  const auto before = fixture_.row_counts();
  const HttpAnswer refused = api_.post(publishing_, unfit);
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.code(), "FIX_INVALID");
  EXPECT_EQ(refused.json()["field"], "/payload_fixes/" + a);
  EXPECT_EQ(refused.json()["violations"][0]["instance"], "/amount");

  const Json good{{"amount", 1}, {"currency", "EUR"}};
  const std::string nobody = "00000000-0000-7000-8000-000000000000";
  for (const Json& body : {fixing(a, revision + 1, good), fixing(nobody, 1, good), fixing("A", 1, good)})
    for (const std::string& path : {publishing_, publishing_ + "/plan"}) {
      const HttpAnswer answer = api_.post(path, body);
      EXPECT_EQ(answer.status, 409) << answer.body;
      EXPECT_EQ(answer.code(), "FIX_STALE");
    }
  EXPECT_EQ(fixture_.row_counts(), before) << "nothing was published";
  EXPECT_EQ(api_.read("/api/v1/workflows/" + workflow_)["latest_version"], 1);
}

TEST_F(Publishing, APlanListsOnlyTheVerdictAskedFor) {
  for (int n = 0; n < 5; ++n) schedule("S" + std::to_string(n), {{"cents", n}});
  save("{type: object, properties: {cents: {maximum: 2}}}");
  const Json planned = plan({{"verdict", "invalid"}});
  EXPECT_EQ(planned["schedules"].size(), 2u);
  EXPECT_EQ(planned["counts"]["rebound"], 3);
  EXPECT_EQ(plan({{"verdict", "rebound"}})["schedules"].size(), 3u);
}

TEST_F(Publishing, APayloadIsCheckedAgainstTheDraftAfterAMigration) {
  save(kNew);
  const std::string path = "/api/v1/workflows/" + workflow_ + "/payload/validate";
  EXPECT_EQ(api_.make(path, {{"payload", {{"cents", 5}}}})["valid"], true);
  const Json against = api_.make(path, {{"payload", {{"cents", 5}}}, {"draft", true}});
  EXPECT_EQ(against["valid"], false);
  EXPECT_EQ(against["version"], 2);
  const Json migrated = api_.make(path, {{"payload", {{"cents", 250}}}, {"draft", true}, {"migration", migration_}});
  EXPECT_EQ(migrated["valid"], true);
  EXPECT_EQ(migrated["migrated"], Json({{"amount", 2.5}, {"currency", "EUR"}}));
}

TEST_F(Publishing, AMalformedMigrationNamesTheOperation) {
  auto problem = [&](const Json& operations) { return Json::parse(api_.post(publishing_ + "/plan", {{"migration", operations}}).body); };
  EXPECT_EQ(problem({{{"op", "drop"}, {"path", "/a"}}, {{"op", "set"}, {"path", "/a"}, {"expr", ".a +"}}})["field"], "/migration/1/expr");
  EXPECT_EQ(problem({{{"op", "rename"}, {"from", "/a"}, {"to", "b"}}})["field"], "/migration/0/to");
}

TEST_F(Publishing, VerdictsAreReadInPages) {
  for (int n = 0; n < 7; ++n) schedule("S" + std::to_string(n), {{"cents", n}});
  api_.publish(workflow_, payload_workflow("{type: object, properties: {cents: {maximum: 4}}}"));
  const std::string path = "/api/v1/workflows/" + workflow_ + "/versions/2/schedules";
  const Json page = api_.read(path + "?limit=5");
  EXPECT_EQ(page["items"].size(), 5u);
  EXPECT_EQ(page["items"][0]["verdict"], "invalid");
  EXPECT_EQ(page["items"][0]["violations"][0]["keyword"], "maximum");
  const Json rest = api_.read(path + "?limit=5&cursor=" + page["next_cursor"].get<std::string>());
  EXPECT_EQ(rest["items"].size(), 2u);
  EXPECT_TRUE(rest["next_cursor"].is_null());
  EXPECT_EQ(api_.read(path + "?verdict=rebound")["items"].size(), 5u);
  EXPECT_TRUE(api_.read(publishing_ + "/progress")["phase"].is_null());
}
