#include "plugins/schedules/explain.h"

#include <algorithm>

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
    const bool named = due && *due == f_.at;
    if (!named && !recorded()) {
      timing_does_not_name_it();
      backfill();
      add_backfill();
      return std::move(out_);
    }
    out_.due_at = f_.at;
    out_.planned_at = f_.fire && f_.fire->count == 1 ? f_.fire->planned_at : planned_at(s_.id, f_.at, out_.next_due_at, s_.jitter);
    check("timing", Outcome::passed,
          named ? say(Phrase::timing_names_it) : say(Phrase::timing_named_it, {{"then", f_.zone_data}, {"now", f_.zone_data_now}}));
    if (!deleted() && f_.at >= s_.created_at) conditions();
    backfill();
    conclude();
    return std::move(out_);
  }

 private:
  void check(const char* code, Outcome result, Words words) { out_.checks.push_back({code, result, std::move(words)}); }
  bool past() const { return f_.at <= f_.now; }
  bool deleted() const { return f_.in_force && f_.in_force->action == kDeleteAction; }

  /// In the ledger by time zone data that named other moments.
  bool recorded() const {
    return f_.fire && f_.zone_data != f_.zone_data_now && (f_.fire->due_at == f_.at || f_.fire->last_due_at == f_.at);
  }

  static Words revision(Phrase phrase, const ScheduleVersion& v) {
    return say(phrase, {{"revision", v.revision}, {"actor", v.actor}, {"saved_at", format_instant(v.at)}});
  }

  void existed() {
    if (f_.at < s_.created_at) check("existed", Outcome::failed, say(Phrase::created_later, {{"created_at", format_instant(s_.created_at)}}));
    else if (deleted())
      check("existed", Outcome::failed, say(Phrase::deleted_by_then, {{"deleted_at", format_instant(f_.in_force->at)}, {"actor", f_.in_force->actor}}));
    else if (f_.in_force && f_.in_force->action != "schedules.create") check("existed", Outcome::passed, revision(Phrase::revision_in_force, *f_.in_force));
    else check("existed", Outcome::passed, say(Phrase::existed_as_created));
  }

  void conditions() {
    if (f_.decided) check("decided", Outcome::passed, revision(Phrase::decided_under, *f_.decided));
    runs_left();
    holds();
    maintenance();
    in_time();
    overlap();
    hub();
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
    const auto over = s_.holds.find(HoldKind::completed);
    const bool used_up = over != s_.holds.end() && !f_.fire && over->second.since <= f_.at && over->second.code != name_of(Phrase::end_reached);
    const Json params{{"count", *s_.max_runs}, {"started", f_.started}};
    if (used_up || f_.fire || f_.waiting || past()) return check("max_runs", used_up ? Outcome::failed : Outcome::passed, say(Phrase::runs_in_all, params));
    // Each due time before it may take one.
    const std::int64_t before = recurrence_.count_between(f_.now + Duration{1}, f_.at, *s_.max_runs + 1);
    const bool left = f_.started + before < *s_.max_runs;
    blocked_ = !left;
    Json with_before = params;
    with_before["before"] = before;
    check("max_runs", left ? Outcome::passed : Outcome::failed, before > 0 ? say(Phrase::runs_in_all_before, with_before) : say(Phrase::runs_in_all, params));
  }

  /// The hold of then; else the one that came over it before it was handled.
  void holds() {
    for (const auto& [kind, hold] : s_.holds) {
      if (hold.since > f_.at || (hold.until && *hold.until <= f_.at)) continue;
      const bool over = kind == HoldKind::completed || kind == HoldKind::expired;
      if (over && f_.fire) continue;  // put on by this very fire
      if (over) over_ = words_of(hold);
      return held(kind, hold.since, hold.actor, words_of(hold));
    }
    if (f_.fire && settled_by_hold(*f_.fire)) return held_by_record();
    if (unsettled()) {
      const auto first = std::ranges::min_element(f_.holds_now, {}, [](const auto& entry) { return entry.second.since; });
      return held(first->first, first->second.since, first->second.actor, words_of(first->second));
    }
    check("hold", Outcome::passed, say(Phrase::not_held));
  }

  /// It had come, and nobody handled it before the holds of now.
  bool unsettled() const { return !f_.fire && !f_.waiting && past() && f_.at > f_.settled_until && !f_.holds_now.empty(); }

  void held(HoldKind kind, Instant since, const std::string& actor, const Words& reason) {
    blocked_ = true;
    Json params{{"hold", to_string(kind)}, {"since_at", format_instant(since)}, {"reason", to_json(reason)}};
    if (!actor.empty()) params["actor"] = actor;
    const bool after = since > f_.at;
    check("hold", Outcome::failed,
          say(actor.empty() ? after ? Phrase::held_after : Phrase::held_since : after ? Phrase::held_after_by : Phrase::held_by, std::move(params)));
  }

  void held_by_record() {
    const Words reason = words_of(*f_.fire);
    const Json hold = f_.fire->detail.empty() ? Json() : parse_stored_json(f_.fire->detail).value("hold", Json());
    if (hold.is_null()) return check("hold", Outcome::failed, reason);  // from before records kept it
    held(parse_hold_kind(hold.value("kind", "")).value_or(HoldKind::user), parse_instant(hold.value("since", "")).value_or(Instant{}),
         hold.value("actor", ""), reason);
  }

  const Maintenance* maintenance_at(Instant t) const {
    for (const auto& m : f_.maintenance)
      if (m.since <= t && (!m.end() || t < *m.end())) return &m;
    return nullptr;
  }

  void maintenance() {
    const Maintenance* m = maintenance_at(f_.at);
    const bool when_due = m != nullptr;
    if (!m) m = maintenance_at(*out_.planned_at);
    if (!m) return check("maintenance", Outcome::passed, say(Phrase::no_maintenance));
    Json params{{"since_at", format_instant(m->since)}, {"reason", m->reason}};
    const bool started = f_.fire && f_.fire->verdict == Verdict::started;
    // Only its jitter lay within: what is let go before the grace is over still fires.
    if (!when_due && started && words_of(*f_.fire).code != name_of(Phrase::caught_up))
      return check("maintenance", Outcome::passed, say(Phrase::maintenance_over_in_time, params));
    if (once() || s_.missed == MissedPolicy::catchup) {
      params["count"] = once() ? 1 : s_.catch_up.count;
      params["window_ms"] = whole_ms(once() ? grace() : s_.catch_up.window);
      starts_after_ = !f_.fire && !blocked_;
      return check("maintenance", started ? Outcome::passed : f_.fire ? Outcome::failed : Outcome::unknown, say(Phrase::maintenance_then_starts, params));
    }
    blocked_ = true;
    params["missed_policy"] = to_string(s_.missed);
    check("maintenance", Outcome::failed, say(Phrase::maintenance_since, params));
  }

  bool once() const { return std::holds_alternative<Once>(s_.timing); }
  Duration grace() const {
    if (once()) return one_time_window(s_, f_.policy);
    return out_.next_due_at ? std::min(f_.policy.grace, *out_.next_due_at - f_.at) : f_.policy.grace;
  }

  /// How late it was decided. Nothing where the record was made of what waited, was held or was settled by hand.
  std::optional<Duration> late() const {
    const Fire& fire = *f_.fire;
    const Words why = words_of(fire);
    Instant decided = fire.fired_at;
    if (why.code == name_of(Phrase::waited_for_room)) decided = decided - Duration{why.params.value("waited_ms", std::int64_t{0}) * 1000};
    else if (settled_by_hold(fire) || fire.verdict == Verdict::superseded) return {};
    else if (why.code == name_of(Phrase::resumed_with_run) || why.code == name_of(Phrase::overlap_skip_at_turn)) return {};
    else if (fire.verdict == Verdict::expired && why.code != name_of(Phrase::one_time_too_late)) return {};
    return std::max(Duration{0}, decided - *out_.planned_at);
  }

  void in_time() {
    if (!f_.fire) {
      if (!past() || f_.waiting || blocked_ || starts_after_) return;
      const bool in_grace = f_.now - *out_.planned_at < grace();
      check("in_time", Outcome::unknown,
            in_grace  ? say(Phrase::not_handled_in_grace, {{"grace_ms", whole_ms(grace())}})
            : once() ? say(Phrase::one_time_too_late, {{"window_ms", whole_ms(grace())}})
                     : say(Phrase::not_handled_after_grace, {{"grace_ms", whole_ms(grace())}, {"missed_policy", to_string(s_.missed)}}));
      return;
    }
    const auto by = late();
    if (!by) return;
    const bool in_time = once() ? *by <= grace() : *by < grace();
    check("in_time", in_time ? Outcome::passed : Outcome::failed,
          once() ? say(Phrase::handled_once_after, {{"late_ms", whole_ms(*by)}, {"window_ms", whole_ms(grace())}})
                 : say(Phrase::handled_after, {{"late_ms", whole_ms(*by)}, {"grace_ms", whole_ms(grace())}}));
    if (words_of(*f_.fire).code == name_of(Phrase::caught_up)) check("missed", Outcome::passed, words_of(*f_.fire));
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
    check("overlap", full() ? Outcome::unknown : Outcome::passed,
          f_.running > 0 ? say(Phrase::unfinished_in_scope, {{"running", f_.running}, {"overlap_policy", policy}}) : say(Phrase::none_unfinished));
  }

  /// As many runs as may be there at once.
  bool full() const {
    if (s_.overlap == OverlapPolicy::allow) return s_.room.limit > 0 && f_.running >= s_.room.limit;
    return f_.running > 0;
  }

  void hub() {
    if (f_.fire || f_.waiting) return;
    check("hub", f_.node_alive ? Outcome::passed : Outcome::failed, say(f_.node_alive ? Phrase::node_there : Phrase::no_node));
  }

  void backfill() {
    if (!f_.backfill) return;
    check("backfill", Outcome::passed,
          say(Phrase::backfilled_by, {{"actor", f_.backfill->created_by}, {"asked_at", format_instant(f_.backfill->created_at)}}));
  }

  void conclude() {
    summarize();
    add_backfill();
  }

  void add_backfill() {
    const bool started = f_.fire && f_.fire->verdict == Verdict::started;
    if (f_.backfill && !started) out_.summary = say(Phrase::backfilled_since, {{"reason", to_json(out_.summary)}});
  }

  void summarize() {
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
    } else if (deleted()) {
      out_.outcome = "not_due";
      out_.summary = out_.checks.front().words;
    } else if (over_ && past()) {
      out_.outcome = "not_due";
      out_.summary = say(Phrase::over_by_then, {{"reason", to_json(*over_)}});
    } else if (past()) {
      out_.outcome = blocked_ ? "will_not_start" : "undecided";
      out_.summary = say(blocked_ ? Phrase::held_until_over : starts_after_ ? Phrase::starts_after_maintenance : Phrase::not_handled_yet);
    } else {
      out_.outcome = blocked_ ? "will_not_start" : "will_start";
      out_.summary = say(blocked_          ? Phrase::will_not_start
                         : starts_after_   ? Phrase::starts_after_maintenance
                         : !f_.node_alive  ? Phrase::will_start_with_node
                         : full()          ? Phrase::will_start_if_room
                                           : Phrase::will_start);
    }
  }

  static Words summary_of(const Fire& fire) {
    Json params = Json::object();
    if (!fire.reason.empty()) params["reason"] = to_json(words_of(fire));
    if (fire.verdict == Verdict::started && words_of(fire).code == name_of(Phrase::caught_up)) return words_of(fire);
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
    if (fire.verdict == Verdict::paused || fire.verdict == Verdict::error || !late()) return;
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
  bool starts_after_ = false;  ///< once the maintenance it lies in is over
  std::optional<Words> over_;  ///< why it was over by then
  Explanation out_;
};

}  // namespace

bool settled_by_hold(const Fire& fire) {
  if (fire.verdict == Verdict::invalid) return true;
  if (fire.verdict != Verdict::paused) return false;
  const std::string code = words_of(fire).code;
  return code != name_of(Phrase::maintenance) && code != name_of(Phrase::while_deleted);
}

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
