// References to secrets against schemas.
#include "engine/schema/secret_reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/workflows/payload_schemas.h"

using namespace carillon;
using namespace carillon::schema;

namespace {

std::string keywords(const char* schema_text, const char* payload) {
  const auto schema = Schema::compile(Json::parse(schema_text));
  if (!schema) return schema.error().message;
  const auto found = validate_with_secrets(**schema, Json::parse(payload));
  if (!found) return found.error().reason;
  std::string out;
  for (const auto& v : *found) out += (out.empty() ? "" : ",") + v.keyword + "@" + v.instance;
  return out;
}

}  // namespace

TEST(SecretReference, FitsWhereATextFitsWhateverItsRules) {
  const char* payload = R"({"a":{"$secret":"db"}})";
  for (const char* rule : {R"({"type":"string"})", R"({})", R"(true)", R"({"type":["null","string"]})", R"({"type":"string","pattern":"^[0-9]+$"})",
                           R"({"type":"string","format":"uuid"})", R"({"type":"string","minLength":500})", R"({"maxLength":1})",
                           R"({"anyOf":[{"type":"string","format":"uri"},{"type":"integer"}]})", R"({"allOf":[{"type":"string"},{"pattern":"x"}]})"})
    EXPECT_EQ(keywords((R"({"properties":{"a":)" + std::string(rule) + R"(},"additionalProperties":false})").c_str(), payload), "") << rule;
}

TEST(SecretReference, FitsNowhereElse) {
  const char* payload = R"({"a":{"$secret":"db"}})";
  const std::pair<const char*, const char*> cases[] = {
      {R"({"type":"integer"})", "type@/a"}, {R"({"type":"object"})", "type@/a"}, {R"({"type":"array"})", "type@/a"}, {R"({"type":"boolean"})", "type@/a"},
      {R"({"const":"db"})", "const@/a"}, {R"({"enum":["db","x"]})", "enum@/a"}, {R"({"const":{"$secret":"db"}})", "const@/a"}, {R"(false)", "false schema@/a"}};
  for (const auto& [rule, found] : cases) EXPECT_EQ(keywords((R"({"properties":{"a":)" + std::string(rule) + "}}").c_str(), payload), found) << rule;
}

TEST(SecretReference, IsNoObjectToItsSurroundings) {
  EXPECT_EQ(keywords(R"({"type":"string"})", R"({"$secret":"whole"})"), "");
  EXPECT_EQ(keywords(R"({"items":{"type":"string"},"uniqueItems":true})", R"([{"$secret":"a"},{"$secret":"b"}])"), "");
  EXPECT_EQ(keywords(R"({"items":{"type":"string"},"uniqueItems":true})", R"([{"$secret":"a"},{"$secret":"a"}])"), "uniqueItems@");
  EXPECT_EQ(keywords(R"({"required":["b"]})", R"({"a":{"$secret":"x"}})"), "required@");
}

TEST(SecretReference, MalformedOnesAreRefusedWherever) {
  for (const char* bad : {R"({"a":{"$secret":1}})", R"({"a":{"$secret":"x","y":1}})", R"({"a":{"$secret":""}})", R"({"a":{"$secret":"has space"}})",
                          R"({"a":{"$secret":"-dash"}})", R"({"a":{"$secret":{"$secret":"x"}}})"})
    EXPECT_EQ(keywords("{}", bad), "$secret@/a") << bad;
  EXPECT_TRUE(is_secret_name("a.b_c-D9"));
  EXPECT_FALSE(is_secret_name(std::string(101, 'a')));
}

TEST(SecretReference, AViolationAtOneSaysWhatStandsThere) {
  const auto schema = Schema::compile(Json::parse(R"({"properties":{"n":{"type":"integer"}}})"));
  const Status status = check_payload(**schema, Json::parse(R"({"n":{"$secret":"x"}})"), "/payload");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().reason, "PAYLOAD_INVALID");
  EXPECT_THAT(status.error().violations[0].message, testing::HasSubstr("a secret reference stands for a text"));
}

TEST(SecretReference, PlaceholdersAreNoPayload) {
  const auto schema = Schema::compile(Json::parse("{}"));
  const Status status = check_payload(**schema, Json::parse(R"({"n":[{"$redacted":{"at":"/n/0","type":"string"}}]})"), "/payload");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().violations[0].instance, "/n/0");
}
