// Overlap, missed and failure policies in a whole hub. A due time of every second and workflows that wait stand for load;
// an outage is brought about by dating registrations back.
#include <gtest/gtest.h>

#include "tests/support/hub_suite.h"

using namespace carillon;
using namespace carillon::test;

namespace {

const Json kSecondly{{"kind", "interval"}, {"every", 1}, {"unit", "seconds"}};

std::string open_workflow(const std::string& tasks) {
  return "document: {dsl: '1.0.0', namespace: test, name: w, version: '1.0.0'}\ninput: {schema: {format: json, document: {type: object}}}\ndo:\n" + tasks;
}
const std::string kWaits = open_workflow("  - nap: {wait: {hours: 1}}\n");
const std::string kQuick = open_workflow("  - done: {set: {ok: true}}\n");
const std::string kFails = open_workflow("  - stop: {raise: {error: {type: 'https://example.com/stop', status: 500, title: Broken}}}\n");

class Policies : public HubSuite<Policies> {
 protected:
  static void TearDownTestSuite() {
    EXPECT_EQ(sql("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"), "0");
    HubSuite<Policies>::TearDownTestSuite();
  }
  void TearDown() override {
    // Nothing of this test goes on beside the next one.
    sql("UPDATE registrations SET due_at = NULL, planned_at = NULL; DELETE FROM run_queue; SELECT 1");
  }
  static std::string sql(const std::string& text) { return fixture->sql(text); }
  std::unique_ptr<Clock> clock = make_system_clock();

  std::string schedule(const std::string& workflow, const std::string& name, const Json& timing, const Json& more = Json::object()) const {
    Json body{{"workflow_id", workflow}, {"name", name}, {"timing", timing}, {"payload", Json::object()}};
    body.update(more);
    return api.make("/api/v1/schedules", body)["id"];
  }
  /// The next due time is half an hour away.
  Json hourly() const {
    const Instant anchor = Instant::from_seconds(clock->now().seconds()) - std::chrono::minutes(30);
    return {{"kind", "interval"}, {"every", 1}, {"unit", "hours"}, {"anchor", format_instant(anchor)}};
  }
  static std::string path(const std::string& id) { return "/api/v1/schedules/" + id; }
  static int number(const std::string& text) { return std::stoi(sql(text)); }
  static int fires(const std::string& id, const std::string& verdict) {
    return number("SELECT coalesce(sum(count), 0) FROM fires WHERE schedule_id = '" + id + "' AND verdict = '" + verdict + "'");
  }
  static int running(const std::string& id) { return number("SELECT count(*) FROM run_queue WHERE schedule_id = '" + id + "'"); }
  static int waiting(const std::string& id) { return number("SELECT count(*) FROM backlog WHERE schedule_id = '" + id + "'"); }
  static std::string oldest_waiting(const std::string& id) { return sql("SELECT min(due_at)::text FROM backlog WHERE schedule_id = '" + id + "'"); }
  void end_run_of(const std::string& id) const {
    const std::string run = sql("SELECT run_id FROM run_queue WHERE schedule_id = '" + id + "' ORDER BY run_id LIMIT 1");
    ASSERT_EQ(api.post("/api/v1/runs/" + run + "/cancel").status, 200);
    EXPECT_EQ(api.ended(run)["state"], "cancelled");
  }
  /// As if no hub had been there for so many due times.
  static void outage(const std::string& id, int hours) {
    sql("UPDATE registrations SET due_at = due_at - interval '" + std::to_string(hours) + " hours', planned_at = planned_at - interval '" +
        std::to_string(hours) + " hours' WHERE id = '" + id + "'; SELECT 1");
  }
  /// Due times of every second that have neither a verdict nor wait, or have two.
  static int unaccounted(const std::string& id) {
    return number("WITH all_times AS (SELECT due_at AS f, coalesce(last_due_at, due_at) AS l, count FROM fires WHERE schedule_id = '" + id +
                  "' UNION ALL SELECT due_at, due_at, 1 FROM backlog WHERE schedule_id = '" + id +
                  "') SELECT (extract(epoch FROM max(l) - min(f)) + 1 - sum(count))::int FROM all_times");
  }
};

}  // namespace

TEST_F(Policies, EveryOverlapPolicyWhileARunTakesItsTime) {
  const std::string workflow = api.workflow("Waits", kWaits);
  const std::string skip = schedule(workflow, "skip", kSecondly);
  const std::string one = schedule(workflow, "one", kSecondly, {{"overlap_policy", "buffer_one"}});
  const std::string all = schedule(workflow, "all", kSecondly, {{"overlap_policy", "buffer_all"}, {"overlap", {{"limit", 2}}}});
  const std::string cancel = schedule(workflow, "cancel", kSecondly, {{"overlap_policy", "cancel_other"}});
  const std::string allow = schedule(workflow, "allow", kSecondly, {{"overlap_policy", "allow"}, {"overlap", {{"limit", 2}}}});
  ASSERT_TRUE(eventually([&] {
    return fires(skip, "skipped_overlap") >= 3 && fires(one, "superseded") >= 2 && fires(all, "skipped_overlap") >= 1 &&
           fires(allow, "skipped_overlap") >= 2 && fires(cancel, "started") >= 3;
  }));
  EXPECT_EQ(fires(skip, "started"), 1);
  EXPECT_EQ(fires(one, "started"), 1);
  EXPECT_EQ(waiting(one), 1);
  EXPECT_EQ(fires(all, "started"), 1);
  EXPECT_EQ(waiting(all), 2);
  EXPECT_EQ(fires(allow, "started"), 2);
  EXPECT_EQ(running(allow), 2);
  EXPECT_LE(running(cancel), 1);
  EXPECT_GE(number("SELECT count(*) FROM runs WHERE state = 7 AND schedule_id = '" + cancel + "'"), 2) << "asked to end, and ended";

  // Once a run ends, the one whose turn it is starts at once, and those behind it wait on.
  const std::string first = oldest_waiting(all);
  end_run_of(all);
  ASSERT_TRUE(eventually([&] { return fires(all, "started") == 2; }, std::chrono::milliseconds(900)));
  EXPECT_EQ(sql("SELECT max(due_at)::text FROM fires WHERE verdict = 'started' AND schedule_id = '" + all + "'"), first);
  EXPECT_EQ(sql("SELECT provenance::json ->> 'reason' FROM runs WHERE schedule_id = '" + all + "' ORDER BY id DESC LIMIT 1"), "scheduled");
  end_run_of(one);
  ASSERT_TRUE(eventually([&] { return fires(one, "started") == 2; }));
  end_run_of(skip);
  ASSERT_TRUE(eventually([&] { return fires(skip, "started") == 2; }));
  for (const auto& id : {skip, one, all, cancel, allow}) EXPECT_EQ(unaccounted(id), 0) << api.read(path(id) + "/fires").dump(1);
}

TEST_F(Policies, ARunThatDoesNotEndWhenAskedIsTerminated) {
  const std::string workflow = api.workflow("Waits", kWaits);
  const std::string id = schedule(workflow, "S", kSecondly, {{"overlap_policy", "cancel_other"}, {"overlap", {{"deadline_seconds", 2}}}});
  ASSERT_TRUE(eventually([&] { return running(id) == 1; }));
  // A worker that is gone, with an hour of lease left: nobody hears the wish.
  const std::string stuck = sql("UPDATE run_queue SET owner = gen_random_uuid(), epoch = epoch + 1, visible_at = now() + interval '1 hour' "
                                "WHERE schedule_id = '" + id + "' RETURNING run_id");
  ASSERT_TRUE(eventually([&] { return fires(id, "superseded") >= 1; })) << "newer due times do not put the deadline off";
  const Json run = api.ended(stuck);
  EXPECT_EQ(run["state"], "cancelled");
  EXPECT_EQ(run["error"]["title"], "Terminated");
  EXPECT_EQ(run["error"]["detail"], "It was asked to end for a newer due time of \"S\" and did not within 2 s.");
  ASSERT_TRUE(eventually([&] { return fires(id, "started") >= 2; }));
  EXPECT_EQ(unaccounted(id), 0);
  EXPECT_NE(sql("SELECT cancelled FROM schedule_stats WHERE schedule_id = '" + id + "'"), "0") << "hooks hear of it";
}

TEST_F(Policies, SchedulesThatShareARoomNeverRunSideBySide) {
  const std::string workflow = api.workflow("Waits", kWaits), other = api.workflow("Waits too", kWaits);
  const Json of_workflow{{"overlap", {{"scope", "workflow"}}}};
  auto with_key = [](const std::string& key) { return Json{{"overlap", {{"scope", "key"}, {"key", ".customer"}}}, {"payload", {{"customer", key}}}}; };
  const std::string a = schedule(workflow, "a", kSecondly, of_workflow), b = schedule(workflow, "b", kSecondly, of_workflow);
  const std::string red = schedule(other, "red", kSecondly, with_key("red")), red_too = schedule(other, "red too", kSecondly, with_key("red"));
  const std::string blue = schedule(other, "blue", kSecondly, with_key("blue"));
  ASSERT_TRUE(eventually([&] {
    for (const auto& id : {a, b, red, red_too, blue})
      if (fires(id, "skipped_overlap") < 2) return false;
    return true;
  }));
  EXPECT_EQ(running(a) + running(b), 1);
  EXPECT_EQ(running(red) + running(red_too), 1);
  EXPECT_EQ(running(blue), 1);
  // The one that gets the room next need not be the one that had it.
  end_run_of(running(a) ? a : b);
  ASSERT_TRUE(eventually([&] { return fires(a, "started") + fires(b, "started") == 2; }));
  EXPECT_EQ(running(a) + running(b), 1);
  for (const auto& id : {a, b, red, red_too, blue}) EXPECT_EQ(unaccounted(id), 0);
}

TEST_F(Policies, AfterAnOutageTheNewestAreCaughtUp) {
  const std::string workflow = api.workflow("Quick", kQuick);
  const std::string skip = schedule(workflow, "skip", hourly());
  const std::string some = schedule(workflow, "some", hourly(), {{"missed_policy", "catchup"}, {"catch_up", {{"count", 3}}}, {"overlap_policy", "buffer_all"}});
  const std::string latest = schedule(workflow, "latest", hourly(), {{"missed_policy", "catchup"}});
  const std::string window = schedule(workflow, "window", hourly(),
                                      {{"missed_policy", "catchup"}, {"catch_up", {{"count", 1000}, {"window_seconds", 7'200}}}, {"overlap_policy", "allow"}});
  for (const auto& id : {skip, some, latest, window}) outage(id, 5);  // five due times ago
  ASSERT_TRUE(eventually([&] { return fires(some, "started") == 3 && fires(latest, "started") == 1 && fires(window, "started") == 2 && fires(skip, "missed") > 0; }))
      << api.read(path(some) + "/fires").dump(1) << api.read(path(window) + "/fires").dump(1);
  EXPECT_EQ(fires(skip, "missed"), 5);
  EXPECT_EQ(fires(some, "missed"), 2);
  EXPECT_EQ(fires(latest, "missed"), 4);
  EXPECT_EQ(fires(window, "missed"), 3);
  EXPECT_EQ(sql("SELECT count(*) FROM runs WHERE provenance::json ->> 'reason' = 'catchup' AND schedule_id = '" + some + "'"), "3");
  EXPECT_EQ(sql("SELECT bool_and(due < next_due) FROM (SELECT provenance::json ->> 'due_at' AS due, lead(provenance::json ->> 'due_at') OVER "
                "(ORDER BY id) AS next_due FROM runs WHERE schedule_id = '" + some + "') AS pairs"),
            "t")
      << "oldest first";
  for (const auto& id : {some, latest, window}) EXPECT_EQ(waiting(id), 0);
  EXPECT_EQ(sql("SELECT started FROM registrations WHERE id = '" + some + "'"), "3") << "they count as its runs";
}

TEST_F(Policies, MissedDueTimesUnderThePolicyFailAlertAndHold) {
  const std::string workflow = api.workflow("Quick", kQuick);
  const std::string id = schedule(workflow, "S", hourly(), {{"missed_policy", "fail"}, {"hold_after_failures", 4}});
  outage(id, 2);
  ASSERT_TRUE(eventually([&] { return fires(id, "missed") == 2; }));
  EXPECT_EQ(sql("SELECT string_agg(code, ',') FROM alerts WHERE object_id = '" + id + "'"), "FIRES_MISSED");
  EXPECT_EQ(api.read(path(id))["status"], "active");
  outage(id, 2);
  ASSERT_TRUE(eventually([&] { return api.read(path(id))["status"] == "failed"; })) << api.read(path(id)).dump(1);
  EXPECT_EQ(sql("SELECT string_agg(code, ',' ORDER BY id) FROM alerts WHERE object_id = '" + id + "'"), "FIRES_MISSED,HELD_AFTER_FAILURES");
  EXPECT_TRUE(api.read(path(id))["next_due_at"].is_null());
  EXPECT_EQ(api.read(path(id))["status_reason_code"], "runs_failed_in_row");
  const Json alerts = api.read("/api/v1/alerts")["items"];  // newest first
  EXPECT_EQ(alerts[0]["detail"]["reason"]["code"], "runs_failed_in_row");
  EXPECT_EQ(alerts[1]["detail"]["name"], "S") << "every value that its sentence names";
  EXPECT_EQ(alerts[1]["detail"]["count"], 2);
  EXPECT_EQ(api.read(path(id) + "/fires?verdict=missed")["items"][0]["reason_code"], "late_failure");
}

TEST_F(Policies, AnEditThatFindsMissedDueTimesSettlesThemFirst) {
  const std::string workflow = api.workflow("Quick", kQuick);
  const std::string id = schedule(workflow, "S", hourly(), {{"missed_policy", "fail"}});
  const Json before = api.read(path(id));
  // Due, and the planner never gets to it.
  sql("UPDATE registrations SET due_at = due_at - interval '3 hours', planned_at = now() + interval '1 hour' WHERE id = '" + id + "'; SELECT 1");
  const HttpAnswer edited = api.patch(path(id), {{"timing", {{"kind", "interval"}, {"every", 2}, {"unit", "hours"}}}}, before["revision"]);
  ASSERT_EQ(edited.status, 200) << edited.body;
  EXPECT_EQ(fires(id, "missed"), 3);
  EXPECT_EQ(sql("SELECT failures_in_row FROM schedule_stats WHERE schedule_id = '" + id + "'"), "3");
  EXPECT_EQ(sql("SELECT count(*) FROM alerts WHERE object_id = '" + id + "'"), "1");
}

TEST_F(Policies, SoManyFailedRunsInARowHoldItUntilItIsResumed) {
  const std::string workflow = api.workflow("Fails", kFails);
  const std::string id = schedule(workflow, "S", kSecondly, {{"hold_after_failures", 2}});
  ASSERT_TRUE(eventually([&] { return api.read(path(id))["status"] == "failed"; }));
  const Json held = api.read(path(id));
  ASSERT_EQ(held["holds"].size(), 1u);
  EXPECT_EQ(held["holds"][0]["kind"], "failures");
  EXPECT_TRUE(held["next_due_at"].is_null());
  EXPECT_EQ(fires(id, "started"), 2);
  EXPECT_EQ(sql("SELECT count(*) FROM alerts WHERE code = 'HELD_AFTER_FAILURES' AND object_id = '" + id + "'"), "1");
  const Json resumed = api.make(path(id) + "/resume", Json::object());
  EXPECT_EQ(resumed["status"], "active");
  EXPECT_EQ(sql("SELECT failures_in_row FROM schedule_stats WHERE schedule_id = '" + id + "'"), "0");
  ASSERT_TRUE(eventually([&] { return fires(id, "started") == 4 && api.read(path(id))["status"] == "failed"; })) << "it has all its tries again";
  EXPECT_EQ(sql("SELECT count(*) FROM alerts WHERE code = 'HELD_AFTER_FAILURES' AND object_id = '" + id + "'"), "2");
  EXPECT_EQ(unaccounted(id), 0) << "what the hold kept from firing is in the ledger";
}

TEST_F(Policies, AResumeMayNameTheHoldToLift) {
  const std::string workflow = api.workflow("Fails", kFails);
  const std::string id = schedule(workflow, "S", kSecondly, {{"hold_after_failures", 1}});
  const HttpAnswer early = api.post(path(id) + "/resume", {{"hold", "user"}});
  EXPECT_EQ(early.status, 409) << early.body;
  EXPECT_EQ(early.code(), "NOT_HELD");
  ASSERT_TRUE(eventually([&] { return api.read(path(id))["status"] == "failed"; }));
  api.make(path(id) + "/pause", {{"reason", "Stocktaking."}});
  const Json paused = api.make(path(id) + "/resume", {{"hold", "failures"}});
  EXPECT_EQ(paused["status"], "paused");
  EXPECT_EQ(paused["holds"].size(), 1u) << paused["holds"].dump();
  EXPECT_EQ(sql("SELECT failures_in_row FROM schedule_stats WHERE schedule_id = '" + id + "'"), "0");
  EXPECT_EQ(api.post(path(id) + "/resume", {{"hold", "failures"}}).code(), "NOT_HELD");
  EXPECT_EQ(api.post(path(id) + "/resume", {{"hold", "invalid"}}).status, 422) << "that is lifted by what fits";
  EXPECT_EQ(api.make(path(id) + "/resume", {{"hold", "user"}})["status"], "active");
}

TEST_F(Policies, MaxRunsEndsWhatIsShownAndWhatIsAskedFor) {
  const std::string workflow = api.workflow("Quick", kQuick);
  const std::string id = schedule(workflow, "S", hourly(), {{"max_runs", 2}});
  const Json shown = api.read(path(id) + "/upcoming?count=10")["occurrences"];
  ASSERT_EQ(shown.size(), 2u) << "no more will come";
  const std::string last = shown[1]["utc"];
  EXPECT_EQ(api.read(path(id) + "/explain?at=" + last)["outcome"], "will_start");
  const Json after = api.read(path(id) + "/explain?at=" + format_instant(*parse_instant(last) + std::chrono::hours(1)));
  EXPECT_EQ(after["outcome"], "will_not_start") << after.dump(1);
  EXPECT_EQ(after["checks"][2]["text_params"], Json({{"count", 2}, {"started", 0}, {"before", 2}}));

  const std::string quick = schedule(workflow, "quick", kSecondly);
  ASSERT_TRUE(eventually([&] { return fires(quick, "started") >= 1; }));
  api.make(path(quick) + "/pause", Json::object());
  const Json paused = api.read(path(quick));
  const int started = fires(quick, "started");
  EXPECT_EQ(api.patch(path(quick), {{"max_runs", started}}, paused["revision"]).json()["status"], "paused") << "its pause comes first";
  const std::string other = schedule(workflow, "other", hourly());
  sql("UPDATE registrations SET started = 3 WHERE id = '" + other + "'; SELECT 1");
  const Json ended = api.patch(path(other), {{"max_runs", 3}}, 1).json();
  EXPECT_EQ(ended["status"], "completed") << ended.dump(1);
  EXPECT_EQ(ended["status_reason_code"], "runs_used_up");
  EXPECT_TRUE(ended["next_due_at"].is_null());
}

TEST_F(Policies, AnEditThatMakesRoomIsHeardAtOnce) {
  const std::string workflow = api.workflow("Waits", kWaits);
  const Json buffered{{"overlap_policy", "buffer_one"}, {"overlap", {{"scope", "key"}, {"key", ".k"}}}, {"payload", {{"k", "a"}}}};
  const std::string first = schedule(workflow, "first", hourly(), buffered), second = schedule(workflow, "second", hourly(), buffered);
  for (const auto& id : {first, second}) sql("UPDATE registrations SET due_at = now(), planned_at = now() WHERE id = '" + id + "'; SELECT 1");
  ASSERT_TRUE(eventually([&] { return running(first) + running(second) == 1 && waiting(first) + waiting(second) == 1; }));
  const std::string waits = waiting(first) == 1 ? first : second;
  const Instant before = clock->now();
  ASSERT_EQ(api.patch(path(waits), {{"payload", {{"k", "b"}}}}, api.read(path(waits))["revision"]).status, 200);
  ASSERT_TRUE(eventually([&] { return running(waits) == 1; }));
  EXPECT_LT(clock->now() - before, std::chrono::seconds(8)) << "nobody waits for the safety look of half a minute";
}

TEST_F(Policies, ADeletionAndAnEditStartNothingInMaintenance) {
  const std::string workflow = api.workflow("Quick", kQuick);
  const Instant at = clock->now() + std::chrono::milliseconds(3000);
  const Json once{{"kind", "once"}, {"run_at", format_instant(at)}};
  const std::string deleted = schedule(workflow, "deleted", once), moved = schedule(workflow, "moved", once);
  const Json m = api.make("/api/v1/maintenance", {{"reason", "Moving house"}});
  ASSERT_TRUE(eventually([&] { return clock->now() > at + std::chrono::milliseconds(200); }));
  ASSERT_EQ(api.remove(path(deleted), 1).status, 204);
  const HttpAnswer answer = api.patch(path(moved), {{"timing", {{"kind", "once"}, {"run_at", "2031-01-01T00:00:00Z"}}}}, 1);
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(api.read(path(deleted) + "/fires")["items"][0]["verdict"], "expired");
  EXPECT_EQ(api.read(path(deleted) + "/fires")["items"][0]["reason_code"], "deleted_before_handled");
  EXPECT_EQ(api.read(path(moved) + "/fires")["items"][0]["verdict"], "paused");
  EXPECT_EQ(api.read(path(moved) + "/fires")["items"][0]["reason_code"], "maintenance");
  api.make("/api/v1/maintenance/" + m["id"].get<std::string>() + "/end");
  EXPECT_EQ(api.read(path(moved))["next_due_at"], "2031-01-01T00:00:00Z");
  EXPECT_EQ(fires(deleted, "started") + fires(moved, "started"), 0);
}

TEST_F(Policies, ADeletionStartsNothingAheadOfItsPlannedTime) {
  const std::string workflow = api.workflow("Quick", kQuick);
  // Due in a moment, and planned for some time in the next hour.
  const Instant due = Instant::from_seconds(clock->now().seconds() + 2);
  const std::string id = schedule(workflow, "S", {{"kind", "interval"}, {"every", 2}, {"unit", "hours"}, {"anchor", format_instant(due)}}, {{"jitter_seconds", 3600}});
  ASSERT_TRUE(eventually([&] { return clock->now() > due + std::chrono::milliseconds(200); }));
  ASSERT_EQ(fires(id, "started"), 0) << "its jitter is a hash of its id: once in some thousand it is this near";
  ASSERT_EQ(api.remove(path(id), 1).status, 204);
  const Json left = api.read(path(id) + "/fires")["items"];
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0]["verdict"], "paused");
  EXPECT_EQ(left[0]["reason_code"], "deleted_before_handled");
  EXPECT_EQ(api.make(path(id) + "/undelete")["status"], "active");
}

TEST_F(Policies, WhatWaitsIsSettledByPauseDeleteAndPublish) {
  const std::string workflow = api.workflow("Waits", kWaits), other = api.workflow("Waits too", kWaits);
  const Json buffered{{"overlap_policy", "buffer_all"}};
  const std::string paused = schedule(workflow, "paused", kSecondly, buffered), deleted = schedule(workflow, "deleted", kSecondly, buffered);
  const std::string edited = schedule(workflow, "edited", kSecondly, buffered), published = schedule(other, "published", kSecondly, buffered);
  const std::string kept = schedule(workflow, "kept", kSecondly, buffered);
  const std::vector all{paused, deleted, edited, published, kept};
  ASSERT_TRUE(eventually([&] { return std::ranges::all_of(all, [&](const auto& id) { return waiting(id) >= 2; }); }));

  api.make(path(paused) + "/pause", Json::object());
  EXPECT_EQ(api.remove(path(deleted), api.read(path(deleted))["revision"]).status, 204);
  // An edit of the policy keeps those that wait, and a deletion after it finds them all the same.
  ASSERT_EQ(api.patch(path(edited), {{"overlap_policy", "buffer_one"}}, api.read(path(edited))["revision"]).status, 200);
  EXPECT_GE(waiting(edited), 2);
  EXPECT_EQ(api.remove(path(edited), api.read(path(edited))["revision"]).status, 204);
  const Json answer = api.publish(other, "document: {dsl: '1.0.0', namespace: test, name: w, version: '1.0.0'}\n"
                                         "input: {schema: {format: json, document: {type: object, required: [order]}}}\ndo:\n  - nap: {wait: {hours: 1}}\n");
  EXPECT_EQ(answer["schedules"][0]["verdict"], "invalid");
  for (const auto& id : {paused, deleted, edited, published}) {
    EXPECT_EQ(waiting(id), 0);
    EXPECT_EQ(fires(id, "started"), 1);
  }
  EXPECT_GE(fires(paused, "paused"), 2);
  EXPECT_GE(fires(deleted, "paused"), 2);
  EXPECT_GE(fires(edited, "paused"), 2);
  EXPECT_GE(fires(published, "invalid"), 2);
  EXPECT_EQ(fires(published, "paused"), 0);
  EXPECT_GE(waiting(kept), 2);
  // Nothing of it starts when room comes.
  for (const auto& id : {paused, deleted, edited, published, kept}) end_run_of(id);
  ASSERT_TRUE(eventually([&] { return fires(kept, "started") == 2; }));
  for (const auto& id : {paused, deleted, edited, published}) EXPECT_EQ(fires(id, "started"), 1);
  for (const auto& id : all) EXPECT_EQ(unaccounted(id), 0);
}

TEST_F(Policies, MaintenanceParksAndItsEndLetsGo) {
  const std::string workflow = api.workflow("Quick", kQuick);
  const std::string id = schedule(workflow, "S", kSecondly, {{"missed_policy", "catchup"}, {"catch_up", {{"count", 2}}}, {"overlap_policy", "buffer_all"}});
  ASSERT_TRUE(eventually([&] { return fires(id, "started") >= 1; }));
  const std::string tenant_id = sql("SELECT tenant_id FROM schedules WHERE id = '" + id + "'");
  sql("INSERT INTO maintenance (tenant_id, id, since, reason, actor) VALUES ('" + tenant_id + "', gen_random_uuid(), now(), 'move', 'ann'); SELECT 1");
  ASSERT_TRUE(eventually([&] { return number("SELECT count(*) FROM registrations WHERE id = '" + id + "' AND planned_at IS NULL AND due_at IS NOT NULL") == 1; }));
  const int before = fires(id, "started");
  const Instant later = clock->now() + std::chrono::milliseconds(3'200);
  ASSERT_TRUE(eventually([&] { return clock->now() > later; }));
  EXPECT_EQ(fires(id, "started"), before);
  sql("UPDATE maintenance SET ended_at = clock_timestamp() WHERE tenant_id = '" + tenant_id + "';"
      "UPDATE registrations SET planned_at = clock_timestamp() WHERE tenant_id = '" + tenant_id + "' AND planned_at IS NULL AND due_at IS NOT NULL; SELECT 1");
  ASSERT_TRUE(eventually([&] { return number("SELECT count(*) FROM runs WHERE provenance::json ->> 'reason' = 'catchup' AND schedule_id = '" + id + "'") == 2; }))
      << api.read(path(id) + "/fires").dump(1);
  EXPECT_GE(fires(id, "missed"), 1);
  EXPECT_EQ(unaccounted(id), 0);
}
