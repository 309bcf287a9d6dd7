#pragma once
#include <optional>
#include <string_view>

#include "tests/simulation/hub/history.h"

namespace carillon::simulation {

/// All that the verdict on one due time depends on: facts, and the moment in which somebody got to it.
struct Circumstances {
  Instant due;
  std::optional<Instant> following;  ///< the next due time of the same timing, within its bounds
  Instant planned;
  Moment recorded;
  const ScheduleState* state = nullptr;  ///< as the recording commit found it
  bool by_deed = false;                  ///< recorded by a user's deed, which also settles what is planned for a moment later
  std::optional<schedules::Verdict> by_hand;  ///< what a user decided for a one-time that had passed
  bool running = false;                  ///< a run in the schedule's overlap scope had not ended
};

struct Expectation {
  schedules::Verdict verdict;
  std::string_view reason;  ///< a part of the reason that the ledger must give; "" where none is needed
};

/// Grace of semantics.md: ten minutes, or up to the next due time where that is sooner.
Duration grace_of(const Circumstances& c);

/// The one place where the verdict of a due time is decided. The first rule that applies, in this order; a new policy is
/// a new line here and a new member of ScheduleState or Circumstances.
Expectation expected_verdict(const Circumstances& c);

/// The planner may not leave it alone after this database time; nothing while a hold without an end keeps it.
std::optional<Instant> claimable_from(const Circumstances& c);

}  // namespace carillon::simulation
