// Due times that could not be fired in time: grace, missed policies, windows, counts, runs, bounds, jitter.
#include "tests/unit/schedules/situation.h"

namespace carillon::schedules::rules {
namespace {

void catch_up(Situation& x, std::int64_t count, Duration window = 24h) {
  x.s.missed = MissedPolicy::catchup;
  x.s.overlap = OverlapPolicy::allow;
  x.s.catch_up = {window, count};
}

TEST(Missed, WithinTheGraceItFiresUnderEveryPolicy) {
  for (MissedPolicy policy : {MissedPolicy::skip, MissedPolicy::catchup, MissedPolicy::fail}) {
    Situation x;
    x.s.missed = policy;
    x.now = hm("10:09:59");
    EXPECT_EQ(told(x.decide()), "started 10:00 | next 11:00") << to_string(policy);
    Situation late;
    late.s.missed = policy;
    late.now = hm("10:10");
    EXPECT_NE(late.decide().fires.size() == 1 && late.decide().fires[0].verdict == Verdict::started, true) << to_string(policy);
  }
}

TEST(Missed, TheGraceEndsWithTheNextDueTime) {
  check_decisions({
      {"just before the next", [](Situation& x) { x.s.timing = Interval{60s, hm("00:00")}; x.now = hm("10:00:59"); }, "started 10:00 | next 10:01"},
      {"at the next", [](Situation& x) { x.s.timing = Interval{60s, hm("00:00")}; x.now = hm("10:01"); }, "missed 10:00, started 10:01 | next 10:02"},
  });
}

TEST(Missed, Skip) {
  check_decisions({
      {"one", [](Situation& x) { x.now = hm("10:10"); }, "missed 10:00 | next 11:00"},
      {"a stretch before a live one", [](Situation& x) { x.now = hm("14:05"); }, "missed 10:00..13:00 x4, started 14:00 | next 15:00"},
      {"a stretch only", [](Situation& x) { x.now = hm("14:30"); }, "missed 10:00..14:00 x5 | next 15:00"},
      {"not due yet", [](Situation& x) { x.now = hm("09:59"); }, "next 10:00"},
  });
}

TEST(Missed, AlongOutageIsOneRecordHoweverManyDueTimes) {
  Situation x;
  x.s.timing = Interval{1s, hm("00:00")};
  x.due = hm("00:00") - 100 * 24h;
  x.now = hm("10:00");
  const Decision d = x.decide();
  ASSERT_EQ(d.fires.size(), 2u);
  EXPECT_EQ(d.fires[0].count, 100 * 86'400 + 36'000);
  EXPECT_EQ(d.fires[0].last_due_at, hm("09:59:59"));
  EXPECT_EQ(told(d.fires[1]), "started 10:00");
}

TEST(Missed, CatchUp) {
  check_decisions({
      {"latest", [](Situation& x) { catch_up(x, 1); x.now = hm("14:30"); }, "missed 10:00..13:00 x4 | wait: catchup 14:00 | next 15:00"},
      {"some", [](Situation& x) { catch_up(x, 3); x.now = hm("14:30"); },
       "missed 10:00..11:00 x2 | wait: catchup 12:00, catchup 13:00, catchup 14:00 | next 15:00"},
      {"all", [](Situation& x) { catch_up(x, 1000); x.now = hm("12:30"); },
       "wait: catchup 10:00, catchup 11:00, catchup 12:00 | next 13:00"},
      {"within the window", [](Situation& x) { catch_up(x, 1000, 90min); x.now = hm("12:30"); },
       "missed 10:00 | wait: catchup 11:00, catchup 12:00 | next 13:00"},
      {"none within the window", [](Situation& x) { catch_up(x, 1000, 1min); x.now = hm("12:30"); }, "missed 10:00..12:00 x3 | next 13:00"},
      {"the live one starts as ever", [](Situation& x) { catch_up(x, 1); x.now = hm("12:05"); },
       "missed 10:00, started 12:00 | wait: catchup 11:00 | next 13:00"},
      {"no more than runs are left", [](Situation& x) { catch_up(x, 10); x.s.max_runs = 5; x.started = 3; x.now = hm("14:30"); },
       "missed 10:00..12:00 x3 | wait: catchup 13:00, catchup 14:00 | next 15:00"},
      {"those that wait are older", [](Situation& x) { catch_up(x, 10); x.s.max_runs = 5; x.started = 3; x.waits("08:00", "catchup"); x.now = hm("14:30"); },
       "superseded 08:00, missed 10:00..12:00 x3 | wait: catchup 13:00, catchup 14:00 | over: catchup 08:00 | next 15:00"},
      {"none where runs are left for those that wait only",
       [](Situation& x) { catch_up(x, 10); x.s.max_runs = 4; x.started = 3; x.s.overlap = OverlapPolicy::buffer_one; x.busy(); x.waits("09:00"); x.now = hm("11:30"); },
       "missed 10:00..11:00 x2 | next 12:00"},
  });
}

/// "latest" started two after two outages, as the one chosen after the first still waited at the second.
TEST(Missed, WhatStillWaitsFromAnEarlierOutageGivesWayToWhatIsNewer) {
  check_decisions({
      {"latest", [](Situation& x) { catch_up(x, 1); x.waits("07:00", "catchup"); x.now = hm("11:30"); },
       "superseded 07:00, missed 10:00 | wait: catchup 11:00 | over: catchup 07:00 | next 12:00"},
      {"the oldest of them", [](Situation& x) { catch_up(x, 3); x.waits("06:00", "catchup"); x.waits("07:00", "catchup"); x.now = hm("11:30"); },
       "superseded 06:00 | wait: catchup 10:00, catchup 11:00 | over: catchup 06:00 | next 12:00"},
      {"there is place for all", [](Situation& x) { catch_up(x, 4); x.waits("06:00", "catchup"); x.waits("07:00", "catchup"); x.now = hm("11:30"); },
       "wait: catchup 10:00, catchup 11:00 | next 12:00"},
      {"nothing newer is chosen", [](Situation& x) { catch_up(x, 1, 1min); x.waits("07:00", "catchup"); x.now = hm("11:30"); },
       "missed 10:00..11:00 x2 | next 12:00"},
      {"live ones wait for something else", [](Situation& x) { catch_up(x, 1); x.s.overlap = OverlapPolicy::buffer_one; x.busy(); x.waits("07:00"); x.now = hm("10:30"); },
       "wait: catchup 10:00 | next 11:00"},
  });
  Situation x;
  catch_up(x, 1);
  x.waits("07:00", "catchup");
  x.now = hm("10:30");
  EXPECT_EQ(x.decide().fires[0].reason, "A newer due time (2026-03-02T10:00:00Z) waits in its place.");
  EXPECT_EQ(told_all(x.room.waiting), "catchup 10:00");
}

TEST(Missed, NeverMoreThanTheHardCapIsCaughtUp) {
  Situation x;
  catch_up(x, 5'000);
  x.s.timing = Interval{10s, hm("00:00")};
  x.due = hm("00:00");
  x.now = hm("20:00:05");
  const Decision d = x.decide();
  ASSERT_EQ(d.waiting.size(), 1000u);
  EXPECT_EQ(d.fires[0].count + 1000 + 1, 20 * 360 + 1);
  EXPECT_EQ(told(d.fires.back()), "started 20:00");
  EXPECT_EQ(d.waiting.back().due_at, hm("19:59:50"));
  for (std::size_t n = 1; n < d.waiting.size(); ++n) ASSERT_EQ(d.waiting[n].due_at - d.waiting[n - 1].due_at, Duration{10s});
  EXPECT_EQ(d.fires[0].last_due_at, d.waiting.front().due_at - 10s);
}

TEST(Missed, FailRecordsAlertsAndCounts) {
  Situation x;
  x.s.missed = MissedPolicy::fail;
  x.now = hm("12:30");
  Decision d = x.decide();
  EXPECT_EQ(told(d), "missed 10:00..12:00 x3 | alert FIRES_MISSED | next 13:00");
  EXPECT_EQ(d.missed_failures, 3);
  EXPECT_EQ(d.alert->detail, (Json{{"count", 3}, {"last_due_at", "2026-03-02T12:00:00Z"}, {"name", "S"}}));
  x.now = hm("10:05");
  d = x.decide();
  EXPECT_EQ(told(d), "started 10:00 | next 11:00");
  EXPECT_EQ(d.missed_failures, 0);
}

TEST(Missed, FailuresWithoutARunHoldTheScheduleToo) {
  check_decisions({
      {"enough", [](Situation& x) { x.s.missed = MissedPolicy::fail; x.s.hold_after_failures = 3; x.now = hm("12:30"); },
       "missed 10:00..12:00 x3 | hold failures | alert HELD_AFTER_FAILURES | next -"},
      {"together with those before", [](Situation& x) { x.s.missed = MissedPolicy::fail; x.s.hold_after_failures = 3; x.failures = 2; x.now = hm("10:30"); },
       "missed 10:00 | hold failures | alert HELD_AFTER_FAILURES | next -"},
      {"too few", [](Situation& x) { x.s.missed = MissedPolicy::fail; x.s.hold_after_failures = 3; x.failures = 1; x.now = hm("10:30"); },
       "missed 10:00 | alert FIRES_MISSED | next 11:00"},
  });
  Situation x;
  x.s.missed = MissedPolicy::fail;
  x.s.hold_after_failures = 1;
  x.now = hm("10:30");
  EXPECT_EQ(x.decide().settled_until, hm("10:30")) << "the next due time is the hold's";
}

TEST(Missed, BoundsAndRunsEndIt) {
  check_decisions({
      {"the end", [](Situation& x) { x.s.bounds.end = hm("11:00"); }, "started 10:00 | hold completed | next -"},
      {"the end passed in an outage", [](Situation& x) { x.s.bounds.end = hm("12:00"); x.now = hm("18:00"); }, "missed 10:00..11:00 x2 | hold completed | next -"},
      {"the start", [](Situation& x) { x.s.bounds.start = hm("15:30"); x.due = hm("16:00"); x.now = hm("16:00"); }, "started 16:00 | next 17:00"},
      {"the last run", [](Situation& x) { x.s.max_runs = 4; x.started = 3; }, "started 10:00 | hold completed | next -"},
      {"one before the last run", [](Situation& x) { x.s.max_runs = 4; x.started = 2; }, "started 10:00 | next 11:00"},
      {"what is missed is no run", [](Situation& x) { x.s.max_runs = 1; x.now = hm("10:30"); }, "missed 10:00 | next 11:00"},
      {"what waits has not started", [](Situation& x) { x.s.max_runs = 1; x.s.overlap = OverlapPolicy::buffer_one; x.busy(); },
       "wait: scheduled 10:00 | next 11:00"},
      {"a newer one waits in its place", [](Situation& x) { x.s.max_runs = 1; x.s.overlap = OverlapPolicy::buffer_one; x.busy(); x.waits("09:00"); },
       "superseded 09:00 | wait: scheduled 10:00 | over: scheduled 09:00 | next 11:00"},
      {"the last one has waited for room", [](Situation& x) { x.s.max_runs = 4; x.started = 4; x.now = hm("09:10"); }, "hold completed | next -"},
      {"also of what was made a one-time since", [](Situation& x) { x.s.max_runs = 1; x.started = 1; x.s.timing = Once{hm("10:00"), {}, {}}; x.now = hm("09:00"); },
       "hold completed | next -"},
      {"and what came due meanwhile is nobody's", [](Situation& x) { x.s.max_runs = 4; x.started = 4; x.now = hm("12:10"); }, "hold completed | next -"},
  });
}

/// A schedule that may run twice was completed when one had started and one waited, which was skipped afterwards.
TEST(Missed, WhatWaitedAndWasSkippedIsNoRun) {
  Situation x;
  x.s.timing = Interval{4s, hm("00:00")};
  catch_up(x, 1);
  x.s.overlap = OverlapPolicy::skip;
  x.s.max_runs = 2;
  x.due = hm("09:59:48");
  x.now = hm("10:00:01");
  EXPECT_EQ(told(x.decide()), "missed 09:59:48..09:59:52 x2, started 10:00 | wait: catchup 09:59:56 | next 10:00:04");
  EXPECT_EQ(told(x.drain()), "skipped_overlap 09:59:56 | look -");
  x.started = 1;
  x.room.running = 0;
  x.due = x.now = hm("10:00:04");
  const Decision last = x.decide();
  EXPECT_EQ(told(last), "started 10:00:04 | hold completed | next -");
  EXPECT_EQ(last.holds->at(HoldKind::completed).reason, "It has started 2 runs, as many as it may.");
}

TEST(Missed, JitterIsPartOfThePlan) {
  Situation x;
  x.s.jitter = 30min;
  x.planned = planned_at(x.s.id, hm("10:00"), hm("11:00"), 30min);
  ASSERT_GT(x.planned, hm("10:00")) << "the hash spreads it";
  x.now = *x.planned + 10min - 1us;
  EXPECT_TRUE(told(x.decide()).starts_with("started 10:00 |")) << "the grace counts from the planned time";
  x.now = *x.planned + 10min;
  EXPECT_TRUE(told(x.decide()).starts_with("missed 10:00 |"));
  const Decision d = x.decide();
  EXPECT_EQ(d.next_planned_at, planned_at(x.s.id, hm("11:00"), hm("12:00"), 30min));
  EXPECT_GE(*d.next_planned_at, hm("11:00"));
}

/// What maintenance held back because of its jitter was recorded as if the hub had not been there.
TEST(Missed, MaintenanceHoldsWhatIsPlannedWithinItThoughDueBefore) {
  Situation x;
  x.s.jitter = 30min;
  const Instant planned = planned_at(x.s.id, hm("10:00"), hm("11:00"), 30min);
  ASSERT_GT(planned, hm("10:01"));
  x.maintenance = {{planned - 1s, {}, planned + 9min, "Moving house", "ann"}};
  x.now = planned + 9min;
  EXPECT_TRUE(told(x.decide()).starts_with("started 10:00 |")) << "it is over within the grace";
  x.now = x.maintenance[0].ended_at.emplace(planned + 20min);
  Decision d = x.decide();
  EXPECT_EQ(told(d), "paused 10:00 | next 11:00");
  EXPECT_EQ(d.fires[0].reason, "Maintenance: Moving house");
  EXPECT_EQ(d.fires[0].planned_at, planned);
  x.now = hm("13:50");
  d = x.decide();
  EXPECT_TRUE(told(d).starts_with("paused 10:00, missed 11:00")) << told(d);
  x.due = hm("08:00");
  EXPECT_TRUE(told(x.decide()).starts_with("missed 08:00..09:00 x2, paused 10:00, missed 11:00")) << "long gone: " << told(x.decide());
  x.maintenance.insert(x.maintenance.begin(), {hm("10:00:30"), {}, hm("10:00:40"), "Short", "ann"});
  EXPECT_TRUE(told(x.decide()).starts_with("missed 08:00..09:00 x2, paused 10:00, missed 11:00")) << "one in between: " << told(x.decide());
  x.maintenance = {{planned + 1s, {}, planned + 20min, "Moving house", "ann"}};
  EXPECT_TRUE(told(x.decide()).starts_with("missed 08:00..")) << "it was planned before: " << told(x.decide());
}

TEST(Missed, TheRecordOfOneKeepsItsPlannedTime) {
  Situation x;
  x.s.jitter = 30min;
  x.now = hm("10:50");
  const Decision d = x.decide();
  EXPECT_EQ(told(d), "missed 10:00 | next 11:00");
  EXPECT_EQ(d.fires[0].planned_at, planned_at(x.s.id, hm("10:00"), hm("11:00"), 30min));
}

/// A daily schedule spread over half a day was recorded as missed whenever its place was more than an hour after midnight.
TEST(Missed, AJitterOfManyHoursDoesNotMakeItLate) {
  Situation x;
  x.s.timing = Cron{"0 0 * * *", "UTC"};
  x.s.jitter = 12h;
  x.due = hm("00:00");
  x.planned = x.now = planned_at(x.s.id, x.due, x.due + 24h, 12h);
  ASSERT_GT(x.now, hm("01:10")) << "the hash spreads it far enough";
  EXPECT_EQ(told(x.decide()), "started 00:00 | next 03T00:00");
}

TEST(Missed, AJitteredDueTimeThatIsNotPlannedYetIsLeftForItsTime) {
  Situation x;
  x.s.jitter = 50min;
  x.due = hm("08:00");
  x.now = hm("10:00");
  const Decision d = x.decide();
  EXPECT_EQ(d.next_due_at, hm("10:00"));
  EXPECT_EQ(d.next_planned_at, planned_at(x.s.id, hm("10:00"), hm("11:00"), 50min));
}

TEST(Missed, OneTime) {
  auto once = [](Situation& x) { x.s.timing = Once{hm("10:00"), {}, {}}; };
  check_decisions({
      {"in time", [&](Situation& x) { once(x); }, "started 10:00 | hold completed | next -"},
      {"late", [&](Situation& x) { once(x); x.now = hm("23:00"); }, "started 10:00 | hold completed | next -"},
      {"at the end of the window", [&](Situation& x) { once(x); x.now = hm("10:00") + 24h; }, "started 10:00 | hold completed | next -"},
      {"too late", [&](Situation& x) { once(x); x.now = hm("10:00") + 24h + 1us; }, "expired 10:00 | hold expired | alert ONE_TIME_EXPIRED | next -"},
      {"at the end of a window of its own", [&](Situation& x) { once(x); x.s.missed = MissedPolicy::catchup; x.s.catch_up.window = 1h; x.now = hm("11:00"); },
       "started 10:00 | hold completed | next -"},
      {"after a window of its own", [&](Situation& x) { once(x); x.s.missed = MissedPolicy::catchup; x.s.catch_up.window = 1h; x.now = hm("11:00") + 1us; },
       "expired 10:00 | hold expired | alert ONE_TIME_EXPIRED | next -"},
      {"not yet", [&](Situation& x) { once(x); x.now = hm("09:00"); }, "next 10:00"},
      {"overlapped", [&](Situation& x) { once(x); x.busy(); }, "skipped_overlap 10:00 | hold completed | next -"},
      {"overlapped, waits", [&](Situation& x) { once(x); x.s.overlap = OverlapPolicy::buffer_one; x.busy(); },
       "wait: scheduled 10:00 | hold completed | next -"},
      {"in maintenance", [&](Situation& x) { once(x); x.maintenance = {{hm("09:00"), {}, {}, "move", "ann"}}; }, "next 10:00 parked"},
      {"after maintenance", [&](Situation& x) { once(x); x.maintenance = {{hm("09:00"), {}, hm("11:00"), "move", "ann"}}; x.now = hm("11:00"); },
       "started 10:00 | hold completed | next -"},
      {"after a day of maintenance", [&](Situation& x) { once(x); x.maintenance = {{hm("09:00"), {}, hm("11:00") + 24h, "move", "ann"}}; x.now = hm("11:00") + 24h; },
       "expired 10:00 | hold expired | alert ONE_TIME_EXPIRED | next -"},
  });
}

TEST(Missed, EveryRecordSaysWhy) {
  Situation x;
  x.now = hm("10:30");
  EXPECT_EQ(x.decide().fires[0].reason, "The hub could not fire in time; the missed policy is skip.");
  x.s.missed = MissedPolicy::fail;
  EXPECT_EQ(x.decide().fires[0].reason, "The hub could not fire in time; the missed policy counts it as a failure.");
  x.s.missed = MissedPolicy::catchup;
  x.s.catch_up.window = 1min;
  EXPECT_EQ(x.decide().fires[0].reason, "The hub could not fire in time; beyond what the missed policy catches up (1 within 1 min).");
}

}  // namespace
}  // namespace carillon::schedules::rules
