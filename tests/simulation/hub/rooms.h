#pragma once
#include <map>
#include <string>
#include <vector>

#include "tests/simulation/hub/history.h"
#include "tests/support/memory/memory_world.h"

namespace carillon::simulation {

/// A run with the commits that made and ended it.
struct OneRun {
  const Run* run;
  std::uint64_t begun, ended;
  bool of_due_time() const { return run->provenance.reason == "scheduled" || run->provenance.reason == "catchup"; }
};

/// The runs of one group that may not overlap, at any commit.
class SimRoom {
 public:
  void add(const OneRun& run) { runs_.push_back(&run); }
  /// Runs that were there before the commit and still after it.
  std::int64_t running(std::uint64_t commit) const;
  /// The last commit up to that one in which a run began or ended; 0 for none.
  std::uint64_t last_change(std::uint64_t commit) const;
  const std::vector<const OneRun*>& runs() const { return runs_; }

 private:
  std::vector<const OneRun*> runs_;
};

/// Who ran when, in which room. A run is in three: its schedule's, its workflow's, and that of its key.
class RoomBook {
 public:
  explicit RoomBook(const memory::MemoryWorld& world);
  const SimRoom& room(const ScheduleModel& model, const ScheduleState& state) const;
  const std::vector<OneRun>& runs() const { return runs_; }
  bool retried(RunId run) const { return retried_.contains(run); }
  static std::string name(const ScheduleModel& model, const ScheduleState& state);

 private:
  std::vector<OneRun> runs_;
  std::set<RunId> retried_;
  std::map<std::string, SimRoom> rooms_;
};

/// The key of a payload, as the simulation's key expression (.g) finds it.
std::string sim_key(const std::string& payload);

}  // namespace carillon::simulation
