#include "engine/time/timing.h"

#include <gtest/gtest.h>

#include <random>

#include "engine/base/rng.h"
#include "tests/unit/time/support.h"

using namespace carillon;

namespace {

Recurrence compiled(const Timing& timing, const Bounds& bounds = {}) { return compile(timing, bounds, test_zones()).value(); }
std::string text(std::optional<Instant> t) { return t ? format_instant(*t) : "none"; }
Error refusal(const Timing& timing, const Bounds& bounds = {}) {
  auto r = check_timing(timing, bounds, test_zones());
  return r ? Error{} : r.error();
}

}  // namespace

TEST(Cron, PointsAtTheByteThatIsWrong) {
  struct Wrong {
    const char* text;
    std::size_t position;
    CronFault fault;
  };
  for (const Wrong& w : {Wrong{"0 25 * * *", 2, CronFault::range}, Wrong{"  0 0 1,40 * *", 8, CronFault::range},
                         Wrong{"0 0 * * MON-BAR", 12, CronFault::name}, Wrong{"0 0 9-3 * *", 4, CronFault::reversed},
                         Wrong{"*/0 * * * *", 2, CronFault::step}, Wrong{"1,,2 * * * *", 2, CronFault::empty},
                         Wrong{"0 0 * * 1#6", 10, CronFault::range}, Wrong{"0 0 L-3 * *", 4, CronFault::name},
                         Wrong{"@never", 0, CronFault::macro}, Wrong{"0 0 * *", 7, CronFault::fields},
                         Wrong{"0 0 0W * *", 4, CronFault::range}}) {
    auto cron = CronExpression::parse(w.text);
    ASSERT_FALSE(cron) << w.text;
    EXPECT_EQ(cron.error().position, w.position) << w.text;
    EXPECT_EQ(cron.error().fault, w.fault) << w.text;
  }
  auto seconds = CronExpression::parse("*/10 * * * * *");
  ASSERT_FALSE(seconds);
  EXPECT_NE(seconds.error().message.find("seconds are not part of cron here; use an interval"), std::string::npos);
  EXPECT_EQ(seconds.error().position, 13u);
  EXPECT_FALSE(CronExpression::parse(std::string(996, '0') + " * * * *"));
  EXPECT_FALSE(CronExpression::parse("0 0 * * L"));
}

TEST(Cron, NeverFiresIsKnownAtOnce) {
  for (const char* never : {"0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 31W 2 *", "0 0 30-31 2 */2"})
    EXPECT_TRUE(CronExpression::parse(never)->never_fires()) << never;
  for (const char* sometimes : {"0 0 29 2 *", "0 0 30 2 1", "0 0 29 2 */6", "0 0 31 */2 *"})
    EXPECT_FALSE(CronExpression::parse(sometimes)->never_fires()) << sometimes;
  EXPECT_EQ(text(CronExpression::parse("0 0 30 2 *")->next(at("2026-01-01T00:00:00Z"), test_zone("UTC"))), "none");
}

TEST(Cron, FiresAfter2037AtTheRightWallClock) {
  auto daily = CronExpression::parse("0 9 * * *");
  EXPECT_EQ(text(daily->next(at("2040-07-01T00:00:00Z"), test_zone("Europe/Berlin"))), "2040-07-01T07:00:00Z");
  EXPECT_EQ(text(daily->next(at("2040-07-01T00:00:00Z"), test_zone("America/New_York"))), "2040-07-01T13:00:00Z");
  EXPECT_EQ(text(daily->next(at("2040-12-31T12:00:00Z"), test_zone("Australia/Sydney"))), "2040-12-31T22:00:00Z");
  auto in_gap = CronExpression::parse("30 2 * * *");
  EXPECT_EQ(text(in_gap->next(at("2041-03-30T12:00:00Z"), test_zone("Europe/Berlin"))), "2041-03-31T01:00:00Z");
  EXPECT_EQ(in_gap->moved_from(at("2041-03-31T01:00:00Z"), test_zone("Europe/Berlin")), parse_local("2041-03-31T02:30"));
  EXPECT_FALSE(in_gap->moved_from(at("2041-04-01T00:30:00Z"), test_zone("Europe/Berlin")));
}

TEST(Cron, CountsFiresOfAYear) {
  EXPECT_EQ(CronExpression::parse("* * * * *")->fires_in_year(2028, test_zone("UTC")), 366 * 1440);
  EXPECT_EQ(CronExpression::parse("30 2 * * *")->fires_in_year(2026, test_zone("Europe/Berlin")), 365);
  EXPECT_EQ(CronExpression::parse("*/30 * * * *")->fires_in_year(2026, test_zone("Europe/Berlin")), 365 * 48);
  EXPECT_EQ(CronExpression::parse("0 0 29 2 *")->fires_in_year(2026, test_zone("UTC")), 0);
}

TEST(Interval, CountsElapsedTimeFromItsAnchor) {
  Recurrence r = compiled(Interval{std::chrono::minutes(90), at("2026-03-29T00:15:00Z")});
  EXPECT_EQ(text(r.next(at("2026-03-29T00:15:00Z"))), "2026-03-29T01:45:00Z");
  EXPECT_EQ(text(r.next(at("2026-03-29T00:14:59Z"))), "2026-03-29T00:15:00Z");
  EXPECT_EQ(text(r.next(at("2026-03-28T00:00:00Z"))), "2026-03-28T00:15:00Z");
  EXPECT_EQ(text(r.last_at_or_before(at("2026-03-29T01:44:59Z"))), "2026-03-29T00:15:00Z");
  EXPECT_EQ(text(r.last_at_or_before(at("2026-03-29T01:45:00Z"))), "2026-03-29T01:45:00Z");
  EXPECT_EQ(r.count_between(at("2026-03-29T00:15:00Z"), at("2026-03-29T03:15:00Z"), 100), 2);
  EXPECT_EQ(r.count_between(at("2000-01-01T00:00:00Z"), at("9000-01-01T00:00:00Z"), 10'000), 10'000);
  EXPECT_EQ(interval_of(2, "days"), Duration{std::chrono::hours(48)});
  EXPECT_FALSE(interval_of(2, "weeks"));
  EXPECT_FALSE(interval_of(INT64_MAX, "days"));
}

TEST(Recurrence, StaysWithinItsBounds) {
  const Bounds bounds{at("2026-01-05T09:00:00Z"), at("2026-01-07T09:00:00Z")};
  for (const Timing& timing : {Timing{Cron{"0 9 * * *", "UTC"}}, Timing{Interval{std::chrono::hours(24), at("2026-01-01T09:00:00Z")}}}) {
    Recurrence r = compiled(timing, bounds);
    EXPECT_EQ(text(r.next(at("2020-01-01T00:00:00Z"))), "2026-01-05T09:00:00Z");
    EXPECT_EQ(text(r.next(at("2026-01-05T09:00:00Z"))), "2026-01-06T09:00:00Z");
    EXPECT_EQ(text(r.next(at("2026-01-06T09:00:00Z"))), "none");
    EXPECT_EQ(text(r.last_at_or_before(at("2030-01-01T00:00:00Z"))), "2026-01-06T09:00:00Z");
    EXPECT_EQ(text(r.last_at_or_before(at("2026-01-05T08:59:59Z"))), "none");
    EXPECT_EQ(r.count_between(at("2020-01-01T00:00:00Z"), at("2030-01-01T00:00:00Z"), 100), 2);
  }
  Recurrence once = compiled(Once{at("2026-01-06T00:00:00Z"), {}, {}}, bounds);
  EXPECT_EQ(text(once.next(at("2020-01-01T00:00:00Z"))), "2026-01-06T00:00:00Z");
  EXPECT_EQ(text(once.next(at("2026-01-06T00:00:00Z"))), "none");
  EXPECT_EQ(text(compiled(Manual{}).next(Instant{0})), "none");
}

TEST(Recurrence, LastIsTheInverseOfNext) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  auto rng = make_seeded_rng(seed);
  for (const char* expression : {"* * * * *", "*/7 3 * * *", "30 2 * * *", "0 0 29 2 *", "0-5 1 1 1 *", "0 12 LW * *"}) {
    Recurrence r = compiled(Cron{expression, "Europe/Berlin"});
    for (int i = 0; i < 60; ++i) {
      Instant t = Instant::from_seconds(1'700'000'000 + static_cast<std::int64_t>(rng->below(900'000'000)));
      Instant last = r.last_at_or_before(t).value();
      ASSERT_LE(last, t) << expression << format_instant(t);
      ASSERT_GT(r.next(last).value(), t) << expression << format_instant(t);
      ASSERT_EQ(r.last_at_or_before(last), last) << expression << format_instant(t);
    }
  }
}

TEST(Timing, RefusalsNameFieldValueAndRemedy) {
  struct Refused {
    Timing timing;
    Bounds bounds;
    const char *reason, *field;
  };
  const Instant anchor = at("2026-01-01T00:00:00Z");
  for (const Refused& c : {Refused{Cron{"61 * * * *", "UTC"}, {}, "INVALID_CRON", "/cron"},
                           Refused{Cron{"0 0 30 2 *", "UTC"}, {}, "CRON_NEVER_FIRES", "/cron"},
                           Refused{Cron{"0 0 * * *", "Mars/Base"}, {}, "UNKNOWN_ZONE", "/zone"},
                           Refused{Once{anchor, {}, "Mars/Base"}, {}, "UNKNOWN_ZONE", "/zone"},
                           Refused{Interval{Duration{999'999}, anchor}, {}, "INTERVAL_TOO_SHORT", "/every"},
                           Refused{Interval{Duration{0}, anchor}, {}, "INTERVAL_TOO_SHORT", "/every"},
                           Refused{Interval{std::chrono::hours(24 * 40'000), anchor}, {}, "INTERVAL_TOO_LONG", "/every"},
                           Refused{Manual{}, {anchor, anchor}, "BOUNDS_REVERSED", "/end_at"}}) {
    Error error = refusal(c.timing, c.bounds);
    EXPECT_EQ(error.code, ErrorCode::invalid);
    EXPECT_EQ(error.reason, c.reason);
    EXPECT_EQ(error.field, c.field);
    EXPECT_FALSE(error.message.empty() || error.value.empty() || error.remedy.empty()) << c.reason;
  }
  EXPECT_TRUE(compile(Cron{"0 0 30 2 *", "UTC"}, {}, test_zones())) << "the evaluator accepts what saving refuses";
  EXPECT_FALSE(compile(Interval{std::chrono::seconds(30), anchor}, {}, test_zones(), {std::chrono::minutes(1)}));
}

TEST(RunAt, InAGapNamesBothNeighbours) {
  const Zone& berlin = test_zone("Europe/Berlin");
  for (Fold fold : {Fold::refuse, Fold::earlier, Fold::later}) {
    auto gap = resolve_run_at("2026-03-29T02:30", berlin, fold);
    ASSERT_FALSE(gap);
    EXPECT_EQ(gap.error().reason, "RUN_AT_IN_GAP");
    EXPECT_EQ(gap.error().field, "/run_at");
    EXPECT_NE(gap.error().remedy.find("2026-03-29T01:59+01:00"), std::string::npos) << gap.error().remedy;
    EXPECT_NE(gap.error().remedy.find("2026-03-29T03:00+02:00"), std::string::npos) << gap.error().remedy;
  }
  auto twice = resolve_run_at("2026-10-25T02:30", berlin);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().reason, "RUN_AT_AMBIGUOUS");
  EXPECT_EQ(resolve_run_at("2026-10-25T02:30", berlin, Fold::earlier).value(), at("2026-10-25T00:30:00Z"));
  EXPECT_EQ(resolve_run_at("2026-10-25T02:30", berlin, Fold::later).value(), at("2026-10-25T01:30:00Z"));
  EXPECT_EQ(resolve_run_at("2026-07-01T09:00", berlin).value(), at("2026-07-01T07:00:00Z"));
  EXPECT_EQ(resolve_run_at("tomorrow", berlin, Fold::refuse, "/local").error().field, "/local");
}

TEST(Warnings, SayWhatAUserWouldNotExpect) {
  auto codes = [](const char* expression) {
    std::string out;
    for (const TimingWarning& w : timing_warnings(compiled(Cron{expression, "UTC"}), Locale::en)) out += w.code + ";";
    return out;
  };
  EXPECT_EQ(codes("0 9 * * *"), "");
  EXPECT_EQ(codes("0 9 31 * *"), "SKIPS_MONTHS;");
  EXPECT_EQ(codes("0 9 L * *"), "");
  EXPECT_EQ(codes("0 9 29 2 *"), "FIRES_LESS_THAN_YEARLY;SKIPS_COMMON_YEARS;");
  EXPECT_EQ(codes("0 9 29 * *"), "SKIPS_COMMON_YEARS;");
  EXPECT_EQ(codes("0 9 30 2,4 *"), "SKIPS_MONTHS;");
  EXPECT_EQ(codes("0 9 13 * FRI"), "EITHER_DAY_FIELD;");
  auto months = timing_warnings(compiled(Cron{"0 9 31 * *", "UTC"}), Locale::en);
  EXPECT_NE(months.at(0).message.find("5 of 12 months"), std::string::npos);
}

TEST(Jitter, IsTheSameEverywhereAndStaysBelowItsLimits) {
  auto id = ScheduleId::parse("0190a6b2-0000-7000-8000-000000000001").value();
  const Instant due = at("2026-01-01T00:00:00Z");
  const Duration max = std::chrono::minutes(5);
  EXPECT_EQ(jitter_offset(id, due, max), jitter_offset(id, due, max));
  EXPECT_EQ(jitter_offset(id, due, Duration{0}), Duration{0});
  std::set<std::int64_t> seen;
  std::int64_t low = INT64_MAX, high = 0;
  for (int i = 0; i < 1000; ++i) {
    Duration j = jitter_offset(id, due + std::chrono::minutes(i), max);
    seen.insert(j.count());
    low = std::min(low, j.count());
    high = std::max(high, j.count());
  }
  EXPECT_GE(low, 0);
  EXPECT_LT(high, max.count());
  EXPECT_LT(low, max.count() / 50);
  EXPECT_GT(high, max.count() * 49 / 50);
  EXPECT_GT(seen.size(), 980u);
  for (int i = 0; i < 100; ++i) {
    Instant d = due + std::chrono::minutes(i), next = d + std::chrono::minutes(1);
    EXPECT_LT(planned_at(id, d, next, max), next);
    EXPECT_GE(planned_at(id, d, next, max), d);
  }
}
