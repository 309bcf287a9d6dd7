#pragma once
#include "tests/simulation/hub/sim_timing.h"

namespace carillon::simulation {

/// What kind of life a seed plays: from when to when, how fast things happen, and where.
struct LifePlan {
  enum class Length { nights, weeks, year };
  /// A night or two around a clock change, some weeks with one, or most of a year.
  static LifePlan from(Rng& rng);

  Length length = Length::nights;
  Instant start, end;
  std::vector<std::string> zones;  ///< the first is the one whose clock changes
  std::size_t nodes = 2;
  int steps = 0;
  Duration idle, outage;      ///< the longest time in which nobody does anything, or no node is up
  std::int64_t nap = 20;      ///< seconds that a run may wait, long enough to overlap with the next now and then

  Pace pace(Rng& rng) const;
  SimTiming timing(Rng& rng, Instant now) const;
  /// The end of an outage that begins now: often the night of a clock change.
  Instant outage_end(Rng& rng, Instant now) const;
  /// How far the life should have come after that many of its steps.
  Instant goal(int step) const { return start + (end - start) / steps * step; }
};

}  // namespace carillon::simulation
