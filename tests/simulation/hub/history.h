#pragma once
#include <optional>
#include <string>
#include <vector>

#include "plugins/schedules/model.h"
#include "tests/simulation/hub/sim_timing.h"

namespace carillon::simulation {

/// When something was committed. What came first is told by the number of the commit: the database's clock may step.
struct Moment {
  std::uint64_t commit = 0;
  Instant at;  ///< the database's clock
};

/// What holds for one schedule between two facts. A policy joins as a member here.
struct ScheduleState {
  std::string name;
  SimTiming timing;
  std::optional<Instant> start_at, end_at;
  Duration jitter{0};
  std::optional<std::int64_t> max_runs;
  schedules::MissedPolicy missed = schedules::MissedPolicy::skip;
  std::int64_t catch_up = 1;  ///< so many at most
  Duration catch_up_window = std::chrono::hours(24);
  schedules::OverlapPolicy overlap = schedules::OverlapPolicy::skip;
  schedules::OverlapScope scope = schedules::OverlapScope::schedule;
  std::int64_t limit = 0;
  Duration deadline = std::chrono::seconds(60);
  std::optional<std::int64_t> hold_after_failures;
  std::string payload;
  std::int64_t version = 0;
  struct Pause {
    std::optional<Instant> until;
  };
  std::optional<Pause> paused;
  bool invalid = false;
  bool failures = false;  ///< held because runs failed
  std::optional<Instant> deleted;  ///< since then, until it was brought back
  bool held() const { return paused || invalid || failures || deleted; }
  /// Nothing but one run at a time is allowed in its room.
  bool alone() const { return overlap != schedules::OverlapPolicy::allow; }
};

/// Something that happened to a schedule and changed its state. Facts come from what users did and what was committed,
/// not from the rows that are judged by them.
struct Fact {
  Moment moment;
  std::string what;
  ScheduleState after;
  bool clears_failures = false;  ///< from here on failures in a row are counted anew
  bool retimed = false;  ///< from here on the due times are those of a new timing
  std::optional<schedules::Verdict> by_hand;  ///< what a user decided for the one-time that had passed
};

/// A run that somebody asked for.
struct ManualRun {
  std::uint64_t commit = 0;
  std::string input;
};

/// One schedule's whole life.
struct ScheduleModel {
  TenantId tenant;
  ScheduleId id;
  WorkflowId workflow;
  std::vector<Fact> facts;  ///< in order of their commits, the first is its creation
  std::vector<ManualRun> manual_runs;
  std::optional<Moment> deleted;  ///< for good: it was not brought back since
  std::optional<Moment> over;  ///< when it was first seen as completed or expired

  const ScheduleState& now() const { return facts.back().after; }
  /// What held when the commit began; a commit's own facts come after what it settles.
  const ScheduleState& before(std::uint64_t commit) const { return last_before(commit).after; }
  const Fact& last_before(std::uint64_t commit) const;
  /// What a user decided in that very commit for a one-time that had passed.
  std::optional<schedules::Verdict> by_hand_at(std::uint64_t commit) const;
  /// Whether that commit deleted it.
  bool deleted_in(std::uint64_t commit) const;
  /// Notes a fact: the state of now with `change` applied.
  template <class Change>
  Fact& note(Moment moment, std::string what, Change&& change) {
    Fact fact{moment, std::move(what), facts.empty() ? ScheduleState{} : now(), false, false, std::nullopt};
    change(fact.after);
    facts.push_back(std::move(fact));
    return facts.back();
  }
  /// What happened to it, for people.
  std::string history() const;
};

/// A stretch in which nothing of the tenant, or of the hub, fires.
struct MaintenanceModel {
  std::optional<TenantId> tenant;  ///< nothing for the hub
  Instant since;
  std::optional<Instant> ended;
  std::uint64_t begun = 0, end_commit = UINT64_MAX;

  bool concerns(TenantId whom) const { return !tenant || *tenant == whom; }
  /// Whether somebody who commits as that number sees it going on at that time.
  bool keeps(std::uint64_t commit, Instant t) const {
    return begun < commit && since <= t && (end_commit >= commit || t < *ended);
  }
};

/// A round of a node's planner that nothing disturbed: what was due when it began is recorded when it ends.
struct GoodRound {
  std::uint64_t begin = 0, end = 0;  ///< numbers of the last commits before and in it
  Instant scan_at;
};

}  // namespace carillon::simulation
