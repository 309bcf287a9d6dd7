// A schedule's past through HTTP: its versions, and why a moment did or did not start a run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/hub_suite.h"

using namespace carillon;
using namespace carillon::test;

namespace {

class History : public HubSuite<History> {
 protected:
  std::unique_ptr<Clock> clock = make_system_clock();

  std::string definition(const std::string& tasks) const {
    return "document: {dsl: '1.0.0', namespace: test, name: w, version: '1.0.0'}\ninput: {schema: {format: json, document: {type: object}}}\ndo:\n" + tasks;
  }
  Json schedule(const Json& timing, Json more = Json::object(), const std::string& tasks = "  - a: {set: {x: 1}}\n") const {
    const std::string workflow = api.workflow("W", definition(tasks));
    Json body{{"workflow_id", workflow}, {"name", "S"}, {"timing", timing}, {"payload", {{"n", 1}}}};
    body.update(more);
    return api.make("/api/v1/schedules", body);
  }
  static std::string path_of(const Json& schedule) { return "/api/v1/schedules/" + schedule["id"].get<std::string>(); }
  Json explain(const Json& schedule, const std::string& at) const { return api.read(path_of(schedule) + "/explain?at=" + at); }
  static std::string sentence_of(const Json& explanation, const std::string& code) {
    for (const auto& check : explanation["checks"])
      if (check["code"] == code) return check["text_code"];
    return "absent";
  }
  static std::string result_of(const Json& explanation, const std::string& code) {
    for (const auto& check : explanation["checks"])
      if (check["code"] == code) return check["result"];
    return "absent";
  }
};

const Json kHistoryYearly{{"kind", "cron"}, {"cron", "0 12 24 12 *"}, {"zone", "Europe/Berlin"}};
const Json kHistorySecond{{"kind", "interval"}, {"every", 1}, {"unit", "seconds"}};

}  // namespace

TEST_F(History, EverySavedStateIsAVersionThatCanBeComparedAndRestored) {
  Json s = schedule(kHistoryYearly, {{"missed_policy", "catchup"}, {"catch_up", {{"count", 1}, {"window_seconds", 3600}}}});
  auto changed = api.patch(path_of(s), {{"payload", {{"n", 2}}}, {"description", "second"}}, s["revision"]);
  ASSERT_EQ(changed.status, 200) << changed.body;
  changed = api.patch(path_of(s), {{"timing", {{"kind", "cron"}, {"cron", "0 9 * * *"}, {"zone", "UTC"}}}}, changed.json()["revision"]);
  ASSERT_EQ(changed.status, 200) << changed.body;
  const std::int64_t first = s["revision"], last = changed.json()["revision"];

  const Json list = api.read(path_of(s) + "/versions");
  ASSERT_EQ(list["items"].size(), 3u);
  EXPECT_EQ(list["items"][0]["changed"], Json::array({"timing"}));
  EXPECT_THAT(list["items"][1]["changed"].get<std::vector<std::string>>(), testing::UnorderedElementsAre("description", "payload"));
  EXPECT_EQ(list["items"][2]["action"], "schedules.create");
  const Json page = api.read(path_of(s) + "/versions?limit=1");
  EXPECT_EQ(page["next_before"], last);
  EXPECT_EQ(api.read(path_of(s) + "/versions?limit=5&before=" + std::to_string(last))["items"].size(), 2u);

  // The last one did not touch the payload: it has that of the one before.
  EXPECT_EQ(api.read(path_of(s) + "/versions/" + std::to_string(last))["payload"], Json({{"n", 2}}));
  EXPECT_EQ(api.read(path_of(s) + "/versions/" + std::to_string(first))["payload"], Json({{"n", 1}}));
  const Json diff = api.read(path_of(s) + "/versions/" + std::to_string(last) + "/compare?with=" + std::to_string(first));
  std::map<std::string, Json> changes;
  for (const auto& change : diff["changes"]) changes[change["path"]] = change;
  EXPECT_EQ(changes.at("/payload/n")["before"], 1);
  EXPECT_EQ(changes.at("/payload/n")["after"], 2);
  EXPECT_EQ(changes.at("/timing/cron")["after"], "0 9 * * *");
  EXPECT_EQ(changes.size(), 4u) << diff.dump(1);  // zone and description beside

  auto stale = api.post(path_of(s) + "/versions/" + std::to_string(first) + "/restore", nullptr, {{"If-Match", "\"" + std::to_string(first) + "\""}});
  EXPECT_EQ(stale.status, 412) << stale.body;
  auto back = api.post(path_of(s) + "/versions/" + std::to_string(first) + "/restore", nullptr, {{"If-Match", "\"" + std::to_string(last) + "\""}});
  ASSERT_EQ(back.status, 200) << back.body;
  EXPECT_EQ(back.json()["payload"], Json({{"n", 1}}));
  EXPECT_EQ(back.json()["timing"], s["timing"]);
  EXPECT_EQ(back.json()["description"], "");
  EXPECT_EQ(back.json()["next_due_at"], s["next_due_at"]);
  EXPECT_EQ(api.read(path_of(s) + "/versions")["items"][0]["action"], "schedules.restore");
  EXPECT_EQ(api.get(path_of(s) + "/versions/77").status, 404);
}

TEST_F(History, ExplainsWhatStartedAndWhatWillAndWhatNeverWas) {
  const Json s = schedule(kHistorySecond, {{"overlap_policy", "allow"}});
  ASSERT_TRUE(eventually([&] { return api.read(path_of(s) + "/fires")["items"].size() >= 2; }));
  const Json fire = api.read(path_of(s) + "/fires")["items"][0];
  const Json past = explain(s, fire["due_at"]);
  EXPECT_EQ(past["outcome"], "started");
  EXPECT_EQ(past["replayed_verdict"], "started");
  EXPECT_EQ(past["version"]["action"], "schedules.create");
  EXPECT_EQ(result_of(past, "in_time"), "passed");
  EXPECT_EQ(sentence_of(past, "in_time"), "handled_after");
  EXPECT_EQ(past["summary_code"].get<std::string>().substr(0, 10), "started_on") << past["summary"];
  EXPECT_FALSE(past["fire"].contains("reason_code")) << "on time: there is nothing to say";
  EXPECT_EQ(past["fire"]["run_id"], fire["run_id"]);

  const Json between = explain(s, format_instant(*parse_instant(fire["due_at"].get<std::string>()) + Duration{500'000}));
  EXPECT_EQ(between["outcome"], "not_due");
  EXPECT_EQ(result_of(between, "timing"), "failed");
  EXPECT_EQ(between["summary_code"], "not_due_next");
  EXPECT_EQ(between["summary_params"]["reason"]["code"], "timing_names_nothing");
  const std::string later = format_instant(*parse_instant(fire["due_at"].get<std::string>()) + std::chrono::hours(1));
  const Json future = explain(s, later);
  EXPECT_EQ(future["outcome"], "will_start") << future.dump(1);
  EXPECT_EQ(result_of(future, "hub"), "passed");
  EXPECT_EQ(api.get(path_of(s) + "/explain?at=yesterday").status, 400);
}

TEST_F(History, ExplainsHoldsOfThenAndOfNow) {
  const Json s = schedule(kHistorySecond, {{"overlap_policy", "allow"}});
  ASSERT_TRUE(eventually([&] { return !api.read(path_of(s) + "/fires")["items"].empty(); }));
  const Json paused = api.make(path_of(s) + "/pause", {{"reason", "Stocktaking."}});
  const Instant since = *parse_instant(paused["status_since"].get<std::string>());
  const Instant later = Instant::from_seconds(since.seconds() + 7200);
  // Due times lie on the anchor's fraction of a second, which is zero.
  const Json future = explain(s, format_instant(later));
  EXPECT_EQ(future["outcome"], "will_not_start") << future.dump(1);
  EXPECT_EQ(result_of(future, "hold"), "failed");
  ASSERT_TRUE(eventually([&] { return clock->now() > since + Duration{2'500'000}; }));
  api.make(path_of(s) + "/resume");
  const Instant held = Instant::from_seconds(since.seconds() + 2);
  const Json past = explain(s, format_instant(held));
  EXPECT_EQ(past["outcome"], "paused") << past.dump(1);
  EXPECT_EQ(result_of(past, "hold"), "failed");
  EXPECT_EQ(past["fire"]["reason"], "Stocktaking.");
  EXPECT_FALSE(past["fire"].contains("reason_code")) << "these are somebody's own words";
  EXPECT_EQ(sentence_of(past, "hold"), "held_by");
}

TEST_F(History, WhatWasDueWhileItWasDeletedIsInTheLedger) {
  const Json s = schedule(kHistorySecond, {{"overlap_policy", "allow"}});
  ASSERT_TRUE(eventually([&] { return !api.read(path_of(s) + "/fires")["items"].empty(); }));
  const auto removed = api.remove(path_of(s), api.read(path_of(s))["revision"].get<std::int64_t>());
  ASSERT_EQ(removed.status, 204) << removed.body;
  const Instant since = clock->now();
  ASSERT_TRUE(eventually([&] { return clock->now() > since + Duration{2'500'000}; }));
  api.make(path_of(s) + "/undelete");
  ASSERT_TRUE(eventually([&] { return api.read(path_of(s) + "/fires")["items"][0]["verdict"] == "started"; }));

  // Every second has its verdict, without a gap.
  std::optional<Instant> after;
  Json gone;
  for (const auto& fire : api.read(path_of(s) + "/fires?limit=100")["items"]) {
    const Instant last = *parse_instant((fire["last_due_at"].is_null() ? fire["due_at"] : fire["last_due_at"]).get<std::string>());
    if (after) EXPECT_EQ(*after - last, Duration{1'000'000}) << fire.dump();
    after = parse_instant(fire["due_at"].get<std::string>());
    if (fire["verdict"] == "paused") gone = fire;
  }
  ASSERT_FALSE(gone.is_null());
  EXPECT_EQ(gone["reason_code"], "while_deleted");
  EXPECT_GE(gone["count"], 2);
  const Json then = explain(s, gone["last_due_at"]);
  EXPECT_EQ(then["outcome"], "paused") << then.dump(1);
  EXPECT_EQ(result_of(then, "existed"), "failed");
  EXPECT_EQ(sentence_of(then, "existed"), "deleted_by_then");
  EXPECT_EQ(then["version"]["action"], "schedules.delete");
  EXPECT_EQ(sentence_of(explain(s, api.read(path_of(s) + "/fires")["items"][0]["due_at"]), "existed"), "revision_in_force");
}

TEST_F(History, AOneTimeThatPassedWhileItWasDeletedIsExpired) {
  const Instant at = clock->now() + Duration{3'000'000};
  const Json s = schedule({{"kind", "once"}, {"run_at", format_instant(at)}});
  const auto removed = api.remove(path_of(s), 1);
  ASSERT_EQ(removed.status, 204) << removed.body;
  ASSERT_TRUE(eventually([&] { return clock->now() > at + Duration{100'000}; }));
  EXPECT_EQ(api.make(path_of(s) + "/undelete")["status"], "expired");
  const Json fires = api.read(path_of(s) + "/fires")["items"];
  ASSERT_EQ(fires.size(), 1u) << fires.dump(1);
  EXPECT_EQ(fires[0]["verdict"], "expired");
  EXPECT_EQ(fires[0]["reason_code"], "passed_while_deleted");
  EXPECT_EQ(explain(s, fires[0]["due_at"])["outcome"], "expired");
}

TEST_F(History, NamesTheHoldThatCameOverADueTimeBeforeItWasHandled) {
  // Maintenance keeps what is due from being handled, until the pause comes.
  const Json m = api.make("/api/v1/maintenance", {{"reason", "Moving."}});
  const Json s = schedule(kHistorySecond, {{"overlap_policy", "allow"}});
  const Instant due = Instant::from_seconds(clock->now().seconds() + 2);
  ASSERT_TRUE(eventually([&] { return clock->now() > due + Duration{300'000}; }));
  api.make(path_of(s) + "/pause", {{"reason", "Stocktaking."}});
  const auto right = [&](const Json& why) {
    EXPECT_EQ(sentence_of(why, "existed"), "existed_as_created") << why.dump(1);
    EXPECT_EQ(why["version"]["revision"], s["revision"]);
    EXPECT_EQ(result_of(why, "hold"), "failed");
    EXPECT_EQ(sentence_of(why, "hold"), "held_after_by");
  };
  const Json before = explain(s, format_instant(due));
  right(before);
  EXPECT_EQ(before["outcome"], "will_not_start");
  EXPECT_EQ(before["summary_code"], "held_until_over");
  api.make("/api/v1/maintenance/" + m["id"].get<std::string>() + "/end");
  api.make(path_of(s) + "/resume");
  const Json after = explain(s, format_instant(due));
  right(after);
  EXPECT_EQ(after["outcome"], "paused");
  EXPECT_EQ(after["fire"]["reason"], "Stocktaking.");
}

TEST_F(History, ExplainsUnderTheLimitsOfThen) {
  const Json s = schedule(kHistorySecond, {{"overlap_policy", "allow"}});
  ASSERT_TRUE(eventually([&] { return !api.read(path_of(s) + "/fires")["items"].empty(); }));
  const Json before = api.read(path_of(s) + "/fires")["items"][0];
  EXPECT_EQ(fixture->sql("SELECT grace_us FROM fire_limits ORDER BY since DESC LIMIT 1"), "600000000") << "noted with the first fire";
  const std::int64_t grace = explain(s, before["due_at"])["limits"]["grace_seconds"];
  EXPECT_EQ(grace, 600);
  // As a node would note that was started with another grace.
  fixture->sql("INSERT INTO fire_limits VALUES (now(), 90000000, 86400000000) RETURNING 1");
  ASSERT_TRUE(eventually([&] { return api.read(path_of(s) + "/fires")["items"][0]["due_at"] != before["due_at"]; }));
  EXPECT_EQ(explain(s, api.read(path_of(s) + "/fires")["items"][0]["due_at"])["limits"]["grace_seconds"], 90);
  EXPECT_EQ(explain(s, before["due_at"])["limits"]["grace_seconds"], 600) << "that one was decided earlier";
  fixture->sql("DELETE FROM fire_limits WHERE grace_us = 90000000 RETURNING 1");
}

TEST_F(History, WhatPassedWhileItWasPausedIsNotSaidToHavePassedWhileItWasDeleted) {
  const Instant at = clock->now() + Duration{2'500'000};
  const Json s = schedule({{"kind", "once"}, {"run_at", format_instant(at)}}, {{"paused", true}});
  ASSERT_TRUE(eventually([&] { return clock->now() > at + Duration{100'000}; }));
  ASSERT_EQ(api.remove(path_of(s), 1).status, 204);
  const Json back = api.make(path_of(s) + "/undelete");
  EXPECT_EQ(back["status"], "expired");
  EXPECT_EQ(back["status_reason_code"], "passed_while_held");
  const Json fires = api.read(path_of(s) + "/fires")["items"];
  ASSERT_EQ(fires.size(), 1u);
  EXPECT_EQ(fires[0]["verdict"], "paused");
  EXPECT_NE(fires[0]["zone_data"], "");
}

TEST_F(History, SaysWhetherItStartsAfterTheMaintenance) {
  const Instant at = Instant::from_seconds(clock->now().seconds() + 4);
  const Json once = schedule({{"kind", "once"}, {"run_at", format_instant(at)}});
  const Json m = api.make("/api/v1/maintenance", {{"reason", "Moving."}});
  const Json before = explain(once, format_instant(at));
  EXPECT_EQ(before["outcome"], "will_start") << before.dump(1);
  EXPECT_EQ(before["summary_code"], "starts_after_maintenance");
  EXPECT_EQ(result_of(before, "maintenance"), "unknown");
  ASSERT_TRUE(eventually([&] { return clock->now() > at + Duration{300'000}; }));
  const Json during = explain(once, format_instant(at));
  EXPECT_EQ(during["outcome"], "undecided");
  EXPECT_EQ(during["summary_code"], "starts_after_maintenance");
  api.make("/api/v1/maintenance/" + m["id"].get<std::string>() + "/end");
  ASSERT_TRUE(eventually([&] { return api.read(path_of(once))["status"] == "completed"; }));
  const Json after = explain(once, format_instant(at));
  EXPECT_EQ(after["outcome"], "started");
  EXPECT_EQ(result_of(after, "maintenance"), "passed") << after.dump(1);
}

TEST_F(History, ANodeThatOnlyServesPagesFiresNothing) {
  const Json s = schedule(kHistoryYearly);
  fixture->sql("UPDATE nodes SET roles = 'web' RETURNING 1");
  const Json e = explain(s, s["next_due_at"]);
  fixture->sql("UPDATE nodes SET roles = 'all' RETURNING 1");
  EXPECT_EQ(result_of(e, "hub"), "failed") << e.dump(1);
  EXPECT_EQ(e["summary_code"], "will_start_with_node");
}

TEST_F(History, NamesTheBackfillThatRanAPausedDueTime) {
  const Json s = schedule(kHistorySecond, {{"overlap_policy", "allow"}});
  const Json paused = api.make(path_of(s) + "/pause", {{"reason", "Stocktaking."}});
  const Instant due = Instant::from_seconds(parse_instant(paused["status_since"].get<std::string>())->seconds() + 1);
  ASSERT_TRUE(eventually([&] { return clock->now() > due + Duration{2'300'000}; }));
  api.make(path_of(s) + "/resume");
  const Json before = explain(s, format_instant(due));
  EXPECT_EQ(before["outcome"], "paused");
  EXPECT_TRUE(before["backfill"].is_null());
  const Json b = api.make(path_of(s) + "/backfills", {{"from", format_instant(due)}, {"to", format_instant(due + Duration{1'500'000})}, {"concurrency", 2}});
  Json after;
  ASSERT_TRUE(eventually([&] {
    after = explain(s, format_instant(due));
    return !after["backfill"].is_null() && after["backfill"]["run_state"] == "succeeded";
  })) << after.dump(1);
  EXPECT_EQ(after["outcome"], "paused") << "the verdict stays";
  EXPECT_EQ(after["summary_code"], "backfilled_since");
  EXPECT_EQ(sentence_of(after, "backfill"), "backfilled_by");
  EXPECT_EQ(after["backfill"]["count"], 1);
  EXPECT_EQ(after["backfill"]["backfill_id"], b["id"]);
  EXPECT_EQ(api.read("/api/v1/runs/" + after["backfill"]["run_id"].get<std::string>())["provenance"]["due_at"], format_instant(due));
  ASSERT_TRUE(eventually([&] { return api.read(path_of(s) + "/fires?verdict=paused")["items"][0]["backfill"]["count"] == 2; }));
}

TEST_F(History, WhatTheHubSaysOfAPauseHasItsCode) {
  const Json s = schedule(kHistoryYearly);
  const Json paused = api.make(path_of(s) + "/pause");
  EXPECT_EQ(paused["status_reason_code"], "paused_by");
  EXPECT_EQ(paused["status_reason_params"]["actor"], paused["holds"][0]["actor"]);
  EXPECT_EQ(paused["holds"][0]["reason_code"], "paused_by");
  EXPECT_EQ(explain(s, s["next_due_at"])["checks"][2]["text_params"]["reason"]["code"], "paused_by") << "also from the version in force";
}

TEST_F(History, ExplainsWhatWasSkippedForAnotherRun) {
  const Json s = schedule(kHistorySecond, Json::object(), "  - a: {wait: {seconds: 3}}\n");
  Json skipped;
  ASSERT_TRUE(eventually([&] {
    const Json fires = api.read(path_of(s) + "/fires?verdict=skipped_overlap");
    if (!fires["items"].empty()) skipped = fires["items"][0];
    return !skipped.is_null();
  }));
  const Json why = explain(s, skipped["due_at"]);
  EXPECT_EQ(why["outcome"], "skipped_overlap");
  EXPECT_EQ(why["replayed_verdict"], "skipped_overlap") << why.dump(1);
  EXPECT_EQ(skipped["reason_code"], "overlap_skip_schedule");
  EXPECT_EQ(sentence_of(why, "overlap"), "overlap_skip_schedule");
  EXPECT_EQ(result_of(why, "overlap"), "failed");
}

TEST_F(History, ATimeoutAndRetriesOfTheScheduleBindItsRuns) {
  const Json slow = schedule(kHistorySecond, {{"timeout_seconds", 1}, {"max_runs", 1}}, "  - a: {wait: {seconds: 30}}\n");
  ASSERT_TRUE(eventually([&] { return api.read(path_of(slow))["stats"]["failed"] == 1; }));
  const Json runs = api.read("/api/v1/runs?schedule_id=" + slow["id"].get<std::string>());
  ASSERT_EQ(runs["items"].size(), 1u);
  EXPECT_EQ(runs["items"][0]["state"], "timed_out");
}

TEST_F(History, AFailedRunIsTriedAgainAndOnlyTheLastTryCounts) {
  const Json s = schedule(kHistorySecond, {{"max_runs", 1}, {"retry", {{"max", 2}, {"delay_seconds", 1}}}},
                          "  - a: {raise: {error: {type: 'https://x.test/e', status: 500, title: No}}}\n");
  ASSERT_TRUE(eventually([&] { return api.read(path_of(s))["stats"]["failed"] == 1; }));
  const Json runs = api.read("/api/v1/runs?schedule_id=" + s["id"].get<std::string>());
  ASSERT_EQ(runs["items"].size(), 3u);
  EXPECT_EQ(runs["items"][0]["provenance"]["reason"], "retry");
  EXPECT_EQ(runs["items"][0]["provenance"]["retry_of"], runs["items"][1]["id"]);
  EXPECT_EQ(runs["items"][1]["provenance"]["retry_of"], runs["items"][2]["id"]);
  EXPECT_EQ(runs["items"][2]["provenance"]["reason"], "scheduled");
  EXPECT_EQ(api.read(path_of(s))["stats"]["total"], 1);
}
