// The sentences of the hub: what each says in English, and that its code and values go where its text goes.
#include "plugins/schedules/words.h"

#include <fstream>
#include <regex>
#include <set>

#include "tests/unit/schedules/situation.h"

namespace carillon::schedules::rules {
namespace {

struct Sample {
  Phrase phrase;
  Json params;
  const char* english;
};

const Json kReason{{"text", "Off."}};

const Sample kSamples[] = {
    {Phrase::late_skipped, Json::object(), "The hub could not fire in time; the missed policy is skip."},
    {Phrase::late_beyond_catch_up, {{"count", 1}, {"window_ms", 60'000}}, "The hub could not fire in time; beyond what the missed policy catches up (1 within 1 min)."},
    {Phrase::late_failure, Json::object(), "The hub could not fire in time; the missed policy counts it as a failure."},
    {Phrase::maintenance, {{"reason", "Moving house"}}, "Maintenance: Moving house"},
    {Phrase::maintenance_beyond_catch_up, {{"reason", "Moving house"}, {"count", 3}, {"window_ms", 86'400'000}}, "Maintenance: Moving house; beyond what the missed policy catches up (3 within 1 d)."},
    {Phrase::maintenance_failure, {{"reason", "Moving house"}}, "Maintenance: Moving house; the missed policy counts it as a failure."},
    {Phrase::overlap_skip_schedule, Json::object(), "A run of this schedule had not ended; the overlap policy is skip."},
    {Phrase::overlap_skip_workflow, Json::object(), "A run of its workflow had not ended; the overlap policy is skip."},
    {Phrase::overlap_skip_key, {{"key", "customer-7"}}, "A run of the key \"customer-7\" had not ended; the overlap policy is skip."},
    {Phrase::overlap_limit_schedule, {{"running", 2}, {"limit", 2}}, "2 runs of this schedule had not ended; no more than 2 may run at a time."},
    {Phrase::overlap_limit_workflow, {{"running", 2}, {"limit", 2}}, "2 runs of its workflow had not ended; no more than 2 may run at a time."},
    {Phrase::overlap_limit_key, {{"running", 1}, {"limit", 1}, {"key", "k"}}, "1 runs of the key \"k\" had not ended; no more than 1 may run at a time."},
    {Phrase::overlap_skip_at_turn, Json::object(), "A run had not ended when it was its turn; the overlap policy is skip."},
    {Phrase::newer_waits, {{"due_at", "2026-03-02T10:00:00Z"}}, "A newer due time (2026-03-02T10:00:00Z) waits in its place."},
    {Phrase::too_many_wait, {{"count", 100}}, "100 due times wait already; no more may."},
    {Phrase::runs_used_up, {{"count", 5}}, "It has started 5 runs, as many as it may."},
    {Phrase::caught_up, {{"late_ms", 25'200'000}}, "Caught up 7 h late."},
    {Phrase::waited_for_room, {{"waited_ms", 350}}, "Waited 350 ms for room."},
    {Phrase::deleted_while_waiting, Json::object(), "The schedule was deleted while this time waited for room."},
    {Phrase::deleted_before_handled, Json::object(), "The schedule was deleted before this time was handled."},
    {Phrase::back_to_old_hub, Json::object(), "The schedule went back to the old hub."},
    {Phrase::one_time_come, Json::object(), "Its one time has come."},
    {Phrase::one_time_too_late, {{"window_ms", 86'400'000}}, "Its time passed more than 1 d ago."},
    {Phrase::passed_while_held, Json::object(), "Its time passed while it was held."},
    {Phrase::passed_while_paused, Json::object(), "Its time passed while it was paused."},
    {Phrase::passed_while_deleted, Json::object(), "Its time passed while it was deleted."},
    {Phrase::while_deleted, {{"deleted_at", "2026-03-02T10:00:00Z"}, {"restored_at", "2026-03-02T11:00:00Z"}},
     "The schedule was deleted from 2026-03-02T10:00:00Z to 2026-03-02T11:00:00Z."},
    {Phrase::passed_before_run, Json::object(), "Its time passed before it could run."},
    {Phrase::resumed_with_run, {{"actor", "Ann"}}, "Started on resume by Ann."},
    {Phrase::end_reached, Json::object(), "Its end is reached."},
    {Phrase::run_failed, Json::object(), "A run failed."},
    {Phrase::runs_failed_in_row, {{"count", 3}}, "3 runs failed or were missed in a row."},
    {Phrase::paused_by, {{"actor", "Ann"}}, "Paused by Ann."},
    {Phrase::created_paused, Json::object(), "Created paused."},
    {Phrase::created_later, {{"created_at", "2026-03-02T10:00:00Z"}}, "It was created later, at 2026-03-02T10:00:00Z."},
    {Phrase::deleted_by_then, {{"deleted_at", "2026-03-02T10:00:00Z"}, {"actor", "Ann"}}, "It was deleted at 2026-03-02T10:00:00Z by Ann."},
    {Phrase::decided_under, {{"revision", 3}, {"actor", "Ann"}, {"saved_at", "2026-03-02T10:00:00Z"}},
     "Revision 3 decided, saved by Ann at 2026-03-02T10:00:00Z, before this moment was handled."},
    {Phrase::revision_in_force, {{"revision", 2}, {"actor", "Ann"}, {"saved_at", "2026-03-02T10:00:00Z"}}, "Revision 2 was in force, saved by Ann at 2026-03-02T10:00:00Z."},
    {Phrase::existed_as_created, Json::object(), "It existed, as it was created."},
    {Phrase::timing_names_it, Json::object(), "Its timing names this moment."},
    {Phrase::timing_named_it, {{"then", "2026a"}, {"now", "2027b"}}, "Its timing named this moment by the time zone data 2026a; by 2027b it does not."},
    {Phrase::timing_names_nothing, {{"at", "2026-03-02T10:00:00Z"}}, "Its timing names no occurrence at 2026-03-02T10:00:00Z."},
    {Phrase::starts_later, {{"start_at", "2026-03-02T10:00:00Z"}}, "It starts only at 2026-03-02T10:00:00Z."},
    {Phrase::has_ended, {{"end_at", "2026-03-02T10:00:00Z"}}, "It ended at 2026-03-02T10:00:00Z."},
    {Phrase::by_hand_only, Json::object(), "It has no times: it is started by hand only."},
    {Phrase::runs_in_all, {{"count", 5}, {"started", 2}}, "It may start 5 runs in all; it has started 2."},
    {Phrase::runs_in_all_before, {{"count", 5}, {"started", 2}, {"before", 3}}, "It may start 5 runs in all; it has started 2, and 3 due times come before."},
    {Phrase::held_since, {{"hold", "failures"}, {"since_at", "2026-03-02T10:00:00Z"}, {"reason", kReason}}, "Held (failures) since 2026-03-02T10:00:00Z: Off."},
    {Phrase::held_by, {{"hold", "user"}, {"since_at", "2026-03-02T10:00:00Z"}, {"actor", "Ann"}, {"reason", kReason}}, "Held (user) since 2026-03-02T10:00:00Z by Ann: Off."},
    {Phrase::held_after, {{"hold", "failures"}, {"since_at", "2026-03-02T10:00:00Z"}, {"reason", kReason}},
     "Held (failures) after this moment, at 2026-03-02T10:00:00Z, before it was handled: Off."},
    {Phrase::held_after_by, {{"hold", "user"}, {"since_at", "2026-03-02T10:00:00Z"}, {"actor", "Ann"}, {"reason", kReason}},
     "Held (user) after this moment, at 2026-03-02T10:00:00Z by Ann, before it was handled: Off."},
    {Phrase::not_held, Json::object(), "Nothing holds it."},
    {Phrase::maintenance_since, {{"since_at", "2026-03-02T10:00:00Z"}, {"reason", "Moving."}, {"missed_policy", "skip"}},
     "Maintenance since 2026-03-02T10:00:00Z (Moving.). The missed policy (skip) decides on what came due meanwhile."},
    {Phrase::maintenance_then_starts, {{"since_at", "2026-03-02T10:00:00Z"}, {"reason", "Moving"}, {"count", 2}, {"window_ms", 86'400'000}},
     "Maintenance since 2026-03-02T10:00:00Z (Moving). When it ends, what came due in the last 1 d starts, at most 2."},
    {Phrase::maintenance_over_in_time, {{"since_at", "2026-03-02T10:00:00Z"}, {"reason", "Moving."}}, "Maintenance since 2026-03-02T10:00:00Z was over in time: Moving."},
    {Phrase::no_maintenance, Json::object(), "No maintenance."},
    {Phrase::not_handled_in_grace, {{"grace_ms", 600'000}}, "It has not been handled yet; within 10 min it fires normally."},
    {Phrase::not_handled_after_grace, {{"grace_ms", 600'000}, {"missed_policy", "skip"}},
     "It has not been handled yet, and its grace of 10 min is over: the missed policy (skip) decides."},
    {Phrase::handled_after, {{"late_ms", 12}, {"grace_ms", 600'000}}, "Handled 12 ms after its planned time; the grace is 10 min."},
    {Phrase::handled_once_after, {{"late_ms", 12}, {"window_ms", 86'400'000}}, "Handled 12 ms after its planned time; a one-time may be 1 d late."},
    {Phrase::had_room, {{"overlap_policy", "skip"}}, "There was room (overlap policy skip)."},
    {Phrase::waits_since, {{"since_at", "2026-03-02T10:00:00Z"}, {"overlap_policy", "buffer_one"}}, "It waits for room since 2026-03-02T10:00:00Z (overlap policy buffer_one)."},
    {Phrase::unfinished_in_scope, {{"running", 2}, {"overlap_policy", "skip"}}, "2 unfinished run(s) in its scope now; the overlap policy is skip."},
    {Phrase::none_unfinished, Json::object(), "No unfinished run in its scope now."},
    {Phrase::node_there, Json::object(), "A node is there to fire it."},
    {Phrase::no_node, Json::object(), "No node that fires has been seen for half a minute."},
    {Phrase::backfilled_by, {{"actor", "Ann"}, {"asked_at", "2026-03-02T10:00:00Z"}}, "The backfill that Ann asked for at 2026-03-02T10:00:00Z has started a run of it."},
    {Phrase::not_due_next, {{"reason", kReason}, {"next_at", "2026-03-02T10:00:00Z"}}, "Off. The next is at 2026-03-02T10:00:00Z."},
    {Phrase::over_by_then, {{"reason", kReason}}, "It was over by then: Off."},
    {Phrase::backfilled_since, {{"reason", kReason}}, "Off. A backfill has started a run of it since."},
    {Phrase::started_on_time, Json::object(), "It started on time."},
    {Phrase::started_on_time_because, {{"reason", kReason}}, "It started on time. Off."},
    {Phrase::started_late, {{"late_ms", 65'000}}, "It started 1 min 5 s late."},
    {Phrase::started_late_because, {{"late_ms", 65'000}, {"reason", kReason}}, "It started 1 min 5 s late. Off."},
    {Phrase::verdict_given, {{"verdict", "paused"}, {"reason", kReason}}, "Verdict \"paused\": Off."},
    {Phrase::verdict_given_for_stretch, {{"verdict", "paused"}, {"reason", kReason}, {"count", 7}}, "Verdict \"paused\": Off. One record stands for 7 due times."},
    {Phrase::waits_for_room, Json::object(), "It waits for room, and starts once there is some."},
    {Phrase::did_not_exist, Json::object(), "The schedule did not exist yet."},
    {Phrase::held_until_over, Json::object(), "It was held; the record is written when the hold ends."},
    {Phrase::not_handled_yet, Json::object(), "It is due and has not been handled yet."},
    {Phrase::will_not_start, Json::object(), "It will not start as things stand."},
    {Phrase::will_start, Json::object(), "It will start."},
    {Phrase::will_start_if_room, Json::object(), "It will start, if there is room by then."},
    {Phrase::will_start_with_node, Json::object(), "It will start, once a node is there to fire it."},
    {Phrase::starts_after_maintenance, Json::object(), "It starts when the maintenance ends."},
    {Phrase::FIRES_MISSED, {{"name", "S"}, {"count", 2}, {"last_due_at", "2026-03-02T10:00:00Z"}}, "\"S\" missed 2 due times, the last at 2026-03-02T10:00:00Z."},
    {Phrase::ONE_TIME_EXPIRED, {{"name", "S"}, {"reason", kReason}}, "\"S\" never ran: Off."},
    {Phrase::HELD_AFTER_FAILURES, {{"name", "S"}, {"reason", kReason}}, "\"S\" no longer fires: Off."},
    {Phrase::SCHEDULE_UNDECIDABLE, {{"name", "S"}, {"reason", kReason}}, "\"S\" cannot be decided: Off."},
    {Phrase::CLOCK_JUMPED, {{"name", "S"}, {"jump_ms", 3'600'000}},
     "The database's clock went forward by 1 h. What is to be caught up, of \"S\" first, waits until it has been steady for three minutes "
     "or an operator says that it is right."},
    {Phrase::BACKFILL_PAUSED, {{"name", "S"}, {"reason", kReason}}, "The backfill of \"S\" stands still. The schedule is invalid: Off."},
};

TEST(Saying, EachSentenceReadsAsItAlwaysDid) {
  std::set<Phrase> seen;
  for (const auto& sample : kSamples) {
    EXPECT_EQ(say(sample.phrase, sample.params).text, sample.english);
    seen.insert(sample.phrase);
  }
  // Those that others word have no English of their own.
  for (const auto& entry : phrases()) EXPECT_TRUE(seen.contains(entry.phrase) || entry.english.empty()) << entry.code;
}

TEST(Saying, TheNumberChoosesTheWord) {
  EXPECT_EQ(say(Phrase::FIRES_MISSED, {{"name", "S"}, {"count", 1}, {"last_due_at", "then"}}).text, "\"S\" missed 1 due time, the last at then.");
}

TEST(Saying, AMissingValueLeavesItsNameStanding) { EXPECT_EQ(say(Phrase::paused_by).text, "Paused by {actor}."); }

/// The names of the values that come with a phrase.
std::set<std::string> values_of(const PhraseText& entry) {
  std::set<std::string> out;
  const std::string english(entry.english), beside(entry.beside);
  const std::regex name(R"(\{(\w+))"), word(R"(\w+)");
  for (std::sregex_iterator it(english.begin(), english.end(), name), end; it != end; ++it) out.insert((*it)[1]);
  for (std::sregex_iterator it(beside.begin(), beside.end(), word), end; it != end; ++it) out.insert(it->str());
  return out;
}

// The Hub's own tests take the codes and values from there and ask for a message in each of its languages.
TEST(Saying, TheApiNamesEveryCodeWithItsValuesAndNoOther) {
  std::ifstream file(CARILLON_SOURCE_DIR "/web/api/openapi.json");
  const Json api = Json::parse(file)["components"]["schemas"];
  for (const char* schema : {"ReasonCode", "AlertCode"}) {
    Json codes = Json::array(), values = Json::object();
    for (const auto& entry : phrases()) {
      if ((entry.phrase < Phrase::FIRES_MISSED) != (schema == std::string("ReasonCode"))) continue;
      codes.push_back(entry.code);
      values[std::string(entry.code)] = values_of(entry);
    }
    EXPECT_EQ(api[schema]["enum"], codes);
    EXPECT_EQ(api[schema]["x-values"], values) << values.dump(1);
  }
}

TEST(Saying, AFireKeepsCodeAndValuesBesideWhatItsDetailHolds) {
  Situation x;
  x.running = true;
  const Fire skipped = x.decide().fires.at(0);
  EXPECT_EQ(parse_stored_json(skipped.detail), Json({{"running", 1}, {"waiting", 0}, {"code", "overlap_skip_schedule"}}));
  Fire fire;
  give_reason(fire, say(Phrase::caught_up, {{"late_ms", 2000}}));
  EXPECT_EQ(fire.reason, "Caught up 2 s late.");
  EXPECT_EQ(words_of(fire).code, "caught_up");
  EXPECT_EQ(words_of(fire).params, Json({{"late_ms", 2000}}));
}

TEST(Saying, AFireOnTimeKeepsNothing) {
  Situation x;
  const Fire fire = x.decide().fires.at(0);
  EXPECT_EQ(fire.verdict, Verdict::started);
  EXPECT_EQ(fire.reason + fire.detail, "");
}

TEST(Saying, PeoplesOwnWordsHaveNoCode) {
  Fire fire;
  give_reason(fire, Words("Stocktaking."));
  EXPECT_EQ(fire.reason, "Stocktaking.");
  EXPECT_EQ(fire.detail, "");
  EXPECT_EQ(to_json(words_of(fire)), Json({{"text", "Stocktaking."}}));
  Json answer = Json::object();
  add_code(answer, "reason", words_of(fire));
  EXPECT_EQ(answer, Json::object());
}

TEST(Saying, RecordsFromBeforeThereWereCodesKeepTheirText) {
  Fire fire;
  fire.reason = "A run of this schedule had not ended; the overlap policy is skip.";
  fire.detail = R"({"running":1,"waiting":0})";
  EXPECT_EQ(words_of(fire).code, "");
  EXPECT_EQ(words_of(fire).text, fire.reason);
  const Holds holds = holds_from_json({{"completed", {{"reason", "Its end is reached."}, {"since", "2026-03-02T10:00:00Z"}}}});
  EXPECT_EQ(words_of(holds.at(HoldKind::completed)).code, "");
}

TEST(Saying, HoldsComeBackFromTheirStoreWithTheirCode) {
  Holds holds;
  holds[HoldKind::failures] = hold_of(say(Phrase::runs_failed_in_row, {{"count", 3}}), "", hm("10:00"));
  holds[HoldKind::user] = hold_of(Words("Off."), "Ann", hm("10:00"));
  const Holds back = holds_from_json(parse_stored_json(dump_json(holds_to_json(holds))));
  EXPECT_EQ(back.at(HoldKind::failures).reason, "3 runs failed or were missed in a row.");
  EXPECT_EQ(back.at(HoldKind::failures).code, "runs_failed_in_row");
  EXPECT_EQ(back.at(HoldKind::failures).params, Json({{"count", 3}}));
  EXPECT_EQ(back.at(HoldKind::user).code, "");
  EXPECT_TRUE(back.at(HoldKind::user).params.is_null());
}

TEST(Saying, WhatAHoldKeptFromFiringGivesItsReason) {
  Situation x;
  x.s.holds[HoldKind::invalid] = unfit_hold_of({ErrorCode::invalid, "UNKNOWN_ZONE", "There is no time zone of this name.", "", "Mars/Olympus", "", {}}, hm("08:00"));
  const Words words = words_of(held_stretch(x.s, x.recurrence(), hm("08:00"), hm("10:00"), Verdict::invalid).value());
  EXPECT_EQ(words.code, "zone_unknown");
  EXPECT_EQ(words.params, Json({{"zone", "Mars/Olympus"}}));
  EXPECT_EQ(words.text, "There is no time zone of this name.");
}

TEST(Saying, RefusalsBecomeCodesWithTheirOwnText) {
  Error error{ErrorCode::invalid, "PAYLOAD_INVALID", "The payload does not fit: /n: must be a number (and 1 more)", "", "", "", {}};
  error.violations = {{"/n", "", "type", "must be a number", "{}"}, {"", "", "required", "must have m", "{}"}};
  EXPECT_EQ(to_json(words_of(error)), Json({{"code", "payload_unfit"}, {"params", {{"place", "/n"}, {"problem", "must be a number"}, {"more", 1}}}, {"text", error.message}}));
  for (const auto& [reason, code] : std::map<std::string, std::string>{{"INVALID_CRON", "cron_unreadable"}, {"CRON_NEVER_FIRES", "cron_never_fires"},
                                                                       {"BOUNDS_REVERSED", "bounds_reversed"}, {"INTERVAL_TOO_SHORT", "interval_unfit"},
                                                                       {"INTERVAL_TOO_LONG", "interval_unfit"}, {"NO_PAYLOAD_SCHEMA", "no_payload_schema"}})
    EXPECT_EQ(words_of(Error{ErrorCode::invalid, reason, "M.", "", "v", "", {}}).code, code);
  const Words other = words_of(Error{ErrorCode::invalid, "SOMETHING_ELSE", "M.", "", "", "", {}});
  EXPECT_EQ(to_json(other), Json({{"code", "refused"}, {"params", {{"error", "SOMETHING_ELSE"}}}, {"text", "M."}}));
}

TEST(Saying, AnAlertsDetailHasEveryValueOfItsSentence) {
  Situation x;
  x.s.name = "Nightly";
  const Alert alert = failures_alert(x.s, 3);
  EXPECT_EQ(alert.code, "HELD_AFTER_FAILURES");
  EXPECT_EQ(alert.message, "\"Nightly\" no longer fires: 3 runs failed or were missed in a row.");
  EXPECT_EQ(alert.detail, Json({{"name", "Nightly"}, {"failures_in_row", 3}, {"reason", to_json(say(Phrase::runs_failed_in_row, {{"count", 3}}))}}));
}

}  // namespace
}  // namespace carillon::schedules::rules
