#include <gtest/gtest.h>

#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/base/json.h"

using namespace carillon;

TEST(Instant, ReadsAndWritesIso8601) {
  EXPECT_EQ(format_instant(Instant{0}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_instant(Instant{-1}), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(parse_instant("2026-03-29T02:30:00+01:00"), parse_instant("2026-03-29T01:30:00Z"));
  EXPECT_EQ(format_instant(*parse_instant("2026-03-29T01:30:00.250Z")), "2026-03-29T01:30:00.250Z");
  for (const char* bad : {"", "2026-02-30T00:00:00Z", "2026-03-29T01:30:00", "2026-03-29", "2026-03-29T24:00:00Z",
                          "2026-03-29T01:30:00Zx", "2026-03-29T01:30:00.Z", "26-03-29T01:30:00Z"})
    EXPECT_FALSE(parse_instant(bad)) << bad;
}

TEST(Duration, ReadsIso8601OfFixedLength) {
  EXPECT_EQ(parse_duration("PT1M30S"), Duration{90'000'000});
  EXPECT_EQ(parse_duration("P1DT2H"), Duration{26LL * 3600 * 1'000'000});
  EXPECT_EQ(parse_duration("PT0.5S"), Duration{500'000});
  for (const char* bad : {"", "P", "PT", "P1M", "P1Y", "PT1S1M", "1S", "PT1.5M", "PTS"}) EXPECT_FALSE(parse_duration(bad)) << bad;
  EXPECT_EQ(describe_duration(Duration{3'900'000'000}), "1 h 5 min");
}

TEST(Ids, AreUuidV7AndStrictlyIncreasing) {
  ManualClock clock(*parse_instant("2026-11-21T00:00:00Z"));
  auto rng = make_seeded_rng(1);
  IdSource ids(clock, *rng);
  Uuid last = ids.next();
  for (int i = 0; i < 100'000; ++i) {
    Uuid next = ids.next();
    ASSERT_LT(last, next);
    last = next;
  }
  EXPECT_EQ(last.bytes[6] >> 4, 7);
  EXPECT_EQ(last.bytes[8] >> 6, 2);
  EXPECT_EQ(Uuid::parse(last.to_string()), last);
  EXPECT_FALSE(Uuid::parse("not-a-uuid"));
}

TEST(FollowingClock, GoesByTheOtherMachineAndIsNotMovedBySettingThisOne) {
  // A machine whose wall clock and monotonic clock can be moved apart.
  struct Machine final : Clock {
    Instant wall = Instant::from_seconds(1000);
    Duration monotonic = std::chrono::seconds(5);
    Instant now() const override { return wall; }
    Duration steady() const override { return monotonic; }
  } machine;
  FollowingClock clock(machine);
  EXPECT_EQ(clock.now(), machine.wall) << "nothing better is known yet";
  clock.follow(Instant::from_seconds(2000));
  EXPECT_EQ(clock.now(), Instant::from_seconds(2000));
  machine.wall = machine.wall + std::chrono::hours(1);
  EXPECT_EQ(clock.now(), Instant::from_seconds(2000));
  machine.monotonic += std::chrono::seconds(7);
  EXPECT_EQ(clock.now(), Instant::from_seconds(2007));
  clock.follow(Instant::from_seconds(1500));
  EXPECT_EQ(clock.now(), Instant::from_seconds(1500)) << "the other one was set back";
  EXPECT_EQ(clock.steady(), machine.monotonic);
}

TEST(Json, RefusesWhatWouldBeLost) {
  auto reason = [](std::string_view text) {
    auto parsed = parse_json(text);
    return parsed ? std::string("ok") : parsed.error().reason;
  };
  EXPECT_EQ(reason(R"({"a":1,"a":2})"), "JSON_DUPLICATE_KEY");
  EXPECT_EQ(reason("123456789012345678901234567890"), "JSON_NUMBER_RANGE");
  EXPECT_EQ(reason("1e999"), "JSON_NUMBER_RANGE");
  EXPECT_EQ(reason(R"("a\u0000b")"), "JSON_NUL");
  EXPECT_EQ(reason(std::string(129, '[') + std::string(129, ']')), "JSON_TOO_DEEP");
  EXPECT_EQ(reason(std::string(128, '[') + std::string(128, ']')), "ok");
  EXPECT_EQ(reason(std::string_view("8\0garbage", 9)), "JSON_MALFORMED");
  EXPECT_EQ(reason("{\"a\":\n  }"), "JSON_MALFORMED");
  EXPECT_NE(parse_json("{\"a\":\n  }").error().message.find("Line 2"), std::string::npos);
  EXPECT_EQ(parse_json(std::string(100, ' '), {.bytes = 10}).error().code, ErrorCode::too_large);
}
