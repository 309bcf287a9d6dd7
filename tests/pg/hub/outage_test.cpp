// The database goes away and comes back; commits whose answers are lost are neither lost nor done twice.
#include <gtest/gtest.h>

#include "tests/support/http_sink.h"
#include "tests/support/hub_fixture.h"
#include "tests/support/pg_proxy.h"
#include "web/api/description.h"

using namespace carillon;
using namespace carillon::test;

namespace {

std::filesystem::path server_socket() { return TestServer::shared().postgres().socket_dir() / ".s.PGSQL.5432"; }

/// The hub reaches its database through a proxy; what the test itself asks goes straight.
class Outage : public ::testing::Test {
 protected:
  PgProxy proxy{server_socket()};
  TestDatabase database = migrated_database();
  TempDir home{"carillon-hub"};
  TestLogger log;
  ApiContract contract{api::ApiDescription().document()};
  std::unique_ptr<Hub> hub = started();
  Api api = admin();
  HttpSink sink;

  std::unique_ptr<Hub> started() {
    HubOptions options;
    const std::string url = database.connection_string() + " host=" + proxy.socket_dir().string() + " port=5432";
    options.config = hub_config(url, home.path());
    auto out = std::make_unique<Hub>(std::move(options), log);
    if (Status status = out->start(); !status) throw std::runtime_error(status.error().message);
    return out;
  }
  Api admin() {
    if (auto made = hub->create_tenant("t", "T", "UTC", "a@t.example", kTestPassword); !made) throw std::runtime_error(made.error().message);
    return Api(hub->port(), contract, hub->issue_token("t", "a@t.example", std::chrono::hours(1)).value());
  }
  std::string sql(const std::string& text) { return query_value(database.connection_string(), text); }
};

}  // namespace

TEST_F(Outage, GivesA503WithRetryAfterAndRecoversByItself) {
  const std::string workflow = api.workflow("W", posting_workflow(sink.url()));
  const Json s = api.make("/api/v1/schedules", {{"workflow_id", workflow}, {"name", "S"}, {"timing", {{"kind", "interval"}, {"every", 1}, {"unit", "seconds"}}},
                                                {"payload", {{"a", 1}}}});
  ASSERT_TRUE(eventually([&] { return sink.count() >= 1; }));
  proxy.go_away();
  const HttpAnswer away = api.post("/api/v1/workflows", {{"name", "Lost"}});
  EXPECT_EQ(away.status, 503) << away.body;
  EXPECT_EQ(away.code(), "DATABASE_UNAVAILABLE");
  EXPECT_FALSE(away.header("retry-after").empty());
  EXPECT_EQ(api.get("/readyz").status, 503);
  EXPECT_EQ(api.get("/healthz").status, 200);
  EXPECT_EQ(sql("SELECT count(*) FROM workflows"), "1");
  proxy.come_back();
  ASSERT_TRUE(eventually([&] { return api.get("/readyz").status == 200; }));
  EXPECT_EQ(api.post("/api/v1/workflows", {{"name", "Lost"}}).status, 201);
  const std::size_t before = sink.count();
  ASSERT_TRUE(eventually([&] { return sink.count() > before + 1; }));
  // Nothing of it is fired twice, and every due time stands in the ledger.
  EXPECT_EQ(sql("SELECT count(*) FROM (SELECT schedule_id, due_at FROM fires GROUP BY 1, 2 HAVING count(*) > 1) AS twice"), "0");
  EXPECT_EQ(sql("SELECT (extract(epoch FROM max(coalesce(last_due_at, due_at)) - min(due_at)) + 1)::bigint - sum(count) FROM fires"), "0");
  std::set<std::string> keys;
  for (const auto& call : sink.calls()) keys.insert(call.key());
  EXPECT_GE(std::stoul(sql("SELECT count(*) FROM fires WHERE verdict = 'started'")), keys.size());
}

TEST_F(Outage, ACommitWhoseAnswerIsLostIsNotDoneTwice) {
  proxy.lose_commit_answers(1);
  int made = 0;
  for (int i = 0; i < 20; ++i) {
    const HttpAnswer answer = api.post("/api/v1/workflows", {{"name", "W" + std::to_string(i)}});
    EXPECT_EQ(answer.status, 201) << answer.body;
    made += answer.status == 201 ? 1 : 0;
    if (i % 5 == 0) proxy.lose_commit_answers(1);
    if (i % 7 == 0) proxy.lose_commits(1);
  }
  EXPECT_GE(proxy.lost(), 5);
  EXPECT_EQ(sql("SELECT count(*) FROM workflows"), std::to_string(made));
  EXPECT_EQ(sql("SELECT count(*) FROM audit_log WHERE action = 'workflows.create'"), std::to_string(made));
  EXPECT_EQ(sql("SELECT seq - (SELECT count(*) FROM events) FROM event_heads"), "0");
  EXPECT_EQ(log.errors(), std::vector<std::string>());
}

TEST_F(Outage, ABackendThatIsShutDownAfterItsCommitIsNotAskedToDoItAgain) {
  for (int i = 0; i < 5; ++i) {
    proxy.shut_down_after_commits(1);
    const HttpAnswer answer = api.post("/api/v1/workflows", {{"name", "W" + std::to_string(i)}});
    EXPECT_EQ(answer.status, 201) << answer.body;
    EXPECT_TRUE(eventually([&] { return proxy.lost() >= i + 1; }));
  }
  EXPECT_EQ(sql("SELECT count(*) FROM workflows"), "5");
  EXPECT_EQ(sql("SELECT count(*) FROM audit_log WHERE action = 'workflows.create'"), "5");
}

TEST_F(Outage, RunsAreStartedOnceThoughTheirCommitsAreLost) {
  const std::string workflow = api.workflow("W", posting_workflow(sink.url()));
  const auto clock = make_system_clock();
  const std::string run_at = format_instant(clock->now() + std::chrono::seconds(6));
  for (int i = 0; i < 20; ++i)
    api.make("/api/v1/schedules", {{"workflow_id", workflow}, {"name", "S" + std::to_string(i)}, {"timing", {{"kind", "once"}, {"run_at", run_at}}}, {"payload", {{"i", i}}}});
  int asked = 0;
  ASSERT_TRUE(eventually([&] {
    // Now and then a commit of planner, worker or heartbeat is lost on the way there or back.
    if (++asked % 6 == 0) proxy.lose_commit_answers(1);
    if (asked % 6 == 3) proxy.lose_commits(1);
    return sql("SELECT count(*) FROM runs WHERE ended_at IS NOT NULL") == "20";
  }, std::chrono::seconds(60)));
  EXPECT_GT(proxy.lost(), 2);
  EXPECT_EQ(sql("SELECT count(*) FROM runs"), "20");
  EXPECT_EQ(sql("SELECT count(*) FROM runs WHERE state = 4"), "20");
  EXPECT_EQ(sql("SELECT count(*) FROM fires WHERE verdict = 'started'"), "20");
  std::map<std::string, std::set<std::string>> keys;  // by payload
  for (const auto& call : sink.calls()) keys[call.body].insert(call.key());
  EXPECT_EQ(keys.size(), 20u);
  for (const auto& [payload, seen] : keys) EXPECT_EQ(seen.size(), 1u) << payload;
}

TEST_F(Outage, BackendsThatAreTerminatedAreReplaced) {
  for (int i = 0; i < 10; ++i) {
    query(TestServer::shared().connection_string(),
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + database.name() + "' AND usename LIKE 'carillon_%'");
    const HttpAnswer answer = api.post("/api/v1/workflows", {{"name", "W" + std::to_string(i)}});
    EXPECT_EQ(answer.status, 201) << answer.body;
  }
  EXPECT_EQ(sql("SELECT count(*) FROM workflows"), "10");
}
