#include "engine/time/cron_shape.h"

#include <bit>

#include "engine/time/zone.h"

namespace carillon {
namespace {

constexpr std::uint64_t kAllMinutes = (std::uint64_t{1} << 60) - 1;
constexpr std::uint32_t kAllHours = (1u << 24) - 1;
constexpr std::uint32_t kAllDays = 0xfffffffeu;
constexpr std::uint32_t kAllMonths = 0x1ffeu;
constexpr std::uint32_t kAllWeekdays = 0x7fu;
constexpr std::uint32_t kWorkdays = 0x3eu, kWeekend = 0x41u;
// More clock times than this are told by their hours and minutes.
constexpr int kMostClockTimes = 6;

std::vector<int> shape_values(std::uint64_t mask) {
  std::vector<int> out;
  for (; mask != 0; mask &= mask - 1) out.push_back(std::countr_zero(mask));
  return out;
}

/// n if the mask is 0, n, 2n, … through the whole field and n divides it; else 0.
int even_step(std::uint64_t mask, int size) {
  for (int n = 1; n < size; ++n) {
    if (size % n != 0) continue;
    std::uint64_t even = 0;
    for (int v = 0; v < size; v += n) even |= std::uint64_t{1} << v;
    if (even == mask) return n;
  }
  return 0;
}

std::vector<CronShape::Span> shape_spans(std::uint64_t mask) {
  std::vector<CronShape::Span> out;
  const std::vector<int> v = shape_values(mask);
  for (std::size_t i = 0; i < v.size();) {
    std::size_t end = i;
    while (end + 1 < v.size() && v[end + 1] == v[end] + 1) ++end;
    if (end - i < 2) end = i;
    out.emplace_back(v[i], v[end]);
    i = end + 1;
  }
  return out;
}

std::string shape_clock(int hour, int minute) { return format_local_clock(LocalTime{hour * 3600 + minute * 60}); }

void shape_times(const CronFields& f, CronShape& out) {
  using Times = CronShape::Times;
  out.minutes = shape_values(f.minutes);
  out.hours = shape_values(f.hours);
  const int step = even_step(f.minutes, 60);
  out.minute_step = step;
  if (f.hours == kAllHours) {
    out.n = step;
    out.times = step == 1 ? Times::every_minute : step > 1 ? Times::every_n_minutes : Times::each_hour;
    return;
  }
  const bool row = out.hours.back() - out.hours.front() + 1 == static_cast<int>(out.hours.size());
  if (out.minutes.size() * out.hours.size() <= kMostClockTimes) {
    out.times = Times::at_clock_times;
    for (int hour : out.hours)
      for (int minute : out.minutes) out.clock_times.push_back(shape_clock(hour, minute));
  } else if (int n = even_step(f.hours, 24); n > 1 && step == 0) {
    out.times = Times::every_n_hours;
    out.n = n;
  } else if (row) {
    out.times = Times::within_hours;
    out.first = shape_clock(out.hours.front(), out.minutes.front());
    out.last = shape_clock(out.hours.back(), out.minutes.back());
  } else {
    out.times = Times::in_hours;
  }
}

void shape_dates(const CronFields& f, CronShape::Dates& out) {
  out.any = f.days == kAllDays;
  if (out.any) return;
  for (int n = 2; n <= 10; ++n) {
    std::uint32_t every = 0;
    for (int d = 1; d <= 31; d += n) every |= 1u << d;
    if (f.days == every) out.every_nth = n;
  }
  if (out.every_nth == 0) out.days = shape_spans(f.days);
  out.nearest = shape_values(f.nearest_days);
  out.last_day = f.last_day;
  out.last_weekday = f.last_weekday;
}

void shape_weekdays(const CronFields& f, CronShape::Weekdays& out) {
  out.any = f.weekdays == kAllWeekdays;
  if (out.any) return;
  out.workdays = f.weekdays == kWorkdays;
  out.weekend = f.weekdays == kWeekend;
  for (int i = 1; i <= 7; ++i) {
    const int day = i % 7;
    const auto weekday = static_cast<std::size_t>(day);
    if (!out.workdays && !out.weekend && (f.weekdays >> day & 1u)) out.days.push_back(day);
    for (int k = 1; k <= 5; ++k) {
      if (f.nth_weekdays[weekday] >> k & 1) out.nth.emplace_back(day, k);
    }
    if (f.last_weekdays >> day & 1u) out.last.push_back(day);
  }
}

}  // namespace

CronShape shape_of(const CronExpression& cron) {
  const CronFields& f = cron.fields();
  CronShape out;
  shape_times(f, out);
  shape_dates(f, out.dates);
  shape_weekdays(f, out.weekdays);
  out.either = f.either_day();
  // Either of the two is enough and one always holds: the other says nothing.
  if (out.either && (out.dates.any || out.weekdays.any)) out.dates.any = out.weekdays.any = true;
  if (f.months != kAllMonths) out.months = shape_spans(f.months);
  const bool plain_date = out.weekdays.any && !out.dates.any && std::popcount(f.days) == 1 && out.dates.every_nth == 0 &&
                          f.nearest_days == 0 && !f.last_day && !f.last_weekday;
  if (plain_date && std::popcount(f.months) == 1) {
    out.only_day = std::countr_zero(f.days);
    out.only_month = std::countr_zero(f.months);
  }
  return out;
}

std::string join_words(const std::vector<std::string>& words, std::string_view comma, std::string_view last) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? last : comma;
    out += words[i];
  }
  return out;
}

}  // namespace carillon
