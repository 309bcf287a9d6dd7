// Authoring a draft: everything wrong at once and where, versions compared, one made the draft again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/hub_suite.h"

using namespace carillon;
using namespace carillon::test;

namespace {

std::string authored(const std::string& schema, const std::string& more = "") {
  return "document: {dsl: '1.0.0', namespace: test, name: draft, version: '1.0.0'}\n"
         "input: {schema: {format: json, document: " + schema + "}}\n" + more + "do:\n  - done: {set: {ok: true}}\n";
}

class Drafts : public HubSuite<Drafts> {
 protected:
  Json draft() { return api.read(path_ + "/draft"); }
  HttpAnswer restore(int version, std::int64_t revision) {
    return api.post(path_ + "/versions/" + std::to_string(version) + "/restore", nullptr, {{"If-Match", "\"" + std::to_string(revision) + "\""}});
  }
  const std::string first_ = authored("{type: object, required: [a], properties: {a: {type: string}}}");
  const std::string second_ = authored("{type: object, required: [a, b], properties: {a: {type: string, enum: [x]}, b: {type: integer}}}",
                                       "timeout: {after: {hours: 1}}\n");
  std::string workflow_ = api.workflow("Draft", first_);
  std::string path_ = "/api/v1/workflows/" + workflow_;
};

}  // namespace

TEST_F(Drafts, EverythingWrongIsToldAtOnceWithItsPlaceInEitherNotation) {
  const Json yaml = api.make(path_ + "/validate", {{"format", "yaml"}, {"text", "document: {dsl: '1.0.0', namespace: test, name: Bad Name, version: '1.0.0'}\n"
                                                                                  "schedule:\n  cron: '0 9 * * *'\n"
                                                                                  "input:\n  schema:\n    format: json\n    document:\n"
                                                                                  "      type: objekt\n"
                                                                                  "do:\n  - a: {cal: http}\n"}});
  EXPECT_EQ(yaml["valid"], false);
  std::map<std::string, std::pair<int, std::string>> places;
  for (const auto& problem : yaml["problems"]) places[problem["pointer"]] = {problem["line"], problem["code"]};
  EXPECT_EQ(places["/document/name"].first, 1);
  EXPECT_EQ(places["/schedule/cron"], (std::pair<int, std::string>{3, "INLINE_TRIGGER"}));
  EXPECT_EQ(places["/input/schema/document/type"].first, 8) << "of the schema, too: " << yaml["problems"];
  EXPECT_GT(yaml["problems"].size(), 3u);
  EXPECT_THAT(yaml["problems"].dump(), testing::HasSubstr("create a schedule"));
  int line = 0;
  for (const auto& problem : yaml["problems"]) {
    EXPECT_GE(problem["line"].get<int>(), line) << "in the order of the text";
    line = problem["line"];
  }
  const Json json = api.make(path_ + "/validate", {{"format", "json"}, {"text", "{\"document\": {\"dsl\": \"1.0.0\",\n \"namespace\": \"test\", \"name\": \"n\", \"version\": \"1.0.0\"},\n"
                                                                                  " \"schedule\": {\"every\": {\"hours\": 1}},\n \"do\": []}"}});
  EXPECT_EQ(json["problems"][0]["pointer"], "/schedule/every");
  EXPECT_EQ(json["problems"][0]["line"], 3);
  EXPECT_GT(json["problems"][0]["column"].get<int>(), 1);
  EXPECT_EQ(draft()["revision"], 1) << "nothing was saved";
}

TEST_F(Drafts, TwoVersionsAreComparedInDefinitionAndSchema) {
  api.publish(workflow_, second_);
  const Json compared = api.read(path_ + "/versions/2/compare?with=1");
  EXPECT_EQ(compared["older"], 1);
  std::set<std::string> places, asked;
  for (const auto& change : compared["definition_changes"]) places.insert(change["pointer"].get<std::string>() + " " + change["kind"].get<std::string>());
  EXPECT_TRUE(places.contains("/timeout added")) << compared;
  EXPECT_TRUE(places.contains("/input/schema/document/required changed")) << compared;
  for (const auto& change : compared["schema_changes"]) asked.insert(change["pointer"].get<std::string>() + " " + change["change"].get<std::string>());
  EXPECT_EQ(asked, (std::set<std::string>{"/a enum", "/b added", "/b required"}));
  EXPECT_EQ(api.read(path_ + "/versions/1/compare?with=1")["definition_changes"].size(), 0u);
  EXPECT_EQ(api.get(path_ + "/versions/1/compare?with=9").status, 404);
}

TEST_F(Drafts, AVersionIsRestoredAsTheDraftOnlyOverTheDraftThatWasRead) {
  api.publish(workflow_, second_);
  const std::int64_t read = draft()["revision"];
  EXPECT_EQ(api.post(path_ + "/versions/1/restore", nullptr).status, 428);
  ASSERT_EQ(api.put(path_ + "/draft", {{"text", authored("{type: object}")}, {"format", "yaml"}}, read).status, 200);
  EXPECT_EQ(restore(1, read).status, 412) << "somebody saved meanwhile";
  EXPECT_THAT(draft()["text"].get<std::string>(), testing::HasSubstr("document: {type: object}"));
  const HttpAnswer restored = restore(1, read + 1);
  ASSERT_EQ(restored.status, 200) << restored.body;
  EXPECT_EQ(restored.json()["text"], first_);
  EXPECT_EQ(draft()["revision"], read + 2);
  EXPECT_EQ(api.read(path_)["draft_changed"], true);
  EXPECT_EQ(restore(2, read + 2).status, 200);
  EXPECT_EQ(api.read(path_)["draft_changed"], false) << "it is the latest version again";
  EXPECT_EQ(restore(7, read + 3).status, 404);
  EXPECT_EQ(api.read(path_ + "/versions")["items"].size(), 2u) << "nothing was published";
  EXPECT_EQ(fixture->sql("SELECT detail::json->>'version' FROM audit_log WHERE action = 'workflows.restore' AND object_id = '" + workflow_ + "' ORDER BY at LIMIT 1"), "1");
}
