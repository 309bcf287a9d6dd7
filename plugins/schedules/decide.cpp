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

/// The decisions on one schedule, one due time after the other.
class Decider {
 public:
  Decider(const FireView& view, const Recurrence& recurrence, Promise promise, Instant now, const FirePolicy& policy)
      : s_(view.schedule), recurrence_(recurrence), promise_(promise), now_(now), policy_(policy), started_(view.started),
        running_(view.running) {}

  Decision run() { return s_.holds.empty() ? go_on(promise_.due_at) : held(); }

 private:
  DueTime at(Instant due) {
    auto next = recurrence_.next(due, hint_);
    return {due, due == promise_.due_at ? promise_.planned_at : planned_at(s_.id, due, next, s_.jitter), next};
  }
  bool full() const { return s_.max_runs && started_ >= *s_.max_runs; }

  /// Settles every due time from `due` on that has come.
  Decision go_on(std::optional<Instant> due) {
    if (due && std::holds_alternative<Once>(s_.timing)) return at(*due).planned > now_ ? finish(due) : one_time(*due);
    if (due) due = skip_long_missed(*due);
    while (due && !full()) {
      DueTime t = at(*due);
      if (t.planned > now_) return finish(due);
      settle(t);
      due = t.next;
    }
    return finish(full() ? std::nullopt : due);
  }

  /// Everything older than grace and jitter is missed for certain: one record, counted, not walked through.
  std::optional<Instant> skip_long_missed(Instant due_at) {
    Instant certain = now_ - policy_.grace - std::min(s_.jitter, Duration{3'600'000'000});
    if (due_at >= certain) return due_at;
    auto first_kept = recurrence_.next(certain - Duration{1}, hint_);
    std::int64_t count = recurrence_.count_between(due_at, certain, kCountCap);
    if (count > 0) {
      Instant last = recurrence_.last_at_or_before(certain - Duration{1}).value_or(due_at);
      add_missed(due_at, last, count);
    }
    return first_kept;
  }

  void add_missed(Instant first, Instant last, std::int64_t count) {
    if (!out_.fires.empty() && out_.fires.back().verdict == Verdict::missed) {
      out_.fires.back().last_due_at = last;
      out_.fires.back().count += count;
      return;
    }
    Fire fire = blank_fire(s_, first, first, now_);
    fire.verdict = Verdict::missed;
    fire.reason = "The hub could not fire in time; the missed policy is skip.";
    fire.count = count;
    if (count > 1) fire.last_due_at = last;
    out_.fires.push_back(std::move(fire));
  }

  void settle(const DueTime& t) {
    Duration grace = policy_.grace;
    if (t.next) grace = std::min(grace, *t.next - t.due);
    if (now_ - t.planned >= grace) return add_missed(t.due, t.due, 1);
    start_or_skip(t.due, t.planned);
  }

  void start_or_skip(Instant due, Instant planned) {
    Fire fire = blank_fire(s_, due, planned, now_);
    if (s_.overlap == OverlapPolicy::skip && running_) {
      fire.verdict = Verdict::skipped_overlap;
      fire.reason = "A run of this schedule had not ended; the overlap policy is skip.";
    } else {
      fire.verdict = Verdict::started;
      running_ = true;
      ++started_;
    }
    out_.fires.push_back(std::move(fire));
  }

  Decision one_time(Instant due) {
    Instant planned = at(due).planned;
    Holds holds;
    if (now_ - planned > policy_.one_time_window) {
      Fire fire = blank_fire(s_, due, planned, now_);
      fire.verdict = Verdict::expired;
      fire.reason = "Its time passed more than " + describe_duration(policy_.one_time_window) + " ago.";
      out_.fires.push_back(fire);
      holds[HoldKind::expired] = {fire.reason, "", now_, {}, {}};
    } else {
      start_or_skip(due, planned);
      holds[HoldKind::completed] = {"Its one time has come.", "", now_, {}, {}};
    }
    out_.holds = std::move(holds);
    return std::move(out_);
  }

  Decision finish(std::optional<Instant> next) {
    if (next) {
      out_.next_due_at = next;
      out_.next_planned_at = at(*next).planned;
    } else {
      Holds holds;
      if (std::holds_alternative<Once>(s_.timing)) {
        holds[HoldKind::expired] = {"Its time passed while it was held.", "", now_, {}, {}};
        out_.holds = std::move(holds);
        return std::move(out_);
      }
      holds[HoldKind::completed] = {full() ? "It has started " + std::to_string(started_) + " runs, as many as it may." : "Its end is reached.",
                                    "", now_, {}, {}};
      out_.holds = std::move(holds);
    }
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
      return go_on(recurrence_.next(lifted));
    }
    for (const auto& [kind, hold] : holds)
      if (hold.until && (!out_.next_due_at || *hold.until < *out_.next_due_at)) out_.next_due_at = out_.next_planned_at = hold.until;
    return std::move(out_);
  }

  const Schedule& s_;
  const Recurrence& recurrence_;
  Promise promise_;
  Instant now_;
  const FirePolicy& policy_;
  std::int64_t started_;
  bool running_;
  ZoneHint hint_;
  Decision out_;
};

}  // namespace

Decision decide(const FireView& view, const Recurrence& recurrence, Promise promise, Instant now, const FirePolicy& policy) {
  return Decider(view, recurrence, promise, now, policy).run();
}

std::optional<Fire> held_stretch(const Schedule& s, const Recurrence& recurrence, Instant after, Instant until, Verdict verdict) {
  auto first = recurrence.next(after);
  if (!first || *first > until) return std::nullopt;
  Fire fire = blank_fire(s, *first, *first, until);
  fire.count = recurrence.count_between(*first, until + Duration{1}, kCountCap);
  if (fire.count > 1) fire.last_due_at = recurrence.last_at_or_before(until);
  fire.verdict = verdict;
  const auto* hold = deciding_hold(s.holds);
  fire.reason = hold ? hold->second.reason : "";
  return fire;
}

}  // namespace carillon::schedules
