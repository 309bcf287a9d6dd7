#include "tests/architecture/rules/word_rules.h"

#include <algorithm>
#include <cctype>

namespace carillon::architecture {
namespace {

/// `word` is lower case; a space or nothing may stand where the text has "_", "-" or a capital ("cron job" finds
/// cron_job, CronJob and "cron job").
struct Word {
  std::string_view word, say;
  std::vector<std::string_view> only_in;  ///< folders; empty: everywhere
  bool as_type = false;                   ///< forbidden only as the name of a type
};

const std::vector<Word>& words() {
  // Where recurring times and their handling are spoken of. Elsewhere a tick is a round of a loop (Service), a slot a
  // place in a table and an invocation a command line, which are other ideas.
  static const std::vector<std::string_view> firing = {"engine/time", "engine/jobs", "plugins", "persistence/stores", "migrations",
                                                       "web/api/openapi.json"};
  static const std::vector<Word> all = {
      {"organisation", "Tenant", {}, false},
      {"organization", "Tenant", {}, false},
      {"caller", "Actor, or TenantContext for what a call holds", {}, true},
      {"admin mode", "SystemScope", {}, false},
      {"pipeline", "Workflow", {}, false},
      {"workflow template", "Workflow, or Draft", {}, false},
      {"template", "Workflow, or Draft", {"plugins", "persistence", "migrations", "web/api/openapi.json"}, false},
      {"cron job", "Schedule", {}, false},
      {"slot", "Occurrence, due_at", firing, false},
      {"invocation", "Fire", firing, false},
      {"tick", "Occurrence, due_at", firing, false},
      {"execution", "Run", {"engine/runs", "plugins", "persistence", "migrations", "web/api"}, true},
      {"scheduler", "Planner", {}, true},
  };
  return all;
}

/// What is meant otherwise: exactly these identifiers, and why.
struct Allowed {
  std::string_view identifier, why;
};
constexpr Allowed kAllowed[] = {
    {"tick", "one round of a Service's loop"},
    {"Tick", "the function a LoopService calls"},
};

/// An identifier or a piece of prose, as lower-case words with single spaces.
std::string as_words(std::string_view text) {
  std::string out;
  char before = ' ';
  for (char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (!std::isalpha(u)) {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      if (std::isupper(u) && std::islower(static_cast<unsigned char>(before))) out += ' ';
      out += static_cast<char>(std::tolower(u));
    }
    before = c;
  }
  return out;
}

bool has_word(const std::string& words, std::string_view word) {
  for (auto at = words.find(word); at != std::string::npos; at = words.find(word, at + 1)) {
    const auto end = at + word.size();
    const bool plural = end < words.size() && words[end] == 's';
    const auto after = end + (plural ? 1 : 0);
    if ((at == 0 || words[at - 1] == ' ') && (after >= words.size() || words[after] == ' ')) return true;
  }
  return false;
}

std::vector<std::string_view> identifiers_of(std::string_view line) {
  std::vector<std::string_view> out;
  const auto is_part = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  for (std::size_t n = 0; n < line.size();) {
    if (!is_part(line[n])) {
      ++n;
      continue;
    }
    std::size_t end = n;
    while (end < line.size() && is_part(line[end])) ++end;
    out.push_back(line.substr(n, end - n));
    n = end;
  }
  return out;
}

bool is_allowed(std::string_view identifier) { return std::ranges::find(kAllowed, identifier, &Allowed::identifier) != std::end(kAllowed); }

bool applies(const Word& word, std::string_view path) {
  return word.only_in.empty() || std::ranges::any_of(word.only_in, [&](std::string_view folder) { return is_under(path, folder); });
}

void check_line(const SourceFile& file, int number, std::string_view line, Findings& out) {
  for (const auto& word : words()) {
    if (!applies(word, file.path)) continue;
    std::string prose;  // the line without what may be said
    bool found = false;
    for (std::string_view identifier : identifiers_of(line)) {
      if (is_allowed(identifier)) continue;
      // In C++ "template <" is the language's own word.
      if (identifier == "template" && is_cpp(file.path)) continue;
      const std::string parts = as_words(identifier);
      if (word.as_type) found = found || (std::isupper(static_cast<unsigned char>(identifier[0])) && has_word(parts, word.word));
      else prose += parts + ' ';
    }
    if (found || has_word(prose, word.word))
      out.push_back({file.path, number, "says \"" + std::string(word.word) + "\"", "One word per idea; say " + std::string(word.say) + "."});
  }
}

}  // namespace

Findings check_words(const SourceFile& file) {
  Findings out;
  const bool cpp = is_cpp(file.path) && !is_under(file.path, "tests");
  const bool sql = file.path.ends_with(".sql");
  if (!cpp && !sql && file.path != "web/api/openapi.json") return out;
  const std::string text = cpp ? without_comments(file.text, false) : file.text;
  int number = 0;
  for (std::string_view line : lines_of(text)) {
    ++number;
    if (sql) line = line.substr(0, line.find("--"));
    check_line(file, number, line, out);
  }
  return out;
}

}  // namespace carillon::architecture
