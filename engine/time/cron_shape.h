#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/time/cron.h"

namespace carillon {

/// What a cron expression means, in the form sentences are made of; free of any language.
struct CronShape {
  enum class Times {
    every_minute,     ///< all of them
    every_n_minutes,  ///< n, evenly through each hour
    each_hour,        ///< at `minutes` of every hour
    every_n_hours,    ///< at `minutes` of every n-th hour, evenly through the day
    at_clock_times,   ///< `clock_times`
    within_hours,     ///< `minutes` of an unbroken row of hours: from `first` to `last`
    in_hours,         ///< `minutes` of `hours`
  };
  Times times = Times::every_minute;
  int n = 0;
  int minute_step = 0;  ///< within_hours and in_hours: every so many minutes (1: each); 0 if `minutes` lists them
  std::vector<int> minutes, hours;
  std::vector<std::string> clock_times;
  std::string first, last;

  using Span = std::pair<int, int>;  ///< first and last of a row of values; equal for a single one
  struct Dates {
    bool any = false;             ///< every date matches
    std::vector<Span> days;       ///< rows of three or more are kept together
    int every_nth = 0;            ///< instead of days: the 1st, then every n-th
    std::vector<int> nearest;     ///< weekday nearest to
    bool last_day = false, last_weekday = false;
  } dates;
  struct Weekdays {
    bool any = false;
    bool workdays = false, weekend = false;   ///< instead of days
    std::vector<int> days;                    ///< Monday first, Sunday (0) last
    std::vector<std::pair<int, int>> nth;     ///< (weekday, 1–5)
    std::vector<int> last;                    ///< weekday
  } weekdays;
  bool either = false;          ///< a date or a weekday is enough
  std::vector<Span> months;     ///< empty: all
  int only_day = 0, only_month = 0;  ///< both set: this one date of the year, nothing else restricts the day

  bool every_day() const { return dates.any && weekdays.any; }
};

CronShape shape_of(const CronExpression& cron);

/// "a, b and c" with the language's separators.
std::string join_words(const std::vector<std::string>& words, std::string_view comma, std::string_view last);

// One sentence each, with a capital letter, without a full stop or a zone.
std::string describe_cron_en(const CronShape& shape);
std::string describe_cron_de(const CronShape& shape);
std::string describe_cron_ja(const CronShape& shape);

}  // namespace carillon
