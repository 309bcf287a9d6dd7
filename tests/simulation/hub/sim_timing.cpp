// The simulation's own idea of time: slow, simple, and written without looking at engine/time.
#include "tests/simulation/hub/sim_timing.h"

#include <algorithm>

namespace carillon::simulation {

std::vector<Instant> SimTiming::due_times(Instant after, Instant until) const {
  std::vector<Instant> out;
  if (kind == Kind::once && at > after && at <= until) out.push_back(at);
  if (kind == Kind::interval) {
    const std::int64_t step = every * 1'000'000, past = after.us - at.us;
    for (std::int64_t us = after.us - ((past % step) + step) % step; us <= until.us; us += step)
      if (us > after.us) out.push_back(Instant{us});
  }
  if (kind == Kind::cron) {
    // A time on the very second of `after` is not after it.
    const std::int64_t until_second = until.seconds();
    for (std::int64_t t : cron.times(ZoneTable::of(zone), after.seconds(), until_second)) out.push_back(Instant::from_seconds(t));
  }
  return out;
}

Json SimTiming::to_json() const {
  switch (kind) {
    case Kind::once:
      return {{"kind", "once"}, {"run_at", format_instant(at)}};
    case Kind::interval:
      return {{"kind", "interval"}, {"every", every}, {"unit", "seconds"}, {"anchor", format_instant(at)}};
    case Kind::cron:
      return {{"kind", "cron"}, {"cron", cron.expression()}, {"zone", zone}};
    case Kind::manual:
      break;
  }
  return {{"kind", "manual"}};
}

namespace {

unsigned small(Rng& rng, unsigned bound) { return static_cast<unsigned>(rng.below(bound)); }

template <class T>
const T& one_of(Rng& rng, std::initializer_list<T> list) {
  return list.begin()[rng.below(list.size())];
}

template <class Mask>
void choose(std::string& text, Mask& mask, std::initializer_list<unsigned> values) {
  text.clear();
  mask = 0;
  for (unsigned value : values) {
    if (mask >> value & 1u) continue;
    text += (text.empty() ? "" : ",") + std::to_string(value);
    mask |= Mask{1} << value;
  }
}

template <class Mask>
void range(std::string& text, Mask& mask, unsigned low, unsigned high, unsigned step) {
  text = std::to_string(low) + "-" + std::to_string(high) + (step == 1 ? "" : "/" + std::to_string(step));
  mask = 0;
  for (unsigned value = low; value <= high; value += step) mask |= Mask{1} << value;
}

template <class Mask>
void every_nth(std::string& text, Mask& mask, unsigned low, unsigned high, unsigned step) {
  range(text, mask, low, high, step);
  text = "*/" + std::to_string(step);
}

/// A minute of the day: near a clock change of the zone where there is one this year, any other where not.
std::pair<unsigned, unsigned> hot_minute(Rng& rng, const ZoneTable& zone, Instant now) {
  constexpr std::int64_t kHalfYear = 183 * 86'400LL;
  const auto changes = zone.changes(now.seconds() - kHalfYear, now.seconds() + kHalfYear);
  if (changes.empty() || rng.below(100) < 25) return {small(rng, 24), small(rng, 60)};
  const auto& change = changes[rng.below(changes.size())];
  std::int64_t local = change.at + (rng.below(2) ? change.before : change.after);
  local += (static_cast<std::int64_t>(rng.below(13)) - 6) * 900;  // an hour and a half around it
  if (rng.below(4) == 0) local += static_cast<std::int64_t>(rng.below(15)) * 60;
  const std::int64_t of_day = ((local % 86'400) + 86'400) % 86'400;
  return {static_cast<unsigned>(of_day / 3600), static_cast<unsigned>(of_day % 3600 / 60)};
}

void rare_days(Rng& rng, SimCron& cron) {
  switch (rng.below(10)) {
    case 0: choose(cron.text[2], cron.days, {1 + small(rng, 31)}); break;
    case 1: cron.text[2] = "L", cron.days = 0, cron.last_day = true; break;
    case 2: cron.text[2] = "LW", cron.days = 0, cron.last_working_day = true; break;
    case 3: {
      const unsigned n = 1 + small(rng, 31);
      cron.text[2] = std::to_string(n) + "W", cron.days = 0, cron.near_days = 1u << n;
      break;
    }
    case 4: {
      const unsigned d = small(rng, 7), k = 1 + small(rng, 5);
      cron.text[4] = std::to_string(d) + "#" + std::to_string(k), cron.weekdays = 0, cron.nth_weekdays = {{d, k}};
      break;
    }
    case 5: cron.text[4] = "FRIL", cron.weekdays = 0, cron.last_weekdays = 1u << 5; break;
    case 6: {  // either of them
      choose(cron.text[2], cron.days, {1 + small(rng, 28)});
      choose(cron.text[4], cron.weekdays, {small(rng, 7)});
      break;
    }
    case 7: every_nth(cron.text[2], cron.days, 1, 31, 2 + small(rng, 9)); break;
    default:
      cron.text[4] = one_of<std::string>(rng, {"SUN", "0", "7"}), cron.weekdays = 1;  // the day on which most clocks change
  }
  if (rng.below(4) == 0) every_nth(cron.text[3], cron.months, 1, 12, 2 + small(rng, 2));
}

}  // namespace

SimCron random_cron(Rng& rng, Pace pace, const ZoneTable& zone, Instant now) {
  SimCron cron;
  const auto [hour, minute] = hot_minute(rng, zone, now);
  const unsigned dice = small(rng, 10);
  if (pace == Pace::minutes) {
    every_nth(cron.text[0], cron.minutes, 0, 59, one_of(rng, {1u, 2u, 5u, 7u, 10u, 13u, 15u, 20u, 30u}));
    if (dice < 3) range(cron.text[1], cron.hours, std::min(hour, 22u), 23, 1 + small(rng, 2));
    return cron;
  }
  choose(cron.text[0], cron.minutes, {minute});
  if (pace == Pace::hours) {
    if (dice < 3) every_nth(cron.text[1], cron.hours, 0, 23, 2 + small(rng, 5));
    else if (dice < 5) range(cron.text[1], cron.hours, hour > 3 ? hour - 3 : 0, std::min(hour + 3, 23u), 1);  // fixed
    else if (dice < 6) choose(cron.text[0], cron.minutes, {minute, (minute + 30) % 60});
    return cron;
  }
  choose(cron.text[1], cron.hours, {hour});
  if (pace == Pace::weeks) {
    rare_days(rng, cron);
  } else if (dice < 2) {
    cron.text[4] = "MON-FRI", cron.weekdays = 0x3e;
  } else if (dice < 4) {
    choose(cron.text[1], cron.hours, {hour, (hour + 1) % 24, (hour + 23) % 24});
  } else if (dice < 5) {
    range(cron.text[0], cron.minutes, minute / 2, std::min(minute / 2 + 29, 59u), 10);  // repeats, once a day
  }
  return cron;
}

}  // namespace carillon::simulation
