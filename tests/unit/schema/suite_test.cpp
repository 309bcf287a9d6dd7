#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "engine/schema/schema.h"

/// The official JSON Schema Test Suite as Debian ships it (libtest-json-schema-acceptance-perl), and six files of it kept
/// here. Both evaluators, the tree and the text validator must give the same answer.
namespace carillon::schema {
namespace {

namespace fs = std::filesystem;

Json read_json(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return Json::parse(text.str());
}

fs::path suite_root() { return fs::path(CARILLON_JSON_SCHEMA_SUITE); }

std::map<std::string, Json> load_remotes() {
  std::map<std::string, Json> out;
  const fs::path root = suite_root() / "remotes";
  for (const auto& entry : fs::recursive_directory_iterator(root))
    if (entry.path().extension() == ".json")
      out["http://localhost:1234/" + fs::relative(entry.path(), root).generic_string()] = read_json(entry.path());
  return out;
}

const std::map<std::string, Json>& remotes() {
  static const std::map<std::string, Json> loaded = load_remotes();
  return loaded;
}

struct Score {
  int passed = 0, failed = 0;
  std::string failures;
};

void run_case(const Schema& schema, const Json& test, const std::string& where, Score& score, TextValidator& text) {
  const bool expected = test.at("valid");
  const Json& data = test.at("data");
  const auto violations = schema.validate(data);
  const auto by_text = text.validate(schema, dump_json(data));
  std::string wrong;
  if (!violations.has_value()) wrong = violations.error().reason;
  else if (!by_text.has_value()) wrong = "text: " + by_text.error().reason;
  else if (violations.value().empty() != expected) wrong = expected ? "refused" : "let through";
  else if (schema.is_valid(data) != expected) wrong = "is_valid differs";
  else if (violations.value() != by_text.value()) wrong = "text and tree differ";
  if (wrong.empty()) {
    ++score.passed;
    return;
  }
  ++score.failed;
  score.failures += where + ": " + test.at("description").get<std::string>() + ": " + wrong + "\n";
}

void run_file(const fs::path& path, Dialect dialect, bool formats, Score& score) {
  TextValidator text;
  for (const Json& group : read_json(path)) {
    CompileOptions options;
    options.dialect = dialect;
    options.remotes = remotes();
    options.assert_formats = formats;
    const std::string where = path.filename().string() + ": " + group.at("description").get<std::string>();
    const auto schema = Schema::compile(group.at("schema"), options);
    if (!schema.has_value()) {
      score.failed += static_cast<int>(group.at("tests").size());
      score.failures += where + ": " + schema.error().reason + " " + schema.error().message + " at " + schema.error().field + "\n";
      for (const Violation& v : schema.error().violations) score.failures += "   " + v.instance + " " + v.message + "\n";
      continue;
    }
    for (const Json& test : group.at("tests")) run_case(*schema.value(), test, where, score, text);
  }
}

struct Draft {
  Dialect dialect;
  const char* folder;
  int least_required;
};

constexpr std::string_view kOptional[] = {"ecmascript-regex", "non-bmp-regex", "bignum", "float-overflow", "unicode", "no-schema",
                                          "dependencies-compatibility", "refOfUnknownKeyword", "format-assertion"};

class Suite : public testing::TestWithParam<Draft> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(fs::exists(suite_root() / "tests")) << "install the Debian package libtest-json-schema-acceptance-perl";
  }
  fs::path tests() const { return suite_root() / "tests" / GetParam().folder; }
};

TEST_P(Suite, AllRequiredTestsPass) {
  Score score;
  for (const auto& entry : fs::directory_iterator(tests()))
    if (entry.is_regular_file()) run_file(entry.path(), GetParam().dialect, entry.path().filename() != "format.json", score);
  EXPECT_EQ(score.failed, 0) << score.failures;
  EXPECT_GE(score.passed, GetParam().least_required);
  std::cout << "required: " << score.passed << " of " << score.passed + score.failed << "\n";
}

TEST_P(Suite, OptionalGroupsWeStandForPass) {
  Score score;
  for (const std::string_view name : kOptional) {
    const fs::path file = tests() / "optional" / (std::string(name) + ".json");
    if (fs::exists(file)) run_file(file, GetParam().dialect, true, score);
  }
  EXPECT_EQ(score.failed, 0) << score.failures;
  EXPECT_GT(score.passed, 80);
  std::cout << "optional: " << score.passed << " of " << score.passed + score.failed << "\n";
}

TEST_P(Suite, FormatsPassToNinetyNinePercent) {
  Score score, international;
  for (const auto& entry : fs::directory_iterator(tests() / "optional" / "format")) {
    const std::string name = entry.path().stem().string();
    const bool apart = name == "idn-hostname" || name.starts_with("iri");
    run_file(entry.path(), GetParam().dialect, true, apart ? international : score);
  }
  EXPECT_GE(score.passed, 99 * (score.passed + score.failed) / 100) << score.failures;
  EXPECT_GE(international.passed, 95 * (international.passed + international.failed) / 100) << international.failures;
  EXPECT_GT(score.passed, 200);
  std::cout << "formats: " << score.passed << " of " << score.passed + score.failed << ", idn-hostname and iri: "
            << international.passed << " of " << international.passed + international.failed << "\n"
            << score.failures << international.failures;
}

/// Optional files that are not run, with the reason. A file that a newer package brings must get a place.
const std::map<std::string, std::string>& optional_files_left_out() {
  static const std::map<std::string, std::string> files{
      {"cross-draft", "refers to schemas of drafts 2019-09 and draft-03, which are refused by name"},
      {"content", "contentEncoding and contentMediaType annotate (validation 8.2); draft-07 lets one assert them"}};
  return files;
}

TEST_P(Suite, EveryOptionalFileIsRunOrLeftOutForAReason) {
  std::set<std::string> unknown;
  for (const auto& entry : fs::directory_iterator(tests() / "optional")) {
    const std::string name = entry.path().stem().string();
    const bool run = std::find(std::begin(kOptional), std::end(kOptional), name) != std::end(kOptional) || name == "format";
    if (!run && !optional_files_left_out().contains(name)) unknown.insert(name);
  }
  EXPECT_EQ(unknown, std::set<std::string>());
}

INSTANTIATE_TEST_SUITE_P(Drafts, Suite,
                         testing::Values(Draft{Dialect::draft2020_12, "draft2020-12", 1176}, Draft{Dialect::draft07, "draft7", 861}),
                         [](const auto& info) { return info.param.dialect == Dialect::draft07 ? "Draft07" : "Draft2020"; });

TEST(SuiteSample, KeptFilesPassWithoutTheDebianPackage) {
  Score score;
  int files = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(CARILLON_TEST_DATA) / "jsonschema" / "draft2020-12")) {
    CompileOptions options;
    options.dialect = Dialect::draft2020_12;
    TextValidator text;
    for (const Json& group : read_json(entry.path())) {
      const auto schema = Schema::compile(group.at("schema"), options);
      ASSERT_TRUE(schema.has_value()) << schema.error().message;
      for (const Json& test : group.at("tests")) run_case(*schema.value(), test, entry.path().filename().string(), score, text);
    }
    ++files;
  }
  EXPECT_EQ(files, 6);
  EXPECT_EQ(score.failed, 0) << score.failures;
  EXPECT_EQ(score.passed, 193);
}

}  // namespace
}  // namespace carillon::schema
