#include <gtest/gtest.h>

#include <random>

#include "engine/base/rng.h"
#include "engine/time/cron.h"
#include "tests/unit/time/random_cron.h"

using namespace carillon;

namespace {

constexpr std::int64_t kMinute = 60'000'000;

/// The rule of spec.md, minute by minute and by the plainest means.
class BruteForce {
 public:
  BruteForce(const CronExpression& cron, const Zone& zone) : cron_(cron), f_(cron.fields()), zone_(zone) {}

  bool fires(Instant t) const {
    if (local_matches(t.seconds() + zone_.offset_at(t)) && !second_pass(t)) return true;
    auto change = zone_.next_change(t - Duration{1});
    if (!cron_.fixed() || !change || change->at != t) return false;
    std::int64_t d = change->after - change->before;
    if (d <= 0 || d > 3 * 3600) return false;
    for (std::int64_t local = t.seconds() + change->before; local < t.seconds() + change->after; local += 60)
      if (local_matches(local)) return true;
    return false;
  }

 private:
  bool second_pass(Instant t) const {
    if (!cron_.fixed()) return false;
    for (Instant from = t - std::chrono::hours(4);;) {
      auto change = zone_.next_change(from);
      if (!change || change->at > t) return false;
      std::int64_t d = change->after - change->before;
      if (d < 0 && d >= -3 * 3600 && t < change->at + std::chrono::seconds(-d)) return true;
      from = change->at;
    }
  }
  bool local_matches(std::int64_t local) const {
    std::int64_t day = local >= 0 ? local / 86400 : -((-local + 86399) / 86400);
    std::int64_t second = local - day * 86400;
    CivilDate date = civil_from_days(day);
    return (f_.minutes >> (second / 60 % 60) & 1) && (f_.hours >> (second / 3600) & 1) && (f_.months >> date.month & 1) &&
           day_matches(day, date);
  }
  static unsigned weekday(std::int64_t day) { return static_cast<unsigned>(((day + 4) % 7 + 7) % 7); }
  bool day_matches(std::int64_t day, CivilDate date) const {
    auto month_of = [](std::int64_t d) { return civil_from_days(d).month; };
    const unsigned wd = weekday(day);
    bool last = month_of(day + 1) != date.month;
    bool by_date = (f_.days >> date.day & 1) || (f_.last_day && last);
    if (f_.last_weekday && wd >= 1 && wd <= 5) {
      bool later_weekday = false;
      for (std::int64_t d = day + 1; month_of(d) == date.month; ++d) later_weekday |= weekday(d) >= 1 && weekday(d) <= 5;
      by_date |= !later_weekday;
    }
    for (unsigned n = 1; n <= 31; ++n) {
      if (!(f_.nearest_days >> n & 1)) continue;
      std::int64_t target = day - date.day + n;
      if (month_of(target) != date.month) continue;
      for (int delta : {0, -1, 1, -2, 2}) {
        std::int64_t candidate = target + delta;
        if (month_of(candidate) != date.month || weekday(candidate) == 0 || weekday(candidate) == 6) continue;
        by_date |= candidate == day;
        break;
      }
    }
    bool by_weekday = (f_.weekdays >> wd & 1) || (f_.nth_weekdays[wd] >> ((date.day - 1) / 7 + 1) & 1) ||
                      ((f_.last_weekdays >> wd & 1) && month_of(day + 7) != date.month);
    return f_.either_day() ? by_date || by_weekday : by_date && by_weekday;
  }

  const CronExpression& cron_;
  const CronFields& f_;
  const Zone& zone_;
};

}  // namespace

TEST(CronProperty, NextSkipsNoMinuteThatMatchesAndInventsNone) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  auto rng = make_seeded_rng(seed);
  for (int i = 0; i < 600; ++i) {
    const CronCase c = random_cron_case(*rng);
    SCOPED_TRACE(c.text());
    auto cron = CronExpression::parse(c.expression);
    ASSERT_TRUE(cron.has_value()) << cron.error().message;
    const Instant to = c.from + std::chrono::hours(72);
    std::vector<std::string> want, got;
    BruteForce brute(*cron, *c.zone);
    for (Instant t{(c.from.us / kMinute + 1) * kMinute}; t < to; t.us += kMinute)
      if (brute.fires(t)) want.push_back(format_instant(t));
    ZoneHint hint;
    for (auto t = cron->next(c.from, *c.zone, &hint); t && *t < to; t = cron->next(*t, *c.zone, &hint))
      got.push_back(format_instant(*t));
    ASSERT_EQ(got, want);
  }
}

TEST(CronProperty, NextIsStrictlyLaterAndMonotone) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  auto rng = make_seeded_rng(seed);
  for (int i = 0; i < 4'000; ++i) {
    const CronCase c = random_cron_case(*rng);
    SCOPED_TRACE(c.text());
    auto cron = CronExpression::parse(c.expression);
    ASSERT_TRUE(cron.has_value());
    auto next = cron->next(c.from, *c.zone);
    if (!next) {
      EXPECT_TRUE(cron->never_fires());
      continue;
    }
    EXPECT_GT(*next, c.from);
    EXPECT_EQ(next->us % kMinute, 0);
    Instant between = c.from + Duration{static_cast<std::int64_t>(rng->below(static_cast<std::uint64_t>((*next - c.from).count())))};
    ZoneHint stale{rng->below(2000)};
    EXPECT_EQ(cron->next(between, *c.zone, &stale), next);
    EXPECT_GT(cron->next(*next, *c.zone).value_or(Instant::max()), *next);
  }
}

// What lies further ahead than a scan of every minute could reach: a sample of the minutes passed over.
TEST(CronProperty, NothingThatMatchesIsPassedOverOnALongWay) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  auto rng = make_seeded_rng(seed);
  int far = 0;
  for (int i = 0; i < 2'000; ++i) {
    const CronCase c = random_cron_case(*rng);
    SCOPED_TRACE(c.text());
    auto cron = CronExpression::parse(c.expression);
    ASSERT_TRUE(cron.has_value());
    const auto next = cron->next(c.from, *c.zone);
    if (!next || *next - c.from < std::chrono::hours(72)) continue;
    ++far;
    const BruteForce brute(*cron, *c.zone);
    ASSERT_TRUE(brute.fires(*next)) << format_instant(*next);
    const std::int64_t first = c.from.us / kMinute + 1, passed = next->us / kMinute - first;
    for (int n = 0; n < 400; ++n) {
      // Every other one at a matching time of day, on some day in between.
      const std::int64_t days = static_cast<std::int64_t>(rng->below(static_cast<std::uint64_t>(passed / 1440 + 1)));
      const std::int64_t minute = n % 2 ? first + static_cast<std::int64_t>(rng->below(static_cast<std::uint64_t>(passed)))
                                        : next->us / kMinute - 1440 * days;
      const Instant t{minute * kMinute};
      if (t <= c.from || t == *next) continue;
      ASSERT_FALSE(brute.fires(t)) << format_instant(t) << " comes before " << format_instant(*next);
    }
  }
  EXPECT_GT(far, 100);
}
