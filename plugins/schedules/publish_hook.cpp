#include "plugins/schedules/publish_hook.h"

#include <algorithm>

#include "engine/secrets/secret_control.h"
#include "plugins/schedules/input.h"
#include "plugins/schedules/publish_fixes.h"
#include "plugins/schedules/view.h"

namespace carillon::schedules {
namespace {

constexpr std::size_t kEventsEach = 1000;   ///< with more, one event tells of all
constexpr std::size_t kWholeAtATime = 200;  ///< schedules with their payloads in memory
constexpr std::int64_t kKeepMigrated = 64 << 20;  ///< bytes of changed payloads that are kept from before the lock
constexpr Duration kDueSoon{10'000'000};

struct CheckedAll final : PreparedPublish {
  std::vector<CheckedSchedule> schedules;  ///< in id order
  std::unique_ptr<Fitter> fitter;
  const CheckedSchedule* find(ScheduleId id) const {
    auto it = std::ranges::lower_bound(schedules, id, {}, &CheckedSchedule::id);
    return it != schedules.end() && it->id == id ? &*it : nullptr;
  }
};

bool holds_over(const Holds& holds) { return holds.contains(HoldKind::completed) || holds.contains(HoldKind::expired); }

PublishVerdict verdict_of(bool over, bool was_invalid, const Misfit& misfit) {
  if (over) return PublishVerdict::left;
  if (misfit) return was_invalid ? PublishVerdict::still_invalid : PublishVerdict::invalid;
  return was_invalid ? PublishVerdict::revived : PublishVerdict::rebound;
}

/// What is found only under the lock: the status that holds have without `invalid`.
Status status_without_invalid(const CheckedSchedule& c) { return c.status == Status::invalid ? Status::active : c.status; }

std::string some(std::int64_t count, const char* what, const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", ") + name;
  if (count > static_cast<std::int64_t>(names.size())) list += ", …";
  return std::to_string(count) + (count == 1 ? " schedule was " : " schedules were ") + what + " (" + list + ")";
}

}  // namespace

/// One publish under way, the head locked.
struct RebindHook::Work {
  const PublishContext& context;
  const CheckedAll& prepared;
  schema::TextValidator validator;
  std::vector<VerdictLine> lines;
  std::vector<std::pair<VerdictLine, std::int64_t>> told;  ///< with the new revision; only while each gets an event
  std::int64_t changed = 0;
  std::set<std::string> scopes = {};  ///< rooms that migrated payloads join
  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();

  const PayloadFix* fix_of(ScheduleId id) const {
    return context.intent.fixes ? context.intent.fixes->find(id.to_string()) : nullptr;
  }
  void add(VerdictLine line, std::int64_t revision) {
    if (line.verdict != PublishVerdict::left && ++changed <= static_cast<std::int64_t>(kEventsEach)) told.emplace_back(line, revision);
    lines.push_back(std::move(line));
    ++context.intent.progress.done;
  }
  /// What was found before the lock where it still holds; else found out now.
  Fitter::Outcome outcome_of(const Schedule& s) {
    const CheckedSchedule* c = prepared.find(s.id);
    const bool known = c && c->revision == s.revision && !c->over && !c->trusted;
    if (known && (c->misfit || !c->changed)) return {"", false, c->misfit};
    if (known && c->migrated) return {*c->migrated, true, {}};
    const PayloadFix* fix = fix_of(s.id);
    Fitter::Outcome out = fix ? prepared.fitter->fixed(s.payload, *fix, validator) : prepared.fitter->payload(s.payload, validator);
    if (auto misfit = prepared.fitter->timing(s.timing, s.bounds); misfit && !out.misfit) out.misfit = misfit;
    return out;
  }
};

Result<std::unique_ptr<PreparedPublish>> RebindHook::prepare(Tx& tx, const PublishIntent& intent) {
  auto out = std::make_unique<CheckedAll>();
  CARILLON_TRY(auto redactor, redactor_of(tx, intent));
  out->fitter = std::make_unique<Fitter>(intent.payload_schema, intent.number, intent.migration, zones_, tx.now(), std::move(redactor));
  CARILLON_TRY(out->schedules, check_schedules(tx, store_, intent, *out->fitter, {true, kKeepMigrated, 0}));
  return std::unique_ptr<PreparedPublish>(std::move(out));
}

/// What the present or the next version hides, from everybody.
Result<Redactor> RebindHook::redactor_of(Tx& tx, const PublishIntent& intent) {
  CARILLON_TRY(auto patterns, redaction_.patterns_of(tx, intent.who.tenant));
  // Only looked at during the publish, which keeps the schema.
  Redactor out(std::shared_ptr<const schema::Schema>(std::shared_ptr<void>(), intent.payload_schema), std::move(patterns));
  if (!intent.workflow.latest_version) return out;
  CARILLON_TRY(auto marks, redaction_.marks_of(tx, intent.who.tenant, intent.workflow.id, *intent.workflow.latest_version));
  out.also(Redactor(marks, nullptr));
  return out;
}

carillon::Status RebindHook::on_publish(Tx& tx, const PublishContext& context, Json& answer) {
  const TenantId tenant = context.who.tenant;
  Work work{context, static_cast<const CheckedAll&>(*context.prepared), {}, {}, {}, 0};
  CARILLON_TRY(const auto heads, store_.lock(tx, tenant, context.workflow.id));
  context.intent.progress.total = static_cast<std::int64_t>(heads.size());
  work.lines.reserve(heads.size());
  CARILLON_CHECK(check_fixes(context.intent.fixes, [&](ScheduleId id) {
    auto it = std::ranges::lower_bound(heads, id, {}, &PublishHead::id);
    const bool found = it != heads.end() && it->id == id;
    return found ? std::optional(FixTarget{it->revision, holds_over(it->holds)}) : std::nullopt;
  }));
  std::vector<ScheduleId> simply, closely;
  for (const auto& head : heads) {
    const CheckedSchedule* c = work.prepared.find(head.id);
    const bool lapsed = std::ranges::any_of(head.holds, [&](const auto& hold) { return hold.second.until && *hold.second.until <= tx.now(); });
    const Status status = status_of(head.holds);
    if (!lapsed && holds_over(head.holds)) {
      work.add({head.id, head.name, PublishVerdict::left, status, status, {}, false, {}, false}, head.revision);
      continue;
    }
    const bool known = c && c->revision == head.revision && !c->over && (!c->trusted || head.bound_version == context.version.number - 1);
    if (known && !lapsed && !c->misfit && !c->changed && !head.holds.contains(HoldKind::invalid)) {
      simply.push_back(head.id);
      work.add({head.id, head.name, PublishVerdict::rebound, status, status, {}, false, head.holds.empty() ? head.due_at : std::nullopt, false},
               head.revision + 1);
    } else {
      closely.push_back(head.id);
    }
  }
  for (std::size_t n = 0; n < closely.size(); n += kWholeAtATime)
    CARILLON_CHECK(settle(tx, work, std::span(closely).subspan(n, std::min(kWholeAtATime, closely.size() - n))));
  CARILLON_CHECK(store_.bind(tx, tenant, context.version.number, simply));
  // In one order, as the publish of another workflow may make the same ones known.
  for (const auto& scope : work.scopes) CARILLON_CHECK(schedules_.add_scope(tx, tenant, scope));
  answer["counts"] = counts_of(work.lines);
  answer["payloads_checked"] = work.prepared.fitter->checked();
  CARILLON_CHECK(tell(tx, work));
  sort_for_answer(work.lines);
  CARILLON_CHECK(keep(tx, work, answer));
  return hold_what_is_due(tx, work);
}

/// What becomes of one schedule, in memory only.
struct RebindHook::Settling {
  Schedule* schedule;
  VerdictLine line;
  std::optional<Lifecycle::HoldChange> change;
};

/// Those that the plain binding is not enough for, at most kWholeAtATime: read, decided and written at once.
carillon::Status RebindHook::settle(Tx& tx, Work& work, std::span<const ScheduleId> ids) {
  const TenantId tenant = work.context.who.tenant;
  CARILLON_TRY(auto schedules, store_.whole(tx, tenant, ids));
  for (auto& s : schedules) CARILLON_CHECK(life_.settle_lapsed(tx, s));
  std::vector<RegistrationId> keys;
  for (const auto& s : schedules) keys.push_back(RegistrationId{s.id.value});
  std::map<RegistrationId, Registration> registrations;
  CARILLON_TRY(const auto locked, registrations_.lock_all(tx, tenant, keys));
  for (const auto& r : locked) registrations.emplace(r.id, r);
  std::vector<Settling> settled;
  std::vector<Lifecycle::HoldChange> changes;
  for (auto& s : schedules) {
    const auto it = registrations.find(RegistrationId{s.id.value});
    CARILLON_TRY(auto one, decide(tx, work, s, it == registrations.end() ? nullptr : &it->second));
    settled.push_back(std::move(one));
    if (settled.back().change) changes.push_back(std::move(*settled.back().change));
  }
  CARILLON_CHECK(life_.change_holds(tx, tenant, changes));
  return write(tx, work, settled);
}

Result<RebindHook::Settling> RebindHook::decide(Tx& tx, Work& work, Schedule& s, const Registration* registration) {
  const Status before = status_of(s.holds);
  Settling out{&s, {s.id, s.name, PublishVerdict::left, before, before, {}, false, {}, false}, {}};
  if (holds_over(s.holds)) return out;
  Fitter::Outcome outcome = work.outcome_of(s);
  if (work.fix_of(s.id) && outcome.misfit) return fix_does_not_fit(s, work.context.version.number, *outcome.misfit);
  const bool was_invalid = s.holds.contains(HoldKind::invalid);
  if (outcome.changed && !outcome.misfit) {
    std::string old_payload = std::exchange(s.payload, std::move(outcome.payload));
    if (s.payload.find("\"$secret\"") != std::string::npos) {
      const Json stored = parse_stored_json(old_payload);
      const std::string field = work.fix_of(s.id) ? pointer_append("/payload_fixes", s.id.to_string()) + "/payload" : "/migration";
      CARILLON_CHECK(check_secrets(tx, secrets_, work.context.who, parse_stored_json(s.payload), &stored, field));
    }
    Room old_room = s.room;
    out.line.payload_changed = true;
    if (auto settled = settle_policies(s, tx.now(), work.prepared.fitter->redactor()); !settled) {
      // Its overlap key cannot be worked out of the new payload: as it was, and held.
      s.payload = std::move(old_payload);
      s.room = std::move(old_room);
      out.line.payload_changed = false;
      outcome.misfit = std::make_shared<const Error>(std::move(settled).error());
    }
  }
  out.line.misfit = outcome.misfit;
  out.line.verdict = verdict_of(false, was_invalid, outcome.misfit);
  const std::optional<Registration> held = registration ? std::optional(*registration) : std::nullopt;
  if (outcome.misfit) {
    Hold hold = unfit_hold_of(*outcome.misfit, tx.now());
    if (auto it = s.holds.find(HoldKind::invalid); it != s.holds.end()) hold.since = it->second.since;
    out.change = Lifecycle::HoldChange{&s, HoldKind::invalid, std::move(hold), held};
  } else {
    s.bound_version = work.context.version.number;
    if (was_invalid) out.change = Lifecycle::HoldChange{&s, HoldKind::invalid, {}, held};
    else if (s.holds.empty() && held) out.line.next_due_at = held->due_at;
  }
  return out;
}

carillon::Status RebindHook::write(Tx& tx, Work& work, std::span<Settling> settled) {
  const TenantId tenant = work.context.who.tenant;
  std::vector<RegistrationId> revived;
  for (const auto& one : settled)
    if (one.line.verdict == PublishVerdict::revived) revived.push_back(RegistrationId{one.schedule->id.value});
  std::map<RegistrationId, std::optional<Instant>> promised;
  if (!revived.empty()) {
    CARILLON_TRY(const auto registrations, registrations_.lock_all(tx, tenant, revived));
    for (const auto& r : registrations) promised[r.id] = r.due_at;
  }
  std::vector<Schedule> held, migrated;
  std::vector<PublishStore::NewVersion> versions;
  for (auto& [schedule, line, _] : settled) {
    Schedule& s = *schedule;
    const bool left = line.verdict == PublishVerdict::left, changed = line.payload_changed;
    if (!left) {
      ++s.revision;
      s.updated_at = tx.now();
      line.after = status_of(s.holds);
      if (auto it = promised.find(RegistrationId{s.id.value}); it != promised.end() && s.holds.empty()) line.next_due_at = it->second;
    }
    work.add(std::move(line), s.revision);
    if (left) continue;
    if (!changed) {
      held.push_back(std::move(s));
      continue;
    }
    versions.push_back({s.id, {s.revision, tx.now(), work.context.who.actor_name, "workflows.publish", version_document(s), s.payload}});
    if (shares_room(s)) work.scopes.insert(scope_of(s));
    migrated.push_back(std::move(s));
  }
  CARILLON_CHECK(schedules_.rebind(tx, held));
  CARILLON_CHECK(store_.migrate(tx, migrated));
  return store_.add_versions(tx, tenant, versions);
}

carillon::Status RebindHook::tell(Tx& tx, const Work& work) {
  const PublishContext& context = work.context;
  if (work.changed > static_cast<std::int64_t>(kEventsEach)) {
    tx.emit(context.who.tenant, {"workflows", context.workflow.id.value, "updated", context.workflow.revision,
                                 {{"schedules_rebound", work.changed}, {"latest_version", context.version.number}}});
    return ok();
  }
  for (const auto& [line, revision] : work.told) {
    Json patch{{"status", to_string(line.after)},
               {"status_reason", line.misfit ? line.misfit->message : ""},
               {"revision", revision}};
    set_code(patch, "status_reason", line.misfit ? words_of(*line.misfit) : Words());
    // A new binding moves no due time; a fire that has just ended may have, and has told it.
    if (line.verdict != PublishVerdict::rebound)
      patch["next_due_at"] = line.next_due_at ? Json(format_instant(*line.next_due_at)) : Json(nullptr);
    if (!line.misfit) patch["bound_version"] = context.version.number;
    tx.emit(context.who.tenant, {"schedules", line.id.value, "updated", revision, std::move(patch)});
  }
  return ok();
}

carillon::Status RebindHook::keep(Tx& tx, const Work& work, Json& answer) {
  const PublishContext& context = work.context;
  Json listed = Json::array();
  for (std::size_t begin = 0, page = 0; begin < work.lines.size(); begin += kLinesOfPage, ++page) {
    Json lines = Json::array();
    for (std::size_t n = begin; n < std::min(begin + kLinesOfPage, work.lines.size()); ++n) lines.push_back(to_json(work.lines[n]));
    CARILLON_CHECK(store_.put_verdicts(tx, context.who.tenant, context.workflow.id, context.version.number, static_cast<std::int64_t>(page),
                                       dump_json(lines)));
    if (listed.size() < kAnswerLines)
      for (auto& line : lines) listed.push_back(std::move(line));
  }
  const bool more = listed.size() < work.lines.size();
  answer["next_cursor"] = more ? Json(std::to_string(kAnswerLines)) : Json(nullptr);
  answer["schedules"] = std::move(listed);
  return ok();
}

/// A fire that commits after the publish must have read the new binding. One that is under way ends first, now; others
/// that are due soon wait for the commit.
carillon::Status RebindHook::hold_what_is_due(Tx& tx, const Work& work) {
  const auto elapsed = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - work.began);
  const TenantId tenant = work.context.who.tenant;
  CARILLON_TRY(auto due, store_.due(tx, tenant, work.context.workflow.id, tx.now() + elapsed + kDueSoon));
  if (due.empty()) return ok();
  CARILLON_TRY([[maybe_unused]] auto held, registrations_.lock_all(tx, tenant, due));
  return ok();
}

carillon::Status RebindHook::on_plan(Tx& tx, const PublishIntent& intent, PreparedPublish* prepared, const PlanPage& page, Json& answer) {
  const auto& checked = static_cast<const CheckedAll&>(*prepared);
  CARILLON_CHECK(check_fixes(intent.fixes, [&](ScheduleId id) {
    const CheckedSchedule* c = checked.find(id);
    return c ? std::optional(FixTarget{c->revision, c->over}) : std::nullopt;
  }));
  std::vector<VerdictLine> lines;
  lines.reserve(checked.schedules.size());
  for (const auto& c : checked.schedules) {
    VerdictLine line{c.id, c.name, verdict_of(c.over, c.invalid, c.misfit), c.status, c.status, c.misfit, c.changed, {}, c.fits_with_defaults};
    if (c.misfit) line.after = Status::invalid;
    else if (c.invalid) line.after = status_without_invalid(c);
    if (c.status == Status::active) line.next_due_at = c.due_at;
    lines.push_back(std::move(line));
  }
  answer["counts"] = counts_of(lines);
  std::int64_t changed = 0, with_defaults = 0;
  std::vector<const VerdictLine*> at_risk;
  for (const auto& line : lines) {
    changed += line.payload_changed ? 1 : 0;
    with_defaults += line.fits_with_defaults ? 1 : 0;
    if (line.verdict == PublishVerdict::invalid && line.next_due_at) at_risk.push_back(&line);
  }
  std::ranges::sort(at_risk, {}, [](const VerdictLine* line) { return *line->next_due_at; });
  if (at_risk.size() > 20) at_risk.resize(20);
  answer["payloads_changed"] = changed;
  answer["payloads_checked"] = checked.fitter->checked();
  answer["fit_with_defaults"] = with_defaults;
  answer["at_risk"] = Json::array();
  for (const VerdictLine* line : at_risk)
    answer["at_risk"].push_back({{"id", line->id.to_string()}, {"name", line->name}, {"next_due_at", format_instant(*line->next_due_at)}});
  if (auto only = parse_publish_verdict(page.verdict)) std::erase_if(lines, [&](const VerdictLine& line) { return line.verdict != *only; });
  sort_for_answer(lines);
  CARILLON_TRY(std::size_t begin, line_of_cursor(page.cursor));
  begin = std::min(begin, lines.size());
  const std::span listed = std::span(lines).subspan(begin, std::min(kAnswerLines, lines.size() - begin));
  const std::size_t end = begin + listed.size();
  answer["next_cursor"] = end < lines.size() ? Json(std::to_string(end)) : Json(nullptr);
  CARILLON_TRY(answer["schedules"], planned_changes(tx, intent, *checked.fitter, listed));
  return ok();
}

/// The lines of a plan, with before and after of the payloads that a migration changes.
Result<Json> RebindHook::planned_changes(Tx& tx, const PublishIntent& intent, const Fitter& fitter, std::span<const VerdictLine> lines) {
  Json out = Json::array();
  std::map<ScheduleId, std::size_t> places;
  std::vector<ScheduleId> ids;
  for (const auto& line : lines) {
    Json entry = to_json(line);
    entry["fits_with_defaults"] = line.fits_with_defaults;
    entry["payload_changes"] = Json::array();
    if (line.payload_changed) {
      places[line.id] = out.size();
      ids.push_back(line.id);
    }
    out.push_back(std::move(entry));
  }
  schema::TextValidator validator;
  for (std::size_t n = 0; n < ids.size(); n += kWholeAtATime) {
    CARILLON_TRY(const auto schedules, store_.whole(tx, intent.who.tenant, std::span(ids).subspan(n, std::min(kWholeAtATime, ids.size() - n))));
    for (const auto& s : schedules) {
      const PayloadFix* fix = intent.fixes ? intent.fixes->find(s.id.to_string()) : nullptr;
      const auto outcome = fix ? fitter.fixed(s.payload, *fix, validator) : fitter.payload(s.payload, validator);
      const Json before = parse_stored_json(s.payload), after = parse_stored_json(outcome.payload);
      Json changes = json_changes(before, after);
      if (!intent.who.may(kRevealPermission)) changes = fitter.redactor().shown_changes(changes, before, after, "pointer", "");
      out[places.at(s.id)]["payload_changes"] = std::move(changes);
    }
  }
  return out;
}

Result<std::vector<std::string>> RebindHook::changes_since(Tx& tx, TenantId tenant, WorkflowId workflow, Instant planned_at) {
  CARILLON_TRY(const auto changes, store_.changes_since(tx, tenant, workflow, planned_at));
  std::vector<std::string> out;
  if (changes.added.count > 0) out.push_back(some(changes.added.count, "added", changes.added.names));
  if (changes.edited.count > 0) out.push_back(some(changes.edited.count, "edited", changes.edited.names));
  if (changes.removed.count > 0) out.push_back(some(changes.removed.count, "removed", changes.removed.names));
  return out;
}

}  // namespace carillon::schedules
