#include "tests/simulation/hub/history.h"

#include <algorithm>

namespace carillon::simulation {

const Fact& ScheduleModel::last_before(std::uint64_t commit) const {
  auto it = std::ranges::lower_bound(facts, commit, {}, [](const Fact& fact) { return fact.moment.commit; });
  return it == facts.begin() ? *it : *std::prev(it);
}

std::optional<schedules::Verdict> ScheduleModel::by_hand_at(std::uint64_t commit) const {
  for (const Fact& fact : facts)
    if (fact.moment.commit == commit && fact.by_hand) return fact.by_hand;
  return std::nullopt;
}

bool ScheduleModel::deleted_in(std::uint64_t commit) const {
  return (deleted && deleted->commit == commit) || std::ranges::any_of(facts, [&](const Fact& fact) { return fact.moment.commit == commit && fact.after.deleted; });
}

std::string ScheduleModel::history() const {
  std::string out = "history of " + facts.front().after.name + ":";
  for (const Fact& fact : facts) out += "\n    #" + std::to_string(fact.moment.commit) + " " + format_instant(fact.moment.at) + " " + fact.what;
  if (deleted) out += "\n    #" + std::to_string(deleted->commit) + " " + format_instant(deleted->at) + " deleted";
  return out;
}

}  // namespace carillon::simulation
