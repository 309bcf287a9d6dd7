#include "engine/jobs/clock_guard.h"

#include <gtest/gtest.h>

namespace carillon {
namespace {

using namespace std::chrono_literals;

/// The two clocks move together until one of them is told to jump.
struct ClockGuardTest : testing::Test {
  void pass(Duration time) {
    node.advance(time);
    database += time;
    guard.observe(database);
  }
  void jump(Duration step) {
    database += step;
    guard.observe(database);
  }
  ManualClock node{Instant::from_seconds(1'000'000)};
  Instant database = Instant::from_seconds(5'000'000);
  Metrics metrics;
  NullLogger log;
  ClockGuard guard{node, metrics, log};
};

TEST_F(ClockGuardTest, TimeThatPassesHoldsNothing) {
  guard.observe(database);
  for (Duration time : {Duration{1s}, Duration{59s}, Duration{10min}, Duration{24h}}) {
    pass(time);
    EXPECT_FALSE(guard.catch_up_held()) << time.count();
  }
}

TEST_F(ClockGuardTest, TheFirstLookHasNothingToCompareWith) {
  jump(24h);
  EXPECT_FALSE(guard.catch_up_held());
}

TEST_F(ClockGuardTest, AStepOfMoreThanAMinuteHoldsForThreeStableMinutes) {
  guard.observe(database);
  jump(60s);
  EXPECT_FALSE(guard.catch_up_held());
  jump(60s + 1us);
  EXPECT_TRUE(guard.catch_up_held());
  pass(180s - 1us);
  EXPECT_TRUE(guard.catch_up_held());
  pass(1us);
  EXPECT_FALSE(guard.catch_up_held());
}

TEST_F(ClockGuardTest, AFurtherStepStartsTheThreeMinutesAgain) {
  guard.observe(database);
  jump(1h);
  pass(170s);
  jump(1h);
  pass(170s);
  EXPECT_TRUE(guard.catch_up_held());
  pass(10s);
  EXPECT_FALSE(guard.catch_up_held());
}

TEST_F(ClockGuardTest, AStepBackHoldsNothingAndTheWayForthAgainDoes) {
  guard.observe(database);
  jump(-1h);
  EXPECT_FALSE(guard.catch_up_held());
  jump(1h);
  EXPECT_TRUE(guard.catch_up_held());
}

TEST_F(ClockGuardTest, ItIsOverEvenWhenNobodyLooksAtTheDatabase) {
  guard.observe(database);
  jump(1h);
  node.advance(180s);
  EXPECT_FALSE(guard.catch_up_held());
}

TEST_F(ClockGuardTest, AnOperatorMayReleaseIt) {
  guard.observe(database);
  jump(1h);
  EXPECT_NE(metrics.text().find("carillon_catch_up_held 1"), std::string::npos) << metrics.text();
  EXPECT_NE(metrics.text().find("carillon_clock_jumps_total 1"), std::string::npos) << metrics.text();
  EXPECT_TRUE(guard.release());
  EXPECT_FALSE(guard.release()) << "nothing was held any more";
  EXPECT_FALSE(guard.catch_up_held());
  EXPECT_NE(metrics.text().find("carillon_catch_up_held 0"), std::string::npos);
  pass(1s);
  EXPECT_FALSE(guard.catch_up_held()) << "the step is not found again";
}

TEST_F(ClockGuardTest, ATenantIsToldOnceOfEachJump) {
  const TenantId one{Uuid::parse("018f0000-0000-7000-8000-000000000001").value()}, other{Uuid::parse("018f0000-0000-7000-8000-000000000002").value()};
  guard.observe(database);
  EXPECT_FALSE(guard.untold(one));
  jump(1h);
  ASSERT_TRUE(guard.untold(one));
  EXPECT_GE(guard.untold(one)->step, Duration(1h));
  guard.told(one);
  EXPECT_FALSE(guard.untold(one));
  EXPECT_TRUE(guard.untold(other));
  jump(1h);
  EXPECT_TRUE(guard.untold(one)) << "another jump";
  guard.release();
  EXPECT_FALSE(guard.untold(other));
}

/// One that looks a second before another does not take the other's word for that of an earlier jump.
TEST_F(ClockGuardTest, WhatAnyNodeToldOfAJumpIsLaterThanWhatWasSeenBeforeIt) {
  const TenantId one{Uuid::parse("018f0000-0000-7000-8000-000000000001").value()};
  guard.observe(database);
  pass(20s);
  const Instant before = database;
  node.advance(500ms);
  database += 500ms;
  jump(1h);
  const auto seen = guard.untold(one);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->before, before);
  EXPECT_EQ(seen->at, database);
  EXPECT_EQ(ClockGuard::told_since(*seen, database), database - 6min) << "at most two holds back";
  const ClockGuard::Jump small{before + 90s, 90s, before};
  EXPECT_EQ(ClockGuard::told_since(small, before + 95s), before);
}

}  // namespace
}  // namespace carillon
