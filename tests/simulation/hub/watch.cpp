// What the simulation sees of a life from outside: facts that nobody's deed makes, and what holds at any moment.
#include <algorithm>

#include "tests/simulation/hub/scenario.h"

namespace carillon::simulation {

using schedules::HoldKind;

/// What a commit brings about by itself.
void Scenario::notice(std::uint64_t commit) {
  const Instant now = hub_.committed_at;
  history_.times.emplace_back(commit, history_.times.empty() ? now : std::max(now, history_.times.back().second));
  if (hub_.ticking && hub_.ticking->saw_jump()) history_.guarded.push_back(commit);
  notice_lapsed_pauses(commit);
  for (ScheduleModel& model : history_.schedules) {
    if (model.deleted || model.over) continue;
    if (over(model)) model.over = Moment{commit, now};
    else if (!model.now().failures && row(model).holds.contains(HoldKind::failures))
      model.note({commit, now}, "held after failures", [](ScheduleState& s) { s.failures = true; });
  }
}

/// A pause with an end is over for good as soon as somebody has seen the clock beyond it; that commit is the fact.
void Scenario::notice_lapsed_pauses(std::uint64_t commit) {
  const Instant now = hub_.committed_at;
  for (ScheduleModel& model : history_.schedules) {
    if (model.deleted || !model.now().paused) continue;
    const auto& until = model.now().paused->until;
    if (!until || *until > now || row(model).holds.contains(HoldKind::user)) continue;
    model.note({commit, now}, "the pause is over", [](ScheduleState& s) { s.paused.reset(); });
  }
}

/// Between two steps the holds are those that the facts say.
void Scenario::compare_holds() {
  for (const ScheduleModel& model : history_.schedules) {
    if (model.deleted || over(model)) continue;
    const auto& holds = row(model).holds;
    if (holds.contains(HoldKind::user) == model.now().paused.has_value() && holds.contains(HoldKind::invalid) == model.now().invalid &&
        holds.contains(HoldKind::failures) == model.now().failures)
      continue;
    wrong(model.now().name + " is held otherwise than it should be at " + format_instant(hub_.clock.now()) + " (#" +
          std::to_string(hub_.world.commits) + "): " + schedules::holds_to_json(holds).dump() + "\n" + model.history());
  }
}

/// However often a call was made, by whichever node: one run asks its one service under one key.
void Scenario::check_sink() {
  std::set<std::string> known;
  for (const auto& [key, run] : hub_.world.runs.rows()) known.insert(key.second.to_string());
  std::map<std::string, std::string> key_of;
  for (const auto& [key, count] : hub_.sink) {
    const std::string run = key.substr(0, 36);
    auto [it, first] = key_of.emplace(run, key);
    if (!first) wrong("run " + run + " called under two keys: " + it->second + " and " + key);
    if (!known.contains(run)) wrong("a call of no run: " + key);
  }
}

Scenario::Totals Scenario::totals() const {
  Totals out;
  out.fires = hub_.world.fires.rows().size();
  out.runs = hub_.world.runs.rows().size();
  out.crashes = crashes_;
  out.span = plan_.end - plan_.start;
  for (const auto& [key, fire] : hub_.world.fires.rows()) out.due_times[fire.verdict] += fire.count;
  out.waited = hub_.world.waits.rows().size();
  for (const auto& [key, run] : hub_.world.runs.rows()) {
    out.caught_up += run.provenance.reason == "catchup";
    out.retries += run.provenance.retry_of.has_value();
    out.terminated += run.error.find("/terminated\"") != std::string::npos;
  }
  for (const ScheduleModel& model : history_.schedules)
    for (const Fact& fact : model.facts) {
      out.failure_holds += fact.what == "held after failures";
      out.brought_back += fact.what == "brought back";
    }
  out.maintenance = history_.maintenance.size();
  out.overtaken = overtaken_;
  out.published = published_;
  out.migrated = migrated_;
  for (const std::string& zone : std::set<std::string>(plan_.zones.begin(), plan_.zones.end()))
    out.clock_changes += ZoneTable::of(zone).changes(plan_.start.seconds(), plan_.end.seconds()).size();
  return out;
}

void Scenario::Totals::add(const Totals& other) {
  fires += other.fires;
  runs += other.runs;
  crashes += other.crashes;
  waited += other.waited;
  caught_up += other.caught_up;
  retries += other.retries;
  terminated += other.terminated;
  failure_holds += other.failure_holds;
  maintenance += other.maintenance;
  brought_back += other.brought_back;
  overtaken += other.overtaken;
  published += other.published;
  migrated += other.migrated;
  clock_changes += other.clock_changes;
  span += other.span;
  for (const auto& [verdict, count] : other.due_times) due_times[verdict] += count;
}

}  // namespace carillon::simulation
