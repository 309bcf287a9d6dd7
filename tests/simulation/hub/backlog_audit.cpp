// What waits for room: its end, its order, and that nobody forgets it.
#include <algorithm>

#include "tests/simulation/hub/audit.h"

namespace carillon::simulation {
namespace {

using schedules::OverlapPolicy;
using schedules::Verdict;

/// Who waits is looked at again after at most this.
constexpr Duration kSafetyLook = std::chrono::seconds(30);

class BacklogAudit {
 public:
  explicit BacklogAudit(const Case& the) : the_(the) {}

  void check() {
    for (const Recorded& row : the_.fires) {
      if (row.fire->verdict == Verdict::superseded) check_superseded(row);
      if (!row.waited) continue;
      check_end(row);
      check_caught_up(row);
      check_since(row);
      check_forgotten(row);
    }
  }

 private:
  void wrong(const Recorded& row, const std::string& what) const {
    the_.wrong(row.fire->due_at, row.commit, what + ": waited since #" + std::to_string(row.waited ? row.waited->commit : 0) + ", " +
                                                 describe_fire(*row.fire, row.commit));
  }

  void check_end(const Recorded& row) const {
    const ScheduleState& before = the_.model.before(row.commit);
    const ScheduleState& after = the_.model.before(row.commit + 1);
    switch (row.fire->verdict) {
      case Verdict::started: return check_start(row, before);
      case Verdict::superseded: return;
      case Verdict::paused:
        if (!before.paused && !before.failures && !after.paused && !after.failures && !the_.model.deleted_in(row.commit)) wrong(row, "nothing paused it");
        return;
      case Verdict::invalid:
        if (!before.invalid && !after.invalid) wrong(row, "nothing made it invalid");
        return;
      case Verdict::skipped_overlap:
        if (before.overlap != OverlapPolicy::skip || the_.room_at(row.commit).last_change(row.commit) == 0) wrong(row, "nothing stood in its way");
        return;
      default: wrong(row, "no end for who waits");
    }
  }

  void check_start(const Recorded& row, const ScheduleState& state) const {
    if (state.held()) wrong(row, "started while it was held");
    if (row.caught_up() && std::ranges::binary_search(the_.history.guarded, row.commit)) wrong(row, "caught up although the clock had just jumped");
    if (row.fire->reason.find(row.caught_up() ? "late" : "for room") == std::string::npos) wrong(row, "the reason says nothing of its waiting");
    for (const Recorded& other : the_.fires)
      if (other.waits_at(row.commit) && comes_first(other, row)) wrong(row, "started before its turn, " + describe_fire(*other.fire, other.commit) + " waits longer");
  }

  /// What is live comes before what is caught up; each oldest first.
  static bool comes_first(const Recorded& a, const Recorded& b) {
    return std::pair(a.caught_up(), a.fire->due_at) < std::pair(b.caught_up(), b.fire->due_at);
  }

  void check_superseded(const Recorded& row) const {
    const auto& max_runs = the_.model.before(row.commit).max_runs;
    const auto started = std::ranges::count_if(the_.fires, [&](const Recorded& r) { return r.commit <= row.commit && r.fire->verdict == Verdict::started; });
    if (row.waited && max_runs && started >= *max_runs) return;  // newer ones were sooner
    if (row.caught_up() && max_runs && newer_wait(row) >= *max_runs - started) return;  // newer ones have what is left
    const auto same = the_.of_decision(row.commit);
    const bool newer = std::ranges::any_of(same, [&](const Recorded* r) {
      return r->fire->due_at > row.fire->due_at && (r->waited || r->fire->verdict == Verdict::superseded);
    });
    if (!newer) wrong(row, "superseded by nothing newer");
    if (newer && row.caught_up() && !max_runs && caught_up_after(row.commit) < most_caught_up(row.commit)) wrong(row, "superseded though there was place for it");
  }

  /// Newer ones of what is caught up that wait beside it, or are decided with it.
  std::int64_t newer_wait(const Recorded& row) const {
    return std::ranges::count_if(the_.fires, [&](const Recorded& r) {
      return r.caught_up() && r.fire->due_at > row.fire->due_at && r.waited->commit < row.commit && r.commit >= row.commit;
    });
  }
  std::int64_t most_caught_up(std::uint64_t commit) const { return std::min<std::int64_t>(the_.model.before(commit).catch_up, 1000); }
  std::int64_t caught_up_after(std::uint64_t commit) const {
    return std::ranges::count_if(the_.fires, [&](const Recorded& r) { return r.caught_up() && r.waited->commit <= commit && r.commit > commit; });
  }

  /// With those of earlier outages that still wait, no more are to be caught up than the policy says.
  void check_caught_up(const Recorded& row) const {
    const std::uint64_t commit = row.waited->commit;
    if (row.caught_up() && caught_up_after(commit) > most_caught_up(commit)) wrong(row, "more than may be caught up wait with it");
  }

  /// The deadline of those that have to end counts from the first for whom they were asked to.
  void check_since(const Recorded& row) const {
    const Instant since = row.waited->waiting.since;
    if (since == row.waited->at) return;
    const bool inherited = std::ranges::any_of(the_.fires, [&](const Recorded& r) {
      return r.waited && r.commit == row.waited->commit && r.fire->verdict == Verdict::superseded && r.waited->waiting.since == since;
    });
    if (!inherited) wrong(row, "waits since " + format_instant(since) + ", which nobody did");
  }

  /// With the room free and its turn come, a round that nothing disturbed may not have passed it by.
  void check_forgotten(const Recorded& row) const {
    const auto& rounds = the_.history.rounds;
    auto round = std::ranges::lower_bound(rounds, row.waited->commit, {}, &GoodRound::begin);
    for (; round != rounds.end() && round->end < row.commit; ++round)
      if (had_to_act(row, *round))
        return wrong(row, "the round at " + format_instant(round->scan_at) + " (#" + std::to_string(round->begin) + " to #" +
                              std::to_string(round->end) + ") left it waiting");
  }

  bool had_to_act(const Recorded& row, const GoodRound& round) const {
    const ScheduleState& state = the_.model.before(round.begin + 1);
    if (state.held() || &state != &the_.model.before(round.end + 1)) return false;
    if (the_.history.in_maintenance(the_.model.tenant, round)) return false;
    for (const Recorded& other : the_.fires)
      if (other.waits_at(round.begin) && comes_first(other, row)) return false;
    const SimRoom& room = the_.rooms.room(the_.model, state);
    const std::uint64_t change = last_change(row, round.begin, room);
    const Instant quiet = the_.history.latest_time(change) + kSafetyLook;
    if (round.scan_at < quiet || last_change(row, round.end, room) != change) return false;
    const std::int64_t running = room.running(round.begin + 1);
    switch (state.overlap) {
      case OverlapPolicy::skip: return true;
      case OverlapPolicy::allow: return state.limit == 0 || running < state.limit;
      case OverlapPolicy::buffer_one:
      case OverlapPolicy::buffer_all: return running == 0;
      case OverlapPolicy::cancel_other: return running == 0 || (!row.caught_up() && round.scan_at >= row.waited->waiting.since + state.deadline + kSafetyLook);
    }
    return false;
  }

  /// The last commit up to that one that may have changed whose turn it is.
  std::uint64_t last_change(const Recorded& row, std::uint64_t commit, const SimRoom& room) const {
    std::uint64_t last = std::max(row.waited->commit, room.last_change(commit));
    for (const Fact& fact : the_.model.facts)
      if (fact.moment.commit <= commit) last = std::max(last, fact.moment.commit);
    for (const Recorded& r : the_.fires)
      for (const std::uint64_t change : {r.decided(), r.commit})
        if (change <= commit) last = std::max(last, change);
    for (const MaintenanceModel& m : the_.history.maintenance)
      if (m.concerns(the_.model.tenant) && m.end_commit <= commit) last = std::max(last, m.end_commit);
    if (!row.caught_up()) return last;
    const auto& guarded = the_.history.guarded;
    auto after = std::ranges::upper_bound(guarded, commit);
    return after == guarded.begin() ? last : std::max(last, *std::prev(after));
  }

  const Case& the_;
};

}  // namespace

void check_backlog(const Case& the) { BacklogAudit(the).check(); }

}  // namespace carillon::simulation
