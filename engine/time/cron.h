#pragma once
#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/instant.h"
#include "engine/base/result.h"
#include "engine/time/zone.h"

namespace carillon {

/// Why an expression is refused. The words are stable; cron_fault_name gives them as text ("range").
enum class CronFault {
  fields,    ///< not exactly five fields
  range,     ///< a number outside its field
  reversed,  ///< a range whose end is before its start
  step,      ///< a step that is no number from 1 to the number of values of the field
  empty,     ///< nothing between two commas
  syntax,    ///< anything else that is no item; also a text over 1,000 bytes
  name,      ///< letters that are no month or weekday of that field
  macro,     ///< an @word that does not exist
  charset,   ///< a byte outside printable ASCII and tab
};
std::string_view cron_fault_name(CronFault fault);

struct CronError {
  CronFault fault = CronFault::syntax;
  std::size_t position = 0;  ///< 0-based byte in the text as given
  std::string message;       ///< cause, one sentence
  std::string remedy;        ///< what to write instead
  std::string value;         ///< the refused part, shortened
};

/// The parts of a parsed expression, for who describes it. Bit n of a mask is the value n.
struct CronFields {
  std::uint64_t minutes = 0;        ///< 0–59
  std::uint32_t hours = 0;          ///< 0–23
  std::uint32_t days = 0;           ///< plain days of the month, 1–31
  std::uint32_t months = 0;         ///< 1–12
  std::uint32_t weekdays = 0;       ///< plain weekdays, 0 (Sunday) – 6
  std::uint32_t nearest_days = 0;   ///< nW: bit n, 1–31
  bool last_day = false;            ///< L
  bool last_weekday = false;        ///< LW
  std::uint32_t last_weekdays = 0;  ///< dL: bit d, 0–6
  std::array<std::uint8_t, 7> nth_weekdays{};  ///< d#k: bit k (1–5) of element d
  bool days_restricted = false;      ///< the day-of-month text has no '*'
  bool weekdays_restricted = false;  ///< the day-of-week text has no '*'
  std::array<std::string, 5> text;   ///< the fields as written, macros expanded

  /// Both day fields are restricted, so that a day needs to match only one of them.
  bool either_day() const { return days_restricted && weekdays_restricted; }
};

/// A five-field cron expression: an immutable value, thread-safe. The rule is tests/data/cron/spec.md (classic Vixie cron
/// in an IANA zone, with a defined answer for every clock change).
class CronExpression {
 public:
  static std::expected<CronExpression, CronError> parse(std::string_view text);

  /// The least instant strictly after `after` at which the expression fires in `zone`; nothing if there is none within
  /// 50 years (or before the year 10000). Below 1 µs in the usual case.
  std::optional<Instant> next(Instant after, const Zone& zone, ZoneHint* hint = nullptr) const;

  /// If it fires at `fire` because a gap swallowed a matching local time: the first such local time.
  std::optional<LocalTime> moved_from(Instant fire, const Zone& zone) const;

  /// Exact number of fires in the local calendar year of the zone (up to half a million look-ups, 30 ms).
  std::int64_t fires_in_year(int year, const Zone& zone) const;

  /// No day of the 400-year calendar cycle matches (30 February).
  bool never_fires() const { return matching_days_ == 0; }
  /// Matching days in 400 years (of 146,097).
  std::int64_t matching_days_in_cycle() const { return matching_days_; }
  /// Names wall-clock moments: neither the minute nor the hour text has '*' or '/'. Otherwise it repeats, and keeps its
  /// cadence through clock changes.
  bool fixed() const { return fixed_; }
  /// As given, without blanks at the ends.
  const std::string& text() const { return text_; }
  const CronFields& fields() const { return fields_; }
  /// Whether some day of that month of a common (or leap) year matches, whatever weekday it begins with.
  bool month_can_match(unsigned month, bool leap_year) const;

 private:
  struct Cursor;
  CronExpression() = default;
  void compile_days();
  std::uint32_t day_mask(unsigned month_length, unsigned first_weekday) const {
    return day_masks_[(month_length - 28) * 7 + first_weekday];
  }
  std::int64_t next_match(std::int64_t local_minute, std::int64_t limit) const;
  std::int64_t next_matching_day(std::int64_t day, std::int64_t limit_day) const;

  std::array<std::uint32_t, 28> day_masks_{};  ///< by length of the month and weekday of its first day
  std::int64_t matching_days_ = 0;
  bool fixed_ = false;
  CronFields fields_;
  std::string text_;
};

/// The CronError as the refusal of the request field `field`: invalid INVALID_CRON.
Error to_error(const CronError& error, std::string_view field);

}  // namespace carillon
