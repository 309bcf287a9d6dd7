#include <gtest/gtest.h>

#include "tests/simulation/hub/sim_hub.h"

namespace carillon::simulation {
namespace {

using schedules::BackfillItem;
using schedules::ItemState;

constexpr std::uint64_t kSeeds = 60;
constexpr const char* kDefinition =
    "document: {dsl: '1.0.0', namespace: sim, name: flow, version: '1.0.0'}\ninput: {schema: {format: json, document: {type: object}}}\n"
    "do:\n  - call:\n      call: http\n      with: {method: get, endpoint: 'http://sim.test/'}\n";

/// One backfill on two nodes that die at any commit, now and then paused, or under maintenance.
class BackfillLife {
 public:
  explicit BackfillLife(std::uint64_t seed) : hub_(seed, Instant::from_seconds(1780315200)) {
    IdSource ids(hub_.time, *hub_.rng);
    who_.tenant = ids.make<TenantId>();
    who_.actor_name = "Ann";
    who_.permissions = {"workflows.view", "workflows.manage", "workflows.publish", "schedules.view", "schedules.manage", "maintenance.manage"};
    hub_.faults = false;
    memory::MemoryDatabase db(hub_.world, hub_.clock);
    Status made = db.in_system([&](Tx& tx) { return hub_.stores.tenants.insert_tenant(tx, {who_.tenant, "sim", "Sim", "UTC"}); });
    if (!made) throw std::runtime_error(made.error().message);
    const std::string workflow = call("workflows.create", {}, {{"name", "flow"}, {"text", kDefinition}, {"format", "yaml"}})["id"];
    call("workflows.publish", workflow, Json::object());
    const std::string schedule = call("schedules.create", {}, {{"workflow_id", workflow}, {"name", "s"}, {"payload", Json::object()}, {"paused", true},
                                                               {"timing", {{"kind", "cron"}, {"cron", "*/10 * * * *"}, {"zone", "UTC"}}}})["id"];
    const Instant to = hub_.clock.now();
    concurrency_ = static_cast<std::int64_t>(1 + hub_.rng->below(4));
    id_ = call("backfills.create", schedule, {{"from", format_instant(to - std::chrono::hours(5))}, {"to", format_instant(to)}, {"concurrency", concurrency_}})["id"];
    hub_.faults = true;
  }

  void play(int steps) {
    for (int n = 0; n < steps; ++n) {
      step();
      if (hub_.chance(2)) call("backfills." + std::string(hub_.chance(50) ? "pause" : "resume"), id_, Json::object());
      if (hub_.chance(1)) call("maintenance.start", {}, {{"reason", "r"}, {"until", format_instant(hub_.clock.now() + std::chrono::seconds(20))}});
      if (hub_.chance(1)) end_maintenance();
    }
    hub_.faults = false;
    end_maintenance();
    call("backfills.resume", id_, Json::object());
    for (int n = 0; n < 3000 && state() != "completed"; ++n) step();
  }

  /// Every due time has exactly one run, and says how that ended.
  void check(std::uint64_t seed) {
    EXPECT_EQ(state(), "completed") << "seed " << seed;
    EXPECT_LE(most_at_once_, concurrency_) << "seed " << seed;
    std::map<Instant, std::vector<const Run*>> runs;
    for (const auto& [key, run] : hub_.world.runs.rows()) runs[run.provenance.due_at.value()].push_back(&run);
    EXPECT_EQ(runs.size(), 30u) << "seed " << seed;
    for (const auto& [key, item] : hub_.world.backfill_items.rows()) {
      ASSERT_EQ(runs[item.due_at].size(), 1u) << "seed " << seed << " at " << format_instant(item.due_at);
      const Run& run = *runs[item.due_at].front();
      EXPECT_EQ(item.run, run.id);
      EXPECT_EQ(to_string(item.state), to_string(run.state)) << "seed " << seed;
      EXPECT_EQ(run.provenance.reason, "backfill");
    }
  }
  int crashes() const { return crashes_; }

 private:
  void step() {
    hub_.time.advance(Duration{static_cast<std::int64_t>(1 + hub_.rng->below(4'000'000))});
    const bool planner = hub_.chance(50);
    on_node([planner](SimNode& node) { planner ? node.tick_planner() : node.tick_worker(); });
    std::int64_t started = 0;
    for (const auto& [key, item] : hub_.world.backfill_items.rows()) started += item.state == ItemState::started;
    most_at_once_ = std::max(most_at_once_, started);
  }
  void on_node(const std::function<void(SimNode&)>& work) {
    auto& node = nodes_[hub_.rng->below(2)];
    if (!node) node = std::make_unique<SimNode>(hub_);
    try {
      work(*node);
    } catch (const memory::SimulatedCrash&) {
      ++crashes_;
      node.reset();
    }
  }
  Json call(const std::string& action, const std::string& id, const Json& body) {
    Json answered;
    ActionRequest request;
    if (!id.empty()) request.params["id"] = id;
    request.body = body;
    request.if_match = 1;
    on_node([&](SimNode& node) {
      auto answer = node.call(action, who_, request);
      if (answer) answered = answer->body;
      else if (answer.error().code == ErrorCode::internal || !hub_.faults) last_refusal_ = action + ": " + answer.error().message;
    });
    return answered.is_null() ? Json{{"id", ""}} : answered;
  }
  void end_maintenance() {
    std::vector<std::string> ids;
    for (const auto& [key, entry] : hub_.world.maintenance.rows()) ids.push_back(key.second.to_string());
    for (const auto& id : ids) call("maintenance.end", id, Json::object());
  }
  std::string state() const {
    if (hub_.world.backfills.rows().empty()) return "none: " + last_refusal_;
    return std::string(to_string(hub_.world.backfills.rows().begin()->second.state));
  }

  SimHub hub_;
  TenantContext who_;
  std::unique_ptr<SimNode> nodes_[2];
  std::string id_, last_refusal_;
  std::int64_t concurrency_ = 1, most_at_once_ = 0;
  int crashes_ = 0;
};

TEST(BackfillSimulation, EachDueTimeHasOneRunWhateverFails) {
  int crashes = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds && !::testing::Test::HasFailure(); ++seed) {
    BackfillLife life(seed);
    life.play(200);
    life.check(seed);
    crashes += life.crashes();
  }
  EXPECT_GT(crashes, static_cast<int>(kSeeds)) << "a simulation in which nothing fails proves nothing";
}

}  // namespace
}  // namespace carillon::simulation
