// What RunStore promises. A lease that has run out is one that was given an end in the past.
#include "tests/contract/stores/contract_fixture.h"

namespace carillon::contract {
namespace {

class RunContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    workflow_ = make_workflow(a_, "orders");
    t_ = now();
  }
  RunStore& store() { return set_->runs(); }
  RunId queue(Priority priority = Priority::normal, Duration age = 1s) {
    NewRun run = new_run(a_, workflow_);
    run.priority = priority;
    run.created_at = t_ - age;
    return insert_run(run);
  }
  std::vector<ClaimedRun> claim(Duration lease = 1h, int limit = 100, std::optional<NodeId> owner = std::nullopt) {
    return must(in_system([&](Tx& tx) { return store().claim(tx, owner.value_or(node_), tx.now() + lease, limit); }));
  }
  std::vector<RunId> claim_ids(int limit = 100) {
    std::vector<RunId> out;
    for (const auto& run : claim(1h, limit)) out.push_back(run.id);
    return out;
  }
  RunProgress progress_of(const ClaimedRun& run, RunState state) {
    RunProgress p;
    p.tenant = run.tenant;
    p.id = run.id;
    p.workflow = run.workflow;
    p.epoch = run.epoch;
    p.state = state;
    p.started_at = t_;
    if (is_terminal(state)) p.ended_at = t_ + 1s;
    if (state == RunState::running) p.lease_until = t_ + 1h;
    if (!is_terminal(state)) p.checkpoint = R"({"at":1})";
    p.provenance = run.provenance;
    return p;
  }
  std::vector<RunId> progress(const RunProgress& p) {
    return must(in_system([&](Tx& tx) { return store().progress(tx, std::span(&p, 1)); }));
  }
  std::vector<RunStore::LeaseAnswer> extend(const ClaimedRun& run, Duration lease = 1h) {
    RunStore::LeaseKey key{run.tenant, run.id, run.epoch};
    return must(in_system([&](Tx& tx) { return store().extend(tx, std::span(&key, 1), tx.now() + lease); }));
  }
  void hand_back(const ClaimedRun& run) {
    RunStore::LeaseKey key{run.tenant, run.id, run.epoch};
    must(set_->db().in_system([&](Tx& tx) { return store().hand_back(tx, std::span(&key, 1)); }));
  }
  carillon::Run get(RunId id) {
    return must(in(a_, [&](Tx& tx) { return store().get(tx, a_, id); }));
  }
  Status cancel(RunId id) {
    return set_->db().in_tenant(a_, [&](Tx& tx) { return store().request_cancel(tx, a_, id); });
  }
  std::vector<RunId> list(const RunFilter& filter) {
    std::vector<RunId> out;
    for (const auto& run : must(in(a_, [&](Tx& tx) { return store().list(tx, a_, filter); }))) out.push_back(run.id);
    return out;
  }
  std::optional<Instant> next_wake() {
    return must(in_system([&](Tx& tx) { return store().next_wake(tx); }));
  }
  ClaimedRun claim_one() {
    auto claimed = claim();
    if (claimed.size() != 1) throw std::runtime_error("expected one claimable run, not " + std::to_string(claimed.size()));
    return claimed[0];
  }
  WorkflowId workflow_;
  NodeId node_ = ids_.make<NodeId>();
  Instant t_;
};

TEST_F(RunContract, ARunIsReadAsInserted) {
  NewRun run = new_run(a_, workflow_);
  run.version = 3;
  run.priority = Priority::high;
  run.provenance.reason = "scheduled";
  run.provenance.schedule = ids_.make<ScheduleId>();
  run.provenance.schedule_name = "nightly";
  run.provenance.schedule_revision = 5;
  run.provenance.due_at = t_ - 1min;
  run.input = R"({"text":"zwölf \"quoted\" \\ , {}"})";
  insert_run(run);
  carillon::Run read = get(run.id);
  EXPECT_EQ(read.tenant, a_);
  EXPECT_EQ(read.workflow, workflow_);
  EXPECT_EQ(read.workflow_name, "orders");
  EXPECT_EQ(read.version, 3);
  EXPECT_EQ(read.state, RunState::queued);
  EXPECT_EQ(read.priority, Priority::high);
  EXPECT_EQ(to_json(read.provenance), to_json(run.provenance));
  EXPECT_EQ(read.input, run.input);
  EXPECT_EQ(read.created_at, run.created_at);
  EXPECT_FALSE(read.started_at);
  EXPECT_FALSE(read.ended_at);
  EXPECT_EQ(read.output + read.error, "");
}

TEST_F(RunContract, AnotherTenantsRunIsNotFound) {
  RunId id = queue();
  for (TenantId named : {a_, b_}) {
    auto found = in(b_, [&](Tx& tx) { return store().get(tx, named, id); });
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, ErrorCode::not_found);
    Status cancelled = set_->db().in_tenant(b_, [&](Tx& tx) { return store().request_cancel(tx, named, id); });
    ASSERT_FALSE(cancelled);
    EXPECT_EQ(cancelled.error().code, ErrorCode::not_found);
    EXPECT_TRUE(must(in(b_, [&](Tx& tx) { return store().list(tx, named, {}); })).empty());
    EXPECT_TRUE(must(in(b_, [&](Tx& tx) { return store().steps(tx, named, id); })).empty());
  }
}

TEST_F(RunContract, AClaimHandsOverTheRun) {
  NewRun run = new_run(a_, workflow_);
  run.provenance.actor = "ann";
  insert_run(run);
  ClaimedRun claimed = claim_one();
  EXPECT_EQ(claimed.tenant, a_);
  EXPECT_EQ(claimed.id, run.id);
  EXPECT_EQ(claimed.workflow, workflow_);
  EXPECT_EQ(claimed.version, 1);
  EXPECT_EQ(claimed.input, run.input);
  EXPECT_EQ(claimed.checkpoint, "");
  EXPECT_EQ(claimed.provenance.actor, "ann");
  EXPECT_EQ(claimed.created_at, run.created_at);
  EXPECT_FALSE(claimed.started_at);
  EXPECT_GT(claimed.epoch, 0);
  EXPECT_EQ(claimed.takeovers, 0);
  EXPECT_FALSE(claimed.cancel_requested);
}

TEST_F(RunContract, AClaimedRunIsNotClaimedAgainWhileItsLeaseLasts) {
  queue();
  EXPECT_EQ(claim().size(), 1u);
  EXPECT_TRUE(claim().empty());
}

TEST_F(RunContract, WhatIsCreatedForLaterIsNotClaimedYet) {
  queue(Priority::normal, -1h);
  EXPECT_TRUE(claim().empty());
  EXPECT_EQ(next_wake(), t_ + 1h);
}

TEST_F(RunContract, HigherPriorityGoesFirstThenTheOldest) {
  RunId young = queue(Priority::normal, 1s), old = queue(Priority::normal, 1min);
  RunId low = queue(Priority::low, 1h), urgent = queue(Priority::critical, 1s), high = queue(Priority::high, 1s);
  // An order is promised between claims; the runs of one claim come in any.
  EXPECT_THAT(claim_ids(1), ::testing::ElementsAre(urgent));
  EXPECT_THAT(claim_ids(2), ::testing::UnorderedElementsAre(high, old));
  EXPECT_THAT(claim_ids(2), ::testing::UnorderedElementsAre(young, low));
}

TEST_F(RunContract, ARunWhoseLeaseRanOutIsTakenOverWithANewEpoch) {
  queue();
  auto first = claim(-1s);
  ASSERT_EQ(first.size(), 1u);
  ClaimedRun second = claim_one();
  EXPECT_GT(second.epoch, first[0].epoch);
  EXPECT_EQ(second.takeovers, 1);
  EXPECT_EQ(get(second.id).takeovers, 1);
}

TEST_F(RunContract, OnlyTheNewestEpochWritesAndOnlyOnceToTheEnd) {
  queue();
  ClaimedRun stale = claim(-1s).at(0);
  ClaimedRun current = claim_one();
  RunProgress late = progress_of(stale, RunState::failed);
  late.steps.push_back({1, "/do/0", "call", "http", 1, "failed", t_, t_, "", "", "{}"});
  EXPECT_TRUE(progress(late).empty());
  EXPECT_TRUE(extend(stale).empty());
  EXPECT_FALSE(is_terminal(get(current.id).state));
  EXPECT_TRUE(must(in(a_, [&](Tx& tx) { return store().steps(tx, a_, current.id); })).empty());
  EXPECT_THAT(progress(progress_of(current, RunState::succeeded)), ::testing::ElementsAre(current.id));
  EXPECT_TRUE(progress(progress_of(current, RunState::failed)).empty()) << "ended once";
  EXPECT_EQ(get(current.id).state, RunState::succeeded);
  EXPECT_TRUE(claim().empty());
  EXPECT_FALSE(next_wake());
}

TEST_F(RunContract, AnEndIsRecordedWithItsOutput) {
  queue();
  ClaimedRun run = claim_one();
  RunProgress p = progress_of(run, RunState::failed);
  p.output = R"({"sum":3})";
  p.error = R"({"title":"no"})";
  progress(p);
  carillon::Run read = get(run.id);
  EXPECT_EQ(read.state, RunState::failed);
  EXPECT_EQ(read.started_at, p.started_at);
  EXPECT_EQ(read.ended_at, p.ended_at);
  EXPECT_EQ(read.output, p.output);
  EXPECT_EQ(read.error, p.error);
}

TEST_F(RunContract, OfABatchOnlyTheFencedAreLeftOut) {
  std::vector<RunId> ids{queue(), queue(), queue()};
  auto stale = claim(-1s);
  auto current = claim();
  ASSERT_EQ(current.size(), 3u);
  std::vector<RunProgress> batch{progress_of(current[0], RunState::succeeded), progress_of(current[1], RunState::waiting)};
  for (const auto& run : stale)
    if (run.id == current[2].id) batch.push_back(progress_of(run, RunState::succeeded));
  ASSERT_EQ(batch.size(), 3u);
  batch[1].wake_at = t_ + 1h;
  auto held = must(in_system([&](Tx& tx) { return store().progress(tx, batch); }));
  EXPECT_THAT(held, ::testing::UnorderedElementsAre(current[0].id, current[1].id));
  EXPECT_EQ(get(current[0].id).state, RunState::succeeded);
  EXPECT_EQ(get(current[1].id).state, RunState::waiting);
  EXPECT_FALSE(is_terminal(get(current[2].id).state));
}

TEST_F(RunContract, ProgressKeepsTheLeaseAndTheCheckpoint) {
  queue();
  ClaimedRun run = claim(1h).at(0);
  RunProgress p = progress_of(run, RunState::running);
  p.lease_until = t_ - 1s;
  EXPECT_EQ(progress(p).size(), 1u);
  EXPECT_EQ(get(run.id).state, RunState::running);
  ClaimedRun again = claim_one();
  EXPECT_EQ(again.checkpoint, p.checkpoint);
  EXPECT_EQ(again.started_at, t_);
}

TEST_F(RunContract, TheFirstStartIsKept) {
  queue();
  RunProgress p = progress_of(claim_one(), RunState::running);
  progress(p);
  p.state = RunState::succeeded;
  p.started_at = t_ + 5s;
  p.ended_at = t_ + 6s;
  progress(p);
  EXPECT_EQ(get(p.id).started_at, t_);
}

TEST_F(RunContract, AWaitingRunIsClaimedWhenItsTimeHasCome) {
  queue();
  ClaimedRun run = claim_one();
  RunProgress p = progress_of(run, RunState::waiting);
  p.wake_at = t_ + 1h;
  progress(p);
  EXPECT_TRUE(claim().empty());
  EXPECT_EQ(next_wake(), t_ + 1h);

  RunId second = queue();
  ClaimedRun other = claim_one();
  EXPECT_EQ(other.id, second);
  p = progress_of(other, RunState::waiting);
  p.wake_at = t_ - 1s;
  progress(p);
  ClaimedRun woken = claim_one();
  EXPECT_EQ(woken.id, second);
  EXPECT_EQ(woken.takeovers, 0) << "nobody was lost";
  EXPECT_GT(woken.epoch, other.epoch);
}

TEST_F(RunContract, ExtendKeepsTheLeaseOfWhoHoldsIt) {
  queue();
  ClaimedRun run = claim(-1s).at(0);
  auto answers = extend(run);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].run, run.id);
  EXPECT_FALSE(answers[0].cancel_requested);
  EXPECT_TRUE(claim().empty());
}

TEST_F(RunContract, ARunThatIsTakenFromTheStartIsHeldLikeAClaimedOne) {
  NewRun mine = new_run(a_, workflow_), others = mine;
  others.id = ids_.make<RunId>();
  mine.taken = RunTaken{ids_.make<NodeId>(), t_ + 1h};
  const std::vector<NewRun> both{mine, others};
  must(in_system([&](Tx& tx) { return store().insert(tx, both); }));
  EXPECT_EQ(claim_one().id, others.id) << "nobody else finds it";
  EXPECT_EQ(get(mine.id).state, RunState::queued);
  ClaimedRun held;
  held.tenant = a_;
  held.id = mine.id;
  held.workflow = workflow_;
  held.epoch = kFirstEpoch;
  EXPECT_EQ(extend(held).size(), 1u);
  EXPECT_EQ(progress(progress_of(held, RunState::succeeded)).size(), 1u);
  EXPECT_EQ(get(mine.id).state, RunState::succeeded);
}

TEST_F(RunContract, ATakenRunIsTakenOverWhenItsLeaseHasRunOut) {
  NewRun run = new_run(a_, workflow_);
  run.taken = RunTaken{ids_.make<NodeId>(), t_ - 1s};
  insert_run(run);
  ClaimedRun next = claim_one();
  EXPECT_EQ(next.id, run.id);
  EXPECT_EQ(next.takeovers, 1);
  EXPECT_EQ(next.epoch, kFirstEpoch + 1);
  EXPECT_EQ(next.input, run.input);
  ClaimedRun late = next;
  late.epoch = kFirstEpoch;
  EXPECT_TRUE(progress(progress_of(late, RunState::succeeded)).empty()) << "it is no longer its";
}

TEST_F(RunContract, AHandedBackRunIsClaimableAtOnceAndNoTakeover) {
  queue();
  ClaimedRun run = claim_one();
  hand_back(run);
  ClaimedRun again = claim_one();
  EXPECT_EQ(again.takeovers, 0);
  EXPECT_GT(again.epoch, run.epoch);
}

TEST_F(RunContract, WhoGaveARunBackHoldsItNoLonger) {
  queue();
  ClaimedRun run = claim_one();
  hand_back(run);
  EXPECT_TRUE(extend(run).empty());
  EXPECT_TRUE(progress(progress_of(run, RunState::succeeded)).empty());
  EXPECT_EQ(claim().size(), 1u) << "still claimable";
}

TEST_F(RunContract, ACancelReachesTheHolderThroughItsLease) {
  RunId id = queue();
  ClaimedRun run = claim_one();
  must(cancel(id));
  EXPECT_TRUE(claim().empty()) << "the holder keeps it";
  auto answers = extend(run);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_TRUE(answers[0].cancel_requested);
}

TEST_F(RunContract, ACancelMakesAWaitingRunClaimableNow) {
  RunId id = queue();
  RunProgress p = progress_of(claim_one(), RunState::waiting);
  p.wake_at = t_ + 1h;
  progress(p);
  must(cancel(id));
  ClaimedRun run = claim_one();
  EXPECT_TRUE(run.cancel_requested);
}

TEST_F(RunContract, ARunThatGoesToWaitAfterACancelIsClaimableNow) {
  RunId id = queue();
  ClaimedRun run = claim_one();
  must(cancel(id));
  RunProgress p = progress_of(run, RunState::waiting);
  p.wake_at = t_ + 1h;
  progress(p);
  EXPECT_TRUE(claim_one().cancel_requested);
}

TEST_F(RunContract, AnEndedRunCannotBeCancelled) {
  RunId id = queue();
  progress(progress_of(claim_one(), RunState::succeeded));
  Status status = cancel(id);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::conflict);
  EXPECT_EQ(status.error().reason, "RUN_ENDED");
}

TEST_F(RunContract, StepsAreInsertedAndEndedUnderOneOrdinal) {
  RunId id = queue();
  RunProgress p = progress_of(claim_one(), RunState::running);
  p.steps = {{2, "/do/1", "second", "wait", 1, "running", t_ + 1s, std::nullopt, "", "", ""},
             {1, "/do/0", "first", "http", 1, "running", t_, std::nullopt, R"({"u":1})", "", ""}};
  progress(p);
  p.steps = {{1, "/do/0", "first", "http", 1, "succeeded", t_, t_ + 2s, "", R"({"o":1})", ""},
             {3, "/do/0", "first", "http", 2, "failed", t_ + 3s, t_ + 4s, "", "", R"({"e":1})"}};
  progress(p);
  auto steps = must(in(a_, [&](Tx& tx) { return store().steps(tx, a_, id); }));
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[0].ordinal, 1);
  EXPECT_EQ(steps[0].path, "/do/0");
  EXPECT_EQ(steps[0].type, "http");
  EXPECT_EQ(steps[0].state, "succeeded");
  EXPECT_EQ(steps[0].started_at, t_);
  EXPECT_EQ(steps[0].ended_at, t_ + 2s);
  EXPECT_EQ(steps[0].input, R"({"u":1})") << "given once, at the start";
  EXPECT_EQ(steps[0].output, R"({"o":1})");
  EXPECT_EQ(steps[1].state, "running");
  EXPECT_FALSE(steps[1].ended_at);
  EXPECT_EQ(steps[2].attempt, 2);
  EXPECT_EQ(steps[2].error, R"({"e":1})");
}

TEST_F(RunContract, ListsGoNewestFirstInPages) {
  std::vector<RunId> ids;
  for (int n = 0; n < 5; ++n) ids.push_back(queue());
  RunFilter filter;
  filter.limit = 2;
  EXPECT_THAT(list(filter), ::testing::ElementsAre(ids[4], ids[3]));
  filter.before = ids[3];
  EXPECT_THAT(list(filter), ::testing::ElementsAre(ids[2], ids[1]));
  filter.before = ids[1];
  EXPECT_THAT(list(filter), ::testing::ElementsAre(ids[0]));
}

TEST_F(RunContract, ListsFilterByEachField) {
  WorkflowId other = make_workflow(a_, "tickets");
  NewRun scheduled = new_run(a_, workflow_), plain = new_run(a_, other), old = new_run(a_, workflow_);
  scheduled.provenance.reason = "scheduled";
  scheduled.provenance.schedule = ids_.make<ScheduleId>();
  old.created_at = t_ - 1h;
  for (const auto* run : {&scheduled, &plain, &old}) insert_run(*run);
  auto by = [&](auto set) {
    RunFilter filter;
    set(filter);
    return list(filter);
  };
  using ::testing::ElementsAre;
  using ::testing::UnorderedElementsAre;
  EXPECT_THAT(by([&](RunFilter& f) { f.workflow = other; }), ElementsAre(plain.id));
  EXPECT_THAT(by([&](RunFilter& f) { f.schedule = scheduled.provenance.schedule; }), ElementsAre(scheduled.id));
  EXPECT_THAT(by([&](RunFilter& f) { f.reason = "scheduled"; }), ElementsAre(scheduled.id));
  EXPECT_THAT(by([&](RunFilter& f) { f.reason = "manual"; }), UnorderedElementsAre(plain.id, old.id));
  EXPECT_THAT(by([&](RunFilter& f) { f.to = old.created_at + 1s; }), ElementsAre(old.id));
  EXPECT_TRUE(by([&](RunFilter& f) { f.to = old.created_at; }).empty()) << "to is not included";
  EXPECT_THAT(by([&](RunFilter& f) { f.from = old.created_at; }), UnorderedElementsAre(scheduled.id, plain.id, old.id));
  for (const auto& run : claim(1h, 1)) progress(progress_of(run, RunState::succeeded));
  EXPECT_THAT(by([](RunFilter& f) { f.state = RunState::succeeded; }), ElementsAre(old.id));
  EXPECT_THAT(by([](RunFilter& f) { f.state = RunState::queued; }), UnorderedElementsAre(scheduled.id, plain.id));
  EXPECT_TRUE(by([](RunFilter& f) { f.state = RunState::failed; }).empty());
}

TEST_F(RunContract, TheQueuePositionCountsWhatGoesFirst) {
  auto position = [&](Priority p) { return must(in(a_, [&](Tx& tx) { return store().queue_position(tx, a_, p); })); };
  EXPECT_EQ(position(Priority::normal), 0);
  queue(Priority::low);
  queue(Priority::normal);
  queue(Priority::high);
  EXPECT_EQ(position(Priority::low), 3);
  EXPECT_EQ(position(Priority::normal), 2);
  EXPECT_EQ(position(Priority::critical), 0);
  claim(1h, 1);
  EXPECT_EQ(position(Priority::low), 2) << "what a worker holds waits no longer";
  EXPECT_EQ(must(in(b_, [&](Tx& tx) { return store().queue_position(tx, b_, Priority::low); })), 0);
}

}  // namespace
}  // namespace carillon::contract
