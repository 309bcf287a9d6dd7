#include "tests/pg/kill/ledger.h"

#include <algorithm>

namespace carillon::test {
namespace {

constexpr Duration kGrace = std::chrono::minutes(10);
/// A run's end is written down when its last step ends, and is known to fires when that is committed. So much may lie
/// between the two while nodes are killed and the database is away.
constexpr Duration kUntilKnown = std::chrono::seconds(20);
constexpr std::size_t kShown = 20;

Instant micros(const std::string& text) { return Instant{std::stoll(text)}; }
std::optional<Instant> micros_or_none(const std::string& text) { return text.empty() ? std::nullopt : std::optional(micros(text)); }
std::string as_micros(const std::string& column) { return "(extract(epoch from " + column + ") * 1000000)::bigint"; }

std::vector<Duration> longest_silences(const Ledger& ledger) {
  std::vector<Instant> times;
  for (const auto& [_, list] : ledger.fires)
    for (const auto& fire : list) times.push_back(fire.fired);
  std::ranges::sort(times);
  std::vector<Duration> out;
  for (std::size_t n = 1; n < times.size(); ++n) out.push_back(times[n] - times[n - 1]);
  std::ranges::sort(out, std::greater());
  out.resize(std::min<std::size_t>(out.size(), 3));
  return out;
}

/// The law for one schedule.
class Court {
 public:
  Court(const LoadSchedule& schedule, const std::vector<SeenFire>& fires, const std::vector<SeenRun>& runs, Judgement& out)
      : s_(schedule), fires_(fires), runs_(runs), out_(out) {}

  void sit() {
    std::size_t at = 0;  // the next due time nobody has answered for
    for (const auto& fire : fires_) {
      const std::size_t first = at;
      while (at < s_.due.size() && s_.due[at] <= fire.last_due.value_or(fire.due)) ++at;
      out_.verdicts[fire.verdict] += static_cast<std::size_t>(fire.count);
      if (first == at || s_.due[first] != fire.due) {
        accuse(fire.due, "is recorded, and is not the next due time: too much, or something before it is missing");
        continue;
      }
      if (fire.last_due ? s_.due[at - 1] != *fire.last_due || static_cast<std::int64_t>(at - first) != fire.count : fire.count != 1)
        accuse(fire.due, "is a stretch of " + std::to_string(fire.count) + ", but there are " + std::to_string(at - first));
      for (std::size_t n = first; n < at; ++n) weigh(n, fire);
    }
    if (at < s_.due.size()) accuse(s_.due[at], "has no record, and " + std::to_string(s_.due.size() - at - 1) + " after it neither");
    check_runs();
  }
  const std::vector<Duration>& lateness() const { return lateness_; }  ///< of the started

 private:
  void accuse(Instant due, const std::string& what) {
    ++out_.problem_count;
    if (out_.problems.size() < kShown) out_.problems.push_back(s_.name + " " + s_.id + ": " + format_instant(due) + " " + what);
  }

  /// How late it may be and still has to start: semantics.md, "Missed".
  std::optional<Duration> grace(std::size_t n) const {
    if (s_.timing["kind"] == "once") return std::nullopt;
    return n + 1 < s_.due.size() ? std::min(kGrace, s_.due[n + 1] - s_.due[n]) : kGrace;
  }

  void weigh(std::size_t n, const SeenFire& fire) {
    const Instant due = s_.due[n];
    const Duration late = fire.fired - due;
    const auto limit = grace(n);
    const bool in_time = !limit || late < *limit;
    if (late < Duration{0}) accuse(due, "fired " + describe_duration(-late) + " early");
    if (fire.verdict == "started") {
      if (!in_time) accuse(due, "was started " + describe_duration(late) + " late, beyond its grace");
      if (fire.run.empty()) accuse(due, "was started without a run");
      if (s_.overlap_skip && busy_for_certain(due, fire.fired)) accuse(due, "was started beside a run that had not ended");
      lateness_.push_back(late);
    } else if (fire.verdict == "missed") {
      if (in_time) accuse(due, "is missed though it was only " + describe_duration(late) + " late");
    } else if (fire.verdict == "skipped_overlap") {
      if (!s_.overlap_skip) accuse(due, "was skipped for an overlap that is allowed");
      else if (!busy_perhaps(fire.fired)) accuse(due, "was skipped, but no run was under way");
    } else {
      accuse(due, "has the verdict " + fire.verdict + ", which nothing here explains");
    }
    if (fire.verdict != "started" && !fire.run.empty()) accuse(due, "has a run and the verdict " + fire.verdict);
  }

  bool busy_perhaps(Instant at) const {
    return std::ranges::any_of(runs_, [&](const SeenRun& run) { return run.created <= at && (!run.ended || *run.ended + kUntilKnown > at); });
  }
  bool busy_for_certain(Instant due, Instant at) const {
    return std::ranges::any_of(runs_, [&](const SeenRun& run) {
      return run.due != format_instant(due) && run.created < at && (!run.ended || *run.ended - kUntilKnown > at);
    });
  }

  /// Each run belongs to one started fire, each started fire to one run, and all of them came to their end.
  void check_runs() {
    std::map<std::string, std::string> started;  // due time by run
    for (const auto& fire : fires_)
      if (fire.verdict == "started") started[fire.run] = format_instant(fire.due);
    std::map<std::string, int> of_due;
    for (const auto& run : runs_) {
      const Instant due = parse_instant(run.due).value_or(Instant{});
      if (++of_due[run.due] > 1) accuse(due, "has more than one run");
      const auto it = started.find(run.id);
      if (it == started.end() || it->second != run.due) accuse(due, "has a run that no fire names: " + run.id);
      if (run.state != RunState::succeeded) accuse(due, "has a run that is " + std::string(to_string(run.state)));
      out_.taken_over += run.takeovers > 0 ? 1 : 0;
    }
    if (started.size() != runs_.size())
      accuse(s_.due.empty() ? Instant{} : s_.due[0], "and later: " + std::to_string(started.size()) + " started fires, " + std::to_string(runs_.size()) + " runs");
    out_.runs += runs_.size();
  }

  const LoadSchedule& s_;
  const std::vector<SeenFire>& fires_;
  const std::vector<SeenRun>& runs_;
  Judgement& out_;
  std::vector<Duration> lateness_;
};

}  // namespace

Ledger read_ledger(const std::string& url) {
  Ledger out;
  for (const auto& row : query(url, "SELECT schedule_id, " + as_micros("due_at") + ", " + as_micros("fired_at") + ", " + as_micros("last_due_at") +
                                        ", count, verdict, run_id FROM fires ORDER BY due_at"))
    out.fires[row[0]].push_back({micros(row[1]), micros(row[2]), micros_or_none(row[3]), std::stoll(row[4]), row[5], row[6]});
  for (const auto& row : query(url, "SELECT schedule_id, id, provenance::json ->> 'due_at', " + as_micros("created_at") + ", " + as_micros("ended_at") +
                                        ", state, takeovers FROM runs WHERE schedule_id IS NOT NULL ORDER BY created_at, id"))
    out.runs[row[0]].push_back({row[1], row[2], micros(row[3]), micros_or_none(row[4]), static_cast<RunState>(std::stoi(row[5])), std::stoi(row[6])});
  return out;
}

Judgement judge(const Ledger& ledger, const std::vector<LoadSchedule>& load) {
  Judgement out;
  const std::vector<SeenFire> no_fires;
  const std::vector<SeenRun> no_runs;
  std::vector<Duration> lateness;
  std::size_t known = 0, all = 0;
  for (const auto& schedule : load) {
    const auto f = ledger.fires.find(schedule.id);
    const auto r = ledger.runs.find(schedule.id);
    const auto& fires = f == ledger.fires.end() ? no_fires : f->second;
    const auto& runs = r == ledger.runs.end() ? no_runs : r->second;
    known += fires.size() + runs.size();
    Court court(schedule, fires, runs, out);
    court.sit();
    lateness.insert(lateness.end(), court.lateness().begin(), court.lateness().end());
  }
  for (const auto& [_, list] : ledger.fires) all += list.size();
  for (const auto& [_, list] : ledger.runs) all += list.size();
  if (all != known) {
    ++out.problem_count;
    out.problems.push_back(std::to_string(all - known) + " fires and runs belong to no schedule of the load");
  }
  out.silences = longest_silences(ledger);
  std::ranges::sort(lateness);
  if (lateness.empty()) return out;
  out.late_median = lateness[lateness.size() / 2];
  out.late_p99 = lateness[lateness.size() * 99 / 100];
  out.late_most = lateness.back();
  return out;
}

std::string Judgement::text() const {
  std::string out;
  for (const auto& [verdict, count] : verdicts) out += std::to_string(count) + " " + verdict + ", ";
  out += std::to_string(runs) + " runs (" + std::to_string(taken_over) + " taken over); started late by " + describe_duration(late_median) +
         " (median), " + describe_duration(late_p99) + " (99 %), " + describe_duration(late_most) + " (most); no fire for";
  for (const Duration silence : silences) out += " " + describe_duration(silence);
  for (const auto& problem : problems) out += "\n  " + problem;
  if (problem_count > problems.size()) out += "\n  and " + std::to_string(problem_count - problems.size()) + " more";
  return out;
}

}  // namespace carillon::test
