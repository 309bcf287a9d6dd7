// What ScheduleStore promises of fires, of what the fire handler needs, and of the counts.
#include "tests/contract/stores/contract_fixture.h"

namespace carillon::contract::schedule_tests {
namespace {

using namespace schedules;

class FireContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    workflow_ = make_workflow(a_, "orders");
    schedule_ = insert_schedule(new_schedule(a_, workflow_, "nightly"), now() + 1h);
    t_ = now();
  }
  ScheduleStore& store() { return set_->schedules(); }
  Fire fire(Instant due, Verdict verdict = Verdict::started) {
    Fire f;
    f.tenant = a_;
    f.schedule = schedule_;
    f.due_at = due;
    f.planned_at = due + 1s;
    f.fired_at = due + 2s;
    f.verdict = verdict;
    f.schedule_revision = 3;
    return f;
  }
  std::vector<bool> insert(const std::vector<Fire>& fires) {
    return must(in_system([&](Tx& tx) { return store().insert_fires(tx, fires); }));
  }
  std::vector<Fire> fires(std::optional<Verdict> verdict = std::nullopt, std::optional<Instant> before = std::nullopt,
                          int limit = 100) {
    return must(in(a_, [&](Tx& tx) { return store().fires(tx, a_, schedule_, verdict, before, limit); }));
  }
  ScheduleView view() {
    return must(in(a_, [&](Tx& tx) { return store().view(tx, a_, schedule_); }));
  }
  std::vector<FireView> load(const std::vector<ScheduleKey>& keys) {
    return must(in_system([&](Tx& tx) { return store().load_for_fire(tx, keys); }));
  }
  void move(const JobMove& m) {
    must(set_->db().in_system([&](Tx& tx) { return set_->jobs().move(tx, std::span(&m, 1)); }));
  }
  JobMove::Last last(Instant due, Verdict verdict, std::optional<RunId> run, std::int64_t started) {
    return {due, due + 2s, due + 1s, std::string(to_string(verdict)), run, started};
  }
  StatsDelta delta(std::int64_t succeeded, std::int64_t failed, Duration duration, std::int64_t trailing) {
    StatsDelta d;
    d.tenant = a_;
    d.schedule = schedule_;
    d.succeeded = succeeded;
    d.failed = failed;
    d.duration = duration;
    d.last_run = ids_.make<RunId>();
    d.last_state = trailing ? RunState::failed : RunState::succeeded;
    d.last_at = t_;
    d.last_error = trailing ? "no route" : "";
    d.trailing_failures = trailing;
    d.any_success = succeeded > 0;
    return d;
  }
  void add_stats(const StatsDelta& d) {
    must(set_->db().in_system([&](Tx& tx) { return store().add_stats(tx, std::span(&d, 1)); }));
  }
  WorkflowId workflow_;
  ScheduleId schedule_;
  Instant t_;
};

TEST_F(FireContract, AFireIsReadAsRecorded) {
  Fire f = fire(t_, Verdict::missed);
  f.last_due_at = t_ + 1h;
  f.count = 61;
  f.reason = "nobody was \"up\"";
  Fire g = fire(t_ + 2h);
  g.run = ids_.make<RunId>();
  EXPECT_EQ(insert({f, g}), (std::vector<bool>{true, true}));
  auto read = fires();
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].due_at, g.due_at);
  EXPECT_EQ(read[0].run, g.run);
  EXPECT_EQ(read[0].count, 1);
  EXPECT_FALSE(read[0].last_due_at);
  EXPECT_EQ(read[1].tenant, a_);
  EXPECT_EQ(read[1].schedule, schedule_);
  EXPECT_EQ(read[1].due_at, t_);
  EXPECT_EQ(read[1].last_due_at, t_ + 1h);
  EXPECT_EQ(read[1].count, 61);
  EXPECT_EQ(read[1].planned_at, f.planned_at);
  EXPECT_EQ(read[1].fired_at, f.fired_at);
  EXPECT_EQ(read[1].verdict, Verdict::missed);
  EXPECT_EQ(read[1].reason, f.reason);
  EXPECT_EQ(read[1].schedule_revision, 3);
}

TEST_F(FireContract, ADueTimeIsRecordedOnce) {
  EXPECT_EQ(insert({fire(t_)}), std::vector<bool>{true});
  Fire again = fire(t_, Verdict::missed);
  again.schedule_revision = 9;
  EXPECT_EQ(insert({fire(t_ - 1s), again, fire(t_ + 1s)}), (std::vector<bool>{true, false, true}));
  EXPECT_EQ(fires().size(), 3u);
  EXPECT_TRUE(fires(Verdict::missed).empty()) << "the first record stays";
}

TEST_F(FireContract, TheSameTimeOfTwoSchedulesAndTenantsIsNoConflict) {
  ScheduleId other = insert_schedule(new_schedule(a_, workflow_, "hourly"));
  WorkflowId theirs = make_workflow(b_, "orders");
  ScheduleId foreign = insert_schedule(new_schedule(b_, theirs, "nightly"));
  Fire f = fire(t_), g = fire(t_), h = fire(t_);
  g.schedule = other;
  h.tenant = b_;
  h.schedule = foreign;
  EXPECT_EQ(insert({f, g, h}), (std::vector<bool>{true, true, true}));
  EXPECT_EQ(insert({h, f}), (std::vector<bool>{false, false}));
  EXPECT_EQ(fires().size(), 1u);
  EXPECT_TRUE(must(in(a_, [&](Tx& tx) { return store().fires(tx, b_, foreign, {}, {}, 10); })).empty());
}

TEST_F(FireContract, AllVerdictsSurvive) {
  std::vector<Fire> all;
  for (Verdict v : {Verdict::started, Verdict::skipped_overlap, Verdict::superseded, Verdict::skipped_window,
                    Verdict::skipped_condition, Verdict::moved, Verdict::missed, Verdict::paused, Verdict::invalid,
                    Verdict::quota, Verdict::expired, Verdict::error})
    all.push_back(fire(t_ + std::chrono::seconds(all.size()), v));
  insert(all);
  for (const Fire& f : all) {
    auto found = fires(f.verdict);
    ASSERT_EQ(found.size(), 1u) << to_string(f.verdict);
    EXPECT_EQ(found[0].due_at, f.due_at);
  }
}

TEST_F(FireContract, TheLedgerIsReadNewestFirstInPages) {
  std::vector<Fire> all;
  for (int n = 0; n < 5; ++n) all.push_back(fire(t_ + std::chrono::seconds(n), n % 2 ? Verdict::missed : Verdict::started));
  insert(all);
  auto page = fires(std::nullopt, std::nullopt, 2);
  ASSERT_EQ(page.size(), 2u);
  EXPECT_EQ(page[0].due_at, t_ + 4s);
  EXPECT_EQ(page[1].due_at, t_ + 3s);
  page = fires(Verdict::started, t_ + 4s, 10);
  ASSERT_EQ(page.size(), 2u);
  EXPECT_EQ(page[0].due_at, t_ + 2s);
  EXPECT_EQ(page[1].due_at, t_);
}

TEST_F(FireContract, TheHandlerGetsSchedulesOfAllTenantsWithWhatItNeeds) {
  WorkflowId theirs = make_workflow(b_, "orders");
  ScheduleId foreign = insert_schedule(new_schedule(b_, theirs, "nightly"));
  NewRun run = new_run(b_, theirs);
  run.provenance.schedule = foreign;
  insert_run(run);
  move({a_, RegistrationId{schedule_.value}, t_, t_, "", last(t_, Verdict::started, std::nullopt, 2)});
  move({a_, RegistrationId{schedule_.value}, t_, t_, "", last(t_, Verdict::started, std::nullopt, 1)});
  auto views = load({{a_, schedule_}, {b_, foreign}, {a_, ids_.make<ScheduleId>()}});
  ASSERT_EQ(views.size(), 2u);
  if (views[0].schedule.tenant == b_) std::swap(views[0], views[1]);
  EXPECT_EQ(views[0].schedule.id, schedule_);
  EXPECT_EQ(views[0].schedule.payload, R"({"order":7})");
  EXPECT_EQ(views[0].schedule.bound_version, 1);
  EXPECT_EQ(views[0].started, 3);
  EXPECT_FALSE(views[0].running);
  EXPECT_EQ(views[1].schedule.id, foreign);
  EXPECT_EQ(views[1].started, 0);
  EXPECT_TRUE(views[1].running);
}

TEST_F(FireContract, ARunCountsAsRunningUntilItEnds) {
  NewRun run = new_run(a_, workflow_);
  run.provenance.schedule = schedule_;
  insert_run(run);
  EXPECT_TRUE(load({{a_, schedule_}}).at(0).running) << "queued";
  auto claimed = must(in_system([&](Tx& tx) { return set_->runs().claim(tx, ids_.make<NodeId>(), tx.now() + 1h, 10); }));
  EXPECT_TRUE(load({{a_, schedule_}}).at(0).running) << "running";
  ASSERT_EQ(claimed.size(), 1u);
  RunProgress p;
  p.tenant = a_;
  p.id = run.id;
  p.workflow = workflow_;
  p.epoch = claimed[0].epoch;
  p.state = RunState::cancelled;
  p.ended_at = t_;
  must(in_system([&](Tx& tx) { return set_->runs().progress(tx, std::span(&p, 1)); }));
  EXPECT_FALSE(load({{a_, schedule_}}).at(0).running);
}

TEST_F(FireContract, HoldsOfAFireAreWrittenAlone) {
  Schedule s = load({{a_, schedule_}}).at(0).schedule;
  s.holds[HoldKind::completed] = Hold{"its time has fired", "", t_, std::nullopt, {}};
  s.updated_at = t_ + 1s;
  s.name = s.payload = "must not be written";
  s.revision = 99;
  EXPECT_THAT(must(in_system([&](Tx& tx) { return store().put_holds(tx, std::span(&s, 1)); })), ::testing::ElementsAre(schedule_));
  Schedule read = must(in(a_, [&](Tx& tx) { return store().lock(tx, a_, schedule_); }));
  EXPECT_EQ(holds_to_json(read.holds), holds_to_json(s.holds));
  EXPECT_EQ(read.updated_at, t_ + 1s);
  EXPECT_EQ(read.name, "nightly");
  EXPECT_EQ(read.payload, R"({"order":7})");
  EXPECT_EQ(read.revision, 1);
}

TEST_F(FireContract, HoldsAreWrittenForAllThatAreThereAndAnsweredInIdOrder) {
  std::vector<Schedule> held;
  for (const char* name : {"c", "b", "a"}) {
    Schedule s = new_schedule(a_, workflow_, name);
    insert_schedule(s);
    s.holds[HoldKind::expired] = Hold{"too late", "", t_, std::nullopt, {}};
    held.push_back(s);
  }
  std::vector<ScheduleId> ids{held[0].id, held[1].id, held[2].id};
  std::ranges::sort(ids);
  std::ranges::reverse(held);
  Schedule gone = new_schedule(a_, workflow_, "never stored");
  held.push_back(gone);
  EXPECT_EQ(must(in_system([&](Tx& tx) { return store().put_holds(tx, held); })), ids);
  EXPECT_TRUE(must(in_system([&](Tx& tx) { return store().put_holds(tx, {}); })).empty());
}

TEST_F(FireContract, AViewOfANewScheduleIsEmpty) {
  ScheduleView v = view();
  EXPECT_EQ(v.schedule.id, schedule_);
  EXPECT_EQ(v.workflow_name, "orders");
  EXPECT_GT(v.next_due_at, t_);
  EXPECT_FALSE(v.last_fire);
  EXPECT_EQ(v.unfinished + v.succeeded + v.failed + v.cancelled, 0);
  EXPECT_FALSE(v.average_duration);
  EXPECT_FALSE(v.last_run_at);
  EXPECT_EQ(v.last_error, "");
}

TEST_F(FireContract, AViewShowsTheLastFireWithItsRun) {
  NewRun run = new_run(a_, workflow_);
  insert_run(run);
  move({a_, RegistrationId{schedule_.value}, t_ + 1h, t_ + 1h, "", last(t_, Verdict::started, run.id, 1)});
  ScheduleView v = view();
  ASSERT_TRUE(v.last_fire);
  EXPECT_EQ(v.next_due_at, t_ + 1h);
  EXPECT_EQ(v.last_fire->due_at, t_);
  EXPECT_EQ(v.last_fire->planned_at, t_ + 1s);
  EXPECT_EQ(v.last_fire->fired_at, t_ + 2s);
  EXPECT_EQ(v.last_fire->verdict, Verdict::started);
  EXPECT_EQ(v.last_fire->run, run.id);
  EXPECT_EQ(v.last_fire->run_state, RunState::queued);
  // A later fire without a run shows none; a move without a fire changes nothing of it; neither does a new promise.
  move({a_, RegistrationId{schedule_.value}, t_ + 2h, t_ + 2h, "", last(t_ + 1h, Verdict::missed, std::nullopt, 0)});
  move({a_, RegistrationId{schedule_.value}, t_ + 3h, t_ + 3h, "", std::nullopt});
  must(set_->db().in_tenant(a_, [&](Tx& tx) {
    return set_->jobs().put(tx, {a_, RegistrationId{schedule_.value}, "schedule", std::nullopt, std::nullopt, "", ""});
  }));
  v = view();
  ASSERT_TRUE(v.last_fire);
  EXPECT_FALSE(v.next_due_at);
  EXPECT_EQ(v.last_fire->verdict, Verdict::missed);
  EXPECT_FALSE(v.last_fire->run);
  EXPECT_FALSE(v.last_fire->run_state);
}

TEST_F(FireContract, CountsAddUp) {
  add_stats(delta(2, 1, 9s, 1));
  ScheduleView v = view();
  EXPECT_EQ(v.succeeded, 2);
  EXPECT_EQ(v.failed, 1);
  EXPECT_EQ(v.average_duration, Duration(3s));
  EXPECT_EQ(v.last_run_at, t_);
  EXPECT_EQ(v.last_error, "no route");
  add_stats(delta(1, 0, 3s, 0));
  v = view();
  EXPECT_EQ(v.succeeded, 3);
  EXPECT_EQ(v.failed, 1);
  EXPECT_EQ(v.average_duration, Duration(3s));
  EXPECT_EQ(v.last_error, "");
}

TEST_F(FireContract, CancelledRunsCountNeitherWay) {
  StatsDelta d = delta(0, 0, 0s, 0);
  d.cancelled = 3;
  add_stats(d);
  ScheduleView v = view();
  EXPECT_EQ(v.succeeded + v.failed, 0);
  EXPECT_EQ(v.cancelled, 3);
  EXPECT_FALSE(v.average_duration);
  EXPECT_EQ(v.last_run_at, t_);
}

TEST_F(FireContract, AViewCountsTheRunsThatHaveNotEnded) {
  NewRun fired = new_run(a_, workflow_), by_hand = new_run(a_, workflow_), elsewhere = new_run(a_, workflow_);
  fired.provenance.schedule = by_hand.provenance.schedule = schedule_;
  elsewhere.provenance.schedule.reset();
  for (const NewRun& run : {fired, by_hand, elsewhere}) insert_run(run);
  EXPECT_EQ(view().unfinished, 2);
}

TEST_F(FireContract, RunStatesAreThoseOfTheTenant) {
  NewRun mine = new_run(a_, workflow_), theirs = new_run(b_, make_workflow(b_, "orders"));
  insert_run(mine);
  insert_run(theirs);
  std::vector ids{mine.id, theirs.id, ids_.make<RunId>()};
  auto states = must(in(a_, [&](Tx& tx) { return store().run_states(tx, a_, ids); }));
  EXPECT_EQ(states, (std::map<RunId, RunState>{{mine.id, RunState::queued}}));
}

}  // namespace
}  // namespace carillon::contract::schedule_tests
