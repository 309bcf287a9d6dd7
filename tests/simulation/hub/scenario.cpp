#include "tests/simulation/hub/scenario.h"

namespace carillon::simulation {
namespace {

/// Nights in which Berlin's clock changes, and a plain noon.
constexpr std::int64_t kStarts[] = {1774738800 /* 2026-03-28T23:00Z */, 1792879200 /* 2026-10-24T22:00Z */,
                                    1780315200 /* 2026-06-01T12:00Z */};
constexpr int kDrainSteps = 2000;

Instant start_of(std::uint64_t seed) { return Instant::from_seconds(kStarts[seed % std::size(kStarts)]); }

std::string code_name(ErrorCode code) { return std::to_string(static_cast<int>(code)); }

}  // namespace

Scenario::Scenario(std::uint64_t seed) : hub_(seed, start_of(seed)) {}

std::vector<std::string> Scenario::play(int steps) {
  hub_.faults = false;
  set_up();
  hub_.faults = true;
  for (int n = 0; n < steps && problems_.empty(); ++n) {
    advance();
    step();
  }
  finish();
  check_sink();
  auto found = find_violations(hub_.world, models_);
  problems_.insert(problems_.end(), found.begin(), found.end());
  return problems_;
}

void Scenario::advance() {
  const std::uint64_t dice = below(1000);
  std::uint64_t limit = 5'000'000;              // the ordinary pause between two things that happen
  if (dice >= 600) limit = 40'000'000;
  if (dice >= 900) limit = 240'000'000;
  if (dice >= 980) limit = 2'400'000'000;       // nobody did anything for a while
  if (dice >= 998) limit = 100'000'000'000;     // more than a day
  hub_.clock.advance(Duration{static_cast<std::int64_t>(1 + below(limit))});
}

void Scenario::step() {
  for (auto& node : nodes_)
    if (!node && hub_.chance(10)) node = std::make_unique<SimNode>(hub_);
  const std::uint64_t dice = below(100);
  if (dice < 45) with_node([](SimNode& node) { node.tick_planner(); });
  else if (dice < 80) with_node([](SimNode& node) { node.tick_worker(); });
  else user_action();
}

SimNode& Scenario::live_node(std::size_t& place) {
  place = below(2);
  if (!nodes_[place]) place = 1 - place;
  if (!nodes_[place]) nodes_[place] = std::make_unique<SimNode>(hub_);
  return *nodes_[place];
}

void Scenario::tick(std::size_t place, const std::function<void(SimNode&)>& work) {
  // No two things happen at one instant, so the order of what is recorded is the order of its times.
  hub_.clock.advance(Duration{1});
  if (!nodes_[place]) return;
  try {
    work(*nodes_[place]);
  } catch (const memory::SimulatedCrash&) {
    ++crashes_;
    nodes_[place].reset();
  }
}

/// One node ticks; now and then the other one ticks as well between two of its transactions.
void Scenario::with_node(const std::function<void(SimNode&)>& work) {
  const std::size_t place = below(2);
  bool alone = false;
  hub_.between = [&] {
    if (alone || !hub_.chance(20)) return;
    alone = true;
    const bool planner = hub_.chance(60);
    tick(1 - place, [planner](SimNode& node) { planner ? node.tick_planner() : node.tick_worker(); });
    hub_.clock.advance(Duration{1});
    alone = false;
  };
  tick(place, work);
  hub_.between = nullptr;
}

Scenario::Outcome Scenario::act(std::size_t tenant, const std::string& action, ActionRequest request) {
  hub_.clock.advance(Duration{1});
  Outcome out;
  out.at = hub_.clock.now();
  std::size_t place = 0;
  SimNode& node = live_node(place);
  try {
    auto answer = node.call(action, who_[tenant], request);
    out.committed = answer.has_value();
    if (answer) return out;
    out.refusal = answer.error().reason;
    if (answer.error().code == ErrorCode::internal || (answer.error().code == ErrorCode::unavailable && !hub_.faults))
      wrong(action + " failed with " + code_name(answer.error().code) + " " + out.refusal + ": " + answer.error().message);
  } catch (const memory::SimulatedCrash&) {
    ++crashes_;
    nodes_[place].reset();
    out.committed = hub_.last_fault == memory::Fault::crash_after_commit;
    out.refusal = "CRASH";
  }
  return out;
}

/// Everything comes to rest: nothing fails any more, every hold is lifted and every due time settled, all schedules are
/// deleted, and what runs may end.
void Scenario::finish() {
  hub_.faults = false;
  for (auto& node : nodes_)
    if (!node) node = std::make_unique<SimNode>(hub_);
  for (Flow& flow : flows_) publish(flow, Shape::needs_n);
  for (ScheduleModel& model : models_) {
    if (model.deleted || over(model)) continue;
    edit_payload(model, {{"n", 1}, {"s", "x"}});
    resume(model, hub_.chance(50) ? "run_now" : "expire");
  }
  for (auto& node : nodes_) {
    hub_.clock.advance(Duration{1});
    node->tick_planner();
  }
  for (ScheduleModel& model : models_)
    if (!model.deleted) remove(model);
  for (int n = 0; n < kDrainSteps && !hub_.world.queue.rows().empty(); ++n) {
    hub_.clock.advance(std::chrono::seconds(1));
    for (auto& node : nodes_) {
      hub_.clock.advance(Duration{1});
      node->tick_worker();
    }
  }
}

/// However often a call was made, by whichever node: one run asks its one service under one key.
void Scenario::check_sink() {
  std::map<std::string, std::string> key_of;
  for (const auto& [key, count] : hub_.sink) {
    const std::string run = key.substr(0, 36);
    auto [it, first] = key_of.emplace(run, key);
    if (!first) wrong("run " + run + " called under two keys: " + it->second + " and " + key);
    const bool known = std::ranges::any_of(hub_.world.runs.rows(), [&](const auto& row) { return row.first.second.to_string() == run; });
    if (!known) wrong("a call of no run: " + key);
  }
}

}  // namespace carillon::simulation
