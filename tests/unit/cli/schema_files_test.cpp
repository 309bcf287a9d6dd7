#include "web/app/cli/schema_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace carillon {
namespace {

class SchemaFiles : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("carillon_schema_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name, std::string_view text) const {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  int check(const std::string& schema, const std::string& instance) {
    out_.str("");
    err_.str("");
    return schema_validate_files(schema, instance, out_, err_);
  }
  /// What was printed, without the folder.
  std::string said(const std::ostringstream& stream) const {
    std::string text = stream.str();
    const std::string prefix = folder_.string() + "/";
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) text.erase(at, prefix.size());
    return text;
  }

  std::filesystem::path folder_;
  std::ostringstream out_, err_;
};

TEST_F(SchemaFiles, AValidPayloadSaysSo) {
  EXPECT_EQ(check(file("s.json", R"({"properties":{"a":{"type":"integer"}}})"), file("good.json", R"({"a":1})")), 0);
  EXPECT_EQ(said(out_), "good.json: valid against s.json (2020-12)\n");
  EXPECT_EQ(said(err_), "");
  EXPECT_EQ(check(file("old.json", R"({"$schema":"http://json-schema.org/draft-07/schema#"})"), file("one.json", "1")), 0);
  EXPECT_EQ(said(out_), "one.json: valid against old.json (draft-07)\n");
}

TEST_F(SchemaFiles, EveryViolationHasItsLineAndColumn) {
  const std::string schema = file("s.json", R"({"required":["id"],"additionalProperties":false,"properties":{"id":{},
    "lines":{"uniqueItems":true,"items":{"properties":{"quantity":{"minimum":1},"é":{"type":"string"}}}}}})");
  EXPECT_EQ(check(schema, file("bad.json", "{\n  \"lines\": [\n    {\"quantity\": 0},\n    {\"é\": 1, \"quantity\": 0},\n    {\"quantity\": 0}\n  ],\n  \"colour\": \"red\"\n}\n")), 1);
  EXPECT_EQ(said(out_),
            "bad.json:1:1: the whole value must have the property \"id\"  [/required]\n"
            "bad.json:3:6: /lines/0/quantity must be >= 1, not 0  [/properties/lines/items/properties/quantity/minimum]\n"
            "bad.json:4:6: /lines/1/é must be a string, not 1  [/properties/lines/items/properties/é/type]\n"
            "bad.json:4:14: /lines/1/quantity must be >= 1, not 0  [/properties/lines/items/properties/quantity/minimum]\n"
            "bad.json:5:5: /lines must not have equal items (0 and 2 are)  [/properties/lines/uniqueItems]\n"
            "bad.json:5:6: /lines/2/quantity must be >= 1, not 0  [/properties/lines/items/properties/quantity/minimum]\n"
            "bad.json:7:3: the whole value must not have the property \"colour\"  [/additionalProperties]\n"
            "bad.json: 7 violations of s.json (2020-12)\n");
  EXPECT_EQ(said(err_), "");
}

TEST_F(SchemaFiles, YamlIsReadByItsName) {
  const std::string schema = file("s.yaml", "type: object\nproperties:\n  size: {type: integer, maximum: 9}\n");
  EXPECT_EQ(check(schema, file("p.yml", "# sizes\nname: x\nsize: 12\n")), 1);
  EXPECT_EQ(said(out_), "p.yml:3:1: /size must be <= 9, not 12  [/properties/size/maximum]\np.yml: 1 violation of s.yaml (2020-12)\n");
  EXPECT_EQ(check(schema, file("p.yml", "size: 1\nsize: 2\n")), 2);
  EXPECT_TRUE(said(err_).starts_with("p.yml:2:1: ")) << said(err_);
}

TEST_F(SchemaFiles, WhatCannotBeCheckedIsNoVerdict) {
  const std::string schema = file("s.json", "{}");
  EXPECT_EQ(check(schema, file("twice.json", "{\"a\":1,\n \"a\":2}")), 2);
  EXPECT_TRUE(said(err_).starts_with("twice.json:2:")) << said(err_);
  EXPECT_EQ(check((folder_ / "none.json").string(), schema), 2);
  EXPECT_NE(said(err_).find("none.json: the file cannot be read"), std::string::npos) << said(err_);
  EXPECT_EQ(check(schema, folder_.string()), 2);
  EXPECT_EQ(check(schema, file("empty.json", "")), 2);
  EXPECT_EQ(check(file("broken.json", "{\n \"properties\": {\n  \"a\": {\"type\": 3}}}"), schema), 2);
  EXPECT_NE(said(err_).find("broken.json:3:"), std::string::npos) << said(err_);
  EXPECT_EQ(check(file("nowhere.json", "{\n \"$ref\": \"#/$defs/no\"}"), schema), 2);
  EXPECT_TRUE(said(err_).starts_with("nowhere.json:2:2: /$ref ")) << said(err_);
  EXPECT_EQ(check(file("slow.json", R"({"pattern":"(a*)*\\1bc"})"), file("as.json", "\"" + std::string(5'000, 'a') + "c\"")), 2);
  EXPECT_NE(said(err_).find("warning: /pattern"), std::string::npos) << said(err_);
  EXPECT_EQ(said(out_), "");
}

TEST_F(SchemaFiles, ManyViolationsAreCappedAndItIsSaid) {
  std::string list = "[1";
  for (int i = 0; i < 300; ++i) list += ",1";
  EXPECT_EQ(check(file("s.json", R"({"items":{"type":"string"}})"), file("p.json", list + "]")), 1);
  EXPECT_TRUE(said(out_).ends_with("p.json: at least 100 violations of s.json (2020-12)\n")) << said(out_);
}

}  // namespace
}  // namespace carillon
