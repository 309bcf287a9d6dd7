#include <cstring>

#include "engine/schema/number.h"
#include "tests/unit/schema/support.h"

/// Schemas and payloads that once cost more than they were charged for, or might. Work is bounded in steps, not in time:
/// what is linear must end within a few steps per value, what is not must end in the budget; memory in bytes of what
/// comes out.
namespace carillon::schema {
namespace {

std::string outcome_within(std::uint64_t steps, const Json& schema, const Json& instance) {
  const auto s = Schema::compile(schema);
  if (!s.has_value()) return s.error().reason;
  ValidateOptions options;
  options.step_budget = steps;
  const auto v = s.value()->validate(instance, options);
  // Text must be as well guarded as the tree, whose members are found faster.
  const auto by_text = validate_text(*s.value(), dump_json(instance), options);
  EXPECT_EQ(v.has_value(), by_text.has_value());
  if (!v.has_value()) return v.error().reason;
  return v.value().empty() ? "valid" : "invalid";
}
std::string outcome_of(const Json& schema, const Json& instance) {
  return outcome_within(ValidateOptions().step_budget, schema, instance);
}

Json numbers_up_to(int n) {
  Json out = Json::array();
  for (int i = 0; i < n; ++i) out.push_back(i);
  return out;
}
Json members(int n) {
  Json out = Json::object();
  for (int i = 0; i < n; ++i) out["m" + std::to_string(i)] = i;
  return out;
}
/// `n` references to one subschema under `keyword`.
Json many_of(const char* keyword, int n, const Json& subschema) {
  Json list = Json::array();
  for (int i = 0; i < n; ++i) list.push_back({{"$ref", "#/$defs/one"}});
  return {{keyword, std::move(list)}, {"$defs", {{"one", subschema}}}};
}
/// [[[…1…]]]
Json nested_arrays(int depth) {
  Json out = 1;
  for (int i = 0; i < depth; ++i) out = Json::array({std::move(out)});
  return out;
}

constexpr const char* kExceeded = "SCHEMA_BUDGET_EXCEEDED";

TEST(HostileWork, UniqueItemsOverAHundredThousandIsLinear) {
  Json payload = numbers_up_to(100'000);
  EXPECT_EQ(outcome_within(400'000, {{"uniqueItems", true}}, payload), "valid");
  payload.push_back(99'999.0);
  EXPECT_EQ(outcome_within(400'000, {{"uniqueItems", true}}, payload), "invalid");
}

TEST(HostileWork, ValuesOfOneHashAreToldApart) {
  // The hash of a fraction and of the integer whose bits it is made of were chosen to fall together.
  const double fraction = 0.5;
  std::uint64_t bits;
  std::memcpy(&bits, &fraction, sizeof bits);
  const auto twin = static_cast<std::int64_t>(bits ^ 0x5bf03635ull);
  ASSERT_EQ(hash_number(Number::of(fraction)), hash_number(Number::of(twin)));
  Json payload = numbers_up_to(40);
  payload.push_back(fraction);
  payload.push_back(twin);
  EXPECT_EQ(outcome_of({{"uniqueItems", true}}, payload), "valid");
  Json list = numbers_up_to(40);
  list.push_back(fraction);
  EXPECT_EQ(outcome_of({{"enum", list}}, twin), "invalid");
}

TEST(HostileWork, HugeEnumsOfObjectsCostOneLook) {
  Json list = Json::array();
  for (int i = 0; i < 50'000; ++i) list.push_back({{"id", i}, {"kind", "k"}});
  EXPECT_EQ(outcome_within(100, {{"enum", list}}, {{"id", 49'999}, {"kind", "k"}}), "valid");
  EXPECT_EQ(outcome_within(100, {{"enum", list}}, {{"id", 50'000}, {"kind", "k"}}), "invalid");
}

TEST(HostileWork, PropertyNamesWithABacktrackingPattern) {
  Json payload = Json::object();
  for (int i = 0; i < 20; ++i) payload[std::to_string(i) + std::string(5'000, 'a') + "c"] = i;
  EXPECT_EQ(outcome_of({{"propertyNames", {{"pattern", "(a*)*\\1bc"}}}}, payload), kExceeded);
}

TEST(HostileWork, PropertyNamesByTheHundredThousand) {
  EXPECT_EQ(outcome_within(2'000'000, {{"propertyNames", {{"pattern", "^m[0-9]+$"}, {"maxLength", 9}}}}, members(100'000)), "valid");
}

TEST(HostileWork, MoreDifferentPatternsThanMemoryAllows) {
  Json schema = {{"patternProperties", Json::object()}};
  for (int i = 0; i < 600; ++i) schema["patternProperties"]["[ab]*a[ab]{13}" + std::to_string(i)] = true;
  EXPECT_EQ(outcome_of(schema, Json::object()), "SCHEMA_TOO_LARGE");
}

TEST(HostileWork, RequiredNamesByTheHundredThousand) {
  Json names = Json::array();
  for (int i = 0; i < 100'000; ++i) names.push_back("n" + std::to_string(i));
  const auto s = compiled(Json{{"required", names}});
  EXPECT_EQ(s->validate(Json::object()).value().size(), 100u);
  EXPECT_EQ(outcome_within(200'000, {{"items", {{"required", names}}}}, Json(std::vector<Json>(5'000, members(1)))), "invalid");
}

TEST(HostileWork, DependentRequiredOfManyTimesMany) {
  Json names = Json::array(), rules = Json::object();
  for (int i = 0; i < 400; ++i) names.push_back("m" + std::to_string(i));
  for (const Json& name : names) rules[name.get<std::string>()] = names;
  EXPECT_EQ(outcome_of({{"items", {{"dependentRequired", rules}}}}, Json(std::vector<Json>(300, members(400)))), kExceeded);
  EXPECT_EQ(outcome_of({{"dependentRequired", {{"m0", names}}}}, members(400)), "valid");
}

TEST(HostileWork, DependentSchemasOfManyTimesMany) {
  Json rules = Json::object();
  for (int i = 0; i < 2'000; ++i) rules["m" + std::to_string(i)] = {{"minProperties", 1}};
  EXPECT_EQ(outcome_of({{"items", {{"dependentSchemas", rules}}}}, Json(std::vector<Json>(300, members(2'000)))), kExceeded);
}

TEST(HostileWork, AllOfOverAWideObjectIsCharged) {
  EXPECT_EQ(outcome_of(many_of("allOf", 10'000, {{"properties", {{"zz", {{"type", "null"}}}}}}), members(10'000)), kExceeded);
}

TEST(HostileWork, TuplesDoNotWalkTheRestOfALongArray) {
  EXPECT_EQ(outcome_within(100'000, many_of("allOf", 20'000, {{"prefixItems", {{{"type", "integer"}}}}}), numbers_up_to(100'000)), "valid");
}

TEST(HostileWork, AllOfOfNothingOverManyItems) {
  const Json nothing(std::vector<Json>(40'000, true));
  const std::string got = outcome_of({{"items", {{"allOf", nothing}}}}, numbers_up_to(100'000));
  EXPECT_TRUE(got == "valid" || got == kExceeded) << got;
}

TEST(HostileWork, ContainsOfAnythingIsCharged) {
  const Json any = {{"contains", true}, {"maxContains", 1'000'000}};
  EXPECT_EQ(outcome_of(many_of("allOf", 20'000, any), numbers_up_to(100'000)), kExceeded);
}

TEST(HostileWork, ManyBranchesThatAConstTellsApart) {
  Json branches = Json::array();
  for (int i = 0; i < 15'000; ++i) branches.push_back({{"properties", {{"kind", {{"const", "k" + std::to_string(i)}}}}}, {"required", {"kind"}}});
  EXPECT_EQ(outcome_of({{"items", {{"oneOf", branches}}}}, Json(std::vector<Json>(50'000, Json{{"kind", "k14999"}}))), kExceeded);
  EXPECT_EQ(outcome_within(5'000, {{"oneOf", branches}}, {{"kind", "k14999"}}), "valid");
}

TEST(HostileWork, AnyOfThatDoublesWithEveryLevel) {
  const Json self = {{"items", {{"$ref", "#"}}}};
  EXPECT_EQ(outcome_of({{"anyOf", {{{"items", {{"$ref", "#"}}}, {"minItems", 9}}, {{"items", {{"$ref", "#"}}}, {"minItems", 8}}}}}, nested_arrays(100)), kExceeded);
  EXPECT_EQ(outcome_of({{"oneOf", {self, self}}}, nested_arrays(100)), kExceeded);
}

TEST(HostileWork, IfThenElseThatDoublesWithEveryLevel) {
  const Json self = {{"items", {{"$ref", "#"}}}};
  EXPECT_EQ(outcome_of({{"if", self}, {"then", self}, {"else", self}}, nested_arrays(100)), kExceeded);
}

TEST(HostileWork, UnevaluatedThatDoublesWithEveryLevel) {
  EXPECT_EQ(outcome_of({{"anyOf", {{{"unevaluatedItems", {{"$ref", "#"}}}}, {{"prefixItems", {{{"$ref", "#"}}}}}}}, {"unevaluatedItems", {{"$ref", "#"}}}}, nested_arrays(100)), kExceeded);
}

TEST(HostileWork, UnevaluatedPropertiesOverManyBranches) {
  Json schema = many_of("allOf", 20'000, {{"properties", {{"m0", true}, {"m1", {{"type", "integer"}}}}}});
  schema["unevaluatedProperties"] = false;
  EXPECT_EQ(outcome_of(schema, members(20'000)), kExceeded);
}

TEST(HostileWork, DynamicReferencesThroughManyResources) {
  Json defs = Json::object();
  for (int i = 0; i < 400; ++i)
    defs["r" + std::to_string(i)] = {{"$id", "r" + std::to_string(i)}, {"$ref", "r" + std::to_string(i + 1)}, {"$defs", {{"n", {{"$dynamicAnchor", "n" + std::to_string(i)}}}}}};
  defs["r400"] = {{"$id", "r400"}, {"items", {{"$dynamicRef", "#n"}}}, {"$defs", {{"n", {{"$dynamicAnchor", "n"}, {"type", "integer"}}}}}};
  EXPECT_EQ(outcome_of({{"$id", "http://x/root"}, {"$ref", "r0"}, {"$defs", defs}}, numbers_up_to(20'000)), "valid");
}

TEST(HostileWork, ReferenceLoopsThroughAnchorsIdsAndPointers) {
  EXPECT_EQ(outcome_of(Json::parse(R"({"$id":"http://x/a","$ref":"b","$defs":{"b":{"$id":"b","$ref":"a"}}})"), 1), "SCHEMA_REF_LOOP");
  EXPECT_EQ(outcome_of(Json::parse(R"({"$ref":"#x","$defs":{"x":{"$anchor":"x","allOf":[{"$ref":"#/$defs/x"}]}}})"), 1), "SCHEMA_REF_LOOP");
  EXPECT_EQ(outcome_of(Json::parse(R"({"$ref":"#/$defs/a~1b/not","$defs":{"a/b":{"not":{"$ref":"#/$defs/a~1b"}}}})"), 1), "SCHEMA_REF_LOOP");
  EXPECT_EQ(outcome_of(Json::parse(R"({"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"a":{"$ref":"#/definitions/b"},"b":{"$ref":"#/definitions/a"}}})"), 1), "SCHEMA_REF_LOOP");
}

TEST(HostileWork, ReferencesWithEndlessPointersAndPaths) {
  std::string pointer = "#", dots = "http://x/";
  for (int i = 0; i < 50'000; ++i) pointer += "/properties", dots += "../";
  EXPECT_EQ(outcome_of({{"$ref", pointer}}, 1), "SCHEMA_REF_UNRESOLVED");
  EXPECT_EQ(outcome_of({{"$ref", dots + "y"}}, 1), "SCHEMA_REF_UNRESOLVED");
  EXPECT_EQ(outcome_of({{"$ref", "#/properties/" + std::string(100'000, '9')}, {"properties", Json::object()}}, 1), "SCHEMA_REF_UNRESOLVED");
  EXPECT_EQ(outcome_of({{"$ref", "#/allOf/99999999999999999999"}, {"allOf", {true}}}, 1), "SCHEMA_REF_UNRESOLVED");
}

TEST(HostileWork, LargeConstantsComparedOftenAreCharged) {
  const std::string large(1'000'000, 'x');
  EXPECT_EQ(outcome_of(many_of("allOf", 20'000, {{"const", large}}), large), kExceeded);
  EXPECT_EQ(outcome_of(many_of("allOf", 20'000, {{"enum", {1, large}}}), large), kExceeded);
}

std::size_t bytes_of(const std::vector<Violation>& violations) {
  std::size_t n = 0;
  for (const Violation& v : violations) n += v.instance.size() + v.schema.size() + v.message.size() + v.params_json.size();
  return n;
}

TEST(HostileWork, ViolationsDoNotRepeatLargeConstants) {
  const std::string large(500'000, 'x');
  const Json list(std::vector<Json>(1'000, Json(1)));
  for (const Json& rule : {Json{{"const", large}}, Json{{"enum", {large, large + "y"}}}, Json{{"const", numbers_up_to(100'000)}}, Json{{"const", {{large, 1}}}}}) {
    const auto violations = compiled(Json{{"items", rule}})->validate(list);
    ASSERT_TRUE(violations.has_value());
    EXPECT_EQ(violations->size(), 100u);
    EXPECT_LT(bytes_of(*violations), 100'000u) << dump_json(rule).substr(0, 40);
  }
}

TEST(HostileWork, ViolationsBelowALongNameAreCappedByBytes) {
  const Json payload = {{std::string(900'000, 'k'), Json(std::vector<Json>(1'000, Json("x")))}};
  const auto violations = compiled(R"({"additionalProperties":{"items":{"type":"integer"}}})")->validate(payload);
  ASSERT_TRUE(violations.has_value());
  EXPECT_GE(violations->size(), 1u);
  EXPECT_LT(bytes_of(*violations), 8u << 20);
}

TEST(HostileWork, LookaheadsAndBackReferencesInARow) {
  std::string looks;
  for (int i = 0; i < 1'000; ++i) looks += "(?=a*)";
  const std::string as(2'000, 'a');
  for (const std::string& text : {"^" + looks + "b", looks + looks + "b", std::string("^(.*)\\1\\1\\1\\1b$"), std::string("(?:(?:(?:a?)*)*)*\\Bb(?!a)$"), std::string("(?<=(?:a{1,99}){1,99})b")}) {
    const std::string got = outcome_of({{"pattern", text}}, as);
    EXPECT_TRUE(got == "invalid" || got == kExceeded || got == "SCHEMA_PATTERN_INVALID") << text.substr(0, 40) << ": " << got;
  }
}

TEST(HostileWork, AlternationsOfTenThousandWords) {
  std::string words;
  for (int i = 0; i < 2'500; ++i) words += (i ? "|w" : "w") + std::to_string(i);
  EXPECT_EQ(outcome_of({{"pattern", "^(" + words + ")$"}}, "w2499"), "valid");
  const std::string often = outcome_of({{"items", {{"pattern", "^(" + words + ")$"}}}}, Json(std::vector<Json>(20'000, Json("w2499"))));
  EXPECT_TRUE(often == "valid" || often == kExceeded) << often;
}

TEST(HostileWork, LengthsOfHugeTextsCountCodePoints) {
  std::string faces;
  for (int i = 0; i < 250'000; ++i) faces += "😀";
  EXPECT_EQ(outcome_within(100'000, {{"minLength", 250'000}, {"maxLength", 250'000}}, faces), "valid");
  EXPECT_EQ(outcome_within(100'000, {{"minLength", 250'001}}, faces), "invalid");
  EXPECT_EQ(outcome_of(many_of("allOf", 20'000, {{"minLength", 250'000}}), faces), kExceeded);
}

TEST(HostileWork, NumbersThatNoDoubleHolds) {
  for (const char* text : {"1e400", "-1e400", "1e999999999", "123456789e9999", "-9e308"})
    EXPECT_FALSE(parse_json(text).has_value()) << text;
  for (const char* text : {"1e-400", "0e999999999", "-0", "-0.0", "0.0e-9999", "4.9e-324"}) {
    const auto value = parse_json(text);
    ASSERT_TRUE(value.has_value()) << text << ": " << value.error().message;
    EXPECT_EQ(outcome_of({{"type", "number"}, {"minimum", 0}, {"exclusiveMaximum", 1e-300}}, *value), "valid") << text;
  }
  EXPECT_EQ(outcome_of({{"const", 0}, {"multipleOf", 7}, {"type", "integer"}}, -0.0), "valid");
  EXPECT_EQ(outcome_of({{"uniqueItems", true}}, Json::array({0, -0.0})), "invalid");
}

TEST(HostileWork, ExponentsFarApartInMultipleOf) {
  EXPECT_EQ(outcome_within(100, {{"multipleOf", 1e-320}}, 1e308), "valid");
  EXPECT_EQ(outcome_within(100, {{"multipleOf", 1.7e308}}, 1e-320), "invalid");
  EXPECT_EQ(outcome_within(100, {{"multipleOf", 3e-300}}, 1e300), "invalid");
  EXPECT_EQ(outcome_within(100, {{"multipleOf", 0.1}}, UINT64_MAX), "valid");
  EXPECT_EQ(outcome_within(100, {{"multipleOf", UINT64_MAX}}, UINT64_MAX), "valid");
}

TEST(HostileWork, ManyResourcesAndAnchorsInOneDocument) {
  Json defs = Json::object();
  for (int i = 0; i < 20'000; ++i) defs["d" + std::to_string(i)] = {{"$id", "d" + std::to_string(i)}, {"$anchor", "a"}};
  EXPECT_EQ(outcome_of({{"$id", "http://x/"}, {"$ref", "d19999#a"}, {"$defs", defs}}, 1), "valid");
  EXPECT_EQ(outcome_of({{"$ref", "#a"}, {"$defs", {{"p", {{"$anchor", "a"}, {"type", "null"}}}, {"q", {{"$anchor", "b"}}}}}}, 1), "invalid");
}

}  // namespace
}  // namespace carillon::schema
