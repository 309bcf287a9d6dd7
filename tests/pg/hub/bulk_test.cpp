// One action on many schedules: exactly those, each with its result, and taken back.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "tests/support/hub_suite.h"

using namespace carillon;
using namespace carillon::test;

namespace {

class Bulk : public HubSuite<Bulk> {
 protected:
  std::string workflow = api.workflow("W", posting_workflow("http://127.0.0.1:9/"));

  std::string schedule(const std::string& name, Json more = Json::object()) const {
    Json body{{"workflow_id", workflow}, {"name", name}, {"timing", {{"kind", "interval"}, {"every", 1}, {"unit", "days"}}}, {"payload", Json::object()}};
    body.update(more);
    return api.make("/api/v1/schedules", body)["id"];
  }
  std::vector<std::string> schedules(int count, const std::string& prefix, Json more = Json::object()) const {
    std::vector<std::string> out;
    for (int n = 0; n < count; ++n) out.push_back(schedule(prefix + std::to_string(n), more));
    return out;
  }
  static void change(const std::string& sql) { query(fixture->database().connection_string(), sql); }
  static std::string path(const std::string& id) { return "/api/v1/schedules/" + id; }
  static std::string job_path(const Json& job) { return "/api/v1/schedules/bulk/" + job["id"].get<std::string>(); }
  std::string status(const std::string& id) const { return api.read(path(id))["status"]; }
  /// The job once it has ended.
  Json ended(const HttpAnswer& begun) const {
    EXPECT_EQ(begun.status, 202) << begun.body;
    if (begun.status != 202) throw std::runtime_error("no bulk job: " + begun.body);
    const std::string at = job_path(begun.json());
    EXPECT_TRUE(eventually([&] { return !api.read(at)["ended_at"].is_null(); }));
    return api.read(at);
  }
  Json bulk(Json body) const { return ended(api.post("/api/v1/schedules/bulk", body)); }
  Json undo(const Json& job, Json body = Json::object()) const { return ended(api.post(job_path(job) + "/undo", body)); }
  static std::string counts(const Json& job) {
    return std::to_string(job["done"].get<int>()) + " done, " + std::to_string(job["failed"].get<int>()) + " failed, " +
           std::to_string(job["skipped"].get<int>()) + " skipped of " + std::to_string(job["total"].get<int>());
  }
  /// "name CODE" of the items in a state.
  std::vector<std::string> items(const Json& job, const std::string& state) const {
    std::vector<std::string> out;
    for (const auto& item : api.read(job_path(job) + "/items?state=" + state)["items"])
      out.push_back(item["name"].get<std::string>() + " " + (item["code"].is_null() ? "" : item["code"].get<std::string>()));
    std::ranges::sort(out);
    return out;
  }
  HttpAnswer refused(const Json& body) const { return api.post("/api/v1/schedules/bulk", body); }
};

using Words = std::vector<std::string>;

}  // namespace

TEST_F(Bulk, AFilterPausesExactlyWhatItMatchesAndUndoRestoresAll) {
  const auto chosen = schedules(4, "red ", {{"labels", {"red"}}});
  const auto others = schedules(14, "blue ", {{"labels", {"blue"}}});
  EXPECT_EQ(api.make(path(chosen[0]) + "/pause", {{"reason", "Mine."}})["status"], "paused");
  const Json job = bulk({{"action", "pause"}, {"filter", {{"label", "red"}}}, {"expected_count", 4}, {"reason", "Stock-taking."}});
  EXPECT_EQ(job["state"], "finished");
  EXPECT_EQ(counts(job), "3 done, 0 failed, 1 skipped of 4");
  EXPECT_EQ(items(job, "skipped"), Words{"red 0 ALREADY_PAUSED"});
  EXPECT_TRUE(job["undoable"].get<bool>());
  for (const auto& id : chosen) EXPECT_EQ(status(id), "paused");
  for (const auto& id : others) EXPECT_EQ(status(id), "active");
  EXPECT_EQ(api.read(path(chosen[1]))["status_reason"], "Stock-taking.");
  EXPECT_EQ(api.read(path(chosen[0]))["status_reason"], "Mine.");

  const Json back = undo(job);
  EXPECT_EQ(counts(back), "3 done, 0 failed, 0 skipped of 3");
  EXPECT_EQ(back["undo_of"], job["id"]);
  EXPECT_EQ(status(chosen[0]), "paused");
  for (std::size_t n = 1; n < chosen.size(); ++n) EXPECT_EQ(status(chosen[n]), "active");
  EXPECT_EQ(api.read(job_path(job))["undone_by"], back["id"]);
  EXPECT_EQ(api.post(job_path(job) + "/undo", Json::object()).code(), "ALREADY_UNDONE");
  EXPECT_EQ(api.post(job_path(back) + "/undo", Json::object()).code(), "UNDO_CANNOT_BE_UNDONE");
  const Json jobs = api.read("/api/v1/schedules/bulk?limit=1");
  EXPECT_EQ(jobs["items"][0]["id"], back["id"]);
  EXPECT_EQ(api.read("/api/v1/schedules/bulk?cursor=" + jobs["next_cursor"].get<std::string>())["items"][0]["id"], job["id"]);
}

TEST_F(Bulk, AnotherCountThanExpectedIsRefusedWithTheCountOfNow) {
  schedules(3, "s");
  const auto before = fixture->row_counts();
  const HttpAnswer answer = refused({{"action", "delete"}, {"filter", Json::object()}, {"expected_count", 2}});
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.code(), "COUNT_CHANGED");
  EXPECT_EQ(answer.json()["value"], "2");
  EXPECT_NE(answer.json()["detail"].get<std::string>().find("matches 3 schedules"), std::string::npos);
  EXPECT_EQ(fixture->row_counts(), before);
}

TEST_F(Bulk, OneBadItemTakesNothingOfTheOthersWithIt) {
  auto ids = schedules(70, "good ");
  const std::string over = schedule("over", {{"timing", {{"kind", "once"}, {"run_at", "2099-01-01T00:00:00Z"}}}});
  change("UPDATE schedules SET holds = '{\"completed\":{\"reason\":\"Done.\",\"since\":\"2026-01-01T00:00:00Z\"}}' WHERE id = '" + over + "'");
  const TestTenant stranger = fixture->tenant();
  const std::string theirs_workflow = stranger.api.workflow("T", posting_workflow("http://127.0.0.1:9/"));
  const std::string theirs = stranger.api.make("/api/v1/schedules", {{"workflow_id", theirs_workflow}, {"name", "theirs"}, {"timing", {{"kind", "manual"}}}, {"payload", Json::object()}})["id"];
  ids.insert(ids.begin() + 30, {over, theirs, "00000000-0000-7000-8000-000000000000", ids[3]});
  const Json job = bulk({{"action", "pause"}, {"ids", ids}});
  EXPECT_EQ(counts(job), "70 done, 3 failed, 0 skipped of 73");
  EXPECT_EQ(items(job, "failed"), (Words{" NOT_FOUND", " NOT_FOUND", "over SCHEDULE_COMPLETED"}));
  EXPECT_EQ(api.read("/api/v1/schedules?status=paused&text=good")["total"], 70);
  EXPECT_EQ(stranger.api.read(path(theirs))["status"], "active");
  EXPECT_EQ(stranger.api.get(job_path(job)).status, 404);
  EXPECT_EQ(stranger.api.get(job_path(job) + "/items").status, 404);
  // Each has its own line in the audit log, in the name of who asked, and once.
  EXPECT_EQ(fixture->sql("SELECT count(*) || ' ' || count(DISTINCT object_id) || ' ' || count(DISTINCT actor_name) FROM audit_log WHERE action = "
                         "'schedules.pause' AND object_id IN (SELECT id FROM schedules WHERE name LIKE 'good %')"),
            "70 70 1");
  std::set<int> seen;
  std::string cursor;
  do {
    const Json page = api.read(job_path(job) + "/items?limit=50" + (cursor.empty() ? "" : "&cursor=" + cursor));
    for (const auto& item : page["items"]) seen.insert(item["ordinal"].get<int>());
    cursor = page["next_cursor"].is_null() ? "" : page["next_cursor"].get<std::string>();
  } while (!cursor.empty());
  EXPECT_EQ(seen.size(), 73u);
}

TEST_F(Bulk, ResumeHoldsAgainAsItWasOnUndo) {
  const auto ids = schedules(3, "s");
  api.make(path(ids[0]) + "/pause", {{"reason", "Until spring."}, {"until", "2098-03-01T00:00:00Z"}});
  api.make(path(ids[1]) + "/pause", {{"reason", "For good."}});
  const Json held = api.read(path(ids[0]))["holds"];
  const Json job = bulk({{"action", "resume"}, {"ids", ids}, {"reason", "Back."}});
  EXPECT_EQ(counts(job), "2 done, 0 failed, 1 skipped of 3");
  EXPECT_EQ(items(job, "skipped"), Words{"s2 NOT_PAUSED"});
  for (const auto& id : ids) EXPECT_EQ(status(id), "active");
  EXPECT_EQ(counts(undo(job)), "2 done, 0 failed, 0 skipped of 2");
  EXPECT_EQ(api.read(path(ids[0]))["holds"], held);
  EXPECT_EQ(status(ids[1]), "paused");
  EXPECT_EQ(status(ids[2]), "active");
}

TEST_F(Bulk, WhatSomebodyDecidedSinceIsLeftByUndo) {
  const auto ids = schedules(3, "s");
  const Json job = bulk({{"action", "pause"}, {"ids", ids}});
  api.make(path(ids[0]) + "/resume", Json::object());
  api.make(path(ids[1]) + "/resume", Json::object());
  api.make(path(ids[1]) + "/pause", {{"reason", "Anew."}});
  const Json back = undo(job);
  EXPECT_EQ(counts(back), "1 done, 0 failed, 2 skipped of 3");
  EXPECT_EQ(items(back, "skipped"), (Words{"s0 NOT_PAUSED", "s1 CHANGED_SINCE"}));
  EXPECT_EQ(status(ids[1]), "paused");
  EXPECT_EQ(status(ids[2]), "active");
}

TEST_F(Bulk, DeletedSchedulesComeBackWithTheirNamesUnlessTaken) {
  const auto ids = schedules(3, "s");
  api.make(path(ids[2]) + "/pause", Json::object());
  const Json job = bulk({{"action", "delete"}, {"filter", {{"workflow_id", workflow}, {"kind", "interval"}}}, {"expected_count", 3}});
  EXPECT_EQ(counts(job), "3 done, 0 failed, 0 skipped of 3");
  for (const auto& id : ids) EXPECT_EQ(api.get(path(id)).status, 404);
  schedule("s1");
  api.publish(workflow, posting_workflow("http://127.0.0.1:9/"));
  const Json back = undo(job);
  EXPECT_EQ(back["action"], "undelete");
  EXPECT_EQ(counts(back), "2 done, 1 failed, 0 skipped of 3");
  EXPECT_EQ(items(back, "failed"), Words{"s1 NAME_TAKEN"});
  const Json first = api.read(path(ids[0]));
  EXPECT_EQ(first["status"], "active");
  EXPECT_EQ(first["bound_version"], 2);
  EXPECT_FALSE(first["next_due_at"].is_null());
  EXPECT_EQ(api.get(path(ids[1])).status, 404);
  EXPECT_EQ(status(ids[2]), "paused");
}

TEST_F(Bulk, ADeletedScheduleComesBackInvalidWhereItNoLongerFits) {
  const std::string id = schedule("s"), once = schedule("once", {{"timing", {{"kind", "once"}, {"run_at", "2099-01-01T00:00:00Z"}}}});
  for (const auto& gone : {id, once}) EXPECT_EQ(api.remove(path(gone), 1).status, 204);
  change("UPDATE schedules SET timing = '{\"kind\":\"once\",\"run_at\":\"2026-01-01T00:00:00Z\"}' WHERE id = '" + once + "'");
  api.publish(workflow, posting_workflow("http://127.0.0.1:9/", "{type: object, required: [order]}"));
  const Json back = api.make(path(id) + "/undelete");
  EXPECT_EQ(back["status"], "invalid");
  EXPECT_EQ(back["bound_version"], 1);
  EXPECT_EQ(api.make(path(once) + "/undelete")["status"], "expired");
  const HttpAnswer there = api.post(path(id) + "/undelete");
  EXPECT_EQ(there.status, 409);
  EXPECT_EQ(there.code(), "NOT_DELETED");
  EXPECT_EQ(there.json()["value"], id);
}

TEST_F(Bulk, RunStartsEachAndCannotBeUndone) {
  const auto ids = schedules(3, "s");
  const Json job = bulk({{"action", "run"}, {"ids", ids}, {"overrides", {{"x", 1}}}, {"priority", "low"}});
  EXPECT_EQ(counts(job), "3 done, 0 failed, 0 skipped of 3");
  EXPECT_FALSE(job["undoable"].get<bool>());
  EXPECT_FALSE(job["arguments"].contains("overrides"));
  std::set<std::string> runs;
  for (const auto& item : api.read(job_path(job) + "/items?state=done")["items"]) {
    const Json run = api.ended(item["run_id"]);
    EXPECT_EQ(run["input"], (Json{{"x", 1}}));
    EXPECT_EQ(run["provenance"]["schedule_id"], item["schedule_id"]);
    runs.insert(run["id"]);
  }
  EXPECT_EQ(runs.size(), 3u);
  const HttpAnswer answer = api.post(job_path(job) + "/undo", Json::object());
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.code(), "RUN_CANNOT_BE_UNDONE");
}

TEST_F(Bulk, APassedOneTimeNeedsAChoice) {
  const auto ids = schedules(2, "once ", {{"timing", {{"kind", "once"}, {"run_at", "2099-01-01T00:00:00Z"}}}, {"paused", true}});
  change("UPDATE schedules SET timing = '{\"kind\":\"once\",\"run_at\":\"2026-01-01T00:00:00Z\"}' WHERE id IN ('" + ids[0] + "', '" + ids[1] + "')");
  const Json job = bulk({{"action", "resume"}, {"ids", ids}});
  EXPECT_EQ(counts(job), "0 done, 2 failed, 0 skipped of 2");
  EXPECT_EQ(items(job, "failed"), (Words{"once 0 RUN_AT_PASSED", "once 1 RUN_AT_PASSED"}));
  const Json again = bulk({{"action", "resume"}, {"ids", ids}, {"passed_one_time", "expire"}});
  EXPECT_EQ(counts(again), "2 done, 0 failed, 0 skipped of 2");
  EXPECT_EQ(status(ids[0]), "expired");
  // What has expired by it cannot be paused again.
  EXPECT_EQ(items(undo(again), "failed"), (Words{"once 0 SCHEDULE_EXPIRED", "once 1 SCHEDULE_EXPIRED"}));
}

TEST_F(Bulk, RequestsThatMakeNoSenseAreRefused) {
  const std::string id = schedule("s");
  auto code = [&](const Json& body) { return refused(body).code(); };
  EXPECT_EQ(code({{"action", "pause"}}), "IDS_OR_FILTER");
  EXPECT_EQ(code({{"action", "pause"}, {"ids", {id}}, {"filter", Json::object()}, {"expected_count", 1}}), "IDS_OR_FILTER");
  EXPECT_EQ(code({{"action", "pause"}, {"filter", Json::object()}}), "EXPECTED_COUNT_MISSING");
  EXPECT_EQ(code({{"action", "pause"}, {"filter", Json::object()}, {"expected_count", 100'001}}), "BULK_TOO_LARGE");
  EXPECT_EQ(code({{"action", "pause"}, {"ids", {id}}, {"overrides", 1}}), "ARGUMENT_UNEXPECTED");
  EXPECT_EQ(code({{"action", "pause"}, {"ids", {id}}, {"until", "2020-01-01T00:00:00Z"}}), "UNTIL_IN_PAST");
  EXPECT_EQ(code({{"action", "undelete"}, {"ids", {id}}}), "INVALID_REQUEST");
  EXPECT_EQ(code({{"action", "pause"}, {"ids", Json::array()}}), "INVALID_REQUEST");
  EXPECT_EQ(code({{"action", "pause"}, {"filter", {{"sort", "name"}}}, {"expected_count", 1}}), "INVALID_REQUEST");
  EXPECT_EQ(status(id), "active");
  EXPECT_EQ(api.get("/api/v1/schedules/bulk/00000000-0000-7000-8000-000000000000").status, 404);
  EXPECT_EQ(api.post("/api/v1/schedules/bulk/nothing/cancel").status, 404);
}

TEST_F(Bulk, AViewerMayWatchAndAnOperatorMayOnlyRun) {
  const std::string id = schedule("s");
  const Api operator_(api.port(), fixture->contract(), api.make("/api/v1/api-keys", {{"name", "O"}, {"role", "operator"}})["secret"]);
  const HttpAnswer pause = operator_.post("/api/v1/schedules/bulk", {{"action", "pause"}, {"ids", {id}}});
  EXPECT_EQ(pause.status, 403);
  EXPECT_EQ(pause.code(), "MISSING_PERMISSION");
  const HttpAnswer run = operator_.post("/api/v1/schedules/bulk", {{"action", "run"}, {"ids", {id}}});
  EXPECT_EQ(counts(ended(run)), "1 done, 0 failed, 0 skipped of 1");
  const Json job = bulk({{"action", "pause"}, {"ids", {id}}});
  EXPECT_EQ(operator_.post(job_path(job) + "/undo", Json::object()).status, 403);
  EXPECT_EQ(operator_.read(job_path(job))["done"], 1);
}

TEST_F(Bulk, AnIdempotencyKeyStartsOneJob) {
  const std::string id = schedule("s");
  const Json body{{"action", "run"}, {"ids", {id}}};
  const HeaderList key{{"Idempotency-Key", "bulk-1"}};
  const Json first = api.post("/api/v1/schedules/bulk", body, key).json();
  EXPECT_EQ(api.post("/api/v1/schedules/bulk", body, key).json()["id"], first["id"]);
  EXPECT_TRUE(eventually([&] { return api.read(job_path(first))["done"] == 1; }));
  EXPECT_EQ(api.read("/api/v1/schedules/bulk")["items"].size(), 1u);
  EXPECT_EQ(api.read("/api/v1/runs")["items"].size(), 1u);
}

TEST_F(Bulk, CancellingWhileItWorksLeavesNothingHalfDone) {
  const auto ids = schedules(70, "s");
  const Json begun = api.post("/api/v1/schedules/bulk", {{"action", "pause"}, {"ids", ids}}).json();
  const Json job = api.make(job_path(begun) + "/cancel");
  // It may have been quicker; then there was nothing to leave.
  EXPECT_EQ(job["state"], job["skipped"] == 0 ? "finished" : "cancelled");
  EXPECT_EQ(job["done"].get<int>() + job["skipped"].get<int>(), 70);
  EXPECT_EQ(api.read("/api/v1/schedules?status=paused")["total"], job["done"]);
  EXPECT_EQ(items(job, "waiting"), Words());
  EXPECT_EQ(api.make(job_path(begun) + "/cancel"), job);
}

/// CARILLON_BULK_SCHEDULES: how many; the figures are printed, only the counts are judged.
TEST_F(Bulk, ManySchedulesArePausedResumedAndDeleted) {
  const char* wanted = std::getenv("CARILLON_BULK_SCHEDULES");
  const std::string count = wanted ? wanted : "1000";
  const int total = std::stoi(count) + 1;
  const std::string first = schedule("many 0");
  const std::string columns = fixture->sql("SELECT string_agg(column_name, ', ') FROM information_schema.columns "
                                           "WHERE table_name = 'schedules' AND is_generated = 'NEVER'");
  change("INSERT INTO schedules (" + columns + ") SELECT " + columns + " FROM (SELECT (jsonb_populate_record(s, "
         "jsonb_build_object('id', gen_random_uuid(), 'name', 'many ' || n))).* "
         "FROM schedules s, generate_series(1, " + count + ") AS n WHERE s.id = '" + first + "') AS made");
  change("INSERT INTO registrations SELECT (jsonb_populate_record(r, jsonb_build_object('id', s.id))).* FROM registrations r, schedules s "
               "WHERE r.id = '" + first + "' AND s.name LIKE 'many %' AND s.id <> r.id");
  change("ANALYZE");
  const std::unique_ptr<Clock> clock = make_system_clock();
  auto timed = [&](const std::string& what, const std::function<HttpAnswer()>& begin) {
    const Duration before = clock->steady();
    const HttpAnswer begun = begin();
    const Duration asked = clock->steady() - before;
    EXPECT_EQ(begun.status, 202) << begun.body;
    const std::string at = job_path(begun.json());
    EXPECT_TRUE(eventually([&] { return !api.read(at)["ended_at"].is_null(); }, std::chrono::minutes(5)));
    const Json job = api.read(at);
    EXPECT_EQ(counts(job), std::to_string(total) + " done, 0 failed, 0 skipped of " + std::to_string(total)) << what;
    std::cout << what << " " << total << ": asked in " << describe_duration(asked) << ", done after " << describe_duration(clock->steady() - before) << "\n";
    return job;
  };
  auto ask = [&](const char* action) {
    return timed(action, [&, action] { return api.post("/api/v1/schedules/bulk", {{"action", action}, {"filter", {{"text", "many"}}}, {"expected_count", total}}); });
  };
  const Json paused = ask("pause");
  EXPECT_EQ(api.read("/api/v1/schedules?status=active")["total"], 0);
  timed("undo", [&] { return api.post(job_path(paused) + "/undo", Json::object()); });
  EXPECT_EQ(api.read("/api/v1/schedules?status=active")["total"], total);
  const Json deleted = ask("delete");
  EXPECT_EQ(api.read("/api/v1/schedules")["total"], 0);
  timed("undelete", [&] { return api.post(job_path(deleted) + "/undo", Json::object()); });
  EXPECT_EQ(api.read("/api/v1/schedules")["total"], total);
}
