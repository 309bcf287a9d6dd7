// What becomes of those that wait for room.
#include "tests/unit/schedules/situation.h"

namespace carillon::schedules::rules {
namespace {

void free_room(Situation& x, OverlapPolicy policy) {
  x.s.overlap = policy;
  x.now = hm("10:00");
}

TEST(Draining, OneAtATimeAndInOrder) {
  check_drains({
      {"nobody", [](Situation& x) { free_room(x, OverlapPolicy::buffer_one); }, "look -"},
      {"one", [](Situation& x) { free_room(x, OverlapPolicy::buffer_one); x.waits("09:00"); }, "started 09:00 | look -"},
      {"the oldest", [](Situation& x) { free_room(x, OverlapPolicy::buffer_all); x.waits("09:59:58"); x.waits("09:59:55"); },
       "started 09:59:55 | look 10:00:02"},
      {"no room", [](Situation& x) { free_room(x, OverlapPolicy::buffer_all); x.busy(); x.waits("09:59:58"); }, "look 10:00:02"},
      {"live ones before what is caught up", [](Situation& x) { free_room(x, OverlapPolicy::buffer_all); x.waits("03:00", "catchup"); x.waits("09:00"); },
       "started 09:00 | look 10:00:30"},
      {"then what is caught up, oldest first",
       [](Situation& x) { free_room(x, OverlapPolicy::allow); x.waits("04:00", "catchup"); x.waits("03:00", "catchup"); }, "started 03:00, started 04:00 | look -"},
      {"as many as there is room", [](Situation& x) { free_room(x, OverlapPolicy::allow); x.s.room.limit = 3; x.busy(2); x.waits("03:00", "catchup"); x.waits("04:00", "catchup"); },
       "started 03:00 | look 10:00:30"},
      {"skip: what meets a run is skipped", [](Situation& x) { free_room(x, OverlapPolicy::skip); x.busy(); x.waits("09:00", "catchup"); },
       "skipped_overlap 09:00 | look -"},
      {"skip: the first starts, the others meet it", [](Situation& x) { free_room(x, OverlapPolicy::skip); x.waits("08:00", "catchup"); x.waits("09:00", "catchup"); },
       "started 08:00, skipped_overlap 09:00 | look -"},
  });
}

TEST(Draining, TellsWhoStartedWhyAndThatTheyWaitNoLonger) {
  Situation x;
  free_room(x, OverlapPolicy::allow);
  x.waits("03:00", "catchup");
  x.waits("09:59:59");
  x.now = hm("10:00") + 500ms;
  const Drain d = x.drain();
  EXPECT_EQ(d.reasons, (std::vector<std::string>{"scheduled", "catchup"}));
  EXPECT_EQ(told_all(d.ended_waiting), "scheduled 09:59:59, catchup 03:00");
  EXPECT_EQ(d.fires[0].reason, "Waited 1 s for room.");
  EXPECT_EQ(d.fires[1].reason, "Caught up 7 h late.");
  EXPECT_EQ(d.fires[1].fired_at, x.now);
  EXPECT_TRUE(x.room.waiting.empty());
  EXPECT_EQ(x.room.running, 2) << "the next of the room has to see them";
}

TEST(Draining, OnlySoManyAtOnceThenItIsAskedAgainNow) {
  Situation x;
  free_room(x, OverlapPolicy::allow);
  for (int n = 0; n < kDrainAtOnce + 5; ++n) x.waits("03:" + std::to_string(10 + n), "catchup");
  Drain d = x.drain();
  EXPECT_EQ(d.fires.size(), static_cast<std::size_t>(kDrainAtOnce));
  EXPECT_EQ(d.look_again, x.now);
  EXPECT_EQ(x.room.waiting.size(), 5u);
  d = x.drain();
  EXPECT_EQ(d.fires.size(), 5u);
  EXPECT_FALSE(d.look_again);
}

TEST(Draining, LooksAgainAfterAsLongAsTheOldestHasWaited) {
  check_drains({
      {"at first", [](Situation& x) { free_room(x, OverlapPolicy::buffer_one); x.busy(); x.waits("10:00"); }, "look 10:00:01"},
      {"later", [](Situation& x) { free_room(x, OverlapPolicy::buffer_one); x.busy(); x.waits("09:59:50"); }, "look 10:00:10"},
      {"at the latest", [](Situation& x) { free_room(x, OverlapPolicy::buffer_one); x.busy(); x.waits("01:00"); }, "look 10:00:30"},
  });
}

TEST(Draining, CancelOtherAsksWaitsAndTerminates) {
  auto cancel = [](const char* since, Duration deadline) {
    return [=](Situation& x) {
      free_room(x, OverlapPolicy::cancel_other);
      x.s.room.deadline = deadline;
      x.busy();
      x.waits(since);
    };
  };
  check_drains({
      {"asks again, in case it was missed", cancel("09:59:58", 60s), "cancel | look 10:00:02"},
      {"is there at the deadline", cancel("09:59:41", 20s), "cancel | look 10:00:01"},
      {"the deadline is over", cancel("09:59:40", 20s), "cancel | terminate | look 10:00:00.100"},
      {"no patience", cancel("10:00", 0s), "cancel | terminate | look 10:00:00.100"},
      {"nobody runs", [](Situation& x) { free_room(x, OverlapPolicy::cancel_other); x.waits("09:00"); }, "started 09:00 | look -"},
      {"what is caught up pushes nobody out", [](Situation& x) { free_room(x, OverlapPolicy::cancel_other); x.busy(); x.waits("01:00", "catchup"); }, "look 10:00:30"},
  });
}

TEST(Draining, AClockThatJumpedHoldsWhatIsCaughtUpAndNothingElse) {
  Situation x;
  free_room(x, OverlapPolicy::allow);
  x.waits("03:00", "catchup");
  x.waits("09:59:59");
  EXPECT_EQ(told(x.drain(true)), "started 09:59:59 | look 10:00:30");
  EXPECT_EQ(told(x.drain(true)), "look 10:00:30");
  EXPECT_EQ(told(x.drain(false)), "started 03:00 | look -");
}

TEST(Draining, NeverMoreRunsThanItMay) {
  Situation x;
  free_room(x, OverlapPolicy::allow);
  x.s.max_runs = 5;
  x.started = 4;
  x.s.revision = 9;
  x.waits("08:00", "catchup");
  x.waits("09:00", "catchup");
  const Drain d = x.drain();
  EXPECT_EQ(told(d), "superseded 08:00, started 09:00 | look -") << "the newest is chosen";
  EXPECT_EQ(d.fires[0].reason, "A newer due time (2026-03-02T09:00:00Z) waits in its place.");
  EXPECT_EQ(d.fires[1].schedule_revision, 9) << "under which it was decided";
  EXPECT_EQ(x.room.running, 1);

  Situation live;
  free_room(live, OverlapPolicy::allow);
  live.s.max_runs = 5;
  live.started = 4;
  live.waits("08:00");
  live.waits("07:00", "catchup");
  const Drain used_up = live.drain();
  EXPECT_EQ(told(used_up), "started 08:00, superseded 07:00 | look -");
  EXPECT_EQ(used_up.fires[1].reason, "It has started 5 runs, as many as it may.");
}

TEST(Draining, WhoWaitedAndWasGivenUpHasItsVerdict) {
  Situation x;
  x.waits("09:00");
  x.room.waiting[0].schedule_revision = 7;
  const Fire fire = give_up(x.room.waiting[0], hm("10:00"), Verdict::superseded, "Gone.");
  EXPECT_EQ(told(fire), "superseded 09:00");
  EXPECT_EQ(fire.reason, "Gone.");
  EXPECT_EQ(fire.schedule_revision, 7);
  EXPECT_EQ(fire.fired_at, hm("10:00"));
}

TEST(Draining, TheRecordOfAHoldKeepsWhichItWasAndSinceWhen) {
  Situation x;
  x.waits("09:00");
  const Fire paused = give_up(x.room.waiting[0], hm("10:00"), HoldKind::user, hold_of(Words("Off."), "Ann", hm("09:30")));
  EXPECT_EQ(told(paused), "paused 09:00");
  EXPECT_EQ(paused.reason, "Off.");
  EXPECT_EQ(parse_stored_json(paused.detail), Json({{"hold", {{"kind", "user"}, {"since", "2026-03-02T09:30:00Z"}, {"actor", "Ann"}}}}));
  EXPECT_EQ(give_up(x.room.waiting[0], hm("10:00"), HoldKind::invalid, hold_of(say(Phrase::no_payload_schema), "", hm("09:30"))).verdict, Verdict::invalid);
}

}  // namespace
}  // namespace carillon::schedules::rules
