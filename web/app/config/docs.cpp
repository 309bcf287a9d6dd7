#include "engine/base/json.h"
#include "web/app/config/settings.h"

namespace carillon {
namespace {

std::string kind_text(const Setting& setting) {
  switch (setting.kind) {
    case SettingKind::text:
      return "text";
    case SettingKind::choice:
      return "choice";
    case SettingKind::integer:
      return "number";
    case SettingKind::bytes:
      return "size";
    case SettingKind::duration:
      return "duration";
    case SettingKind::boolean:
      return "true/false";
    case SettingKind::list:
      return "list";
  }
  return {};
}

std::string range_text(const Setting& setting) {
  const auto show = [&](std::int64_t value) {
    return setting.kind == SettingKind::duration ? describe_duration(Duration{value}) : std::to_string(value);
  };
  if (!setting.choices.empty()) {
    std::string out;
    for (const char c : setting.choices) out += c == '|' ? std::string(", ") : std::string(1, c);
    return out;
  }
  if (setting.most == 0) return {};
  return show(setting.least) + " … " + show(setting.most);
}

std::string value_text(const Setting& setting, const Config& config) {
  const auto shown = [&](const std::string& text) -> std::string {
    if (text.empty()) return "(unset)";
    return setting.secret ? "(hidden)" : text;
  };
  struct Visitor {
    const Config& config;
    const decltype(shown)& show;
    std::string operator()(std::string Config::* m) const { return show(config.*m); }
    std::string operator()(std::int64_t Config::* m) const { return std::to_string(config.*m); }
    std::string operator()(Duration Config::* m) const { return describe_duration(config.*m); }
    std::string operator()(bool Config::* m) const { return config.*m ? "true" : "false"; }
    std::string operator()(std::vector<std::string> Config::* m) const {
      std::string out;
      for (const std::string& item : config.*m) out += (out.empty() ? "" : ", ") + item;
      return show(out);
    }
  };
  return std::visit(Visitor{config, shown}, setting.target);
}

}  // namespace

std::string config_table_markdown() {
  std::string out =
      "| setting | environment | flag | kind | default | range | meaning |\n|---|---|---|---|---|---|---|\n";
  for (const Setting& setting : all_settings())
    out += "| `" + std::string(setting.key) + "` | `" + environment_name(setting) + "` | `" + flag_name(setting) +
           "` | " + kind_text(setting) + " | " +
           (setting.fallback.empty() ? "–" : "`" + std::string(setting.fallback) + "`") + " | " + range_text(setting) +
           " | " + std::string(setting.meaning) + " |\n";
  return out;
}

std::string describe_config(const LoadedConfig& loaded) {
  std::string out;
  for (const Setting& setting : all_settings()) {
    std::string key(setting.key);
    const auto source = loaded.sources.find(key);
    std::string value = value_text(setting, loaded.config);
    key.resize(std::max<std::size_t>(key.size(), 34), ' ');
    value.resize(std::max<std::size_t>(value.size(), 24), ' ');
    out += key + value + (source == loaded.sources.end() ? "" : source->second) + "\n";
  }
  return out;
}

std::string describe_problems(const std::vector<Error>& problems) {
  std::string out;
  for (const Error& problem : problems) out += "  " + problem.message + ".\n    " + problem.remedy + "\n";
  return out;
}

}  // namespace carillon
