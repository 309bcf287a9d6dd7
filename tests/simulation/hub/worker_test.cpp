// What one worker takes, in which order it stores what, and what goes to it without the queue.
#include <gtest/gtest.h>

#include "engine/runs/worker.h"
#include "tests/simulation/hub/sim_hub.h"

namespace carillon::simulation {
namespace {

constexpr int kConcurrency = 4;

/// One tenant with one workflow that sets a value and ends, and a worker with a few places.
class WorkerRounds : public ::testing::Test {
 protected:
  WorkerRounds() {
    hub_.faults = false;
    options_.node = ids_.make<NodeId>();
    options_.concurrency = options_.claim_batch = kConcurrency;
    const char* text = "document: {dsl: '1.0.0', namespace: sim, name: flow, version: '1.0.0'}\ndo:\n  - done: {set: {ok: true}}\n";
    EXPECT_TRUE(db_.in_system([&](Tx& tx) { return hub_.stores.tenants.insert_tenant(tx, {tenant_, "acme", "Acme", "UTC"}); }));
    EXPECT_TRUE(db_.in_tenant(tenant_, [&](Tx& tx) -> carillon::Status {
      Workflow head;
      head.tenant = tenant_;
      head.id = workflow_;
      head.name = "flow";
      CARILLON_CHECK(hub_.stores.workflows.insert(tx, head, {{text, "yaml"}, 1, {}, ""}));
      WorkflowVersion version;
      version.workflow = workflow_;
      version.number = 1;
      version.definition = {text, "yaml"};
      return hub_.stores.workflows.insert_version(tx, tenant_, version);
    }));
  }

  std::unique_ptr<Worker> make_worker() {
    return std::make_unique<Worker>(db_, hub_.stores.runs, handover_, programs_, http_, hub_.time, ids_, hub_.stores.secrets, redaction_,
                                    std::vector<RunHook*>{}, metrics_, hub_.log, options_, [this] { ++woken_; });
  }
  NewRun new_run() {
    NewRun run;
    run.tenant = tenant_;
    run.id = ids_.make<RunId>();
    run.workflow = workflow_;
    run.version = 1;
    run.input = "{}";
    run.created_at = hub_.time.now();
    return run;
  }
  std::vector<RunId> create(int count, bool commit = true, const std::function<void(NewRun&)>& adjust = [](NewRun&) {}) {
    std::vector<RunId> ids;
    const auto done = db_.in_system([&](Tx& tx) -> carillon::Status {
      std::vector<NewRun> runs;
      for (int n = 0; n < count; ++n) runs.push_back(new_run());
      for (auto& run : runs) {
        adjust(run);
        ids.push_back(run.id);
      }
      CARILLON_CHECK(starter_.create(tx, std::move(runs)));
      return commit ? ok() : carillon::Status(Error{ErrorCode::conflict, "CHANGED_MY_MIND", "", "", "", "", {}});
    });
    EXPECT_EQ(bool(done), commit);
    return ids;
  }
  RunState state_of(RunId id) {
    return transact(db_, tenant_, [&](Tx& tx) { return hub_.stores.runs.get(tx, tenant_, id); }).value().state;
  }
  int ended(const std::vector<RunId>& ids) {
    return static_cast<int>(std::ranges::count_if(ids, [&](RunId id) { return state_of(id) == RunState::succeeded; }));
  }
  int not_owned() {
    int out = 0;
    for (const auto& [key, row] : hub_.world.queue.rows()) out += row.owner ? 0 : 1;
    return out;
  }
  /// Until it has nothing to do within a second; answers in how many rounds.
  int work(Worker& worker) {
    int rounds = 1;
    for (Duration pause = worker.tick(); pause < options_.longest_wait && rounds < 100; pause = worker.tick(), ++rounds) hub_.time.advance(pause);
    return rounds;
  }
  std::int64_t counter(const char* name) { return metrics_.counter(name, "").value(); }

  SimHub hub_{1, parse_instant("2026-05-01T12:00:00Z").value()};
  memory::MemoryDatabase db_{hub_.world, hub_.clock};
  IdSource ids_{hub_.time, *hub_.rng};
  const TenantId tenant_ = ids_.make<TenantId>();
  const WorkflowId workflow_ = ids_.make<WorkflowId>();
  FakeHttp http_{hub_.time, *hub_.rng, hub_.sink};
  ProgramCache programs_{hub_.stores.workflows, 10};
  Redaction redaction_{hub_.schemas, hub_.stores.redaction};
  Metrics metrics_;
  WorkerOptions options_;
  RunHandover handover_;
  RunStarter starter_{hub_.stores.runs, handover_, ids_};
  int woken_ = 0;
};

/// As many as it may hold end in a round: it takes the next ones at once, and asks for no pause before the queue is
/// empty. It did neither, and slept for a second with a full queue.
TEST_F(WorkerRounds, TakesTheNextRunsInTheRoundThatEndsTheLast) {
  constexpr int kRuns = 20;
  const auto ids = create(kRuns);
  auto worker = make_worker();
  EXPECT_LE(work(*worker), kRuns / kConcurrency + 2) << "a round for each handful, one that finds nothing, one that stores";
  EXPECT_EQ(ended(ids), kRuns);
}

TEST_F(WorkerRounds, StartsAllThatWaitBeforeItStoresTheEnds) {
  const auto ids = create(3 * kConcurrency);
  auto worker = make_worker();
  for (int n = 0; n < 3; ++n) {
    EXPECT_EQ(worker->tick(), Duration{0});
    EXPECT_EQ(counter("carillon_runs_claimed_total"), (n + 1) * kConcurrency);
  }
  EXPECT_EQ(ended(ids), 0);
  work(*worker);
  EXPECT_EQ(ended(ids), 3 * kConcurrency);
}

TEST_F(WorkerRounds, StoresEndsASecondLateAtMostHoweverManyWait) {
  const auto ids = create(30 * kConcurrency);
  auto worker = make_worker();
  worker->tick();
  for (int n = 1; n <= 20; ++n) {
    EXPECT_EQ(ended(ids), 0) << n;
    hub_.time.advance(std::chrono::milliseconds(50));
    worker->tick();
  }
  EXPECT_EQ(ended(ids), 20 * kConcurrency);
}

TEST_F(WorkerRounds, WhatWasAskedToEndBeforeItBeganNeverBeginsAndIsNotTriedAgain) {
  const auto ids = create(1, true, [](NewRun& run) {
    run.settings.retries = 3;
    run.not_before = run.created_at + std::chrono::minutes(1);
  });
  ASSERT_TRUE(db_.in_tenant(tenant_, [&](Tx& tx) { return hub_.stores.runs.request_cancel(tx, tenant_, ids[0]); }));
  auto worker = make_worker();
  work(*worker);
  EXPECT_EQ(state_of(ids[0]), RunState::cancelled);
  EXPECT_FALSE(transact(db_, tenant_, [&](Tx& tx) { return hub_.stores.runs.get(tx, tenant_, ids[0]); }).value().started_at);
  EXPECT_EQ(hub_.world.runs.rows().size(), 1u);
}

TEST_F(WorkerRounds, KeepsNoMoreEndsThanItMay) {
  options_.ends_kept = 2 * kConcurrency;
  const auto ids = create(5 * kConcurrency);
  auto worker = make_worker();
  for (int n = 0; n < 2; ++n) worker->tick();
  EXPECT_EQ(ended(ids), 0);
  worker->tick();
  EXPECT_EQ(ended(ids), 2 * kConcurrency);
}

TEST_F(WorkerRounds, StoresAtOnceWhatMayComeAgainWithinTheSecondOrIsWaitedFor) {
  for (const bool backfill : {true, false}) {
    const auto ids = create(3 * kConcurrency, true, [&](NewRun& run) { (backfill ? run.provenance.reason : run.provenance.timing_kind) = backfill ? "backfill" : "interval"; });
    auto worker = make_worker();
    worker->tick();
    worker->tick();
    EXPECT_EQ(ended(ids), kConcurrency);
    work(*worker);
  }
}

TEST_F(WorkerRounds, WhatAWorkerHereHasAPlaceForBeginsWithoutTheQueue) {
  auto worker = make_worker();
  work(*worker);
  const auto ids = create(kConcurrency + 2);
  EXPECT_EQ(woken_, 1);
  EXPECT_EQ(not_owned(), 2) << "the others are left to the queue";
  work(*worker);
  EXPECT_EQ(ended(ids), kConcurrency + 2);
  EXPECT_EQ(counter("carillon_leases_lost_total"), 0);
}

TEST_F(WorkerRounds, NobodyWhoWaitsIsOvertaken) {
  const auto first = create(3 * kConcurrency);
  auto worker = make_worker();
  worker->tick();  // as many as it can: there may be more
  const auto second = create(1);
  EXPECT_EQ(not_owned(), 2 * kConcurrency + 1) << "it waits behind the others";
  work(*worker);
  EXPECT_EQ(ended(first) + ended(second), 3 * kConcurrency + 1);
}

TEST_F(WorkerRounds, ARolledBackTransactionGivesThePlacesBack) {
  auto worker = make_worker();
  work(*worker);
  create(kConcurrency, false);
  EXPECT_EQ(woken_, 0);
  const auto ids = create(kConcurrency);
  EXPECT_EQ(not_owned(), 0);
  work(*worker);
  EXPECT_EQ(ended(ids), kConcurrency);
}

TEST_F(WorkerRounds, ARunForLaterIsLeftToTheQueue) {
  auto worker = make_worker();
  work(*worker);
  ASSERT_TRUE(db_.in_system([&](Tx& tx) {
    std::vector<NewRun> runs{new_run(), new_run()};
    runs[0].not_before = runs[0].created_at + std::chrono::hours(1);
    return starter_.create(tx, std::move(runs));
  }));
  EXPECT_EQ(not_owned(), 1);
  work(*worker);
  EXPECT_EQ(counter("carillon_runs_ended_total"), 1);
}

TEST_F(WorkerRounds, WhatLayForTooLongIsLeftToWhoeverTakesItOver) {
  auto slow = make_worker();
  work(*slow);
  const auto ids = create(1);
  hub_.time.advance(options_.lease);
  work(*slow);
  EXPECT_EQ(ended(ids), 1) << "claimed anew, as the lease has run out";
  EXPECT_EQ(counter("carillon_leases_lost_total"), 0) << "under the epoch it was handed over with it would be another's";
}

TEST_F(WorkerRounds, AWorkerThatIsGoneLeavesItsRunsToOthers) {
  auto gone = make_worker();
  work(*gone);
  const auto ids = create(2);
  gone->hand_back_all();
  gone.reset();
  const auto later = create(1);
  auto other = make_worker();
  work(*other);
  EXPECT_EQ(ended(ids), 2);
  EXPECT_EQ(ended(later), 1);
}

TEST_F(WorkerRounds, OneThatDrainsOffersNoPlaces) {
  auto worker = make_worker();
  work(*worker);
  worker->drain();
  work(*worker);
  create(1);
  EXPECT_EQ(not_owned(), 1);
}

}  // namespace
}  // namespace carillon::simulation
