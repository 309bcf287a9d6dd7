#include <gtest/gtest.h>

#include <random>

#include "engine/time/preview.h"
#include "engine/time/timing.h"
#include "tests/unit/time/random_cron.h"

using namespace carillon;

namespace {

constexpr std::size_t kMany = 40;

Timing random_timing(Rng& rng, const CronCase& c) {
  if (rng.below(2)) return Cron{c.expression, c.zone->name()};
  if (rng.below(8) == 0) return Once{c.from + std::chrono::seconds(rng.below(200'000)), {}, {}};
  const Duration every = std::chrono::seconds(1 + rng.below(rng.below(2) ? 100 : 500'000));
  return Interval{every, c.from + std::chrono::seconds(static_cast<std::int64_t>(rng.below(2'000'000)) - 1'000'000)};
}

/// The first `most` occurrences after `after`, one by one and without a hint.
std::vector<Instant> listed(const Recurrence& recurrence, Instant after, std::size_t most) {
  std::vector<Instant> out;
  for (auto t = recurrence.next(after); t && out.size() < most; t = recurrence.next(*t)) out.push_back(*t);
  return out;
}

std::vector<std::string> texts(const std::vector<Instant>& instants) {
  std::vector<std::string> out;
  for (Instant t : instants) out.push_back(format_instant(t));
  return out;
}

class RecurrenceProperty : public testing::Test {
 protected:
  template <class Body>
  void for_cases(int count, Body body) {
    const std::uint64_t seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    auto rng = make_seeded_rng(seed);
    for (int i = 0; i < count && !HasFatalFailure(); ++i) {
      const CronCase c = random_cron_case(*rng);
      SCOPED_TRACE(c.text());
      body(*rng, c, random_timing(*rng, c));
    }
  }
};

}  // namespace

TEST_F(RecurrenceProperty, NextIsStrictlyLaterAndTheSameFromAnyInstantBefore) {
  for_cases(3'000, [](Rng& rng, const CronCase& c, const Timing& timing) {
    const Recurrence r = compile(timing, {}, test_zones()).value();
    const auto next = r.next(c.from);
    if (!next) return;
    ASSERT_GT(*next, c.from) << timing_kind(timing);
    const Instant between = c.from + Duration{static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>((*next - c.from).count())))};
    ZoneHint stale{rng.below(2'000)};
    ASSERT_EQ(r.next(between, stale), next) << timing_kind(timing) << " from " << format_instant(between);
    ASSERT_GT(r.next(*next).value_or(Instant::max()), *next) << timing_kind(timing);
  });
}

TEST_F(RecurrenceProperty, BoundsOnlyLeaveOccurrencesOut) {
  for_cases(1'000, [](Rng& rng, const CronCase& c, const Timing& timing) {
    const Recurrence open = compile(timing, {}, test_zones()).value();
    // More than the bounds can reach.
    const std::vector<Instant> all = listed(open, c.from, 3 * kMany);
    if (all.size() < 2) return;
    const std::size_t reach = std::min(all.size(), kMany);
    // Half of the bounds lie exactly on an occurrence: the start belongs to them, the end does not.
    const auto one_of = [&](std::size_t low, std::size_t high) {
      return all[low + rng.below(high - low)] + Duration{rng.below(2) ? 0 : static_cast<std::int64_t>(rng.below(30'000'000))};
    };
    const Instant start = one_of(0, reach / 2), end = one_of(reach / 2, reach);
    if (start >= end) return;
    const Bounds bounds{start, end};
    const Recurrence r = compile(timing, bounds, test_zones()).value();
    std::vector<Instant> want;
    for (Instant t : all)
      if (t >= start && t < end) want.push_back(t);
    ASSERT_EQ(texts(listed(r, c.from, all.size())), texts(want)) << format_instant(start) << " to " << format_instant(end);
  });
}

TEST_F(RecurrenceProperty, CountAndLastAgreeWithTheList) {
  for_cases(600, [](Rng& rng, const CronCase& c, const Timing& timing) {
    const Recurrence r = compile(timing, {}, test_zones()).value();
    const std::vector<Instant> all = listed(r, c.from, kMany);
    if (all.empty()) return;
    const std::size_t low = rng.below(all.size()), high = low + rng.below(all.size() - low);
    EXPECT_EQ(r.count_between(all[low], all[high], 1'000), static_cast<std::int64_t>(high - low));
    EXPECT_EQ(r.count_between(all[low], all[high] + Duration{1}, 1'000), static_cast<std::int64_t>(high - low) + 1);
    EXPECT_EQ(r.count_between(all[low], all[high] + Duration{1}, 3), std::min<std::int64_t>(3, static_cast<std::int64_t>(high - low) + 1));
    EXPECT_EQ(r.last_at_or_before(all[high]), all[high]);
    if (high > 0) {
      EXPECT_EQ(r.last_at_or_before(all[high] - Duration{1}), all[high - 1]);
    }
  });
}

TEST_F(RecurrenceProperty, PreviewShowsTheInstantsThatFire) {
  int gaps = 0, folds = 0;
  for_cases(2'000, [&](Rng& rng, const CronCase& c, const Timing& timing) {
    const Recurrence r = compile(timing, {}, test_zones()).value();
    const Zone& shown_in = rng.below(2) ? *c.zone : test_zone("Europe/Berlin");
    const std::size_t wanted = 1 + rng.below(20);
    const Preview shown = preview(r, shown_in, c.from, wanted, Locale::en);
    std::vector<Instant> entries;
    for (const PreviewEntry& entry : shown.entries) {
      entries.push_back(entry.utc);
      ASSERT_EQ(parse_instant(entry.local), Instant::from_seconds(entry.utc.seconds())) << entry.local;
      ASSERT_EQ(entry.flags.empty(), entry.note.empty()) << entry.local;
      const bool moved = r.cron() != nullptr && r.cron()->moved_from(entry.utc, *r.zone());
      const LocalResolution passes = shown_in.resolve(shown_in.to_local(entry.utc));
      std::vector<PreviewFlag> flags;
      if (moved) flags.push_back(PreviewFlag::gap);
      else if (passes.kind == LocalResolution::Kind::fold)
        flags.push_back(entry.utc < passes.later ? PreviewFlag::fold_first : PreviewFlag::fold_second);
      ASSERT_EQ(entry.flags, flags) << entry.local << " " << entry.note;
      gaps += moved;
      folds += !moved && !flags.empty();
    }
    ASSERT_EQ(texts(entries), texts(listed(r, c.from, wanted)));
    const auto change = shown_in.next_change(c.from);
    ASSERT_EQ(shown.next_clock_change.has_value(), change.has_value());
    if (change) {
      ASSERT_EQ(shown.next_clock_change->at, change->at);
    }
  });
  EXPECT_GT(gaps, 0);
  EXPECT_GT(folds, 0);
}
