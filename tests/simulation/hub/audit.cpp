#include "tests/simulation/hub/audit.h"

#include <algorithm>

namespace carillon::simulation {
namespace {
constexpr std::size_t kLedgerShown = 40;
}  // namespace

Instant History::latest_time(std::uint64_t commit) const {
  auto it = std::ranges::upper_bound(times, commit, {}, &std::pair<std::uint64_t, Instant>::first);
  return it == times.begin() ? Instant{INT64_MIN} : std::prev(it)->second;
}

bool History::in_maintenance(TenantId tenant, const GoodRound& round) const {
  return std::ranges::any_of(maintenance, [&](const MaintenanceModel& m) { return m.concerns(tenant) && m.begun <= round.end && (m.end_commit > round.begin || round.scan_at < *m.ended); });
}

Case::Case(const memory::MemoryWorld& memory_world, const History& what_was, const ScheduleModel& schedule, const RoomBook& book,
           std::vector<std::string>& complaints)
    : world(memory_world), history(what_was), model(schedule), rooms(book), problems(complaints) {
  const std::tuple first{model.tenant, model.id, Instant{INT64_MIN}};
  for (auto it = world.fires.rows().lower_bound(first); it != world.fires.rows().end() && it->second.schedule == model.id; ++it)
    fires.push_back({&it->second, *world.fire_commits.find(it->first), world.waits.find(it->first)});
  for (const OneRun& run : rooms.runs())
    if (run.run->provenance.schedule == model.id) runs.push_back(run);
}

void Case::wrong(Instant t, std::uint64_t commit, const std::string& what) const {
  problems.push_back(model.now().name + " (" + model.before(commit).timing.describe() + ") at " + format_instant(t) + ": " + what);
}

std::vector<const Recorded*> Case::of_decision(std::uint64_t commit) const {
  std::vector<const Recorded*> out;
  for (const Recorded& row : fires)
    if (row.decided() == commit) out.push_back(&row);
  return out;
}

std::string Case::ledger() const {
  std::string out;
  const std::size_t skipped = fires.size() > kLedgerShown ? fires.size() - kLedgerShown : 0;
  for (std::size_t n = skipped; n < fires.size(); ++n) {
    out += "\n    ledger: " + describe_fire(*fires[n].fire, fires[n].commit);
    if (fires[n].waited) out += " waited as " + fires[n].waited->waiting.reason + " from #" + std::to_string(fires[n].waited->commit);
  }
  return out;
}

std::string describe_fire(const schedules::Fire& fire, std::uint64_t commit) {
  std::string out = "#" + std::to_string(commit) + " " + std::string(to_string(fire.verdict)) + " " + format_instant(fire.due_at);
  if (fire.last_due_at) out += " to " + format_instant(*fire.last_due_at) + " (" + std::to_string(fire.count) + ")";
  return out + " planned " + format_instant(fire.planned_at) + " recorded " + format_instant(fire.fired_at);
}

}  // namespace carillon::simulation
