#include "tests/simulation/hub/scenario.h"

#include <algorithm>

namespace carillon::simulation {
namespace {

constexpr int kDrainSteps = 4000;
constexpr std::int64_t kSecond = 1'000'000;

std::string code_name(ErrorCode code) { return std::to_string(static_cast<int>(code)); }

LifePlan plan_of(std::uint64_t seed) {
  // Chance of its own, so that the plan of a seed stays when something happens in another order.
  const auto rng = make_seeded_rng(seed * 2 + 1);
  return LifePlan::from(*rng);
}

}  // namespace

Scenario::Scenario(std::uint64_t seed) : Scenario(seed, plan_of(seed)) {}

Scenario::Scenario(std::uint64_t seed, const LifePlan& plan) : hub_(seed, plan.start), plan_(plan), places_(plan.nodes) {
  hub_.committing = [this](std::uint64_t commit) { notice(commit); };
}

std::vector<std::string> Scenario::play() {
  hub_.faults = false;
  set_up();
  hub_.faults = true;
  for (int n = 0; n < plan_.steps && problems_.empty(); ++n) {
    advance(n);
    step();
    compare_holds();
  }
  finish();
  check_sink();
  for (const std::string& broken : hub_.log.broken()) wrong(broken);
  std::ranges::sort(history_.rounds, {}, &GoodRound::begin);
  auto found = find_violations(hub_.world, history_);
  problems_.insert(problems_.end(), found.begin(), found.end());
  return problems_;
}

Duration Scenario::until_next_event() {
  std::optional<Duration> wait;
  auto at = [&](Duration in, Next next) {
    if (wait && *wait <= in) return;
    wait = in;
    next_ = next;
  };
  const Instant now = hub_.clock.now();
  // What waits is looked at all the time: not every look is an event.
  const bool backlog = hub_.chance(25);
  for (const auto& [key, row] : hub_.world.registrations.rows())
    if (row.registration.planned_at && (backlog || row.registration.lane == Lane::live)) at(*row.registration.planned_at - now, Next::planner);
  for (const auto& [key, entry] : hub_.world.queue.rows()) at(entry.visible_at - now, Next::worker);
  for (const Place& place : places_)
    if (auto answer = place.node ? place.node->next_answer() : std::nullopt) at(*answer - hub_.time.now(), Next::worker);
  return std::max(wait.value_or(plan_.idle), Duration{0});
}

/// The time that goes by before the next thing happens.
void Scenario::advance(int step) {
  next_ = Next::anything;
  const std::uint64_t dice = below(1000);
  // Who is behind sleeps through the rest: a year has more due times than there are steps.
  const Instant goal = plan_.goal(step);
  if (hub_.time.now() + plan_.idle < goal && hub_.chance(20)) return nobody_up_until(plan_.outage_end(*hub_.rng, hub_.time.now()));
  if (dice < 600) {
    const Duration wait = std::min(until_next_event(), plan_.outage);
    const std::uint64_t late = below(100);
    hub_.time.advance(wait + Duration{up_to(late < 80 ? 3 * kSecond : late < 95 ? 40 * kSecond : 900 * kSecond)});
  } else if (dice < 900) {
    hub_.time.advance(Duration{up_to(5 * kSecond)});
  } else if (dice < 955) {
    hub_.time.advance(Duration{up_to(std::min(until_next_event(), plan_.idle).count() + 1)});
  } else if (dice < 975) {
    hub_.time.advance(Duration{up_to(plan_.idle.count())});
  } else {
    befall();
  }
}

/// What happens to machines rather than in them.
void Scenario::befall() {
  switch (below(6)) {
    case 0:
      return nobody_up_until(plan_.outage_end(*hub_.rng, hub_.time.now()));
    case 1:
      hub_.database_back = hub_.time.now() + Duration{up_to(hub_.chance(70) ? 300 * kSecond : plan_.idle.count())};
      return;
    case 2:  // back; nothing may happen twice
      return hub_.clock.step(-Duration{up_to(hub_.chance(50) ? 90 * kSecond : 2 * 3600 * kSecond)});
    case 3:
      return hub_.clock.step(Duration{up_to(hub_.chance(50) ? 90 * kSecond : 2 * 3600 * kSecond)});
    case 4: {
      Place& place = places_[below(places_.size())];
      place.stalled_until = hub_.time.now() + Duration{up_to(plan_.idle.count())};
      return;
    }
    default:
      places_[below(places_.size())].node.reset();
      ++crashes_;
  }
}

void Scenario::nobody_up_until(Instant end) {
  for (Place& place : places_) place.node.reset();
  ++crashes_;
  hub_.time.set(std::max(end, hub_.time.now() + Duration{1}));
}

void Scenario::step() {
  for (Place& place : places_)
    if (!place.node && hub_.chance(10)) place.node = std::make_unique<SimNode>(hub_);
  const std::uint64_t dice = below(100);
  const bool planner = next_ == Next::planner ? dice < 75 : next_ == Next::worker ? dice < 10 : dice < 45;
  if (planner) with_node(&Scenario::planner_round);
  else if (dice < 85) with_node(&Scenario::worker_round);
  else user_action();
}

void Scenario::planner_round(Place& place) {
  const std::uint64_t failures = hub_.failures, begin = hub_.world.commits;
  const Instant scan_at = hub_.clock.now();
  place.node->tick_planner();
  if (hub_.failures == failures) history_.rounds.push_back({begin, hub_.world.commits, scan_at});
}

void Scenario::worker_round(Place& place) { place.node->tick_worker(); }

bool Scenario::anybody_free() const {
  return std::ranges::any_of(places_, [](const Place& place) { return !place.busy; });
}

Scenario::Place& Scenario::live_place() {
  const std::size_t first = below(places_.size());
  Place* free = nullptr;
  for (std::size_t n = 0; n < places_.size(); ++n) {
    Place& place = places_[(first + n) % places_.size()];
    if (place.busy) continue;
    if (place.node && place.stalled_until <= hub_.time.now()) return place;
    if (!free) free = &place;
  }
  free->node = std::make_unique<SimNode>(hub_);
  free->stalled_until = {};
  return *free;
}

void Scenario::tick(Place& place, const std::function<void(Scenario&, Place&)>& work) {
  // No two things happen at one instant.
  hub_.time.advance(Duration{1});
  if (!place.node || place.busy || place.stalled_until > hub_.time.now()) return;
  place.busy = true;
  try {
    work(*this, place);
  } catch (const memory::SimulatedCrash&) {
    ++crashes_;
    place.node.reset();
  }
  place.busy = false;
}

/// One node ticks; now and then another one ticks as well between two of its transactions, or a user does something.
void Scenario::with_node(const std::function<void(Scenario&, Place&)>& work) {
  const std::size_t place = below(places_.size());
  bool alone = false;
  hub_.between = [&] {
    if (alone || !hub_.chance(20)) return;
    alone = true;
    Place& other = places_[(place + 1 + below(places_.size() - 1)) % places_.size()];
    const std::uint64_t dice = below(100);
    if (dice < 45) tick(other, &Scenario::planner_round);
    else if (dice < 85) tick(other, &Scenario::worker_round);
    else user_action();
    hub_.time.advance(Duration{1});
    alone = false;
  };
  tick(places_[place], work);
  hub_.between = nullptr;
}

/// Others come before the one who waits for his first lock; answers whether they did.
bool Scenario::others_first() {
  if (waiting_ || !hub_.faults || !anybody_free() || !hub_.chance(18)) return false;
  ++overtaken_;
  waiting_ = true;
  for (std::int64_t n = up_to(3); n > 0; --n) {
    const std::uint64_t dice = below(100);
    if (dice < 60) user_action();
    else tick(live_place(), dice < 90 ? &Scenario::planner_round : &Scenario::worker_round);
  }
  hub_.time.advance(Duration{1});
  waiting_ = false;
  return true;
}

Scenario::Outcome Scenario::act(std::size_t tenant, const std::string& action, ActionRequest request, const std::function<void()>& look) {
  hub_.time.advance(Duration{1});
  Outcome out;
  Place& place = live_place();
  const SimNode* ticking = std::exchange(hub_.ticking, nullptr);
  const bool first = !acting_;
  place.busy = acting_ = true;
  if (first)
    hub_.before_lock = [&] {
      if (!others_first()) return;
      out.overtaken = true;
      if (look) look();
    };
  try {
    auto answer = place.node->call(action, who_[tenant], request);
    out.committed = answer.has_value();
    if (!answer) {
      out.refusal = answer.error().reason;
      if (answer.error().code == ErrorCode::internal || (answer.error().code == ErrorCode::unavailable && !hub_.faults))
        wrong(action + " failed with " + code_name(answer.error().code) + " " + out.refusal + ": " + answer.error().message);
    }
  } catch (const memory::SimulatedCrash&) {
    ++crashes_;
    place.node.reset();
    out.committed = hub_.last_fault == memory::Fault::crash_after_commit;
    out.refusal = "CRASH";
  }
  place.busy = false;
  if (first) {
    hub_.before_lock = nullptr;
    acting_ = false;
  }
  hub_.ticking = ticking;
  out.moment = {hub_.world.commits, out.committed ? hub_.committed_at : hub_.clock.now()};
  if (out.committed) history_.deeds.push_back(out.moment.commit);
  return out;
}

/// Everything comes to rest: nothing fails any more, every hold is lifted and every due time settled, all schedules are
/// deleted, and what runs may end.
void Scenario::finish() {
  if (hub_.time.now() < plan_.end) nobody_up_until(plan_.end);
  hub_.faults = false;
  for (Place& place : places_) {
    place.stalled_until = {};
    if (!place.node) place.node = std::make_unique<SimNode>(hub_);
  }
  for (std::size_t n = 0; n < history_.maintenance.size(); ++n) end_maintenance(n);
  for (Flow& flow : flows_) publish(flow, Shape::needs_n);
  for (ScheduleModel& model : history_.schedules) {
    if (model.deleted || over(model)) continue;
    edit_payload(model, {{"n", 1}, {"s", "x"}, {"g", 0}});
    resume(model, hub_.chance(50) ? "run_now" : "expire");
  }
  compare_holds();
  for (Place& place : places_) tick(place, &Scenario::planner_round);
  for (ScheduleModel& model : history_.schedules)
    if (!model.deleted) remove(model);
  auto promised = [this] {
    return std::ranges::any_of(hub_.world.registrations.rows(), [](const auto& entry) { return entry.second.registration.planned_at.has_value(); });
  };
  for (int n = 0; n < kDrainSteps && (promised() || !hub_.world.queue.rows().empty()); ++n) {
    hub_.time.advance(std::clamp(until_next_event(), Duration{kSecond}, Duration{86'400 * kSecond}));
    for (Place& place : places_) {
      tick(place, &Scenario::worker_round);
      tick(place, &Scenario::planner_round);
    }
  }
}

}  // namespace carillon::simulation
