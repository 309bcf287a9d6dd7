#include "tests/simulation/hub/oracle.h"

#include <algorithm>

#include "tests/simulation/hub/audit.h"

namespace carillon::simulation {
namespace {

using schedules::Fire;
using schedules::Verdict;

/// However much a user allows, no more is caught up.
constexpr std::int64_t kCatchUpCapOfSpec = 1000;

/// One due time of the independent enumeration.
struct Due {
  Instant at;
  std::optional<Instant> following;
  /// Between the last settled time and the database clock of an earlier fact: the clock stepped back in between, and the
  /// due time may count as settled or not.
  bool doubtful = false;
};

/// One schedule's ledger and runs against its model.
class Audit {
 public:
  explicit Audit(const Case& the) : the_(the), model_(the.model), history_(the.history), fires_(the.fires), runs_(the.runs) {}

  void check() {
    const std::size_t before = the_.problems.size();
    enumerate();
    assign();
    for (const Recorded& row : fires_) check_row(row);
    for (std::size_t n = 0; n < due_.size(); ++n)
      if (!row_of_[n]) no_verdict(due_[n]);
    check_last_run();
    check_runs();
    check_manual_runs();
    check_backlog(the_);
    check_failures(the_);
    if (the_.problems.size() > before) the_.problems.push_back(model_.history() + the_.ledger());
  }

 private:
  void wrong(Instant t, std::uint64_t commit, const std::string& what) const { the_.wrong(t, commit, what); }
  void no_verdict(const Due& due) const {
    if (!due.doubtful && !(enough_ && due.at > settled_by(model_.over->commit))) wrong(due.at, UINT64_MAX, "a due time without a verdict");
  }

  /// The last due time that was recorded, or began to wait, by then.
  Instant settled_by(std::uint64_t commit) const {
    Instant last{INT64_MIN};
    for (const Recorded& row : fires_)
      if (row.decided() <= commit) last = std::max(last, row.fire->last_due_at.value_or(row.fire->due_at));
    return last;
  }

  /// A timing's due times lie strictly after its fact and after what was settled before, up to the next such fact.
  void enumerate() {
    Instant after{INT64_MIN}, latest{INT64_MIN};
    for (std::size_t n = 0; n < model_.facts.size(); ++n) {
      const Fact& fact = model_.facts[n];
      latest = std::max(latest, fact.moment.at);
      if (!fact.retimed) continue;
      Moment end = *model_.deleted;
      for (std::size_t later = n + 1; later < model_.facts.size(); ++later)
        if (model_.facts[later].retimed) {
          end = model_.facts[later].moment;
          break;
        }
      after = std::max(fact.moment.at, settled_by(fact.moment.commit));
      add_times(fact.after, after, std::max(end.at, settled_by(end.commit)), latest);
    }
  }

  void add_times(const ScheduleState& state, Instant after, Instant until, Instant doubtful_until) {
    if (until <= after) return;
    // A due time's grace and jitter end at the next one: it matters where it is that near.
    auto times = state.timing.due_times(after, until + state.jitter + std::chrono::minutes(10));
    std::erase_if(times, [&](Instant t) { return (state.start_at && t < *state.start_at) || (state.end_at && t >= *state.end_at); });
    for (std::size_t i = 0; i < times.size() && times[i] <= until; ++i)
      due_.push_back({times[i], i + 1 < times.size() ? std::optional(times[i + 1]) : std::nullopt, times[i] <= doubtful_until});
  }

  /// Due times one after the other that one decision found too late.
  struct Late {
    std::uint64_t decision = 0;
    std::vector<Instant> times;
    bool open = true;
  };

  /// Which line of the ledger covers which due time, what each decision found too late, and whether max_runs ended it.
  void assign() {
    row_of_.assign(due_.size(), nullptr);
    late_of_.assign(due_.size(), nullptr);
    std::size_t next = 0;
    for (const Recorded& row : fires_) {
      while (next < due_.size() && due_[next].at < row.fire->due_at) ++next;
      for (; next < due_.size() && due_[next].at <= row.fire->last_due_at.value_or(row.fire->due_at); ++next) {
        row_of_[next] = &row;
        join_late(row, next);
      }
    }
    const auto& max_runs = model_.now().max_runs;
    if (!model_.over || !max_runs) return;
    const std::uint64_t end = model_.over->commit;
    enough_ = std::ranges::count_if(fires_, [&](const Recorded& row) { return row.commit <= end && row.fire->verdict == Verdict::started; }) >= *max_runs;
  }

  void join_late(const Recorded& row, std::size_t n) {
    const Circumstances c = circumstances(row, due_[n]);
    // A deed settles what is planned for a moment later in decisions of their own.
    const bool goes_on = !late_.empty() && late_.back()->open && late_.back()->decision == row.decided() && c.by_jitter <= c.recorded.at;
    if (!is_missed(c)) {
      if (!late_.empty()) late_.back()->open = false;
      return;
    }
    if (!goes_on) late_.push_back(std::make_unique<Late>(Late{row.decided(), {}, true}));
    late_.back()->times.push_back(due_[n].at);
    late_of_[n] = late_.back().get();
  }

  /// Of max_runs: what has started, or waits for room, before that commit. What waits to be caught up gives way.
  std::int64_t used_by(std::uint64_t commit) const {
    return std::ranges::count_if(fires_, [&](const Recorded& row) {
      return row.decided() < commit && (row.commit >= commit ? !row.caught_up() : row.fire->verdict == Verdict::started);
    });
  }

  /// Among the newest that the missed policy takes, of those that the decision found too late.
  bool chosen(const Recorded& row, Instant due, const Late& late) const {
    const ScheduleState& state = model_.before(row.decided());
    std::int64_t most = std::min(state.catch_up, kCatchUpCapOfSpec);
    if (state.max_runs) {
      std::int64_t left = *state.max_runs - used_by(row.decided());
      for (const Recorded* other : the_.of_decision(row.decided()))
        left -= other->fire->due_at < late.times.front() && ((other->waited && !other->caught_up()) || other->fire->verdict == Verdict::started);
      most = std::min(most, left);
    }
    const auto newer = late.times.end() - std::ranges::upper_bound(late.times, due);
    const Instant now = row.waited ? row.waited->at : row.fire->fired_at;
    return newer < most && due >= now - state.catch_up_window;
  }

  void check_row(const Recorded& row) {
    const Fire& fire = *row.fire;
    std::int64_t covered = 0;
    auto first = std::ranges::lower_bound(due_, fire.due_at, {}, &Due::at);
    for (auto due = first; due != due_.end() && due->at <= fire.last_due_at.value_or(fire.due_at); ++due)
      if (row_of_[static_cast<std::size_t>(due - due_.begin())] == &row)
        check_due(row, *due, late_of_[static_cast<std::size_t>(due - due_.begin())], covered++ == 0);
    if (covered != fire.count)
      wrong(fire.due_at, row.commit, "the record " + describe_fire(fire, row.commit) + " counts " + std::to_string(fire.count) +
                                         " due times, there are " + std::to_string(covered) + " not yet recorded");
    if (enough_ && row.decided() > model_.over->commit) wrong(fire.due_at, row.commit, "recorded after the last run: " + describe_fire(fire, row.commit));
    const auto& max_runs = model_.before(row.commit).max_runs;
    if (fire.verdict == Verdict::started && ++started_ > max_runs.value_or(INT64_MAX)) wrong(fire.due_at, row.commit, "started more often than it may");
    const bool of_planner = !std::ranges::binary_search(history_.deeds, row.commit);
    for (const MaintenanceModel& m : history_.maintenance)
      if (fire.verdict == Verdict::started && of_planner && m.concerns(model_.tenant) && m.keeps(row.commit, fire.fired_at))
        wrong(fire.due_at, row.commit, "started in a maintenance: " + describe_fire(fire, row.commit));
  }

  /// Once as many have started as may, nothing more is decided, and the next round that nothing disturbs completes it.
  void check_last_run() const {
    const auto& max_runs = model_.now().max_runs;
    std::vector<std::uint64_t> starts;
    for (const Recorded& row : fires_)
      if (row.fire->verdict == Verdict::started) starts.push_back(row.commit);
    if (!max_runs || static_cast<std::int64_t>(starts.size()) < *max_runs) return;
    std::ranges::sort(starts);
    const std::uint64_t last = starts[static_cast<std::size_t>(*max_runs - 1)];
    for (const Recorded& row : fires_)
      if (row.decided() > last && row.fire->verdict != Verdict::paused && row.fire->verdict != Verdict::invalid)
        wrong(row.fire->due_at, row.commit, "decided after the last run: " + describe_fire(*row.fire, row.commit));
    if (model_.before(last + 1).held()) return;
    std::uint64_t until = std::min(model_.over ? model_.over->commit : UINT64_MAX, model_.deleted->commit);
    for (const Fact& fact : model_.facts)
      if (fact.moment.commit > last) until = std::min(until, fact.moment.commit);
    for (const GoodRound& round : history_.rounds)
      if (round.begin >= last && round.end < until && round.scan_at >= history_.latest_time(last) && !history_.in_maintenance(model_.tenant, round))
        return wrong(round.scan_at, round.end, "the round #" + std::to_string(round.begin) + " to #" + std::to_string(round.end) +
                                                   " did not complete it after its last run");
  }

  Circumstances circumstances(const Recorded& row, const Due& due) const {
    Circumstances c;
    const std::uint64_t commit = row.decided();
    c.due = due.at;
    c.following = due.following;
    c.recorded = {commit, row.waited ? row.waited->at : row.fire->fired_at};
    c.state = &model_.before(commit);
    c.by_deed = std::ranges::binary_search(history_.deeds, commit);
    c.by_hand = model_.by_hand_at(commit);
    const Duration room = due.following ? std::min(c.state->jitter, *due.following - due.at) : c.state->jitter;
    c.planned = c.by_jitter = due.at + jitter_offset(model_.id, due.at, room);
    if (c.by_deed) c.planned = std::min(c.planned, c.recorded.at);
    // Past a pause that was over its deletion finds what came after that, and settles it as any deed does.
    c.by_deletion = !row.waited && model_.deleted_in(commit) && !c.state->paused;
    for (const MaintenanceModel& m : history_.maintenance) {
      if (!m.concerns(model_.tenant)) continue;
      c.maintenance |= m.keeps(commit, due.at);
      c.planned_in_maintenance |= m.keeps(commit, c.planned);
      c.in_maintenance |= m.keeps(commit, c.recorded.at);
    }
    return c;
  }

  /// Who is in the room when its turn comes. Of one commit the earlier due times of the schedule are there first; others
  /// that share the room may be there or not.
  void look_around(const Recorded& row, Circumstances& c, bool others_first) const {
    const std::uint64_t commit = row.decided();
    const SimRoom& room = the_.room_at(commit);
    c.running = room.running(commit);
    for (const OneRun* r : room.runs())
      if (r->begun == commit && r->of_due_time())
        c.running += r->run->provenance.schedule == model_.id ? *r->run->provenance.due_at < c.due : others_first;
    for (const Recorded& other : fires_)
      if (other.waited && !other.caught_up())
        c.waiting += (other.waited->commit < commit && other.commit >= commit) || (other.waited->commit == commit && other.fire->due_at < c.due);
    // What began to wait and was superseded in one decision was never stored.
    for (const Recorded* other : the_.of_decision(commit))
      c.waiting += !other->waited && other->fire->verdict == Verdict::superseded && other->fire->due_at < c.due;
  }

  void check_due(const Recorded& row, const Due& due, const Late* late, bool first) const {
    const Fire& fire = *row.fire;
    Circumstances c = circumstances(row, due);
    c.chosen = late != nullptr && chosen(row, due.at, *late);
    if (row.caught_up()) c.planned = c.by_jitter;
    Circumstances others_first = c;
    if (!c.by_hand && !row.fire->last_due_at && !is_missed(c)) {
      look_around(row, c, false);
      look_around(row, others_first, true);
    }
    if (const Expectation expected = expected_verdict(c); !meets(row, expected) && !meets(row, expected_verdict(others_first)) && !held_meanwhile(row))
      wrong(due.at, row.commit, "expected " + (expected.verdict ? std::string(to_string(*expected.verdict)) : "to wait") + " (" +
                                    std::string(expected.reason) + "), the ledger says " + describe_fire(fire, row.commit) +
                                    (row.waited ? " after waiting (" + row.waited->waiting.reason + ") since #" + std::to_string(row.waited->commit) : "") +
                                    ": " + fire.reason);
    if (c.recorded.at < due.at) wrong(due.at, row.commit, "recorded before it was due: " + describe_fire(fire, row.commit));
    const bool alone = row.waited || fire.verdict == Verdict::started || fire.verdict == Verdict::skipped_overlap || (first && late != nullptr && !held_meanwhile(row));
    if (alone && !c.by_hand) {
      if (fire.planned_at != c.planned)
        wrong(due.at, row.commit, "planned for " + format_instant(fire.planned_at) + ", not " + format_instant(c.planned));
      if (c.recorded.at < c.planned && !c.by_deed) wrong(due.at, row.commit, "recorded before it was planned: " + describe_fire(fire, row.commit));
    }
    if (first && !c.by_deed) check_promise(row, c);
  }

  /// A deed that settles what is due may find that too many runs have failed, and records what the hold keeps.
  bool held_meanwhile(const Recorded& row) const {
    return row.fire->verdict == Verdict::paused && !row.waited && std::ranges::any_of(model_.facts, [&](const Fact& fact) {
      return fact.moment.commit == row.commit && (fact.after.failures || fact.clears_failures);
    });
  }

  static bool meets(const Recorded& row, const Expectation& expected) {
    if (!expected.verdict) {
      if (row.waited) return row.waited->waiting.reason == expected.reason;
      return row.fire->verdict == Verdict::superseded;  // check_backlog knows by what
    }
    return !row.waited && row.fire->verdict == *expected.verdict && row.fire->reason.find(expected.reason) != std::string::npos;
  }

  /// Who was up and could have recorded it, did.
  void check_promise(const Recorded& row, const Circumstances& c) const {
    const auto from = claimable_from(c);
    if (!from) return;
    const std::uint64_t decided = row.decided(), known = model_.last_before(decided).moment.commit;
    auto round = std::ranges::lower_bound(history_.rounds, known, {}, &GoodRound::begin);
    for (; round != history_.rounds.end() && round->begin < decided; ++round)
      if (round->end < decided && round->scan_at >= *from && !history_.in_maintenance(model_.tenant, *round))
        return wrong(c.due, row.commit, "the round at " + format_instant(round->scan_at) + " (#" + std::to_string(round->begin) + " to #" +
                                            std::to_string(round->end) + ") left it alone: " + describe_fire(*row.fire, row.commit));
  }

  void check_runs() {
    std::map<RunId, const Recorded*> starting;
    for (const Recorded& row : fires_) {
      if ((row.fire->verdict == Verdict::started) != row.fire->run.has_value())
        wrong(row.fire->due_at, row.commit, "only what started has a run: " + describe_fire(*row.fire, row.commit));
      if (row.fire->run && !starting.emplace(*row.fire->run, &row).second)
        wrong(row.fire->due_at, row.commit, "shares its run with another: " + describe_fire(*row.fire, row.commit));
    }
    for (const OneRun& r : runs_) {
      const Run& run = *r.run;
      if (run.provenance.retry_of) continue;  // it is what the first one was
      const ScheduleState& state = model_.before(r.begun);
      const bool by_key = state.scope == schedules::OverlapScope::key;
      if (run.provenance.scope != (by_key ? sim_key(run.input) : "")) wrong(run.created_at, r.begun, "its run counts in the room \"" + run.provenance.scope + "\"");
      if (run.version != state.version) wrong(run.created_at, r.begun, "ran version " + std::to_string(run.version) + ", not " + std::to_string(state.version));
      check_payload(r);
      if (run.provenance.schedule_name != state.name) wrong(run.created_at, r.begun, "its run calls it " + run.provenance.schedule_name);
      if (!r.of_due_time()) continue;
      const Instant due = run.provenance.due_at.value();
      auto it = starting.find(run.id);
      if (it == starting.end()) {
        wrong(due, r.begun, "run " + run.id.to_string() + " of no fire");
        continue;
      }
      const Fire& fire = *it->second->fire;
      if (run.provenance.reason != (it->second->caught_up() ? "catchup" : "scheduled")) wrong(due, r.begun, "its run exists because of " + run.provenance.reason);
      if (it->second->commit != r.begun || fire.due_at != due || run.created_at != fire.fired_at || run.provenance.fired_at != fire.fired_at)
        wrong(due, r.begun, "its run says something else than the ledger: " + describe_fire(fire, it->second->commit));
      if (run.input != state.payload) wrong(due, r.begun, "ran with " + run.input + ", not " + state.payload);
      starting.erase(it);
    }
    for (const auto& [id, row] : starting) wrong(row->fire->due_at, row->commit, "no run for " + describe_fire(*row->fire, row->commit));
  }

  /// What a run got is what its version asks for.
  void check_payload(const OneRun& r) {
    auto version = history_.versions.find({r.run->workflow, r.run->version});
    if (version == history_.versions.end()) return wrong(r.run->created_at, r.begun, "ran a version that nobody published");
    if (version->second.empty() || !parse_stored_json(r.run->input).contains(version->second))
      wrong(r.run->created_at, r.begun, "ran with a payload that its version does not take: " + r.run->input);
  }

  void check_manual_runs() {
    auto wanted = model_.manual_runs;
    for (const OneRun& r : runs_) {
      if (r.run->provenance.reason != "manual") continue;
      auto it = std::ranges::find_if(wanted, [&](const ManualRun& m) { return m.commit == r.begun && m.input == r.run->input; });
      if (it == wanted.end()) wrong(r.run->created_at, r.begun, "a manual run that nobody asked for: " + r.run->input);
      else wanted.erase(it);
    }
    for (const ManualRun& m : wanted) wrong({}, m.commit, "no run was made by hand with " + m.input);
  }

  const Case& the_;
  const ScheduleModel& model_;
  const History& history_;
  const std::vector<Recorded>& fires_;
  const std::vector<OneRun>& runs_;
  std::vector<Due> due_;
  std::vector<const Recorded*> row_of_;                      ///< of each due time
  std::vector<std::unique_ptr<Late>> late_;
  std::vector<const Late*> late_of_;                         ///< of each due time; nullptr where it was in time
  std::int64_t started_ = 0;
  bool enough_ = false;  ///< it ended because it had started as often as it may
};

void check_world(const memory::MemoryWorld& world, std::vector<std::string>& problems) {
  for (const auto& [key, entry] : world.queue.rows())
    problems.push_back("run " + key.second.to_string() + " never ended: visible at " + format_instant(entry.visible_at) + ", epoch " +
                       std::to_string(entry.epoch) + (entry.cancel_requested ? ", to be cancelled" : ""));
  for (const auto& [key, run] : world.runs.rows()) {
    if (!is_terminal(run.state)) problems.push_back("run " + run.id.to_string() + " is " + std::string(to_string(run.state)));
    else if (!run.ended_at) problems.push_back("run " + run.id.to_string() + " has no end");
  }
  std::map<TenantId, std::int64_t> seq;
  for (const auto& [key, batch] : world.events.rows())
    if (batch.seq != ++seq[batch.tenant]) problems.push_back("the change stream has a gap before " + std::to_string(batch.seq));
  for (const auto& [tenant, head] : world.event_heads.rows())
    if (head != seq[tenant]) problems.push_back("the change stream's head is not its newest batch");
  for (const auto& [key, waiting] : world.backlog.rows()) problems.push_back("of a deleted schedule waits " + format_instant(waiting.due_at));
  for (const auto& [key, registration] : world.registrations.rows())
    if (registration.registration.due_at) problems.push_back("a deleted schedule still has a promise");
}

}  // namespace

std::vector<std::string> find_violations(const memory::MemoryWorld& world, const History& history) {
  std::vector<std::string> problems;
  check_world(world, problems);
  std::size_t known = 0;
  const RoomBook rooms(world);
  for (const ScheduleModel& model : history.schedules) {
    const Case the(world, history, model, rooms, problems);
    Audit(the).check();
  }
  check_rooms(world, history, rooms, problems);
  for (const auto& [key, fire] : world.fires.rows())
    known += std::ranges::any_of(history.schedules, [&](const ScheduleModel& model) { return model.id == fire.schedule; });
  if (known != world.fires.rows().size()) problems.push_back("the ledger has fires of schedules that nobody made");
  return problems;
}

}  // namespace carillon::simulation
