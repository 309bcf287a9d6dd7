#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/base/rng.h"
#include "tests/support/hub_fixture.h"

namespace carillon::test {

struct LoadSize {
  int tenants = 50;
  int schedules_per_tenant = 200;
  Duration window = std::chrono::seconds(120);
  Duration lead = std::chrono::seconds(8);  ///< from when all is made to the window's begin, at the least
};

/// A schedule of the load, and what it has to do.
struct LoadSchedule {
  std::string name;
  Json timing;
  bool overlap_skip = false;
  bool slow = false;        ///< its runs outlast its interval
  bool bounded = true;      ///< with start_at and end_at; a one-time has none
  std::string id;           ///< once it is created
  std::vector<Instant> due; ///< every due time it has, in order: plain arithmetic, nothing of the hub's
};

/// Many schedules of many tenants whose due times all lie in one window.
class Load {
 public:
  Load(LoadSize size, std::uint64_t seed) : size_(size), rng_(make_seeded_rng(seed)) {}
  /// Makes tenants, workflows and schedules through the hub's own actions, in several threads, and chooses the window
  /// so that it begins when all is made. Throws when something is refused.
  void create(const std::string& database_url);
  Instant begin() const { return begin_; }
  Instant end() const { return begin_ + size_.window; }
  const std::vector<LoadSchedule>& schedules() const { return schedules_; }
  std::size_t due_times() const;
  Rng& rng() { return *rng_; }

 private:
  struct Workflows;
  class Maker;
  void invent();
  LoadSchedule one_time(int n);
  LoadSchedule interval(int n);
  LoadSchedule cron(int n);
  void create_of_tenant(Maker& maker, int tenant);

  LoadSize size_;
  std::unique_ptr<Rng> rng_;
  Instant begin_;
  std::vector<LoadSchedule> schedules_;  ///< those of a tenant stand together
};

}  // namespace carillon::test
