#pragma once
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "web/app/config/config.h"

namespace carillon {

enum class SettingKind { text, choice, integer, bytes, duration, boolean, list };

/// One row of the table everything about configuration comes from: checking, flags, documentation.
struct Setting {
  std::string_view key;  ///< as in the file, "planner.batch"
  SettingKind kind;
  std::variant<std::string Config::*, std::int64_t Config::*, Duration Config::*, bool Config::*,
               std::vector<std::string> Config::*>
      target;
  std::string_view fallback;      ///< the default as text; "" of a text or list: nothing
  std::string_view meaning;       ///< one sentence
  std::int64_t least = 0;         ///< integer, bytes; of a duration in microseconds
  std::int64_t most = 0;          ///< 0: no limit
  std::string_view choices = {};  ///< "auto|json|pretty"
  bool secret = false;
};

std::span<const Setting> all_settings();
const Setting* find_setting(std::string_view key);

/// CARILLON_PLANNER_BATCH
std::string environment_name(const Setting& setting);
/// --planner-batch
std::string flag_name(const Setting& setting);

/// The candidate most like the text (a slip of the keys away), if any is.
std::string closest(std::string_view text, std::span<const std::string> candidates);
/// "Did you mean X?" or "".
std::string did_you_mean(std::string_view text, std::span<const std::string> candidates);

/// Parses the text by the setting's kind and limits and puts it into the config. `source` goes into the error.
Status assign_setting(const Setting& setting, std::string_view text, std::string_view source, Config& config);
Status assign_list(const Setting& setting, std::vector<std::string> items, std::string_view source, Config& config);

/// "90s", "5m", "1h30m", "250ms", "2d" or ISO 8601 ("PT5M").
std::optional<Duration> parse_setting_duration(std::string_view text);
/// "4096", "512KiB", "1MiB", "10MB".
std::optional<std::int64_t> parse_setting_bytes(std::string_view text);

/// Error of a refused value.
Error setting_error(std::string reason, std::string_view key, std::string_view value, std::string message,
                    std::string remedy);

}  // namespace carillon
