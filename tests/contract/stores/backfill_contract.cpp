// What BackfillStore promises: due times get one run each, and progress is what the items say.
#include "tests/contract/stores/contract_fixture.h"

namespace carillon::contract::backfill_tests {
namespace {

using namespace schedules;

class BackfillContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    workflow_ = make_workflow(a_, "orders");
    schedule_ = insert_schedule(new_schedule(a_, workflow_, "nightly"), now() + 1h);
    t_ = *parse_instant("2031-05-01T00:00:00Z");
  }
  BackfillStore& store() { return set_->backfills(); }
  Backfill backfill(std::size_t total) {
    Backfill b;
    b.tenant = a_;
    b.id = ids_.make<BackfillId>();
    b.schedule = schedule_;
    b.from = t_;
    b.to = t_ + 24h;
    b.concurrency = 2;
    b.total = static_cast<std::int64_t>(total);
    b.created_at = now();
    b.created_by = "ann";
    return b;
  }
  Backfill insert(const std::vector<Instant>& due_times) {
    const Backfill b = backfill(due_times.size());
    must(in(a_, [&](Tx& tx) { return store().insert(tx, b, due_times); }));
    return b;
  }
  BackfillView view(const Backfill& b) {
    return must(in(a_, [&](Tx& tx) { return store().view(tx, a_, b.id); }));
  }
  TakenTimes taken() {
    return must(in(a_, [&](Tx& tx) { return store().taken(tx, a_, schedule_, t_, t_ + 24h); }));
  }
  std::vector<BackfillItem> items(const Backfill& b, std::optional<ItemState> state = {}, std::optional<Instant> after = {}, int limit = 100) {
    return must(in(a_, [&](Tx& tx) { return store().items(tx, a_, b.id, state, after, limit); }));
  }
  void start(const ItemChange& item) {
    must(set_->db().in_system([&](Tx& tx) { return store().start(tx, std::span(&item, 1)); }));
  }
  void finish(const ItemChange& item) {
    must(set_->db().in_system([&](Tx& tx) { return store().finish(tx, std::span(&item, 1)); }));
  }
  RunId run() { return insert_run(new_run(a_, workflow_)); }
  void update(const Backfill& b) {
    must(in(a_, [&](Tx& tx) { return store().update(tx, b); }));
  }

  WorkflowId workflow_;
  ScheduleId schedule_;
  Instant t_;
};

TEST_F(BackfillContract, ReadsWhatWasWrittenAndCountsItsItems) {
  const Backfill b = insert({t_ + 1h, t_ + 2h, t_ + 3h});
  const RunId first = run();
  start({a_, b.id, t_ + 1h, first, ItemState::started, {}});
  BackfillView seen = view(b);
  EXPECT_EQ(seen.backfill.schedule, schedule_);
  EXPECT_EQ(seen.backfill.from, t_);
  EXPECT_EQ(seen.backfill.to, t_ + 24h);
  EXPECT_EQ(seen.backfill.concurrency, 2);
  EXPECT_FALSE(seen.backfill.include_fired);
  EXPECT_EQ(seen.backfill.state, BackfillState::running);
  EXPECT_EQ(seen.backfill.total, 3);
  EXPECT_EQ(seen.backfill.created_by, "ann");
  EXPECT_EQ(seen.progress.waiting, 2);
  EXPECT_EQ(seen.progress.started, 1);
  finish({a_, b.id, t_ + 1h, first, ItemState::failed, {}});
  EXPECT_EQ(view(b).progress.failed, 1);
  EXPECT_EQ(view(b).progress.started, 0);
  const auto listed = items(b);
  ASSERT_EQ(listed.size(), 3u);
  EXPECT_EQ(listed[0].run, first);
  EXPECT_EQ(listed[0].state, ItemState::failed);
  EXPECT_EQ(listed[2].due_at, t_ + 3h);
  EXPECT_EQ(items(b, ItemState::waiting).size(), 2u);
  ASSERT_EQ(items(b, {}, t_ + 1h, 1).size(), 1u);
  EXPECT_EQ(items(b, {}, t_ + 1h, 1)[0].due_at, t_ + 2h);
}

TEST_F(BackfillContract, ADueTimeGetsOneRunAndOnlyThatRunEndsIt) {
  const Backfill b = insert({t_ + 1h});
  const RunId first = run(), second = run();
  start({a_, b.id, t_ + 1h, first, ItemState::started, {}});
  start({a_, b.id, t_ + 1h, second, ItemState::started, {}});
  EXPECT_EQ(items(b)[0].run, first);
  finish({a_, b.id, t_ + 1h, second, ItemState::failed, {}});
  EXPECT_EQ(items(b)[0].state, ItemState::started);
  // A retry goes on for it.
  finish({a_, b.id, t_ + 1h, first, ItemState::started, second});
  EXPECT_EQ(items(b)[0].run, second);
  finish({a_, b.id, t_ + 1h, first, ItemState::failed, {}});
  EXPECT_EQ(items(b)[0].state, ItemState::started);
  finish({a_, b.id, t_ + 1h, second, ItemState::succeeded, {}});
  finish({a_, b.id, t_ + 1h, second, ItemState::failed, {}});
  EXPECT_EQ(items(b)[0].state, ItemState::succeeded);
}

TEST_F(BackfillContract, TakenAreFiresBacklogAndOtherBackfills) {
  Fire started;
  started.tenant = a_;
  started.schedule = schedule_;
  started.due_at = started.planned_at = started.fired_at = t_ + 1h;
  Fire missed = started;
  missed.due_at = t_ + 2h;
  missed.verdict = Verdict::missed;
  must(in_system([&](Tx& tx) { return set_->schedules().insert_fires(tx, std::vector{started, missed}); }));
  const Waiting waiting{a_, schedule_, t_ + 3h, t_ + 3h, "catchup", t_, "", 1};
  must(set_->db().in_system([&](Tx& tx) { return set_->schedules().add_waiting(tx, std::span(&waiting, 1)); }));
  Backfill b = insert({t_ + 4h, t_ + 5h, t_ + 25h});
  const RunId r = run();
  start({a_, b.id, t_ + 4h, r, ItemState::started, {}});
  EXPECT_EQ(taken().fired, (std::vector<Instant>{t_ + 1h, t_ + 4h}));
  EXPECT_EQ(taken().busy, (std::vector<Instant>{t_ + 3h, t_ + 4h, t_ + 5h}));
  finish({a_, b.id, t_ + 4h, r, ItemState::failed, {}});
  EXPECT_EQ(taken().busy, (std::vector<Instant>{t_ + 3h, t_ + 5h}));
  // A cancelled one lets go of what it did not start.
  EXPECT_EQ(must(in(a_, [&](Tx& tx) { return store().cancel_waiting(tx, a_, b.id); })), 2);
  b.state = BackfillState::cancelled;
  b.reason = "Enough.";
  b.ended_at = t_;
  update(b);
  EXPECT_EQ(taken().busy, (std::vector<Instant>{t_ + 3h}));
  EXPECT_EQ(taken().fired, (std::vector<Instant>{t_ + 1h, t_ + 4h}));
  EXPECT_EQ(view(b).backfill.reason, "Enough.");
  EXPECT_EQ(view(b).backfill.ended_at, t_);
}

TEST_F(BackfillContract, SaysWhatItRanOfStretchesOfDueTimes) {
  const Backfill older = insert({t_ + 1h, t_ + 2h, t_ + 5h}), newer = insert({t_ + 2h, t_ + 3h});
  const RunId first = run(), second = run(), again = run();
  start({a_, older.id, t_ + 1h, first, ItemState::started, {}});
  start({a_, older.id, t_ + 2h, second, ItemState::started, {}});
  start({a_, newer.id, t_ + 2h, again, ItemState::started, {}});
  const std::vector<DueStretch> asked{{t_ + 1h, t_ + 5h}, {t_ + 1h, t_ + 1h}, {t_ + 3h, t_ + 5h}, {t_ + 2h, t_ + 2h}};
  const auto ran = must(in(a_, [&](Tx& tx) { return store().ran(tx, a_, schedule_, asked); }));
  ASSERT_EQ(ran.size(), 4u);
  EXPECT_EQ(ran[0].count, 2) << "a due time that two have run counts once";
  EXPECT_EQ(ran[0].backfill, newer.id);
  EXPECT_EQ(ran[0].run, again);
  EXPECT_EQ(ran[1].count, 1);
  EXPECT_EQ(ran[1].backfill, older.id);
  EXPECT_EQ(ran[1].run, first);
  EXPECT_EQ(ran[2].count, 0) << "what waits has no run";
  EXPECT_EQ(ran[3].run, again);
  EXPECT_EQ(must(in(b_, [&](Tx& tx) { return store().ran(tx, a_, schedule_, asked); }))[0].count, 0);
  EXPECT_TRUE(must(in(a_, [&](Tx& tx) { return store().ran(tx, a_, schedule_, {}); })).empty());
}

TEST_F(BackfillContract, TheHandlerSeesTheOldestWaitingFirst) {
  const Backfill b = insert({t_ + 3h, t_ + 1h, t_ + 2h});
  const BackfillKey key{a_, b.id};
  const auto locked = must(in_system([&](Tx& tx) { return store().try_lock(tx, std::span(&key, 1)); }));
  ASSERT_EQ(locked.size(), 1u);
  EXPECT_EQ(locked[0].progress.waiting, 3);
  EXPECT_EQ(must(in_system([&](Tx& tx) { return store().waiting(tx, key, 2); })), (std::vector<Instant>{t_ + 1h, t_ + 2h}));
  EXPECT_TRUE(must(in_system([&](Tx& tx) { return store().waiting(tx, key, 0); })).empty());
}

TEST_F(BackfillContract, ListsNewestFirstAndOnlyToItsTenant) {
  const Backfill older = insert({t_ + 1h}), newer = insert({t_ + 2h});
  auto listed = must(in(a_, [&](Tx& tx) { return store().list(tx, a_, schedule_, {}, 10); }));
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[0].backfill.id, newer.id);
  EXPECT_EQ(listed[0].progress.waiting, 1);
  listed = must(in(a_, [&](Tx& tx) { return store().list(tx, a_, schedule_, newer.id, 10); }));
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].backfill.id, older.id);
  const std::string missing = failure_text(ErrorCode::not_found, "NOT_FOUND", "id");
  EXPECT_EQ(failure(in(b_, [&](Tx& tx) { return store().view(tx, b_, older.id); })), missing);
  EXPECT_EQ(failure(in(b_, [&](Tx& tx) { return store().lock(tx, a_, older.id); })), missing);
}

class MaintenanceContract : public StoreContract {
 protected:
  MaintenanceStore& store() { return set_->maintenance(); }
  MaintenanceEntry entry(std::optional<TenantId> tenant, Instant since, std::optional<Instant> until = {}) {
    return {ids_.next(), tenant, {since, until, {}, "Moving house", "ann"}};
  }
  void insert(const MaintenanceEntry& e) {
    must(set_->db().in_system([&](Tx& tx) { return store().insert(tx, e); }));
  }
  std::vector<Uuid> active(TenantId tenant, Instant at) {
    std::vector<Uuid> out;
    for (const auto& e : must(in(tenant, [&](Tx& tx) { return store().active(tx, tenant, at); }))) out.push_back(e.id);
    return out;
  }
};

TEST_F(MaintenanceContract, GoesOnUntilItsEndForItsTenantOrForAll) {
  const Instant t = now();
  const MaintenanceEntry mine = entry(a_, t), ours = entry({}, t + 1s, t + 10s);
  insert(mine);
  insert(ours);
  EXPECT_EQ(active(a_, t + 5s), (std::vector<Uuid>{mine.id, ours.id}));
  EXPECT_EQ(active(b_, t + 5s), (std::vector<Uuid>{ours.id}));
  EXPECT_EQ(active(b_, t + 10s), std::vector<Uuid>());
  EXPECT_EQ(active(a_, t - 1s), std::vector<Uuid>());
  MaintenanceEntry ended = must(in(a_, [&](Tx& tx) { return store().lock(tx, a_, mine.id); }));
  EXPECT_EQ(ended.stretch.reason, "Moving house");
  EXPECT_EQ(ended.stretch.actor, "ann");
  ended.stretch.ended_at = t + 2s;
  must(in(a_, [&](Tx& tx) { return store().set_ended(tx, ended); }));
  EXPECT_EQ(active(a_, t + 5s), (std::vector<Uuid>{ours.id}));
  const auto listed = must(in(a_, [&](Tx& tx) { return store().list(tx, a_, 10); }));
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].stretch.ended_at, t + 2s);
  EXPECT_EQ(must(in_system([&](Tx& tx) { return store().list(tx, std::nullopt, 10); })).size(), 1u);
  EXPECT_EQ(failure(in(b_, [&](Tx& tx) { return store().lock(tx, b_, mine.id); })), failure_text(ErrorCode::not_found, "NOT_FOUND", "id"));
}

TEST_F(MaintenanceContract, WhatGoesOnIsReadAndHeldForWhoParks) {
  const Instant t = now();
  insert(entry(a_, t - 10s, t - 5s));
  insert(entry(a_, t - 1s));
  insert(entry({}, t - 1s, t + 1h));
  const std::vector<TenantId> tenants{a_, b_};
  for (const bool hold : {false, true}) {
    auto found = must(in_system([&](Tx& tx) { return set_->schedules().maintenance(tx, tenants, t, hold); }));
    EXPECT_EQ(found[a_].size(), 2u);
    EXPECT_EQ(found[b_].size(), 1u);
    found = must(in_system([&](Tx& tx) { return set_->schedules().maintenance(tx, tenants, t - 7s, hold); }));
    EXPECT_EQ(found[a_].size(), 3u);
  }
}

TEST_F(MaintenanceContract, AFilterTakesActiveForPausedMeanwhile) {
  const WorkflowId workflow = make_workflow(a_, "orders");
  insert_schedule(new_schedule(a_, workflow, "free"));
  Schedule held = new_schedule(a_, workflow, "held");
  held.holds[HoldKind::user] = {"Asked for.", "ann", now(), {}, {}};
  insert_schedule(held);
  auto count = [&](schedules::Status status, bool in_maintenance) {
    ScheduleFilter filter;
    filter.status = status;
    filter.in_maintenance = in_maintenance;
    return must(in(a_, [&](Tx& tx) { return set_->schedules().count(tx, a_, filter); }));
  };
  EXPECT_EQ(count(schedules::Status::paused, false), 1);
  EXPECT_EQ(count(schedules::Status::active, false), 1);
  EXPECT_EQ(count(schedules::Status::paused, true), 2);
  EXPECT_EQ(count(schedules::Status::active, true), 0);
  EXPECT_EQ(count(schedules::Status::completed, true), 0);
}

}  // namespace
}  // namespace carillon::contract::backfill_tests
