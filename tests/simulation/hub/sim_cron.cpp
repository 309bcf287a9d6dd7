#include "tests/simulation/hub/sim_cron.h"

#include <algorithm>

#include "engine/base/instant.h"

namespace carillon::simulation {
namespace {

constexpr std::int64_t kCronMinute = 60, kCronHour = 3600, kCronDay = 86400;
constexpr std::int64_t kSpecial = 3 * kCronHour;  ///< larger changes are no daylight saving

std::int64_t day_of(std::int64_t seconds) { return (seconds - ((seconds % kCronDay) + kCronDay) % kCronDay) / kCronDay; }
unsigned weekday_of(std::int64_t day) { return static_cast<unsigned>((((day + 4) % 7) + 7) % 7); }
unsigned month_length(const CivilDate& date) {
  const std::int64_t next = date.month == 12 ? days_from_civil(date.year + 1, 1, 1) : days_from_civil(date.year, date.month + 1, 1);
  return static_cast<unsigned>(next - days_from_civil(date.year, date.month, 1));
}
bool working(std::int64_t day) { return weekday_of(day) % 6 != 0; }

/// The working day nearest to `day` without leaving its month.
std::int64_t nearest_working_day(std::int64_t day, unsigned number, unsigned length) {
  if (working(day)) return day;
  const bool saturday = weekday_of(day) == 6;
  if (saturday) return number > 1 ? day - 1 : day + 2;
  return number < length ? day + 1 : day - 2;
}

bool gap(const ZoneTable::Change& change) { return change.by() > 0 && change.by() <= kSpecial; }
bool repeats(const ZoneTable::Change& change, std::int64_t t) {
  return change.by() < 0 && -change.by() <= kSpecial && change.at <= t && t < change.at - change.by();
}

}  // namespace

std::string SimCron::expression() const {
  return text[0] + " " + text[1] + " " + text[2] + " " + text[3] + " " + text[4];
}

bool SimCron::fixed() const { return (text[0] + text[1]).find_first_of("*/") == std::string::npos; }

bool SimCron::matches_day(std::int64_t day) const {
  const CivilDate date = civil_from_days(day);
  if ((months >> date.month & 1u) == 0) return false;
  const unsigned length = month_length(date), weekday = weekday_of(day);
  const std::int64_t first = day - static_cast<std::int64_t>(date.day) + 1, last = first + length - 1;
  bool by_day = (days >> date.day & 1u) != 0 || (last_day && date.day == length);
  if (last_working_day) by_day |= day == nearest_working_day(last, length, length);
  for (unsigned n = 1; n <= length; ++n)
    if (near_days >> n & 1u) by_day |= day == nearest_working_day(first + n - 1, n, length);
  bool by_weekday = (weekdays >> weekday & 1u) != 0 || ((last_weekdays >> weekday & 1u) != 0 && date.day + 7 > length);
  for (const auto& [d, k] : nth_weekdays) by_weekday |= d == weekday && (date.day + 6) / 7 == k;
  const bool both = text[2].find('*') != std::string::npos || text[4].find('*') != std::string::npos;
  return both ? by_day && by_weekday : by_day || by_weekday;
}

bool SimCron::matches_minute(std::int64_t local) const {
  const std::int64_t day = day_of(local), rest = local - day * kCronDay;
  return (hours >> (rest / kCronHour) & 1u) != 0 && (minutes >> (rest % kCronHour / kCronMinute) & 1u) != 0 && matches_day(day);
}

void SimCron::add_day(const ZoneTable& zone, std::int64_t day, std::vector<std::int64_t>& out) const {
  const std::int64_t midnight = day * kCronDay;
  const auto changes = zone.changes(midnight - 2 * kCronDay, midnight + 3 * kCronDay);
  std::vector<std::int32_t> offsets{zone.offset_at(midnight - 2 * kCronDay)};
  for (const auto& change : changes)
    if (std::ranges::find(offsets, change.after) == offsets.end()) offsets.push_back(change.after);
  const bool once_only = fixed();
  auto second_pass = [&](std::int64_t t) {
    return once_only && std::ranges::any_of(changes, [t](const auto& change) { return repeats(change, t); });
  };
  for (std::int64_t hour = 0; hour < 24; ++hour) {
    if ((hours >> hour & 1u) == 0) continue;
    for (std::int64_t minute = 0; minute < 60; ++minute) {
      if ((minutes >> minute & 1u) == 0) continue;
      const std::int64_t local = midnight + hour * kCronHour + minute * kCronMinute;
      if (changes.empty()) {
        out.push_back(local - offsets[0]);
        continue;
      }
      for (std::int32_t offset : offsets) {
        const std::int64_t t = local - offset;
        if (zone.offset_at(t) == offset && !second_pass(t)) out.push_back(t);
      }
      for (const auto& change : changes)
        if (once_only && gap(change) && change.at + change.before <= local && local < change.at + change.after) out.push_back(change.at);
    }
  }
}

std::vector<std::int64_t> SimCron::times(const ZoneTable& zone, std::int64_t after, std::int64_t until) const {
  std::vector<std::int64_t> out;
  for (std::int64_t day = day_of(after) - 1; day <= day_of(until) + 1; ++day)
    if (matches_day(day)) add_day(zone, day, out);
  std::erase_if(out, [&](std::int64_t t) { return t <= after || t > until; });
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::vector<std::int64_t> SimCron::walk(const ZoneTable& zone, std::int64_t after, std::int64_t until) const {
  std::vector<std::int64_t> out;
  const auto changes = zone.changes(after - kCronDay, until + kCronDay);
  for (std::int64_t t = (after / kCronMinute + 1) * kCronMinute; t <= until; t += kCronMinute) {
    bool fires = matches_minute(t + zone.offset_at(t));
    for (const auto& change : changes) {
      if (!fixed()) break;
      if (repeats(change, t)) fires = false;
      if (change.at != t || !gap(change)) continue;
      for (std::int64_t local = t + change.before; local < t + change.after; local += kCronMinute) fires |= matches_minute(local);
    }
    if (fires) out.push_back(t);
  }
  return out;
}

}  // namespace carillon::simulation
