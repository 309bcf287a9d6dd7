// The rooms of all schedules at every commit.
#include <algorithm>

#include "tests/simulation/hub/audit.h"

namespace carillon::simulation {
namespace {

using schedules::OverlapPolicy;

std::string run_words(const OneRun& r) {
  return "run " + r.run->id.to_string() + " of \"" + r.run->provenance.schedule_name + "\" (#" + std::to_string(r.begun) + " to #" + std::to_string(r.ended) + ")";
}

class RoomAudit {
 public:
  RoomAudit(const memory::MemoryWorld& world, const History& history, const RoomBook& rooms, std::vector<std::string>& problems)
      : world_(world), rooms_(rooms), problems_(problems) {
    for (const ScheduleModel& model : history.schedules) models_[model.id] = &model;
  }

  void check() {
    for (const OneRun& r : rooms_.runs()) {
      auto it = models_.find(r.run->provenance.schedule.value_or(ScheduleId{}));
      if (it == models_.end()) continue;
      if (r.of_due_time() && !it->second->by_hand_at(r.begun)) note_start(r, *it->second);
      if (terminated(r) && !had_to_end(r)) problems_.push_back(run_words(r) + " was terminated before any deadline");
    }
    for (const auto& [at, starts] : starts_) check_starts(starts);
  }

 private:
  struct Start {
    const OneRun* run;
    const SimRoom* room;
    std::int64_t limit;
  };

  void note_start(const OneRun& r, const ScheduleModel& model) {
    const ScheduleState& state = model.before(r.begun);
    if (!state.alone() && state.limit == 0) return;
    starts_[{RoomBook::name(model, state), r.begun}].push_back({&r, &rooms_.room(model, state), state.alone() ? 1 : state.limit});
  }

  /// The starts of one commit in one room: in some order each found less than its limit.
  void check_starts(std::vector<Start> starts) {
    std::ranges::sort(starts, {}, &Start::limit);
    std::int64_t running = starts.front().room->running(starts.front().run->begun);
    for (const Start& start : starts)
      if (running++ >= start.limit)
        problems_.push_back(run_words(*start.run) + " began beside " + std::to_string(running - 1) + " others, no more than " + std::to_string(start.limit) +
                            " may run");
  }

  static bool terminated(const OneRun& r) {
    return r.run->state == RunState::cancelled && r.run->error.find("/terminated\"") != std::string::npos;
  }

  /// Somebody who cancels others waited for it as long as its deadline says.
  bool had_to_end(const OneRun& r) const {
    return std::ranges::any_of(world_.waits.rows(), [&](const auto& entry) {
      const memory::WaitRow& wait = entry.second;
      const ScheduleModel& model = *models_.at(wait.waiting.schedule);
      const std::uint64_t* end = world_.fire_commits.find(entry.first);
      if (wait.commit >= r.ended || (end && *end < r.ended) || wait.waiting.reason != "scheduled" || !r.run->ended_at) return false;
      const ScheduleState& state = model.before(r.ended);
      if (state.overlap != OverlapPolicy::cancel_other || *r.run->ended_at < wait.waiting.since + state.deadline) return false;
      return std::ranges::find(rooms_.room(model, state).runs(), &r) != rooms_.room(model, state).runs().end();
    });
  }

  const memory::MemoryWorld& world_;
  const RoomBook& rooms_;
  std::vector<std::string>& problems_;
  std::map<ScheduleId, const ScheduleModel*> models_;
  std::map<std::pair<std::string, std::uint64_t>, std::vector<Start>> starts_;
};

}  // namespace

void check_rooms(const memory::MemoryWorld& world, const History& history, const RoomBook& rooms, std::vector<std::string>& problems) {
  RoomAudit(world, history, rooms, problems).check();
}

}  // namespace carillon::simulation
