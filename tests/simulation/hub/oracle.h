#pragma once
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "tests/simulation/hub/history.h"
#include "tests/support/memory/memory_world.h"

namespace carillon::simulation {

/// What really happened in one life, noted while it was played.
struct History {
  std::deque<ScheduleModel> schedules;  ///< each stays where it is when others are made
  std::vector<GoodRound> rounds;  ///< in order of their begins
  std::vector<std::uint64_t> deeds;  ///< the commits of users, in order
  std::vector<MaintenanceModel> maintenance;
  std::vector<std::uint64_t> guarded;  ///< commits of nodes that had just seen the clock jump, in order
  std::vector<std::pair<std::uint64_t, Instant>> times;  ///< of the commits that wrote: the latest that the clock has shown by then
  /// Which field a version's payload schema asks for ("n", "s" or "" for a version without a schema).
  std::map<std::pair<WorkflowId, std::int64_t>, std::string> versions;

  /// The latest that the database's clock had shown by that commit.
  Instant latest_time(std::uint64_t commit) const;
  /// Whether anything kept the tenant's schedules from firing in that round.
  bool in_maintenance(TenantId tenant, const GoodRound& round) const;
};

/// Compares what the database says happened with what had to happen. One line for each thing that is wrong; after those
/// of a schedule its history and ledger.
std::vector<std::string> find_violations(const memory::MemoryWorld& world, const History& history);

}  // namespace carillon::simulation
