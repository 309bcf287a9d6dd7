#include "plugins/schedules/lifecycle.h"

#include <algorithm>

namespace carillon::schedules {
namespace {

RegistrationId registration_of(const Schedule& schedule) { return RegistrationId{schedule.id.value}; }

/// What has no due time any more is completed; a one-time that did not run until then never will.
void end(Schedule& s, Instant now) {
  if (std::holds_alternative<Once>(s.timing)) s.holds[HoldKind::expired] = hold_of(say(Phrase::passed_before_run), "", now);
  else s.holds[HoldKind::completed] = hold_of(say(Phrase::end_reached), "", now);
}

Alert expired_alert(const Schedule& s) {
  return alert_of(Phrase::ONE_TIME_EXPIRED, s, {{"reason", to_json(words_of(s.holds.at(HoldKind::expired)))}});
}

}  // namespace

/// What its registration is to be: the first due time strictly after `after`, or none.
Result<Registration> Lifecycle::promise(Tx& tx, Schedule& s, Instant after) const {
  Registration out{s.tenant, registration_of(s), kJobKind, {}, {}, "", "", Lane::live};
  if (!s.holds.empty()) {
    for (const auto& [_, hold] : s.holds)
      if (hold.until && (!out.due_at || *hold.until < *out.due_at)) out.due_at = hold.until;
    out.planned_at = out.due_at;
    return out;
  }
  if (std::holds_alternative<Manual>(s.timing)) return out;
  CARILLON_TRY(auto recurrence, compile(s.timing, s.bounds, zones_));
  out.due_at = recurrence.next(after);
  if (!out.due_at) {
    end(s, tx.now());
    if (s.holds.contains(HoldKind::expired)) tx.raise(s.tenant, expired_alert(s));
    return out;
  }
  out.planned_at = planned_at(s.id, *out.due_at, recurrence.next(*out.due_at), s.jitter);
  out.zone_data = zones_.version();
  return out;
}

Result<std::optional<Instant>> Lifecycle::arm(Tx& tx, Schedule& s, Instant after) {
  CARILLON_TRY(const auto registration, promise(tx, s, after));
  CARILLON_CHECK(registrations_.put(tx, registration));
  return s.holds.empty() ? registration.due_at : std::optional<Instant>();
}

carillon::Status Lifecycle::end_if_used_up(Tx& tx, Schedule& s) {
  if (!s.max_runs || !s.holds.empty()) return ok();
  CARILLON_TRY(const auto view, schedules_.view(tx, s.tenant, s.id));
  if (view.started < *s.max_runs) return ok();
  s.holds[HoldKind::completed] = hold_of(say(Phrase::runs_used_up, {{"count", view.started}}), "", tx.now());
  CARILLON_TRY([[maybe_unused]] auto due, arm(tx, s, tx.now()));
  return give_up_waiting(tx, s, Verdict::superseded, words_of(s.holds.at(HoldKind::completed)));
}

carillon::Status Lifecycle::settle_due(Tx& tx, Schedule& s) {
  // More than once where the last due time of a stretch is spread to a moment that has not come.
  while (true) {
    CARILLON_TRY(auto registration, jobs_.lock(tx, s.tenant, registration_of(s)));
    if (!registration || !registration->due_at || *registration->due_at > tx.now()) return ok();
    // What is due but spread to a moment later, or parked, is settled now: after this there is nobody left to do it.
    const Instant planned = std::min(registration->planned_at.value_or(tx.now()), tx.now());
    const DueJob job{s.tenant, registration->id, *registration->due_at, planned, ""};
    CARILLON_TRY(auto moves, handler_.settle(tx, job));
    CARILLON_CHECK(registrations_.move(tx, moves));
    CARILLON_TRY(s, schedules_.lock(tx, s.tenant, s.id));
  }
}

carillon::Status Lifecycle::settle_lapsed(Tx& tx, Schedule& s) {
  const bool lapsed = std::ranges::any_of(s.holds, [&](const auto& entry) { return entry.second.until && *entry.second.until <= tx.now(); });
  return lapsed ? settle_due(tx, s) : ok();
}

Instant Lifecycle::settled_beside(const std::optional<Registration>& registration, const Schedule& s, Instant now) const {
  const Instant now_or_later = std::max(s.settled_until, now);
  if (!s.holds.empty() || !registration || !registration->due_at) return now_or_later;
  const Instant before_due = *registration->due_at - Duration{1};
  if (before_due < now) return std::max(s.settled_until, before_due);
  // The last due time before the promised one lies ahead of now where the clock has stepped back.
  auto recurrence = compile(s.timing, s.bounds, zones_);
  const auto last = recurrence ? recurrence->last_at_or_before(before_due) : std::optional(before_due);
  return std::max(now_or_later, last.value_or(now_or_later));
}

Result<Instant> Lifecycle::settled_until(Tx& tx, const Schedule& s) {
  std::optional<Registration> registration;
  if (s.holds.empty()) {
    CARILLON_TRY(registration, jobs_.lock(tx, s.tenant, registration_of(s)));
  }
  return settled_beside(registration, s, tx.now());
}

carillon::Status Lifecycle::put_hold(Tx& tx, Schedule& s, HoldKind kind, Hold hold) {
  HoldChange change{&s, kind, std::move(hold), {}};
  if (s.holds.empty()) {
    CARILLON_TRY(change.registration, jobs_.lock(tx, s.tenant, registration_of(s)));
  }
  return change_holds(tx, s.tenant, std::span(&change, 1));
}

carillon::Status Lifecycle::lift_hold(Tx& tx, Schedule& s, HoldKind kind) {
  HoldChange change{&s, kind, {}, {}};
  return change_holds(tx, s.tenant, std::span(&change, 1));
}

carillon::Status Lifecycle::change_holds(Tx& tx, TenantId tenant, std::span<HoldChange> changes) {
  const Instant now = tx.now();
  std::vector<Fire> fires;
  std::map<ScheduleId, const HoldChange*> begun;  ///< those that were active
  std::vector<Registration> promises;
  for (auto& change : changes) {
    Schedule& s = *change.schedule;
    Instant after = now;
    if (change.put) {
      const bool was_active = s.holds.empty();
      // What was promised and has not been recorded is the hold's from here on.
      if (was_active) s.settled_until = settled_beside(change.registration, s, now);
      s.holds[change.kind] = std::move(*change.put);
      if (was_active) begun[s.id] = &change;
    } else {
      if (!s.holds.contains(change.kind)) continue;
      // A one-time that passed gets its verdict from who lifts the last hold: it may still be started then.
      const bool undecided = s.holds.size() > 1 && std::holds_alternative<Once>(s.timing);
      if (!undecided)
        if (auto stretch = held_until(s, now)) fires.push_back(std::move(*stretch));
      s.holds.erase(change.kind);
      after = std::max(now, s.settled_until);
    }
    CARILLON_TRY(auto registration, promise(tx, s, after));
    promises.push_back(std::move(registration));
  }
  if (!begun.empty()) {
    std::vector<ScheduleId> ids;
    for (const auto& [id, _] : begun) ids.push_back(id);
    CARILLON_TRY(const auto waiting, schedules_.waiting_of(tx, tenant, ids));
    for (const auto& w : waiting) {
      const HoldChange& change = *begun.at(w.schedule);
      fires.push_back(give_up(w, now, change.kind, change.schedule->holds.at(change.kind)));
    }
    if (!waiting.empty()) CARILLON_CHECK(schedules_.remove_waiting(tx, waiting));
  }
  CARILLON_CHECK(record(tx, std::move(fires)));
  return registrations_.put_all(tx, promises);
}

carillon::Status Lifecycle::look_at_waiting(Tx& tx, const Schedule& s) {
  CARILLON_TRY(const auto waiting, schedules_.rescope_waiting(tx, s.tenant, s.id, scope_of(s)));
  if (waiting == 0) return ok();
  return registrations_.put(tx, {s.tenant, backlog_registration(s.id), kBacklogKind, tx.now(), tx.now(), "", "", Lane::background});
}

carillon::Status Lifecycle::give_up_waiting(Tx& tx, const Schedule& s, Verdict verdict, const Words& reason) {
  CARILLON_TRY(auto waiting, schedules_.waiting_of(tx, s.tenant, std::span(&s.id, 1)));
  if (waiting.empty()) return ok();
  std::vector<Fire> fires;
  for (const auto& w : waiting) fires.push_back(give_up(w, tx.now(), verdict, reason));
  CARILLON_CHECK(record(tx, std::move(fires)));
  return schedules_.remove_waiting(tx, waiting);
}

/// The due times that its holds have kept from firing up to now, unless none did; settles them.
std::optional<Fire> Lifecycle::held_until(Schedule& s, Instant now) const {
  if (s.holds.empty() || s.holds.contains(HoldKind::completed) || s.holds.contains(HoldKind::expired)) return {};
  std::optional<Fire> out;
  if (auto recurrence = compile(s.timing, s.bounds, zones_)) {
    const Verdict verdict = s.holds.contains(HoldKind::invalid) ? Verdict::invalid : Verdict::paused;
    out = held_stretch(s, *recurrence, s.settled_until, now, verdict);
  }
  // Never back: the clock may have been set meanwhile.
  s.settled_until = std::max(s.settled_until, now);
  return out;
}

carillon::Status Lifecycle::settle_deletion(Tx& tx, Schedule& s) {
  if (!s.holds.empty()) return settle_held(tx, s);
  CARILLON_TRY(const Instant settled, settled_until(tx, s));
  const bool once = std::holds_alternative<Once>(s.timing);
  return settle_as(tx, s, settled, once ? Verdict::expired : Verdict::paused, say(Phrase::deleted_before_handled));
}

carillon::Status Lifecycle::settle_deleted(Tx& tx, Schedule& s, Instant deleted_at) {
  const bool once = std::holds_alternative<Once>(s.timing);
  return settle_as(tx, s, std::max(s.settled_until, deleted_at), once ? Verdict::expired : Verdict::paused,
                   once ? say(Phrase::passed_while_deleted)
                        : say(Phrase::while_deleted, {{"deleted_at", format_instant(deleted_at)}, {"restored_at", format_instant(tx.now())}}));
}

carillon::Status Lifecycle::settle_as(Tx& tx, Schedule& s, Instant after, Verdict verdict, const Words& reason) {
  s.settled_until = std::max(after, tx.now());
  const auto recurrence = compile(s.timing, s.bounds, zones_);
  if (s.holds.contains(HoldKind::completed) || s.holds.contains(HoldKind::expired) || !recurrence) return ok();
  auto stretch = held_stretch(s, *recurrence, after, tx.now(), verdict);
  if (!stretch) return ok();
  give_reason(*stretch, reason);
  return record(tx, {std::move(*stretch)});
}

carillon::Status Lifecycle::record(Tx& tx, std::vector<Fire> fires) {
  for (Fire& fire : fires) fire.zone_data = zones_.version();
  CARILLON_TRY([[maybe_unused]] auto fresh, schedules_.insert_fires(tx, fires));
  return ok();
}

carillon::Status Lifecycle::settle_held(Tx& tx, Schedule& s) {
  auto stretch = held_until(s, tx.now());
  return stretch ? record(tx, {std::move(*stretch)}) : ok();
}

}  // namespace carillon::schedules
