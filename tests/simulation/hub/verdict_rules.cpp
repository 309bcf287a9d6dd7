#include "tests/simulation/hub/verdict_rules.h"

#include <algorithm>

namespace carillon::simulation {

using schedules::MissedPolicy;
using schedules::OverlapPolicy;
using schedules::Verdict;

namespace {

constexpr Duration kLongestGrace = std::chrono::minutes(10);
constexpr std::int64_t kMostWaiting = 100;
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

bool is_missed(const Circumstances& c) {
  if (c.by_hand || c.by_deletion || c.state->deleted || c.state->invalid || c.state->failures || pause_keeps(c) || c.state->timing.kind == SimTiming::Kind::once) return false;
  // A deed settles what is due, but starts nothing in a maintenance.
  return c.maintenance || (c.by_deed && c.in_maintenance) || c.recorded.at - c.planned >= grace_of(c);
}

namespace {

Expectation expected_of_missed(const Circumstances& c) {
  const bool kept = c.by_deed && c.in_maintenance && c.recorded.at - c.planned < grace_of(c);
  const bool maintenance = c.maintenance || c.planned_in_maintenance || kept;
  switch (c.state->missed) {
    case MissedPolicy::skip:
      if (maintenance) return {Verdict::paused, "Maintenance"};
      return {Verdict::missed, "could not fire in time; the missed policy is skip"};
    case MissedPolicy::catchup:
      if (c.chosen) return {std::nullopt, "catchup"};
      return {Verdict::missed, "beyond what the missed policy catches up"};
    case MissedPolicy::fail:
      return {Verdict::missed, maintenance ? "Maintenance" : "counts it as a failure"};
  }
  return {};
}

Expectation expected_of_live(const Circumstances& c) {
  const std::int64_t limit = c.state->limit;
  const bool free = c.running == 0;
  switch (c.state->overlap) {
    case OverlapPolicy::allow:
      if (limit == 0 || c.running < limit) return {Verdict::started, ""};
      return {Verdict::skipped_overlap, "may run at a time"};
    case OverlapPolicy::skip:
      if (free) return {Verdict::started, ""};
      return {Verdict::skipped_overlap, "had not ended"};
    case OverlapPolicy::buffer_all:
      if (c.waiting >= std::min<std::int64_t>(limit > 0 ? limit : kMostWaiting, kMostWaiting)) return {Verdict::skipped_overlap, "wait already"};
      [[fallthrough]];
    case OverlapPolicy::buffer_one:
    case OverlapPolicy::cancel_other:
      if (free && c.waiting == 0) return {Verdict::started, ""};
      return {std::nullopt, "scheduled"};
  }
  return {};
}

}  // namespace

Expectation expected_verdict(const Circumstances& c) {
  const bool once = c.state->timing.kind == SimTiming::Kind::once;
  // What a user decides on resume for a one-time that had passed.
  if (c.by_hand) return {*c.by_hand, *c.by_hand == Verdict::started ? "on resume" : "while it was paused"};
  // Who brings it back records what came meanwhile.
  if (c.state->deleted && once) return {Verdict::expired, "while it was deleted"};
  if (c.state->deleted) return {Verdict::paused, "The schedule was deleted"};
  if (c.state->invalid) return {Verdict::invalid, ""};
  if (pause_keeps(c) || c.state->failures) return {Verdict::paused, ""};
  if (c.by_deletion) return {once ? Verdict::expired : Verdict::paused, "deleted before"};
  if (once && c.by_deed && c.in_maintenance) return {Verdict::paused, "Maintenance"};
  const Duration window = c.state->missed == MissedPolicy::catchup ? c.state->catch_up_window : kOneTimeWindow;
  if (once && c.recorded.at - c.planned > window) return {Verdict::expired, "Its time passed more than"};
  if (is_missed(c)) return expected_of_missed(c);
  return expected_of_live(c);
}

std::optional<Instant> claimable_from(const Circumstances& c) {
  if (c.state->deleted || c.state->invalid || c.state->failures) return std::nullopt;
  if (!c.state->paused) return c.planned;
  if (!c.state->paused->until) return std::nullopt;
  return c.due <= *c.state->paused->until ? *c.state->paused->until : std::max(*c.state->paused->until, c.planned);
}

}  // namespace carillon::simulation
