#pragma once
#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace carillon {

using Duration = std::chrono::microseconds;

/// A point on the UTC time line in whole microseconds since 1970-01-01T00:00:00Z (no leap seconds, as POSIX).
struct Instant {
  std::int64_t us = 0;

  static constexpr Instant from_seconds(std::int64_t seconds) { return Instant{seconds * 1'000'000}; }
  /// Whole seconds, rounded towards the past.
  constexpr std::int64_t seconds() const { return us >= 0 ? us / 1'000'000 : -((-us + 999'999) / 1'000'000); }
  static constexpr Instant max() { return Instant{INT64_MAX}; }

  auto operator<=>(const Instant&) const = default;
  constexpr Instant operator+(Duration d) const { return Instant{us + d.count()}; }
  constexpr Instant operator-(Duration d) const { return Instant{us - d.count()}; }
  constexpr Duration operator-(Instant o) const { return Duration{us - o.us}; }
  Instant& operator+=(Duration d) { us += d.count(); return *this; }
};

/// "2026-11-21T04:30:00Z"; with a fraction of 3 or 6 digits only where there is one.
std::string format_instant(Instant t);
void append_instant(std::string& out, Instant t);
/// The first and the last instant that a text of four digits for the year can hold.
inline constexpr Instant kFirstInstant = Instant::from_seconds(-62'135'596'800), kLastInstant{253'402'300'799'999'999};
/// An ISO 8601 instant with an offset or Z ("2026-11-21T04:30:00.5+01:00", seconds optional), from kFirstInstant to
/// kLastInstant; nothing if it is not one.
/// A text without an offset is not an instant (see time/zone.h for local times).
std::optional<Instant> parse_instant(std::string_view text);

/// Days since 1970-01-01 of a proleptic Gregorian date (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
constexpr std::int64_t days_from_civil(std::int64_t y, unsigned m, unsigned d) {
  y -= m <= 2;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const unsigned yoe = static_cast<unsigned>(y - era * 400);
  const unsigned doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
  const unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + static_cast<std::int64_t>(doe) - 719468;
}
struct CivilDate {
  std::int64_t year;
  unsigned month, day;
};
/// The inverse of days_from_civil (same source).
constexpr CivilDate civil_from_days(std::int64_t z) {
  z += 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const unsigned doe = static_cast<unsigned>(z - era * 146097);
  const unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const unsigned mp = (5 * doy + 2) / 153;
  const unsigned m = mp < 10 ? mp + 3 : mp - 9;
  return {static_cast<std::int64_t>(yoe) + era * 400 + (m <= 2), m, doy - (153 * mp + 2) / 5 + 1};
}

/// ISO 8601 durations of fixed length ("PT1M30S", "P1DT2H", fractions of seconds); nothing for months, years or
/// anything else. A day is 24 h.
std::optional<Duration> parse_duration(std::string_view text);
/// "1 h 5 min", "250 ms", "3 d": the two largest units, for people.
std::string describe_duration(Duration d);

}  // namespace carillon
