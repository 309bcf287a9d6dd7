// Which values of a payload its schema hides: many shapes of schemas, both dialects.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/schema/marks.h"

using namespace carillon;
using namespace carillon::schema;

namespace {

struct MarkCase {
  const char* what;
  const char* schema;
  const char* instance;
  std::vector<std::string> hidden;
  bool draft07_too = true;
};

void PrintTo(const MarkCase& c, std::ostream* out) { *out << c.what; }

const MarkCase kMarkCases[] = {
    {"nothing is marked", R"({"properties":{"a":{"type":"string"}}})", R"({"a":"x"})", {}},
    {"false marks nothing", R"({"properties":{"a":{"writeOnly":false,"x-redact":false}}})", R"({"a":"x"})", {}},
    {"a property, writeOnly", R"({"properties":{"a":{"type":"string","writeOnly":true},"b":{}}})", R"({"a":"x","b":"y"})", {"/a"}},
    {"a property, x-redact", R"({"properties":{"a":{"x-redact":true}}})", R"({"a":1})", {"/a"}},
    {"absent", R"({"properties":{"a":{"x-redact":true}}})", R"({"b":1})", {}},
    {"null and empty", R"({"properties":{"a":{"x-redact":true},"b":{"x-redact":true}}})", R"({"a":null,"b":""})", {"/a", "/b"}},
    {"the root", R"({"x-redact":true})", R"({"a":1})", {""}},
    {"a whole object", R"({"properties":{"a":{"type":"object","writeOnly":true,"properties":{"b":{"writeOnly":true}}}}})", R"({"a":{"b":1}})", {"/a"}},
    {"of the wrong type", R"({"properties":{"a":{"type":"integer","writeOnly":true}}})", R"({"a":"hunter2"})", {"/a"}},
    {"below two levels", R"({"properties":{"a":{"properties":{"b":{"x-redact":true}}}}})", R"({"a":{"b":1,"c":2}})", {"/a/b"}},
    {"a name that needs escaping", R"({"properties":{"a/b":{"x-redact":true}}})", R"({"a/b":1})", {"/a~1b"}},
    {"through $ref", R"({"properties":{"a":{"$ref":"#/definitions/s"}},"definitions":{"s":{"writeOnly":true}}})", R"({"a":"x"})", {"/a"}},
    {"through two references", R"({"properties":{"a":{"$ref":"#/definitions/p"}},"definitions":{"p":{"$ref":"#/definitions/s"},"s":{"x-redact":true}}})",
     R"({"a":"x"})", {"/a"}},
    {"beside $ref", R"({"properties":{"a":{"$ref":"#/definitions/s","writeOnly":true}},"definitions":{"s":{"type":"string"}}})", R"({"a":"x"})", {"/a"}},
    {"beside $ref to nothing but a reference",
     R"({"properties":{"a":{"$ref":"#/definitions/p"}},"definitions":{"p":{"$ref":"#/definitions/s","x-redact":true},"s":{"type":"string"}}})",
     R"({"a":"x"})", {"/a"}},
    {"a definition that nothing refers to", R"({"definitions":{"s":{"writeOnly":true}}})", R"({"s":"x"})", {}},
    {"recursive", R"({"properties":{"next":{"$ref":"#"},"key":{"x-redact":true}}})", R"({"key":1,"next":{"key":2,"next":{"key":3}}})",
     {"/key", "/next/key", "/next/next/key"}},
    {"allOf", R"({"allOf":[{"properties":{"a":{"writeOnly":true}}},{"properties":{"b":{}}}]})", R"({"a":1,"b":2})", {"/a"}},
    {"allOf at the value itself", R"({"properties":{"a":{"allOf":[{"type":"string"},{"x-redact":true}]}}})", R"({"a":"x"})", {"/a"}},
    {"anyOf, the branch that does not hold", R"({"anyOf":[{"properties":{"k":{"const":"x"},"a":{"writeOnly":true}}},{"properties":{"k":{"const":"y"}}}]})",
     R"({"k":"y","a":1})", {"/a"}},
    {"oneOf", R"({"properties":{"a":{"oneOf":[{"type":"integer"},{"type":"string","x-redact":true}]}}})", R"({"a":5})", {"/a"}},
    {"then", R"({"if":{"properties":{"k":{"const":1}}},"then":{"properties":{"a":{"writeOnly":true}}}})", R"({"k":1,"a":2})", {"/a"}},
    {"else, though then holds", R"({"if":{"properties":{"k":{"const":1}}},"then":true,"else":{"properties":{"a":{"writeOnly":true}}}})", R"({"k":1,"a":2})",
     {"/a"}},
    {"if", R"({"if":{"properties":{"a":{"x-redact":true}}},"then":{}})", R"({"a":2})", {"/a"}},
    {"not", R"({"not":{"required":["z"],"properties":{"a":{"x-redact":true}}}})", R"({"a":2})", {"/a"}},
    {"items", R"({"items":{"properties":{"pin":{"writeOnly":true}}}})", R"([{"pin":1},{"pin":2,"x":3}])", {"/0/pin", "/1/pin"}},
    {"items of a list below", R"({"properties":{"l":{"items":{"x-redact":true}}}})", R"({"l":[1,2]})", {"/l/0", "/l/1"}},
    {"contains", R"({"contains":{"x-redact":true,"const":1}})", R"([1,2])", {"/0", "/1"}},
    {"prefixItems", R"({"$schema":"https://json-schema.org/draft/2020-12/schema","prefixItems":[{},{"x-redact":true}]})", R"([1,2,3])", {"/1"}, false},
    {"behind prefixItems", R"({"$schema":"https://json-schema.org/draft/2020-12/schema","prefixItems":[{}],"items":{"x-redact":true}})", R"([1,2,3])",
     {"/1", "/2"}, false},
    {"items of draft-07 as a list", R"({"$schema":"http://json-schema.org/draft-07/schema#","items":[{},{"x-redact":true}]})", R"([1,2,3])", {"/1"}, false},
    {"additionalItems", R"({"$schema":"http://json-schema.org/draft-07/schema#","items":[{}],"additionalItems":{"writeOnly":true}})", R"([1,2])", {"/1"},
     false},
    {"additionalProperties", R"({"properties":{"a":{}},"additionalProperties":{"x-redact":true}})", R"({"a":1,"b":2})", {"/b"}},
    {"additionalProperties, matched by a pattern", R"({"patternProperties":{"^p":{}},"additionalProperties":{"x-redact":true}})", R"({"pa":1,"b":2})", {"/b"}},
    {"patternProperties that match", R"({"patternProperties":{"pass":{"writeOnly":true}}})", R"({"mypass1":1,"b":2})", {"/mypass1"}},
    {"a property and a pattern", R"({"properties":{"pass":{}},"patternProperties":{"^p":{"x-redact":true}}})", R"({"pass":1})", {"/pass"}},
    {"unevaluatedProperties", R"({"$schema":"https://json-schema.org/draft/2020-12/schema","unevaluatedProperties":{"x-redact":true}})", R"({"a":1})", {"/a"},
     false},
    {"unevaluatedItems", R"({"$schema":"https://json-schema.org/draft/2020-12/schema","unevaluatedItems":{"x-redact":true}})", R"([1])", {"/0"}, false},
    {"dependentSchemas",
     R"({"$schema":"https://json-schema.org/draft/2020-12/schema","dependentSchemas":{"k":{"properties":{"a":{"x-redact":true}}}}})", R"({"a":1})", {"/a"},
     false},
    {"dependencies", R"({"$schema":"http://json-schema.org/draft-07/schema#","dependencies":{"k":{"properties":{"a":{"x-redact":true}}}}})",
     R"({"a":1,"k":2})", {"/a"}, false},
    {"$anchor", R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$ref":"#s","$defs":{"x":{"$anchor":"s","properties":{"a":{"writeOnly":true}}}}})",
     R"({"a":1})", {"/a"}, false},
    {"$dynamicRef",
     R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$dynamicAnchor":"n","properties":{"k":{"x-redact":true},"c":{"$dynamicRef":"#n"}}})",
     R"({"k":1,"c":{"k":2}})", {"/c/k", "/k"}, false},
};

class Marks : public testing::TestWithParam<MarkCase> {};

}  // namespace

TEST_P(Marks, AreFoundInBothDialects) {
  const MarkCase& c = GetParam();
  for (const auto dialect : {Dialect::draft2020_12, Dialect::draft07}) {
    if (dialect == Dialect::draft07 && !c.draft07_too) continue;
    CompileOptions options;
    options.dialect = dialect;
    const Json document = Json::parse(c.schema);
    const auto schema = Schema::compile(document, options);
    ASSERT_TRUE(schema) << schema.error().message;
    EXPECT_THAT(marked_places(**schema, Json::parse(c.instance)), testing::UnorderedElementsAreArray(c.hidden)) << dialect_name(dialect);
    if (!c.hidden.empty()) EXPECT_TRUE(has_marks(**schema));
  }
}
INSTANTIATE_TEST_SUITE_P(Schemas, Marks, testing::ValuesIn(kMarkCases));

TEST(MarksOfASchema, AreKnownWithoutAPayload) {
  const auto has = [](const char* text) { return has_marks(**Schema::compile(Json::parse(text))); };
  EXPECT_FALSE(has(R"({"type":"object"})"));
  EXPECT_FALSE(has(R"({"$defs":{"unused":{"writeOnly":true}}})"));
  EXPECT_TRUE(has(R"({"$ref":"#/$defs/used","$defs":{"used":{"writeOnly":true}}})"));
  EXPECT_TRUE(has(R"({"items":{"items":{"items":{"x-redact":true}}}})"));
}
