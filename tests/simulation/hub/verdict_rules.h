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
  Instant by_jitter;  ///< where its jitter puts it, though a deed may settle it sooner
  Moment recorded;
  const ScheduleState* state = nullptr;  ///< as the recording commit found it
  bool by_deed = false;                  ///< recorded by a user's deed, which also settles what is planned for a moment later
  bool by_deletion = false;              ///< the deed was its deletion, and nobody had come to it before
  bool in_maintenance = false;           ///< the recording commit saw maintenance going on
  std::optional<schedules::Verdict> by_hand;  ///< what a user decided for a one-time that had passed
  bool maintenance = false;              ///< it lies in a maintenance
  bool planned_in_maintenance = false;   ///< where its jitter puts it does
  bool chosen = false;                   ///< it is among the newest that may be caught up
  std::int64_t running = 0;              ///< unfinished runs in its room
  std::int64_t waiting = 0;              ///< live due times of the schedule that wait for room already
};

/// Nothing as the verdict: it begins to wait, and the reason is that of the run it will become.
struct Expectation {
  std::optional<schedules::Verdict> verdict;
  std::string_view reason;  ///< a part of the reason that the ledger must give; "" where none is needed
  bool operator==(const Expectation&) const = default;
};

/// Grace of semantics.md: ten minutes, or up to the next due time where that is sooner.
Duration grace_of(const Circumstances& c);
/// Nobody could fire it in time, and nothing but the missed policy says what becomes of it.
bool is_missed(const Circumstances& c);

/// The one place where the verdict of a due time is decided. The first rule that applies, in this order; a new policy is
/// a new line here and a new member of ScheduleState or Circumstances.
Expectation expected_verdict(const Circumstances& c);

/// The planner may not leave it alone after this database time; nothing while a hold without an end keeps it.
std::optional<Instant> claimable_from(const Circumstances& c);

}  // namespace carillon::simulation
