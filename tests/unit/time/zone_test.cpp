#include "engine/time/zone.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

#include <random>

#include "engine/base/rng.h"
#include "engine/time/posix_rule.h"
#include "tests/unit/time/support.h"

using namespace carillon;

namespace {

std::string local_at(const Zone& zone, std::string_view utc) {
  Instant t = at(utc);
  return format_local(zone.to_local(t)) + format_offset(zone.offset_at(t));
}

/// Sets TZ for the C library while it lives.
class CLibraryZone {
 public:
  explicit CLibraryZone(const std::string& name) {
    setenv("TZ", (":" + name).c_str(), 1);
    tzset();
  }
  ~CLibraryZone() {
    unsetenv("TZ");
    tzset();
  }
};

}  // namespace

TEST(Zone, AgreesWithTheCLibraryInEveryZoneUntil2400) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  auto rng = make_seeded_rng(seed);
  ASSERT_GT(test_zones().names().size(), 500u);
  for (const std::string& name : test_zones().names()) {
    CLibraryZone reference(name);
    const Zone& zone = test_zone(name);
    ZoneHint hint;
    for (int i = 0; i < 60; ++i) {
      auto seconds = static_cast<time_t>(rng->below(13'569'465'600ULL));
      if (i % 2) {
        if (auto change = zone.next_change(Instant::from_seconds(seconds))) seconds = change->at.seconds() - (i % 4 == 1);
      }
      struct tm local {};
      ASSERT_NE(localtime_r(&seconds, &local), nullptr);
      ASSERT_EQ(zone.offset_at(Instant::from_seconds(seconds), &hint), local.tm_gmtoff)
          << name << " " << format_instant(Instant::from_seconds(seconds));
    }
  }
}

TEST(Zone, KeepsChangingTheClockAfter2037) {
  EXPECT_EQ(local_at(test_zone("Europe/Berlin"), "2038-07-01T10:00:00Z"), "2038-07-01T12:00+02:00");
  EXPECT_EQ(local_at(test_zone("Europe/Berlin"), "2038-12-01T10:00:00Z"), "2038-12-01T11:00+01:00");
  EXPECT_EQ(local_at(test_zone("America/New_York"), "2050-07-01T10:00:00Z"), "2050-07-01T06:00-04:00");
  EXPECT_EQ(local_at(test_zone("Australia/Sydney"), "2045-01-01T00:00:00Z"), "2045-01-01T11:00+11:00");
  EXPECT_EQ(local_at(test_zone("Australia/Sydney"), "2045-07-01T00:00:00Z"), "2045-07-01T10:00+10:00");
  auto change = test_zone("Europe/Berlin").next_change(at("2099-01-01T00:00:00Z"));
  ASSERT_TRUE(change);
  EXPECT_EQ(format_instant(change->at), "2099-03-29T01:00:00Z");
  // Past the table, where the 400-year cycle takes over.
  EXPECT_EQ(format_instant(test_zone("Europe/Berlin").next_change(at("3199-01-01T00:00:00Z"))->at), "3199-03-28T01:00:00Z");
  EXPECT_EQ(local_at(test_zone("America/New_York"), "9998-07-01T10:00:00Z"), "9998-07-01T06:00-04:00");
}

TEST(Zone, SegmentsJoinWithoutHoleAndDiffer) {
  for (const char* name : {"Europe/Berlin", "Africa/Casablanca", "Europe/Dublin", "Antarctica/Troll", "America/Sao_Paulo"}) {
    const Zone& zone = test_zone(name);
    ZoneSegment s = zone.segment(0);
    EXPECT_EQ(s.begin, Instant{INT64_MIN});
    for (std::size_t i = 1; i < 3000 && s.end != Instant::max(); ++i) {
      ZoneSegment next = zone.segment(i);
      ASSERT_EQ(next.begin, s.end) << name << " " << i;
      ASSERT_NE(next.offset, s.offset) << name << " " << i;
      ASSERT_LT(next.begin, next.end) << name << " " << i;
      ASSERT_EQ(zone.segment_at(next.begin).index, i) << name;
      ASSERT_EQ(zone.segment_at(next.begin - Duration{1}).index, i - 1) << name;
      s = next;
    }
  }
}

TEST(Zone, ReadsSlimFilesThatLeaveTheRecentPastToTheRule) {
  // The last tabulated change of New York in a slim file is of 2007.
  auto zone = Zone::build("Slim", {{0, -18000, "EST"}, {1173596400, -14400, "EDT"}, {1194156000, -18000, "EST"}},
                          "EST5EDT,M3.2.0,M11.1.0");
  ASSERT_TRUE(zone);
  const Zone& full = test_zone("America/New_York");
  for (Instant t = at("2007-06-01T00:00:00Z"); t < at("2100-01-01T00:00:00Z"); t += std::chrono::hours(1511))
    ASSERT_EQ((*zone)->offset_at(t), full.offset_at(t)) << format_instant(t);
  auto ruled = Zone::build("Ruled", {{0, 3600, "CET"}}, "CET-1CEST,M3.5.0,M10.5.0/3");
  EXPECT_EQ((*ruled)->offset_at(at("2026-07-01T00:00:00Z")), 7200);
  auto daylight_for_ever = Zone::build("Always", {{0, -10800, "XXX"}}, "XXX3EDT4,0/0,J365/23");
  ASSERT_TRUE(daylight_for_ever);
  EXPECT_EQ((*daylight_for_ever)->offset_at(at("2040-01-01T03:30:00Z")), -14400);
}

TEST(Zone, RefusesAFooterItCannotRead) {
  for (const char* footer : {"CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0",
                             "CET-1CEST,M3.5.0,M10.5.0/3x", "<CET-1", "-1", "CET-25"}) {
    auto zone = Zone::build("Broken", {{0, 3600, "CET"}}, footer);
    ASSERT_FALSE(zone) << footer;
    EXPECT_EQ(zone.error().reason, "ZONE_FOOTER");
  }
}

TEST(PosixRule, CountsJulianDaysWithAndWithoutLeapDay) {
  auto rule = PosixRule::parse("AAA0BBB,J60/0,60/0");
  ASSERT_TRUE(rule);
  EXPECT_EQ(format_instant(Instant::from_seconds(rule->daylight_begins(2023))), "2023-03-01T00:00:00Z");
  EXPECT_EQ(format_instant(Instant::from_seconds(rule->daylight_begins(2024))), "2024-03-01T00:00:00Z");
  EXPECT_EQ(format_instant(Instant::from_seconds(rule->standard_begins(2024) + 3600)), "2024-03-01T00:00:00Z");
  EXPECT_EQ(format_instant(Instant::from_seconds(rule->standard_begins(2023) + 3600)), "2023-03-02T00:00:00Z");
  auto nuuk = PosixRule::parse("<-02>2<-01>,M3.5.0/-1,M10.5.0/0");
  ASSERT_TRUE(nuuk);
  EXPECT_EQ(format_instant(Instant::from_seconds(nuuk->daylight_begins(2026))), "2026-03-29T01:00:00Z");
}

TEST(Zone, ResolvesWallClockTimes) {
  const Zone& berlin = test_zone("Europe/Berlin");
  using Kind = LocalResolution::Kind;
  LocalResolution exact = berlin.resolve(*parse_local("2026-07-01T09:00"));
  EXPECT_EQ(exact.kind, Kind::exact);
  EXPECT_EQ(exact.earlier, at("2026-07-01T07:00:00Z"));
  for (const char* missing : {"2026-03-29T02:00", "2026-03-29T02:30", "2026-03-29T02:59:59"}) {
    LocalResolution gap = berlin.resolve(*parse_local(missing));
    EXPECT_EQ(gap.kind, Kind::gap) << missing;
    EXPECT_EQ(gap.earlier, at("2026-03-29T00:59:00Z"));
    EXPECT_EQ(gap.later, at("2026-03-29T01:00:00Z"));
  }
  EXPECT_EQ(berlin.resolve(*parse_local("2026-03-29T03:00")).kind, Kind::exact);
  for (const char* twice : {"2026-10-25T02:00", "2026-10-25T02:30", "2026-10-25T02:59:59"}) {
    LocalResolution fold = berlin.resolve(*parse_local(twice));
    EXPECT_EQ(fold.kind, Kind::fold) << twice;
    EXPECT_EQ(fold.later - fold.earlier, std::chrono::hours(1));
  }
  EXPECT_EQ(berlin.resolve(*parse_local("2026-10-25T03:00")).kind, Kind::exact);
  LocalResolution apia = test_zone("Pacific/Apia").resolve(*parse_local("2011-12-30T12:00"));
  EXPECT_EQ(apia.kind, Kind::gap);
  EXPECT_EQ(apia.later, at("2011-12-30T10:00:00Z"));
  LocalResolution lord_howe = test_zone("Australia/Lord_Howe").resolve(*parse_local("2040-04-01T01:45"));
  EXPECT_EQ(lord_howe.kind, Kind::fold);
  EXPECT_EQ(lord_howe.later - lord_howe.earlier, std::chrono::minutes(30));
  EXPECT_EQ(berlin.resolve(*parse_local("2060-03-28T02:30")).kind, Kind::gap);
}

TEST(LocalTime, ReadsAndWrites) {
  EXPECT_EQ(format_local(*parse_local("2026-03-29 02:30")), "2026-03-29T02:30");
  EXPECT_EQ(format_local(*parse_local("1969-12-31T23:59:59")), "1969-12-31T23:59:59");
  for (const char* bad : {"", "2026-03-29", "2026-03-29T02:30Z", "2026-03-29T02:30+01:00", "2026-02-30T02:30",
                          "2026-03-29T2:30", "2026-03-29T24:00", "2026-03-29T02:30:15.5", "2026-03-29T02+01"})
    EXPECT_FALSE(parse_local(bad)) << bad;
  EXPECT_EQ(format_offset(-12600), "-03:30");
}

TEST(ZoneDatabase, RefusesUnknownNamesAndSuggestsTheNearest) {
  const ZoneDatabase& zones = test_zones();
  for (const char* bad : {"localtime", "posix/Europe/Berlin", "right/Europe/Berlin", "posixrules", "", "../etc/passwd", "Berlin",
                          "europe/berlin"})
    EXPECT_EQ(zones.find(bad), nullptr) << bad;
  EXPECT_NE(zones.find("US/Eastern"), nullptr);
  EXPECT_EQ(zones.nearest("europe/berlin", 1)[0], "Europe/Berlin");
  EXPECT_EQ(zones.nearest("Berlin", 1)[0], "Europe/Berlin");
  EXPECT_EQ(zones.nearest("America/New York", 1)[0], "America/New_York");
  auto refused = zones.require("Europe/Berln", "/zone");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "UNKNOWN_ZONE");
  EXPECT_EQ(refused.error().field, "/zone");
  EXPECT_EQ(refused.error().value, "Europe/Berln");
  EXPECT_NE(refused.error().remedy.find("Europe/Berlin"), std::string::npos);
  EXPECT_EQ(zones.utc().offset_at(at("2026-01-01T00:00:00Z")), 0);
  EXPECT_FALSE(zones.version().empty());
}
