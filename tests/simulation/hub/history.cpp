#include "tests/simulation/hub/history.h"

#include <algorithm>

namespace carillon::simulation {

const Fact& ScheduleModel::last_before(std::uint64_t commit) const {
  auto it = std::ranges::lower_bound(facts, commit, {}, [](const Fact& fact) { return fact.moment.commit; });
  return it == facts.begin() ? *it : *std::prev(it);
}

const Fact* ScheduleModel::act_at(std::uint64_t commit) const {
  auto it = std::ranges::find_if(facts, [&](const Fact& fact) { return fact.moment.commit == commit && fact.by_user; });
  return it == facts.end() ? nullptr : &*it;
}

std::string ScheduleModel::history() const {
  std::string out = "history of " + facts.front().after.name + ":";
  for (const Fact& fact : facts) out += "\n    #" + std::to_string(fact.moment.commit) + " " + format_instant(fact.moment.at) + " " + fact.what;
  if (deleted) out += "\n    #" + std::to_string(deleted->commit) + " " + format_instant(deleted->at) + " deleted";
  return out;
}

}  // namespace carillon::simulation
