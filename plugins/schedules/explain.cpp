#include "plugins/schedules/explain.h"

#include "plugins/schedules/input.h"

namespace carillon::schedules {
namespace {

using Outcome = Check::Result;

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

/// The checks, in the order the planner makes them.
class Explainer {
 public:
  Explainer(const Facts& facts, const Recurrence& recurrence) : f_(facts), s_(facts.schedule), recurrence_(recurrence) {}

  Explanation run() {
    const auto due = recurrence_.next(f_.at - Duration{1});
    out_.previous_due_at = recurrence_.last_at_or_before(f_.at - Duration{1});
    out_.next_due_at = recurrence_.next(f_.at);
    existed();
    if (!due || *due != f_.at) {
      timing_does_not_name_it();
      return std::move(out_);
    }
    out_.due_at = f_.at;
    out_.planned_at = f_.fire && f_.fire->count == 1 ? f_.fire->planned_at : planned_at(s_.id, f_.at, out_.next_due_at, s_.jitter);
    check("timing", Outcome::passed, "Its timing names this moment.");
    runs_left();
    holds();
    maintenance();
    in_time();
    overlap();
    hub();
    conclude();
    return std::move(out_);
  }

 private:
  void check(const char* code, Outcome result, std::string text) { out_.checks.push_back({code, result, std::move(text)}); }
  bool past() const { return f_.at <= f_.now; }

  void existed() {
    if (f_.at < s_.created_at) check("existed", Outcome::failed, "It was created later, at " + format_instant(s_.created_at) + ".");
    else if (f_.version_at && f_.version_action != "schedules.create")
      check("existed", Outcome::passed, "Revision " + std::to_string(f_.version) + " was in force, saved by " + f_.version_by + " at " + format_instant(*f_.version_at) + ".");
    else check("existed", Outcome::passed, "It existed, as it was created.");
  }

  void timing_does_not_name_it() {
    std::string text = "Its timing names no occurrence at " + format_instant(f_.at) + ".";
    if (s_.bounds.start && f_.at < *s_.bounds.start) text = "It starts only at " + format_instant(*s_.bounds.start) + ".";
    if (s_.bounds.end && f_.at >= *s_.bounds.end) text = "It ended at " + format_instant(*s_.bounds.end) + ".";
    if (std::holds_alternative<Manual>(s_.timing)) text = "It has no times: it is started by hand only.";
    check("timing", Outcome::failed, text);
    out_.outcome = "not_due";
    out_.summary = text;
    if (out_.next_due_at) out_.summary += " The next is at " + format_instant(*out_.next_due_at) + ".";
  }

  void runs_left() {
    if (!s_.max_runs) return;
    check("max_runs", s_.holds.contains(HoldKind::completed) ? Outcome::failed : Outcome::passed,
          "It may start " + std::to_string(*s_.max_runs) + " runs in all.");
  }

  /// The holds of the version in force that still hold at the moment.
  void holds() {
    for (const auto& [kind, hold] : s_.holds) {
      if (hold.since > f_.at || (hold.until && *hold.until <= f_.at)) continue;
      if (kind == HoldKind::completed && f_.fire) continue;  // put on by this very fire
      blocked_ = true;
      check("hold", Outcome::failed,
            "Held (" + std::string(to_string(kind)) + ") since " + format_instant(hold.since) + (hold.actor.empty() ? "" : " by " + hold.actor) + ": " + hold.reason);
      return;
    }
    check("hold", Outcome::passed, "Nothing holds it.");
  }

  void maintenance() {
    for (const auto& m : f_.maintenance) {
      if (m.since > f_.at || (m.end() && *m.end() <= f_.at)) continue;
      blocked_ = true;
      check("maintenance", Outcome::failed, "Maintenance since " + format_instant(m.since) + ": " + m.reason + " The missed policy (" +
                                                std::string(to_string(s_.missed)) + ") decides on what came due meanwhile.");
      return;
    }
    check("maintenance", Outcome::passed, "No maintenance.");
  }

  void in_time() {
    Duration grace = f_.policy.grace;
    if (out_.next_due_at) grace = std::min(grace, *out_.next_due_at - f_.at);
    if (!f_.fire) {
      if (past() && !f_.waiting) check("in_time", Outcome::unknown, "It has not been handled yet; within " + describe_duration(grace) + " it fires normally.");
      return;
    }
    const Duration late = std::max(Duration{0}, f_.fire->fired_at - *out_.planned_at);
    const bool in_time = late < grace;
    check("in_time", in_time ? Outcome::passed : Outcome::failed,
          "Handled " + describe_duration(late) + " after its planned time; the grace is " + describe_duration(grace) + ".");
  }

  void overlap() {
    const std::string policy(to_string(s_.overlap));
    if (f_.fire && (f_.fire->verdict == Verdict::skipped_overlap || f_.fire->verdict == Verdict::superseded))
      return check("overlap", Outcome::failed, f_.fire->reason);
    if (f_.fire && f_.fire->verdict == Verdict::started) return check("overlap", Outcome::passed, "There was room (overlap policy " + policy + ").");
    if (f_.waiting) return check("overlap", Outcome::unknown, "It waits for room since " + format_instant(f_.waiting->since) + " (overlap policy " + policy + ").");
    if (f_.fire) return;
    check("overlap", f_.running > 0 && s_.overlap != OverlapPolicy::allow ? Outcome::unknown : Outcome::passed,
          f_.running > 0 ? std::to_string(f_.running) + " unfinished run(s) in its scope now; the overlap policy is " + policy + "."
                         : "No unfinished run in its scope now.");
  }

  void hub() {
    if (f_.fire || f_.waiting) return;
    check("hub", f_.node_alive ? Outcome::passed : Outcome::failed,
          f_.node_alive ? "A node is there to fire it." : "No node that fires has been seen for half a minute.");
  }

  void conclude() {
    if (f_.fire) {
      out_.outcome = to_string(f_.fire->verdict);
      out_.summary = summary_of(*f_.fire);
      replay();
    } else if (f_.waiting) {
      out_.outcome = "waiting";
      out_.summary = "It waits for room, and starts once there is some.";
    } else if (f_.at < s_.created_at) {
      out_.outcome = "not_due";
      out_.summary = "The schedule did not exist yet.";
    } else if (past()) {
      out_.outcome = blocked_ ? "will_not_start" : "undecided";
      out_.summary = blocked_ ? "It was held; the record is written when the hold ends." : "It is due and has not been handled yet.";
    } else {
      out_.outcome = blocked_ ? "will_not_start" : "will_start";
      out_.summary = blocked_ ? "It will not start as things stand." : "It will start" + std::string(f_.running > 0 ? ", if there is room by then." : ".");
    }
  }

  static std::string summary_of(const Fire& fire) {
    if (fire.verdict == Verdict::started) {
      const Duration late = std::max(Duration{0}, fire.fired_at - fire.planned_at);
      return "It started " + (late < Duration{1'000'000} ? std::string("on time") : describe_duration(late) + " late") + "." + (fire.reason.empty() ? "" : " " + fire.reason);
    }
    std::string out = "Verdict " + quoted(std::string(to_string(fire.verdict))) + ": " + fire.reason;
    if (fire.count > 1) out += " One record stands for " + std::to_string(fire.count) + " due times.";
    return out;
  }

  /// Decides again, under the revision, policies and limits of then. Only for what was decided at its own time; what a
  /// hold or a queue of waiting ones settled later has no decision of its own.
  void replay() {
    const Fire& fire = *f_.fire;
    if (fire.verdict == Verdict::paused || fire.verdict == Verdict::invalid || fire.verdict == Verdict::superseded || fire.verdict == Verdict::error) return;
    if (fire.verdict == Verdict::started && !fire.reason.empty()) return;
    FireView view;
    view.schedule = s_;
    view.schedule.holds.clear();
    RoomView room;
    if (!fire.detail.empty()) {
      const Json detail = parse_stored_json(fire.detail);
      room.running = detail.value("running", std::int64_t{0});
      view.running = room.running > 0;
    }
    const Decision again = decide(view, room, recurrence_, {fire.due_at, fire.planned_at}, {fire.fired_at, f_.policy, f_.maintenance, false});
    for (const auto& one : again.fires)
      if (one.due_at <= f_.at && f_.at <= one.last_due_at.value_or(one.due_at)) out_.replayed = one.verdict;
  }

  const Facts& f_;
  const Schedule& s_;
  const Recurrence& recurrence_;
  bool blocked_ = false;
  Explanation out_;
};

}  // namespace

Explanation explain(const Facts& facts, const Recurrence& recurrence) { return Explainer(facts, recurrence).run(); }

Schedule at_version(const Schedule& current, const ScheduleVersion& version) {
  Schedule out = current;
  out.catch_up = {};
  out.room = {};
  out.run_settings = {};
  const auto read = read_settings(version.document, out);
  if (!read) throw std::runtime_error("a kept version cannot be read: " + read.error().message);
  out.timing = timing_from_stored(version.document.at("timing"));
  out.bound_version = version.document.value("bound_version", current.bound_version);
  out.revision = version.revision;
  out.holds.clear();
  for (const auto& entry : version.document.at("holds")) {
    Hold hold;
    hold.reason = entry.value("reason", "");
    if (entry["actor"].is_string()) hold.actor = entry["actor"];
    hold.since = parse_instant(entry.value("since", "")).value_or(Instant{});
    if (entry["until"].is_string()) hold.until = parse_instant(entry["until"].get<std::string>());
    if (auto kind = parse_hold_kind(entry.value("kind", ""))) out.holds[*kind] = std::move(hold);
  }
  return out;
}

}  // namespace carillon::schedules
