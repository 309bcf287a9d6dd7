#pragma once
#include "tests/simulation/hub/oracle.h"
#include "tests/simulation/hub/rooms.h"
#include "tests/simulation/hub/verdict_rules.h"

namespace carillon::simulation {

/// A line of the ledger with the commits that decided on it: the one that wrote it, and before that the one that let the
/// due time wait for room.
struct Recorded {
  const schedules::Fire* fire;
  std::uint64_t commit;
  const memory::WaitRow* waited = nullptr;

  std::uint64_t decided() const { return waited ? waited->commit : commit; }
  bool caught_up() const { return waited && waited->waiting.reason == "catchup"; }
  /// It waits while that commit happens.
  bool waits_at(std::uint64_t at) const { return waited && waited->commit < at && commit > at; }
};

/// One schedule's ledger and runs beside its model, for those who judge them.
struct Case {
  Case(const memory::MemoryWorld& world, const History& history, const ScheduleModel& model, const RoomBook& rooms,
       std::vector<std::string>& problems);
  void wrong(Instant t, std::uint64_t commit, const std::string& what) const;
  /// The room that counts for who commits as that number.
  const SimRoom& room_at(std::uint64_t commit) const { return rooms.room(model, model.before(commit)); }
  /// The due times of one decision, in order.
  std::vector<const Recorded*> of_decision(std::uint64_t commit) const;
  std::string ledger() const;

  const memory::MemoryWorld& world;
  const History& history;
  const ScheduleModel& model;
  const RoomBook& rooms;
  std::vector<Recorded> fires;  ///< in order of their due times
  std::vector<OneRun> runs;     ///< of this schedule
  std::vector<std::string>& problems;
};

std::string describe_fire(const schedules::Fire& fire, std::uint64_t commit);

/// What waited for room: began to for a reason, ended as the policies say, and was not forgotten.
void check_backlog(const Case& the);
/// Failures in a row: held in time, not before, and said so.
void check_failures(const Case& the);
/// No room ever holds more runs than those who started them allow; nobody is terminated before a deadline is over.
void check_rooms(const memory::MemoryWorld& world, const History& history, const RoomBook& rooms, std::vector<std::string>& problems);

}  // namespace carillon::simulation
