#include <chrono>

#include "tests/unit/schema/support.h"

/// Schemas and payloads of somebody who wants to hurt: every one ends in bounded time with a clear answer. The bound is
/// generous, since sanitizers slow things down; without the limits these run for minutes, for ever, or out of stack.
namespace carillon::schema {
namespace {

constexpr auto kBound = std::chrono::seconds(20);

class Hostile : public testing::Test {
 protected:
  void SetUp() override { start_ = std::chrono::steady_clock::now(); }
  void TearDown() override { EXPECT_LT(std::chrono::steady_clock::now() - start_, kBound); }

  static std::string outcome(const Json& schema, const Json& instance) {
    const auto s = Schema::compile(schema);
    if (!s.has_value()) return s.error().reason;
    const auto v = s.value()->validate(instance);
    if (!v.has_value()) return v.error().reason;
    return v.value().empty() ? "valid" : "invalid";
  }
  static std::string pattern(const std::string& text, const std::string& value) { return outcome({{"pattern", text}}, value); }
  static Json nested(const char* keyword, int depth) {
    Json schema = {{"type", "integer"}};
    for (int i = 0; i < depth; ++i) schema = Json{{keyword, std::move(schema)}};
    return schema;
  }

 private:
  std::chrono::steady_clock::time_point start_;
};

TEST_F(Hostile, PatternsThatBacktrackElsewhereAreLinear) {
  const std::string as(50'000, 'a');
  EXPECT_EQ(pattern("^(a+)+$", as + "!"), "invalid");
  EXPECT_EQ(pattern("^(a|aa)+$", as + "!"), "invalid");
  EXPECT_EQ(pattern("^(a|a)*$", as + "!"), "invalid");
  EXPECT_EQ(pattern("(.*)*x", as), "invalid");
  EXPECT_EQ(pattern("^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$", as), "invalid");
  EXPECT_EQ(pattern("^(?=(a+)+$)(?=.*b)", as + "!"), "invalid");
}

TEST_F(Hostile, PatternsThatNeedBacktrackingHitTheirLimit) {
  const std::string as = std::string(5'000, 'a') + "c";
  EXPECT_EQ(pattern("(a*)*\\1bc", as), "SCHEMA_BUDGET_EXCEEDED");
  EXPECT_EQ(pattern("x(?=(a+)+$)y|^(a+)+(?!a)$", as), "SCHEMA_BUDGET_EXCEEDED");
  EXPECT_EQ(pattern("(?<!b)(a|a)+$", as), "SCHEMA_BUDGET_EXCEEDED");
}

TEST_F(Hostile, ABudgetThatEndsIsNeverTakenForAnAnswer) {
  const std::string as = std::string(5'000, 'a') + "c";
  EXPECT_EQ(outcome({{"not", {{"pattern", "(a*)*\\1bc"}}}}, as), "SCHEMA_BUDGET_EXCEEDED");
  EXPECT_EQ(outcome({{"anyOf", {{{"pattern", "(a*)*\\1bc"}}, Json::object()}}}, as), "SCHEMA_BUDGET_EXCEEDED");
  EXPECT_EQ(outcome({{"if", {{"pattern", "(a*)*\\1bc"}}}, {"then", false}}, as), "SCHEMA_BUDGET_EXCEEDED");
  EXPECT_EQ(outcome({{"patternProperties", {{"(a*)*\\1bc", false}}}}, {{as, 1}}), "SCHEMA_BUDGET_EXCEEDED");
  EXPECT_EQ(outcome({{"contains", {{"pattern", "(a*)*\\1bc"}}}, {"minContains", 0}}, Json::array({as})), "SCHEMA_BUDGET_EXCEEDED");
}

TEST_F(Hostile, PatternsThatGrowWhenCompiledAreRefusedOrBounded) {
  for (const std::string& text : {std::string("((((a{100}){100}){100}){100}){100}"), std::string("(x{1000}){1000}"), "(\\p{L}{500}){500}" + std::string(),
                                  std::string("[\\s\\S]{60000}[\\s\\S]{60000}")}) {
    const std::string got = pattern(text, "aaa");
    EXPECT_TRUE(got == "SCHEMA_PATTERN_INVALID" || got == "invalid") << text << ": " << got;
  }
  EXPECT_EQ(pattern(std::string(5'000, '('), "a"), "SCHEMA_PATTERN_INVALID");
  EXPECT_EQ(pattern(std::string(90, '(') + "a" + std::string(90, ')'), "a"), "valid");
  EXPECT_EQ(pattern(std::string(200'000, 'a'), "a"), "SCHEMA_PATTERN_INVALID");
}

TEST_F(Hostile, LargeAutomataOnLongTextsAreCounted) {
  EXPECT_EQ(pattern("(?:a?){900}b(?:[ab]*c){50}", std::string(900'000, 'a')), "SCHEMA_BUDGET_EXCEEDED");
}

TEST_F(Hostile, DeepSchemasAreRefused) {
  EXPECT_EQ(outcome(nested("not", 100), 1), "valid");
  EXPECT_EQ(outcome(nested("not", 5'000), 1), "SCHEMA_TOO_DEEP");
  EXPECT_EQ(outcome(nested("items", 100'000), 1), "SCHEMA_TOO_DEEP");
  EXPECT_EQ(outcome(nested("x-note", 100'000), 1), "SCHEMA_TOO_DEEP");
  EXPECT_EQ(outcome({{"const", nested("a", 3'000)}}, 1), "SCHEMA_TOO_DEEP");
}

TEST_F(Hostile, DeepInstancesEndInTheBudget) {
  Json deep = 1, other = 1;
  for (int i = 0; i < 3'000; ++i) {
    deep = Json::array({std::move(deep)});
    other = Json::array({std::move(other)});
  }
  EXPECT_EQ(outcome(Json::parse(R"({"items":{"$ref":"#"}})"), deep), "SCHEMA_BUDGET_EXCEEDED");
  EXPECT_EQ(outcome(Json::parse(R"({"uniqueItems":true})"), Json::array({deep, other})), "SCHEMA_BUDGET_EXCEEDED");
  EXPECT_EQ(outcome(Json::parse(R"({"unevaluatedItems":{"$ref":"#"}})"), deep), "SCHEMA_BUDGET_EXCEEDED");
}

TEST_F(Hostile, ReferencesThatDoubleEndInTheBudget) {
  Json schema = {{"$ref", "#/$defs/d0"}, {"$defs", Json::object()}};
  for (int i = 0; i < 60; ++i) {
    const Json next = {{"$ref", "#/$defs/d" + std::to_string(i + 1)}};
    schema["$defs"]["d" + std::to_string(i)] = {{"allOf", {next, next}}};
  }
  schema["$defs"]["d60"] = {{"type", "integer"}};
  EXPECT_EQ(outcome(schema, 1), "SCHEMA_BUDGET_EXCEEDED");
  for (int i = 0; i < 60; ++i) {
    Json& d = schema["$defs"]["d" + std::to_string(i)];
    d = {{"anyOf", d["allOf"]}};
  }
  EXPECT_EQ(outcome(schema, "x"), "SCHEMA_BUDGET_EXCEEDED");
}

TEST_F(Hostile, LongChainsOfReferencesDoNotRecurseWhenCompiling) {
  Json schema = {{"$ref", "#/$defs/d0"}, {"$defs", Json::object()}};
  for (int i = 0; i < 20'000; ++i) schema["$defs"]["d" + std::to_string(i)] = {{"$ref", "#/$defs/d" + std::to_string(i + 1)}};
  schema["$defs"]["d20000"] = {{"type", "integer"}};
  EXPECT_EQ(outcome(schema, 1), "valid");
  schema["$defs"]["d20000"] = {{"$ref", "#/$defs/d0"}};
  EXPECT_EQ(outcome(schema, 1), "SCHEMA_REF_LOOP");
}

TEST_F(Hostile, DynamicReferencesThatChaseEachOtherEnd) {
  const std::string got = outcome(Json::parse(R"({"$id":"http://x/r","$dynamicAnchor":"n","$ref":"inner",
    "$defs":{"inner":{"$id":"inner","$dynamicAnchor":"n","$dynamicRef":"#n"}}})"), 1);
  EXPECT_TRUE(got == "SCHEMA_BUDGET_EXCEEDED" || got == "SCHEMA_REF_LOOP") << got;
}

TEST_F(Hostile, TooManySubschemasAreRefused) {
  Json schema = {{"anyOf", Json::array()}};
  for (int i = 0; i < 60'000; ++i) schema["anyOf"].push_back({{"const", i}});
  EXPECT_EQ(outcome(schema, -1), "SCHEMA_TOO_LARGE");
}

TEST_F(Hostile, HugeEnumsAreFoundByHash) {
  Json list = Json::array();
  for (int i = 0; i < 100'000; ++i) list.push_back("value-" + std::to_string(i));
  Json payload = Json::array();
  for (int i = 0; i < 50'000; ++i) payload.push_back("value-" + std::to_string(i * 2));
  EXPECT_EQ(outcome({{"items", {{"enum", list}}}}, payload), "valid");
  payload.push_back("other");
  EXPECT_EQ(outcome({{"items", {{"enum", list}}}}, payload), "invalid");
}

TEST_F(Hostile, UniqueItemsOfManyValuesIsNotQuadratic) {
  Json payload = Json::array();
  for (int i = 0; i < 200'000; ++i) payload.push_back({{"id", i}, {"tags", {"a", "b"}}});
  EXPECT_EQ(outcome({{"uniqueItems", true}}, payload), "valid");
  payload.push_back(payload[7]);
  EXPECT_EQ(outcome({{"uniqueItems", true}}, payload), "invalid");
}

TEST_F(Hostile, ManyPatternsOnManyMembersAreCounted) {
  Json schema = {{"patternProperties", Json::object()}}, payload = Json::object();
  for (int i = 0; i < 500; ++i) schema["patternProperties"]["x.*" + std::to_string(i) + "(a|b)*$"] = true;
  for (int i = 0; i < 20'000; ++i) payload["x" + std::string(40, 'a') + std::to_string(i)] = i;
  EXPECT_EQ(outcome(schema, payload), "SCHEMA_BUDGET_EXCEEDED");
}

TEST_F(Hostile, ContainsOverContainsIsCounted) {
  Json inner = Json::array();
  for (int i = 0; i < 400; ++i) inner.push_back(i);
  Json payload = Json::array();
  for (int i = 0; i < 400; ++i) payload.push_back(inner);
  Json schema = {{"contains", {{"contains", {{"const", -1}}}}}};
  EXPECT_EQ(outcome(schema, payload), "invalid");
  Json outer = Json::array();
  for (int i = 0; i < 100; ++i) outer.push_back(payload);
  EXPECT_EQ(outcome({{"contains", schema}}, outer), "SCHEMA_BUDGET_EXCEEDED");
}

TEST_F(Hostile, NumbersAtTheEdges) {
  for (const char* text : {"-9223372036854775808", "9223372036854775807", "9223372036854775808", "18446744073709551615", "1.7976931348623157e308",
                           "5e-324", "-0.0", "2.2250738585072014e-308"}) {
    const Json value = Json::parse(text);
    EXPECT_EQ(outcome({{"const", value}, {"minimum", value}, {"maximum", value}, {"enum", {value}}}, value), "valid") << text;
    EXPECT_EQ(outcome({{"exclusiveMinimum", value}}, value), "invalid") << text;
  }
  EXPECT_EQ(outcome({{"multipleOf", 5e-324}}, 1.7976931348623157e308), "valid");
  EXPECT_EQ(outcome({{"multipleOf", 1e-308}}, 1), "valid");
  EXPECT_EQ(outcome({{"multipleOf", -1}}, INT64_MIN), "SCHEMA_INVALID");
  EXPECT_EQ(outcome({{"multipleOf", 1}}, INT64_MIN), "valid");
  EXPECT_EQ(outcome({{"multipleOf", 0}}, 1), "SCHEMA_INVALID");
  EXPECT_EQ(outcome({{"minLength", 1e300}}, "x"), "invalid");
  EXPECT_EQ(outcome({{"maxItems", UINT64_MAX}, {"minItems", 2}}, Json::array({1, 2})), "valid");
  EXPECT_EQ(outcome({{"minLength", UINT64_MAX}}, "x"), "invalid");
}

TEST_F(Hostile, StringsThatAreNoUtf8AndNames) {
  EXPECT_EQ(outcome({{"maxLength", 3}, {"pattern", "^a"}}, std::string("a\xff\xc3")), "valid");
  EXPECT_EQ(outcome({{"pattern", "^(\\w)\\1$"}}, std::string("\xff\xfe")), "invalid");
  EXPECT_EQ(outcome({{"format", "idn-hostname"}}, std::string("\xff\xfe\xc3")), "invalid");
  EXPECT_EQ(outcome({{"properties", {{"", {{"type", "null"}}}}}}, {{"", 1}}), "invalid");
  EXPECT_EQ(outcome({{"required", {"__proto__"}}}, Json::object()), "invalid");
  EXPECT_EQ(outcome({{"properties", {{"abcdefgh", true}, {"abcdefghi", false}, {std::string("ab\0", 3), false}}}}, {{"abcdefgh", 1}, {"ab", 1}}), "valid");
}

TEST_F(Hostile, FormatsOnLongTexts) {
  const std::string digits(200'000, '1'), dots(200'000, '.'), braces(200'000, '{'), wide(100'000, '\xc3');
  std::string groups;
  for (int i = 0; i < 60'000; ++i) groups += "(?<";
  for (const char* format : {"date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri", "uri-reference",
                             "iri", "iri-reference", "uuid", "uri-template", "json-pointer", "relative-json-pointer", "regex"})
    for (const std::string& text : {digits, dots, braces, wide, groups, std::string(), "P" + digits + "D", std::string(50'000, '(')})
      EXPECT_NE(outcome({{"format", format}}, text), "SCHEMA_BUDGET_EXCEEDED") << format;
}

TEST_F(Hostile, ViolationsByTheMillionAreCapped) {
  Json payload = Json::array();
  for (int i = 0; i < 300'000; ++i) payload.push_back("x");
  const auto s = compiled(Json{{"items", {{"type", "integer"}, {"enum", {1}}, {"anyOf", {{{"minLength", 5}}, {{"maxLength", 0}}}}}}});
  EXPECT_EQ(s->validate(payload).value().size(), 100u);
}

TEST_F(Hostile, SchemasOfTheWrongShapeEverywhere) {
  for (const char* keyword : {"$id", "$ref", "$anchor", "$defs", "allOf", "anyOf", "oneOf", "not", "if", "properties", "patternProperties", "items", "prefixItems",
                              "required", "dependentSchemas", "dependentRequired", "type", "enum", "minLength", "pattern", "format", "uniqueItems", "multipleOf",
                              "additionalProperties", "$dynamicRef", "$dynamicAnchor", "contains", "propertyNames", "unevaluatedItems", "dependencies"})
    for (const Json& value : {Json(1.5), Json(nullptr), Json::array({1}), Json::array({Json::array()}), Json{{"a", 1}}}) {
      const std::string got = outcome({{keyword, value}}, 1);
      EXPECT_TRUE(got.starts_with("SCHEMA_") || got == "valid" || got == "invalid") << keyword << " " << value.dump();
    }
}

}  // namespace
}  // namespace carillon::schema
