// What ScheduleStore promises of what the policies need: rooms, who waits for one, maintenance, failures, versions.
#include "tests/contract/stores/contract_fixture.h"

namespace carillon::contract::schedule_tests {
namespace {

using namespace schedules;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class PolicyContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    workflow_ = make_workflow(a_, "orders");
    t_ = now();
  }
  ScheduleStore& store() { return set_->schedules(); }
  ScheduleId add(const std::string& name, const std::function<void(Schedule&)>& change = [](Schedule&) {}) {
    Schedule s = new_schedule(a_, workflow_, name);
    change(s);
    return insert_schedule(s, t_ + 1h);
  }
  RunId run(std::optional<ScheduleId> schedule, const std::string& scope = "", std::optional<WorkflowId> workflow = {}) {
    NewRun r = new_run(a_, workflow.value_or(workflow_));
    r.provenance.schedule = schedule;
    r.provenance.scope = scope;
    return insert_run(r);
  }
  RoomKey room(ScheduleId schedule, const std::string& scope = "") { return {a_, schedule, workflow_, scope}; }
  std::string workflow_scope() const { return "w:" + workflow_.to_string(); }
  void know(const std::string& scope) {
    must(set_->db().in_tenant(a_, [&](Tx& tx) { return store().add_scope(tx, a_, scope); }));
  }
  std::vector<RoomView> rooms(const std::vector<RoomKey>& keys) {
    return must(in_system([&](Tx& tx) { return store().rooms(tx, keys); }));
  }
  Waiting waiting(ScheduleId schedule, Instant due, const std::string& scope = "", const std::string& reason = "scheduled") {
    return {a_, schedule, due, due + 3s, reason, due + 4s, scope, 5};
  }
  void wait(const std::vector<Waiting>& list) {
    must(set_->db().in_system([&](Tx& tx) { return store().add_waiting(tx, list); }));
  }
  std::vector<Instant> dues(const std::vector<ScheduleId>& schedules) {
    std::vector<Instant> out;
    for (const auto& w : must(in(a_, [&](Tx& tx) { return store().waiting_of(tx, a_, schedules); }))) out.push_back(w.due_at);
    return out;
  }
  std::vector<ScheduleId> woken(const RoomKey& ended) {
    std::vector<ScheduleId> out;
    for (const auto& key : must(in_system([&](Tx& tx) { return store().waiting_in(tx, std::span(&ended, 1)); }))) out.push_back(key.id);
    return out;
  }
  void missed(ScheduleId id, std::int64_t count) {
    const MissedFailures m{a_, id, count, t_};
    must(set_->db().in_system([&](Tx& tx) { return store().add_missed_failures(tx, std::span(&m, 1)); }));
  }
  std::int64_t failures(ScheduleId id) {
    const ScheduleKey key{a_, id};
    return must(in_system([&](Tx& tx) { return store().load_for_fire(tx, std::span(&key, 1)); })).at(0).failures_in_row;
  }
  std::vector<ScheduleId> overfailed(const std::vector<ScheduleId>& ids) {
    std::vector<ScheduleKey> keys;
    for (const auto& id : ids) keys.push_back({a_, id});
    std::vector<ScheduleId> out;
    for (const auto& s : must(in_system([&](Tx& tx) { return store().lock_overfailed(tx, keys); }))) out.push_back(s.id);
    return out;
  }
  std::vector<std::string> maintenance(TenantId tenant, Instant since, bool hold = true) {
    const std::vector tenants{a_, b_};
    std::vector<std::string> out;
    auto all = must(in_system([&](Tx& tx) { return store().maintenance(tx, tenants, since, hold); }));
    for (const auto& m : all[tenant]) out.push_back(m.reason);
    return out;
  }
  WorkflowId workflow_;
  Instant t_;
};

TEST_F(PolicyContract, PoliciesAreReadAsSaved) {
  Schedule s = new_schedule(a_, workflow_, "all");
  s.missed = MissedPolicy::catchup;
  s.catch_up = {90min, 17};
  s.overlap = OverlapPolicy::cancel_other;
  s.room = {OverlapScope::key, ".customer | .id", "c \"7\"", 12, 95s};
  s.run_settings = {7min, 3, 20s};
  s.hold_after_failures = 5;
  insert_schedule(s, t_);
  auto same = [&](const Schedule& r) {
    EXPECT_EQ(r.missed, s.missed);
    EXPECT_EQ(r.catch_up, s.catch_up);
    EXPECT_EQ(r.overlap, s.overlap);
    EXPECT_EQ(r.room, s.room);
    EXPECT_EQ(r.run_settings, s.run_settings);
    EXPECT_EQ(r.hold_after_failures, s.hold_after_failures);
  };
  auto read = [&] { return must(in(a_, [&](Tx& tx) { return store().lock(tx, a_, s.id); })); };
  same(read());
  const ScheduleKey key{a_, s.id};
  same(must(in_system([&](Tx& tx) { return store().load_for_fire(tx, std::span(&key, 1)); })).at(0).schedule);
  s.missed = MissedPolicy::fail;
  s.catch_up = {};
  s.overlap = OverlapPolicy::buffer_all;
  s.room = {};
  s.run_settings = {};
  s.hold_after_failures.reset();
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return store().update(tx, s); }));
  same(read());
}

TEST_F(PolicyContract, ARoomCountsTheUnfinishedRunsOfItsScope) {
  const ScheduleId one = add("one"), two = add("two");
  const WorkflowId other = make_workflow(a_, "other");
  know(workflow_scope());
  know("k:red");
  run(one);
  run(one, "k:red");
  run(two, "k:red");
  run(two, "k:blue");
  run(std::nullopt);
  run(std::nullopt, "k:red", other);
  run(one, "k:red", other);  // of the schedule's past in another workflow: cannot be, and would not count
  auto seen = rooms({room(one), room(two), room(one, workflow_scope()), room(two, "k:red"), room(two, "k:none")});
  std::vector<std::int64_t> running;
  for (const auto& view : seen) running.push_back(view.running);
  EXPECT_THAT(running, ElementsAre(2, 2, 5, 4, 0));
  EXPECT_THAT(rooms({}), IsEmpty());
}

TEST_F(PolicyContract, ARoomIsEmptyOnceItsRunsHaveEnded) {
  const ScheduleId id = add("one");
  run(id);
  EXPECT_EQ(rooms({room(id)}).at(0).running, 1);
  const RunRoom all{a_, workflow_, id, ""};
  must(in_system([&](Tx& tx) { return set_->runs().terminate_in(tx, std::span(&all, 1), "{}"); }));
  EXPECT_EQ(rooms({room(id)}).at(0).running, 0);
}

TEST_F(PolicyContract, ARoomSaysWhoOfTheScheduleWaits) {
  const ScheduleId one = add("one"), two = add("two");
  wait({waiting(one, t_), waiting(one, t_ - 1h, "", "catchup"), waiting(two, t_ - 2h)});
  auto seen = rooms({room(two), room(one)});
  ASSERT_EQ(seen.at(1).waiting.size(), 2u);
  EXPECT_EQ(seen[0].waiting.size(), 1u);
  const Waiting& first = seen[1].waiting[0];
  EXPECT_EQ(first.tenant, a_);
  EXPECT_EQ(first.schedule, one);
  EXPECT_EQ(first.due_at, t_ - 1h) << "oldest first";
  EXPECT_EQ(first.planned_at, t_ - 1h + 3s);
  EXPECT_EQ(first.reason, "catchup");
  EXPECT_EQ(first.since, t_ - 1h + 4s);
  EXPECT_EQ(first.scope, "");
  EXPECT_EQ(first.schedule_revision, 5);
}

TEST_F(PolicyContract, ADueTimeWaitsOnceAndUntilItIsTakenOff) {
  const ScheduleId one = add("one"), two = add("two");
  wait({waiting(one, t_, "", "catchup"), waiting(two, t_)});
  wait({waiting(one, t_), waiting(one, t_ + 1s)});
  EXPECT_THAT(dues({one}), ElementsAre(t_, t_ + 1s));
  EXPECT_EQ(rooms({room(one)}).at(0).waiting.at(0).reason, "catchup") << "the first entry stays";
  EXPECT_THAT(dues({one, two}), ElementsAre(t_, t_, t_ + 1s));
  EXPECT_THAT(dues({}), IsEmpty());
  const std::vector gone{waiting(one, t_), waiting(two, t_ + 9s)};
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return store().remove_waiting(tx, gone); }));
  EXPECT_THAT(dues({one, two}), ElementsAre(t_, t_ + 1s));
  EXPECT_THAT(dues({two}), ElementsAre(t_));
}

TEST_F(PolicyContract, WhoWaitsIsNotSeenByAnotherTenant) {
  const ScheduleId one = add("one");
  wait({waiting(one, t_)});
  EXPECT_THAT(must(in(b_, [&](Tx& tx) { return store().waiting_of(tx, a_, std::span(&one, 1)); })), IsEmpty());
  const std::vector gone{waiting(one, t_)};
  must(set_->db().in_tenant(b_, [&](Tx& tx) { return store().remove_waiting(tx, gone); }));
  EXPECT_THAT(dues({one}), ElementsAre(t_));
}

TEST_F(PolicyContract, ARunThatEndsWakesThoseWhoWaitForItsRoom) {
  const ScheduleId own = add("own"), other = add("other"), of_workflow = add("of workflow"), red = add("red"), blue = add("blue");
  wait({waiting(own, t_), waiting(own, t_ + 1s), waiting(other, t_), waiting(of_workflow, t_, workflow_scope()), waiting(red, t_, "k:red"),
        waiting(blue, t_, "k:blue")});
  EXPECT_THAT(woken(room(own)), UnorderedElementsAre(own, of_workflow));
  EXPECT_THAT(woken(room(own, "k:red")), UnorderedElementsAre(own, of_workflow, red));
  EXPECT_THAT(woken({a_, ScheduleId{}, workflow_, ""}), UnorderedElementsAre(of_workflow)) << "a run nobody scheduled";
  EXPECT_THAT(woken({a_, ScheduleId{}, ids_.make<WorkflowId>(), "k:blue"}), UnorderedElementsAre(blue));
  EXPECT_THAT(woken({b_, own, workflow_, "k:red"}), IsEmpty());
}

TEST_F(PolicyContract, MaintenanceOfATenantAndOfTheHub) {
  EXPECT_THAT(maintenance(a_, t_), IsEmpty());
  set_->add_maintenance(a_, {t_ - 3h, {}, {}, "open", "ann"});
  set_->add_maintenance(a_, {t_ - 5h, t_ + 2h, t_ - 1h, "ended early", "ann"});
  set_->add_maintenance(b_, {t_ - 2h, t_ + 1h, {}, "theirs", "bob"});
  set_->add_maintenance({}, {t_ - 4h, {}, t_ - 2h, "of the hub", "op"});
  for (bool hold : {false, true}) {
    EXPECT_THAT(maintenance(a_, t_, hold), ElementsAre("open"));
    EXPECT_THAT(maintenance(a_, t_ - 1h, hold), ElementsAre("open")) << "its end is not part of it";
    EXPECT_THAT(maintenance(a_, t_ - 1h - 1us, hold), ElementsAre("ended early", "open"));
    EXPECT_THAT(maintenance(a_, t_ - 3h, hold), ElementsAre("ended early", "of the hub", "open")) << "by their start";
    EXPECT_THAT(maintenance(b_, t_ - 3h, hold), ElementsAre("of the hub", "theirs"));
    EXPECT_THAT(maintenance(b_, t_ + 1h, hold), IsEmpty());
  }
  auto all = must(in_system([&](Tx& tx) { return store().maintenance(tx, std::span(&a_, 1), t_ - 3h, false); }));
  const std::vector<Maintenance>& read = all[a_];
  EXPECT_EQ(read.at(0).since, t_ - 5h);
  EXPECT_EQ(read.at(0).until, t_ + 2h);
  EXPECT_EQ(read.at(0).ended_at, t_ - 1h);
  EXPECT_EQ(read.at(1).reason, "of the hub");
  EXPECT_EQ(read.at(1).actor, "op");
  EXPECT_FALSE(read.at(2).end());
  set_->end_maintenance(t_ - 6h);
  EXPECT_THAT(maintenance(a_, t_ - 3h), IsEmpty());
}

TEST_F(PolicyContract, LimitsAreKeptWithTheTimeSinceWhen) {
  const auto note = [&](Instant since, Duration grace) {
    must(set_->db().in_system([&](Tx& tx) { return store().note_limits(tx, since, FirePolicy{grace, 24h}); }));
  };
  const auto limits = [&](Instant at) { return must(in(a_, [&](Tx& tx) { return store().limits_at(tx, at); })); };
  note(t_, 10min);
  note(t_ + 1h, 10min);
  note(t_ + 2h, 2min);
  EXPECT_EQ(limits(t_ - 8760h), std::nullopt) << "before the first were noted";
  EXPECT_EQ(limits(t_), (FirePolicy{10min, 24h}));
  EXPECT_EQ(limits(t_ + 2h - 1us), (FirePolicy{10min, 24h}));
  EXPECT_EQ(limits(t_ + 2h), (FirePolicy{2min, 24h}));
  EXPECT_EQ(limits(t_ + 9h), (FirePolicy{2min, 24h}));
}

TEST_F(PolicyContract, MissedDueTimesAddToTheFailuresInARow) {
  auto three = [](Schedule& s) { s.hold_after_failures = 3; };
  const ScheduleId id = add("one", three), without = add("never held");
  EXPECT_EQ(failures(id), 0);
  missed(id, 1);
  EXPECT_EQ(failures(id), 1);
  missed(id, 4);
  missed(without, 9);
  EXPECT_EQ(failures(id), 5);
  EXPECT_EQ(failures(without), 0) << "only where somebody asks for it";
  const ScheduleView view = must(in(a_, [&](Tx& tx) { return store().view(tx, a_, id); }));
  EXPECT_EQ(view.failed, 0) << "no run has failed";
  EXPECT_FALSE(view.last_run_at);
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return store().clear_failures(tx, a_, id); }));
  EXPECT_EQ(failures(id), 0);
}

TEST_F(PolicyContract, ATenantsOwnEditMayFindMissedDueTimes) {
  const ScheduleId id = add("one", [](Schedule& s) { s.hold_after_failures = 3; });
  const MissedFailures m{a_, id, 2, t_};
  for (int n = 0; n < 2; ++n) must(set_->db().in_tenant(a_, [&](Tx& tx) { return store().add_missed_failures(tx, std::span(&m, 1)); }));
  EXPECT_EQ(failures(id), 4);
}

TEST_F(PolicyContract, NobodyClearsAnotherTenantsFailures) {
  const ScheduleId id = add("one", [](Schedule& s) { s.hold_after_failures = 3; });
  missed(id, 2);
  must(set_->db().in_tenant(b_, [&](Tx& tx) { return store().clear_failures(tx, a_, id); }));
  EXPECT_EQ(failures(id), 2);
}

TEST_F(PolicyContract, OverfailedAreThoseThatMayFireNoMoreAndStillDo) {
  auto with = [&](const std::string& name, const std::function<void(Schedule&)>& more) {
    const ScheduleId id = add(name, [&](Schedule& s) {
      s.hold_after_failures = 3;
      more(s);
    });
    missed(id, 3);
    return id;
  };
  const Hold hold{"No.", "", t_, {}, {}};
  const ScheduleId over = with("over", [](Schedule&) {}), far_over = with("far over", [](Schedule&) {});
  missed(far_over, 30);
  const ScheduleId patient = with("patient", [](Schedule& s) { s.hold_after_failures = 4; });
  const ScheduleId not_asked = with("not asked", [](Schedule& s) { s.hold_after_failures.reset(); });
  const ScheduleId held = with("held", [&](Schedule& s) { s.holds[HoldKind::failures] = hold; });
  const ScheduleId completed = with("completed", [&](Schedule& s) { s.holds[HoldKind::completed] = hold; });
  const ScheduleId paused = with("paused", [&](Schedule& s) { s.holds[HoldKind::user] = hold; });
  const ScheduleId none = add("none", [](Schedule& s) { s.hold_after_failures = 1; });
  const ScheduleId deleted = with("deleted", [](Schedule&) {});
  Schedule gone = must(in(a_, [&](Tx& tx) { return store().lock(tx, a_, deleted); }));
  gone.deleted = true;
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return store().update(tx, gone); }));
  std::vector expected{over, far_over, paused};
  std::ranges::sort(expected);
  EXPECT_EQ(overfailed({paused, far_over, over, patient, not_asked, held, completed, none, deleted}), expected) << "in id order";
  EXPECT_THAT(overfailed({}), IsEmpty());
}

TEST_F(PolicyContract, VersionsAreKeptNewestFirst) {
  const ScheduleId id = add("one"), other = add("other");
  auto keep = [&](ScheduleId of, std::int64_t revision, std::optional<std::string> payload) {
    const ScheduleVersion v{revision, t_ + std::chrono::seconds(revision), "ann", "schedules.update", {{"name", "n" + std::to_string(revision)}}, payload};
    must(set_->db().in_tenant(a_, [&](Tx& tx) { return store().add_version(tx, a_, of, v); }));
  };
  keep(id, 1, R"({"a":1})");
  keep(other, 1, "{}");
  for (std::int64_t n = 2; n <= 5; ++n) keep(id, n, std::nullopt);
  auto revisions = [&](TenantId as, std::optional<std::int64_t> before, int limit) {
    std::vector<std::int64_t> out;
    for (const auto& v : must(in(as, [&](Tx& tx) { return store().versions(tx, a_, id, before, limit); }))) out.push_back(v.revision);
    return out;
  };
  EXPECT_THAT(revisions(a_, {}, 100), ElementsAre(5, 4, 3, 2, 1));
  EXPECT_THAT(revisions(a_, {}, 2), ElementsAre(5, 4));
  EXPECT_THAT(revisions(a_, 4, 2), ElementsAre(3, 2));
  EXPECT_THAT(revisions(a_, 1, 2), IsEmpty());
  EXPECT_THAT(revisions(b_, {}, 100), IsEmpty());
  const auto oldest = must(in(a_, [&](Tx& tx) { return store().versions(tx, a_, id, 3, 100); }));
  EXPECT_EQ(oldest.at(0).payload, std::nullopt);
  EXPECT_EQ(oldest.at(1).payload, R"({"a":1})");
  EXPECT_EQ(oldest[1].at, t_ + 1s);
  EXPECT_EQ(oldest[1].actor, "ann");
  EXPECT_EQ(oldest[1].action, "schedules.update");
  EXPECT_EQ(oldest[1].document, (Json{{"name", "n1"}}));
}

TEST_F(PolicyContract, AnAlertIsKeptWithItsTransactionAndShownInTheStream) {
  const ScheduleId id = add("one");
  const Alert alert{"FIRES_MISSED", "schedule", id.value, "It missed \"one\".", {{"count", 3}}};
  must(set_->db().in_system([&](Tx& tx) -> carillon::Status {
    tx.raise(a_, alert);
    return ok();
  }));
  must(set_->db().in_tenant(a_, [&](Tx& tx) -> carillon::Status {
    tx.raise(a_, {"ONE_TIME_EXPIRED", "schedule", id.value, "Over.", Json::object()});
    return ok();
  }));
  const auto refused = set_->db().in_system([&](Tx& tx) -> carillon::Status {
    tx.raise(a_, alert);
    return Error{ErrorCode::conflict, "CHANGED_MY_MIND", "", "", "", "", {}};
  });
  EXPECT_FALSE(refused);
  const auto kept = set_->alerts(a_);
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept[0].code, "FIRES_MISSED");
  EXPECT_EQ(kept[0].object_type, "schedule");
  EXPECT_EQ(kept[0].object_id, id.value);
  EXPECT_EQ(kept[0].message, alert.message);
  EXPECT_EQ(kept[0].detail, alert.detail);
  EXPECT_EQ(kept[1].code, "ONE_TIME_EXPIRED");
  EXPECT_THAT(set_->alerts(b_), IsEmpty());
}

TEST_F(PolicyContract, HoldsOfAFireCarryWhatIsSettled) {
  const ScheduleId id = add("one");
  Schedule s = must(in(a_, [&](Tx& tx) { return store().lock(tx, a_, id); }));
  s.holds[HoldKind::failures] = {"Too many.", "", t_, {}, {}};
  s.settled_until = t_ + 7s;
  s.name = "not written";
  EXPECT_THAT(must(in_system([&](Tx& tx) { return store().put_holds(tx, std::span(&s, 1)); })), ElementsAre(id));
  const Schedule read = must(in(a_, [&](Tx& tx) { return store().lock(tx, a_, id); }));
  EXPECT_EQ(read.settled_until, t_ + 7s);
  EXPECT_TRUE(read.holds.contains(HoldKind::failures));
  EXPECT_EQ(read.name, "one");
}

}  // namespace
}  // namespace carillon::contract::schedule_tests
