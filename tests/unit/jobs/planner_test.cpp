#include "engine/jobs/planner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "engine/jobs/timing_json.h"

namespace carillon {
namespace {

class PlainTx final : public Tx {
 public:
  Instant now() const override { return Instant::from_seconds(1'000); }
  void emit(TenantId, Event) override {}
  void audit(TenantId, AuditEntry) override {}
  void raise(TenantId, Alert) override {}
  void after_commit(std::function<void()> action) override { actions.push_back(std::move(action)); }
  std::vector<std::function<void()>> actions;
};

class PlainDatabase final : public Database {
 public:
  Status in_tenant(TenantId, const std::function<Status(Tx&)>& work) override { return in_system(work); }
  Status in_system(const std::function<Status(Tx&)>& work) override {
    PlainTx tx;
    Status status = work(tx);
    if (status)
      for (auto& action : tx.actions) action();
    return status;
  }
};

/// Registrations that are due until they are moved.
class DueRegistrations final : public JobStore {
 public:
  DueRegistrations(int count, int tenants) {
    for (int n = 0; n < count; ++n) {
      DueKey key{{}, {}, "bell", Instant::from_seconds(900), Instant::from_seconds(900)};
      key.tenant.value.bytes[0] = static_cast<std::uint8_t>(n % tenants);
      key.id.value.bytes[0] = static_cast<std::uint8_t>(n);
      due_[key.id] = key;
    }
  }
  Result<std::vector<DueKey>> due(Tx&, Instant, int limit) override {
    std::lock_guard lock(mutex_);
    ++scans;
    std::vector<DueKey> out;
    for (const auto& [_, key] : due_)
      if (static_cast<int>(out.size()) < limit) out.push_back(key);
    return out;
  }
  Result<std::vector<DueKey>> due_beside(Tx&, Instant, Instant, std::span<const TenantId> tenants, int) override {
    std::lock_guard lock(mutex_);
    ++scans_beside;
    if (!tenants.empty()) return hidden;
    return std::exchange(newcomers, {});
  }
  Result<std::vector<DueJob>> lock_due(Tx&, std::span<const DueKey> keys) override {
    std::vector<DueJob> out;
    if (held_elsewhere) return out;
    for (const auto& key : keys) out.push_back({key.tenant, key.id, key.due_at, key.planned_at, recurrence});
    return out;
  }
  Status move(Tx&, std::span<const JobMove> moves) override {
    std::lock_guard lock(mutex_);
    for (const auto& move : moves) {
      due_.erase(move.id);
      moved.push_back(move);
    }
    return ok();
  }
  Status put_sooner(Tx&, std::span<const Registration>) override { return ok(); }
  Result<std::vector<RegistrationKey>> try_lock(Tx&, std::span<const RegistrationKey>) override { return {}; }
  Status wake(Tx&, std::span<const RegistrationKey>, Instant) override { return ok(); }
  Result<std::int64_t> unpark(Tx&, std::optional<TenantId>, Instant) override { return 0; }
  Status note(Tx&, std::span<const JobNote>) override { return ok(); }
  Result<std::optional<Instant>> next_wake(Tx&) override { return std::optional<Instant>(); }
  Status announce_clock_release(Tx&) override { return ok(); }
  Status put(Tx&, const Registration&) override { return ok(); }
  Result<std::optional<Registration>> lock(Tx&, TenantId, RegistrationId) override { return std::optional<Registration>(); }
  Status put_all(Tx&, std::span<const Registration>) override { return ok(); }
  Result<std::vector<Registration>> lock_all(Tx&, TenantId, std::span<const RegistrationId>) override { return {}; }
  Status erase(Tx&, TenantId, RegistrationId) override { return ok(); }
  std::size_t left() const { return due_.size(); }
  /// Every n-th is one that may wait.
  void in_background(int every) {
    for (auto& [id, key] : due_)
      if (id.value.bytes[0] % every == 0) key.lane = Lane::background;
  }
  std::vector<DueKey> hidden, newcomers;  ///< what due_beside answers, beside a herd and for what came meanwhile
  bool held_elsewhere = false;
  std::string recurrence;      ///< of all of them
  std::vector<JobMove> moved;
  int scans = 0, scans_beside = 0;

 private:
  std::mutex mutex_;
  std::map<RegistrationId, DueKey> due_;
};

/// Keeps what each call was handed; refuses batches with the broken registration.
class Bell final : public JobHandler {
 public:
  Result<std::vector<JobMove>> handle(Tx&, std::span<const DueJob> jobs) override {
    std::lock_guard lock(mutex);
    std::vector<JobMove> moves;
    for (const auto& job : jobs) {
      if (job.id.value.bytes[0] == broken) return Error{ErrorCode::internal, "BROKEN", "It is broken.", "", "", "", {}};
      moves.push_back({job.tenant, job.id, again, again, "", {}});
    }
    batches.emplace_back(jobs.begin(), jobs.end());
    return moves;
  }
  std::mutex mutex;
  int broken = -1;
  std::optional<Instant> again;  ///< the time it asks for
  std::vector<std::vector<DueJob>> batches;
};

struct PlannerTest : testing::Test {
  Duration round(DueRegistrations& store, PlannerOptions options) {
    Planner planner(db, store, [this](const std::string&) { return &bell; }, zones, metrics, log, options);
    return planner.tick();
  }
  std::map<RegistrationId, int> handled() const {
    std::map<RegistrationId, int> out;
    for (const auto& batch : bell.batches)
      for (const auto& job : batch) ++out[job.id];
    return out;
  }
  PlainDatabase db;
  Bell bell;
  ZoneDatabase zones;
  Metrics metrics;
  NullLogger log;
};

TEST_F(PlannerTest, HandlesEachOnceInBatchesThatRunSideBySide) {
  DueRegistrations store(100, 7);
  round(store, {.batch = 30, .parallel = 4});
  EXPECT_EQ(store.left(), 0u);
  EXPECT_EQ(bell.batches.size(), 4u);
  for (const auto& batch : bell.batches) EXPECT_LE(batch.size(), 30u);
  for (const auto& [id, times] : handled()) EXPECT_EQ(times, 1) << id.to_string();
}

TEST_F(PlannerTest, ScansNoMoreThanItsBatches) {
  DueRegistrations store(100, 7);
  EXPECT_EQ(round(store, {.batch = 20, .parallel = 2}), Duration{0}) << "there is more, so it has to be called at once";
  EXPECT_EQ(store.left(), 60u);
}

TEST_F(PlannerTest, KeepsToOneTenantATransactionWhereAsked) {
  DueRegistrations store(60, 5);
  round(store, {.batch = 100, .parallel = 3, .tenants_per_transaction = 1});
  EXPECT_EQ(store.left(), 0u);
  EXPECT_EQ(bell.batches.size(), 5u);
  for (const auto& batch : bell.batches)
    for (const auto& job : batch) EXPECT_EQ(job.tenant, batch.front().tenant);
}

TEST_F(PlannerTest, WhatIsLiveIsHandledBeforeTheBackgroundAndNeverTogetherWithIt) {
  DueRegistrations store(100, 7);
  store.in_background(3);
  round(store, {.batch = 30, .parallel = 4});
  EXPECT_EQ(store.left(), 0u);
  auto background = [](const DueJob& job) { return job.id.value.bytes[0] % 3 == 0; };
  bool seen = false;
  for (const auto& batch : bell.batches) {
    const bool any = std::ranges::any_of(batch, background);
    EXPECT_EQ(any, std::ranges::all_of(batch, background));
    EXPECT_FALSE(seen && !any) << "a live batch was handled after one of the background";
    seen = seen || any;
  }
  EXPECT_TRUE(seen);
}

TEST_F(PlannerTest, ABrokenOneOfTheBackgroundStopsNobody) {
  DueRegistrations store(40, 3);
  store.in_background(2);
  bell.broken = 18;
  round(store, {.batch = 100, .parallel = 2});
  EXPECT_EQ(store.left(), 1u);
}

TEST_F(PlannerTest, OneThatBreaksStandsAloneInTheEnd) {
  DueRegistrations store(50, 3);
  bell.broken = 17;
  round(store, {.batch = 20, .parallel = 3});
  EXPECT_EQ(store.left(), 1u);
  EXPECT_EQ(handled().size(), 49u);
}

DueKey lone_key() {
  DueKey key{{}, {}, "bell", Instant::from_seconds(950), Instant::from_seconds(950)};
  key.tenant.value.bytes[0] = 200;
  key.id.value.bytes[0] = 200;
  return key;
}

TEST_F(PlannerTest, GoesOnScanningWhileThereIsWork) {
  DueRegistrations store(200, 7);
  round(store, {.batch = 10, .parallel = 2, .scan = 40, .scans = 10});
  EXPECT_EQ(store.left(), 0u);
  EXPECT_LE(store.scans, 10);
  for (const auto& [id, times] : handled()) EXPECT_EQ(times, 1) << id.to_string();
}

TEST_F(PlannerTest, WhatAHerdHidesOfAnotherTenantIsInTheFirstBatch) {
  DueRegistrations store(200, 2);
  store.hidden = {lone_key()};
  round(store, {.batch = 100, .parallel = 1, .scan = 150, .scans = 2});
  ASSERT_FALSE(bell.batches.empty());
  EXPECT_TRUE(std::ranges::any_of(bell.batches.front(), [](const DueJob& job) { return job.id == lone_key().id; }));
}

TEST_F(PlannerTest, WhatBecomesDueDuringARoundIsNextInIt) {
  DueRegistrations store(250, 2);
  store.newcomers = {lone_key()};
  round(store, {.batch = 50, .parallel = 1, .scan = 1000, .scans = 2});
  ASSERT_GE(bell.batches.size(), 2u);
  EXPECT_TRUE(std::ranges::any_of(bell.batches[1], [](const DueJob& job) { return job.id == lone_key().id; }));
}

TEST_F(PlannerTest, ARecurringRegistrationGoesOnToItsNextTimeUnlessItsHandlerAsksForOneInBetween) {
  DueRegistrations hourly(1, 1), sooner(1, 1);
  hourly.recurrence = sooner.recurrence = dump_json(timing_to_json(Interval{std::chrono::hours(1), Instant::from_seconds(0)}));
  round(hourly, {});
  ASSERT_EQ(hourly.moved.size(), 1u);
  EXPECT_EQ(hourly.moved[0].next_due_at, Instant::from_seconds(3'600));
  EXPECT_EQ(hourly.moved[0].next_planned_at, Instant::from_seconds(3'600));
  bell.again = Instant::from_seconds(1'001);
  round(sooner, {});
  ASSERT_EQ(sooner.moved.size(), 1u);
  EXPECT_EQ(sooner.moved[0].next_due_at, bell.again);
  EXPECT_EQ(sooner.moved[0].next_planned_at, bell.again);
}

TEST_F(PlannerTest, DoesNotScanAgainAtOnceForWhatAnotherNodeHolds) {
  DueRegistrations store(200, 7);
  store.held_elsewhere = true;
  round(store, {.batch = 100, .parallel = 2, .scan = 1000, .scans = 10});
  EXPECT_EQ(store.scans, 1);
}

}  // namespace
}  // namespace carillon
