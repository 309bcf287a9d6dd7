// Publishes, edits, pauses and fires of the same schedules at once, on real row locks.
#include <gtest/gtest.h>

#include <thread>

#include "tests/support/hub_fixture.h"

using namespace carillon;
using namespace carillon::test;

namespace {

/// A version accepts {"v": parity} and nothing else, where parity is 1 for odd version numbers and 2 for even ones.
std::string parity_workflow(int parity) {
  return "document: {dsl: '1.0.0', namespace: test, name: parity, version: '1.0.0'}\n"
         "input: {schema: {format: json, document: {type: object, required: [v], properties: {v: {const: " +
         std::to_string(parity) + "}}}}}\ndo:\n  - done: {set: {ok: true}}\n";
}

/// What a caller who races others may be told.
bool expected(int status) { return status == 200 || status == 201 || status == 409 || status == 412 || status == 422; }

}  // namespace

TEST(Race, NoRunHasAPayloadItsVersionRefusesWhateverHappensAtOnce) {
  HubFixture fixture;
  const TestTenant tenant = fixture.tenant();
  const Api& api = tenant.api;
  const std::string workflow = api.workflow("Parity", parity_workflow(1));
  std::vector<std::string> schedules;
  for (int i = 0; i < 12; ++i)
    schedules.push_back(api.make("/api/v1/schedules", {{"workflow_id", workflow},
                                                       {"name", "S" + std::to_string(i)},
                                                       {"timing", {{"kind", "interval"}, {"every", 1}, {"unit", "seconds"}}},
                                                       {"overlap_policy", "allow"},
                                                       {"payload", {{"v", 1}}}})["id"]);
  std::atomic<bool> published_all{false};
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    for (int version = 2; version <= 25; ++version) api.publish(workflow, parity_workflow(version % 2 == 0 ? 2 : 1));
    published_all = true;
  });
  for (int editor = 1; editor <= 2; ++editor)
    threads.emplace_back([&, editor] {
      for (std::size_t n = 0; !published_all; ++n) {
        const std::string path = "/api/v1/schedules/" + schedules[n % schedules.size()];
        const std::int64_t revision = api.read(path)["revision"];
        const HttpAnswer answer = api.patch(path, {{"payload", {{"v", editor}}}}, revision);
        EXPECT_TRUE(expected(answer.status)) << answer.body;
      }
    });
  threads.emplace_back([&] {
    for (std::size_t n = 0; !published_all; ++n) {
      const std::string path = "/api/v1/schedules/" + schedules[n * 5 % schedules.size()];
      for (const char* action : {"/pause", "/run", "/resume"}) {
        const HttpAnswer answer = api.post(path + action, Json::object());
        EXPECT_TRUE(expected(answer.status)) << answer.body;
      }
    }
  });
  for (auto& thread : threads) thread.join();

  // The last version is odd: with payloads that fit it everything fires again.
  for (const auto& id : schedules) {
    const std::string path = "/api/v1/schedules/" + id;
    const std::int64_t revision = api.read(path)["revision"];
    EXPECT_EQ(api.patch(path, {{"payload", {{"v", 1}}}}, revision).status, 200);
    EXPECT_EQ(api.post(path + "/resume", Json::object()).status, 200);
    const std::string before = fixture.sql("SELECT count(*) FROM fires WHERE verdict = 'started' AND schedule_id = '" + id + "'");
    EXPECT_TRUE(eventually([&] {
      return fixture.sql("SELECT count(*) FROM fires WHERE verdict = 'started' AND schedule_id = '" + id + "'") != before;
    })) << api.read(path).dump(1);
  }
  EXPECT_EQ(fixture.sql("SELECT count(*) FROM runs WHERE (input::json ->> 'v')::int % 2 <> version % 2"), "0");
  EXPECT_NE(fixture.sql("SELECT count(*) FROM runs"), "0");
  EXPECT_EQ(fixture.sql("SELECT count(*) FROM fires f LEFT JOIN runs r ON r.tenant_id = f.tenant_id AND r.id = f.run_id "
                        "WHERE f.verdict = 'started' AND r.id IS NULL"),
            "0");
  EXPECT_EQ(fixture.log().errors(), std::vector<std::string>());
}
