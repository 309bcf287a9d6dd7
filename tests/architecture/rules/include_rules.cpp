#include "tests/architecture/rules/include_rules.h"

#include <optional>

namespace carillon::architecture {
namespace {

/// A folder and what its files may include of the project. The first rule that fits a file is the one.
struct Layer {
  std::string_view folder;
  std::vector<std::string_view> may;
  std::string_view reason;
};

const std::vector<Layer>& layers() {
  static const std::vector<Layer> all = {
      {"tests", {"engine", "plugins", "persistence", "web", "tests"}, "Tests may include everything."},
      {"engine/base", {"engine/base"}, "engine/base holds values every layer speaks; it knows nothing above itself."},
      {"engine/time", {"engine/base", "engine/time"}, "engine/time is pure rules on values of engine/base."},
      {"engine/schema", {"engine/base", "engine/schema"}, "engine/schema is pure rules on values of engine/base."},
      {"engine/expr", {"engine/base", "engine/expr"}, "engine/expr is pure rules on values of engine/base."},
      {"engine/workflows/definition",
       {"engine/base", "engine/expr", "engine/time", "engine/workflows/definition"},
       "A definition is read without knowing who runs or stores it."},
      {"engine/runs/interpreter",
       {"engine/base", "engine/expr", "engine/time", "engine/workflows/definition", "engine/runs/interpreter"},
       "The interpreter is pure: no storage, no clock, no I/O."},
      {"engine", {"engine"}, "The runtime knows ports only: never plugins, persistence or web."},
      {"persistence/secrets", {"engine/base", "persistence/secrets"}, "How secrets are sealed is known without any store."},
      {"persistence/embedded", {"engine/base", "persistence/embedded"}, "The embedded server is useful without any store."},
      {"persistence", {"engine", "persistence"}, "Persistence may know the engine and a plugin's words (model.h, *_store.h), never rules or web."},
      {"web/app/hub", {"engine", "plugins", "persistence", "web"}, "The composition root is the one place that knows everyone."},
      {"web/app/cli",
       {"engine/base", "engine/schema", "engine/workflows/definition", "web/app/cli", "web/app/config"},
       "The command line judges files by the pure rules alone."},
      {"web/app", {"engine/base", "engine/schema", "engine/time", "web"}, "Only web/app/hub knows plugins and persistence."},
      {"web/http", {"engine/base", "web/http"}, "The HTTP server knows nothing of the hub."},
      {"web/auth", {"engine/base", "web/auth"}, "Credentials are checked without knowing who asks."},
      {"web/outbound", {"engine/base", "engine/runs", "web/outbound"}, "Outbound HTTP is an adapter of one port of engine/runs."},
      {"web", {"engine", "web/api", "web/auth", "web/http"}, "Web speaks to server actions and ports, never to stores, plugins or web/app."},
  };
  return all;
}

/// A foreign header, where it may be included, and whether a header there may do so.
struct Foreign {
  std::string_view prefix;
  std::vector<std::string_view> folders;
  std::vector<std::string_view> headers;  ///< the only headers that may include it
  std::string_view reason;
};

const std::vector<Foreign>& foreigners() {
  static const std::vector<Foreign> all = {
      {"nlohmann/", {"engine", "plugins", "persistence", "web", "tests"}, {"engine", "plugins", "persistence", "web", "tests"}, "is everybody's"},
      {"date/", {"engine/time/date_source.cpp"}, {}, "date is read in one file, so that zones have one source"},
      {"pqxx/", {"persistence/core", "persistence/migrate", "persistence/stores", "tests"},
       {"persistence/core/pg_tx.h", "persistence/core/pg_value.h", "tests"}, "only persistence speaks SQL, and its ports' headers do not show it"},
      {"libpq-fe.h", {"persistence", "tests"}, {"tests"}, "only persistence speaks to the database"},
      {"boost/asio", {"web/http", "tests"}, {"web/http/server_core.h", "tests"}, "Asio is the HTTP server's own, and slow to compile"},
      {"boost/beast", {"web/http", "tests"}, {"tests"}, "Beast is the HTTP server's own, and slow to compile"},
      {"curl/", {"web/outbound"}, {"web/outbound/exchange.h"}, "curl is the outbound adapter's own"},
      {"openssl/", {"web/auth", "web/app/hub", "persistence/migrate", "persistence/embedded", "persistence/secrets", "tests"}, {}, "cryptography has few places"},
      {"argon2.h", {"web/auth"}, {}, "passwords are hashed in one place"},
      {"jwt.h", {"web/auth"}, {}, "tokens are made and checked in one place"},
      {"jq.h", {"engine/expr"}, {}, "expressions are evaluated in one place"},
      {"jv.h", {"engine/expr"}, {}, "expressions are evaluated in one place"},
      {"yaml-cpp/", {"engine/workflows/definition"}, {}, "YAML is read in one place"},
      {"pcre2.h", {"engine/schema"}, {}, "patterns are matched in one place"},
      {"re2/", {"engine/schema"}, {}, "patterns are matched in one place"},
      {"simdjson.h", {"engine/schema", "engine/base"}, {}, "parsed by the text validator"},
      {"CLI/", {"web/app/cli"}, {}, "the command line is read in one place"},
      {"toml++/", {"web/app/config"}, {}, "configuration files are read in one place"},
      {"spdlog/", {"web/app/log"}, {}, "the engine knows only Logger"},
      {"gtest/", {"tests"}, {"tests"}, "tests only"},
      {"gmock/", {"tests"}, {"tests"}, "tests only"},
  };
  return all;
}

/// Headers of the operating system: their folders do I/O or threads by purpose.
constexpr std::string_view kSystemFolders[] = {"engine/base", "engine/expr", "persistence", "web", "tests"};

struct Include {
  int line;
  std::string path;
  bool quoted;
};

std::vector<Include> includes_of(const SourceFile& file) {
  std::vector<Include> out;
  int number = 0;
  for (std::string_view line : lines_of(file.text)) {
    ++number;
    if (!line.starts_with("#include ")) continue;
    line.remove_prefix(9);
    const char close = line.starts_with('<') ? '>' : '"';
    const auto end = line.find(close, 1);
    if (end == std::string_view::npos) continue;
    out.push_back({number, std::string(line.substr(1, end - 1)), close == '"'});
  }
  return out;
}

bool is_under_any(std::string_view path, const auto& folders) {
  for (std::string_view folder : folders)
    if (is_under(path, folder)) return true;
  return false;
}

/// What persistence may know of a plugin: its words and its port, not its rules.
bool is_words_of_a_plugin(std::string_view path) {
  return path.starts_with("plugins/") && (path.ends_with("/model.h") || path.ends_with("_store.h"));
}

std::optional<std::string> refuse_project(const SourceFile& file, const std::string& path) {
  if (path.find('/') == std::string::npos) return "Includes are written from the project's root, so that it shows which layer they cross.";
  if (is_under(file.path, "plugins")) {
    const auto plugin = file.path.substr(0, file.path.find('/', 8));
    if (is_under(path, "engine") || is_under(path, plugin)) return std::nullopt;
    return "A plugin may include engine and itself: never web, persistence or another plugin.";
  }
  for (const auto& layer : layers()) {
    if (!is_under(file.path, layer.folder)) continue;
    if (is_under_any(path, layer.may)) return std::nullopt;
    if (is_under(file.path, "persistence") && layer.folder == "persistence" && is_words_of_a_plugin(path)) return std::nullopt;
    return std::string(layer.reason);
  }
  return "No layer is known for this file; give its folder a line in tests/architecture/rules/include_rules.cpp.";
}

std::optional<std::string> refuse_foreign(const SourceFile& file, const std::string& path) {
  for (const auto& foreign : foreigners()) {
    if (!path.starts_with(foreign.prefix)) continue;
    if (!is_under_any(file.path, foreign.folders)) return "This library may not be used here: " + std::string(foreign.reason) + ".";
    if (file.path.ends_with(".h") && !is_under_any(file.path, foreign.headers))
      return "Not in this header: " + std::string(foreign.reason) + ".";
    return std::nullopt;
  }
  const bool standard = path.find_first_of("./") == std::string::npos;
  if (standard || is_under_any(file.path, kSystemFolders)) return std::nullopt;
  return "A header of the operating system has no place in a pure layer.";
}

}  // namespace

Findings check_includes(const SourceFile& file) {
  Findings out;
  if (!is_cpp(file.path)) return out;
  for (const auto& include : includes_of(file)) {
    const auto reason = include.quoted ? refuse_project(file, include.path) : refuse_foreign(file, include.path);
    if (reason) out.push_back({file.path, include.line, "includes " + include.path, *reason});
  }
  return out;
}

}  // namespace carillon::architecture
