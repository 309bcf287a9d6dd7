// The simulation's own idea of time: slow, simple, and written without looking at engine/time.
#include "tests/simulation/hub/oracle.h"

namespace carillon::simulation {
namespace {

constexpr std::int64_t kMinute = 60, kHour = 3600, kDay = 86400;

/// Midnight UTC of the last Sunday of a month with 31 days.
std::int64_t last_sunday(std::int64_t year, unsigned month) {
  const std::int64_t last = days_from_civil(year, month, 31);
  return (last - (last + 4) % 7) * kDay;  // day 0, a Thursday, is 4
}

/// The European Union's rule: summer time from 01:00 UTC of the last Sunday of March to that of October.
std::int64_t berlin_offset(std::int64_t utc) {
  const std::int64_t year = civil_from_days(utc / kDay).year;
  const bool summer = utc >= last_sunday(year, 3) + kHour && utc < last_sunday(year, 10) + kHour;
  return summer ? 2 * kHour : kHour;
}

/// The instant of a wall-clock time that is meant once a day: after the gap where it does not exist, the first pass
/// where it comes twice.
std::int64_t utc_of_daily(const std::string& zone, std::int64_t local) {
  if (zone == "UTC") return local;
  if (zone == "Asia/Kolkata") return local - 5 * kHour - 30 * kMinute;
  const std::int64_t early = local - 2 * kHour, late = local - kHour;
  if (berlin_offset(early) == 2 * kHour) return early;
  if (berlin_offset(late) == kHour) return late;
  return last_sunday(civil_from_days(local / kDay).year, 3) + kHour;
}

std::int64_t floor_to(std::int64_t value, std::int64_t step) {
  return value - ((value % step) + step) % step;
}

}  // namespace

std::vector<Instant> SimTiming::due_times(Instant after, Instant until) const {
  std::vector<Instant> out;
  auto add = [&](Instant t) {
    if (t > after && t <= until) out.push_back(t);
  };
  switch (kind) {
    case Kind::manual:
      break;
    case Kind::once:
      add(at);
      break;
    case Kind::interval: {
      const std::int64_t step = number * 1'000'000;
      for (std::int64_t us = at.us + floor_to(after.us - at.us, step); us <= until.us; us += step) add(Instant{us});
      break;
    }
    case Kind::every_minutes:
      for (std::int64_t s = floor_to(after.seconds(), number * kMinute); s <= until.seconds(); s += number * kMinute)
        add(Instant::from_seconds(s));
      break;
    case Kind::hourly_at: {
      // Only Kolkata's clock is not in step with UTC's hours.
      const std::int64_t shift = zone == "Asia/Kolkata" ? 30 * kMinute : 0;
      for (std::int64_t s = floor_to(after.seconds(), kHour) - kHour; s <= until.seconds() + kHour; s += kHour)
        add(Instant::from_seconds(s + number * kMinute - shift));
      break;
    }
    case Kind::daily_at:
      for (std::int64_t day = floor_to(after.seconds(), kDay) - kDay; day <= until.seconds() + kDay; day += kDay)
        add(Instant::from_seconds(utc_of_daily(zone, day + number * kMinute)));
      break;
  }
  return out;
}

Json SimTiming::to_json() const {
  const std::string minute = std::to_string(number % 60), hour = std::to_string(number / 60);
  switch (kind) {
    case Kind::manual:
      break;
    case Kind::once:
      return {{"kind", "once"}, {"run_at", format_instant(at)}};
    case Kind::interval:
      return {{"kind", "interval"}, {"every", number}, {"unit", "seconds"}, {"anchor", format_instant(at)}};
    case Kind::every_minutes:
      return {{"kind", "cron"}, {"cron", "*/" + std::to_string(number) + " * * * *"}, {"zone", zone}};
    case Kind::hourly_at:
      return {{"kind", "cron"}, {"cron", minute + " * * * *"}, {"zone", zone}};
    case Kind::daily_at:
      return {{"kind", "cron"}, {"cron", minute + " " + hour + " * * *"}, {"zone", zone}};
  }
  return {{"kind", "manual"}};
}

}  // namespace carillon::simulation
