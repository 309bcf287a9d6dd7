// Which due times a backfill takes, and what is next for it.
#include <gtest/gtest.h>

#include "plugins/schedules/backfill.h"
#include "plugins/schedules/maintenance.h"

using namespace carillon;
using namespace carillon::schedules;
using namespace std::chrono_literals;

namespace {

const Instant kStart = *parse_instant("2031-03-29T00:00:00Z");

struct Range : ::testing::Test {
  ZoneDatabase zones;
  std::vector<Instant> due(const Timing& timing, Instant from, Instant to, const TakenTimes& taken = {}, bool include_fired = false) {
    auto recurrence = compile(timing, {}, zones);
    plan = plan_backfill(recurrence.value(), from, to, taken, include_fired);
    return plan.due_times;
  }
  BackfillPlan plan;
};

}  // namespace

TEST_F(Range, HoldsItsStartAndNotItsEnd) {
  EXPECT_EQ(due(Interval{1h, kStart}, kStart, kStart + 3h), (std::vector<Instant>{kStart, kStart + 1h, kStart + 2h}));
  EXPECT_EQ(due(Interval{1h, kStart}, kStart + 1us, kStart + 3h + 1us), (std::vector<Instant>{kStart + 1h, kStart + 2h, kStart + 3h}));
  EXPECT_EQ(due(Interval{1h, kStart}, kStart - 2h, kStart), (std::vector<Instant>{kStart - 2h, kStart - 1h})) << "before the schedule existed, too";
  EXPECT_TRUE(due(Manual{}, kStart, kStart + 24h).empty());
}

TEST_F(Range, LeavesOutWhatHasFiredAndWhatOthersWillRun) {
  const TakenTimes taken{{kStart + 1h, kStart + 90min}, {kStart + 2h}};
  EXPECT_EQ(due(Interval{1h, kStart}, kStart, kStart + 4h, taken), (std::vector<Instant>{kStart, kStart + 3h}));
  EXPECT_EQ(plan.already_fired, 1) << "a time of an earlier timing does not count";
  EXPECT_EQ(plan.busy, 1);
  EXPECT_EQ(due(Interval{1h, kStart}, kStart, kStart + 4h, taken, true), (std::vector<Instant>{kStart, kStart + 1h, kStart + 3h}));
}

TEST_F(Range, FollowsTheClockChange) {
  // Berlin, 30 March 2031: 02:30 does not exist; the day's time comes at the first instant after the gap.
  EXPECT_EQ(due(Cron{"30 2 * * *", "Europe/Berlin"}, kStart, kStart + 72h),
            (std::vector<Instant>{*parse_instant("2031-03-29T01:30:00Z"), *parse_instant("2031-03-30T01:00:00Z"), *parse_instant("2031-03-31T00:30:00Z")}));
}

TEST(Step, StartsAsManyAsThereIsRoomForAndEndsWithTheLast) {
  EXPECT_EQ(backfill_step({10, 0, 0, 0, 0}, 3).start, 3);
  EXPECT_EQ(backfill_step({10, 2, 5, 0, 0}, 3).start, 1);
  EXPECT_EQ(backfill_step({1, 0, 9, 0, 0}, 3).start, 1);
  EXPECT_EQ(backfill_step({10, 5, 0, 0, 0}, 3).start, 0) << "the concurrency was higher before";
  EXPECT_FALSE(backfill_step({0, 1, 9, 0, 0}, 3).completed);
  EXPECT_TRUE(backfill_step({0, 0, 8, 1, 1}, 3).completed);
}

TEST(Step, LooksAgainMoreAndMoreSeldom) {
  EXPECT_EQ(backfill_look_again(kStart, kStart), kStart + 1s);
  EXPECT_EQ(backfill_look_again(kStart, kStart + 7s), kStart + 14s);
  EXPECT_EQ(backfill_look_again(kStart, kStart + 1h), kStart + 1h + 30s);
}

TEST(ShownHolds, AreThoseOfTheScheduleAndOfMaintenance) {
  const MaintenanceEntry tenant{{}, TenantId{}, {kStart, kStart + 1h, {}, "Moving house", "ann"}}, hub{{}, {}, {kStart, {}, {}, "Upgrade", "operator"}};
  const std::vector both{tenant, hub};
  Holds holds;
  add_maintenance(holds, both);
  EXPECT_EQ(status_of(holds), schedules::Status::paused);
  EXPECT_EQ(deciding_hold(holds)->second.reason, "Maintenance: Moving house");
  EXPECT_EQ(holds.at(HoldKind::system).reason, "Maintenance: Upgrade");
  EXPECT_EQ(holds.at(HoldKind::tenant).until, kStart + 1h);
  Holds over{{HoldKind::completed, {"Done.", "", kStart, {}, {}}}};
  add_maintenance(over, both);
  EXPECT_EQ(over.size(), 1u) << "what is over is not paused";
}
