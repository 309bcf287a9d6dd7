#include "tests/simulation/hub/verdict_rules.h"

#include <algorithm>

namespace carillon::simulation {

using schedules::Verdict;

namespace {

constexpr Duration kLongestGrace = std::chrono::minutes(10);
constexpr Duration kOneTimeWindow = std::chrono::hours(24);

/// A pause with an end keeps what is due up to its end, however late somebody notices that it is over.
bool pause_keeps(const Circumstances& c) {
  const auto& pause = c.state->paused;
  if (!pause) return false;
  return !pause->until || c.recorded.at < *pause->until || c.due <= *pause->until;
}

}  // namespace

Duration grace_of(const Circumstances& c) {
  return c.following ? std::min(kLongestGrace, *c.following - c.due) : kLongestGrace;
}

Expectation expected_verdict(const Circumstances& c) {
  const bool once = c.state->timing.kind == SimTiming::Kind::once;
  const Duration late = c.recorded.at - c.planned;
  // What a user decides on resume for a one-time that had passed.
  if (c.by_hand) return {*c.by_hand, *c.by_hand == Verdict::started ? "on resume" : "while it was paused"};
  if (c.state->invalid) return {Verdict::invalid, ""};
  if (pause_keeps(c)) return {Verdict::paused, ""};
  if (once && late > kOneTimeWindow) return {Verdict::expired, "Its time passed more than"};
  if (!once && late >= grace_of(c)) return {Verdict::missed, "could not fire in time"};
  if (!c.state->overlap_allowed && c.running) return {Verdict::skipped_overlap, "had not ended"};
  return {Verdict::started, ""};
}

std::optional<Instant> claimable_from(const Circumstances& c) {
  if (c.state->invalid) return std::nullopt;
  if (!c.state->paused) return c.planned;
  if (!c.state->paused->until) return std::nullopt;
  return c.due <= *c.state->paused->until ? *c.state->paused->until : std::max(*c.state->paused->until, c.planned);
}

}  // namespace carillon::simulation
