#include <atomic>
#include <thread>

#include "engine/schema/schema_cache.h"
#include "tests/unit/schema/support.h"

namespace carillon::schema {
namespace {

TEST(Compile, FindsTheDialect) {
  EXPECT_EQ(compiled(R"({"type":"object"})")->dialect(), Dialect::draft2020_12);
  EXPECT_EQ(compiled(R"({"properties":{"a":{"items":[{"type":"string"}]}}})")->dialect(), Dialect::draft07);
  EXPECT_EQ(compiled(R"({"additionalItems":false})")->dialect(), Dialect::draft07);
  EXPECT_EQ(compiled(R"({"dependencies":{"a":["b"]}})")->dialect(), Dialect::draft07);
  EXPECT_EQ(compiled(R"({"$schema":"http://json-schema.org/draft-07/schema#"})")->dialect(), Dialect::draft07);
  EXPECT_EQ(compiled(R"({"$schema":"https://json-schema.org/draft/2020-12/schema","dependencies":{"a":["b"]}})")->dialect(), Dialect::draft2020_12);
  CompileOptions options;
  options.dialect = Dialect::draft07;
  EXPECT_EQ(compiled(Json::object(), options)->dialect(), Dialect::draft07);
}

TEST(Compile, RefusesADialectItDoesNotKnow) {
  for (const char* text : {R"({"$schema":"https://json-schema.org/draft/2019-09/schema"})", R"({"$schema":"http://json-schema.org/draft-04/schema#"})",
                           R"({"$schema":"https://example.com/mine"})", R"({"$schema":7})"}) {
    const Error e = refused(text);
    EXPECT_EQ(e.reason, "SCHEMA_UNSUPPORTED_DIALECT") << text;
    EXPECT_EQ(e.field, "/$schema");
    EXPECT_FALSE(e.remedy.empty());
  }
}

TEST(Compile, ListsWhatTheMetaschemaRefuses) {
  const Error e = refused(R"({"type":"objekt","properties":{"a":{"minLength":-1},"b":{"required":"x"}}})");
  EXPECT_EQ(e.code, ErrorCode::invalid);
  EXPECT_EQ(e.reason, "SCHEMA_INVALID");
  std::set<std::string> where;
  for (const Violation& v : e.violations) where.insert(v.instance);
  EXPECT_EQ(where, (std::set<std::string>{"/properties/a/minLength", "/properties/b/required", "/type"}));
  EXPECT_EQ(refused("3").reason, "SCHEMA_INVALID");
  EXPECT_EQ(refused("[]").reason, "SCHEMA_INVALID");
}

TEST(Compile, RefusesKeywordsThatWouldNotBeChecked) {
  Error e = refused(R"({"properties":{"a":{"$recursiveRef":"#"}}})");
  EXPECT_EQ(e.reason, "SCHEMA_UNSUPPORTED_KEYWORD");
  EXPECT_EQ(e.field, "/properties/a/$recursiveRef");
  EXPECT_EQ(e.value, "$recursiveRef");
  e = refused(R"({"$schema":"http://json-schema.org/draft-07/schema#","unevaluatedProperties":false})");
  EXPECT_EQ(e.reason, "SCHEMA_UNSUPPORTED_KEYWORD");
  EXPECT_EQ(e.field, "/unevaluatedProperties");
  EXPECT_TRUE(accepts(R"({"x-redact":true,"myNote":{"type":"string"}})", "5"));
}

TEST(Compile, RefusesReferencesThatLeadNowhere) {
  for (const auto& [text, field] : std::map<std::string, std::string>{
           {R"({"properties":{"a":{"$ref":"#/$defs/no"}}})", "/properties/a/$ref"},
           {R"({"$ref":"https://example.com/other.json"})", "/$ref"},
           {R"({"$ref":"#anchor"})", "/$ref"},
           {R"({"$defs":{"unused":{"$ref":"#/nope"}}})", "/$defs/unused/$ref"},
           {R"({"$dynamicRef":"#nobody"})", "/$dynamicRef"}}) {
    const Error e = refused(text.c_str());
    EXPECT_EQ(e.reason, "SCHEMA_REF_UNRESOLVED") << text;
    EXPECT_EQ(e.field, field);
  }
}

TEST(Compile, RefusesReferencesThatConsumeNothing) {
  for (const char* text : {R"({"$ref":"#"})", R"({"allOf":[{"$ref":"#"}]})", R"({"$ref":"#/$defs/a","$defs":{"a":{"anyOf":[{"$ref":"#/$defs/b"}]},"b":{"not":{"$ref":"#/$defs/a"}}}})",
                           R"({"if":true,"then":{"$ref":"#"}})", R"({"dependentSchemas":{"a":{"$ref":"#"}}})"})
    EXPECT_EQ(refused(text).reason, "SCHEMA_REF_LOOP") << text;
  EXPECT_TRUE(accepts(R"({"properties":{"next":{"$ref":"#"}},"required":["v"]})", R"({"v":1,"next":{"v":2}})"));
}

TEST(Compile, RefusesPatternsThatAreNone) {
  const Error e = refused(R"({"properties":{"a":{"pattern":"a(b"}}})");
  EXPECT_EQ(e.reason, "SCHEMA_PATTERN_INVALID");
  EXPECT_EQ(e.field, "/properties/a/pattern");
  EXPECT_EQ(e.value, "a(b");
  EXPECT_EQ(refused(R"({"patternProperties":{"[z-a]":true}})").reason, "SCHEMA_INVALID");
}

TEST(Compile, WarnsOfPatternsThatBacktrackAndFormatsNotKnown) {
  const auto s = compiled(R"({"properties":{"a":{"pattern":"(a+)\\1"},"b":{"format":"colour"},"c":{"pattern":"^(?=.*\\d)(?!.*x).{3,}$"}}})");
  ASSERT_EQ(s->warnings().size(), 2u);
  EXPECT_EQ(s->warnings()[0].reason, "SCHEMA_PATTERN_SLOW");
  EXPECT_EQ(s->warnings()[0].pointer, "/properties/a/pattern");
  EXPECT_EQ(s->warnings()[1].reason, "SCHEMA_FORMAT_UNKNOWN");
}

TEST(Compile, FormatAssertsUnlessSwitchedOff) {
  const Json schema = {{"format", "ipv4"}};
  EXPECT_FALSE(compiled(schema)->is_valid("nope"));
  CompileOptions options;
  options.assert_formats = false;
  EXPECT_TRUE(compiled(schema, options)->is_valid("nope"));
}

TEST(Compile, SchemaIsSharedByThreads) {
  const auto s = compiled(R"({"items":{"type":"string","pattern":"^(a|b)+c$"}})");
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        wrong += !s->is_valid(Json::array({"abac", "bc"}));
        wrong += s->validate(Json::array({"abac", "b"})).value().size() != 1;
      }
    });
  for (auto& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
}

TEST(SchemaCache, KeepsTheLastUsedWithinItsBounds) {
  SchemaCache cache(2, 10'000);
  const auto a = cache.get(R"({"minimum":1})").value();
  const auto b = cache.get(R"({"minimum":2})").value();
  EXPECT_EQ(cache.get(R"({"minimum":1})").value(), a);
  EXPECT_TRUE(cache.get(R"({"minimum":3})").has_value());
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_EQ(cache.get(R"({"minimum":1})").value(), a);
  EXPECT_NE(cache.get(R"({"minimum":2})").value(), b);
  EXPECT_NE(cache.get(R"({"minimum":1})", Dialect::draft07).value(), a);
  EXPECT_FALSE(cache.get(R"({"minimum":"x"})").has_value());
  EXPECT_EQ(cache.get("{").error().code, ErrorCode::malformed);
  SchemaCache tiny(10, 20);
  EXPECT_TRUE(tiny.get(R"({"description":"longer than the cache"})").has_value());
  EXPECT_EQ(tiny.size(), 0u);
  EXPECT_EQ(tiny.bytes(), 0u);
}

TEST(AnnotationsEqual, LooksAtKeywordsNotAtNames) {
  const auto equal = [](const char* a, const char* b) { return annotations_equal(Json::parse(a), Json::parse(b)); };
  EXPECT_TRUE(equal(R"({"title":"a","properties":{"p":{"type":"string","x-redact":true}}})", R"({"properties":{"p":{"type":"string","default":"q"}}})"));
  EXPECT_TRUE(equal(R"({"anyOf":[{"description":"x"}]})", R"({"anyOf":[{}]})"));
  EXPECT_FALSE(equal(R"({"properties":{"title":{"type":"string"}}})", R"({"properties":{"title":{"type":"integer"}}})"));
  EXPECT_FALSE(equal(R"({"properties":{"title":true}})", R"({"properties":{}})"));
  EXPECT_FALSE(equal(R"({"const":{"title":"a"}})", R"({"const":{"title":"b"}})"));
  EXPECT_FALSE(equal(R"({"enum":[{"default":1}]})", R"({"enum":[{}]})"));
  EXPECT_FALSE(equal(R"({"required":["a"]})", R"({})"));
  EXPECT_FALSE(equal(R"({"$ref":"#/x-shared/m","x-shared":{"m":{"type":"string"}}})", R"({"$ref":"#/x-shared/m","x-shared":{"m":{"type":"null"}}})"));
}

}  // namespace
}  // namespace carillon::schema
