#include "plugins/schedules/decide.h"

#include <gtest/gtest.h>

using namespace carillon;
using namespace carillon::schedules;

namespace {

const ZoneDatabase& zones() {
  static const ZoneDatabase database;
  return database;
}

Instant at(const char* text) { return parse_instant(text).value(); }

}  // namespace

/// A daily schedule spread over up to half a day was recorded as missed whenever its place was more than an hour after
/// midnight, although the planner was there at the very second.
TEST(Decide, JitterOfMoreThanAnHourIsNotMissed) {
  FireView view;
  view.schedule.timing = Cron{"0 0 * * *", "UTC"};
  view.schedule.jitter = std::chrono::hours(12);
  const auto recurrence = compile(view.schedule.timing, {}, zones());
  ASSERT_TRUE(recurrence);
  const Instant due = at("2026-05-01T00:00:00Z"), planned = due + std::chrono::hours(7);
  RoomView room;
  const Decision decision = decide(view, room, *recurrence, {due, planned}, {planned + std::chrono::seconds(1), {}});
  ASSERT_EQ(decision.fires.size(), 1u);
  EXPECT_EQ(decision.fires[0].verdict, Verdict::started);
  EXPECT_EQ(decision.fires[0].planned_at, planned);
  EXPECT_EQ(decision.next_due_at, at("2026-05-02T00:00:00Z"));
}
