// A worker that holds as many runs as it may.
#include <gtest/gtest.h>

#include "tests/simulation/hub/sim_hub.h"

namespace carillon::simulation {
namespace {

/// As many as it may hold end in a round: it takes the next ones in the same transaction, and asks for no pause before
/// the queue is empty. It did neither, and slept for a second with a full queue.
TEST(FullWorker, TakesTheNextRunsInTheRoundThatEndsTheLast) {
  SimHub hub(1, parse_instant("2026-05-01T12:00:00Z").value());
  hub.faults = false;
  memory::MemoryDatabase db(hub.world, hub.clock);
  IdSource ids(hub.time, *hub.rng);
  const TenantId tenant = ids.make<TenantId>();
  const WorkflowId workflow = ids.make<WorkflowId>();
  const char* text = "document: {dsl: '1.0.0', namespace: sim, name: flow, version: '1.0.0'}\ndo:\n  - done: {set: {ok: true}}\n";
  constexpr int kRuns = 20, kConcurrency = 4;
  ASSERT_TRUE(db.in_system([&](Tx& tx) { return hub.stores.tenants.insert_tenant(tx, {tenant, "acme", "Acme", "UTC"}); }));
  ASSERT_TRUE(db.in_tenant(tenant, [&](Tx& tx) -> carillon::Status {
    Workflow head;
    head.tenant = tenant;
    head.id = workflow;
    head.name = "flow";
    CARILLON_CHECK(hub.stores.workflows.insert(tx, head, {{text, "yaml"}, 1, {}, ""}));
    WorkflowVersion version;
    version.workflow = workflow;
    version.number = 1;
    version.definition = {text, "yaml"};
    CARILLON_CHECK(hub.stores.workflows.insert_version(tx, tenant, version));
    for (int n = 0; n < kRuns; ++n) {
      NewRun run;
      run.tenant = tenant;
      run.id = ids.make<RunId>();
      run.workflow = workflow;
      run.version = 1;
      run.input = "{}";
      run.created_at = tx.now();
      CARILLON_CHECK(hub.stores.runs.insert(tx, std::span(&run, 1)));
    }
    return ok();
  }));

  FakeHttp http(hub.time, *hub.rng, hub.sink);
  ProgramCache programs(hub.stores.workflows, 10);
  Metrics metrics;
  WorkerOptions options;
  options.node = ids.make<NodeId>();
  options.concurrency = options.claim_batch = kConcurrency;
  Redaction redaction(hub.schemas, hub.stores.redaction);
  Worker worker(db, hub.stores.runs, programs, http, hub.time, ids, hub.stores.secrets, redaction, {}, metrics, hub.log, options, [] {});
  int rounds = 0;
  while (worker.tick() == Duration{0}) ASSERT_LT(++rounds, 100);
  EXPECT_EQ(metrics.counter("carillon_runs_ended_total", "").value(), kRuns);
  EXPECT_EQ(rounds, kRuns / kConcurrency) << "a round each, and one that finds nothing";
}

}  // namespace
}  // namespace carillon::simulation
