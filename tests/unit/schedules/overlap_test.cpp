// Due times that come while something of their scope runs.
#include "tests/unit/schedules/situation.h"

namespace carillon::schedules::rules {
namespace {

std::function<void(Situation&)> overlap(OverlapPolicy policy, const std::function<void(Situation&)>& more = [](Situation&) {}) {
  return [=](Situation& x) {
    x.s.overlap = policy;
    more(x);
  };
}

TEST(Overlap, NothingRunsSoItStarts) {
  for (OverlapPolicy policy : {OverlapPolicy::skip, OverlapPolicy::buffer_one, OverlapPolicy::buffer_all, OverlapPolicy::cancel_other, OverlapPolicy::allow}) {
    Situation x;
    x.s.overlap = policy;
    EXPECT_EQ(told(x.decide()), "started 10:00 | next 11:00") << to_string(policy);
    EXPECT_EQ(x.room.running, 1) << "the next of the room has to see it";
  }
}

TEST(Overlap, Skip) {
  check_decisions({
      {"busy", overlap(OverlapPolicy::skip, [](Situation& x) { x.busy(); }), "skipped_overlap 10:00 | next 11:00"},
      {"what is caught up later does not stand in the way", overlap(OverlapPolicy::skip, [](Situation& x) { x.waits("09:00", "catchup"); }),
       "started 10:00 | next 11:00"},
  });
  Situation x;
  x.busy();
  const Fire fire = x.decide().fires.at(0);
  EXPECT_EQ(fire.reason, "A run of this schedule had not ended; the overlap policy is skip.");
  EXPECT_EQ(parse_stored_json(fire.detail), (Json{{"running", 1}, {"waiting", 0}, {"code", "overlap_skip_schedule"}}));
}

TEST(Overlap, BufferOne) {
  check_decisions({
      {"the first waits", overlap(OverlapPolicy::buffer_one, [](Situation& x) { x.busy(); }), "wait: scheduled 10:00 | next 11:00"},
      {"the newest takes its place", overlap(OverlapPolicy::buffer_one, [](Situation& x) { x.busy(); x.waits("09:00"); }),
       "superseded 09:00 | wait: scheduled 10:00 | over: scheduled 09:00 | next 11:00"},
      {"also when the run has ended but nobody has looked yet", overlap(OverlapPolicy::buffer_one, [](Situation& x) { x.waits("09:00"); }),
       "superseded 09:00 | wait: scheduled 10:00 | over: scheduled 09:00 | next 11:00"},
      {"what is caught up keeps its place", overlap(OverlapPolicy::buffer_one, [](Situation& x) { x.busy(); x.waits("08:00", "catchup"); }),
       "wait: scheduled 10:00 | next 11:00"},
  });
}

TEST(Overlap, WhatWaitedOnlyWithinThisDecisionWasNeverStored) {
  // Jitter brings two due times into one decision.
  Situation x;
  x.s.overlap = OverlapPolicy::buffer_one;
  x.s.timing = Interval{60s, hm("00:00")};
  x.s.jitter = 59s;
  x.busy();
  // The first schedule whose hash spreads the two less than a minute from each other, and the second to after the first.
  Instant first, second;
  for (int n = 1; n < 200; ++n) {
    x.s.id = schedule_number(n);
    first = planned_at(x.s.id, hm("10:00"), hm("10:01"), 59s);
    second = planned_at(x.s.id, hm("10:01"), hm("10:02"), 59s);
    if (second - first < Duration{55s} && second < hm("10:01:50")) break;
  }
  x.planned = first;
  x.now = second;
  const Decision d = x.decide();
  EXPECT_EQ(told_all(d.fires), "superseded 10:00");
  EXPECT_EQ(told_all(d.waiting), "scheduled 10:01");
  EXPECT_TRUE(d.ended_waiting.empty());
}

TEST(Overlap, BufferAll) {
  auto many = [](int waiting, std::int64_t limit) {
    return overlap(OverlapPolicy::buffer_all, [=](Situation& x) {
      x.busy();
      x.s.room.limit = limit;
      for (int n = 0; n < waiting; ++n) x.waits("08:" + std::to_string(10 + n % 50));
    });
  };
  check_decisions({
      {"the first", many(0, 0), "wait: scheduled 10:00 | next 11:00"},
      {"the hundredth", many(99, 0), "wait: scheduled 10:00 | next 11:00"},
      {"one too many", many(100, 0), "skipped_overlap 10:00 | next 11:00"},
      {"its own limit", many(2, 2), "skipped_overlap 10:00 | next 11:00"},
      {"below its own limit", many(1, 2), "wait: scheduled 10:00 | next 11:00"},
      {"never more than the cap", many(100, 5'000), "skipped_overlap 10:00 | next 11:00"},
      {"none overtakes one that waits", overlap(OverlapPolicy::buffer_all, [](Situation& x) { x.waits("09:00"); }), "wait: scheduled 10:00 | next 11:00"},
      {"what is caught up fills no place", overlap(OverlapPolicy::buffer_all, [](Situation& x) { x.busy(); x.s.room.limit = 1; x.waits("09:00", "catchup"); }),
       "wait: scheduled 10:00 | next 11:00"},
  });
}

TEST(Overlap, CancelOther) {
  check_decisions({
      {"the other is asked to end", overlap(OverlapPolicy::cancel_other, [](Situation& x) { x.busy(); }), "wait: scheduled 10:00 | cancel | next 11:00"},
      {"the newest waits", overlap(OverlapPolicy::cancel_other, [](Situation& x) { x.busy(); x.waits("09:00"); }),
       "superseded 09:00 | wait: scheduled 10:00 | over: scheduled 09:00 | cancel | next 11:00"},
  });
}

TEST(Overlap, TheDeadlineOfCancelOtherIsNotPutOffByNewerDueTimes) {
  Situation x;
  x.s.overlap = OverlapPolicy::cancel_other;
  x.s.room.deadline = 60s;
  x.s.timing = Interval{30s, hm("00:00")};
  x.busy();
  for (const char* due : {"10:00", "10:00:30", "10:01"}) {
    x.due = x.now = hm(due);
    const Decision d = x.decide();
    ASSERT_EQ(d.waiting.size(), 1u);
    EXPECT_EQ(d.waiting[0].since, hm("10:00"));
  }
  EXPECT_TRUE(x.drain().terminate_others) << "a minute after the run was first asked to end";
}

TEST(Overlap, UnderTheOtherPoliciesEachWaitsSinceItsOwnTime) {
  Situation x;
  x.s.overlap = OverlapPolicy::buffer_one;
  x.busy();
  x.waits("09:00");
  EXPECT_EQ(x.decide().waiting.at(0).since, hm("10:00:01"));
}

TEST(Overlap, Allow) {
  check_decisions({
      {"any number", overlap(OverlapPolicy::allow, [](Situation& x) { x.busy(500); }), "started 10:00 | next 11:00"},
      {"below the limit", overlap(OverlapPolicy::allow, [](Situation& x) { x.s.room.limit = 3; x.busy(2); }), "started 10:00 | next 11:00"},
      {"at the limit", overlap(OverlapPolicy::allow, [](Situation& x) { x.s.room.limit = 3; x.busy(3); }), "skipped_overlap 10:00 | next 11:00"},
  });
}

TEST(Overlap, AFurtherDecisionOnTheSameRoomSeesWhatTheFirstStarted) {
  for (OverlapScope scope : {OverlapScope::workflow, OverlapScope::key}) {
    Situation first, second;
    first.s.room.scope = second.s.room.scope = scope;
    second.s.id = schedule_number(2);
    EXPECT_TRUE(needs_room(first.s));
    EXPECT_EQ(told(first.decide()), "started 10:00 | next 11:00");
    second.room.running = first.room.running;
    EXPECT_EQ(told(second.decide()), "skipped_overlap 10:00 | next 11:00");
    EXPECT_EQ(second.room.running, 1);
  }
}

TEST(Overlap, RefusalsNameTheRoom) {
  Situation x;
  x.busy();
  x.s.room.scope = OverlapScope::workflow;
  EXPECT_EQ(x.decide().fires.at(0).reason, "A run of its workflow had not ended; the overlap policy is skip.");
  x.s.room.scope = OverlapScope::key;
  x.s.room.key = "customer-7";
  EXPECT_EQ(x.decide().fires.at(0).reason, "A run of the key \"customer-7\" had not ended; the overlap policy is skip.");
  x.s.overlap = OverlapPolicy::allow;
  x.s.room.limit = 1;
  EXPECT_EQ(x.decide().fires.at(0).reason, "1 runs of the key \"customer-7\" had not ended; no more than 1 may run at a time.");
}

TEST(Overlap, WhoNeedsTheRoomCounted) {
  auto needs = [](OverlapPolicy overlap, MissedPolicy missed, OverlapScope scope, std::int64_t limit) {
    Situation x;
    x.s.overlap = overlap;
    x.s.missed = missed;
    x.s.room.scope = scope;
    x.s.room.limit = limit;
    return needs_room(x.s);
  };
  EXPECT_FALSE(needs(OverlapPolicy::skip, MissedPolicy::skip, OverlapScope::schedule, 0)) << "whether one runs is loaded anyway";
  EXPECT_FALSE(needs(OverlapPolicy::allow, MissedPolicy::fail, OverlapScope::schedule, 0));
  EXPECT_TRUE(needs(OverlapPolicy::allow, MissedPolicy::fail, OverlapScope::schedule, 2));
  EXPECT_TRUE(needs(OverlapPolicy::skip, MissedPolicy::catchup, OverlapScope::schedule, 0));
  EXPECT_TRUE(needs(OverlapPolicy::skip, MissedPolicy::skip, OverlapScope::workflow, 0));
  for (OverlapPolicy policy : {OverlapPolicy::buffer_one, OverlapPolicy::buffer_all, OverlapPolicy::cancel_other})
    EXPECT_TRUE(needs(policy, MissedPolicy::skip, OverlapScope::schedule, 0));
}

}  // namespace
}  // namespace carillon::schedules::rules
