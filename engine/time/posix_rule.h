#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace carillon {

/// The POSIX TZ text in the footer of a TZif file ("CET-1CEST,M3.5.0,M10.5.0/3"), with the extensions of RFC 9636
/// section 3.3.1: names in angle brackets, times of a rule from -167 to 167 hours.
struct PosixRule {
  /// One of the two changes of a year.
  struct Change {
    enum class Kind {
      month_week_day,  ///< Mm.w.d: the w-th (5: last) weekday d of month m
      julian,          ///< Jn: day 1–365, 29 February is never counted
      day_of_year,     ///< n: day 0–365, 29 February is counted
    };
    Kind kind = Kind::month_week_day;
    int month = 0, week = 0, day = 0;
    std::int32_t time = 7200;  ///< seconds of local time after that day's midnight; may be negative or past the day
  };

  std::string standard_name;
  std::int32_t standard_offset = 0;  ///< seconds east of UTC
  bool has_daylight = false;
  std::string daylight_name;
  std::int32_t daylight_offset = 0;
  Change to_daylight;
  Change to_standard;

  /// Nothing for a text that is no such rule.
  static std::optional<PosixRule> parse(std::string_view text);

  /// Seconds since 1970 UTC of that year's change to daylight (or standard) time. Needs has_daylight.
  std::int64_t daylight_begins(std::int64_t year) const;
  std::int64_t standard_begins(std::int64_t year) const;
};

}  // namespace carillon
