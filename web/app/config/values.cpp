#include <arpa/inet.h>

#include <charconv>

#include "engine/base/json.h"
#include "web/app/config/settings.h"

namespace carillon {
namespace {

std::optional<std::int64_t> parse_setting_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::optional<bool> parse_setting_boolean(std::string_view text) {
  for (const auto yes : {"true", "1", "yes", "on"})
    if (text == yes) return true;
  for (const auto no : {"false", "0", "no", "off"})
    if (text == no) return false;
  return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

std::string limit_text(const Setting& setting, std::int64_t limit) {
  if (setting.kind == SettingKind::duration) return describe_duration(Duration{limit});
  if (setting.kind == SettingKind::bytes) return std::to_string(limit) + " bytes";
  return std::to_string(limit);
}

/// What goes wrong at a setting, said the same way for every kind.
struct Refusal {
  const Setting& setting;
  std::string_view text, source;

  std::string shown() const { return setting.secret ? "(hidden)" : shorten(text); }
  Error type(const std::string& what, const std::string& remedy) const {
    return setting_error("CONFIG_TYPE", setting.key, shown(),
                         std::string(setting.key) + " is " + (shown().empty() ? "empty" : shown()) + " (from " +
                             std::string(source) + "), which is not " + what,
                         remedy);
  }
  Status range(std::int64_t value) const {
    const bool low = value < setting.least;
    const bool high = setting.most != 0 && value > setting.most;
    if (!low && !high) return ok();
    const std::string limit = limit_text(setting, low ? setting.least : setting.most);
    return setting_error("CONFIG_RANGE", setting.key, shown(),
                         std::string(setting.key) + " is " + shown() + " (from " + std::string(source) +
                             "), which is " + (low ? "too small" : "too large"),
                         std::string(low ? "Set at least " : "Set at most ") + limit + ".");
  }
};

std::vector<std::string> split_choices(std::string_view choices) {
  std::vector<std::string> out;
  while (!choices.empty()) {
    const auto bar = std::min(choices.find('|'), choices.size());
    out.emplace_back(choices.substr(0, bar));
    choices.remove_prefix(std::min(bar + 1, choices.size()));
  }
  return out;
}

Status check_choice(const Refusal& refusal) {
  const auto choices = split_choices(refusal.setting.choices);
  std::string listed;
  for (const std::string& choice : choices) {
    if (choice == refusal.text) return ok();
    listed += (listed.empty() ? "" : ", ") + choice;
  }
  const std::string hint = did_you_mean(refusal.text, choices);
  Error error = refusal.type("one of " + listed, hint.empty() ? "Set one of " + listed + "." : hint);
  error.reason = "CONFIG_CHOICE";
  return error;
}

template <class T>
T& member(const Setting& setting, Config& config) {
  return config.*std::get<T Config::*>(setting.target);
}

}  // namespace

Error setting_error(std::string reason, std::string_view key, std::string_view value, std::string message,
                    std::string remedy) {
  Error error;
  error.code = ErrorCode::invalid;
  error.reason = std::move(reason);
  error.message = std::move(message);
  error.field = key;
  error.value = value;
  error.remedy = std::move(remedy);
  return error;
}

std::optional<Duration> parse_setting_duration(std::string_view text) {
  if (text.starts_with('P')) return parse_duration(text);
  struct Unit {
    std::string_view name;
    std::int64_t us;
  };
  static constexpr Unit kUnits[] = {
      {"ms", 1000}, {"us", 1}, {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000}, {"d", 86'400'000'000}};
  if (text == "0") return Duration{0};
  std::int64_t total = 0;
  while (!text.empty()) {
    std::int64_t amount = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), amount);
    if (problem != std::errc{} || amount < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto length = std::min(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz"), text.size());
    const auto unit = std::find_if(std::begin(kUnits), std::end(kUnits),
                                   [&](const Unit& u) { return u.name == text.substr(0, length); });
    std::int64_t part = 0;
    if (unit == std::end(kUnits) || __builtin_mul_overflow(amount, unit->us, &part) ||
        __builtin_add_overflow(total, part, &total))
      return std::nullopt;
    text.remove_prefix(length);
  }
  return total == 0 ? std::nullopt : std::optional(Duration{total});
}

std::optional<std::int64_t> parse_setting_bytes(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::int64_t factor;
  };
  static constexpr Unit kUnits[] = {{"KiB", 1 << 10},  {"MiB", 1 << 20},      {"GiB", 1 << 30}, {"kB", 1000},
                                    {"MB", 1'000'000}, {"GB", 1'000'000'000}, {"B", 1}};
  std::int64_t factor = 1;
  for (const Unit& unit : kUnits)
    if (text.ends_with(unit.name)) {
      factor = unit.factor;
      text.remove_suffix(unit.name.size());
      break;
    }
  const auto amount = parse_setting_integer(trimmed(text));
  std::int64_t total = 0;
  if (!amount || __builtin_mul_overflow(*amount, factor, &total)) return std::nullopt;
  return total;
}

Status assign_setting(const Setting& setting, std::string_view text, std::string_view source, Config& config) {
  const Refusal refusal{setting, text, source};
  switch (setting.kind) {
    case SettingKind::choice:
      CARILLON_CHECK(check_choice(refusal));
      [[fallthrough]];
    case SettingKind::text:
      member<std::string>(setting, config) = text;
      return ok();
    case SettingKind::boolean: {
      const auto value = parse_setting_boolean(text);
      if (!value) return refusal.type("true or false", "Set true or false.");
      member<bool>(setting, config) = *value;
      return ok();
    }
    case SettingKind::integer: {
      const auto value = parse_setting_integer(text);
      if (!value)
        return refusal.type("a whole number", "Set a number without unit, like " + std::string(setting.fallback) + ".");
      CARILLON_CHECK(refusal.range(*value));
      member<std::int64_t>(setting, config) = *value;
      return ok();
    }
    case SettingKind::bytes: {
      const auto value = parse_setting_bytes(text);
      if (!value)
        return refusal.type("a size",
                            "Set bytes, or a number with KiB, MiB or MB, like " + std::string(setting.fallback) + ".");
      CARILLON_CHECK(refusal.range(*value));
      member<std::int64_t>(setting, config) = *value;
      return ok();
    }
    case SettingKind::duration: {
      const auto value = parse_setting_duration(text);
      if (!value)
        return refusal.type("a duration", "Set a number with its unit, like " + std::string(setting.fallback) +
                                              " (ms, s, m, h, d), or PT5M.");
      CARILLON_CHECK(refusal.range(value->count()));
      member<Duration>(setting, config) = *value;
      return ok();
    }
    case SettingKind::list: {
      std::vector<std::string> items;
      for (std::string_view rest = text; !trimmed(rest).empty();) {
        const auto comma = std::min(rest.find(','), rest.size());
        items.emplace_back(trimmed(rest.substr(0, comma)));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
      }
      return assign_list(setting, std::move(items), source, config);
    }
  }
  return ok();
}

Status assign_list(const Setting& setting, std::vector<std::string> items, std::string_view source, Config& config) {
  for (const std::string& item : items)
    if (trimmed(item).empty()) return Refusal{setting, "", source}.type("a list of texts", "Remove the empty entry.");
  member<std::vector<std::string>>(setting, config) = std::move(items);
  return ok();
}

}  // namespace carillon
