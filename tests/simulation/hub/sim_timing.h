#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/base/instant.h"
#include "engine/base/json.h"
#include "engine/base/rng.h"
#include "tests/simulation/hub/sim_cron.h"

namespace carillon::simulation {

/// A timing as the simulation understands it, with an enumeration of its own: nothing of engine/time is used here.
struct SimTiming {
  enum class Kind { once, interval, cron, manual };
  Kind kind = Kind::manual;
  Instant at;              ///< once; anchor of interval
  std::int64_t every = 0;  ///< interval, in seconds
  SimCron cron;
  std::string zone = "UTC";

  /// All due times in (after, until], in order.
  std::vector<Instant> due_times(Instant after, Instant until) const;
  /// The request's timing object.
  Json to_json() const;
  std::string describe() const { return to_json().dump(); }
};

/// How often about: every few minutes, hours, days or weeks.
enum class Pace { minutes, hours, days, weeks };

/// A random expression of about that pace, likely to name minutes around those at which `zone` changes its clock.
SimCron random_cron(Rng& rng, Pace pace, const ZoneTable& zone, Instant now);

}  // namespace carillon::simulation
