#include "plugins/schedules/actions.h"

#include "engine/runs/run_events.h"
#include "engine/secrets/secret_control.h"
#include "engine/workflows/workflow_actions.h"
#include "plugins/schedules/maintenance.h"
#include "plugins/schedules/view.h"

namespace carillon::schedules {
namespace {

const std::set<std::string> kEditableWhenOver = {"name", "description", "labels"};
const std::set<std::string> kTimes = {"timing", "start_at", "end_at", "jitter_seconds", "max_runs"};

bool touches(const Json& body, const std::set<std::string>& fields) {
  for (const auto& field : fields)
    if (body.contains(field)) return true;
  return false;
}

/// A pause and too many failures are two decisions: who ends the pause has not looked at the failures yet.
/// The hold that a resume lifts: the one it names, else that of a person before that of failures. conflict NOT_HELD
/// (field /hold) for one that does not hold it.
Result<HoldKind> lifted_by_resume(const Json& body, const Schedule& s) {
  const auto named = parse_hold_kind(body.value("hold", ""));
  if (named && !s.holds.contains(*named))
    return Error{ErrorCode::conflict, "NOT_HELD", "Nothing of this kind holds the schedule.", "/hold", std::string(to_string(*named)),
                 "Leave it out, or name a hold that it has.", {}};
  return named ? *named : s.holds.contains(HoldKind::user) ? HoldKind::user : HoldKind::failures;
}

Error invalid_error(const Schedule& s, const std::string& field) {
  const Hold& hold = s.holds.at(HoldKind::invalid);
  return Error{ErrorCode::conflict, "SCHEDULE_INVALID", "The schedule is invalid: " + hold.reason, field, "invalid", "Correct its payload first.",
               hold.violations};
}

}  // namespace

Error over_error(const Schedule& s) {
  const std::string status(to_string(status_of(s.holds)));
  return Error{ErrorCode::conflict, "SCHEDULE_" + std::string(status == "expired" ? "EXPIRED" : "COMPLETED"),
               "The schedule is " + status + "; only its name, description and labels can still be changed.", "", status,
               "Create a new schedule for new times.", {}};
}

void ScheduleActions::contribute(PluginHost& host) {
  auto bound = [this](Answer (ScheduleActions::*method)(Tx&, const TenantContext&, const ActionRequest&)) {
    return [this, method](Tx& tx, const TenantContext& who, const ActionRequest& request) { return (this->*method)(tx, who, request); };
  };
  using S = ScheduleActions;
  host.action({"schedules.list", "schedules.view", "", false, false, bound(&S::list)});
  host.action({"schedules.create", "schedules.manage", "NewSchedule", true, false, bound(&S::create)});
  host.action({"schedules.preview", "schedules.view", "PreviewRequest", false, false, bound(&S::preview)});
  host.action({"schedules.get", "schedules.view", "", false, false, bound(&S::get)});
  host.action({"schedules.update", "schedules.manage", "SchedulePatch", false, false, bound(static_cast<Answer (S::*)(Tx&, const TenantContext&, const ActionRequest&)>(&S::update))});
  host.action({kDeleteAction, "schedules.manage", "", false, false, bound(&S::remove)});
  host.action({"schedules.pause", "schedules.manage", "PauseRequest", false, false, bound(&S::pause)});
  host.action({"schedules.resume", "schedules.manage", "ResumeRequest", false, false, bound(&S::resume)});
  host.action({"schedules.undelete", "schedules.manage", "", false, false, bound(&S::undelete)});
  host.action({"schedules.run", "runs.start", "RunNowRequest", true, false, bound(&S::run_now)});
  host.action({"schedules.fires", "schedules.view", "", false, false, bound(&S::fires)});
  host.action({"schedules.upcoming", "schedules.view", "", false, false, bound(&S::upcoming)});
  const std::string base = "/api/v1/schedules";
  host.route({"GET", base, "schedules.list"});
  host.route({"POST", base, "schedules.create", 201});
  host.route({"POST", base + "/preview", "schedules.preview"});
  host.route({"GET", base + "/{id}", "schedules.get"});
  host.route({"PATCH", base + "/{id}", "schedules.update"});
  host.route({"DELETE", base + "/{id}", kDeleteAction, 204});
  host.route({"POST", base + "/{id}/undelete", "schedules.undelete"});
  host.route({"POST", base + "/{id}/pause", "schedules.pause"});
  host.route({"POST", base + "/{id}/resume", "schedules.resume"});
  host.route({"POST", base + "/{id}/run", "schedules.run", 201});
  host.route({"GET", base + "/{id}/fires", "schedules.fires"});
  host.route({"GET", base + "/{id}/upcoming", "schedules.upcoming"});
}

Result<InputContext> ScheduleActions::input_context(Tx& tx, const TenantContext& who) {
  CARILLON_TRY(auto tenant, p_.tenants.tenant(tx, who.tenant));
  return InputContext{p_.zones, tenant.default_zone, tx.now(), locale_of(who.locale)};
}

ScheduleActions::Answer ScheduleActions::view(Tx& tx, const TenantContext& who, ScheduleId id) {
  CARILLON_TRY(auto view, p_.schedules.view(tx, who.tenant, id));
  CARILLON_TRY(auto maintenance, p_.maintenance.active(tx, who.tenant, tx.now()));
  add_maintenance(view.schedule.holds, maintenance);
  CARILLON_TRY(const auto redactor, p_.redaction.from(tx, who, view.schedule.workflow, view.schedule.bound_version));
  Json body = schedule_json(view, p_.zones, locale_of(who.locale));
  if (!redactor.idle()) body["payload"] = redactor.shown(std::move(body["payload"]));
  return ActionResponse{std::move(body), view.schedule.revision};
}

carillon::Status ScheduleActions::keep_version(Tx& tx, const TenantContext& who, const Schedule& s, const std::string& action, bool with_payload) {
  ScheduleVersion version{s.revision, tx.now(), who.actor_name, action, version_document(s), {}};
  if (with_payload) version.payload = s.payload;
  return p_.schedules.add_version(tx, s.tenant, s.id, version);
}

ScheduleActions::Answer ScheduleActions::saved(Tx& tx, const TenantContext& who, Schedule& s, const std::string& action, Json detail) {
  ++s.revision;
  s.updated_at = tx.now();
  CARILLON_CHECK(p_.schedules.update(tx, s));
  CARILLON_CHECK(keep_version(tx, who, s, action, detail.contains("payload_changed")));
  CARILLON_TRY(auto answer, view(tx, who, s.id));
  Json patch = answer.body;
  patch.erase("payload");
  tx.emit(who.tenant, {"schedules", s.id.value, "updated", s.revision, std::move(patch)});
  tx.audit(who.tenant, {who.actor, who.actor_name, action, "schedule", s.id.value, who.request_id, std::move(detail)});
  return answer;
}

Result<ScheduleActions::Locked> ScheduleActions::lock(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<ScheduleId>("id"));
  CARILLON_TRY(auto seen, p_.schedules.view(tx, who.tenant, id));
  CARILLON_TRY(auto workflow, p_.workflows.lock_shared(tx, who.tenant, seen.schedule.workflow));
  CARILLON_TRY(auto schedule, p_.schedules.lock(tx, who.tenant, id));
  CARILLON_CHECK(life_.settle_lapsed(tx, schedule));
  return Locked{std::move(workflow), std::move(schedule)};
}

Result<Json> ScheduleActions::sent_payload(Tx& tx, const TenantContext& who, const Workflow& workflow, const Schedule& s, const Json& sent) {
  const bool fresh = s.bound_version == 0;
  const Json stored = fresh ? Json() : parse_stored_json(s.payload);
  Json payload = sent;
  if (holds_placeholders(sent)) {
    Redactor hidden_by, target;
    if (!fresh) {
      CARILLON_TRY(hidden_by, p_.redaction.of(tx, s.tenant, s.workflow, s.bound_version));
      CARILLON_TRY(target, p_.redaction.of(tx, s.tenant, s.workflow, workflow.latest_version.value_or(s.bound_version)));
    }
    CARILLON_TRY(payload, restore_hidden(sent, fresh ? nullptr : &stored, hidden_by, target, "/payload"));
  }
  CARILLON_CHECK(check_secrets(tx, p_.secrets, who, payload, fresh ? nullptr : &stored, "/payload"));
  return payload;
}

/// The key must not tell what is hidden, so it is worked out of what is shown.
carillon::Status ScheduleActions::settle(Tx& tx, Schedule& s) {
  if (s.room.scope != OverlapScope::key) return settle_policies(s, tx.now());
  CARILLON_TRY(const auto redactor, p_.redaction.of(tx, s.tenant, s.workflow, s.bound_version));
  return settle_policies(s, tx.now(), redactor);
}

carillon::Status ScheduleActions::bind_payload(Tx& tx, const Workflow& workflow, const Json& payload, Schedule& s) {
  if (auto reason = not_schedulable(workflow))
    return Error{ErrorCode::invalid, reason->first, reason->second, "/workflow_id", workflow.id.to_string(),
                 schedulable_remedy(reason->first), {}};
  CARILLON_TRY(auto schema, p_.schemas.of_version(tx, s.tenant, workflow.id, *workflow.latest_version));
  CARILLON_CHECK(check_payload(*schema, payload, "/payload"));
  s.payload = dump_json(payload);
  s.bound_version = *workflow.latest_version;
  return ok();
}

ScheduleActions::Answer ScheduleActions::create(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  const Json& body = request.body;
  const std::string workflow_text = body.at("workflow_id");
  auto workflow_id = WorkflowId::parse(workflow_text);
  if (!workflow_id)
    return Error{ErrorCode::not_found, "NOT_FOUND", "There is no workflow with this id.", "/workflow_id", shorten(workflow_text), "Check the id.", {}};
  auto found = p_.workflows.lock_shared(tx, who.tenant, *workflow_id);
  if (!found) {
    Error error = std::move(found).error();
    if (error.code == ErrorCode::not_found) error.field = "/workflow_id";  // here it stands in the body
    return error;
  }
  const Workflow workflow = std::move(*found);
  CARILLON_TRY(auto context, input_context(tx, who));
  Schedule s;
  s.id = p_.ids.make<ScheduleId>();
  s.tenant = who.tenant;
  s.workflow = *workflow_id;
  s.created_at = s.updated_at = s.settled_until = tx.now();
  s.created_by = who.actor_name;
  CARILLON_CHECK(read_settings(body, s));
  CARILLON_TRY(s.timing, read_timing(body.at("timing"), context));
  CARILLON_CHECK(check_sent(body, Schedule{}, s));
  CARILLON_TRY(auto recurrence, check_times(s.timing, s.bounds, context));
  CARILLON_TRY(const Json payload, sent_payload(tx, who, workflow, s, body.at("payload")));
  CARILLON_CHECK(bind_payload(tx, workflow, payload, s));
  CARILLON_CHECK(settle(tx, s));
  CARILLON_CHECK(p_.schedules.add_scope(tx, s.tenant, scope_of(s)));
  if (body.value("paused", false)) s.holds[HoldKind::user] = hold_of(say(Phrase::created_paused), who.actor_name, tx.now());
  CARILLON_CHECK(p_.schedules.insert(tx, s));
  CARILLON_TRY([[maybe_unused]] auto due, life_.arm(tx, s, tx.now()));
  CARILLON_CHECK(keep_version(tx, who, s, "schedules.create", true));
  CARILLON_TRY(auto answer, view(tx, who, s.id));
  Json patch = answer.body;
  patch.erase("payload");
  tx.emit(who.tenant, {"schedules", s.id.value, "created", s.revision, std::move(patch)});
  tx.audit(who.tenant, {who.actor, who.actor_name, "schedules.create", "schedule", s.id.value, who.request_id,
                        {{"name", s.name}, {"timing", timing_to_json(s.timing)}}});
  return answer;
}

ScheduleActions::Answer ScheduleActions::list(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  ScheduleFilter filter;
  if (auto text = request.param("workflow_id"); !text.empty()) filter.workflow = WorkflowId::parse(text);
  filter.kind = request.param("kind");
  filter.status = parse_status(request.param("status"));
  filter.label = request.param("label");
  filter.text = request.param("text");
  filter.sort = request.param("sort", "name");
  filter.cursor = request.param("cursor");
  filter.limit = static_cast<int>(request.number("limit", 50));
  CARILLON_TRY(auto maintenance, p_.maintenance.active(tx, who.tenant, tx.now()));
  filter.in_maintenance = !maintenance.empty();
  CARILLON_TRY(auto page, p_.schedules.list(tx, who.tenant, filter));
  CARILLON_TRY(auto total, p_.schedules.count(tx, who.tenant, filter));
  Json items = Json::array();
  for (auto& item : page.items) {
    add_maintenance(item.schedule.holds, maintenance);
    items.push_back(summary_json(item, locale_of(who.locale)));
  }
  return ActionResponse{
      {{"items", std::move(items)}, {"next_cursor", page.next_cursor.empty() ? Json(nullptr) : Json(page.next_cursor)}, {"total", total}}, {}};
}

ScheduleActions::Answer ScheduleActions::get(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<ScheduleId>("id"));
  return view(tx, who, id);
}

ScheduleActions::Answer ScheduleActions::preview(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto context, input_context(tx, who));
  Schedule shape;
  CARILLON_CHECK(read_settings(request.body, shape));
  CARILLON_TRY(auto timing, read_timing(request.body.at("timing"), context));
  CARILLON_TRY(auto recurrence, check_times(timing, shape.bounds, context));
  Instant after = tx.now();
  if (request.body.contains("after")) {
    CARILLON_TRY(after, instant_in(request.body, "after"));
  }
  return ActionResponse{preview_json(recurrence, p_.zones, after, request.body.value("count", std::size_t{10}), context.locale), {}};
}

carillon::Status ScheduleActions::change_timing(Tx& tx, const TenantContext& who, const Json& body, Schedule& s) {
  // What was due under the old timing is settled under it, before anything changes.
  CARILLON_CHECK(life_.settle_due(tx, s));
  if (is_over(s)) return over_error(s);
  CARILLON_CHECK(life_.settle_held(tx, s));
  CARILLON_TRY(const Instant settled, life_.settled_until(tx, s));
  const Timing old = s.timing;
  const Bounds old_bounds = s.bounds;
  CARILLON_CHECK(read_settings(body, s));
  CARILLON_TRY(auto context, input_context(tx, who));
  if (body.contains("timing")) {
    CARILLON_TRY(s.timing, read_timing(body.at("timing"), context, &old));
  }
  if (s.timing == old && s.bounds == old_bounds && !body.contains("jitter_seconds") && s.holds.empty()) return ok();
  CARILLON_TRY(auto recurrence, check_times(s.timing, s.bounds, context));
  s.settled_until = settled;
  CARILLON_TRY([[maybe_unused]] auto due, life_.arm(tx, s, settled));
  return ok();
}

ScheduleActions::Answer ScheduleActions::update(Tx& tx, const TenantContext& who, const ActionRequest& request, const std::string& action) {
  CARILLON_TRY(auto locked, lock(tx, who, request));
  Schedule& s = locked.schedule;
  CARILLON_CHECK(check_revision(request, s.revision));
  const Json& body = request.body;
  const Schedule before = s;
  Json changed = Json::array();
  for (const auto& [field, _] : body.items()) {
    if (is_over(s) && !kEditableWhenOver.contains(field)) return over_error(s);
    changed.push_back(field);
  }
  if (touches(body, kTimes)) CARILLON_CHECK(change_timing(tx, who, body, s));
  else CARILLON_CHECK(read_settings(body, s));
  if (body.contains("max_runs")) CARILLON_CHECK(life_.end_if_used_up(tx, s));
  // What was kept once can be restored, whatever is asked of new requests.
  if (action != "schedules.restore") CARILLON_CHECK(check_sent(body, before, s));
  if (body.contains("payload")) {
    CARILLON_TRY(const Json payload, sent_payload(tx, who, locked.workflow, s, body.at("payload")));
    CARILLON_CHECK(bind_payload(tx, locked.workflow, payload, s));
    CARILLON_CHECK(life_.lift_hold(tx, s, HoldKind::invalid));
  } else if (touches(body, kTimes) && s.holds.contains(HoldKind::invalid) &&
             bind_payload(tx, locked.workflow, parse_stored_json(s.payload), s)) {
    // It was the timing that did not fit.
    CARILLON_CHECK(life_.lift_hold(tx, s, HoldKind::invalid));
  }
  CARILLON_CHECK(settle(tx, s));
  CARILLON_CHECK(p_.schedules.add_scope(tx, s.tenant, scope_of(s)));
  CARILLON_CHECK(life_.look_at_waiting(tx, s));
  Json detail{{"fields", std::move(changed)}};
  if (body.contains("payload")) detail["payload_changed"] = true;
  return saved(tx, who, s, action, std::move(detail));
}

ScheduleActions::Answer ScheduleActions::remove(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto locked, lock(tx, who, request));
  CARILLON_CHECK(check_revision(request, locked.schedule.revision));
  return remove_locked(tx, who, locked.schedule);
}

ScheduleActions::Answer ScheduleActions::remove_locked(Tx& tx, const TenantContext& who, Schedule& s) {
  CARILLON_CHECK(life_.settle_deletion(tx, s));
  CARILLON_CHECK(life_.give_up_waiting(tx, s, Verdict::paused, say(Phrase::deleted_while_waiting)));
  CARILLON_CHECK(p_.jobs.suspend(tx, s.tenant, RegistrationId{s.id.value}, kJobKind));
  s.deleted = true;
  ++s.revision;
  s.updated_at = tx.now();
  CARILLON_CHECK(p_.schedules.update(tx, s));
  CARILLON_CHECK(keep_version(tx, who, s, kDeleteAction, false));
  tx.emit(who.tenant, {"schedules", s.id.value, "deleted", s.revision, Json::object()});
  tx.audit(who.tenant, {who.actor, who.actor_name, kDeleteAction, "schedule", s.id.value, who.request_id, {{"name", s.name}}});
  return ActionResponse{Json(nullptr), {}};
}

ScheduleActions::Answer ScheduleActions::pause(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto locked, lock(tx, who, request));
  return pause_locked(tx, who, request, locked.schedule);
}

ScheduleActions::Answer ScheduleActions::pause_locked(Tx& tx, const TenantContext& who, const ActionRequest& request, Schedule& s) {
  if (is_over(s)) return over_error(s);
  const auto given = request.body.find("reason");
  Words reason = given != request.body.end() ? Words(given->get<std::string>()) : say(Phrase::paused_by, {{"actor", who.actor_name}});
  Hold hold = hold_of(std::move(reason), who.actor_name, tx.now());
  if (request.body.contains("until")) {
    CARILLON_TRY(hold.until, instant_in(request.body, "until"));
    if (*hold.until <= tx.now())
      return Error{ErrorCode::invalid, "UNTIL_IN_PAST", "The pause would end before it begins.", "/until",
                   shorten(request.body["until"].get<std::string>()), "Choose a later time, or leave it out.", {}};
  }
  if (auto it = s.holds.find(HoldKind::user); it != s.holds.end()) hold.since = it->second.since;
  CARILLON_CHECK(life_.put_hold(tx, s, HoldKind::user, std::move(hold)));
  return saved(tx, who, s, "schedules.pause", {{"reason", s.holds.at(HoldKind::user).reason}});
}

carillon::Status ScheduleActions::settle_passed_one_time(Tx& tx, const TenantContext& who, const Json& body, HoldKind lifted, Schedule& s) {
  const Once once = std::get<Once>(s.timing);
  const std::string choice = body.value("passed_one_time", "");
  if (choice == "reschedule") {
    if (!body.contains("run_at"))
      return Error{ErrorCode::invalid, "TIMING_INCOMPLETE", "Rescheduling needs run_at.", "/run_at", "", "Add run_at.", {}};
    CARILLON_TRY(auto context, input_context(tx, who));
    CARILLON_CHECK(life_.settle_held(tx, s));  // the time that passed, under the timing that named it
    Json later{{"kind", "once"}, {"run_at", body["run_at"]}};
    if (once.zone) later["zone"] = *once.zone;
    auto timing = read_timing(later, context);
    auto fits = timing ? check_times(*timing, s.bounds, context) : Result<Recurrence>(timing.error());
    if (!fits) {
      fits.error().field = "/run_at";  // where this request has it
      return fits.error();
    }
    s.timing = *timing;
    s.holds.erase(lifted);
    if (!s.holds.contains(HoldKind::failures)) CARILLON_CHECK(p_.schedules.clear_failures(tx, s.tenant, s.id));
    CARILLON_TRY([[maybe_unused]] auto due, life_.arm(tx, s, tx.now()));
    return ok();
  }
  if (choice != "run_now" && choice != "expire")
    return Error{ErrorCode::conflict, "RUN_AT_PASSED", "Its one time (" + format_instant(once.at) + ") passed while it was paused.",
                 "/passed_one_time", "", "Resume with passed_one_time run_now, reschedule (and run_at) or expire.", {}};
  const bool run = choice == "run_now";
  if (run && s.holds.contains(HoldKind::invalid)) return invalid_error(s, "/passed_one_time");
  Fire fire;
  fire.tenant = s.tenant;
  fire.schedule = s.id;
  fire.due_at = fire.planned_at = once.at;
  fire.fired_at = tx.now();
  fire.verdict = run ? Verdict::started : Verdict::expired;
  const Words reason = run ? say(Phrase::resumed_with_run, {{"actor", who.actor_name}}) : say(Phrase::passed_while_paused);
  give_reason(fire, reason);
  fire.schedule_revision = s.revision;
  if (run) fire.run = p_.ids.make<RunId>();
  CARILLON_TRY([[maybe_unused]] auto fresh, p_.schedules.insert_fires(tx, std::span(&fire, 1)));
  if (run) {
    CARILLON_CHECK(p_.starter.create(tx, {run_of_fire(s, fire, *fire.run, tx.now())}));
  }
  s.holds.clear();
  s.holds[run ? HoldKind::completed : HoldKind::expired] = hold_of(reason, who.actor_name, tx.now());
  const JobMove move{s.tenant, RegistrationId{s.id.value}, {}, {}, "",
                     JobMove::Last{once.at, tx.now(), once.at, std::string(to_string(fire.verdict)), fire.run, run ? 1 : 0}};
  return p_.registrations.move(tx, std::span(&move, 1));
}

ScheduleActions::Answer ScheduleActions::resume(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto locked, lock(tx, who, request));
  return resume_locked(tx, who, request, locked.schedule);
}

ScheduleActions::Answer ScheduleActions::resume_locked(Tx& tx, const TenantContext& who, const ActionRequest& request, Schedule& s) {
  if (is_over(s)) return over_error(s);
  if (!request.body.contains("hold") && !s.holds.contains(HoldKind::user) && !s.holds.contains(HoldKind::failures)) return view(tx, who, s.id);
  CARILLON_TRY(const HoldKind lifted, lifted_by_resume(request.body, s));
  const auto* once = std::get_if<Once>(&s.timing);
  if (once && once->at <= tx.now()) {
    CARILLON_CHECK(settle_passed_one_time(tx, who, request.body, lifted, s));
    return saved(tx, who, s, "schedules.resume", {{"passed_one_time", request.body.value("passed_one_time", "")}});
  }
  // What was paused may no longer fit: it then comes back as invalid, with the reason, not as active.
  CARILLON_TRY(auto schema, p_.schemas.of_version(tx, s.tenant, s.workflow, s.bound_version));
  auto fits = schema ? check_payload(*schema, parse_stored_json(s.payload), "/payload") : ok();
  if (fits && !compile(s.timing, s.bounds, p_.zones)) fits = compile(s.timing, s.bounds, p_.zones).error();
  if (!fits && !s.holds.contains(HoldKind::invalid))
    CARILLON_CHECK(life_.put_hold(tx, s, HoldKind::invalid, unfit_hold_of(fits.error(), tx.now())));
  CARILLON_CHECK(life_.lift_hold(tx, s, lifted));
  if (!s.holds.contains(HoldKind::failures)) CARILLON_CHECK(p_.schedules.clear_failures(tx, s.tenant, s.id));
  return saved(tx, who, s, "schedules.resume", {{"reason", request.body.value("reason", "")}});
}

ScheduleActions::Answer ScheduleActions::run_now(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<ScheduleId>("id"));
  CARILLON_TRY(auto seen, p_.schedules.view(tx, who.tenant, id));
  const Schedule& s = seen.schedule;
  if (s.holds.contains(HoldKind::invalid))
    return invalid_error(s, "");
  const Json stored = parse_stored_json(s.payload);
  Json payload = stored;
  if (auto it = request.body.find("overrides"); it != request.body.end()) payload.merge_patch(*it);
  CARILLON_TRY(payload, restore_hidden(std::move(payload), nullptr, {}, {}, "/overrides"));
  CARILLON_CHECK(check_secrets(tx, p_.secrets, who, payload, &stored, "/overrides"));
  CARILLON_TRY(auto schema, p_.schemas.of_version(tx, s.tenant, s.workflow, s.bound_version));
  if (schema) CARILLON_CHECK(check_payload(*schema, payload, "/overrides"));
  NewRun run;
  run.tenant = s.tenant;
  run.workflow = s.workflow;
  run.version = s.bound_version;
  run.priority = request.body.contains("priority") ? priority_in(request.body) : s.priority;
  run.input = dump_json(payload);
  run.settings = s.run_settings;
  run.provenance.reason = "manual";
  run.provenance.schedule = s.id;
  run.provenance.schedule_name = s.name;
  run.provenance.schedule_revision = s.revision;
  run.provenance.timing_kind = timing_kind(s.timing);
  run.provenance.actor = who.actor_name;
  if (s.room.scope == OverlapScope::key) {
    CARILLON_TRY(const auto redactor, p_.redaction.of(tx, s.tenant, s.workflow, s.bound_version));
    CARILLON_TRY(auto key, key_of(s.room.key_expression, payload, tx.now(), redactor));
    run.provenance.scope = "k:" + key;
  }
  CARILLON_TRY(auto answer, p_.starter.start(tx, std::move(run)));
  tx.audit(who.tenant, {who.actor, who.actor_name, "schedules.run", "schedule", s.id.value, who.request_id, {{"run_id", answer["run_id"]}}});
  return ActionResponse{std::move(answer), {}};
}

ScheduleActions::Answer ScheduleActions::fires(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<ScheduleId>("id"));
  if (auto seen = p_.schedules.view(tx, who.tenant, id); !seen) {
    // The ledger outlives its schedule.
    CARILLON_TRY(const auto left, p_.schedules.fires(tx, who.tenant, id, std::nullopt, std::nullopt, 1));
    if (left.empty()) return seen.error();
  }
  std::optional<Instant> before;
  if (auto cursor = request.param("cursor"); !cursor.empty()) {
    before = parse_instant(cursor);
    if (!before)
      return Error{ErrorCode::malformed, "BAD_CURSOR", "The cursor is not one that this list gave.", "cursor", shorten(cursor),
                   "Start again without a cursor.", {}};
  }
  const int limit = static_cast<int>(request.number("limit", 50));
  CARILLON_TRY(auto fires, p_.schedules.fires(tx, who.tenant, id, parse_verdict(request.param("verdict")), before, limit + 1));
  const bool more = static_cast<int>(fires.size()) > limit;
  if (more) fires.pop_back();
  std::vector<DueStretch> stretches;
  for (const auto& fire : fires) stretches.push_back({fire.due_at, fire.last_due_at.value_or(fire.due_at)});
  CARILLON_TRY(const auto backfilled, p_.backfills.ran(tx, who.tenant, id, stretches));
  std::vector<RunId> runs;
  for (const auto& fire : fires)
    if (fire.run) runs.push_back(*fire.run);
  for (const auto& each : backfilled)
    if (each.count > 0) runs.push_back(each.run);
  CARILLON_TRY(auto states, p_.schedules.run_states(tx, who.tenant, runs));
  Json items = Json::array();
  for (std::size_t n = 0; n < fires.size(); ++n) items.push_back(fire_json(fires[n], states, backfilled[n]));
  return ActionResponse{{{"items", std::move(items)}, {"next_cursor", more ? Json(format_instant(fires.back().due_at)) : Json(nullptr)}}, {}};
}

ScheduleActions::Answer ScheduleActions::upcoming(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<ScheduleId>("id"));
  CARILLON_TRY(auto seen, p_.schedules.view(tx, who.tenant, id));
  Schedule& s = seen.schedule;
  CARILLON_TRY(auto recurrence, compile(s.timing, s.bounds, p_.zones));
  CARILLON_TRY(auto maintenance, p_.maintenance.active(tx, who.tenant, tx.now()));
  // While it goes on nothing comes; of one that has an end, what comes after it does.
  Instant after = tx.now();
  for (const auto& entry : maintenance) {
    if (!entry.stretch.end()) add_maintenance(s.holds, std::span(&entry, 1));
    else after = std::max(after, *entry.stretch.end() - Duration{1});
  }
  std::int64_t count = request.number("count", 10);
  if (s.max_runs) count = std::clamp(*s.max_runs - seen.started, std::int64_t{0}, count);
  Json out = preview_json(recurrence, p_.zones, after, static_cast<std::size_t>(count), locale_of(who.locale));
  if (!s.holds.empty()) out["occurrences"] = Json::array();  // nothing comes while it is held
  return ActionResponse{std::move(out), {}};
}

}  // namespace carillon::schedules
