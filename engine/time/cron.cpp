#include "engine/time/cron.h"

#include <algorithm>
#include <bit>

namespace carillon {
namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kHorizonUs = 18'263LL * 86'400 * 1'000'000;  // 50 years, the leap days of any of them included
constexpr std::int64_t kDayMinutes = 1440;
constexpr std::int64_t kSpecialMinutes = 180;
constexpr std::int64_t kNoMatch = INT64_MAX;
// Years that are computed with at all; beyond them an instant has no four-digit year.
constexpr Instant kEarliestInstant = Instant::from_seconds(days_from_civil(1, 1, 1) * 86'400);
constexpr Instant kLatestInstant = Instant::from_seconds(days_from_civil(9999, 12, 31) * 86'400);

constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b != 0 && (a ^ b) < 0); }
constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return -floor_div(-a, b); }

unsigned weekday_of(std::int64_t day) { return static_cast<unsigned>(((day + 4) % 7 + 7) % 7); }

unsigned month_days(std::int64_t year, unsigned month) {
  static constexpr std::uint8_t kDays[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = month == 2 && ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0);
  return kDays[month] + (leap ? 1u : 0u);
}

/// The weekday (Monday to Friday) nearest to day n of a month, inside it; 0 if the month has no day n.
unsigned nearest_weekday(unsigned n, unsigned length, unsigned first_weekday) {
  if (n > length) return 0;
  unsigned weekday = (first_weekday + n - 1) % 7;
  if (weekday == 6) return n == 1 ? 3 : n - 1;
  if (weekday == 0) return n == length ? n - 2 : n + 1;
  return n;
}

/// Days (bit n = day n) of the day-of-month field in a month of that length and first weekday.
std::uint32_t days_by_date(const CronFields& f, unsigned length, unsigned first_weekday) {
  std::uint32_t mask = f.days;
  if (f.last_day) mask |= 1u << length;
  if (f.last_weekday) mask |= 1u << nearest_weekday(length, length, first_weekday);
  for (unsigned n = 1; n <= 31; ++n) {
    if (f.nearest_days >> n & 1u) mask |= (1u << nearest_weekday(n, length, first_weekday)) & ~1u;
  }
  return mask;
}

/// The same for the day-of-week field.
std::uint32_t days_by_weekday(const CronFields& f, unsigned length, unsigned first_weekday) {
  std::uint32_t mask = 0;
  for (unsigned day = 1; day <= length; ++day) {
    unsigned weekday = (first_weekday + day - 1) % 7;
    bool match = (f.weekdays >> weekday & 1u) != 0 || (f.nth_weekdays[weekday] >> ((day + 6) / 7) & 1u) != 0 ||
                 ((f.last_weekdays >> weekday & 1u) != 0 && day + 7 > length);
    if (match) mask |= 1u << day;
  }
  return mask;
}

/// A zone's stretch on the scale of whole UTC minutes. A begin inside a minute counts from the next one, an offset with
/// seconds (before 1972) as the minute the wall clock shows.
struct MinuteSegment {
  std::int64_t begin, end, offset;
  std::size_t index;
};

MinuteSegment minutes_of(const ZoneSegment& s) {
  return {s.begin.us == INT64_MIN ? INT64_MIN / 2 : ceil_div(s.begin.us, kMinuteUs),
          s.end == Instant::max() ? INT64_MAX / 2 : ceil_div(s.end.us, kMinuteUs), floor_div(s.offset, 60), s.index};
}

bool special_shift(std::int64_t d) { return d != 0 && d >= -kSpecialMinutes && d <= kSpecialMinutes; }

/// First UTC minute of the segment that is not the second pass of an overlap. Looks back further than one change, should
/// two lie closer together than an overlap lasts.
std::int64_t second_passes_end(const Zone& zone, const MinuteSegment& segment) {
  std::int64_t end = segment.begin;
  MinuteSegment after = segment;
  while (after.index > 0 && after.begin > segment.begin - kSpecialMinutes) {
    MinuteSegment before = minutes_of(zone.segment(after.index - 1));
    std::int64_t d = after.offset - before.offset;
    if (special_shift(d) && d < 0) end = std::max(end, after.begin - d);
    after = before;
  }
  return end;
}

}  // namespace

void CronExpression::compile_days() {
  const CronFields& f = fields_;
  for (unsigned length = 28; length <= 31; ++length) {
    for (unsigned first = 0; first < 7; ++first) {
      std::uint32_t by_date = days_by_date(f, length, first), by_weekday = days_by_weekday(f, length, first);
      std::uint32_t both = f.either_day() ? by_date | by_weekday : by_date & by_weekday;
      day_masks_[(length - 28) * 7 + first] = both & static_cast<std::uint32_t>((std::uint64_t{2} << length) - 2);
    }
  }
  unsigned first = weekday_of(days_from_civil(2000, 1, 1));
  for (std::int64_t year = 2000; year < 2400; ++year) {
    for (unsigned month = 1; month <= 12; ++month) {
      unsigned length = month_days(year, month);
      if (f.months >> month & 1u) matching_days_ += std::popcount(day_mask(length, first));
      first = (first + length) % 7;
    }
  }
}

bool CronExpression::month_can_match(unsigned month, bool leap_year) const {
  unsigned length = month_days(leap_year ? 2000 : 2001, month);
  if ((fields_.months >> month & 1u) == 0) return false;
  for (unsigned first = 0; first < 7; ++first) {
    if (day_mask(length, first) != 0) return true;
  }
  return false;
}

std::int64_t CronExpression::next_matching_day(std::int64_t day, std::int64_t limit_day) const {
  CivilDate date = civil_from_days(day);
  unsigned month = date.month, from = date.day;
  std::int64_t year = date.year, month_begin = day - (date.day - 1);
  while (month_begin <= limit_day) {
    if (fields_.months >> month & 1u) {
      std::uint32_t days = day_mask(month_days(year, month), weekday_of(month_begin)) >> from << from;
      if (days != 0) return month_begin + std::countr_zero(days) - 1;
    }
    from = 1;
    const std::uint32_t later = fields_.months >> month >> 1;
    if (later == 0) {
      ++year;
      month = static_cast<unsigned>(std::countr_zero(fields_.months));
      month_begin = days_from_civil(year, month, 1);
    } else if (later & 1u) {
      month_begin += month_days(year, month);
      ++month;
    } else {
      month += 1 + static_cast<unsigned>(std::countr_zero(later));
      month_begin = days_from_civil(year, month, 1);
    }
  }
  return kNoMatch;
}

std::int64_t CronExpression::next_match(std::int64_t local_minute, std::int64_t limit) const {
  std::int64_t day = floor_div(local_minute, kDayMinutes);
  auto rest = static_cast<unsigned>(local_minute - day * kDayMinutes);
  std::int64_t match = next_matching_day(day, floor_div(limit, kDayMinutes));
  if (match == day) {
    unsigned hour = rest / 60, minute = rest % 60;
    if (fields_.hours >> hour & 1u) {
      std::uint64_t minutes = fields_.minutes >> minute << minute;
      if (minutes != 0) return day * kDayMinutes + hour * 60 + std::countr_zero(minutes);
    }
    std::uint32_t hours = hour == 23 ? 0 : fields_.hours >> (hour + 1) << (hour + 1);
    if (hours != 0) return day * kDayMinutes + std::countr_zero(hours) * 60 + std::countr_zero(fields_.minutes);
    match = next_matching_day(day + 1, floor_div(limit, kDayMinutes));
  }
  if (match == kNoMatch) return kNoMatch;
  return match * kDayMinutes + std::countr_zero(fields_.hours) * 60 + std::countr_zero(fields_.minutes);
}

/// Walks the stretches of a zone. The last civil match found stays valid while the search begins between where it was
/// looked for and itself, so a rare date costs one search and a comparison for each change of the clock until then.
struct CronExpression::Cursor {
  const CronExpression& cron;
  std::int64_t limit;
  std::int64_t searched_from = kNoMatch;
  std::int64_t found = kNoMatch;

  std::int64_t match(std::int64_t local) {
    if (searched_from > local || found < local) {
      found = cron.next_match(local, limit);
      searched_from = local;
    }
    return found;
  }
};

std::optional<Instant> CronExpression::next(Instant after, const Zone& zone, ZoneHint* hint) const {
  if (never_fires() || after >= kLatestInstant) return std::nullopt;
  after = std::max(after, kEarliestInstant);
  const std::int64_t last = std::min(after.us + kHorizonUs, kLatestInstant.us) / kMinuteUs;
  std::int64_t start = floor_div(after.us, kMinuteUs) + 1;
  Cursor cursor{*this, last + 2 * kDayMinutes};
  // One minute early, so that a change of the clock at `start` itself is seen as a change.
  MinuteSegment segment = minutes_of(zone.segment_at(Instant{(start - 1) * kMinuteUs}, hint));
  while (start <= last) {
    std::int64_t from = std::max(start, segment.begin);
    if (fixed_) from = std::max(from, second_passes_end(zone, segment));
    if (from < segment.end) {
      std::int64_t utc = cursor.match(from + segment.offset);
      if (utc == kNoMatch) return std::nullopt;
      utc -= segment.offset;
      if (utc < segment.end) return utc <= last ? std::optional(Instant{utc * kMinuteUs}) : std::nullopt;
    }
    if (segment.end > last) return std::nullopt;
    MinuteSegment following = minutes_of(zone.segment(segment.index + 1));
    const std::int64_t jump = following.begin, d = following.offset - segment.offset;
    if (fixed_ && jump >= start && d > 0 && special_shift(d) &&
        cursor.match(jump + segment.offset) < jump + following.offset)
      return Instant{jump * kMinuteUs};
    segment = following;
    start = std::max(start, jump);
  }
  return std::nullopt;
}

std::optional<LocalTime> CronExpression::moved_from(Instant fire, const Zone& zone) const {
  if (!fixed_ || never_fires() || fire < kEarliestInstant || fire >= kLatestInstant) return std::nullopt;
  MinuteSegment after = minutes_of(zone.segment_at(fire));
  if (after.index == 0 || fire.us != after.begin * kMinuteUs) return std::nullopt;
  MinuteSegment before = minutes_of(zone.segment(after.index - 1));
  const std::int64_t d = after.offset - before.offset;
  if (d <= 0 || !special_shift(d)) return std::nullopt;
  std::int64_t end = after.begin + after.offset;
  std::int64_t match = next_match(after.begin + before.offset, end);
  if (match >= end) return std::nullopt;
  return LocalTime{match * 60};
}

std::int64_t CronExpression::fires_in_year(int year, const Zone& zone) const {
  const Instant from = zone.resolve(LocalTime{days_from_civil(year, 1, 1) * 86'400}).later;
  const Instant to = zone.resolve(LocalTime{days_from_civil(year + 1, 1, 1) * 86'400}).later;
  ZoneHint hint;
  std::int64_t count = 0;
  for (auto t = next(from - Duration{1}, zone, &hint); t && *t < to; t = next(*t, zone, &hint)) ++count;
  return count;
}

}  // namespace carillon
