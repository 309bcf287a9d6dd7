// Holds with an end, holds after failures, and maintenance.
#include "tests/unit/schedules/situation.h"

namespace carillon::schedules::rules {
namespace {

Hold until(const char* time) { return {"Lunch.", "ann", hm("08:00"), hm(time), {}}; }

TEST(Holds, AHeldScheduleFiresNothing) {
  check_decisions({
      {"without an end", [](Situation& x) { x.s.holds[HoldKind::user] = {"Off.", "ann", hm("08:00"), {}, {}}; }, "next -"},
      {"to look again when it ends", [](Situation& x) { x.s.holds[HoldKind::user] = until("12:00"); }, "next 12:00"},
      {"to look again when the first ends",
       [](Situation& x) { x.s.holds[HoldKind::user] = until("12:00"); x.s.holds[HoldKind::invalid] = until("11:00"); }, "next 11:00"},
      {"one of two is over",
       [](Situation& x) { x.s.holds[HoldKind::user] = until("10:00"); x.s.holds[HoldKind::invalid] = {"No.", "", hm("08:00"), {}, {}}; },
       "hold invalid | next -"},
  });
}

TEST(Holds, AHoldThatIsOverIsLiftedAndWhatItKeptIsRecorded) {
  auto lunch = [](Situation& x) {
    x.s.holds[HoldKind::user] = until("12:30");
    x.s.settled_until = hm("08:00");
    x.due = hm("12:30");
  };
  check_decisions({
      {"in time", [&](Situation& x) { lunch(x); x.now = hm("12:30:01"); }, "paused 09:00..12:00 x4 | no hold | next 13:00"},
      {"noticed late: nothing of it is paused that came after", [&](Situation& x) { lunch(x); x.now = hm("15:30"); },
       "paused 09:00..12:00 x4, missed 13:00..15:00 x3 | no hold | next 16:00"},
      {"noticed at the next due time", [&](Situation& x) { lunch(x); x.now = hm("13:00:01"); }, "paused 09:00..12:00 x4, started 13:00 | no hold | next 14:00"},
      {"nothing was due", [&](Situation& x) { lunch(x); x.s.settled_until = hm("12:00"); x.now = hm("12:30"); }, "no hold | next 13:00"},
      {"a due time at its very end is the hold's",
       [&](Situation& x) { lunch(x); x.s.holds[HoldKind::user] = until("12:00"); x.due = hm("12:00"); x.now = hm("12:00"); }, "paused 09:00..12:00 x4 | no hold | next 13:00"},
      {"manual", [&](Situation& x) { lunch(x); x.s.timing = Manual{}; x.now = hm("12:30"); }, "no hold | next -"},
  });
}

TEST(Holds, AOneTimeThatPassedMeanwhileIsOver) {
  Situation x;
  x.s.timing = Once{hm("11:00"), {}, {}};
  x.s.holds[HoldKind::user] = until("12:30");
  x.s.settled_until = hm("08:00");
  x.due = hm("12:30");
  x.now = hm("12:30");
  EXPECT_EQ(told(x.decide()), "paused 11:00 | hold expired | alert ONE_TIME_EXPIRED | next -");
}

TEST(Holds, TooManyFailedRunsHoldIt) {
  check_decisions({
      {"as many as it may", [](Situation& x) { x.s.hold_after_failures = 3; x.failures = 3; }, "hold failures | alert HELD_AFTER_FAILURES | next -"},
      {"one less", [](Situation& x) { x.s.hold_after_failures = 3; x.failures = 2; }, "started 10:00 | next 11:00"},
      {"not asked for", [](Situation& x) { x.failures = 30; }, "started 10:00 | next 11:00"},
  });
  Situation x;
  x.s.hold_after_failures = 3;
  x.failures = 3;
  const Decision d = x.decide();
  EXPECT_EQ(d.settled_until, hm("10:00") - 1us) << "the due time it was decided at is the hold's";
  EXPECT_EQ(d.holds->at(HoldKind::failures).reason, "3 runs failed or were missed in a row.");
}

/// It counted as settled up to the next due time: an edit that named times before that one lost them.
TEST(Holds, AfterTooManyMissedOnesNothingBeyondNowIsSettled) {
  Situation x;
  x.s.missed = MissedPolicy::fail;
  x.s.hold_after_failures = 2;
  x.now = hm("12:30");
  const Decision d = x.decide();
  EXPECT_EQ(told(d), "missed 10:00..12:00 x3 | hold failures | alert HELD_AFTER_FAILURES | next -");
  EXPECT_EQ(d.settled_until, hm("12:30"));
}

TEST(Holds, TheStretchAHoldKeptBack) {
  Situation x;
  x.s.holds[HoldKind::user] = {"Off.", "ann", hm("08:00"), {}, {}};
  const Recurrence hourly = x.recurrence();
  EXPECT_FALSE(held_stretch(x.s, hourly, hm("10:00"), hm("10:59"), Verdict::paused)) << "the first instant is not part of it";
  auto one = held_stretch(x.s, hourly, hm("09:59"), hm("10:00"), Verdict::paused);
  ASSERT_TRUE(one);
  EXPECT_EQ(told(*one), "paused 10:00");
  EXPECT_EQ(one->reason, "Off.");
  EXPECT_EQ(told(held_stretch(x.s, hourly, hm("09:59"), hm("12:30"), Verdict::invalid).value()), "invalid 10:00..12:00 x3");
}

Maintenance down(const char* since, std::optional<Instant> ended = {}, std::optional<Instant> planned_end = {}) {
  return {hm(since), planned_end, ended, "Moving house", "ann"};
}

TEST(Upkeep, WhileItGoesOnNothingIsDecided) {
  check_decisions({
      {"open-ended", [](Situation& x) { x.maintenance = {down("09:30")}; }, "next 10:00 parked"},
      {"with an end to come", [](Situation& x) { x.maintenance = {down("09:30", {}, hm("12:00"))}; }, "next 10:00 parked"},
      {"began before, due before", [](Situation& x) { x.maintenance = {down("10:00:01")}; }, "next 10:00 parked"},
      {"one of two still goes on", [](Situation& x) { x.maintenance = {down("08:00", hm("09:45")), down("09:40")}; }, "next 10:00 parked"},
      {"to come", [](Situation& x) { x.maintenance = {down("11:00", {}, hm("12:00"))}; }, "started 10:00 | next 11:00"},
      {"over", [](Situation& x) { x.maintenance = {down("08:00", hm("09:00"))}; }, "started 10:00 | next 11:00"},
      {"its end is the first moment without it", [](Situation& x) { x.maintenance = {down("08:00", {}, hm("10:00"))}; x.now = hm("10:00"); }, "started 10:00 | next 11:00"},
      {"held by a person as well", [](Situation& x) { x.maintenance = {down("09:30")}; x.s.holds[HoldKind::user] = until("10:00"); }, "next 10:00 parked"},
      {"ended by somebody whose clock is a moment ahead: nobody will unpark it", [](Situation& x) { x.maintenance = {down("09:30", hm("10:00:02"))}; },
       "next 10:00"},
  });
}

TEST(Upkeep, AfterwardsTheMissedPolicyApplies) {
  auto ended = [](MissedPolicy policy) {
    return [=](Situation& x) {
      x.s.missed = policy;
      x.s.overlap = OverlapPolicy::allow;
      x.s.catch_up.count = 2;
      x.maintenance = {down("09:30", hm("13:30"))};
      x.now = hm("14:00:01");
    };
  };
  check_decisions({
      {"skip: nothing is missed", ended(MissedPolicy::skip), "paused 10:00..13:00 x4, started 14:00 | next 15:00"},
      {"catchup", ended(MissedPolicy::catchup), "missed 10:00..11:00 x2, started 14:00 | wait: catchup 12:00, catchup 13:00 | next 15:00"},
      {"fail", ended(MissedPolicy::fail), "missed 10:00..13:00 x4, started 14:00 | alert FIRES_MISSED | next 15:00"},
  });
  Situation x;
  ended(MissedPolicy::skip)(x);
  EXPECT_EQ(x.decide().fires.at(0).reason, "Maintenance: Moving house");
}

TEST(Upkeep, WhatWasParkedIsJudgedByItsOwnTimeNotByTheMomentItIsLetGo) {
  Situation x;
  x.maintenance = {down("10:00:01", hm("13:30"))};
  x.planned = x.now = hm("13:30");
  EXPECT_EQ(told(x.decide()), "missed 10:00, paused 11:00..13:00 x3 | next 14:00");
  x.s.timing = Once{hm("10:00"), {}, {}};
  const Decision d = x.decide();
  EXPECT_EQ(told(d), "started 10:00 | hold completed | next -");
  EXPECT_EQ(d.fires.at(0).planned_at, hm("10:00"));
}

/// The clock stepped back in the maintenance, and its end let go what was not due yet: it fired at once.
TEST(Upkeep, WhatIsLetGoBeforeItIsDueWaitsForItsTime) {
  Situation x;
  x.maintenance = {down("09:00", hm("09:40"))};
  x.planned = x.now = hm("09:40");
  EXPECT_EQ(told(x.decide()), "next 10:00");
}

TEST(Upkeep, WithinTheGraceWhatCameDueInItIsItsAllTheSame) {
  Situation x;
  x.maintenance = {down("09:59", hm("10:00:30"))};
  x.now = hm("10:00:31");
  EXPECT_EQ(told(x.decide()), "paused 10:00 | next 11:00");
}

TEST(Upkeep, StretchesAreToldApart) {
  check_decisions({
      {"before, inside, between, inside, after",
       [](Situation& x) {
         x.maintenance = {down("10:30", hm("12:30")), down("13:30", hm("14:30"))};
         x.due = hm("09:00");
         x.now = hm("16:30");
       },
       "missed 09:00..10:00 x2, paused 11:00..12:00 x2, missed 13:00, paused 14:00, missed 15:00..16:00 x2 | next 17:00"},
      {"overlapping ones", [](Situation& x) { x.maintenance = {down("09:30", hm("12:30")), down("11:30", hm("14:30"))}; x.now = hm("15:30"); },
       "paused 10:00..12:00 x3, paused 13:00..14:00 x2, missed 15:00 | next 16:00"},
      {"one inside the other", [](Situation& x) { x.maintenance = {down("09:30", hm("14:30")), down("11:30", hm("12:30"))}; x.now = hm("15:30"); },
       "paused 10:00..14:00 x5, missed 15:00 | next 16:00"},
      {"its end is not part of it", [](Situation& x) { x.maintenance = {down("09:00", hm("11:00"))}; x.now = hm("12:30"); },
       "paused 10:00, missed 11:00..12:00 x2 | next 13:00"},
      {"its start is", [](Situation& x) { x.maintenance = {down("10:00", hm("11:00"))}; x.now = hm("11:30"); }, "paused 10:00, missed 11:00 | next 12:00"},
  });
}

TEST(Upkeep, WhatMustBeSettledNowIsNotParked) {
  check_decisions({
      {"open-ended", [](Situation& x) { x.maintenance = {down("09:30")}; x.park = false; x.now = hm("12:30"); }, "paused 10:00..12:00 x3 | next 13:00"},
      {"due before it began", [](Situation& x) { x.maintenance = {down("10:00:01")}; x.park = false; x.now = hm("10:00:05"); }, "paused 10:00 | next 11:00"},
      {"caught up, once it is over", [](Situation& x) { x.maintenance = {down("10:00:01")}; x.park = false; x.now = hm("10:00:05"); x.s.missed = MissedPolicy::catchup; },
       "wait: catchup 10:00 | next 11:00"},
      {"a one-time", [](Situation& x) { x.maintenance = {down("10:00:01")}; x.park = false; x.now = hm("10:00:05"); x.s.timing = Once{hm("10:00"), {}, {}}; },
       "paused 10:00 | next -"},
  });
}

}  // namespace
}  // namespace carillon::schedules::rules
