// What a resume lifts, and what it asks for.
#include <gtest/gtest.h>

#include "tests/simulation/hub/sim_hub.h"

namespace carillon::simulation {
namespace {

using schedules::HoldKind;

/// One schedule of a workflow that takes any payload, held as a test says.
class Resume : public testing::Test {
 protected:
  Resume() {
    hub_.faults = false;
    memory::MemoryDatabase db(hub_.world, hub_.clock);
    IdSource ids(hub_.time, *hub_.rng);
    who_.tenant = ids.make<TenantId>();
    who_.permissions = {"workflows.manage", "workflows.publish", "schedules.manage"};
    EXPECT_TRUE(db.in_system([&](Tx& tx) { return hub_.stores.tenants.insert_tenant(tx, {who_.tenant, "acme", "Acme", "UTC"}); }));
    EXPECT_TRUE(call("workflows.create", {{"name", "flow"}, {"text", flow("type: object")}, {"format", "yaml"}}));
    params_["id"] = workflow_ = hub_.world.workflows.rows().begin()->first.second.to_string();
    EXPECT_TRUE(call("workflows.publish", Json::object(), 1));
  }

  static std::string flow(const std::string& schema) {
    return "document: {dsl: '1.0.0', namespace: sim, name: flow, version: '1.0.0'}\n"
           "input: {schema: {format: json, document: {" + schema + "}}}\ndo:\n  - done: {set: {ok: true}}\n";
  }
  void create(Json timing) {
    ASSERT_TRUE(call("schedules.create", {{"workflow_id", workflow_}, {"name", "S"}, {"timing", std::move(timing)}, {"payload", Json::object()}}));
    params_["id"] = hub_.world.schedules.rows().begin()->first.second.to_string();
  }
  Result<ActionResponse> call(const std::string& action, Json body, std::optional<std::int64_t> revision = std::nullopt) {
    ActionRequest request;
    request.params = params_;
    request.body = std::move(body);
    request.if_match = revision;
    return node_.call(action, who_, request);
  }
  const schedules::Schedule& row() const { return hub_.world.schedules.rows().begin()->second; }
  std::string holds() const {
    std::string out;
    for (const auto& [kind, _] : row().holds) out += (out.empty() ? "" : " ") + std::string(to_string(kind));
    return out;
  }
  void hold(HoldKind kind, std::vector<Violation> violations = {}) {
    hub_.world.undo.begin();
    hub_.world.schedules.edit(hub_.world.schedules.rows().begin()->first,
                              [&](schedules::Schedule& s) { s.holds[kind] = {"Held.", "", hub_.clock.now(), {}, std::move(violations)}; });
    hub_.world.undo.commit();
  }

  SimHub hub_{1, parse_instant("2026-05-01T12:00:00Z").value()};
  SimNode node_{hub_};
  TenantContext who_;
  std::map<std::string, std::string> params_;
  std::string workflow_;
};

}  // namespace

/// A resume took off the hold that too many failures had put on, together with the pause.
TEST_F(Resume, LiftsThePauseFirstAndTheFailuresWithTheNext) {
  create({{"kind", "cron"}, {"cron", "0 * * * *"}, {"zone", "UTC"}});
  ASSERT_TRUE(call("schedules.pause", Json::object()));
  hold(HoldKind::failures);
  const auto first = call("schedules.resume", Json::object());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->body["status"], "failed") << "the answer says what still holds";
  EXPECT_EQ(holds(), "failures");
  const auto second = call("schedules.resume", Json::object());
  ASSERT_TRUE(second);
  EXPECT_EQ(second->body["status"], "active");
  EXPECT_EQ(second->body["next_due_at"], "2026-05-01T13:00:00Z");
}

/// It answered 200, took the pause off and left the choice aside.
TEST_F(Resume, AsksWhatBecomesOfAPassedOneTimeThatIsInvalidToo) {
  create({{"kind", "once"}, {"run_at", "2026-05-01T13:00:00Z"}});
  ASSERT_TRUE(call("schedules.pause", Json::object()));
  hold(HoldKind::invalid, {{"/order", "/required", "required", "must be there", "{}"}});
  hub_.time.advance(std::chrono::hours(2));
  const auto asked = call("schedules.resume", Json::object());
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().reason, "RUN_AT_PASSED");
  const auto run = call("schedules.resume", {{"passed_one_time", "run_now"}});
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().reason, "SCHEDULE_INVALID");
  ASSERT_EQ(run.error().violations.size(), 1u);
  EXPECT_EQ(run.error().field, "/passed_one_time");
  EXPECT_EQ(holds(), "user invalid") << "a refusal changes nothing";
  ASSERT_TRUE(call("schedules.resume", {{"passed_one_time", "reschedule"}, {"run_at", "2026-05-01T20:00:00Z"}}));
  EXPECT_EQ(holds(), "invalid");
  ASSERT_TRUE(call("schedules.pause", Json::object()));
  hub_.time.advance(std::chrono::hours(20));
  ASSERT_TRUE(call("schedules.resume", {{"passed_one_time", "expire"}}));
  EXPECT_EQ(holds(), "expired");
}

}  // namespace carillon::simulation
