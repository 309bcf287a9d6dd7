#include "plugins/schedules/explain.h"

#include "plugins/schedules/input.h"

namespace carillon::schedules {
namespace {

using Outcome = Check::Result;

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
    check("timing", Outcome::passed, say(Phrase::timing_names_it));
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
  void check(const char* code, Outcome result, Words words) { out_.checks.push_back({code, result, std::move(words)}); }
  bool past() const { return f_.at <= f_.now; }

  void existed() {
    if (f_.at < s_.created_at) check("existed", Outcome::failed, say(Phrase::created_later, {{"created_at", format_instant(s_.created_at)}}));
    else if (f_.version_at && f_.version_action != "schedules.create")
      check("existed", Outcome::passed,
            say(Phrase::revision_in_force, {{"revision", f_.version}, {"actor", f_.version_by}, {"saved_at", format_instant(*f_.version_at)}}));
    else check("existed", Outcome::passed, say(Phrase::existed_as_created));
  }

  void timing_does_not_name_it() {
    Words why = say(Phrase::timing_names_nothing, {{"at", format_instant(f_.at)}});
    if (s_.bounds.start && f_.at < *s_.bounds.start) why = say(Phrase::starts_later, {{"start_at", format_instant(*s_.bounds.start)}});
    if (s_.bounds.end && f_.at >= *s_.bounds.end) why = say(Phrase::has_ended, {{"end_at", format_instant(*s_.bounds.end)}});
    if (std::holds_alternative<Manual>(s_.timing)) why = say(Phrase::by_hand_only);
    check("timing", Outcome::failed, why);
    out_.outcome = "not_due";
    out_.summary = why;
    if (out_.next_due_at) out_.summary = say(Phrase::not_due_next, {{"reason", to_json(why)}, {"next_at", format_instant(*out_.next_due_at)}});
  }

  void runs_left() {
    if (!s_.max_runs) return;
    check("max_runs", s_.holds.contains(HoldKind::completed) ? Outcome::failed : Outcome::passed,
          say(Phrase::runs_in_all, {{"count", *s_.max_runs}}));
  }

  /// The holds of the version in force that still hold at the moment.
  void holds() {
    for (const auto& [kind, hold] : s_.holds) {
      if (hold.since > f_.at || (hold.until && *hold.until <= f_.at)) continue;
      if (kind == HoldKind::completed && f_.fire) continue;  // put on by this very fire
      blocked_ = true;
      Json params{{"hold", to_string(kind)}, {"since_at", format_instant(hold.since)}, {"reason", to_json(words_of(hold))}};
      if (!hold.actor.empty()) params["actor"] = hold.actor;
      return check("hold", Outcome::failed, say(hold.actor.empty() ? Phrase::held_since : Phrase::held_by, std::move(params)));
    }
    check("hold", Outcome::passed, say(Phrase::not_held));
  }

  void maintenance() {
    for (const auto& m : f_.maintenance) {
      if (m.since > f_.at || (m.end() && *m.end() <= f_.at)) continue;
      blocked_ = true;
      return check("maintenance", Outcome::failed,
                   say(Phrase::maintenance_since,
                       {{"since_at", format_instant(m.since)}, {"reason", m.reason}, {"missed_policy", to_string(s_.missed)}}));
    }
    check("maintenance", Outcome::passed, say(Phrase::no_maintenance));
  }

  void in_time() {
    Duration grace = f_.policy.grace;
    if (out_.next_due_at) grace = std::min(grace, *out_.next_due_at - f_.at);
    if (!f_.fire) {
      if (past() && !f_.waiting) check("in_time", Outcome::unknown, say(Phrase::not_handled_in_grace, {{"grace_ms", whole_ms(grace)}}));
      return;
    }
    const Duration late = std::max(Duration{0}, f_.fire->fired_at - *out_.planned_at);
    const bool in_time = late < grace;
    check("in_time", in_time ? Outcome::passed : Outcome::failed,
          say(Phrase::handled_after, {{"late_ms", whole_ms(late)}, {"grace_ms", whole_ms(grace)}}));
  }

  void overlap() {
    const Json policy = to_string(s_.overlap);
    if (f_.fire && (f_.fire->verdict == Verdict::skipped_overlap || f_.fire->verdict == Verdict::superseded))
      return check("overlap", Outcome::failed, words_of(*f_.fire));
    if (f_.fire && f_.fire->verdict == Verdict::started) return check("overlap", Outcome::passed, say(Phrase::had_room, {{"overlap_policy", policy}}));
    if (f_.waiting)
      return check("overlap", Outcome::unknown,
                   say(Phrase::waits_since, {{"since_at", format_instant(f_.waiting->since)}, {"overlap_policy", policy}}));
    if (f_.fire) return;
    check("overlap", f_.running > 0 && s_.overlap != OverlapPolicy::allow ? Outcome::unknown : Outcome::passed,
          f_.running > 0 ? say(Phrase::unfinished_in_scope, {{"running", f_.running}, {"overlap_policy", policy}}) : say(Phrase::none_unfinished));
  }

  void hub() {
    if (f_.fire || f_.waiting) return;
    check("hub", f_.node_alive ? Outcome::passed : Outcome::failed, say(f_.node_alive ? Phrase::node_there : Phrase::no_node));
  }

  void conclude() {
    if (f_.fire) {
      out_.outcome = to_string(f_.fire->verdict);
      out_.summary = summary_of(*f_.fire);
      replay();
    } else if (f_.waiting) {
      out_.outcome = "waiting";
      out_.summary = say(Phrase::waits_for_room);
    } else if (f_.at < s_.created_at) {
      out_.outcome = "not_due";
      out_.summary = say(Phrase::did_not_exist);
    } else if (past()) {
      out_.outcome = blocked_ ? "will_not_start" : "undecided";
      out_.summary = say(blocked_ ? Phrase::held_until_over : Phrase::not_handled_yet);
    } else {
      out_.outcome = blocked_ ? "will_not_start" : "will_start";
      out_.summary = say(blocked_ ? Phrase::will_not_start : f_.running > 0 ? Phrase::will_start_if_room : Phrase::will_start);
    }
  }

  static Words summary_of(const Fire& fire) {
    Json params = Json::object();
    if (!fire.reason.empty()) params["reason"] = to_json(words_of(fire));
    if (fire.verdict == Verdict::started) {
      const Duration late = std::max(Duration{0}, fire.fired_at - fire.planned_at);
      if (late < Duration{1'000'000}) return say(fire.reason.empty() ? Phrase::started_on_time : Phrase::started_on_time_because, std::move(params));
      params["late_ms"] = whole_ms(late);
      return say(fire.reason.empty() ? Phrase::started_late : Phrase::started_late_because, std::move(params));
    }
    params["reason"] = to_json(words_of(fire));
    params["verdict"] = to_string(fire.verdict);
    if (fire.count == 1) return say(Phrase::verdict_given, std::move(params));
    params["count"] = fire.count;
    return say(Phrase::verdict_given_for_stretch, std::move(params));
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
    hold.code = entry.value("reason_code", "");
    if (!hold.code.empty()) hold.params = entry.value("reason_params", Json::object());
    if (entry["actor"].is_string()) hold.actor = entry["actor"];
    hold.since = parse_instant(entry.value("since", "")).value_or(Instant{});
    if (entry["until"].is_string()) hold.until = parse_instant(entry["until"].get<std::string>());
    if (auto kind = parse_hold_kind(entry.value("kind", ""))) out.holds[*kind] = std::move(hold);
  }
  return out;
}

}  // namespace carillon::schedules
