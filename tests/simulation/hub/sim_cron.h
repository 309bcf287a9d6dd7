#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/hub/zone_table.h"

namespace carillon::simulation {

/// A cron expression as the simulation understands it: what it matches is chosen together with its text and never read
/// from it, and its times come from tests/data/cron/spec.md, not from engine/time.
struct SimCron {
  std::array<std::string, 5> text{"*", "*", "*", "*", "*"};
  std::uint64_t minutes = (1ULL << 60) - 1;
  std::uint32_t hours = (1u << 24) - 1;
  std::uint32_t days = 0xfffffffe, months = 0x1ffe, weekdays = 0x7f;  ///< bit n is the value n, Sunday 0
  bool last_day = false, last_working_day = false;                  ///< L, LW
  std::uint32_t near_days = 0;                                      ///< nW
  std::vector<std::pair<unsigned, unsigned>> nth_weekdays;          ///< d#k
  std::uint32_t last_weekdays = 0;                                  ///< dL

  std::string expression() const;
  /// Neither the minute's nor the hour's text has '*' or '/'.
  bool fixed() const;
  bool matches_day(std::int64_t day) const;  ///< days since 1970 on the wall calendar

  /// All times in (after, until], in seconds UTC and in order: the matching wall-clock minutes, day by day, each looked
  /// up in the zone's table.
  std::vector<std::int64_t> times(const ZoneTable& zone, std::int64_t after, std::int64_t until) const;
  /// The same by walking over every minute of UTC, the spec word for word. Slow: it checks times().
  std::vector<std::int64_t> walk(const ZoneTable& zone, std::int64_t after, std::int64_t until) const;

 private:
  bool matches_minute(std::int64_t local) const;
  void add_day(const ZoneTable& zone, std::int64_t day, std::vector<std::int64_t>& out) const;
};

}  // namespace carillon::simulation
