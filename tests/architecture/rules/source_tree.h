#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace carillon::architecture {

/// One text file of the project; `path` is relative to its root, with slashes.
struct SourceFile {
  std::string path, text;
};

/// One broken rule. `reason` says why the rule is there, for who reads the failure.
struct Finding {
  std::string path;
  int line = 0;  ///< 1 is the first; 0: the file as a whole
  std::string what, reason;
};
using Findings = std::vector<Finding>;

/// All text files below `root`, without what builds and package managers make.
std::vector<SourceFile> read_tree(const std::string& root);
/// Names of files and folders directly in `root`, and of all folders below it ("engine", "engine/base", …).
std::vector<std::string> top_level(const std::string& root);
std::vector<std::string> folders(const std::string& root);

std::vector<std::string_view> lines_of(std::string_view text);
/// C++ text with comments blanked (line numbers stay), and with string literals blanked too when asked.
std::string without_comments(std::string_view text, bool and_strings);

bool is_cpp(std::string_view path);
bool is_under(std::string_view path, std::string_view folder);
std::string folder_of(std::string_view path);
/// For EXPECT messages: one line for each finding.
std::string print(const Findings& findings);

}  // namespace carillon::architecture
