#include "tests/simulation/hub/oracle.h"

#include <algorithm>

#include "tests/simulation/hub/verdict_rules.h"

namespace carillon::simulation {
namespace {

using schedules::Fire;
using schedules::Verdict;

constexpr std::size_t kLedgerShown = 40;

/// One due time of the independent enumeration.
struct Due {
  Instant at;
  std::optional<Instant> following;
  /// Between the last settled time and the database clock of an earlier fact: the clock stepped back in between, and the
  /// due time may count as settled or not.
  bool doubtful = false;
};

std::string describe_fire(const Fire& fire, std::uint64_t commit) {
  std::string out = "#" + std::to_string(commit) + " " + std::string(to_string(fire.verdict)) + " " + format_instant(fire.due_at);
  if (fire.last_due_at) out += " to " + format_instant(*fire.last_due_at) + " (" + std::to_string(fire.count) + ")";
  return out + " planned " + format_instant(fire.planned_at) + " recorded " + format_instant(fire.fired_at);
}

/// One schedule's ledger and runs against its model.
class Audit {
 public:
  Audit(const memory::MemoryWorld& world, const History& history, const ScheduleModel& model, std::vector<std::string>& problems)
      : history_(history), model_(model), problems_(problems) {
    const std::tuple first{model.tenant, model.id, Instant{INT64_MIN}};
    for (auto it = world.fires.rows().lower_bound(first); it != world.fires.rows().end(); ++it) {
      if (it->second.schedule != model.id) break;
      fires_.push_back({&it->second, *world.fire_commits.find(it->first)});
    }
    for (const auto& [key, run] : world.runs.rows()) {
      if (run.provenance.schedule != model.id) continue;
      const std::uint64_t* end = world.run_end_commits.find(key);
      runs_.push_back({&run, *world.run_commits.find(key), end ? *end : UINT64_MAX});
    }
  }

  void check() {
    const std::size_t before = problems_.size();
    enumerate();
    std::size_t next = 0;
    for (const Recorded& row : fires_) next = check_row(row, next);
    for (; next < due_.size(); ++next) no_verdict(due_[next]);
    check_runs();
    check_manual_runs();
    if (problems_.size() == before) return;
    problems_.push_back(model_.history());
    const std::size_t skipped = fires_.size() > kLedgerShown ? fires_.size() - kLedgerShown : 0;
    for (std::size_t n = skipped; n < fires_.size(); ++n)
      problems_.back() += "\n    ledger: " + describe_fire(*fires_[n].fire, fires_[n].commit);
  }

 private:
  struct Recorded {
    const Fire* fire;
    std::uint64_t commit;
  };
  struct OneRun {
    const Run* run;
    std::uint64_t begun, ended;
  };

  void wrong(Instant t, std::uint64_t commit, const std::string& what) {
    problems_.push_back(model_.now().name + " (" + model_.before(commit).timing.describe() + ") at " + format_instant(t) + ": " + what);
  }
  void no_verdict(const Due& due) {
    if (!completed_ && !due.doubtful) wrong(due.at, UINT64_MAX, "a due time without a verdict");
  }

  /// The last due time that was recorded by then.
  Instant settled_by(std::uint64_t commit) const {
    Instant last{INT64_MIN};
    for (const Recorded& row : fires_)
      if (row.commit <= commit) last = std::max(last, row.fire->last_due_at.value_or(row.fire->due_at));
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

  /// Answers the place of the first due time after those of the row.
  std::size_t check_row(const Recorded& row, std::size_t next) {
    const Fire& fire = *row.fire;
    for (; next < due_.size() && due_[next].at < fire.due_at; ++next) no_verdict(due_[next]);
    const Instant last = fire.last_due_at.value_or(fire.due_at);
    std::int64_t covered = 0;
    for (; next < due_.size() && due_[next].at <= last; ++next, ++covered) check_due(row, due_[next], covered == 0);
    if (covered != fire.count)
      wrong(fire.due_at, row.commit, "the record " + describe_fire(fire, row.commit) + " counts " + std::to_string(fire.count) +
                                         " due times, there are " + std::to_string(covered) + " not yet recorded");
    if (completed_) wrong(fire.due_at, row.commit, "recorded after the last run: " + describe_fire(fire, row.commit));
    const auto& max_runs = model_.before(row.commit).max_runs;
    if (fire.verdict == Verdict::started && ++started_ == max_runs) completed_ = true;
    return next;
  }

  Circumstances circumstances(const Recorded& row, const Due& due) const {
    Circumstances c;
    c.due = due.at;
    c.following = due.following;
    c.recorded = {row.commit, row.fire->fired_at};
    c.state = &model_.before(row.commit);
    c.by_deed = std::ranges::binary_search(history_.deeds, row.commit);
    c.by_hand = model_.by_hand_at(row.commit);
    const Duration room = due.following ? std::min(c.state->jitter, *due.following - due.at) : c.state->jitter;
    c.planned = due.at + jitter_offset(model_.id, due.at, room);
    if (c.by_deed) c.planned = std::min(c.planned, c.recorded.at);
    // Two runs of one commit: the earlier due time's is there first.
    c.running = std::ranges::any_of(runs_, [&](const OneRun& r) {
      if (r.begun == row.commit) return r.run->provenance.due_at && *r.run->provenance.due_at < due.at;
      return r.begun < row.commit && r.ended > row.commit;
    });
    return c;
  }

  void check_due(const Recorded& row, const Due& due, bool first) {
    const Fire& fire = *row.fire;
    const Circumstances c = circumstances(row, due);
    const Expectation expected = expected_verdict(c);
    if (fire.fired_at < due.at) wrong(due.at, row.commit, "recorded before it was due: " + describe_fire(fire, row.commit));
    if (fire.verdict != expected.verdict)
      wrong(due.at, row.commit, "expected " + std::string(to_string(expected.verdict)) + ", the ledger says " + describe_fire(fire, row.commit));
    else if (fire.reason.find(expected.reason) == std::string::npos)
      wrong(due.at, row.commit, "the reason does not say \"" + std::string(expected.reason) + "\": " + fire.reason);
    const bool alone = fire.verdict == Verdict::started || fire.verdict == Verdict::skipped_overlap;
    if (alone && !c.by_hand) {
      if (fire.planned_at != c.planned)
        wrong(due.at, row.commit, "planned for " + format_instant(fire.planned_at) + ", not " + format_instant(c.planned));
      if (fire.fired_at < c.planned) wrong(due.at, row.commit, "recorded before it was planned: " + describe_fire(fire, row.commit));
    }
    if (first && !c.by_deed) check_promise(row, c);
  }

  /// Who was up and could have recorded it, did.
  void check_promise(const Recorded& row, const Circumstances& c) {
    const auto from = claimable_from(c);
    if (!from) return;
    const std::uint64_t known = model_.last_before(row.commit).moment.commit;
    auto round = std::ranges::lower_bound(history_.rounds, known, {}, &GoodRound::begin);
    for (; round != history_.rounds.end() && round->begin < row.commit; ++round)
      if (round->end < row.commit && round->scan_at >= *from)
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
      const ScheduleState& state = model_.before(r.begun);
      if (run.version != state.version) wrong(run.created_at, r.begun, "ran version " + std::to_string(run.version) + ", not " + std::to_string(state.version));
      check_payload(r);
      if (run.provenance.schedule_name != state.name) wrong(run.created_at, r.begun, "its run calls it " + run.provenance.schedule_name);
      if (run.provenance.reason != "scheduled") continue;
      const Instant due = run.provenance.due_at.value();
      auto it = starting.find(run.id);
      if (it == starting.end()) {
        wrong(due, r.begun, "run " + run.id.to_string() + " of no fire");
        continue;
      }
      const Fire& fire = *it->second->fire;
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

  const History& history_;
  const ScheduleModel& model_;
  std::vector<std::string>& problems_;
  std::vector<Recorded> fires_;  ///< in order of their due times
  std::vector<OneRun> runs_;
  std::vector<Due> due_;
  std::int64_t started_ = 0;
  bool completed_ = false;
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
  for (const auto& [key, registration] : world.registrations.rows())
    if (registration.registration.due_at) problems.push_back("a deleted schedule still has a promise");
}

}  // namespace

std::vector<std::string> find_violations(const memory::MemoryWorld& world, const History& history) {
  std::vector<std::string> problems;
  check_world(world, problems);
  std::size_t known = 0;
  for (const ScheduleModel& model : history.schedules) Audit(world, history, model, problems).check();
  for (const auto& [key, fire] : world.fires.rows())
    known += std::ranges::any_of(history.schedules, [&](const ScheduleModel& model) { return model.id == fire.schedule; });
  if (known != world.fires.rows().size()) problems.push_back("the ledger has fires of schedules that nobody made");
  return problems;
}

}  // namespace carillon::simulation
