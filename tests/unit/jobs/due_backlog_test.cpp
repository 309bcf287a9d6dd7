#include "engine/jobs/due_backlog.h"

#include <gtest/gtest.h>

#include <random>

namespace carillon {
namespace {

DueKey due_key(int tenant, int number, int second) {
  DueKey key{{}, {}, "bell", Instant::from_seconds(second), Instant::from_seconds(second)};
  key.tenant.value.bytes[0] = static_cast<std::uint8_t>(tenant);
  key.id.value.bytes = {static_cast<std::uint8_t>(tenant), static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
  return key;
}
int tenant_of(const DueKey& key) { return key.tenant.value.bytes[0]; }

std::vector<DueKey> herd_of(int tenant, int count, int second) {
  std::vector<DueKey> out;
  for (int n = 0; n < count; ++n) out.push_back(due_key(tenant, n, second));
  return out;
}

std::vector<int> tenants_in(const std::vector<DueKey>& keys) {
  std::vector<int> out;
  for (const auto& key : keys)
    if (out.empty() || out.back() != tenant_of(key)) out.push_back(tenant_of(key));
  return out;
}

TEST(DueBacklog, TheOnlyOneOfATenantIsInTheFirstBatchBesideAHerdThatWasDueBefore) {
  DueBacklog backlog(50);
  backlog.add(herd_of(1, 5'000, 100));
  backlog.add(std::vector{due_key(9, 0, 200)});
  EXPECT_EQ(tenants_in(backlog.take(1'000, 0)), (std::vector{1, 9}));
}

TEST(DueBacklog, WhoComesLaterIsServedBeforeWhoWasServedAlready) {
  DueBacklog backlog(50);
  backlog.add(herd_of(1, 5'000, 100));
  backlog.add(herd_of(2, 5'000, 100));
  for (int n = 0; n < 3; ++n) backlog.take(1'000, 1);
  backlog.add(std::vector{due_key(9, 0, 200)});
  EXPECT_EQ(tenant_of(backlog.take(1, 0).front()), 9);
}

TEST(DueBacklog, EqualTenantsShareEachBatch) {
  DueBacklog backlog(50);
  for (int tenant = 1; tenant <= 4; ++tenant) backlog.add(herd_of(tenant, 1'000, 100));
  for (int batch = 0; batch < 10; ++batch) {
    std::map<int, int> share;
    for (const auto& key : backlog.take(400, 0)) ++share[tenant_of(key)];
    for (int tenant = 1; tenant <= 4; ++tenant) EXPECT_EQ(share[tenant], 100) << "batch " << batch;
  }
  EXPECT_TRUE(backlog.empty());
}

TEST(DueBacklog, WhatATenantHasDueTogetherIsTakenTogether) {
  DueBacklog backlog(50);
  for (int tenant = 0; tenant < 100; ++tenant) backlog.add(herd_of(tenant, 10, 100));
  EXPECT_EQ(tenants_in(backlog.take(200, 0)).size(), 20u);
}

TEST(DueBacklog, WithinATenantTheEarliestGoesFirst) {
  DueBacklog backlog(2);
  backlog.add(std::vector{due_key(1, 7, 100), due_key(1, 3, 101), due_key(1, 5, 102)});
  EXPECT_EQ(backlog.take(1, 0).front().planned_at, Instant::from_seconds(100));
  EXPECT_EQ(backlog.take(1, 0).front().planned_at, Instant::from_seconds(101));
}

TEST(DueBacklog, KeepsToTheNumberOfTenantsAsked) {
  DueBacklog backlog(1'000);
  for (int tenant = 0; tenant < 9; ++tenant) backlog.add(herd_of(tenant, 10 + tenant, 100));
  for (int n = 0; n < 3; ++n) EXPECT_EQ(tenants_in(backlog.take(1'000, 3)).size(), 3u);
  EXPECT_TRUE(backlog.empty());
}

TEST(DueBacklog, GivesEachExactlyOnceWhateverComesInBetween) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 rng(seed);
  DueBacklog backlog(static_cast<int>(1 + rng() % 60));
  std::map<RegistrationId, int> times;
  int added = 0;
  for (int round = 0; round < 200; ++round) {
    std::vector<DueKey> keys;
    for (auto n = rng() % 30; n > 0; --n) keys.push_back(due_key(static_cast<int>(rng() % 8), added++, round));
    backlog.add(keys);
    for (const auto& key : backlog.take(rng() % 40, static_cast<int>(rng() % 4))) ++times[key.id];
    EXPECT_EQ(backlog.size() + times.size(), static_cast<std::size_t>(added));
  }
  while (!backlog.empty())
    for (const auto& key : backlog.take(100, 0)) ++times[key.id];
  EXPECT_EQ(times.size(), static_cast<std::size_t>(added));
  for (const auto& [id, count] : times) EXPECT_EQ(count, 1) << id.to_string();
}

}  // namespace
}  // namespace carillon
