// What JobStore promises.
#include "tests/contract/stores/contract_fixture.h"

namespace carillon::contract {
namespace {

class JobContract : public StoreContract {
 protected:
  JobStore& store() { return set_->jobs(); }
  void SetUp() override {
    StoreContract::SetUp();
    t_ = now();
  }
  Registration registration(TenantId tenant, std::optional<Instant> due, Duration jitter = {}) {
    Registration r{tenant, ids_.make<RegistrationId>(), "test", due, due, "2026a", ""};
    if (due) r.planned_at = *due + jitter;
    return r;
  }
  Registration put(const Registration& r) {
    must(set_->db().in_tenant(r.tenant, [&](Tx& tx) { return store().put(tx, r); }));
    return r;
  }
  std::optional<Registration> read(TenantId tenant, RegistrationId id) {
    return must(in(tenant, [&](Tx& tx) { return store().lock(tx, tenant, id); }));
  }
  std::vector<DueKey> due(Instant until, int limit = 100) {
    return must(in_system([&](Tx& tx) { return store().due(tx, until, limit); }));
  }
  std::vector<DueJob> lock_due(const std::vector<DueKey>& keys) {
    return must(in_system([&](Tx& tx) { return store().lock_due(tx, keys); }));
  }
  void move(const JobMove& m) {
    must(set_->db().in_system([&](Tx& tx) { return store().move(tx, std::span(&m, 1)); }));
  }
  std::optional<Instant> next_wake() {
    return must(in_system([&](Tx& tx) { return store().next_wake(tx); }));
  }
  Instant t_;
};

TEST_F(JobContract, ARegistrationIsReadAsPut) {
  Registration r = registration(a_, t_ + 1h, 3s);
  r.recurrence = R"({"kind":"manual"})";
  put(r);
  auto found = read(a_, r.id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->tenant, a_);
  EXPECT_EQ(found->kind, "test");
  EXPECT_EQ(found->due_at, t_ + 1h);
  EXPECT_EQ(found->planned_at, t_ + 1h + 3s);
  EXPECT_EQ(found->zone_data, "2026a");
  EXPECT_EQ(found->recurrence, r.recurrence);
}

TEST_F(JobContract, NothingIsReadOfAnotherTenantOrOfNoRegistration) {
  Registration r = put(registration(b_, t_));
  EXPECT_FALSE(read(a_, r.id));
  EXPECT_FALSE(must(in(a_, [&](Tx& tx) { return store().lock(tx, b_, r.id); })));
  EXPECT_FALSE(read(a_, ids_.make<RegistrationId>()));
}

TEST_F(JobContract, PutReplacesThePromise) {
  Registration r = put(registration(a_, t_ + 1h));
  r.kind = "other";
  r.due_at = r.planned_at = t_ + 2h;
  r.zone_data = "2026b";
  put(r);
  auto found = read(a_, r.id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, "other");
  EXPECT_EQ(found->due_at, t_ + 2h);
  EXPECT_EQ(found->zone_data, "2026b");
  EXPECT_EQ(due(t_ + 3h).size(), 1u);
}

TEST_F(JobContract, DueIsWhatIsPlannedUntilThenOldestFirst) {
  Registration late = put(registration(a_, t_ - 1s)), early = put(registration(b_, t_ - 10s));
  Registration jittered = put(registration(a_, t_ - 20s, 15s));
  put(registration(a_, t_ + 1s));
  put(registration(a_, std::nullopt));
  auto keys = due(t_);
  ASSERT_EQ(keys.size(), 3u);
  EXPECT_EQ(keys[0].id, early.id);
  EXPECT_EQ(keys[0].tenant, b_);
  EXPECT_EQ(keys[0].kind, "test");
  EXPECT_EQ(keys[1].id, jittered.id);
  EXPECT_EQ(keys[1].due_at, t_ - 20s);
  EXPECT_EQ(keys[1].planned_at, t_ - 5s);
  EXPECT_EQ(keys[2].id, late.id);
  EXPECT_EQ(due(t_, 2).size(), 2u);
  EXPECT_EQ(due(t_ - 1s).size(), 3u) << "until is included";
  EXPECT_TRUE(due(t_ - 1h).empty());
}

TEST_F(JobContract, DueBesideIsWhatTheOtherTenantsHaveInTheStretch) {
  put(registration(a_, t_ - 10s));
  Registration at_from = put(registration(b_, t_ - 5s)), at_until = put(registration(b_, t_));
  put(registration(b_, t_ - 6s));
  put(registration(b_, t_ + 1s));
  put(registration(b_, std::nullopt));
  Registration of_a = put(registration(a_, t_ - 1s));
  const auto beside = [&](std::vector<TenantId> tenants, int limit) {
    std::vector<RegistrationId> ids;
    for (const auto& key : must(in_system([&](Tx& tx) { return store().due_beside(tx, t_ - 5s, t_, tenants, limit); }))) ids.push_back(key.id);
    return ids;
  };
  EXPECT_EQ(beside({a_}, 100), (std::vector{at_from.id, at_until.id}));
  EXPECT_EQ(beside({}, 100), (std::vector{at_from.id, of_a.id, at_until.id}));
  EXPECT_EQ(beside({a_}, 1), (std::vector{at_from.id}));
  EXPECT_TRUE(beside({a_, b_}, 100).empty());
}

TEST_F(JobContract, LockDueGivesOnlyWhatIsStillDueAtTheSameTime) {
  Registration same = registration(a_, t_ - 1s);
  same.recurrence = R"({"kind":"manual"})";
  put(same);
  Registration moved = put(registration(a_, t_ - 2s)), gone = put(registration(b_, t_ - 3s));
  auto keys = due(t_);
  ASSERT_EQ(keys.size(), 3u);
  move({a_, moved.id, t_ - 1s, t_ - 1s, "2026a", std::nullopt});
  must(set_->db().in_tenant(b_, [&](Tx& tx) { return store().erase(tx, b_, gone.id); }));
  auto jobs = lock_due(keys);
  ASSERT_EQ(jobs.size(), 1u);
  EXPECT_EQ(jobs[0].tenant, a_);
  EXPECT_EQ(jobs[0].id, same.id);
  EXPECT_EQ(jobs[0].due_at, t_ - 1s);
  EXPECT_EQ(jobs[0].planned_at, t_ - 1s);
  EXPECT_EQ(jobs[0].recurrence, same.recurrence);
}

/// Two nodes found it due; the first parked it for a maintenance, and the second took it for one that cannot be handled.
TEST_F(JobContract, LockDueLeavesAloneWhatSomebodyParkedMeanwhile) {
  Registration r = put(registration(a_, t_ - 1s));
  auto keys = due(t_);
  ASSERT_EQ(keys.size(), 1u);
  move({a_, r.id, t_ - 1s, std::nullopt, "", std::nullopt});
  EXPECT_TRUE(lock_due(keys).empty());
}

TEST_F(JobContract, OfTwoPlannersWithTheSameKeysOneHandlesEach) {
  for (int n = 0; n < 5; ++n) put(registration(n % 2 ? a_ : b_, t_ - 1s));
  auto first = due(t_), second = due(t_);
  auto handle = [&](const std::vector<DueKey>& keys) {
    return must(in_system([&](Tx& tx) -> Result<std::size_t> {
      CARILLON_TRY(auto jobs, store().lock_due(tx, keys));
      std::vector<JobMove> moves;
      for (const auto& job : jobs) moves.push_back({job.tenant, job.id, t_ + 1h, t_ + 1h, "", std::nullopt});
      CARILLON_CHECK(store().move(tx, moves));
      return jobs.size();
    }));
  };
  EXPECT_EQ(handle(first), 5u);
  EXPECT_EQ(handle(second), 0u);
  EXPECT_TRUE(due(t_).empty());
}

TEST_F(JobContract, AMoveToNowherePromisesNothing) {
  Registration r = put(registration(a_, t_ - 1s));
  move({a_, r.id, std::nullopt, std::nullopt, "2026c", std::nullopt});
  EXPECT_TRUE(due(t_ + 1h).empty());
  auto found = read(a_, r.id);
  ASSERT_TRUE(found) << "the registration stays";
  EXPECT_FALSE(found->due_at);
  EXPECT_FALSE(found->planned_at);
  EXPECT_EQ(found->zone_data, "2026c");
  EXPECT_TRUE(lock_due({{a_, r.id, "test", t_ - 1s, t_ - 1s}}).empty());
}

TEST_F(JobContract, AMoveOfAnErasedRegistrationDoesNothing) {
  Registration r = put(registration(a_, t_ - 1s));
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return store().erase(tx, a_, r.id); }));
  move({a_, r.id, t_ + 1h, t_ + 1h, "", std::nullopt});
  EXPECT_FALSE(read(a_, r.id));
}

TEST_F(JobContract, ATenantCannotEraseAnothersRegistration) {
  Registration r = put(registration(b_, t_));
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return store().erase(tx, b_, r.id); }));
  EXPECT_TRUE(read(b_, r.id));
}

TEST_F(JobContract, LockAllAnswersWhatIsThere) {
  Registration one = put(registration(a_, t_, 3s)), two = put(registration(a_, std::nullopt)), other = put(registration(b_, t_));
  std::vector ids{two.id, one.id, other.id, ids_.make<RegistrationId>()};
  const auto found = must(in(a_, [&](Tx& tx) { return store().lock_all(tx, a_, ids); }));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].id, one.id) << "in id order";
  EXPECT_EQ(found[0].due_at, t_);
  EXPECT_EQ(found[0].planned_at, t_ + 3s);
  EXPECT_EQ(found[0].kind, "test");
  EXPECT_EQ(found[0].zone_data, "2026a");
  EXPECT_EQ(found[1].id, two.id);
  EXPECT_EQ(found[1].due_at, std::nullopt);
  EXPECT_TRUE(must(in(b_, [&](Tx& tx) { return store().lock_all(tx, a_, ids); })).empty());
}

TEST_F(JobContract, PutAllPutsEach) {
  Registration there = put(registration(a_, t_ + 1h)), gone = put(registration(a_, t_ + 1h)), fresh = registration(a_, t_ + 2h, 5s);
  there.kind = "other";
  there.due_at = there.planned_at = t_ + 3h;
  there.lane = Lane::background;
  gone.due_at = gone.planned_at = std::nullopt;
  const Registration all[] = {there, gone, fresh};
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return store().put_all(tx, all); }));
  EXPECT_EQ(read(a_, there.id)->kind, "other");
  EXPECT_EQ(read(a_, there.id)->due_at, t_ + 3h);
  EXPECT_EQ(read(a_, there.id)->lane, Lane::background);
  EXPECT_EQ(read(a_, gone.id)->planned_at, std::nullopt);
  EXPECT_EQ(read(a_, fresh.id)->planned_at, t_ + 2h + 5s);
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return store().put_all(tx, {}); }));
}

TEST_F(JobContract, TheLiveLaneGoesFirstAndTheBackgroundFillsWhatIsLeft) {
  auto later = [&](Duration age) {
    Registration r = registration(a_, t_ - age);
    r.lane = Lane::background;
    return put(r);
  };
  const Registration old_background = later(1h), background = later(50s);
  const Registration live = put(registration(a_, t_ - 1s)), older_live = put(registration(b_, t_ - 2s));
  auto keys = due(t_);
  ASSERT_EQ(keys.size(), 4u);
  EXPECT_EQ(keys[0].id, older_live.id);
  EXPECT_EQ(keys[0].lane, Lane::live);
  EXPECT_EQ(keys[1].id, live.id);
  EXPECT_EQ(keys[2].id, old_background.id);
  EXPECT_EQ(keys[2].lane, Lane::background);
  EXPECT_EQ(keys[3].id, background.id);
  EXPECT_EQ(due(t_, 3).back().id, old_background.id);
  EXPECT_EQ(due(t_, 2).back().id, live.id);
  EXPECT_EQ(next_wake(), t_ - 1h) << "whatever the lane";
  EXPECT_EQ(read(a_, background.id)->lane, Lane::background);
}

TEST_F(JobContract, PutSoonerMakesNewOnesAndBringsOthersForward) {
  auto sooner = [&](std::vector<Registration> list) { must(set_->db().in_system([&](Tx& tx) { return store().put_sooner(tx, list); })); };
  Registration fresh = registration(a_, t_ + 1h, 5s);
  fresh.kind = "backlog";
  fresh.lane = Lane::background;
  Registration far = put(registration(b_, t_ + 2h)), near = put(registration(a_, t_ + 1min)), idle = put(registration(a_, std::nullopt));
  std::vector list{fresh, far, near, idle};
  for (std::size_t n = 1; n < list.size(); ++n) {
    list[n].due_at = t_ + 30min;
    list[n].planned_at = t_ + 31min;
    list[n].kind = "other";
  }
  sooner(list);
  auto found = read(a_, fresh.id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, "backlog");
  EXPECT_EQ(found->due_at, t_ + 1h);
  EXPECT_EQ(found->planned_at, t_ + 1h + 5s);
  EXPECT_EQ(found->lane, Lane::background);
  found = read(b_, far.id);
  EXPECT_EQ(found->due_at, t_ + 30min);
  EXPECT_EQ(found->planned_at, t_ + 31min);
  EXPECT_EQ(found->kind, "test") << "only its times change";
  EXPECT_EQ(read(a_, near.id)->planned_at, t_ + 1min);
  EXPECT_EQ(read(a_, near.id)->due_at, t_ + 1min);
  EXPECT_EQ(read(a_, idle.id)->due_at, t_ + 30min);
  EXPECT_EQ(read(a_, idle.id)->planned_at, t_ + 31min);
  sooner({});
}

TEST_F(JobContract, TryLockAnswersWhatIsThere) {
  Registration one = put(registration(a_, t_)), two = put(registration(b_, std::nullopt));
  const std::vector<RegistrationKey> keys{{a_, one.id}, {b_, two.id}, {b_, one.id}, {a_, ids_.make<RegistrationId>()}};
  std::set<RegistrationId> got;
  for (const auto& key : must(in_system([&](Tx& tx) { return store().try_lock(tx, keys); }))) got.insert(key.id);
  EXPECT_EQ(got, (std::set{one.id, two.id}));
  EXPECT_TRUE(must(in_system([&](Tx& tx) { return store().try_lock(tx, {}); })).empty());
}

TEST_F(JobContract, WakeBringsForwardOnlyThoseThatWaitForATime) {
  Registration later = put(registration(a_, t_ + 1h)), theirs = put(registration(b_, t_ + 1h)), past = put(registration(a_, t_ - 1h));
  Registration idle = put(registration(a_, std::nullopt)), other = put(registration(a_, t_ + 1h));
  Registration parked = registration(a_, t_ - 1s);
  parked.planned_at.reset();
  put(parked);
  const std::vector<RegistrationKey> keys{{b_, theirs.id}, {a_, later.id}, {a_, past.id}, {a_, idle.id}, {a_, parked.id}};
  must(set_->db().in_system([&](Tx& tx) { return store().wake(tx, keys, t_); }));
  EXPECT_EQ(read(a_, later.id)->planned_at, t_);
  EXPECT_EQ(read(a_, later.id)->due_at, t_ + 1h);
  EXPECT_EQ(read(b_, theirs.id)->planned_at, t_);
  EXPECT_EQ(read(a_, past.id)->planned_at, t_ - 1h);
  EXPECT_FALSE(read(a_, idle.id)->planned_at);
  EXPECT_FALSE(read(a_, parked.id)->planned_at);
  EXPECT_EQ(read(a_, other.id)->planned_at, t_ + 1h);
}

TEST_F(JobContract, WhatIsParkedIsNotDueUntilItIsUnparked) {
  auto parked = [&](TenantId tenant) {
    Registration r = registration(tenant, t_ - 1h);
    r.planned_at.reset();
    return put(r);
  };
  const Registration mine = parked(a_), mine_too = parked(a_), theirs = parked(b_);
  const Registration idle = put(registration(a_, std::nullopt)), planned = put(registration(a_, t_ + 1h));
  EXPECT_TRUE(due(t_).empty());
  EXPECT_EQ(must(in(a_, [&](Tx& tx) { return store().unpark(tx, a_, t_ - 1s); })), 2);
  auto keys = due(t_);
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0].due_at, t_ - 1h) << "the due time stays";
  EXPECT_EQ(keys[0].planned_at, t_ - 1s);
  EXPECT_EQ(lock_due(keys).size(), 2u);
  EXPECT_EQ(must(in(a_, [&](Tx& tx) { return store().unpark(tx, b_, t_); })), 0) << "not those of another tenant";
  EXPECT_EQ(must(in_system([&](Tx& tx) { return store().unpark(tx, std::nullopt, t_ - 2s); })), 1);
  EXPECT_EQ(read(b_, theirs.id)->planned_at, t_ - 2s);
  EXPECT_FALSE(read(a_, idle.id)->planned_at);
  EXPECT_EQ(read(a_, planned.id)->planned_at, t_ + 1h);
}

TEST_F(JobContract, TheNextWakeIsTheEarliestPlannedTimeOfAnyTenant) {
  EXPECT_FALSE(next_wake());
  put(registration(a_, std::nullopt));
  EXPECT_FALSE(next_wake());
  put(registration(a_, t_ + 2h));
  put(registration(b_, t_ + 1h, 5s));
  EXPECT_EQ(next_wake(), t_ + 1h + 5s);
}

}  // namespace
}  // namespace carillon::contract
