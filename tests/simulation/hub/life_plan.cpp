#include "tests/simulation/hub/life_plan.h"

#include <algorithm>

namespace carillon::simulation {
namespace {

constexpr std::int64_t kPlanHour = 3600, kPlanDay = 86'400;
constexpr std::int64_t kEarliest = 1'262'304'000;  // 2010-01-01
constexpr std::int64_t kLatest = 2'366'841'600;    // 2045-01-01

std::int64_t between(Rng& rng, std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(high - low)));
}

/// A moment to be there for: a change of the zone's clock, or any where there is none.
std::int64_t moment_of(Rng& rng, const ZoneTable& zone) {
  // One in four in the years in which odd things happened and which are over.
  const bool past = rng.below(4) == 0;
  const auto changes = zone.changes(past ? kEarliest : 1'735'689'600, past ? 1'735'689'600 : kLatest);
  if (changes.empty()) return between(rng, kEarliest, kLatest);
  return changes[rng.below(changes.size())].at;
}

}  // namespace

LifePlan LifePlan::from(Rng& rng) {
  LifePlan plan;
  const auto& zones = simulated_zones();
  for (int n = 0; n < 3; ++n) plan.zones.push_back(zones[rng.below(zones.size())]);
  const std::int64_t moment = moment_of(rng, ZoneTable::of(plan.zones[0]));
  plan.nodes = 2 + rng.below(3);
  std::int64_t start = 0, span = 0;
  const auto dice = rng.below(10);
  if (dice < 5) {
    plan.length = Length::nights;
    span = between(rng, 20 * kPlanHour, 3 * kPlanDay);
    start = moment - between(rng, kPlanHour / 2, 10 * kPlanHour);
    plan.idle = std::chrono::minutes(40);
    plan.nap = between(rng, 20, 1500);
    plan.outage = std::chrono::hours(8);
  } else if (dice < 8) {
    plan.length = Length::weeks;
    span = between(rng, 7 * kPlanDay, 60 * kPlanDay);
    start = moment - between(rng, kPlanDay / 2, std::min(span, 6 * kPlanDay));
    plan.idle = std::chrono::hours(10);
    plan.outage = std::chrono::hours(24 * 5);
    plan.nap = between(rng, 20, kPlanHour);
  } else {
    plan.length = Length::year;
    span = between(rng, 200 * kPlanDay, 366 * kPlanDay);
    start = moment - between(rng, kPlanDay, 150 * kPlanDay);
    plan.idle = std::chrono::hours(24 * 4);
    plan.outage = std::chrono::hours(24 * 40);
    plan.nap = between(rng, 20, 30 * kPlanHour);
  }
  plan.start = Instant::from_seconds(start);
  plan.end = Instant::from_seconds(start + span);
  plan.steps = 300;
  return plan;
}

Pace LifePlan::pace(Rng& rng) const {
  const auto dice = rng.below(10);
  if (length == Length::nights) return dice < 4 ? Pace::minutes : dice < 7 ? Pace::hours : Pace::days;
  if (length == Length::weeks) return dice < 1 ? Pace::minutes : dice < 4 ? Pace::hours : dice < 8 ? Pace::days : Pace::weeks;
  return dice < 2 ? Pace::hours : dice < 7 ? Pace::days : Pace::weeks;
}

SimTiming LifePlan::timing(Rng& rng, Instant now) const {
  const std::int64_t kSecondsOf[] = {600, 3 * kPlanHour, kPlanDay, 7 * kPlanDay};
  const Pace pace = this->pace(rng);
  const std::int64_t scale = kSecondsOf[static_cast<std::size_t>(pace)];
  const Instant second = Instant::from_seconds(now.seconds());
  SimTiming timing;
  switch (rng.below(8)) {
    case 0:
      timing.kind = SimTiming::Kind::once;
      timing.at = second + std::chrono::seconds(between(rng, 1, 4 * scale));
      break;
    case 1:
    case 2:
      timing.kind = SimTiming::Kind::interval;
      timing.every = between(rng, scale / 10, 2 * scale);
      timing.at = second + std::chrono::seconds(between(rng, -3 * scale, 3 * scale));
      break;
    default:
      timing.kind = SimTiming::Kind::cron;
      timing.zone = zones[rng.below(2) ? 0 : rng.below(zones.size())];
      timing.cron = random_cron(rng, pace, ZoneTable::of(timing.zone), now);
  }
  return timing;
}

Instant LifePlan::outage_end(Rng& rng, Instant now) const {
  const Instant random = now + Duration{1 + static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(outage.count())))};
  if (rng.below(2)) return random;
  const auto changes = ZoneTable::of(zones[0]).changes(now.seconds(), (now + outage).seconds());
  if (changes.empty()) return random;
  const Instant near = Instant::from_seconds(changes.front().at + between(rng, -3 * kPlanHour, kPlanHour));
  return std::max(near, now + Duration{1});
}

}  // namespace carillon::simulation
