#include "tests/architecture/rules/house_rules.h"

#include <algorithm>
#include <regex>
#include <set>

namespace carillon::architecture {
namespace {

constexpr std::size_t kMostLines = 500;
constexpr int kMostFunctionLines = 80;
constexpr std::string_view kTop[] = {"CMakeLists.txt", "CMakePresets.json", "README.md",   "LICENSE",     "run",           "test",
                                     ".ci",            ".clang-format",     ".clang-tidy", ".gitignore",  ".gitattributes", ".editorconfig",
                                     "engine",         "plugins",           "persistence", "migrations", "web",           "tests"};
/// Made by building and running, and kept out of git.
constexpr std::string_view kMadeTop[] = {".git", "build", "var", ".cache", "compile_commands.json", ".clangd", ".vscode", ".idea"};

/// Written by a generator of ours.
bool is_generated(std::string_view path) { return path.ends_with("/schema.d.ts") || path.ends_with("package-lock.json"); }
/// Invented answers for making screens without a hub: grows with the API, is never shipped and never tested with.
bool may_be_long(std::string_view path) { return path == "web/ui/dev/mock-server.mjs"; }
/// The samples of these very tests break the rules on purpose.
bool is_sample(std::string_view path) { return is_under(path, "tests/architecture"); }
bool is_ui_test(std::string_view path) { return path.find("/tests/") != std::string_view::npos || path.find(".test.") != std::string_view::npos; }

bool is_code(std::string_view path) {
  return is_cpp(path) || path.ends_with(".sql") || path.ends_with(".ts") || path.ends_with(".tsx") || path.ends_with(".css") ||
         path.ends_with(".mjs") || path.ends_with(".cmake") || path.ends_with("CMakeLists.txt");
}

struct Pattern {
  std::regex pattern;
  const char* what;
  const char* reason;
  bool (*where)(std::string_view path);
  bool in_comments = false;                   ///< prose is read too
  std::vector<std::string_view> except = {};  ///< files or folders
};

const std::vector<Pattern>& patterns() {
  static const auto everywhere = [](std::string_view path) { return is_code(path); };
  static const auto cpp = [](std::string_view path) { return is_cpp(path); };
  static const auto test = [](std::string_view path) { return is_under(path, "tests") && is_cpp(path); };
  static const auto ui_test = [](std::string_view path) {
    return is_ui_test(path) && (path.ends_with(".ts") || path.ends_with(".tsx") || path.ends_with(".mjs"));
  };
  static const std::vector<Pattern> all = {
      {std::regex(R"(\b(TODO|FIXME|HACK)\b)"), "leaves work behind", "Finish it, or write an issue.", everywhere, true},
      {std::regex(R"(\bDISABLED_)"), "disables a test", "A test that does not run proves nothing; mend or delete it.", test},
      // The embedded server's change of user exists for root only.
      {std::regex(R"(\bGTEST_SKIP\b)"), "skips a test", "A test that does not run proves nothing.", test, false, {"tests/pg/embedded"}},
      {std::regex(R"(\b(sleep_for|sleep_until|usleep|nanosleep)\b|\bsleep\()"), "sleeps",
       "Wait on the injected Clock, a Wakeup or a condition: sleeps are slow and flaky.", cpp},
      {std::regex(R"(\bsetTimeout\([^,]*,\s*[1-9]\d\d)"), "sleeps", "Wait for what the test is about.", ui_test},
      {std::regex(R"(\bsystem_clock::now\b|\bgettimeofday\b|\btime\((nullptr|NULL|0)\)|\bCLOCK_REALTIME\b)"), "reads the wall clock",
       "The wall clock is read in engine/base/clock.cpp; take a Clock.", cpp, false, {"engine/base/clock.cpp"}},
      {std::regex(R"((^|[^\w.])/(work|tmp|home)/\w)"), "names a path of one machine", "Committed files are read on other machines.", everywhere, true},
  };
  return all;
}

void check_patterns(const SourceFile& file, Findings& out) {
  const std::string code = is_cpp(file.path) ? without_comments(file.text, false) : file.text;
  const auto raw_lines = lines_of(file.text);
  const auto code_lines = lines_of(code);
  for (const auto& rule : patterns()) {
    if (!rule.where(file.path) || is_sample(file.path)) continue;
    if (std::ranges::any_of(rule.except, [&](std::string_view at) { return is_under(file.path, at); })) continue;
    const auto& lines = rule.in_comments ? raw_lines : code_lines;
    for (std::size_t n = 0; n < lines.size(); ++n)
      if (std::regex_search(lines[n].begin(), lines[n].end(), rule.pattern))
        out.push_back({file.path, static_cast<int>(n) + 1, rule.what, rule.reason});
  }
}

/// Functions begin at the margin with a line that ends in "{" and end with "}" at the margin; so the code is formatted.
void check_functions(const SourceFile& file, Findings& out) {
  const auto lines = lines_of(file.text);
  std::size_t begin = 0;
  bool inside = false;
  for (std::size_t n = 0; n < lines.size(); ++n) {
    const std::string_view line = lines[n];
    const bool opens = !line.empty() && line[0] != ' ' && line[0] != '}' && line.ends_with("{") && line.find('(') != std::string_view::npos;
    if (opens) {
      begin = n;
      inside = true;
    } else if (inside && line.starts_with("}")) {
      inside = false;
      const int length = static_cast<int>(n - begin) + 1;
      if (length > kMostFunctionLines)
        out.push_back({file.path, static_cast<int>(begin) + 1, "function of " + std::to_string(length) + " lines",
                       "A function of more than 80 lines does more than one thing."});
    }
  }
}

}  // namespace

Findings check_house(const SourceFile& file) {
  Findings out;
  if (!is_code(file.path) || is_generated(file.path) || is_under(file.path, "tests/data")) return out;
  const auto count = lines_of(file.text).size();
  if (count > kMostLines && !may_be_long(file.path))
    out.push_back({file.path, 0, std::to_string(count) + " lines", "A file of more than 500 lines is several files."});
  check_patterns(file, out);
  if (file.path.ends_with(".cpp")) check_functions(file, out);
  return out;
}

Findings check_top_level(const std::vector<std::string>& entries) {
  Findings out;
  for (const auto& entry : entries)
    if (std::ranges::find(kTop, entry) == std::end(kTop) && std::ranges::find(kMadeTop, entry) == std::end(kMadeTop))
      out.push_back({entry, 0, "stands at the top", "The top level is fixed; it belongs in one of the layers."});
  return out;
}

Findings check_folders(const std::vector<std::string>& folders, const std::vector<SourceFile>& files) {
  std::set<std::string> with_code, with_readme;
  for (const auto& file : files) {
    if (file.path.ends_with("README.md")) with_readme.insert(folder_of(file.path));
    if (!is_cpp(file.path) && !file.path.ends_with(".sql")) continue;
    for (std::string folder = folder_of(file.path); !folder.empty(); folder = folder_of(folder)) with_code.insert(folder);
  }
  Findings out;
  for (const auto& folder : folders) {
    const std::string name = folder.substr(folder.rfind('/') + 1);
    const bool ui = folder.find("/ui") != std::string::npos;
    if (!ui && (name == "src" || name == "common" || name == "utils" || name == "helpers" || name == "misc"))
      out.push_back({folder, 0, "is a place for everything", "A folder is a layer or a capability."});
    // One README for each tier of tests and each line of migrations; below, the names say it.
    const auto depth = std::ranges::count(folder, '/');
    const bool deep = (is_under(folder, "tests") && depth > 1) || (is_under(folder, "migrations") && depth > 0);
    if (with_code.contains(folder) && !deep && !with_readme.contains(folder))
      out.push_back({folder, 0, "has no README.md", "A folder says what it is, its nouns, where work enters and leaves."});
  }
  return out;
}

}  // namespace carillon::architecture
