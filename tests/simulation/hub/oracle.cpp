#include "tests/simulation/hub/oracle.h"

#include <algorithm>

namespace carillon::simulation {
namespace {

using schedules::Fire;
using schedules::Verdict;

constexpr Duration kGrace = std::chrono::minutes(10);

template <class T>
const T& value_at(const std::vector<std::pair<Instant, T>>& timeline, Instant t) {
  auto it = std::ranges::upper_bound(timeline, t, {}, &std::pair<Instant, T>::first);
  return std::prev(it)->second;
}

/// A change settles what was due under the old value in its own transaction, so at that very instant both are right.
template <class T>
bool was(const std::vector<std::pair<Instant, T>>& timeline, Instant t, const T& value) {
  return value_at(timeline, t) == value || (timeline.front().first < t && value_at(timeline, t - Duration{1}) == value);
}

/// One schedule's ledger against its model.
class Audit {
 public:
  Audit(const memory::MemoryWorld& world, const ScheduleModel& model, std::vector<std::string>& problems)
      : model_(model), problems_(problems) {
    for (const auto& [key, fire] : world.fires.rows())
      if (fire.schedule == model.id) fires_.push_back(&fire);
    for (const auto& [key, run] : world.runs.rows())
      if (run.provenance.schedule == model.id) runs_.push_back(&run);
    for (const auto& [key, batch] : world.events.rows())
      for (const auto& event : batch.events)
        if (event["topic"] == "runs" && event["patch"].contains("state") &&
            is_terminal(*parse_run_state(event["patch"]["state"].get<std::string>())))
          end_committed_[*RunId::parse(event["id"].get<std::string>())] = batch.at;
  }

  void check() {
    const std::size_t before = problems_.size();
    enumerate();
    std::size_t next = 0;
    for (const Fire* fire : fires_) next = check_fire(*fire, next);
    for (; next < due_.size(); ++next) no_verdict(due_[next].at);
    check_runs();
    if (problems_.size() == before) return;
    problems_.push_back(model_.history());
    for (const Fire* fire : fires_) problems_.back() += "\n    ledger: " + describe(*fire);
  }

 private:
  struct Due {
    Instant at;
    std::optional<Instant> following;
  };

  void wrong(Instant t, const std::string& what) {
    problems_.push_back(model_.name + " (" + value_at(model_.timings, std::max(t, model_.timings.front().first)).describe() +
                        ") at " + format_instant(t) + ": " + what);
  }
  void no_verdict(Instant t) {
    if (!completed_) wrong(t, "a due time without a verdict");
  }

  void enumerate() {
    const Instant end = *model_.deleted;
    for (std::size_t n = 0; n < model_.timings.size(); ++n) {
      const auto& [from, timing] = model_.timings[n];
      const Instant until = n + 1 < model_.timings.size() ? model_.timings[n + 1].first : end;
      auto times = timing.due_times(from, until + std::chrono::hours(25));
      if (model_.end_at) std::erase_if(times, [&](Instant t) { return t >= *model_.end_at; });
      for (std::size_t i = 0; i < times.size() && times[i] <= until; ++i)
        due_.push_back({times[i], i + 1 < times.size() ? std::optional(times[i + 1]) : std::nullopt});
    }
  }

  /// Answers the place of the first due time after those of the fire.
  std::size_t check_fire(const Fire& fire, std::size_t next) {
    for (; next < due_.size() && due_[next].at < fire.due_at; ++next) no_verdict(due_[next].at);
    const Instant last = fire.last_due_at.value_or(fire.due_at);
    std::int64_t covered = 0;
    for (; next < due_.size() && due_[next].at <= last; ++next, ++covered) check_verdict(fire, due_[next]);
    if (covered != fire.count)
      wrong(fire.due_at, "the record " + describe(fire) + " counts " + std::to_string(fire.count) + " due times, there are " +
                             std::to_string(covered) + " not yet recorded");
    if (completed_) wrong(fire.due_at, "recorded " + describe(fire) + " after the last run");
    if (fire.verdict == Verdict::started && model_.max_runs && ++started_ == *model_.max_runs) completed_ = true;
    return next;
  }

  static std::string describe(const Fire& fire) {
    std::string out(to_string(fire.verdict));
    out += " " + format_instant(fire.due_at);
    if (fire.last_due_at) out += " to " + format_instant(*fire.last_due_at);
    return out + " recorded at " + format_instant(fire.fired_at);
  }

  void check_verdict(const Fire& fire, const Due& due) {
    const Instant recorded = fire.fired_at;
    const bool by_hand = model_.settled_by_hand == recorded;
    const bool once = value_at(model_.timings, due.at - Duration{1}).kind == SimTiming::Kind::once;
    const Duration grace = due.following ? std::min(kGrace, *due.following - due.at) : kGrace;
    if (recorded < due.at) wrong(due.at, "recorded before it was due: " + describe(fire));
    switch (fire.verdict) {
      case Verdict::started:
      case Verdict::skipped_overlap:
        if (by_hand) break;
        if (model_.held_at(recorded)) wrong(due.at, "fired while held: " + describe(fire));
        if (fire.planned_at < due.at || fire.planned_at > due.at + model_.jitter ||
            (due.following && fire.planned_at >= *due.following))
          wrong(due.at, "planned out of its jitter, for " + format_instant(fire.planned_at));
        if (!once && recorded - fire.planned_at >= grace) wrong(due.at, "fired beyond grace: " + describe(fire));
        break;
      case Verdict::missed:
        if (once || recorded - due.at < grace) wrong(due.at, "missed within grace: " + describe(fire));
        if (model_.held_at(recorded)) wrong(due.at, "missed while held: " + describe(fire));
        break;
      case Verdict::paused:
      case Verdict::invalid:
        if (!model_.held_within(due.at, recorded)) wrong(due.at, "nothing held it: " + describe(fire));
        break;
      case Verdict::expired:
        if (!once || (!by_hand && recorded - due.at <= std::chrono::hours(24))) wrong(due.at, "expired too early: " + describe(fire));
        break;
      default:
        wrong(due.at, "an unexpected verdict: " + describe(fire));
    }
    if (!model_.overlap_allowed && !by_hand) check_overlap(fire, due);
  }

  void check_overlap(const Fire& fire, const Due& due) {
    auto unfinished = [&](const Run* run) {
      auto ended = end_committed_.find(run->id);
      return run->id != fire.run && run->created_at <= fire.fired_at &&
             (ended == end_committed_.end() || ended->second > fire.fired_at);
    };
    const bool running = std::ranges::any_of(runs_, unfinished);
    if (fire.verdict == Verdict::started && running) wrong(due.at, "started beside another run: " + describe(fire));
    if (fire.verdict == Verdict::skipped_overlap && !running) wrong(due.at, "skipped beside nothing: " + describe(fire));
  }

  void check_runs() {
    std::map<RunId, const Fire*> starting;
    for (const Fire* fire : fires_) {
      if ((fire->verdict == Verdict::started) != fire->run.has_value())
        wrong(fire->due_at, "only what started has a run: " + describe(*fire));
      if (fire->run) starting[*fire->run] = fire;
    }
    for (const Run* run : runs_) {
      if (run->provenance.reason != "scheduled") continue;
      const Instant due = run->provenance.due_at.value();
      auto it = starting.find(run->id);
      if (it == starting.end()) {
        wrong(due, "run " + run->id.to_string() + " of no fire");
        continue;
      }
      const Fire& fire = *it->second;
      starting.erase(it);
      if (fire.due_at != due || run->created_at != fire.fired_at || run->provenance.fired_at != fire.fired_at)
        wrong(due, "its run says something else than the ledger: " + describe(fire));
      if (!was(model_.payloads, run->created_at, run->input)) wrong(due, "ran with " + run->input + ", not the payload of then");
      if (!was(model_.bindings, run->created_at, run->version))
        wrong(due, "ran version " + std::to_string(run->version) + ", not the one it was bound to");
    }
    for (const auto& [id, fire] : starting) wrong(fire->due_at, "no run for " + describe(*fire));
  }

  const ScheduleModel& model_;
  std::vector<std::string>& problems_;
  std::vector<const Fire*> fires_;  ///< in time order
  std::vector<const Run*> runs_;
  std::map<RunId, Instant> end_committed_;
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
    else if (!run.ended_at || *run.ended_at < run.created_at) problems.push_back("run " + run.id.to_string() + " has no sane end");
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

std::string ScheduleModel::history() const {
  std::map<Instant, std::string> lines;
  for (const auto& [t, timing] : timings) lines[t] += " timing " + timing.describe();
  for (const auto& [t, payload] : payloads) lines[t] += " payload " + payload;
  for (const auto& [t, version] : bindings) lines[t] += " version " + std::to_string(version);
  auto add = [&](const std::vector<Span>& spans, const std::string& what) {
    for (const Span& span : spans) {
      lines[span.from] += " " + what;
      if (span.to) lines[*span.to] += " " + what + " no longer";
    }
  };
  add(paused, "paused");
  add(invalid, "invalid");
  if (settled_by_hand) lines[*settled_by_hand] += " settled by hand";
  if (deleted) lines[*deleted] += " deleted";
  std::string out = "history of " + name + ", jitter " + describe_duration(jitter) + ":";
  for (const auto& [t, line] : lines) out += "\n    " + format_instant(t) + line;
  return out;
}

bool ScheduleModel::held_at(Instant t) const {
  // What a hold's own transaction settles first is not held yet.
  auto at = [&](const Span& span) { return span.from < t && span.contains(t); };
  return std::ranges::any_of(paused, at) || std::ranges::any_of(invalid, at);
}

bool ScheduleModel::held_within(Instant from, Instant to) const {
  auto within = [&](const Span& span) { return span.from <= to && (!span.to || *span.to >= from); };
  return std::ranges::any_of(paused, within) || std::ranges::any_of(invalid, within);
}

std::vector<std::string> find_violations(const memory::MemoryWorld& world, const std::vector<ScheduleModel>& models) {
  std::vector<std::string> problems;
  check_world(world, problems);
  for (const ScheduleModel& model : models) Audit(world, model, problems).check();
  std::size_t fires = 0;
  for (const auto& [key, fire] : world.fires.rows())
    fires += std::ranges::any_of(models, [&](const ScheduleModel& model) { return model.id == fire.schedule; });
  if (fires != world.fires.rows().size()) problems.push_back("the ledger has fires of schedules that nobody made");
  return problems;
}

}  // namespace carillon::simulation
