#include "engine/workflows/definition/document.h"

#include <gtest/gtest.h>

#include "engine/workflows/definition/yaml_reader.h"

using namespace carillon;

namespace {

std::string yaml_code(std::string_view text, const DocumentLimits& limits = {}) {
  std::vector<Problem> problems;
  auto document = read_document(text, DefinitionFormat::yaml, problems, limits);
  return document ? dump_json(document->value) : problems.at(0).code;
}

}  // namespace

TEST(YamlDocument, FollowsTheCoreSchema) {
  EXPECT_EQ(yaml_code("[~, null, yes, no, on, true, False, 12, -3, +4, 0o17, 0x1F, 1.5, 1e3, .5, 012, '12', \"x\", "
                      "2026-01-01, 1:30]"),
            R"([null,null,"yes","no","on",true,false,12,-3,4,15,31,1.5,1000.0,0.5,12,"12","x","2026-01-01","1:30"])");
  EXPECT_EQ(yaml_code("a:\nb: |\n  x\n  y\nc: >-\n  x\n  y\n"), R"({"a":null,"b":"x\ny\n","c":"x y"})");
  EXPECT_EQ(yaml_code("a: !!str 12\nb: !!int 7\n"), R"({"a":"12","b":7})");
  EXPECT_EQ(yaml_code("18446744073709551615"), "18446744073709551615");
}

TEST(YamlDocument, RefusesWhatJsonCannotHoldOrHides) {
  EXPECT_EQ(yaml_code("a: 1\na: 2\n"), "DUPLICATE_KEY");
  EXPECT_EQ(yaml_code("a: .inf"), "DOCUMENT_NUMBER");
  EXPECT_EQ(yaml_code("a: .nan"), "DOCUMENT_NUMBER");
  EXPECT_EQ(yaml_code("a: 123456789012345678901234567890"), "DOCUMENT_NUMBER");
  EXPECT_EQ(yaml_code("a: !custom 1"), "DOCUMENT_TAG");
  EXPECT_EQ(yaml_code("a: !!int x"), "DOCUMENT_TAG");
  EXPECT_EQ(yaml_code("? [1]\n: 2\n"), "DOCUMENT_KEY");
  EXPECT_EQ(yaml_code("a: \"x\\0y\""), "DOCUMENT_NUL");
  EXPECT_EQ(yaml_code("a: 1\n---\nb: 2\n"), "DOCUMENT_MALFORMED");
  EXPECT_EQ(yaml_code(""), "DOCUMENT_MALFORMED");
  EXPECT_EQ(yaml_code("a: [1\nb: 2"), "DOCUMENT_MALFORMED");
  EXPECT_EQ(yaml_code("a: \xff\xfe"), "DOCUMENT_MALFORMED");
  EXPECT_EQ(yaml_code(std::string(100, ' '), {.bytes = 50}), "DOCUMENT_TOO_LARGE");
}

TEST(YamlDocument, CountsAliasesWithAllTheyStandFor) {
  EXPECT_EQ(yaml_code("a: &x {k: [1, 2]}\nb: *x\nc: *x\n"), R"({"a":{"k":[1,2]},"b":{"k":[1,2]},"c":{"k":[1,2]}})");
  EXPECT_EQ(yaml_code("a: &x [*x]"), "DOCUMENT_ALIAS");
  std::string bomb = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) bomb += (k > 0 ? ",*a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  EXPECT_EQ(yaml_code(bomb), "DOCUMENT_TOO_LARGE");
  std::string deep = "a0: &a0 [1]\n";
  for (int i = 1; i < 100; ++i)
    deep += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  EXPECT_EQ(yaml_code(deep), "DOCUMENT_TOO_DEEP");
  EXPECT_EQ(yaml_code(std::string(200, '[') + std::string(200, ']')), "DOCUMENT_TOO_DEEP");
}

TEST(Document, KnowsThePlaceOfEverythingInBothFormats) {
  std::vector<Problem> problems;
  auto json = read_document("{\n  \"a\": [\n    1, {\"ü\": 2, \"b/c\": 3}\n  ]\n}", DefinitionFormat::json, problems);
  auto yaml = read_document("a:\n  - 1\n  - ü: 2\n    b/c: 3\n", DefinitionFormat::yaml, problems);
  ASSERT_TRUE(json && yaml);
  EXPECT_EQ(json->value, yaml->value);
  EXPECT_EQ(json->places.find("/a"), (SourcePlace{2, 3}));
  EXPECT_EQ(json->places.find("/a/0"), (SourcePlace{3, 5}));
  EXPECT_EQ(json->places.find("/a/1/ü"), (SourcePlace{3, 9}));
  EXPECT_EQ(json->places.find("/a/1/b~1c"), (SourcePlace{3, 17}));
  EXPECT_EQ(yaml->places.find("/a"), (SourcePlace{1, 1}));
  EXPECT_EQ(yaml->places.find("/a/0"), (SourcePlace{2, 5}));
  EXPECT_EQ(yaml->places.find("/a/1/ü"), (SourcePlace{3, 5}));
  EXPECT_EQ(yaml->places.find("/a/1/b~1c"), (SourcePlace{4, 5}));
  EXPECT_EQ(yaml->places.find("/a/1/ü/deeper/still"), (SourcePlace{3, 5}));
}

TEST(Document, SaysWhereJsonBreaks) {
  std::vector<Problem> problems;
  EXPECT_FALSE(read_document("{\n \"a\": 1,\n \"a\": 2}", DefinitionFormat::json, problems));
  EXPECT_EQ(problems.at(0).code, "DUPLICATE_KEY");
  EXPECT_EQ(problems.at(0).line, 3);
  problems.clear();
  EXPECT_FALSE(read_document("{\n \"a\": }", DefinitionFormat::json, problems));
  EXPECT_EQ(problems.at(0).code, "DOCUMENT_MALFORMED");
  EXPECT_EQ(problems.at(0).line, 2);
  problems.clear();
  EXPECT_FALSE(read_document("a:\n  b: [1\n", DefinitionFormat::yaml, problems));
  EXPECT_GT(problems.at(0).line, 0);
}
