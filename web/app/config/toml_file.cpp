#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include "web/app/config/toml_file.h"

#include <toml++/toml.h>

#include <fstream>
#include <sstream>

#include "web/app/config/settings.h"

namespace carillon {
namespace {

std::string toml_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
  if (const auto* real = node.as_floating_point()) {
    std::ostringstream out;
    out << real->get();
    return out.str();
  }
  return {};
}

void flatten_toml(const toml::table& table, const std::string& prefix, const std::string& file,
                  std::vector<RawSetting>& out) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string(name.str());
    if (const auto* inner = node.as_table(); inner != nullptr && find_setting(key) == nullptr) {
      flatten_toml(*inner, key + ".", file, out);
      continue;
    }
    RawSetting raw;
    raw.key = key;
    raw.source = file + ":" + std::to_string(node.source().begin.line);
    if (const auto* list = node.as_array()) {
      raw.is_list = true;
      for (const auto& item : *list) raw.items.push_back(toml_text(item));
    } else {
      raw.is_table_or_date = !node.is_string() && !node.is_number() && !node.is_boolean();
      raw.items.push_back(toml_text(node));
    }
    out.push_back(std::move(raw));
  }
}

}  // namespace

Result<std::vector<RawSetting>> read_toml_file(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf()))
    return setting_error("CONFIG_FILE", "config", file.string(),
                         "The configuration file " + file.string() + " cannot be read",
                         "Name a file that exists and may be read, with --config or CARILLON_CONFIG.");
  const toml::parse_result parsed = toml::parse(text.str(), file.string());
  if (!parsed) {
    const auto& at = parsed.error().source().begin;
    return setting_error("CONFIG_FORMAT", "config", file.string(),
                         file.string() + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) +
                             " is not TOML: " + std::string(parsed.error().description()),
                         "Correct the line; texts need quotes, and a key may be set once only.");
  }
  std::vector<RawSetting> out;
  flatten_toml(parsed.table(), "", file.string(), out);
  return out;
}

}  // namespace carillon
