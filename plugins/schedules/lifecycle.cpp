#include "plugins/schedules/lifecycle.h"

#include <algorithm>

namespace carillon::schedules {
namespace {

RegistrationId registration_of(const Schedule& schedule) { return RegistrationId{schedule.id.value}; }

}  // namespace

Result<std::optional<Instant>> Lifecycle::arm(Tx& tx, Schedule& s, Instant after) {
  const RegistrationId id = registration_of(s);
  if (!s.holds.empty()) {
    std::optional<Instant> until;
    for (const auto& [_, hold] : s.holds)
      if (hold.until && (!until || *hold.until < *until)) until = hold.until;
    if (until) CARILLON_CHECK(jobs_.register_once(tx, s.tenant, id, kJobKind, *until));
    else CARILLON_CHECK(jobs_.suspend(tx, s.tenant, id, kJobKind));
    return std::optional<Instant>();
  }
  if (std::holds_alternative<Manual>(s.timing)) {
    CARILLON_CHECK(jobs_.suspend(tx, s.tenant, id, kJobKind));
    return std::optional<Instant>();
  }
  CARILLON_TRY(auto recurrence, compile(s.timing, s.bounds, zones_));
  auto due = recurrence.next(after);
  if (!due) {
    s.holds[HoldKind::completed] = {"Its end is reached.", "", tx.now(), {}, {}};
    CARILLON_CHECK(jobs_.suspend(tx, s.tenant, id, kJobKind));
    return std::optional<Instant>();
  }
  Instant planned = planned_at(s.id, *due, recurrence.next(*due), s.jitter);
  CARILLON_CHECK(jobs_.register_once(tx, s.tenant, id, kJobKind, *due, planned, zones_.version()));
  return due;
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

Result<Instant> Lifecycle::settled_until(Tx& tx, const Schedule& s) {
  const Instant now_or_later = std::max(s.settled_until, tx.now());
  if (!s.holds.empty()) return now_or_later;
  CARILLON_TRY(auto registration, jobs_.lock(tx, s.tenant, registration_of(s)));
  if (!registration || !registration->due_at) return now_or_later;
  const Instant before_due = *registration->due_at - Duration{1};
  if (before_due < tx.now()) return std::max(s.settled_until, before_due);
  // The last due time before the promised one lies ahead of now where the clock has stepped back.
  auto recurrence = compile(s.timing, s.bounds, zones_);
  const auto last = recurrence ? recurrence->last_at_or_before(before_due) : std::optional(before_due);
  return std::max(now_or_later, last.value_or(now_or_later));
}

carillon::Status Lifecycle::put_hold(Tx& tx, Schedule& s, HoldKind kind, Hold hold) {
  const bool was_active = s.holds.empty();
  CARILLON_TRY(const Instant settled, settled_until(tx, s));
  s.holds[kind] = std::move(hold);
  if (was_active) {
    // What was promised and has not been recorded is the hold's from here on.
    s.settled_until = settled;
    CARILLON_CHECK(give_up_waiting(tx, s, kind == HoldKind::invalid ? Verdict::invalid : Verdict::paused, s.holds.at(kind).reason));
  }
  CARILLON_TRY([[maybe_unused]] auto due, arm(tx, s, tx.now()));
  return ok();
}

carillon::Status Lifecycle::give_up_waiting(Tx& tx, const Schedule& s, Verdict verdict, const std::string& reason) {
  CARILLON_TRY(auto waiting, schedules_.waiting_of(tx, s.tenant, std::span(&s.id, 1)));
  if (waiting.empty()) return ok();
  const auto fires = give_up(waiting, tx.now(), verdict, reason);
  CARILLON_TRY([[maybe_unused]] auto fresh, schedules_.insert_fires(tx, fires));
  return schedules_.remove_waiting(tx, waiting);
}

carillon::Status Lifecycle::settle_held(Tx& tx, Schedule& s) {
  if (s.holds.empty() || s.holds.contains(HoldKind::completed) || s.holds.contains(HoldKind::expired)) return ok();
  auto recurrence = compile(s.timing, s.bounds, zones_);
  if (!recurrence) {
    s.settled_until = std::max(s.settled_until, tx.now());
    return ok();
  }
  const Verdict verdict = s.holds.contains(HoldKind::invalid) ? Verdict::invalid : Verdict::paused;
  if (auto stretch = held_stretch(s, *recurrence, s.settled_until, tx.now(), verdict)) {
    CARILLON_TRY([[maybe_unused]] auto fresh, schedules_.insert_fires(tx, std::span(&*stretch, 1)));
  }
  // Never back: the clock may have been set meanwhile.
  s.settled_until = std::max(s.settled_until, tx.now());
  return ok();
}

carillon::Status Lifecycle::lift_hold(Tx& tx, Schedule& s, HoldKind kind) {
  if (!s.holds.contains(kind)) return ok();
  // A one-time that passed gets its verdict from who lifts the last hold: it may still be started then.
  const bool undecided = s.holds.size() > 1 && std::holds_alternative<Once>(s.timing);
  if (!undecided) CARILLON_CHECK(settle_held(tx, s));
  s.holds.erase(kind);
  CARILLON_TRY([[maybe_unused]] auto due, arm(tx, s, std::max(tx.now(), s.settled_until)));
  return ok();
}

}  // namespace carillon::schedules
