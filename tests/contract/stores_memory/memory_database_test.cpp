// What only the in-memory database does: faults at commits, and the strictness of the roles.
#include <gtest/gtest.h>

#include "engine/base/clock.h"
#include "tests/support/memory/memory_stores.h"

namespace carillon::memory {
namespace {

class MemoryFaults : public ::testing::Test {
 protected:
  Status write(int& attempts) {
    return db_.in_system([&](Tx& tx) -> Status {
      ++attempts;
      tx.emit(tenant_, {"runs", {}, "created", attempts, Json::object()});
      tx.after_commit([this] { ++committed_; });
      return stores_.tenants.insert_tenant(tx, {tenant_, "alpha", "Alpha", "UTC"});
    });
  }
  bool stored() const { return world_.tenants.find(tenant_) != nullptr; }
  void next_fault(Fault fault) {
    db_.set_fault_hook([fault, first = true](const CommitPoint& point) mutable {
      EXPECT_TRUE(point.wrote);
      EXPECT_FALSE(point.tenant);
      return std::exchange(first, false) ? fault : Fault::none;
    });
  }
  ManualClock clock_{Instant::from_seconds(1'800'000'000)};
  MemoryWorld world_;
  MemoryDatabase db_{world_, clock_};
  MemoryStores stores_{world_};
  TenantId tenant_{*Uuid::parse("018f0000-0000-7000-8000-000000000001")};
  int committed_ = 0;
};

TEST_F(MemoryFaults, ACrashBeforeTheCommitLeavesNothing) {
  next_fault(Fault::crash_before_commit);
  int attempts = 0;
  EXPECT_THROW(static_cast<void>(write(attempts)), SimulatedCrash);
  EXPECT_FALSE(stored());
  EXPECT_TRUE(world_.events.rows().empty());
  EXPECT_TRUE(world_.event_heads.rows().empty());
  EXPECT_EQ(committed_, 0);
  EXPECT_TRUE(write(attempts)) << "the world goes on";
}

TEST_F(MemoryFaults, ACrashAfterTheCommitLeavesEverythingButTellsNobody) {
  next_fault(Fault::crash_after_commit);
  int attempts = 0;
  EXPECT_THROW(static_cast<void>(write(attempts)), SimulatedCrash);
  EXPECT_TRUE(stored());
  EXPECT_EQ(world_.events.rows().size(), 1u);
  EXPECT_EQ(committed_, 0);
}

TEST_F(MemoryFaults, AConflictRunsTheClosureAgain) {
  next_fault(Fault::conflict);
  int attempts = 0;
  EXPECT_TRUE(write(attempts));
  EXPECT_EQ(attempts, 2);
  ASSERT_EQ(world_.events.rows().size(), 1u);
  EXPECT_EQ(world_.events.rows().begin()->second.seq, 1);
  EXPECT_EQ(committed_, 1);
}

TEST_F(MemoryFaults, EndlessConflictsAreReportedAsBusy) {
  db_.set_fault_hook([](const CommitPoint&) { return Fault::conflict; });
  int attempts = 0;
  Status status = write(attempts);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().reason, "DATABASE_BUSY");
  EXPECT_FALSE(stored());
}

TEST_F(MemoryFaults, AnUnavailableDatabaseChangesNothing) {
  next_fault(Fault::unavailable);
  int attempts = 0;
  Status status = write(attempts);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::unavailable);
  EXPECT_FALSE(stored());
}

TEST_F(MemoryFaults, TheTimeIsTheInjectedClocks) {
  clock_.advance(std::chrono::seconds(5));
  EXPECT_TRUE(db_.in_system([&](Tx& tx) -> Status {
    EXPECT_EQ(tx.now(), Instant::from_seconds(1'800'000'005));
    return ok();
  }));
}

TEST_F(MemoryFaults, ATransactionInsideATransactionIsAMistake) {
  EXPECT_THROW(static_cast<void>(db_.in_system([&](Tx&) { return db_.in_system([](Tx&) { return ok(); }); })), std::logic_error);
}

TEST_F(MemoryFaults, CallsWithoutAGrantAreMistakes) {
  auto in_tenant = [&](auto call) { return [this, call] { static_cast<void>(db_.in_tenant(tenant_, call)); }; };
  auto in_system = [&](auto call) { return [this, call] { static_cast<void>(db_.in_system(call)); }; };
  EXPECT_THROW(in_tenant([&](Tx& tx) -> Status {
                 CARILLON_TRY([[maybe_unused]] auto due, stores_.jobs.due(tx, tx.now(), 1));
                 return ok();
               })(),
               std::logic_error);
  EXPECT_THROW(in_tenant([&](Tx& tx) -> Status {
                 CARILLON_TRY([[maybe_unused]] auto runs, stores_.runs.claim(tx, {}, tx.now(), 1));
                 return ok();
               })(),
               std::logic_error);
  EXPECT_THROW(in_system([&](Tx& tx) { return stores_.jobs.erase(tx, tenant_, {}); })(), std::logic_error);
  EXPECT_THROW(in_system([&](Tx& tx) -> Status {
                 tx.audit(tenant_, {});
                 return ok();
               })(),
               std::logic_error);
}

}  // namespace
}  // namespace carillon::memory
