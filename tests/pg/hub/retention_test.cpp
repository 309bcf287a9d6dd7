// What is kept for a time is gone after it, and what outlives it still answers.
#include <gtest/gtest.h>

#include "tests/support/hub_suite.h"

using namespace carillon;
using namespace carillon::test;

namespace {

class Kept : public HubSuite<Kept> {
 protected:
  const std::string mine = api.read("/api/v1/session")["tenant"]["id"];
  std::string workflow = api.workflow("W", "document: {dsl: '1.0.0', namespace: t, name: n, version: '1.0.0'}\ninput: {schema: {format: json, document: {type: object}}}\n"
                                           "do: [{done: {set: {ok: true}}}]\n");

  static std::string sql(const std::string& text) { return fixture->sql(text); }
  void change(const std::string& text) const { query(fixture->database().connection_string(), text + " AND tenant_id = '" + mine + "'"); }
  std::string count(const std::string& from) const { return sql("SELECT count(*) FROM " + from + " AND tenant_id = '" + mine + "'"); }
  static std::string path(const std::string& id) { return "/api/v1/schedules/" + id; }
  std::string schedule(const std::string& name, const std::string& unit = "days") const {
    return api.make("/api/v1/schedules", {{"workflow_id", workflow}, {"name", name}, {"timing", {{"kind", "interval"}, {"every", 1}, {"unit", unit}}}, {"payload", Json::object()}})["id"];
  }
  void remove(const std::string& id, const std::string& ago) const {
    EXPECT_EQ(api.remove(path(id), api.read(path(id))["revision"]).status, 204);
    // What it was deleted at is what it was updated at.
    change("UPDATE schedules SET deleted_at = now() - interval '" + ago + "', updated_at = now() - interval '" + ago + "' WHERE id = '" + id + "'");
  }
  /// The hourly job, now; true once there is no row of `from` left.
  bool purged(const std::string& from) const {
    change("UPDATE registrations SET due_at = now(), planned_at = now() WHERE kind = 'retention'");
    return eventually([&] { return count(from) == "0"; });
  }
  Json ended_job(const Json& body) const {
    const std::string at = "/api/v1/schedules/bulk/" + api.post("/api/v1/schedules/bulk", body).json()["id"].get<std::string>();
    EXPECT_TRUE(eventually([&] { return !api.read(at)["ended_at"].is_null(); }));
    return api.read(at);
  }
  static std::string job_path(const Json& job) { return "/api/v1/schedules/bulk/" + job["id"].get<std::string>(); }
};

}  // namespace

TEST_F(Kept, RunsAndFiresOfAScheduleThatIsRemovedForGoodStillAnswer) {
  const std::string id = schedule("Gone", "seconds");
  const std::string of_it = " WHERE schedule_id = '" + id + "'";
  ASSERT_TRUE(eventually([&] { return !api.read(path(id) + "/fires?verdict=started")["items"].empty(); }));
  ASSERT_TRUE(eventually([&] { return count("schedule_stats" + of_it) == "1"; }));
  remove(id, "30 days");
  ASSERT_TRUE(eventually([&] { return count("run_queue" + of_it) == "0"; }));
  EXPECT_NE(api.read(path(id) + "/fires")["items"].size(), 0u) << "deleted, and the ledger stays";
  ASSERT_TRUE(purged("schedules WHERE id = '" + id + "'"));

  for (const char* table : {"schedule_versions", "schedule_stats", "backlog"}) EXPECT_EQ(count(table + of_it), "0") << table;
  EXPECT_EQ(count("registrations WHERE kind IN ('schedule', 'schedule_backlog')"), "0");
  const Json fires = api.read(path(id) + "/fires?verdict=started&limit=1");
  ASSERT_EQ(fires["items"].size(), 1u);
  const std::string run = fires["items"][0]["run_id"];
  EXPECT_EQ(fires["items"][0]["run_state"], "succeeded") << fires;
  const Json seen = api.read("/api/v1/runs/" + run);
  EXPECT_EQ(seen["provenance"]["schedule_id"], id);
  EXPECT_EQ(seen["provenance"]["schedule_name"], "Gone");
  EXPECT_EQ(api.read("/api/v1/runs?schedule_id=" + id)["items"].size(), static_cast<std::size_t>(std::stoi(count("runs" + of_it))));
  EXPECT_FALSE(api.read("/api/v1/runs")["items"].empty());
  for (const char* of : {"", "/explain", "/versions", "/upcoming", "/backfills"}) EXPECT_EQ(api.get(path(id) + of).status, 404) << of;
  EXPECT_EQ(api.post(path(id) + "/undelete").status, 404);
  EXPECT_EQ(api.get(path("018f0000-0000-7000-8000-000000000001") + "/fires").status, 404) << "one that never was";

  const std::string again = api.make("/api/v1/runs/" + run + "/retry")["run_id"];
  EXPECT_EQ(api.ended(again)["state"], "succeeded");
  EXPECT_EQ(count("schedule_stats" + of_it), "0") << "nobody counts for it any more";
  EXPECT_NE(fixture->log().everything().find("1 deleted schedules"), std::string::npos);
}

TEST_F(Kept, AScheduleCanBeBroughtBackUntilItsTimeIsOverEvenBeforeTheHourlyJobComes) {
  const std::string in_time = schedule("In time"), late = schedule("Late");
  remove(in_time, "29 days 23:59:00");
  remove(late, "30 days");
  EXPECT_EQ(api.post(path(late) + "/undelete").status, 404);
  EXPECT_EQ(count("schedules WHERE id = '" + late + "'"), "1");
  ASSERT_TRUE(purged("schedules WHERE id = '" + late + "'"));
  EXPECT_EQ(api.post(path(in_time) + "/undelete").status, 200);
  EXPECT_EQ(api.read(path(in_time))["name"], "In time");
}

TEST_F(Kept, ABulkJobCanBeUndoneUntilItsTimeIsOverAndGoesWithAllItsItems) {
  const std::string id = schedule("S");
  const Json job = ended_job({{"action", "pause"}, {"ids", {id}}});
  const std::string of_it = "id = '" + job["id"].get<std::string>() + "'";
  EXPECT_TRUE(job["undoable"].get<bool>());
  change("UPDATE bulk_jobs SET ended_at = now() - interval '30 days' WHERE " + of_it);
  EXPECT_FALSE(api.read(job_path(job))["undoable"].get<bool>());
  EXPECT_FALSE(api.read("/api/v1/schedules/bulk")["items"][0]["undoable"].get<bool>());
  const HttpAnswer refused = api.post(job_path(job) + "/undo", Json::object());
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.code(), "UNDO_EXPIRED");
  // More than one transaction takes.
  query(fixture->database().connection_string(), "INSERT INTO bulk_items (tenant_id, job_id, ordinal, schedule_id, name, state) SELECT tenant_id, id, n, id, '', 'skipped' "
                                                 "FROM bulk_jobs, generate_series(2, 2500) AS n WHERE " + of_it);
  ASSERT_TRUE(purged("bulk_jobs WHERE " + of_it));
  EXPECT_EQ(count("bulk_items WHERE job_" + of_it), "0");
  for (const HttpAnswer& gone : {api.get(job_path(job)), api.get(job_path(job) + "/items"), api.post(job_path(job) + "/undo", Json::object())}) {
    EXPECT_EQ(gone.status, 404);
    EXPECT_NE(gone.body.find("kept for 30 d after their end"), std::string::npos) << gone.body;
  }
  EXPECT_EQ(sql("SELECT planned_at > now() + interval '1 minute' FROM registrations WHERE kind = 'retention' AND tenant_id = '" + mine + "'"), "t") << "the next hour's is due again";
}

TEST_F(Kept, VerdictsOfAnOldVersionAreGoneAndSaySo) {
  schedule("S");
  for (const char* name : {"two", "three"})
    api.publish(workflow, std::string("document: {dsl: '1.0.0', namespace: t, name: ") + name + ", version: '1.0.0'}\ninput: {schema: {format: json, document: {type: object}}}\ndo: [{done: {set: {ok: true}}}]\n");
  const std::string base = "/api/v1/workflows/" + workflow + "/versions/";
  EXPECT_EQ(api.read(base + "2/schedules")["items"].size(), 1u);
  change("UPDATE workflow_versions SET published_at = now() - interval '90 days' WHERE workflow_id = '" + workflow + "'");
  ASSERT_TRUE(purged("publish_verdicts WHERE version < 3"));
  const HttpAnswer gone = api.get(base + "2/schedules");
  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(gone.code(), "VERDICTS_EXPIRED");
  EXPECT_EQ(api.read(base + "3/schedules")["items"].size(), 1u) << "the latest version's stay";
}

TEST_F(Kept, AlertsGoAfterNinetyDays) {
  for (const char* row : {"'OLD', now() - interval '90 days'", "'NEW', now() - interval '89 days 23:59:00'"})
    query(fixture->database().connection_string(), std::string("INSERT INTO alerts (code, at, tenant_id, id, object_type, object_id, message, detail) SELECT ") + row + ", '" + mine +
                                                       "', gen_random_uuid(), 'schedule', gen_random_uuid(), 'm', '{}'");
  ASSERT_TRUE(purged("alerts WHERE code = 'OLD'"));
  EXPECT_EQ(count("alerts WHERE code = 'NEW'"), "1");
}
