// What RunStore promises of rooms: runs that may not overlap are asked to end, or ended, together.
#include "tests/contract/stores/contract_fixture.h"

namespace carillon::contract {
namespace {

class RunRooms : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    workflow_ = make_workflow(a_, "orders");
    t_ = now();
  }
  RunStore& store() { return set_->runs(); }
  std::vector<ClaimedRun> claim(Duration lease = 1h) {
    return must(in_system([&](Tx& tx) { return store().claim(tx, node_, tx.now() + lease, 100); }));
  }
  std::vector<RunId> claim_ids() {
    std::vector<RunId> out;
    for (const auto& run : claim()) out.push_back(run.id);
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
    else p.checkpoint = R"({"at":1})";
    p.provenance = run.provenance;
    return p;
  }
  std::vector<RunId> progress(const RunProgress& p) {
    return must(in_system([&](Tx& tx) { return store().progress(tx, std::span(&p, 1)); }));
  }
  std::vector<RunStore::LeaseAnswer> extend(const ClaimedRun& run) {
    const RunStore::LeaseKey key{run.tenant, run.id, run.epoch};
    return must(in_system([&](Tx& tx) { return store().extend(tx, std::span(&key, 1), tx.now() + 1h); }));
  }
  carillon::Run get(RunId id) {
    return must(in(a_, [&](Tx& tx) { return store().get(tx, a_, id); }));
  }
  Status cancel(RunId id) {
    return set_->db().in_tenant(a_, [&](Tx& tx) { return store().request_cancel(tx, a_, id); });
  }
  RunId run(std::optional<ScheduleId> schedule, const std::string& scope = "", std::optional<WorkflowId> workflow = {}) {
    NewRun r = new_run(a_, workflow.value_or(workflow_));
    r.created_at = t_ - 1s;
    r.provenance.schedule = schedule;
    r.provenance.scope = scope;
    return insert_run(r);
  }
  RunRoom of_workflow() { return {a_, workflow_, {}, ""}; }
  RunRoom of(ScheduleId schedule) { return {a_, workflow_, schedule, ""}; }
  RunRoom with_key(const std::string& key) { return {a_, workflow_, {}, key}; }
  std::set<RunId> cancelled(const RunRoom& room) {
    must(set_->db().in_system([&](Tx& tx) { return store().request_cancel_in(tx, std::span(&room, 1)); }));
    std::set<RunId> out;
    for (const auto& r : claim(-1s))
      if (r.cancel_requested) out.insert(r.id);
    return out;
  }
  std::set<RunId> terminated(const RunRoom& room) {
    std::set<RunId> out;
    for (const auto& r : must(in_system([&](Tx& tx) { return store().terminate_in(tx, std::span(&room, 1), R"({"title":"Terminated"})"); }))) out.insert(r.id);
    return out;
  }
  WorkflowId workflow_;
  Instant t_;
  NodeId node_ = ids_.make<NodeId>();
  ScheduleId one_ = ids_.make<ScheduleId>(), two_ = ids_.make<ScheduleId>();
};

TEST_F(RunRooms, TheRunsOfARoomAreAskedToEnd) {
  const RunId a = run(one_), b = run(one_, "k:red"), c = run(two_, "k:red"), manual = run(std::nullopt);
  const WorkflowId other = make_workflow(a_, "other");
  const RunId elsewhere = run(std::nullopt, "k:red", other);
  EXPECT_EQ(cancelled(with_key("k:blue")), std::set<RunId>());
  EXPECT_EQ(cancelled(of(one_)), (std::set{a, b}));
  EXPECT_EQ(cancelled(with_key("k:red")), (std::set{a, b, c, elsewhere}));
  EXPECT_EQ(cancelled(of_workflow()), (std::set{a, b, c, elsewhere, manual}));
}

TEST_F(RunRooms, OneThatIsHeldLearnsOfItFromItsLeaseOneThatIsNotAtOnce) {
  const RunId id = run(one_);
  const auto held = claim();
  ASSERT_EQ(held.size(), 1u);
  const RunRoom room = of(one_);
  must(set_->db().in_system([&](Tx& tx) { return store().request_cancel_in(tx, std::span(&room, 1)); }));
  EXPECT_TRUE(claim().empty()) << "the lease is not taken away";
  const auto answers = extend(held[0]);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_TRUE(answers[0].cancel_requested);
  RunProgress waiting = progress_of(held[0], RunState::waiting);
  waiting.wake_at = t_ + 1h;
  EXPECT_EQ(progress(waiting).size(), 1u);
  EXPECT_EQ(claim_ids(), std::vector{id}) << "it does not wait for its time";
}

TEST_F(RunRooms, TerminatedRunsEndAtOnceAndTheirWorkersAreRefused) {
  const RunId a = run(one_), b = run(one_), c = run(two_);
  auto held = claim();
  EXPECT_EQ(terminated(of(one_)), (std::set{a, b}));
  for (RunId id : {a, b}) {
    const auto r = get(id);
    EXPECT_EQ(r.state, RunState::cancelled);
    EXPECT_TRUE(r.ended_at);
    EXPECT_EQ(r.error, R"({"title":"Terminated"})");
  }
  EXPECT_FALSE(is_terminal(get(c).state));
  for (const auto& r : held) EXPECT_EQ(progress(progress_of(r, RunState::succeeded)).size(), r.id == c ? 1u : 0u);
  EXPECT_EQ(get(a).state, RunState::cancelled);
  EXPECT_EQ(terminated(of(one_)), std::set<RunId>()) << "nobody ends twice";
  EXPECT_EQ(failure(cancel(a)), failure_text(ErrorCode::conflict, "RUN_ENDED", "id"));
}

TEST_F(RunRooms, TheTerminatedAreToldToHooksInFull) {
  NewRun n = new_run(a_, workflow_);
  n.provenance.schedule = one_;
  n.provenance.scope = "k:red";
  n.provenance.reason = "catchup";
  insert_run(n);
  const RunRoom room = with_key("k:red");
  const auto ended = must(in_system([&](Tx& tx) { return store().terminate_in(tx, std::span(&room, 1), "{}"); }));
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].tenant, a_);
  EXPECT_EQ(ended[0].id, n.id);
  EXPECT_EQ(ended[0].workflow, workflow_);
  EXPECT_EQ(ended[0].state, RunState::cancelled);
  EXPECT_EQ(ended[0].provenance.schedule, one_);
  EXPECT_EQ(ended[0].provenance.scope, "k:red");
  EXPECT_EQ(ended[0].provenance.reason, "catchup");
  EXPECT_FALSE(ended[0].started_at);
  EXPECT_EQ(ended[0].error, "{}");
  EXPECT_EQ(get(n.id).provenance.scope, "k:red");
}

TEST_F(RunRooms, RoomsOfAnotherTenantAreNotTouched) {
  const RunId id = run(one_, "k:red");
  for (RunRoom room : {RunRoom{b_, workflow_, {}, ""}, RunRoom{b_, workflow_, one_, ""}, RunRoom{b_, workflow_, {}, "k:red"}}) {
    EXPECT_EQ(cancelled(room), std::set<RunId>());
    EXPECT_EQ(terminated(room), std::set<RunId>());
  }
  EXPECT_FALSE(is_terminal(get(id).state));
}

}  // namespace
}  // namespace carillon::contract
