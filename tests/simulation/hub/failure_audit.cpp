// Failures in a row, counted from the runs' ends and the ledger, against the holds and the alerts.
#include <algorithm>

#include "tests/simulation/hub/audit.h"

namespace carillon::simulation {
namespace {

using schedules::MissedPolicy;
using schedules::Verdict;

/// Failures in a row. What ended in one commit has no order, so there may be fewer or more.
struct InARow {
  std::int64_t fewest = 0, most = 0;
};

/// What one commit adds.
struct Change {
  bool cleared = false;
  std::int64_t succeeded = 0, failed = 0, missed = 0;
};

class FailureAudit {
 public:
  explicit FailureAudit(const Case& the) : the_(the) {
    for (const OneRun& r : the.runs) {
      if (r.ended == UINT64_MAX || the.rooms.retried(r.run->id)) continue;
      if (r.run->state == RunState::succeeded) ++changes_[r.ended].succeeded;
      if (r.run->state == RunState::failed || r.run->state == RunState::timed_out) ++changes_[r.ended].failed;
    }
    for (const Recorded& row : the.fires)
      if (row.fire->verdict == Verdict::missed && the.model.before(row.commit).missed == MissedPolicy::fail) {
        changes_[row.commit].missed += row.fire->count;
        missed_in_.insert(row.commit);
      }
    for (const Fact& fact : the.model.facts)
      if (fact.clears_failures) changes_[fact.moment.commit].cleared = true;
    InARow sum;
    for (const auto& [commit, change] : changes_) sums_[commit] = sum = after(sum, change);
  }

  void check() const {
    for (const Fact& fact : the_.model.facts) check_held(fact);
    for (const auto& [commit, sum] : sums_) check_not_held(commit, sum);
    for (const Recorded& row : the_.fires)
      if (row.fire->verdict == Verdict::started && !row.waited && !the_.model.by_hand_at(row.commit)) check_started(row);
    check_alerts();
  }

 private:
  static InARow after(InARow sum, const Change& change) {
    if (change.cleared) sum = {};
    // One commit either ends runs or records what was missed.
    if (change.succeeded > 0) sum = {0, change.failed};
    else sum = {sum.fewest + change.failed, sum.most + change.failed};
    // Who resumes may first settle what the schedule has missed.
    return {change.cleared ? 0 : sum.fewest + change.missed, sum.most + change.missed};
  }
  InARow by(std::uint64_t commit) const {
    auto it = sums_.upper_bound(commit);
    return it == sums_.begin() ? InARow{} : std::prev(it)->second;
  }

  void check_held(const Fact& fact) const {
    const ScheduleState& before = the_.model.before(fact.moment.commit);
    if (!fact.after.failures || before.failures) return;
    if (!before.hold_after_failures || by(fact.moment.commit).most < *before.hold_after_failures)
      the_.wrong(fact.moment.at, fact.moment.commit, "held for failures after at most " + std::to_string(by(fact.moment.commit).most));
  }

  void check_not_held(std::uint64_t commit, InARow sum) const {
    const ScheduleState& before = the_.model.before(commit);
    if (!before.hold_after_failures || before.failures || before.deleted || changes_.at(commit).failed == 0) return;
    if ((the_.model.over && the_.model.over->commit <= commit) || (the_.model.deleted && the_.model.deleted->commit <= commit)) return;
    if (sum.fewest >= *before.hold_after_failures && !the_.model.before(commit + 1).failures)
      the_.wrong({}, commit, std::to_string(sum.fewest) + " failures in a row, and it is not held");
  }

  void check_started(const Recorded& row) const {
    const auto& most = the_.model.before(row.commit).hold_after_failures;
    if (most && by(row.commit - 1).fewest >= *most)
      the_.wrong(row.fire->due_at, row.commit, "started after " + std::to_string(by(row.commit - 1).fewest) + " failures in a row");
  }

  void check_alerts() const {
    std::size_t missed = 0, held = 0, holds = 0, lapsed = 0;
    for (const auto& [number, row] : the_.world.alerts.rows()) {
      if (row.alert.object_id != the_.model.id.value) continue;
      missed += row.alert.code == "FIRES_MISSED";
      held += row.alert.code == "HELD_AFTER_FAILURES";
    }
    for (std::size_t n = 1; n < the_.model.facts.size(); ++n) holds += the_.model.facts[n].after.failures && !the_.model.facts[n - 1].after.failures;
    // Who resumes may find the pause over and too many failed, and lifts that hold in the same commit.
    for (const Fact& fact : the_.model.facts) lapsed += fact.what == "the pause is over";
    if (held < holds || held > holds + lapsed) the_.wrong({}, UINT64_MAX, std::to_string(held) + " alerts say that it was held for failures, it was " + std::to_string(holds) + " times");
    if (missed + held < missed_in_.size() || (missed > 0 && missed_in_.empty()))
      the_.wrong({}, UINT64_MAX, std::to_string(missed) + " alerts tell of what it missed, there should be " + std::to_string(missed_in_.size()));
  }

  const Case& the_;
  std::map<std::uint64_t, Change> changes_;
  std::map<std::uint64_t, InARow> sums_;
  std::set<std::uint64_t> missed_in_;
};

}  // namespace

void check_failures(const Case& the) { FailureAudit(the).check(); }

}  // namespace carillon::simulation
