// Two nodes on one database: one room is never given away twice, nobody waits for each other in a circle.
#include <gtest/gtest.h>

#include <thread>

#include "tests/support/hub_fixture.h"

using namespace carillon;
using namespace carillon::test;

namespace {

const Json kTwoNodesSecond{{"kind", "interval"}, {"every", 1}, {"unit", "seconds"}};

std::string open_definition(const std::string& tasks) {
  return "document: {dsl: '1.0.0', namespace: test, name: w, version: '1.0.0'}\ninput: {schema: {format: json, document: {type: object}}}\ndo:\n" + tasks;
}

/// The hub of the fixture and another without HTTP.
class TwoNodes : public ::testing::Test {
 protected:
  HubFixture fixture;
  TempDir home{"carillon-second"};
  TestLogger log;
  std::unique_ptr<Hub> second = started();
  TestTenant tenant = fixture.tenant();
  const Api& api = tenant.api;
  std::unique_ptr<Clock> clock = make_system_clock();

  std::unique_ptr<Hub> started() {
    HubOptions options;
    options.config = hub_config(fixture.database().connection_string(), home.path());
    options.serve_http = false;
    auto out = std::make_unique<Hub>(std::move(options), log);
    if (Status status = out->start(); !status) throw std::runtime_error(status.error().message);
    return out;
  }
  std::string schedule(const std::string& workflow, int n, const Json& more) const {
    Json body{{"workflow_id", workflow}, {"name", "S" + std::to_string(n)}, {"timing", kTwoNodesSecond}, {"payload", {{"customer", "c" + std::to_string(n % 3)}}}};
    body.update(more);
    return api.make("/api/v1/schedules", body)["id"];
  }
  void run_for(Duration time, const std::function<void()>& meanwhile) {
    const Instant end = clock->now() + time;
    while (clock->now() < end) meanwhile();
  }
  void check_quiet() {
    EXPECT_EQ(fixture.sql("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"), "0");
    EXPECT_EQ(fixture.log().errors(), std::vector<std::string>());
    EXPECT_EQ(log.errors(), std::vector<std::string>());
  }
  /// Schedules of every second of which a due time has no verdict and does not wait, or has two.
  std::string unaccounted() {
    return fixture.sql("WITH all_times AS (SELECT schedule_id, due_at AS f, coalesce(last_due_at, due_at) AS l, count FROM fires "
                       "UNION ALL SELECT schedule_id, due_at, due_at, 1 FROM backlog), sums AS (SELECT schedule_id, "
                       "extract(epoch FROM max(l) - min(f)) + 1 - sum(count) AS gap FROM all_times GROUP BY schedule_id) "
                       "SELECT coalesce(string_agg(schedule_id || ': ' || gap, ', '), '') FROM sums WHERE gap <> 0");
  }
};

}  // namespace

TEST_F(TwoNodes, ASharedRoomIsNeverGivenAwayTwice) {
  // The database itself refuses a second run of a key: whoever creates one fails, loudly.
  fixture.sql("CREATE UNIQUE INDEX one_run_of_a_key ON run_queue (tenant_id, scope) WHERE scope IS NOT NULL; SELECT 1");
  const std::string workflow = api.workflow("Nap", open_definition("  - nap: {wait: {milliseconds: 300}}\n"));
  const char* policies[] = {"skip", "buffer_one", "buffer_all", "cancel_other"};
  for (int n = 0; n < 24; ++n)
    schedule(workflow, n, {{"overlap_policy", policies[n % 4]}, {"overlap", {{"scope", "key"}, {"key", ".customer"}}}});
  ASSERT_TRUE(eventually([&] { return std::stoi(fixture.sql("SELECT count(*) FROM runs")) >= 12; }, std::chrono::seconds(30)));
  fixture.stop();
  second->stop();
  EXPECT_NE(fixture.sql("SELECT count(*) FROM fires WHERE verdict <> 'started'"), "0");
  EXPECT_EQ(unaccounted(), "");
  check_quiet();
}

TEST_F(TwoNodes, FiresDrainsEndsPausesAndEditsAtOnceNeitherBlockNorLoseAnything) {
  const std::string quick = api.workflow("Quick", open_definition("  - nap: {wait: {milliseconds: 50}}\n"));
  const std::string fails = api.workflow("Fails", open_definition("  - stop: {raise: {error: {type: 'https://example.com/stop', status: 500, title: Broken}}}\n"));
  std::vector<std::string> all;
  const Json key{{"scope", "key"}, {"key", ".customer"}}, of_workflow{{"scope", "workflow"}};
  for (int n = 0; n < 30; ++n) {
    Json more{{"overlap_policy", n % 3 == 0 ? "buffer_all" : n % 3 == 1 ? "buffer_one" : "cancel_other"}, {"overlap", n % 2 ? key : of_workflow}};
    if (n % 5 == 0) more["hold_after_failures"] = 2;
    if (n % 5 == 1) more["missed_policy"] = "fail";
    all.push_back(schedule(n % 5 < 2 ? fails : quick, n, more));
  }
  auto expected = [](const HttpAnswer& answer) { EXPECT_TRUE(answer.status == 200 || answer.status == 409 || answer.status == 412) << answer.body; };
  std::vector<std::thread> people;
  for (std::size_t person = 0; person < 2; ++person)
    people.emplace_back([&, person] {
      std::size_t n = person;
      run_for(std::chrono::seconds(4), [&] {
        const std::string at = "/api/v1/schedules/" + all[(n += 7) % all.size()];
        expected(api.post(at + "/pause", Json::object()));
        expected(api.post(at + "/resume", Json::object()));
        expected(api.patch(at, {{"priority", n % 2 ? "high" : "low"}, {"jitter_seconds", 0}}, api.read(at)["revision"]));
      });
    });
  for (auto& person : people) person.join();
  fixture.stop();
  second->stop();
  EXPECT_EQ(unaccounted(), "");
  EXPECT_EQ(fixture.sql("SELECT count(*) FROM fires f LEFT JOIN runs r ON r.tenant_id = f.tenant_id AND r.id = f.run_id "
                        "WHERE f.verdict = 'started' AND r.id IS NULL"),
            "0");
  EXPECT_EQ(fixture.sql("SELECT count(*) FROM backlog b JOIN fires f ON f.tenant_id = b.tenant_id AND f.schedule_id = b.schedule_id AND f.due_at = b.due_at"), "0");
  check_quiet();
}
