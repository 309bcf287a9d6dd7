#pragma once
#include <map>
#include <string>
#include <vector>

#include "tests/simulation/hub/history.h"
#include "tests/support/memory/memory_world.h"

namespace carillon::simulation {

/// What really happened in one life, noted while it was played.
struct History {
  std::vector<ScheduleModel> schedules;
  std::vector<GoodRound> rounds;  ///< in order of their begins
  std::vector<std::uint64_t> deeds;  ///< the commits of users, in order
  /// Which field a version's payload schema asks for ("n", "s" or "" for a version without a schema).
  std::map<std::pair<WorkflowId, std::int64_t>, std::string> versions;
};

/// Compares what the database says happened with what had to happen. One line for each thing that is wrong; after those
/// of a schedule its history and ledger.
std::vector<std::string> find_violations(const memory::MemoryWorld& world, const History& history);

}  // namespace carillon::simulation
