#include <gtest/gtest.h>

#include "tests/architecture/rules/house_rules.h"

namespace carillon::architecture {
namespace {

TEST(House, FilesKeepTheRules) {
  Findings found;
  for (const auto& file : read_tree(CARILLON_SOURCE_DIR))
    for (auto& finding : check_house(file)) found.push_back(std::move(finding));
  EXPECT_TRUE(found.empty()) << print(found);
}

TEST(House, TheTopLevelIsAsAgreed) {
  const auto entries = top_level(CARILLON_SOURCE_DIR);
  EXPECT_GT(entries.size(), 5u);
  const Findings found = check_top_level(entries);
  EXPECT_TRUE(found.empty()) << print(found);
}

TEST(House, EveryFolderSaysWhatItIs) {
  const Findings found = check_folders(folders(CARILLON_SOURCE_DIR), read_tree(CARILLON_SOURCE_DIR));
  EXPECT_TRUE(found.empty()) << print(found);
}

std::string lines(int count, const std::string& line) {
  std::string out;
  for (int n = 0; n < count; ++n) out += line + "\n";
  return out;
}

TEST(House, CatchesWhatBreaksTheRules) {
  const SourceFile bad[] = {{"engine/jobs/planner.cpp", lines(501, "int a;")},
                            {"engine/jobs/planner.cpp", "void f() {\n" + lines(90, "  g();") + "}\n"},
                            {"engine/jobs/planner.cpp", "// TODO: later"},
                            {"migrations/core/0001_tenancy.sql", "-- FIXME"},
                            {"web/ui/src/app/App.tsx", "// TODO"},
                            {"tests/unit/base/base_test.cpp", "TEST(Clock, DISABLED_Moves) {}"},
                            {"tests/unit/base/base_test.cpp", "GTEST_SKIP();"},
                            {"tests/unit/base/base_test.cpp", "std::this_thread::sleep_for(1s);"},
                            {"engine/base/service.cpp", "usleep(5);"},
                            {"web/ui/tests/grid.test.ts", "await new Promise((r) => setTimeout(r, 500));"},
                            {"engine/jobs/planner.cpp", "auto now = std::chrono::system_clock::now();"},
                            {"web/http/server.cpp", "auto t = time(nullptr);"},
                            {"tests/unit/base/base_test.cpp", "open(\"/tmp/carillon\");"},
                            {"persistence/CMakeLists.txt", "set(X /home/me/carillon)"}};
  for (const auto& sample : bad) EXPECT_EQ(check_house(sample).size(), 1u) << sample.path << ": " << sample.text.substr(0, 60);
  EXPECT_EQ(check_top_level({"engine", "src", "notes.txt"}).size(), 2u);
  const std::vector<SourceFile> files = {{"engine/README.md", ""}, {"engine/new/thing.cpp", ""}, {"engine/utils/README.md", ""}};
  EXPECT_EQ(check_folders({"engine", "engine/new", "engine/utils"}, files).size(), 2u);
}

TEST(House, LeavesTheRestAlone) {
  const SourceFile good[] = {{"engine/jobs/planner.cpp", "void f() {\n" + lines(70, "  g();") + "}\n// never sleeps: sleep_for\n"},
                             {"engine/base/clock.cpp", "auto now = std::chrono::system_clock::now();"},
                             {"web/ui/src/app/toasts.tsx", "setTimeout(hide, 600)"},
                             {"web/http/server.cpp", "auto path = base / \"home/x\";"}};
  for (const auto& sample : good) EXPECT_TRUE(check_house(sample).empty()) << print(check_house(sample));
}

}  // namespace
}  // namespace carillon::architecture
