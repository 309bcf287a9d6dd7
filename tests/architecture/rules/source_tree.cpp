#include "tests/architecture/rules/source_tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace carillon::architecture {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kMade[] = {".git", "build", "node_modules", "dist", "var", ".cache", "test-results", "coverage"};
constexpr std::string_view kTextEndings[] = {".h",  ".cpp",  ".sql",  ".cmake", ".txt", ".md",  ".json", ".in",
                                             ".ts", ".tsx", ".css", ".html",  ".mjs", ".sh", ".jsonl"};

bool is_made(const fs::path& path) {
  const std::string name = path.filename().string();
  return std::ranges::find(kMade, name) != std::end(kMade);
}

bool is_text(const fs::path& path) {
  const std::string ending = path.extension().string();
  return ending.empty() || std::ranges::find(kTextEndings, ending) != std::end(kTextEndings);
}

}  // namespace

std::vector<SourceFile> read_tree(const std::string& root) {
  std::vector<SourceFile> out;
  for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator(); ++it) {
    if (it->is_directory() && is_made(it->path())) it.disable_recursion_pending();
    if (!it->is_regular_file() || !is_text(it->path())) continue;
    std::ostringstream text;
    text << std::ifstream(it->path(), std::ios::binary).rdbuf();
    out.push_back({fs::relative(it->path(), root).generic_string(), std::move(text).str()});
  }
  std::ranges::sort(out, {}, &SourceFile::path);
  return out;
}

std::vector<std::string> top_level(const std::string& root) {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(root)) out.push_back(entry.path().filename().string());
  std::ranges::sort(out);
  return out;
}

std::vector<std::string> folders(const std::string& root) {
  std::vector<std::string> out;
  for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator(); ++it) {
    if (!it->is_directory()) continue;
    if (is_made(it->path())) it.disable_recursion_pending();
    else out.push_back(fs::relative(it->path(), root).generic_string());
  }
  std::ranges::sort(out);
  return out;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return out;
}

namespace {

/// Blanks [from, to) but for line ends.
void blank(std::string& text, std::size_t from, std::size_t to) {
  for (std::size_t n = from; n < std::min(to, text.size()); ++n)
    if (text[n] != '\n') text[n] = ' ';
}

/// Past the literal that begins at `at` with a quote.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (std::size_t n = at + 1; n < text.size(); ++n) {
    if (text[n] == '\\') ++n;
    else if (text[n] == quote || text[n] == '\n') return n + 1;
  }
  return text.size();
}

std::size_t end_of_raw(std::string_view text, std::size_t quote) {
  const auto open = text.find('(', quote);
  const std::string close = ")" + std::string(text.substr(quote + 1, open - quote - 1)) + "\"";
  const auto end = text.find(close, open);
  return end == std::string_view::npos ? text.size() : end + close.size();
}

bool is_word_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

}  // namespace

std::string without_comments(std::string_view text, bool and_strings) {
  std::string out(text);
  for (std::size_t n = 0; n < text.size();) {
    if (text.substr(n, 2) == "//") {
      const auto end = std::min(text.find('\n', n), text.size());
      blank(out, n, end);
      n = end;
    } else if (text.substr(n, 2) == "/*") {
      const auto close = text.find("*/", n);
      const auto end = close == std::string_view::npos ? text.size() : close + 2;
      blank(out, n, end);
      n = end;
    } else if (text[n] == '"' || (text[n] == '\'' && (n == 0 || !is_word_char(text[n - 1])))) {
      const bool raw = text[n] == '"' && n > 0 && text[n - 1] == 'R';
      const auto end = raw ? end_of_raw(text, n) : end_of_quoted(text, n);
      if (and_strings) blank(out, n + 1, end - 1);
      n = end;
    } else {
      ++n;
    }
  }
  return out;
}

bool is_cpp(std::string_view path) { return path.ends_with(".h") || path.ends_with(".cpp"); }
bool is_under(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}
std::string folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? "" : std::string(path.substr(0, slash));
}

std::string print(const Findings& findings) {
  std::string out;
  for (const auto& f : findings) out += f.path + ":" + std::to_string(f.line) + ": " + f.what + "\n    " + f.reason + "\n";
  return out;
}

}  // namespace carillon::architecture
