// What the simulation found out about a database clock that steps back.
#include <gtest/gtest.h>

#include "tests/simulation/hub/sim_hub.h"

namespace carillon::simulation {
namespace {

/// One node, one schedule every minute, and nothing that fails.
class ClockStep : public testing::Test {
 protected:
  ClockStep() {
    hub_.faults = false;
    memory::MemoryDatabase db(hub_.world, hub_.clock);
    IdSource ids(hub_.time, *hub_.rng);
    who_.tenant = ids.make<TenantId>();
    who_.permissions = {"workflows.manage", "workflows.publish", "schedules.manage"};
    EXPECT_TRUE(db.in_system([&](Tx& tx) { return hub_.stores.tenants.insert_tenant(tx, {who_.tenant, "acme", "Acme", "UTC"}); }));
    const char* text = "document: {dsl: '1.0.0', namespace: sim, name: flow, version: '1.0.0'}\n"
                       "input: {schema: {format: json, document: {type: object}}}\n"
                       "do:\n  - done: {set: {ok: true}}\n";
    call("workflows.create", {{"name", "flow"}, {"text", text}, {"format", "yaml"}});
    params_["id"] = hub_.world.workflows.rows().begin()->first.second.to_string();
    call("workflows.publish", Json::object(), 1);
    call("schedules.create", {{"workflow_id", params_["id"]},
                              {"name", "minutely"},
                              {"timing", {{"kind", "cron"}, {"cron", "* * * * *"}, {"zone", "UTC"}}},
                              {"overlap_policy", "allow"},
                              {"payload", Json::object()}});
    params_["id"] = hub_.world.schedules.rows().begin()->first.second.to_string();
  }

  void call(const std::string& action, Json body, std::optional<std::int64_t> revision = std::nullopt) {
    ActionRequest request;
    request.params = params_;
    request.body = std::move(body);
    request.if_match = revision;
    const auto answer = node_.call(action, who_, request);
    ASSERT_TRUE(answer) << action << ": " << answer.error().message;
  }
  std::int64_t revision() const { return hub_.world.schedules.rows().begin()->second.revision; }
  void wait(Duration d) {
    hub_.time.advance(d);
    node_.tick_planner();
  }
  /// How often the due time is covered by the ledger.
  int times_recorded(Instant due) const {
    int times = 0;
    for (const auto& [key, fire] : hub_.world.fires.rows()) times += fire.due_at <= due && due <= fire.last_due_at.value_or(fire.due_at);
    return times;
  }
  void expect_each_minute_once(Instant from, Instant to) const {
    for (Instant t = from; t <= to; t += std::chrono::minutes(1)) EXPECT_EQ(times_recorded(t), 1) << format_instant(t);
  }

  int told() const {
    int alerts = 0;
    for (const auto& [key, row] : hub_.world.alerts.rows()) alerts += row.alert.code == "CLOCK_JUMPED" ? 1 : 0;
    return alerts;
  }

  const Instant noon_ = parse_instant("2026-05-01T12:00:00Z").value();
  SimHub hub_{1, noon_};
  SimNode node_{hub_};
  TenantContext who_;
  std::map<std::string, std::string> params_;
};

}  // namespace

/// The times of the outage stood in the ledger as one stretch; the edit after the step began in the middle of it again.
TEST_F(ClockStep, AnEditAfterAStepBackDoesNotFireSettledTimesAgain) {
  wait(std::chrono::minutes(60));  // 12:01 to 12:49 are missed, in one record
  hub_.clock.step(-std::chrono::minutes(30));
  call("schedules.update", {{"timing", {{"kind", "cron"}, {"cron", "*/2 * * * *"}, {"zone", "UTC"}}}}, revision());
  for (int n = 0; n < 40; ++n) wait(std::chrono::minutes(1));
  expect_each_minute_once(noon_ + std::chrono::minutes(1), noon_ + std::chrono::minutes(60));
  EXPECT_EQ(times_recorded(noon_ + std::chrono::minutes(61)), 0);
  EXPECT_EQ(times_recorded(noon_ + std::chrono::minutes(62)), 1);
}

/// A pause and its resume before the clock had caught up armed the schedule in the past.
TEST_F(ClockStep, AResumeAfterAStepBackDoesNotFireSettledTimesAgain) {
  wait(std::chrono::minutes(60));
  hub_.clock.step(-std::chrono::minutes(30));
  call("schedules.pause", Json::object());
  hub_.time.advance(std::chrono::minutes(5));
  call("schedules.resume", Json::object());
  for (int n = 0; n < 40; ++n) wait(std::chrono::minutes(1));
  expect_each_minute_once(noon_ + std::chrono::minutes(1), noon_ + std::chrono::minutes(70));
}

/// What the jump has made late is told of once, and waits for three steady minutes or for an operator.
TEST_F(ClockStep, AStepForwardHoldsWhatIsToBeCaughtUpUntilAnOperatorReleasesIt) {
  call("schedules.update", {{"missed_policy", "catchup"}, {"catch_up", {{"count", 3}}}}, revision());
  const auto caught_up = [&] {
    int started = 0;
    for (const auto& [key, fire] : hub_.world.fires.rows()) started += fire.reason.starts_with("Caught up") ? 1 : 0;
    return started;
  };
  wait(std::chrono::minutes(1));
  hub_.clock.step(std::chrono::hours(2));
  for (int n = 0; n < 20; ++n) wait(std::chrono::seconds(1));
  EXPECT_EQ(caught_up(), 0);
  EXPECT_EQ(told(), 1);
  EXPECT_TRUE(node_.clock_guard().release());
  for (int n = 0; n < 60; ++n) wait(std::chrono::seconds(1));
  EXPECT_EQ(caught_up(), 3);
}

/// Each node sees a jump by a look of its own, and both come to the schedule that waits for it.
TEST_F(ClockStep, TwoNodesTellOfEachJumpOnce) {
  SimNode other{hub_};
  call("schedules.update", {{"missed_policy", "catchup"}, {"catch_up", {{"count", 3}}}}, revision());
  bool first = false;
  const auto both = [&](Duration d) {
    hub_.time.advance(d);
    first = !first;
    (first ? node_ : other).tick_planner();
    (first ? other : node_).tick_planner();
  };
  both(std::chrono::minutes(1));
  both(std::chrono::seconds(1));
  hub_.clock.step(std::chrono::hours(2));
  for (int n = 0; n < 100; ++n) both(std::chrono::seconds(1));
  EXPECT_EQ(told(), 1);
  // While the first one still holds what is to be caught up.
  hub_.clock.step(std::chrono::seconds(90));
  for (int n = 0; n < 100; ++n) both(std::chrono::seconds(1));
  EXPECT_EQ(told(), 2);
}

}  // namespace carillon::simulation
