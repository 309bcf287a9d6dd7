#include "plugins/schedules/decide.h"

#include <algorithm>

namespace carillon::schedules {
namespace {

/// More due times than this in one stretch are counted as this many.
constexpr std::int64_t kCountCap = 100'000'000;

struct DueTime {
  Instant due, planned;
  std::optional<Instant> next;
};

/// Due times one after the other that could not be fired in time, for one cause.
struct LateStretch {
  Instant first, last;
  std::int64_t count = 0;
  const Maintenance* maintenance = nullptr;  ///< nullptr: the hub was not there
};

Fire blank_fire(const Schedule& s, Instant due, Instant planned, Instant now) {
  Fire fire;
  fire.tenant = s.tenant;
  fire.schedule = s.id;
  fire.due_at = due;
  fire.planned_at = planned;
  fire.fired_at = now;
  fire.schedule_revision = s.revision;
  return fire;
}

std::int64_t buffered(const RoomView& room) { return std::ranges::count(room.waiting, "scheduled", &Waiting::reason); }

/// Of three phrases the one for the schedule's scope.
Words say_of_room(const Schedule& s, Phrase of_schedule, Phrase of_workflow, Phrase of_key, Json params) {
  if (s.room.scope == OverlapScope::key) params["key"] = shorten(s.room.key, 60);
  return say(s.room.scope == OverlapScope::schedule ? of_schedule : s.room.scope == OverlapScope::workflow ? of_workflow : of_key, std::move(params));
}

/// The decisions on one schedule, one due time after the other.
class Decider {
 public:
  Decider(const FireView& view, RoomView& room, const Recurrence& recurrence, Promise promise, const DecideAt& at)
      : view_(view), s_(view.schedule), room_(room), recurrence_(recurrence), promise_(promise), now_(at.now), policy_(at.policy),
        maintenance_(at.maintenance), started_(view.started), park_(at.park) {}

  Decision run() {
    if (const Maintenance* m = current_maintenance(maintenance_, now_); park_ && m != nullptr) return parked(*m);
    if (!s_.holds.empty()) return held();
    // The hold that the last failures should have put on, where somebody was editing the schedule just then.
    if (too_many_failures()) return hold_for_failures(view_.failures_in_row, promise_.due_at - Duration{1});
    return go_on(promise_.due_at);
  }

 private:
  DueTime at(Instant due) {
    auto next = recurrence_.next(due, hint_);
    const Instant planned = planned_at(s_.id, due, next, s_.jitter);
    // Sooner only where it has to be settled before its time. What was parked may have been let go at any moment.
    const bool sooner = !park_ && due == promise_.due_at;
    return {due, sooner ? std::min(promise_.planned_at, planned) : planned, next};
  }
  /// What waits has not started: it may be given up, and something live may be sooner.
  bool ran_out() const { return s_.max_runs && started_ >= *s_.max_runs; }

  /// Until somebody ends the maintenance and unparks. Where that was done a moment ago, after this transaction had read
  /// the clock, nobody will: it is looked at again by itself.
  Decision parked(const Maintenance& m) {
    out_.next_due_at = promise_.due_at;
    out_.next_planned_at = m.ended_at;
    return std::move(out_);
  }

  bool too_many_failures() const { return s_.hold_after_failures && view_.failures_in_row >= *s_.hold_after_failures; }

  Decision hold_for_failures(std::int64_t failures, Instant settled_until) {
    Holds holds;
    holds[HoldKind::failures] = hold_of(failures_reason(failures), "", now_);
    out_.alert = failures_alert(s_, failures);
    out_.holds = std::move(holds);
    out_.settled_until = settled_until;
    return std::move(out_);
  }

  /// Settles every due time from `due` on that has come.
  Decision go_on(std::optional<Instant> due) {
    if (ran_out()) return finish(std::nullopt);  // its last one has waited for room
    if (due && std::holds_alternative<Once>(s_.timing)) return at(*due).planned > now_ ? finish(due) : one_time(*due);
    if (due) due = pass_long_gone(*due);
    while (due && !ran_out()) {
      DueTime t = at(*due);
      if (t.planned > now_) break;
      settle(t);
      due = t.next;
    }
    settle_late();
    return finish(ran_out() ? std::nullopt : due);
  }

  /// Everything older than grace and jitter is late for certain: counted by stretch, not walked through.
  std::optional<Instant> pass_long_gone(Instant due_at) {
    const Instant certain = now_ - policy_.grace - s_.jitter;
    if (due_at >= certain) return due_at;
    Instant from = due_at;
    for (const auto& m : maintenance_) {
      const Instant end = m.end().value_or(now_);
      if (end <= from || m.since >= certain) continue;
      add_gap(from, m.since);
      from = std::max(from, m.since);
      const Instant until = std::min(end, certain);
      add_long_gone(from, until, &m);
      from = std::max(from, until);
    }
    add_gap(from, certain);
    return recurrence_.next(certain - Duration{1}, hint_);
  }

  /// Between maintenances. The last one may be planned for a moment within one that comes after; none before it is, as
  /// nothing is planned for later than the next due time.
  void add_gap(Instant from, Instant to) {
    const auto last = recurrence_.last_at_or_before(to - Duration{1});
    const Maintenance* held = last && *last >= from ? maintenance_at(jittered(*last)) : nullptr;
    add_long_gone(from, held ? *last : to, nullptr);
    if (held) add_long_gone(*last, to, held);
  }

  Instant jittered(Instant due) { return planned_at(s_.id, due, recurrence_.next(due, hint_), s_.jitter); }

  void add_long_gone(Instant from, Instant to, const Maintenance* cause) {
    if (from >= to) return;
    const std::int64_t count = recurrence_.count_between(from, to, kCountCap);
    if (count == 0) return;
    const Instant first = recurrence_.next(from - Duration{1}, hint_).value_or(from);
    const Instant last = recurrence_.last_at_or_before(to - Duration{1}).value_or(first);
    add_late(first, last, count, cause);
  }

  void add_late(Instant first, Instant last, std::int64_t count, const Maintenance* cause) {
    if (!late_.empty() && late_.back().maintenance == cause) {
      late_.back().last = last;
      late_.back().count += count;
    } else {
      late_.push_back({first, last, count, cause});
    }
  }

  const Maintenance* maintenance_at(Instant t) const {
    for (const auto& m : maintenance_)
      if (m.since <= t && (!m.end() || t < *m.end())) return &m;
    return nullptr;
  }

  /// Who settles what is due while maintenance goes on starts nothing.
  const Maintenance* kept_by() const { return park_ ? nullptr : current_maintenance(maintenance_, now_); }

  void settle(const DueTime& t) {
    if (const Maintenance* m = maintenance_at(t.due)) return add_late(t.due, t.due, 1, m);
    Duration grace = policy_.grace;
    if (t.next) grace = std::min(grace, *t.next - t.due);
    if (now_ - t.planned >= grace) return add_late(t.due, t.due, 1, maintenance_at(t.planned));
    if (const Maintenance* m = kept_by()) return add_late(t.due, t.due, 1, m);
    settle_late();
    live(t.due, t.planned);
  }

  /// Under catch-up the newest of the late due times wait to be started after all; the others are recorded.
  void settle_late() {
    if (late_.empty()) return;
    std::vector<Waiting> chosen;
    if (s_.missed == MissedPolicy::catchup) chosen = choose_catch_up();
    if (!chosen.empty()) supersede_older(most_caught_up() - static_cast<std::int64_t>(chosen.size()), chosen.front().due_at);
    for (const auto& stretch : late_)
      if (stretch.count > 0) record_late(stretch);
    for (auto it = chosen.rbegin(); it != chosen.rend(); ++it) wait(*it);
    late_.clear();
  }

  /// With those that an earlier outage has left waiting: a newer one takes the place of the oldest.
  std::int64_t most_caught_up() const {
    const std::int64_t most = std::min(s_.catch_up.count, kCatchUpCap);
    return s_.max_runs ? std::min(most, *s_.max_runs - started_ - buffered(room_)) : most;
  }

  void supersede_older(std::int64_t keep, Instant newest) {
    const std::vector<Waiting> waiting = room_.waiting;
    std::int64_t surplus = std::ranges::count(waiting, "catchup", &Waiting::reason) - keep;
    for (auto w = waiting.begin(); w != waiting.end() && surplus > 0; ++w)
      if (w->reason == "catchup") {
        supersede(*w, newest);
        --surplus;
      }
  }

  void supersede(const Waiting& w, Instant newer) {
    out_.fires.push_back(give_up(w, now_, Verdict::superseded, say(Phrase::newer_waits, {{"due_at", format_instant(newer)}})));
    const auto same = [&](const Waiting& other) { return other.due_at == w.due_at; };
    // What began to wait in this very decision was never stored.
    if (std::erase_if(out_.waiting, same) == 0) out_.ended_waiting.push_back(w);
    std::erase_if(room_.waiting, same);
  }

  /// Newest first. Takes what it chooses off the stretches.
  std::vector<Waiting> choose_catch_up() {
    std::vector<Waiting> chosen;
    const std::int64_t most = most_caught_up();
    for (auto stretch = late_.rbegin(); stretch != late_.rend(); ++stretch) {
      while (stretch->count > 0 && static_cast<std::int64_t>(chosen.size()) < most && stretch->last >= now_ - s_.catch_up.window) {
        const Instant due = stretch->last;
        chosen.push_back(waiting(due, planned_at(s_.id, due, recurrence_.next(due), s_.jitter), "catchup"));
        --stretch->count;
        if (stretch->count > 0) stretch->last = recurrence_.last_at_or_before(due - Duration{1}).value_or(stretch->first);
      }
    }
    return chosen;
  }

  void record_late(const LateStretch& stretch) {
    Fire fire = blank_fire(s_, stretch.first, std::min(jittered(stretch.first), now_), now_);
    fire.count = stretch.count;
    if (stretch.count > 1) fire.last_due_at = stretch.last;
    const bool held_back = stretch.maintenance != nullptr && s_.missed == MissedPolicy::skip;
    fire.verdict = held_back ? Verdict::paused : Verdict::missed;
    const auto cause = [&](Phrase absent, Phrase maintenance, Json params = Json::object()) {
      if (stretch.maintenance != nullptr) params["reason"] = stretch.maintenance->reason;
      give_reason(fire, say(stretch.maintenance != nullptr ? maintenance : absent, std::move(params)));
    };
    switch (s_.missed) {
      case MissedPolicy::skip:
        cause(Phrase::late_skipped, Phrase::maintenance);
        break;
      case MissedPolicy::catchup:
        cause(Phrase::late_beyond_catch_up, Phrase::maintenance_beyond_catch_up,
              {{"count", s_.catch_up.count}, {"window_ms", whole_ms(s_.catch_up.window)}});
        break;
      case MissedPolicy::fail:
        cause(Phrase::late_failure, Phrase::maintenance_failure);
        out_.missed_failures += stretch.count;
        out_.alert = alert_of(Phrase::FIRES_MISSED, s_, {{"count", out_.missed_failures}, {"last_due_at", format_instant(stretch.last)}});
        break;
    }
    out_.fires.push_back(std::move(fire));
  }

  Waiting waiting(Instant due, Instant planned, const char* reason) const {
    return {s_.tenant, s_.id, due, planned, reason, now_, scope_of(s_), s_.revision};
  }

  void wait(const Waiting& w) {
    room_.waiting.insert(std::ranges::upper_bound(room_.waiting, w.due_at, {}, &Waiting::due_at), w);
    out_.waiting.push_back(w);
  }

  bool running() const { return needs_room(s_) ? room_.running > 0 : running_; }

  void start(Instant due, Instant planned) {
    out_.fires.push_back(blank_fire(s_, due, planned, now_));
    running_ = true;
    ++room_.running;
    ++started_;
  }

  void skip(Instant due, Instant planned, const Words& reason) {
    Fire fire = blank_fire(s_, due, planned, now_);
    fire.verdict = Verdict::skipped_overlap;
    give_reason(fire, reason, {{"running", std::max<std::int64_t>(room_.running, running_ ? 1 : 0)}, {"waiting", room_.waiting.size()}});
    out_.fires.push_back(std::move(fire));
  }

  /// The newest waits; an older one that waits is superseded. The others were asked to end when the first of these
  /// began to wait: their deadline counts from there, however often a newer one takes its place.
  void wait_alone(Instant due, Instant planned) {
    Waiting newest = waiting(due, planned, "scheduled");
    for (const Waiting& w : std::vector(room_.waiting)) {
      if (w.reason != "scheduled") continue;
      if (s_.overlap == OverlapPolicy::cancel_other) newest.since = std::min(newest.since, w.since);
      supersede(w, due);
    }
    wait(newest);
  }

  void live(Instant due, Instant planned) {
    const std::int64_t limit = s_.room.limit;
    const bool free = !running() && (s_.overlap == OverlapPolicy::skip || s_.overlap == OverlapPolicy::cancel_other || buffered(room_) == 0);
    switch (s_.overlap) {
      case OverlapPolicy::allow:
        if (limit == 0 || room_.running < limit) return start(due, planned);
        return skip(due, planned, say_of_room(s_, Phrase::overlap_limit_schedule, Phrase::overlap_limit_workflow, Phrase::overlap_limit_key,
                                              {{"running", room_.running}, {"limit", limit}}));
      case OverlapPolicy::skip:
        if (free) return start(due, planned);
        return skip(due, planned, say_of_room(s_, Phrase::overlap_skip_schedule, Phrase::overlap_skip_workflow, Phrase::overlap_skip_key, Json::object()));
      case OverlapPolicy::buffer_one:
        if (free) return start(due, planned);
        return wait_alone(due, planned);
      case OverlapPolicy::buffer_all: {
        if (free) return start(due, planned);
        const std::int64_t cap = limit > 0 ? std::min(limit, kBufferCap) : kBufferCap;
        if (buffered(room_) < cap) return wait(waiting(due, planned, "scheduled"));
        return skip(due, planned, say(Phrase::too_many_wait, {{"count", cap}}));
      }
      case OverlapPolicy::cancel_other:
        if (free && buffered(room_) == 0) return start(due, planned);
        out_.cancel_others = true;
        return wait_alone(due, planned);
    }
  }

  Decision one_time(Instant due) {
    Instant planned = at(due).planned;
    Holds holds;
    const Duration window = one_time_window(s_, policy_);
    if (const Maintenance* m = kept_by()) {
      // Whoever settles it gives it another time, or ends it.
      Fire fire = blank_fire(s_, due, planned, now_);
      fire.verdict = Verdict::paused;
      give_reason(fire, say(Phrase::maintenance, {{"reason", m->reason}}));
      out_.fires.push_back(std::move(fire));
      return std::move(out_);
    }
    if (now_ - planned > window) {
      Fire fire = blank_fire(s_, due, planned, now_);
      fire.verdict = Verdict::expired;
      const Words reason = say(Phrase::one_time_too_late, {{"window_ms", whole_ms(window)}});
      give_reason(fire, reason);
      out_.fires.push_back(std::move(fire));
      expire(holds, reason);
    } else {
      live(due, planned);
      holds[HoldKind::completed] = hold_of(say(Phrase::one_time_come), "", now_);
    }
    out_.holds = std::move(holds);
    return std::move(out_);
  }

  void expire(Holds& holds, const Words& reason) {
    holds[HoldKind::expired] = hold_of(reason, "", now_);
    out_.alert = alert_of(Phrase::ONE_TIME_EXPIRED, s_, {{"reason", to_json(reason)}});
  }

  Decision finish(std::optional<Instant> next) {
    const std::int64_t failures = view_.failures_in_row + out_.missed_failures;
    if (next && out_.missed_failures > 0 && s_.hold_after_failures && failures >= *s_.hold_after_failures)
      // No further than now: an edit may name due times before the next one.
      return hold_for_failures(failures, std::min(*next - Duration{1}, now_));
    if (next) {
      out_.next_due_at = next;
      out_.next_planned_at = at(*next).planned;
      return std::move(out_);
    }
    Holds holds;
    if (std::holds_alternative<Once>(s_.timing) && !ran_out()) {
      expire(holds, say(Phrase::passed_while_held));
    } else {
      holds[HoldKind::completed] = hold_of(ran_out() ? say(Phrase::runs_used_up, {{"count", started_}}) : say(Phrase::end_reached), "", now_);
    }
    out_.holds = std::move(holds);
    return std::move(out_);
  }

  Decision held() {
    Holds holds = s_.holds;
    Instant lifted = s_.settled_until;
    std::erase_if(holds, [&](const auto& entry) {
      const bool over = entry.second.until && *entry.second.until <= now_;
      if (over) lifted = std::max(lifted, *entry.second.until);
      return over;
    });
    if (holds.size() != s_.holds.size()) out_.holds = holds;
    if (holds.empty()) {
      // Held up to `lifted` and not a moment longer, however late this is noticed.
      if (auto stretch = held_stretch(s_, recurrence_, s_.settled_until, lifted, Verdict::paused)) {
        stretch->fired_at = now_;
        out_.fires.push_back(std::move(*stretch));
      }
      if (std::holds_alternative<Manual>(s_.timing)) return std::move(out_);
      if (too_many_failures()) return hold_for_failures(view_.failures_in_row, lifted);
      return go_on(recurrence_.next(lifted));
    }
    for (const auto& [kind, hold] : holds)
      if (hold.until && (!out_.next_due_at || *hold.until < *out_.next_due_at)) out_.next_due_at = out_.next_planned_at = hold.until;
    return std::move(out_);
  }

  const FireView& view_;
  const Schedule& s_;
  RoomView& room_;
  const Recurrence& recurrence_;
  Promise promise_;
  Instant now_;
  const FirePolicy& policy_;
  std::span<const Maintenance> maintenance_;
  std::int64_t started_;
  bool park_;
  bool running_ = view_.running;
  std::vector<LateStretch> late_;
  ZoneHint hint_;
  Decision out_;
};

}  // namespace

Words failures_reason(std::int64_t failures) {
  return failures == 1 ? say(Phrase::run_failed) : say(Phrase::runs_failed_in_row, {{"count", failures}});
}

Alert failures_alert(const Schedule& s, std::int64_t failures) {
  return alert_of(Phrase::HELD_AFTER_FAILURES, s, {{"failures_in_row", failures}, {"reason", to_json(failures_reason(failures))}});
}

bool needs_room(const Schedule& s) {
  if (shares_room(s) || s.missed == MissedPolicy::catchup) return true;
  return s.overlap == OverlapPolicy::allow ? s.room.limit > 0 : s.overlap != OverlapPolicy::skip;
}

Decision decide(const FireView& view, RoomView& room, const Recurrence& recurrence, Promise promise, const DecideAt& at) {
  return Decider(view, room, recurrence, promise, at).run();
}

Duration one_time_window(const Schedule& s, const FirePolicy& policy) {
  return s.missed == MissedPolicy::catchup ? s.catch_up.window : policy.one_time_window;
}

const Maintenance* current_maintenance(std::span<const Maintenance> all, Instant now) {
  for (const auto& m : all)
    if (m.since <= now && (!m.end() || now < *m.end())) return &m;
  return nullptr;
}

std::optional<Fire> held_stretch(const Schedule& s, const Recurrence& recurrence, Instant after, Instant until, Verdict verdict) {
  auto first = recurrence.next(after);
  if (!first || *first > until) return std::nullopt;
  Fire fire = blank_fire(s, *first, *first, until);
  fire.count = recurrence.count_between(*first, until + Duration{1}, kCountCap);
  if (fire.count > 1) fire.last_due_at = recurrence.last_at_or_before(until);
  fire.verdict = verdict;
  const auto* hold = deciding_hold(s.holds);
  if (hold) give_reason(fire, hold->first, hold->second);
  return fire;
}

Fire give_up(const Waiting& w, Instant now, Verdict verdict, const Words& reason) {
  Fire fire;
  fire.tenant = w.tenant;
  fire.schedule = w.schedule;
  fire.due_at = w.due_at;
  fire.planned_at = w.planned_at;
  fire.fired_at = now;
  fire.verdict = verdict;
  fire.schedule_revision = w.schedule_revision;
  give_reason(fire, reason);
  return fire;
}

Fire give_up(const Waiting& w, Instant now, HoldKind kind, const Hold& hold) {
  Fire fire = give_up(w, now, kind == HoldKind::invalid ? Verdict::invalid : Verdict::paused, Words());
  give_reason(fire, kind, hold);
  return fire;
}

}  // namespace carillon::schedules
