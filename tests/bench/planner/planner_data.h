#pragma once
#include "tests/bench/support/bench_engine.h"

namespace carillon::bench {

struct BenchOptions : EngineOptions {
  int schedules = 10'000;
  int tenants = 1'000;
  int stored = 0;  ///< more schedules of the same tenants, due an hour later and on
  /// herd: all due in one second; single: the same in one tenant; lone: herd, and one schedule each of some other
  /// tenants in the second after; idle: one now and then
  std::string mode = "herd";
  bool lists = false;  ///< then time the pages of the list
  std::string hub;     ///< program: then time a whole hub that has nothing to do
  bool baseline = true;
};

inline constexpr int kLoneTenants = 20;
inline constexpr int kManySchedules = 100'000;  ///< of the one tenant that has many, where lists are timed

/// Tenants, each with one workflow (a single `set` task) and its share of the schedules. Every schedule fires each
/// hour; those that are to fire next at `due`.
void fill(BenchDatabase& database, const BenchOptions& options, Instant due);
/// As filled, with nothing fired yet.
void reset(BenchDatabase& database, const BenchOptions& options, Instant due);

/// One schedule at a time on a hub that has nothing else to do: how late it fires, and what doing nothing costs.
void measure_idle(Engine& engine, BenchDatabase& database);
/// What a page of the list takes, for each order and filter, in the tenant with this many schedules.
void measure_lists(Engine& engine, BenchDatabase& database);
/// The start of the program at `options.hub`, and what it takes while nothing is due.
void measure_hub(const BenchDatabase& database, const BenchOptions& options);

}  // namespace carillon::bench
