// A bulk job on two nodes that crash, lose commits and get in each other's way: every schedule is changed once.
#include <gtest/gtest.h>

#include <iostream>

#include "plugins/schedules/bulk_runner.h"
#include "tests/simulation/hub/sim_hub.h"

namespace carillon::simulation {
namespace {

using namespace schedules;

constexpr std::uint64_t kBulkSeeds = 30;
constexpr const char* kBulkFlow =
    "document: {dsl: '1.0.0', namespace: sim, name: flow, version: '1.0.0'}\n"
    "input: {schema: {format: json, document: {type: object}}}\ndo: [{done: {set: {ok: true}}}]\n";

/// What a node needs to work off bulk jobs. Dropping it is a crash.
struct BulkNode {
  explicit BulkNode(SimHub& hub)
      : ids(hub.time, *hub.rng), db(hub.world, hub.clock), jobs(hub.stores.jobs, hub.zones), starter(hub.stores.runs, handover, ids),
        ender(hub.stores.runs, [] { return std::vector<RunHook*>(); }), guard(hub.time, metrics, hub.log), redaction(hub.schemas, hub.stores.redaction),
        ports{hub.stores.schedules, hub.stores.bulk, hub.stores.backfills, hub.stores.maintenance, hub.stores.publishing, hub.stores.retention,
              hub.stores.jobs, hub.stores.runs, hub.stores.workflows, hub.stores.tenants,
              hub.schemas, hub.stores.secrets, redaction, jobs, starter, ender, guard, hub.zones, ids, hub.log, [this]() -> Database& { return db; }, {}},
        settler(ports.schedules, ports.runs, ports.starter, ports.registrations, ports.zones, ports.ids, ports.policy),
        lifecycle(ports.schedules, ports.jobs, ports.registrations, settler, ports.zones), actions(ports, lifecycle), runner(ports, actions) {
    // Harsher than a hub's ordinary life: a job is a handful of commits.
    db.set_fault_hook([&hub](const memory::CommitPoint& point) {
      constexpr memory::Fault kFaults[] = {memory::Fault::crash_before_commit, memory::Fault::crash_after_commit, memory::Fault::conflict,
                                           memory::Fault::unavailable};
      return hub.faults && point.wrote && hub.chance(40) ? kFaults[hub.rng->below(4)] : memory::Fault::none;
    });
  }
  IdSource ids;
  memory::MemoryDatabase db;
  Metrics metrics;
  JobRunner jobs;
  RunHandover handover;
  RunStarter starter;
  RunEnder ender;
  ClockGuard guard;
  Redaction redaction;
  Ports ports;
  FireHandler settler;
  Lifecycle lifecycle;
  ScheduleActions actions;
  BulkRunner runner;
};

class BulkLife {
 public:
  explicit BulkLife(std::uint64_t seed) : hub_(seed, *parse_instant("2027-03-01T00:00:00Z")), office_(hub_) {
    hub_.faults = false;
    who_.tenant = ids.make<TenantId>();
    memory::MemoryDatabase db(hub_.world, hub_.clock);
    who_.actor_name = "Ann";
    who_.permissions = {"workflows.manage", "workflows.publish", "schedules.view", "schedules.manage", "runs.start"};
    const Tenant tenant{who_.tenant, "sim", "Tenant", "UTC"};
    if (!db.in_system([&](Tx& tx) { return hub_.stores.tenants.insert_tenant(tx, tenant); })) throw std::runtime_error("no tenant");
    const std::string workflow = call("workflows.create", {{"name", "flow"}, {"text", kBulkFlow}, {"format", "yaml"}})["id"];
    call("workflows.publish", Json::object(), workflow, 1);
    const auto count = 20 + hub_.rng->below(200);
    for (std::uint64_t n = 0; n < count; ++n)
      ids_.push_back(call("schedules.create", {{"workflow_id", workflow}, {"name", "s" + std::to_string(n)},
                                               {"timing", {{"kind", "interval"}, {"every", 1}, {"unit", "days"}}}, {"payload", Json::object()}})["id"]);
  }

  Json call(const std::string& action, Json body, const std::string& id = "", std::optional<std::int64_t> revision = {}) {
    ActionRequest request;
    request.body = std::move(body);
    if (!id.empty()) request.params["id"] = id;
    request.if_match = revision;
    auto answer = office_.call(action, who_, request);
    if (!answer) throw std::runtime_error(action + ": " + answer.error().reason + " " + answer.error().message);
    return answer->body;
  }

  /// Lets two nodes work on the job until it has ended; they may die at any commit.
  Json play(const std::string& job) {
    hub_.faults = true;
    for (int n = 0; n < 5000; ++n) {
      auto& node = nodes_[hub_.rng->below(2)];
      if (!node) node = std::make_unique<BulkNode>(hub_);
      hub_.time.advance(Duration{static_cast<std::int64_t>(1 + hub_.rng->below(hub_.chance(20) ? 40'000'000 : 100'000))});
      try {
        node->runner.tick();
      } catch (const memory::SimulatedCrash&) {
        ++crashes;
        node.reset();
      }
      const BulkJob* row = hub_.world.bulk_jobs.find({who_.tenant, *Uuid::parse(job)});
      if (row->ended_at) break;
    }
    hub_.faults = false;
    return call("schedules.bulk_get", Json::object(), job);
  }

  /// One chunk on one node, without faults.
  void tick() {
    if (!nodes_[0]) nodes_[0] = std::make_unique<BulkNode>(hub_);
    nodes_[0]->runner.tick();
  }

  /// Audit lines of the action, by schedule.
  std::map<std::string, int> audited(const std::string& action) const {
    std::map<std::string, int> out;
    for (const auto& [_, row] : hub_.world.audit.rows())
      if (row.entry.action == action) ++out[row.entry.object_id.to_string()];
    return out;
  }
  std::map<BulkItemState, int> states(const std::string& job) const {
    std::map<BulkItemState, int> out;
    for (const auto& [key, item] : hub_.world.bulk_items.rows())
      if (std::get<1>(key).to_string() == job) ++out[item.state];
    return out;
  }
  schedules::Status status(const std::string& id) const { return status_of(hub_.world.schedules.find({who_.tenant, *ScheduleId::parse(id)})->holds); }

  std::vector<std::string> ids_;
  int crashes = 0;
  SimHub hub_;
  IdSource ids{hub_.time, *hub_.rng};

 private:
  TenantContext who_;
  SimNode office_;
  std::unique_ptr<BulkNode> nodes_[2];
};

TEST(BulkSimulation, EveryScheduleIsChangedOnceWhateverFails) {
  int crashes = 0;
  for (std::uint64_t seed = 1; seed <= kBulkSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    BulkLife life(seed);
    std::vector<std::string> asked = life.ids_, before;
    // Some are paused already, and some ids name nothing.
    for (std::size_t n = 0; n < asked.size(); n += 7) before.push_back(asked[n]);
    for (const auto& id : before) life.call("schedules.pause", Json::object(), id);
    const auto unknown = static_cast<int>(life.hub_.rng->below(30));
    for (int n = 0; n < unknown; ++n) asked.push_back(life.ids.next().to_string());
    const std::string job = life.call("schedules.bulk", {{"action", "pause"}, {"ids", asked}})["id"];
    const Json paused = life.play(job);
    const int skipped = static_cast<int>(before.size()), changed = static_cast<int>(life.ids_.size()) - skipped;
    EXPECT_EQ(paused["state"], "finished");
    EXPECT_EQ(paused["done"], changed);
    EXPECT_EQ(paused["failed"], unknown);
    EXPECT_EQ(paused["skipped"], skipped);
    auto expected = std::map<BulkItemState, int>{{BulkItemState::done, changed}, {BulkItemState::skipped, skipped}};
    if (unknown > 0) expected[BulkItemState::failed] = unknown;
    EXPECT_EQ(life.states(job), expected);
    for (const auto& id : life.ids_) EXPECT_EQ(life.status(id), schedules::Status::paused);
    const auto pauses = life.audited("schedules.pause");
    EXPECT_EQ(pauses.size(), life.ids_.size());
    for (const auto& [id, count] : pauses) EXPECT_EQ(count, 1) << id;

    const std::string back = life.call("schedules.bulk_undo", Json::object(), job)["id"];
    EXPECT_EQ(life.play(back)["done"], changed);
    const std::set<std::string> still(before.begin(), before.end());
    for (const auto& id : life.ids_) EXPECT_EQ(life.status(id), still.contains(id) ? schedules::Status::paused : schedules::Status::active);
    for (const auto& [id, count] : life.audited("schedules.resume")) EXPECT_EQ(count, 1) << id;
    crashes += life.crashes;
    if (::testing::Test::HasFailure()) break;
  }
  std::cout << kBulkSeeds << " seeds: " << crashes << " crashes\n";
  EXPECT_GT(crashes, static_cast<int>(kBulkSeeds));
}

TEST(BulkSimulation, CancellingSkipsWhatWaitsAndUndoTakesBackTheRest) {
  BulkLife life(7);
  ASSERT_GT(life.ids_.size(), 60u);
  const int total = static_cast<int>(life.ids_.size());
  const std::string job = life.call("schedules.bulk", {{"action", "pause"}, {"filter", {{"text", "s"}}}, {"expected_count", total}})["id"];
  life.tick();
  EXPECT_THROW(life.call("schedules.bulk_undo", Json::object(), job), std::runtime_error) << "it still runs";
  const Json cancelled = life.call("schedules.bulk_cancel", Json::object(), job);
  EXPECT_EQ(cancelled["state"], "cancelled");
  EXPECT_EQ(cancelled["done"], 50);
  EXPECT_EQ(cancelled["skipped"], total - 50);
  life.tick();
  EXPECT_EQ(life.states(job), (std::map<BulkItemState, int>{{BulkItemState::done, 50}, {BulkItemState::skipped, total - 50}}));
  EXPECT_EQ(life.audited("schedules.pause").size(), 50u);
  EXPECT_EQ(life.play(life.call("schedules.bulk_undo", Json::object(), job)["id"])["done"], 50);
  for (const auto& id : life.ids_) EXPECT_EQ(life.status(id), schedules::Status::active);
}

}  // namespace
}  // namespace carillon::simulation
