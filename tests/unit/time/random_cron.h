#pragma once
#include <string>

#include "engine/base/rng.h"
#include "tests/unit/time/support.h"

namespace carillon {

inline std::string pick_of(Rng& rng, std::initializer_list<const char*> choices) { return *(choices.begin() + rng.below(choices.size())); }

inline std::string random_cron_list(Rng& rng, int low, int high) {
  std::string out;
  for (std::uint64_t i = 0, n = 1 + rng.below(3); i < n; ++i) {
    int a = low + static_cast<int>(rng.below(static_cast<std::uint64_t>(high - low + 1)));
    int b = a + static_cast<int>(rng.below(static_cast<std::uint64_t>(high - a + 1)));
    out += (i ? "," : "") + std::to_string(a);
    if (rng.below(3) == 0) out += "-" + std::to_string(b);
  }
  return out;
}

inline std::string random_cron(Rng& rng) {
  std::string minute = rng.below(3) ? random_cron_list(rng, 0, 59) : pick_of(rng, {"*", "*/5", "*/7", "0-59/9", "30/15", "0"});
  std::string hour = rng.below(3) ? random_cron_list(rng, 0, 4) : pick_of(rng, {"*", "*/2", "*/5", "22/1", "23", "0-3", "20-23"});
  std::string day = rng.below(2) ? "*" : rng.below(2) ? random_cron_list(rng, 1, 31) : pick_of(rng, {"L", "LW", "1W", "15W,31W", "*/2", "30W", "L,1"});
  std::string month = rng.below(3) ? "*" : random_cron_list(rng, 1, 12);
  std::string weekday = rng.below(2) ? "*" : rng.below(2) ? random_cron_list(rng, 0, 7) : pick_of(rng, {"SUNL", "5L", "1#5", "MON#1,7#4", "*/2"});
  return minute + " " + hour + " " + day + " " + month + " " + weekday;
}

/// A question to an evaluator.
struct CronCase {
  std::string expression;
  const Zone* zone;
  Instant from;

  std::string text() const { return "\"" + expression + "\" " + zone->name() + " after " + format_instant(from); }
};

/// 1975 to 2145, three times out of four close to a change of the clock.
inline CronCase random_cron_case(Rng& rng) {
  static constexpr const char* kZones[] = {"Europe/Berlin",   "America/New_York",  "Australia/Sydney", "Australia/Lord_Howe",
                                           "Pacific/Apia",    "Antarctica/Casey",  "America/Nuuk",     "Africa/Casablanca",
                                           "Asia/Pyongyang",  "America/St_Johns",  "Antarctica/Troll", "Europe/Dublin",
                                           "Pacific/Chatham", "America/Sao_Paulo", "Asia/Kathmandu",   "UTC"};
  const Zone& zone = test_zone(kZones[rng.below(std::size(kZones))]);
  Instant from = Instant::from_seconds(157'766'400 + static_cast<std::int64_t>(rng.below(170ULL * 365 * 1440)) * 60);
  if (auto change = zone.next_change(from); change && rng.below(4))
    from = change->at - std::chrono::minutes(rng.below(2880));
  return {random_cron(rng), &zone, from + Duration{static_cast<std::int64_t>(rng.below(3)) * 20'000'000}};
}

}  // namespace carillon
