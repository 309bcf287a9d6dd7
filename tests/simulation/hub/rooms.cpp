#include "tests/simulation/hub/rooms.h"

#include <algorithm>

namespace carillon::simulation {

using schedules::OverlapScope;

std::string sim_key(const std::string& payload) { return "k:" + parse_stored_json(payload).value("g", Json(nullptr)).dump(); }

std::int64_t SimRoom::running(std::uint64_t commit) const {
  return std::ranges::count_if(runs_, [&](const OneRun* r) { return r->begun < commit && r->ended > commit; });
}

std::uint64_t SimRoom::last_change(std::uint64_t commit) const {
  std::uint64_t last = 0;
  for (const OneRun* r : runs_)
    for (const std::uint64_t change : {r->begun, r->ended})
      if (change <= commit) last = std::max(last, change);
  return last;
}

std::string RoomBook::name(const ScheduleModel& model, const ScheduleState& state) {
  switch (state.scope) {
    case OverlapScope::schedule: return "s:" + model.id.to_string();
    case OverlapScope::workflow: return "w:" + model.workflow.to_string();
    case OverlapScope::key: return model.tenant.to_string() + sim_key(state.payload);
  }
  return "";
}

const SimRoom& RoomBook::room(const ScheduleModel& model, const ScheduleState& state) const {
  static const SimRoom empty;
  auto it = rooms_.find(name(model, state));
  return it == rooms_.end() ? empty : it->second;
}

RoomBook::RoomBook(const memory::MemoryWorld& world) {
  for (const auto& [key, run] : world.runs.rows()) {
    const std::uint64_t* end = world.run_end_commits.find(key);
    runs_.push_back({&run, *world.run_commits.find(key), end ? *end : UINT64_MAX});
    if (run.provenance.retry_of) retried_.insert(*run.provenance.retry_of);
  }
  for (const OneRun& r : runs_) {
    rooms_["w:" + r.run->workflow.to_string()].add(r);
    if (r.run->provenance.schedule) rooms_["s:" + r.run->provenance.schedule->to_string()].add(r);
    if (!r.run->provenance.scope.empty()) rooms_[r.run->tenant.to_string() + r.run->provenance.scope].add(r);
  }
}

}  // namespace carillon::simulation
