// What BulkStore promises.
#include "tests/contract/stores/contract_fixture.h"

namespace carillon::contract::bulk_tests {
namespace {

using namespace schedules;

class BulkContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    workflow_ = make_workflow(a_, "orders");
    for (const char* name : {"one", "two", "three"}) {
      Schedule s = new_schedule(a_, workflow_, name);
      if (name == std::string("two")) s.labels = {"red"};
      schedules_.push_back(insert_schedule(s));
    }
  }
  BulkStore& store() { return set_->bulk(); }
  BulkJob job(BulkAction action = BulkAction::pause) {
    BulkJob j;
    j.id = ids_.next();
    j.tenant = a_;
    j.action = action;
    j.arguments = {{"reason", "stock-taking"}};
    j.total = 3;
    j.created_at = now();
    j.created_by = "ann";
    j.context = {{"actor_name", "ann"}};
    return j;
  }
  BulkJob inserted(BulkAction action = BulkAction::pause) {
    BulkJob j = job(action);
    must(in(a_, [&](Tx& tx) { return store().insert(tx, j); }));
    return j;
  }
  BulkJob with_ids(const std::vector<ScheduleId>& ids) {
    BulkJob j = inserted();
    must(in(a_, [&](Tx& tx) { return store().add_ids(tx, j, ids); }));
    return j;
  }
  std::vector<BulkItem> items(Uuid job, std::optional<BulkItemState> state = {}, std::int64_t after = 0, int limit = 100) {
    return must(in(a_, [&](Tx& tx) { return store().items(tx, a_, job, state, after, limit); }));
  }
  std::vector<std::string> names(Uuid job, std::optional<BulkItemState> state = {}, std::int64_t after = 0, int limit = 100) {
    std::vector<std::string> out;
    for (const auto& item : items(job, state, after, limit)) out.push_back(std::to_string(item.ordinal) + " " + item.name);
    return out;
  }
  std::vector<Uuid> open(Instant at, std::vector<Instant> mine = {}, int limit = 100) {
    std::vector<Uuid> out;
    for (const auto& job : must(in_system([&](Tx& tx) { return store().open(tx, at, mine, limit); }))) out.push_back(job.id);
    return out;
  }
  BulkJob read(Uuid id) { return must(in(a_, [&](Tx& tx) { return store().job(tx, a_, id); })); }
  void finish(Uuid job, std::vector<std::tuple<std::int64_t, BulkItemState, std::string>> outcomes) {
    std::vector<BulkItem> changed;
    for (const auto& [ordinal, state, undo] : outcomes)
      changed.push_back({ordinal, {}, "", state, state == BulkItemState::failed ? "NOPE" : "", state == BulkItemState::failed ? "No." : "", undo});
    must(in(a_, [&](Tx& tx) { return store().put_items(tx, a_, job, changed); }));
  }

  WorkflowId workflow_;
  std::vector<ScheduleId> schedules_;
};

using Names = std::vector<std::string>;

TEST_F(BulkContract, AJobComesBackAsItWasPut) {
  const BulkJob j = inserted(BulkAction::remove);
  BulkJob seen = read(j.id);
  EXPECT_EQ(seen.action, BulkAction::remove);
  EXPECT_EQ(seen.arguments, j.arguments);
  EXPECT_EQ(seen.state, BulkState::waiting);
  EXPECT_EQ(seen.total, 3);
  EXPECT_EQ(seen.created_by, "ann");
  EXPECT_EQ(seen.created_at, j.created_at);
  EXPECT_EQ(seen.context, j.context);
  EXPECT_FALSE(seen.undo_of || seen.undone_by || seen.lease_until || seen.started_at || seen.ended_at);
  seen.state = BulkState::running;
  seen.done = 2;
  seen.failed = 1;
  seen.skipped = 4;
  seen.total = 9;
  seen.lease_until = j.created_at + 30s;
  seen.started_at = j.created_at + 1s;
  must(in(a_, [&](Tx& tx) { return store().put(tx, seen); }));
  const BulkJob again = must(in(a_, [&](Tx& tx) { return store().lock(tx, a_, j.id); }));
  EXPECT_EQ(again.state, BulkState::running);
  EXPECT_EQ(std::tuple(again.total, again.done, again.failed, again.skipped), std::tuple(9, 2, 1, 4));
  EXPECT_EQ(again.lease_until, seen.lease_until);
  EXPECT_EQ(again.started_at, seen.started_at);
  EXPECT_FALSE(again.ended_at);
}

TEST_F(BulkContract, AnotherTenantsJobIsNotThere) {
  const BulkJob j = with_ids(schedules_);
  EXPECT_EQ(failure(in(b_, [&](Tx& tx) { return store().job(tx, b_, j.id); })), failure_text(ErrorCode::not_found, "NOT_FOUND", "id"));
  EXPECT_EQ(failure(in(b_, [&](Tx& tx) { return store().lock(tx, b_, j.id); })), failure_text(ErrorCode::not_found, "NOT_FOUND", "id"));
  EXPECT_TRUE(must(in(b_, [&](Tx& tx) { return store().list(tx, b_, {}, 10); })).empty());
  EXPECT_TRUE(must(in(b_, [&](Tx& tx) { return store().items(tx, b_, j.id, {}, 0, 10); })).empty());
}

TEST_F(BulkContract, IdsAreNumberedInTheirOrderAndNamedWhereTheyNameSomething) {
  const ScheduleId nothing = ids_.make<ScheduleId>();
  const ScheduleId theirs = insert_schedule(new_schedule(b_, make_workflow(b_, "orders"), "theirs"));
  const BulkJob j = with_ids({schedules_[2], nothing, schedules_[0], theirs});
  EXPECT_EQ(names(j.id), (Names{"1 three", "2 ", "3 one", "4 "}));
  const auto all = items(j.id);
  EXPECT_EQ(all[1].schedule, nothing);
  EXPECT_EQ(all[3].schedule, theirs);
  for (const auto& item : all) EXPECT_EQ(item.state, BulkItemState::waiting);
}

TEST_F(BulkContract, AFilterChoosesWhatTheListWouldShowInOrderOfId) {
  const BulkJob all = inserted(), red = inserted(), two = inserted(), none = inserted();
  auto add = [&](const BulkJob& j, const ScheduleFilter& filter, std::int64_t limit) {
    return must(in(a_, [&](Tx& tx) { return store().add_matching(tx, j, filter, limit); }));
  };
  ScheduleFilter filter;
  EXPECT_EQ(add(all, filter, 100), 3);
  EXPECT_EQ(names(all.id), (Names{"1 one", "2 two", "3 three"}));
  EXPECT_EQ(add(two, filter, 2), 2);
  filter.label = "red";
  filter.workflow = workflow_;
  filter.kind = "cron";
  filter.status = schedules::Status::active;
  filter.text = "TW";
  EXPECT_EQ(add(red, filter, 100), 1);
  EXPECT_EQ(names(red.id), Names{"1 two"});
  EXPECT_EQ(items(red.id)[0].schedule, schedules_[1]);
  filter.text = "x";
  EXPECT_EQ(add(none, filter, 100), 0);
}

TEST_F(BulkContract, ADeletedScheduleIsNeitherNamedNorMatchedButCanBeLockedAsDeleted) {
  Schedule s = must(in(a_, [&](Tx& tx) { return set_->schedules().lock(tx, a_, schedules_[0]); }));
  EXPECT_EQ(failure(in(a_, [&](Tx& tx) { return set_->schedules().lock_deleted(tx, a_, s.id); })),
            failure_text(ErrorCode::not_found, "NOT_FOUND", "id"));
  s.deleted = true;
  must(in(a_, [&](Tx& tx) { return set_->schedules().update(tx, s); }));
  EXPECT_EQ(names(with_ids({s.id}).id), Names{"1 "});
  const BulkJob all = inserted();
  EXPECT_EQ(must(in(a_, [&](Tx& tx) { return store().add_matching(tx, all, {}, 10); })), 2);
  const Schedule kept = must(in(a_, [&](Tx& tx) { return set_->schedules().lock_deleted(tx, a_, s.id); }));
  EXPECT_EQ(kept.name, "one");
  EXPECT_TRUE(kept.deleted);
  EXPECT_EQ(failure(in(b_, [&](Tx& tx) { return set_->schedules().lock_deleted(tx, b_, s.id); })),
            failure_text(ErrorCode::not_found, "NOT_FOUND", "id"));
}

TEST_F(BulkContract, ItemsAreFilteredByStateAndPagedByNumber) {
  const BulkJob j = with_ids(schedules_);
  finish(j.id, {{1, BulkItemState::done, "{}"}, {3, BulkItemState::failed, ""}});
  EXPECT_EQ(names(j.id, BulkItemState::waiting), Names{"2 two"});
  EXPECT_EQ(names(j.id, BulkItemState::done), Names{"1 one"});
  EXPECT_EQ(names(j.id, {}, 1), (Names{"2 two", "3 three"}));
  EXPECT_EQ(names(j.id, {}, 0, 2), (Names{"1 one", "2 two"}));
  const BulkItem failed = items(j.id, BulkItemState::failed).at(0);
  EXPECT_EQ(failed.code, "NOPE");
  EXPECT_EQ(failed.message, "No.");
}

TEST_F(BulkContract, SkippingTouchesOnlyWhatWaits) {
  const BulkJob j = with_ids(schedules_);
  finish(j.id, {{2, BulkItemState::done, ""}});
  EXPECT_EQ(must(in(a_, [&](Tx& tx) { return store().skip_waiting(tx, a_, j.id, "CANCELLED", "Stopped."); })), 2);
  EXPECT_EQ(names(j.id, BulkItemState::skipped), (Names{"1 one", "3 three"}));
  EXPECT_EQ(items(j.id, BulkItemState::skipped)[1].code, "CANCELLED");
  EXPECT_EQ(names(j.id, BulkItemState::done), Names{"2 two"});
}

TEST_F(BulkContract, AnUndoGetsWhatWasDoneAndOnlyOneIsTaken) {
  const BulkJob j = with_ids(schedules_);
  finish(j.id, {{1, BulkItemState::done, R"({"since":"x"})"}, {2, BulkItemState::failed, ""}, {3, BulkItemState::done, "{}"}});
  BulkJob back = job(BulkAction::resume), second = job(BulkAction::resume);
  back.undo_of = second.undo_of = j.id;
  must(in(a_, [&](Tx& tx) { return store().insert(tx, back); }));
  EXPECT_EQ(must(in(a_, [&](Tx& tx) { return store().add_undo(tx, back); })), 2);
  EXPECT_EQ(names(back.id, BulkItemState::waiting), (Names{"1 one", "3 three"}));
  EXPECT_EQ(items(back.id)[0].undo, R"({"since":"x"})");
  EXPECT_EQ(failure(in(a_, [&](Tx& tx) { return store().insert(tx, second); })), failure_text(ErrorCode::conflict, "ALREADY_UNDONE", "id"));
  EXPECT_EQ(read(j.id).undone_by, back.id);
  EXPECT_EQ(read(back.id).undo_of, j.id);
}

TEST_F(BulkContract, TheListIsNewestFirst) {
  const BulkJob first = inserted(), second = inserted(), third = inserted();
  auto list = [&](std::optional<Uuid> before, int limit) {
    std::vector<Uuid> out;
    for (const auto& job : must(in(a_, [&](Tx& tx) { return store().list(tx, a_, before, limit); }))) out.push_back(job.id);
    return out;
  };
  EXPECT_EQ(list({}, 2), (std::vector{third.id, second.id}));
  EXPECT_EQ(list(second.id, 2), (std::vector{first.id}));
}

TEST_F(BulkContract, OpenAreThoseThatNobodyElseWorksOn) {
  const Instant t = now();
  BulkJob free = inserted(), leased = inserted(), lapsed = inserted(), ended = inserted();
  leased.lease_until = t + 10s;
  lapsed.lease_until = t;
  ended.ended_at = t;
  ended.state = BulkState::finished;
  for (const BulkJob& j : {leased, lapsed, ended}) must(in(a_, [&](Tx& tx) { return store().put(tx, j); }));
  EXPECT_EQ(open(t), (std::vector{free.id, lapsed.id}));
  EXPECT_EQ(open(t, {t + 10s}), (std::vector{free.id, leased.id, lapsed.id}));
  EXPECT_EQ(open(t + 10s), (std::vector{free.id, leased.id, lapsed.id}));
  EXPECT_EQ(open(t, {}, 1), (std::vector{free.id}));
}

}  // namespace
}  // namespace carillon::contract::bulk_tests
