#include "tests/unit/schema/support.h"

namespace carillon::schema {
namespace {

using Places = std::vector<std::string>;

TEST(Violations, NameInstanceKeywordAndSchema) {
  EXPECT_EQ(places(R"({"properties":{"a/b":{"items":{"type":"integer"}}},"required":["z"]})", R"({"a/b":[1,"x",2.5]})"),
            (Places{" required /required", "/a~1b/1 type /properties/a~1b/items/type", "/a~1b/2 type /properties/a~1b/items/type"}));
}

TEST(Violations, ComeInDocumentOrderHoweverTheSchemaIsWritten) {
  EXPECT_EQ(places(R"({"allOf":[{"properties":{"c":false}},{"properties":{"a":{"minLength":3,"pattern":"^x"}}}],
                      "properties":{"b":{"maximum":1}}})",
                   R"({"a":"q","b":2,"c":0})"),
            (Places{"/a minLength /allOf/1/properties/a/minLength", "/a pattern /allOf/1/properties/a/pattern",
                    "/b maximum /properties/b/maximum", "/c false schema /allOf/0/properties/c"}));
}

TEST(Violations, CarryMessagesAndParameters) {
  const auto s = compiled(R"({"properties":{"n":{"maximum":5},"e":{"enum":["a","b"]},"s":{"maxLength":2}},"additionalProperties":false})");
  const auto v = s->validate(Json::parse(R"({"e":"c","extra":1,"n":7,"s":"äöü"})")).value();
  ASSERT_EQ(v.size(), 4u);
  EXPECT_EQ(v[0].keyword, "additionalProperties");
  EXPECT_EQ(v[0].instance, "");
  EXPECT_EQ(v[0].params_json, R"({"additionalProperty":"extra"})");
  EXPECT_EQ(v[1].message, "must be one of \"a\", \"b\"");
  EXPECT_EQ(v[1].params_json, R"({"allowedValues":["a","b"]})");
  EXPECT_EQ(v[2].message, "must be <= 5");
  EXPECT_EQ(v[2].params_json, R"({"comparison":"<=","limit":5})");
  EXPECT_EQ(v[3].message, "must have at most 2 characters");
}

TEST(Violations, AreCappedAtTheFirstOnes) {
  ValidateOptions options;
  options.max_violations = 3;
  std::string items;
  for (int i = 0; i < 5000; ++i) items += std::string(i ? "," : "") + "\"x\"";
  const auto found = places(R"({"items":{"type":"integer"}})", "[" + items + "]", options);
  EXPECT_EQ(found, (Places{"/0 type /items/type", "/1 type /items/type", "/2 type /items/type"}));
}

TEST(Violations, OfOneOfComeFromTheBranchThatAConstChooses) {
  constexpr const char* kSchema = R"({"oneOf":[{"$ref":"#/$defs/call"},{"$ref":"#/$defs/wait"}],"$defs":{
    "call":{"properties":{"kind":{"const":"call"},"url":{"type":"string"}},"required":["kind","url"]},
    "wait":{"properties":{"kind":{"const":"wait"},"for":{"type":"integer"}},"required":["kind","for"]}}})";
  EXPECT_EQ(places(kSchema, R"({"kind":"wait","for":"x"})"), (Places{"/for type /$defs/wait/properties/for/type"}));
  EXPECT_EQ(places(kSchema, R"({"kind":"call"})"), (Places{" required /$defs/call/required"}));
  EXPECT_EQ(places(kSchema, R"({"kind":"jump"})"), (Places{"/kind oneOf /oneOf"}));
}

TEST(Violations, OfAnyOfComeFromTheClosestBranch) {
  EXPECT_EQ(places(R"({"anyOf":[{"type":"string"},{"type":"object","required":["a"],"properties":{"a":{"type":"integer"}}},
                      {"type":"object","required":["x","y","z"]}]})",
                   R"({"a":"no"})"),
            (Places{" anyOf /anyOf", "/a type /anyOf/1/properties/a/type"}));
  const auto s = compiled(R"({"anyOf":[{"type":"string"},{"type":"null"}]})");
  const auto v = s->validate(Json(5)).value();
  ASSERT_EQ(v.size(), 1u);
  EXPECT_EQ(v[0].message, "must match at least one of the alternatives: a string or null");
}

TEST(Violations, OfOneOfThatMatchesTwiceNameTheBranches) {
  const auto v = compiled(R"({"oneOf":[{"minimum":1},{"maximum":9},{"type":"string"}]})")->validate(Json(5)).value();
  ASSERT_EQ(v.size(), 1u);
  EXPECT_EQ(v[0].params_json, R"({"passingSchemas":[0,1]})");
}

TEST(Violations, OfTheSameSubschemaReachedTwiceAreSaidOnce) {
  EXPECT_EQ(places(R"({"allOf":[{"$ref":"#/$defs/n"},{"$ref":"#/$defs/n"}],"$defs":{"n":{"type":"number"}}})", "\"x\""),
            (Places{" type /$defs/n/type"}));
}

TEST(Violations, OfUnevaluatedPropertiesDoNotHideBehindAFailedBranch) {
  EXPECT_EQ(places(R"({"allOf":[{"properties":{"a":{"type":"integer"}}}],"unevaluatedProperties":false})", R"({"a":"x"})"),
            (Places{"/a type /allOf/0/properties/a/type"}));
  EXPECT_EQ(places(R"({"allOf":[{"properties":{"a":{"type":"integer"}}}],"unevaluatedProperties":false})", R"({"a":1,"b":2})"),
            (Places{" unevaluatedProperties /unevaluatedProperties"}));
}

TEST(Violations, OfDraft07TuplesNameAdditionalItems) {
  EXPECT_EQ(places(R"({"items":[{"type":"integer"}],"additionalItems":{"type":"string"}})", R"(["x",1])"),
            (Places{"/0 type /items/0/type", "/1 type /additionalItems/type"}));
}

TEST(Violations, OfDependenciesUseTheKeywordOfTheSchema) {
  EXPECT_EQ(places(R"({"dependentRequired":{"a":["b"]}})", R"({"a":1})"), (Places{" dependentRequired /dependentRequired"}));
  EXPECT_EQ(places(R"({"dependencies":{"a":["b"]}})", R"({"a":1})"), (Places{" dependencies /dependencies"}));
  EXPECT_EQ(places(R"({"propertyNames":{"maxLength":2}})", R"({"abc":1})"), (Places{" propertyNames /propertyNames"}));
  EXPECT_EQ(places(R"({"contains":{"const":1},"maxContains":1})", "[1,1]"), (Places{" maxContains /maxContains"}));
}

}  // namespace
}  // namespace carillon::schema
