// Explanations: every check and the summary say which sentence they are, with the values it names.
#include "plugins/schedules/explain.h"

#include "tests/unit/schedules/situation.h"

namespace carillon::schedules::rules {
namespace {

/// An hourly schedule asked about 10:00, before it has come, unless told otherwise.
struct Question {
  Question() {
    facts.schedule = Situation().s;
    facts.at = hm("10:00");
    facts.now = hm("09:30");
  }
  Facts facts;

  void handled(Verdict verdict, const Words& why, Duration late = 0s) {
    Fire fire;
    fire.due_at = fire.planned_at = facts.at;
    fire.fired_at = facts.at + late;
    fire.verdict = verdict;
    give_reason(fire, why);
    facts.fire = fire;
    facts.now = hm("12:00");
  }
  /// What settles it came to hold at some time.
  void held(HoldKind kind, const Hold& hold) {
    handled(Verdict::paused, {}, 2h);
    give_reason(*facts.fire, kind, hold);
  }
  /// It has come, and nobody has handled it before this hold.
  void held_now(const Hold& hold) {
    facts.now = hm("10:30");
    facts.settled_until = hm("10:00") - 1us;
    facts.holds_now[HoldKind::user] = hold;
  }
  void backfilled() {
    facts.backfill.emplace();
    facts.backfill->created_by = "Ann";
    facts.backfill->created_at = hm("11:30");
  }
  /// A maintenance that began after its due time, and goes on until after its planned time.
  void jitter_into(Instant planned) {
    facts.schedule.jitter = 45min;
    Situation x;
    x.s = facts.schedule;
    const Instant own = planned_at(x.s.id, facts.at, x.recurrence().next(facts.at), x.s.jitter);
    facts.maintenance.push_back({facts.at + 1s, std::max(own, planned) + 1s, {}, "Moving.", "Ann"});
  }
  Explanation answer() const {
    Situation x;
    x.s = facts.schedule;
    return explain(facts, x.recurrence());
  }
};

ScheduleVersion saved(std::int64_t revision, const char* action, Instant at) { return {revision, at, "Ann", action, Json::object(), {}}; }

/// "timing_names_it, not_held, … | will_start"; complains about a value that a sentence lacks.
std::string codes_of(const Explanation& e) {
  std::string out;
  for (const auto& c : e.checks) {
    out += (out.empty() ? "" : ", ") + c.words.code;
    EXPECT_EQ(c.words.text.find('{'), std::string::npos) << c.words.text;
  }
  EXPECT_EQ(e.summary.text.find('{'), std::string::npos) << e.summary.text;
  return out + " | " + e.summary.code;
}

struct Asked {
  const char* name;
  std::function<void(Question&)> set;
  const char* codes;
};

void check_codes(std::span<const Asked> rows) {
  for (const auto& row : rows) {
    Question q;
    row.set(q);
    EXPECT_EQ(codes_of(q.answer()), row.codes) << row.name;
  }
}

TEST(Explaining, WhatHasNoRecordHasItsCodes) {
  const Asked rows[] = {
      {"it will start", [](Question&) {}, "existed_as_created, timing_names_it, not_held, no_maintenance, none_unfinished, node_there | will_start"},
      {"a run goes on", [](Question& q) { q.facts.running = 1; },
       "existed_as_created, timing_names_it, not_held, no_maintenance, unfinished_in_scope, node_there | will_start_if_room"},
      {"an edited one, with a number of runs, and nobody there",
       [](Question& q) {
         q.facts.in_force = saved(3, "schedules.update", hm("08:00"));
         q.facts.schedule.max_runs = 5;
         q.facts.node_alive = false;
       },
       "revision_in_force, timing_names_it, runs_in_all, not_held, no_maintenance, none_unfinished, no_node | will_start_with_node"},
      {"before its time", [](Question& q) { q.facts.schedule.created_at = hm("11:00"); },
       "created_later, timing_names_it | did_not_exist"},
      {"held by the hub", [](Question& q) { q.facts.schedule.holds[HoldKind::failures] = hold_of(say(Phrase::run_failed), "", hm("09:00")); },
       "existed_as_created, timing_names_it, held_since, no_maintenance, none_unfinished, node_there | will_not_start"},
      {"held by a person, and passed", [](Question& q) { q.facts.schedule.holds[HoldKind::user] = hold_of(Words("Off."), "Ann", hm("09:00")); q.facts.now = hm("10:30"); },
       "existed_as_created, timing_names_it, held_by, no_maintenance, none_unfinished, node_there | held_until_over"},
      {"held after it had come", [](Question& q) { q.held_now(hold_of(Words("Off."), "Ann", hm("10:05"))); },
       "existed_as_created, timing_names_it, held_after_by, no_maintenance, none_unfinished, node_there | held_until_over"},
      {"held by the hub after it had come", [](Question& q) { q.held_now(hold_of(say(Phrase::run_failed), "", hm("10:05"))); },
       "existed_as_created, timing_names_it, held_after, no_maintenance, none_unfinished, node_there | held_until_over"},
      {"settled before the hold came", [](Question& q) { q.held_now(hold_of(Words("Off."), "Ann", hm("10:05"))); q.facts.settled_until = hm("10:00"); },
       "existed_as_created, timing_names_it, not_held, no_maintenance, not_handled_after_grace, none_unfinished, node_there | not_handled_yet"},
      {"deleted then, without a record", [](Question& q) { q.facts.now = hm("12:00"); q.facts.in_force = saved(2, kDeleteAction, hm("09:00")); },
       "deleted_by_then, timing_names_it | deleted_by_then"},
      {"deleted then, and run by a backfill", [](Question& q) { q.facts.now = hm("12:00"); q.facts.in_force = saved(2, kDeleteAction, hm("09:00")); q.backfilled(); },
       "deleted_by_then, timing_names_it, backfilled_by | backfilled_since"},
      {"over by then",
       [](Question& q) {
         q.facts.now = hm("12:00");
         q.facts.schedule.max_runs = 5;
         q.facts.schedule.holds[HoldKind::completed] = hold_of(say(Phrase::runs_used_up, {{"count", 5}}), "", hm("09:00"));
       },
       "existed_as_created, timing_names_it, runs_in_all, held_since, no_maintenance, none_unfinished, node_there | over_by_then"},
      {"only its jitter lies in a maintenance", [](Question& q) { q.jitter_into(hm("10:30")); },
       "existed_as_created, timing_names_it, not_held, maintenance_since, none_unfinished, node_there | will_not_start"},
      {"maintenance", [](Question& q) { q.facts.maintenance.push_back({hm("09:00"), {}, {}, "Moving.", "Ann"}); },
       "existed_as_created, timing_names_it, not_held, maintenance_since, none_unfinished, node_there | will_not_start"},
      {"maintenance that it starts after", [](Question& q) { q.facts.maintenance.push_back({hm("09:00"), {}, {}, "Moving.", "Ann"}); q.facts.schedule.missed = MissedPolicy::catchup; },
       "existed_as_created, timing_names_it, not_held, maintenance_then_starts, none_unfinished, node_there | starts_after_maintenance"},
      {"a one-time in maintenance, and passed",
       [](Question& q) { q.facts.maintenance.push_back({hm("09:00"), {}, {}, "Moving.", "Ann"}); q.facts.schedule.timing = Once{hm("10:00"), {}, {}}; q.facts.now = hm("10:30"); },
       "existed_as_created, timing_names_it, not_held, maintenance_then_starts, none_unfinished, node_there | starts_after_maintenance"},
      {"beside others, as many as there are", [](Question& q) { q.facts.schedule.overlap = OverlapPolicy::allow; q.facts.running = 3; },
       "existed_as_created, timing_names_it, not_held, no_maintenance, unfinished_in_scope, node_there | will_start"},
      {"beside others, as many as may be", [](Question& q) { q.facts.schedule.overlap = OverlapPolicy::allow; q.facts.schedule.room.limit = 3; q.facts.running = 3; },
       "existed_as_created, timing_names_it, not_held, no_maintenance, unfinished_in_scope, node_there | will_start_if_room"},
      {"its last run", [](Question& q) { q.facts.schedule.max_runs = 2; q.facts.started = 1; },
       "existed_as_created, timing_names_it, runs_in_all, not_held, no_maintenance, none_unfinished, node_there | will_start"},
      {"after its last run", [](Question& q) { q.facts.at = hm("12:00"); q.facts.schedule.max_runs = 3; q.facts.started = 1; },
       "existed_as_created, timing_names_it, runs_in_all_before, not_held, no_maintenance, none_unfinished, node_there | will_not_start"},
      {"due and nobody came", [](Question& q) { q.facts.now = hm("10:01"); },
       "existed_as_created, timing_names_it, not_held, no_maintenance, not_handled_in_grace, none_unfinished, node_there | not_handled_yet"},
      {"it waits", [](Question& q) { q.facts.now = hm("10:01"); q.facts.waiting = Waiting{{}, {}, hm("10:00"), hm("10:00"), "scheduled", hm("10:00"), "", 1}; },
       "existed_as_created, timing_names_it, not_held, no_maintenance, waits_since | waits_for_room"},
      {"no due time", [](Question& q) { q.facts.at = hm("10:20"); }, "existed_as_created, timing_names_nothing | not_due_next"},
      {"no due time, but a backfill by another timing ran it", [](Question& q) { q.facts.at = hm("10:20"); q.backfilled(); },
       "existed_as_created, timing_names_nothing, backfilled_by | backfilled_since"},
      {"before its start", [](Question& q) { q.facts.schedule.bounds.start = hm("11:00"); }, "existed_as_created, starts_later | not_due_next"},
      {"after its end", [](Question& q) { q.facts.schedule.bounds.end = hm("09:00"); }, "existed_as_created, has_ended | has_ended"},
      {"by hand", [](Question& q) { q.facts.schedule.timing = Manual{}; }, "existed_as_created, by_hand_only | by_hand_only"},
  };
  check_codes(rows);
}

TEST(Explaining, WhatHasARecordHasItsCodes) {
  const Asked rows[] = {
      {"settled by a hold that came after it", [](Question& q) { q.held(HoldKind::user, hold_of(Words("Off."), "Ann", hm("10:05"))); },
       "existed_as_created, timing_names_it, held_after_by, no_maintenance | verdict_given"},
      {"settled by a hold of the hub", [](Question& q) { q.held(HoldKind::failures, hold_of(say(Phrase::run_failed), "", hm("09:30"))); },
       "existed_as_created, timing_names_it, held_since, no_maintenance | verdict_given"},
      {"settled by a hold, from before records kept it", [](Question& q) { q.handled(Verdict::invalid, say(Phrase::no_payload_schema), 2h); },
       "existed_as_created, timing_names_it, no_payload_schema, no_maintenance | verdict_given"},
      {"decided under a later revision",
       [](Question& q) { q.handled(Verdict::started, {}, 65s); q.facts.in_force = saved(1, "schedules.create", hm("08:00")); q.facts.decided = saved(2, "schedules.update", hm("10:01")); },
       "existed_as_created, timing_names_it, decided_under, not_held, no_maintenance, handled_after, had_room | started_late"},
      {"deleted then", [](Question& q) { q.handled(Verdict::paused, say(Phrase::while_deleted, {{"deleted_at", "a"}, {"restored_at", "b"}})); q.facts.in_force = saved(2, kDeleteAction, hm("09:00")); },
       "deleted_by_then, timing_names_it | verdict_given"},
      {"run by a backfill", [](Question& q) { q.held(HoldKind::user, hold_of(Words("Off."), "Ann", hm("09:00"))); q.backfilled(); },
       "existed_as_created, timing_names_it, held_by, no_maintenance, backfilled_by | backfilled_since"},
      {"started, and run again by a backfill", [](Question& q) { q.handled(Verdict::started, {}); q.backfilled(); },
       "existed_as_created, timing_names_it, not_held, no_maintenance, handled_after, had_room, backfilled_by | started_on_time"},
      {"only its jitter lay in a maintenance that was over in time",
       [](Question& q) { q.jitter_into(hm("10:30")); q.handled(Verdict::started, {}, 31min); q.facts.fire->planned_at = hm("10:30"); },
       "existed_as_created, timing_names_it, not_held, maintenance_over_in_time, handled_after, had_room | started_late"},
      {"caught up after maintenance",
       [](Question& q) {
         q.facts.maintenance.push_back({hm("09:00"), {}, hm("11:00"), "Moving.", "Ann"});
         q.facts.schedule.missed = MissedPolicy::catchup;
         q.handled(Verdict::started, say(Phrase::caught_up, {{"late_ms", 3'600'000}}), 1h);
       },
       "existed_as_created, timing_names_it, not_held, maintenance_then_starts, handled_after, caught_up, had_room | caught_up"},
      {"started", [](Question& q) { q.handled(Verdict::started, {}); },
       "existed_as_created, timing_names_it, not_held, no_maintenance, handled_after, had_room | started_on_time"},
      {"started late", [](Question& q) { q.handled(Verdict::started, {}, 65s); },
       "existed_as_created, timing_names_it, not_held, no_maintenance, handled_after, had_room | started_late"},
      {"started after waiting", [](Question& q) { q.handled(Verdict::started, say(Phrase::waited_for_room, {{"waited_ms", 65'000}}), 65s); },
       "existed_as_created, timing_names_it, not_held, no_maintenance, handled_after, had_room | started_late_because"},
      {"started soon after waiting", [](Question& q) { q.handled(Verdict::started, say(Phrase::waited_for_room, {{"waited_ms", 500}}), 500ms); },
       "existed_as_created, timing_names_it, not_held, no_maintenance, handled_after, had_room | started_on_time_because"},
      {"skipped", [](Question& q) { q.handled(Verdict::skipped_overlap, say(Phrase::overlap_skip_schedule)); },
       "existed_as_created, timing_names_it, not_held, no_maintenance, handled_after, overlap_skip_schedule | verdict_given"},
      {"a one-time that started late", [](Question& q) { q.facts.schedule.timing = Once{hm("10:00"), {}, {}}; q.handled(Verdict::started, {}, 3h); },
       "existed_as_created, timing_names_it, not_held, no_maintenance, handled_once_after, had_room | started_late"},
      {"one that is no longer skipped at its turn by what was set when it began to wait",
       [](Question& q) { q.handled(Verdict::skipped_overlap, say(Phrase::overlap_skip_at_turn), 2h); },
       "existed_as_created, timing_names_it, not_held, no_maintenance, overlap_skip_at_turn | verdict_given"},
      {"deleted before it was handled", [](Question& q) { q.handled(Verdict::paused, say(Phrase::deleted_before_handled), 1s); },
       "existed_as_created, timing_names_it, deleted_before_handled, no_maintenance | verdict_given"},
      {"a one-time that a person started on resume",
       [](Question& q) { q.facts.schedule.timing = Once{hm("10:00"), {}, {}}; q.handled(Verdict::started, say(Phrase::resumed_with_run, {{"actor", "Ann"}}), 72h); },
       "existed_as_created, timing_names_it, not_held, no_maintenance, had_room | started_late_because"},
      {"superseded while it waited", [](Question& q) { q.handled(Verdict::superseded, say(Phrase::newer_waits, {{"due_at", "11:00"}}), 1h); },
       "existed_as_created, timing_names_it, not_held, no_maintenance, newer_waits | verdict_given"},
      {"a record by other time zone data",
       [](Question& q) { q.facts.at = hm("10:20"); q.handled(Verdict::started, {}); q.facts.zone_data = "2026a"; q.facts.zone_data_now = "2027b"; },
       "existed_as_created, timing_named_it, not_held, no_maintenance, handled_after, had_room | started_on_time"},
  };
  check_codes(rows);
}

TEST(Explaining, RunsAreLeftUntilTheyAreUsedUp) {
  const auto result = [](const Hold& over) {
    Question q;
    q.facts.now = hm("12:00");
    q.facts.schedule.max_runs = 5;
    q.facts.schedule.holds[HoldKind::completed] = over;
    return q.answer().checks.at(2).result;
  };
  EXPECT_EQ(result(hold_of(say(Phrase::runs_used_up, {{"count", 5}}), "", hm("09:00"))), Check::Result::failed);
  EXPECT_EQ(result(hold_of(say(Phrase::runs_used_up, {{"count", 5}}), "", hm("11:00"))), Check::Result::passed) << "not yet, then";
  EXPECT_EQ(result(hold_of(say(Phrase::end_reached), "", hm("09:00"))), Check::Result::passed);
}

TEST(Explaining, WhatWaitedForRoomWasInTimeWhenItBeganToWait) {
  const auto result = [](const Words& why, Duration late) {
    Question q;
    q.handled(Verdict::started, why, late);
    return q.answer().checks.at(4).result;
  };
  EXPECT_EQ(result(say(Phrase::waited_for_room, {{"waited_ms", 1'800'000}}), 30min + 1s), Check::Result::passed);
  EXPECT_EQ(result(say(Phrase::caught_up, {{"late_ms", 1'801'000}}), 30min + 1s), Check::Result::failed);
}

TEST(Explaining, WhatAHoldSettledIsNotDecidedAgain) {
  Question q;
  q.held(HoldKind::user, hold_of(Words("Off."), "Ann", hm("09:00")));
  EXPECT_TRUE(settled_by_hold(*q.facts.fire));
  EXPECT_FALSE(q.answer().replayed);
  Question maintained;
  maintained.handled(Verdict::paused, say(Phrase::maintenance, {{"reason", "Moving."}}));
  EXPECT_FALSE(settled_by_hold(*maintained.facts.fire));
}

TEST(Explaining, ASentenceHoldsTheOneItIsAbout) {
  Question q;
  q.facts.schedule.holds[HoldKind::failures] = hold_of(say(Phrase::runs_failed_in_row, {{"count", 3}}), "", hm("09:00"));
  const Words held = q.answer().checks.at(2).words;
  EXPECT_EQ(held.text, "Held (failures) since 2026-03-02T09:00:00Z: 3 runs failed or were missed in a row.");
  EXPECT_EQ(held.params, Json({{"hold", "failures"}, {"since_at", "2026-03-02T09:00:00Z"}, {"reason", to_json(say(Phrase::runs_failed_in_row, {{"count", 3}}))}}));

  q = {};
  q.handled(Verdict::paused, Words("Off."));
  q.facts.fire->count = 7;
  q.facts.fire->last_due_at = hm("16:00");
  const Words summary = q.answer().summary;
  EXPECT_EQ(summary.text, "Verdict \"paused\": Off. One record stands for 7 due times.");
  EXPECT_EQ(summary.params, Json({{"verdict", "paused"}, {"reason", {{"text", "Off."}}}, {"count", 7}})) << "people's own words have no code";
}

TEST(Explaining, ARecordFromBeforeThereWereCodesIsShownAsItIs) {
  Question q;
  q.handled(Verdict::skipped_overlap, {});
  q.facts.fire->reason = "A run of this schedule had not ended; the overlap policy is skip.";
  q.facts.fire->detail = R"({"running":1,"waiting":0})";
  const Explanation e = q.answer();
  EXPECT_EQ(e.checks.back().words.code, "");
  EXPECT_EQ(e.checks.back().words.text, q.facts.fire->reason);
  EXPECT_EQ(e.summary.text, "Verdict \"skipped_overlap\": " + q.facts.fire->reason);
}

}  // namespace
}  // namespace carillon::schedules::rules
