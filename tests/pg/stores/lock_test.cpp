// Who waits for whom on real row locks: what is promised to pass by does, and what is promised to be held is.
#include <thread>

#include "tests/contract/stores/contract_fixture.h"
#include "tests/support/pg_fixture.h"
#include "tests/support/wait.h"

namespace carillon::contract {
namespace {

using schedules::RoomKey;
using schedules::Schedule;

class Locks : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    workflow_ = make_workflow(a_, "orders");
    schedule_ = insert_schedule(new_schedule(a_, workflow_, "one"), now() + 1h);
    key_ = {a_, RegistrationId{schedule_.value}};
  }
  /// What `inner` answers while the transaction of `outer` is open; it uses another connection.
  template <class Inner>
  auto while_open(const std::function<Status(Tx&)>& outer, Inner&& inner) {
    std::optional<decltype(inner())> answer;
    must(set_->db().in_system([&](Tx& tx) -> Status {
      CARILLON_CHECK(outer(tx));
      answer.emplace(inner());
      return ok();
    }));
    return std::move(*answer);
  }
  /// Whether the work has to wait until the transaction of `outer` has ended.
  bool makes_wait(const std::function<Status(Tx&)>& outer, const std::function<void()>& work) {
    std::atomic<bool> done{false};
    std::thread other;
    bool waited = false;
    must(set_->db().in_system([&](Tx& tx) -> Status {
      CARILLON_CHECK(outer(tx));
      other = std::thread([&] {
        work();
        done = true;
      });
      const std::string server = test::TestServer::shared().connection_string();
      EXPECT_TRUE(test::eventually([&] {
        waited = test::query_value(server, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") != "0";
        return waited || done;
      }));
      return ok();
    }));
    other.join();
    return waited;
  }
  bool waits(const std::function<Status(Tx&)>& outer, const std::function<Status(Tx&)>& inner) {
    return makes_wait(outer, [&] { must(set_->db().in_system(inner)); });
  }
  Status hold_registration(Tx& tx) {
    CARILLON_TRY(auto got, set_->jobs().try_lock(tx, std::span(&key_, 1)));
    EXPECT_EQ(got.size(), 1u);
    return ok();
  }
  WorkflowId workflow_;
  ScheduleId schedule_;
  RegistrationKey key_;
};

TEST_F(Locks, ARegistrationThatIsHeldIsPassedBy) {
  const auto outer = [&](Tx& tx) { return hold_registration(tx); };
  EXPECT_EQ(while_open(outer, [&] { return must(in_system([&](Tx& tx) { return set_->jobs().try_lock(tx, std::span(&key_, 1)); })).size(); }), 0u);
  const Instant t = now();
  const Registration sooner{a_, key_.id, "schedule", t, t, "", "", Lane::live};
  EXPECT_FALSE(waits(outer, [&](Tx& tx) { return set_->jobs().put_sooner(tx, std::span(&sooner, 1)); }));
  EXPECT_NE(must(in(a_, [&](Tx& tx) { return set_->jobs().lock(tx, a_, key_.id); }))->planned_at, t) << "left as it is";
  EXPECT_TRUE(waits(outer, [&](Tx& tx) { return set_->jobs().wake(tx, std::span(&key_, 1), tx.now()); })) << "who wakes must not be missed";
}

TEST_F(Locks, WhoWakesPassesByThoseThatWaitForNothing) {
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return set_->jobs().put(tx, {a_, key_.id, "schedule", {}, {}, "", "", Lane::live}); }));
  EXPECT_FALSE(waits([&](Tx& tx) { return hold_registration(tx); }, [&](Tx& tx) { return set_->jobs().wake(tx, std::span(&key_, 1), tx.now()); }));
}

TEST_F(Locks, ASharedRoomIsHeldWhileItIsDecidedOnAnOwnOneIsNot) {
  const std::string scope = "k:red";
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return set_->schedules().add_scope(tx, a_, scope); }));
  auto look = [&](const std::string& at) {
    return [this, key = RoomKey{a_, schedule_, workflow_, at}](Tx& tx) -> Status {
      CARILLON_TRY([[maybe_unused]] auto seen, set_->schedules().rooms(tx, std::span(&key, 1)));
      return ok();
    };
  };
  EXPECT_TRUE(waits(look(scope), look(scope)));
  EXPECT_FALSE(waits(look(scope), look("k:blue")));
  EXPECT_FALSE(waits(look(""), look("")));
}

TEST_F(Locks, APublishHoldsTheSchedulesOfItsWorkflowAndNoOther) {
  const ScheduleId other = insert_schedule(new_schedule(a_, make_workflow(a_, "tickets"), "two"));
  const auto publish = [&](Tx& tx) -> Status {
    CARILLON_TRY(auto heads, set_->publishing().lock(tx, a_, workflow_));
    EXPECT_EQ(heads.size(), 1u);
    return ok();
  };
  const auto edit = [&](ScheduleId id) {
    return [this, id](Tx& tx) -> Status {
      CARILLON_TRY([[maybe_unused]] auto s, set_->schedules().lock(tx, a_, id));
      return ok();
    };
  };
  EXPECT_TRUE(waits(publish, edit(schedule_)));
  EXPECT_FALSE(waits(publish, edit(other)));
  // What fires is not held up by it: it reads schedules, and comes to holds only where nobody is before it.
  EXPECT_FALSE(waits(publish, [&](Tx& tx) -> Status {
    const schedules::ScheduleKey key{a_, schedule_};
    CARILLON_TRY(auto found, set_->schedules().load_for_fire(tx, std::span(&key, 1)));
    EXPECT_EQ(found.size(), 1u);
    return hold_registration(tx);
  }));
}

TEST_F(Locks, AScheduleThatIsHeldIsNotFoundOverfailed) {
  Schedule s = new_schedule(a_, workflow_, "failing");
  s.hold_after_failures = 1;
  insert_schedule(s, now());
  const schedules::MissedFailures failed{a_, s.id, 1, now()};
  must(set_->db().in_system([&](Tx& tx) { return set_->schedules().add_missed_failures(tx, std::span(&failed, 1)); }));
  const schedules::ScheduleKey key{a_, s.id};
  auto found = [&] { return must(in_system([&](Tx& tx) { return set_->schedules().lock_overfailed(tx, std::span(&key, 1)); })).size(); };
  const auto outer = [&](Tx& tx) -> Status {
    CARILLON_TRY(auto locked, set_->schedules().lock_overfailed(tx, std::span(&key, 1)));
    EXPECT_EQ(locked.size(), 1u);
    return ok();
  };
  EXPECT_EQ(while_open(outer, found), 0u);
  EXPECT_EQ(found(), 1u);
}

TEST_F(Locks, MaintenanceDoesNotEndWhileSomebodyParksForIt) {
  set_->add_maintenance(a_, {now() - 1h, {}, {}, "move", "ann"});
  set_->add_maintenance({}, {now() - 1h, {}, {}, "of the hub", "op"});
  auto read = [&](bool hold) {
    return [this, hold](Tx& tx) -> Status {
      CARILLON_TRY([[maybe_unused]] auto all, set_->schedules().maintenance(tx, std::span(&a_, 1), tx.now(), hold));
      return ok();
    };
  };
  EXPECT_FALSE(waits(read(true), read(true))) << "any number of planners at once";
  EXPECT_FALSE(makes_wait(read(false), [&] { set_->end_maintenance(now()); }));
  set_->end_maintenance(now() + 1h);
  EXPECT_TRUE(makes_wait(read(true), [&] { set_->end_maintenance(now() + 2h); }));
}

TEST_F(Locks, ASecretIsNotDeletedWhileAPayloadThatRefersToItIsSaved) {
  must(in(a_, [&](Tx& tx) { return set_->secrets().put(tx, a_, "db", "hunter22", "ann"); }));
  const auto save = [&](Tx& tx) -> Status {
    CARILLON_TRY(auto held, set_->secrets().hold(tx, a_, {"db"}));
    EXPECT_EQ(held.size(), 1u);
    return ok();
  };
  EXPECT_TRUE(makes_wait(save, [&] { EXPECT_TRUE(must(in(a_, [&](Tx& tx) { return set_->secrets().lock(tx, a_, "db"); }))); }));
  EXPECT_FALSE(makes_wait(save, [&] { must(in(a_, [&](Tx& tx) { return set_->secrets().hold(tx, a_, {"db"}); })); })) << "two saves";
}

}  // namespace
}  // namespace carillon::contract
