// What RetentionStore, AlertStore::purge and alerts that are raised once promise.
#include <thread>

#include "tests/contract/stores/contract_fixture.h"

namespace carillon::contract::retention_tests {
namespace {

using namespace schedules;
using testing::ElementsAre;
using testing::IsEmpty;

class RetentionContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    workflow_ = make_workflow(a_, "orders");
    t_ = *parse_instant("2026-05-01T00:00:00Z");
  }
  RetentionStore& store() { return set_->retention(); }
  ScheduleId deleted(const std::string& name, Instant at) {
    Schedule s = new_schedule(a_, workflow_, name);
    insert_schedule(s);
    s.deleted = true;
    s.updated_at = at;
    must(set_->db().in_tenant(a_, [&](Tx& tx) { return set_->schedules().update(tx, s); }));
    return s.id;
  }
  void add_versions(ScheduleId id, int count) {
    must(set_->db().in_tenant(a_, [&](Tx& tx) -> carillon::Status {
      for (int n = 1; n <= count; ++n) CARILLON_CHECK(set_->schedules().add_version(tx, a_, id, {n, t_, "ann", "schedules.update", Json::object(), "{}"}));
      return ok();
    }));
  }
  Backfill add_backfill(ScheduleId id, int items) {
    Backfill b;
    b.tenant = a_;
    b.id = ids_.make<BackfillId>();
    b.schedule = id;
    b.from = t_;
    b.to = t_ + 24h;
    b.total = items;
    b.created_at = t_;
    b.created_by = "ann";
    std::vector<Instant> times;
    for (int n = 0; n < items; ++n) times.push_back(t_ + n * 1min);
    must(set_->db().in_tenant(a_, [&](Tx& tx) -> carillon::Status {
      CARILLON_CHECK(set_->backfills().insert(tx, b, times));
      return set_->jobs().put(tx, {a_, RegistrationId{b.id.value}, "backfill", t_, t_, "", "", Lane::background});
    }));
    return b;
  }
  std::vector<ScheduleId> expired(Instant until, std::int64_t limit = 100) {
    return must(in_system([&](Tx& tx) { return store().lock_expired(tx, a_, until, limit); }));
  }
  RetentionStore::Removed purge(const std::vector<ScheduleId>& ids, std::int64_t limit = 1000, std::vector<RegistrationId> registrations = {}) {
    return must(in_system([&](Tx& tx) { return store().purge_schedules(tx, a_, ids, registrations, limit); }));
  }
  bool kept(ScheduleId id) {
    const ScheduleKey key{a_, id};
    return !must(in_system([&](Tx& tx) { return set_->schedules().kept(tx, std::span(&key, 1)); })).empty();
  }
  std::size_t versions(ScheduleId id) {
    return must(in(a_, [&](Tx& tx) { return set_->schedules().versions(tx, a_, id, {}, 100); })).size();
  }
  bool registered(Uuid id) {
    return must(in(a_, [&](Tx& tx) { return set_->jobs().lock(tx, a_, RegistrationId{id}); })).has_value();
  }
  BulkJob job(const std::string& ended_at, int items) {
    BulkJob j;
    j.id = ids_.next();
    j.tenant = a_;
    j.total = items;
    j.created_at = t_;
    j.created_by = "ann";
    std::vector<ScheduleId> ids;
    for (int n = 0; n < items; ++n) ids.push_back(ids_.make<ScheduleId>());
    must(set_->db().in_tenant(a_, [&](Tx& tx) -> carillon::Status {
      CARILLON_CHECK(set_->bulk().insert(tx, j));
      CARILLON_CHECK(set_->bulk().add_ids(tx, j, ids));
      j.state = BulkState::finished;
      if (!ended_at.empty()) j.ended_at = parse_instant(ended_at);
      return set_->bulk().put(tx, j);
    }));
    return j;
  }
  bool has_job(const BulkJob& j) {
    return in(a_, [&](Tx& tx) { return set_->bulk().job(tx, a_, j.id); }).has_value();
  }
  std::size_t items(const BulkJob& j) {
    return must(in(a_, [&](Tx& tx) { return set_->bulk().items(tx, a_, j.id, {}, 0, 100); })).size();
  }
  RetentionStore::Removed purge_jobs(Instant until, std::int64_t limit = 1000) {
    return must(in_system([&](Tx& tx) { return store().purge_jobs(tx, a_, until, limit); }));
  }
  void raise(TenantId tenant, const std::string& code, std::optional<Instant> unless_since = {}) {
    must(set_->db().in_system([&](Tx& tx) -> carillon::Status {
      tx.raise(tenant, {code, "schedule", Uuid{}, "It happened.", Json::object(), unless_since});
      return ok();
    }));
  }
  std::vector<KeptAlert> alerts() {
    return must(in(a_, [&](Tx& tx) { return set_->alert_store().list(tx, a_, {}); }));
  }
  std::int64_t purge_alerts(Instant until, std::int64_t limit = 100) {
    return must(in_system([&](Tx& tx) { return set_->alert_store().purge(tx, a_, until, limit); }));
  }
  std::int64_t batches(TenantId tenant) {
    return must(in(tenant, [&](Tx& tx) { return set_->events().head(tx, tenant); }));
  }
  WorkflowId workflow_;
  Instant t_;
};

TEST_F(RetentionContract, ADeletedScheduleIsOverAtItsTimeAndNotAMicrosecondBefore) {
  const ScheduleId live = insert_schedule(new_schedule(a_, workflow_, "live"));
  const ScheduleId at = deleted("at", t_);
  const ScheduleId after = deleted("after", t_ + 1us);
  EXPECT_THAT(expired(t_ - 1us), IsEmpty());
  EXPECT_THAT(expired(t_), ElementsAre(at));
  EXPECT_THAT(expired(t_ + 1us), ElementsAre(at, after));
  EXPECT_THAT(must(in_system([&](Tx& tx) { return store().lock_expired(tx, b_, tx.now(), 100); })), IsEmpty());
  EXPECT_TRUE(kept(live));
}

TEST_F(RetentionContract, TheOldestGoFirst) {
  const ScheduleId third = deleted("a", t_ + 3h), first = deleted("b", t_ + 1h), second = deleted("c", t_ + 2h);
  EXPECT_THAT(expired(t_ + 4h, 2), ElementsAre(first, second));
  EXPECT_THAT(expired(t_ + 4h), ElementsAre(first, second, third));
}

TEST_F(RetentionContract, AScheduleWhoseRunHasNotEndedStaysUntilItHas) {
  const ScheduleId id = deleted("busy", t_);
  NewRun run = new_run(a_, workflow_);
  run.provenance.schedule = id;
  insert_run(run);
  EXPECT_THAT(expired(t_), IsEmpty());
  const auto claimed = must(in_system([&](Tx& tx) { return set_->runs().claim(tx, ids_.make<NodeId>(), tx.now() + 1h, 10); }));
  ASSERT_EQ(claimed.size(), 1u);
  RunProgress p;
  p.tenant = a_;
  p.id = run.id;
  p.workflow = workflow_;
  p.epoch = claimed[0].epoch;
  p.state = RunState::succeeded;
  p.started_at = t_;
  p.ended_at = t_ + 1s;
  p.provenance = run.provenance;
  must(in_system([&](Tx& tx) { return set_->runs().progress(tx, std::span(&p, 1)); }));
  EXPECT_THAT(expired(t_), ElementsAre(id));
}

TEST_F(RetentionContract, WithAScheduleGoesWhatBelongsToItAndNothingElse) {
  const ScheduleId gone = deleted("gone", t_), stays = deleted("stays", t_ + 1h);
  const RegistrationId other{ids_.next()};
  std::vector<Backfill> backfills;
  for (ScheduleId id : {gone, stays}) {
    add_versions(id, 2);
    backfills.push_back(add_backfill(id, 3));
    const Waiting w{a_, id, t_, t_, "scheduled", t_, "", 1};
    const MissedFailures m{a_, id, 1, t_};
    NewRun run = new_run(a_, workflow_);
    run.provenance.schedule = id;
    Fire fire{a_, id, t_, {}, 1, t_, t_, Verdict::started, "", run.id, 1, "", ""};
    must(set_->db().in_system([&](Tx& tx) -> carillon::Status {
      CARILLON_CHECK(set_->schedules().add_waiting(tx, std::span(&w, 1)));
      CARILLON_CHECK(set_->schedules().add_missed_failures(tx, std::span(&m, 1)));
      CARILLON_TRY([[maybe_unused]] auto fresh, set_->schedules().insert_fires(tx, std::span(&fire, 1)));
      return set_->runs().insert(tx, std::span(&run, 1));
    }));
  }
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return set_->jobs().put(tx, {a_, other, "schedule_backlog", t_, t_, "", ""}); }));
  const auto removed = purge({gone}, 1000, {RegistrationId{gone.value}, other});
  EXPECT_EQ(removed.things, 1);
  EXPECT_EQ(removed.rows, 2 + 3 + 1 + 1 + 1 + 1 + 1 + 2) << "versions, items, backfill and its registration, wait, counts, schedule, registrations";
  EXPECT_FALSE(removed.more);
  EXPECT_FALSE(registered(other.value));
  for (const auto& [id, there] : {std::pair(gone, false), std::pair(stays, true)}) {
    const Backfill& b = backfills[there ? 1 : 0];
    EXPECT_EQ(kept(id), there);
    EXPECT_EQ(registered(id.value), there);
    EXPECT_EQ(registered(b.id.value), there);
    EXPECT_EQ(versions(id), there ? 2u : 0u);
    EXPECT_EQ(in(a_, [&](Tx& tx) { return set_->backfills().view(tx, a_, b.id); }).has_value(), there);
    EXPECT_EQ(must(in(a_, [&](Tx& tx) { return set_->schedules().waiting_of(tx, a_, std::span(&id, 1)); })).size(), there ? 1u : 0u);
    const auto fires = must(in(a_, [&](Tx& tx) { return set_->schedules().fires(tx, a_, id, {}, {}, 10); }));
    ASSERT_EQ(fires.size(), 1u) << "the ledger outlives its schedule";
    EXPECT_TRUE(in(a_, [&](Tx& tx) { return set_->runs().get(tx, a_, *fires[0].run); }).has_value());
  }
}

TEST_F(RetentionContract, OfMuchThatBelongsToSchedulesAPortionGoesAtATime) {
  const std::vector<ScheduleId> ids{deleted("one", t_), deleted("two", t_)};
  for (ScheduleId id : ids) {
    add_versions(id, 4);
    add_backfill(id, 5);
  }
  std::vector<std::int64_t> rows;
  for (int n = 0; n < 4; ++n) {
    const auto removed = purge(ids, 5, {RegistrationId{ids[0].value}, RegistrationId{ids[1].value}});
    rows.push_back(removed.rows);
    EXPECT_EQ(removed.more, n < 3) << n;
    EXPECT_EQ(removed.things, n < 3 ? 0 : 2) << n;
    for (ScheduleId id : ids) EXPECT_EQ(kept(id), n < 3) << "it is there until nothing of it is";
  }
  // 8 versions and 10 items, then backfills and schedules, each with a registration.
  EXPECT_THAT(rows, ElementsAre(5, 5, 5, 3 + 4 + 4));
  EXPECT_THAT(expired(t_), IsEmpty());
}

TEST_F(RetentionContract, ABulkJobGoesWithItsItemsAtItsTime) {
  const BulkJob at = job("2026-05-01T00:00:00Z", 2), after = job("2026-05-01T00:00:00.000001Z", 2), open = job("", 2);
  EXPECT_EQ(purge_jobs(t_ - 1us).rows, 0);
  const auto removed = purge_jobs(t_);
  EXPECT_EQ(removed.things, 1);
  EXPECT_EQ(removed.rows, 3);
  EXPECT_FALSE(removed.more);
  EXPECT_FALSE(has_job(at));
  EXPECT_EQ(items(at), 0u);
  EXPECT_TRUE(has_job(after));
  EXPECT_EQ(items(after), 2u);
  EXPECT_EQ(purge_jobs(now()).things, 1);
  EXPECT_TRUE(has_job(open)) << "it has not ended";
  EXPECT_EQ(must(in_system([&](Tx& tx) { return store().purge_jobs(tx, b_, tx.now(), 10); })).rows, 0);
}

TEST_F(RetentionContract, TheItemsOfALargeJobGoInPortionsBeforeIt) {
  const BulkJob large = job("2026-05-01T00:00:00Z", 5);
  EXPECT_EQ(purge_jobs(t_, 3).rows, 3);
  EXPECT_TRUE(has_job(large));
  EXPECT_EQ(items(large), 2u);
  const auto last = purge_jobs(t_, 3);
  EXPECT_EQ(last.rows, 3);
  EXPECT_EQ(last.things, 1);
  EXPECT_FALSE(last.more);
  EXPECT_FALSE(has_job(large));
}

TEST_F(RetentionContract, PagesOfVerdictsGoOnceALaterVersionIsThere) {
  add_version(a_, workflow_, 2);
  must(set_->db().in_tenant(a_, [&](Tx& tx) -> carillon::Status {
    CARILLON_TRY(auto workflow, set_->workflows().lock(tx, a_, workflow_));
    workflow.latest_version = 2;
    CARILLON_CHECK(set_->workflows().update(tx, workflow));
    for (std::int64_t version : {1, 2})
      for (std::int64_t page : {0, 1}) CARILLON_CHECK(set_->publishing().put_verdicts(tx, a_, workflow_, version, page, "[]"));
    return ok();
  }));
  const auto published = must(in(a_, [&](Tx& tx) { return set_->workflows().version(tx, a_, workflow_, 1); })).published_at;
  const auto purge_verdicts = [&](TenantId tenant, Instant until, std::int64_t limit) {
    return must(in_system([&](Tx& tx) { return store().purge_verdicts(tx, tenant, until, limit); }));
  };
  const auto pages = [&](std::int64_t version) {
    int out = 0;
    for (std::int64_t page : {0, 1})
      out += must(in(a_, [&](Tx& tx) { return set_->publishing().verdicts(tx, a_, workflow_, version, page); })) ? 1 : 0;
    return out;
  };
  EXPECT_EQ(purge_verdicts(a_, published - 1us, 10).rows, 0);
  EXPECT_EQ(purge_verdicts(b_, now(), 10).rows, 0);
  EXPECT_EQ(pages(1), 2);
  EXPECT_TRUE(purge_verdicts(a_, published, 1).more);
  EXPECT_EQ(pages(1), 1);
  EXPECT_EQ(purge_verdicts(a_, now(), 10).things, 1);
  EXPECT_EQ(pages(1), 0);
  EXPECT_EQ(pages(2), 2) << "the latest version's stay, however old";
}

TEST_F(RetentionContract, AlertsGoAtTheirTimeTheOldestFirst) {
  for (const char* code : {"ONE", "TWO", "THREE"}) raise(a_, code);
  raise(b_, "ONE");
  const auto all = alerts();  // newest first
  ASSERT_EQ(all.size(), 3u);
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return set_->alert_store().acknowledge(tx, a_, all[1].id, "ann"); }));
  EXPECT_EQ(purge_alerts(all[2].at - 1us), 0);
  EXPECT_EQ(purge_alerts(all[2].at), 1);
  ASSERT_EQ(alerts().size(), 2u);
  EXPECT_EQ(alerts()[1].alert.code, "TWO");
  EXPECT_EQ(purge_alerts(now(), 1), 1);
  ASSERT_EQ(alerts().size(), 1u);
  EXPECT_EQ(alerts()[0].alert.code, "THREE");
  EXPECT_EQ(set_->alerts(b_).size(), 1u);
}

TEST_F(RetentionContract, AnAlertThatIsRaisedOnceIsNotRaisedAgainUntilItIsOlderThanAsked) {
  raise(a_, "JUMP", t_);
  ASSERT_EQ(alerts().size(), 1u);
  const Instant first = alerts()[0].at;
  const std::int64_t told = batches(a_);
  raise(a_, "JUMP", first - 1us);
  EXPECT_EQ(alerts().size(), 1u);
  EXPECT_EQ(batches(a_), told) << "nothing is shown either";
  raise(a_, "OTHER", first - 1us);
  raise(b_, "JUMP", first - 1us);
  EXPECT_EQ(alerts().size(), 2u);
  EXPECT_EQ(set_->alerts(b_).size(), 1u);
  raise(a_, "JUMP", first);
  EXPECT_EQ(alerts().size(), 3u) << "raised after the first one's time has passed";
  raise(a_, "JUMP", first);
  EXPECT_EQ(alerts().size(), 3u);
}

TEST_F(RetentionContract, AnAlertOfEveryTimeDoesNotCountForOneThatIsRaisedOnce) {
  raise(a_, "JUMP");
  raise(a_, "JUMP");
  raise(a_, "JUMP", t_);
  EXPECT_EQ(alerts().size(), 3u);
}

TEST_F(RetentionContract, OfNodesThatRaiseItAtOnceOneDoes) {
  for (int round = 0; round < 20; ++round) {
    const Instant since = now();
    std::vector<std::jthread> nodes;
    for (int n = 0; n < 4; ++n) nodes.emplace_back([&] { raise(a_, "JUMP", since); });
    nodes.clear();
    ASSERT_EQ(alerts().size(), static_cast<std::size_t>(round + 1));
  }
}

}  // namespace
}  // namespace carillon::contract::retention_tests
