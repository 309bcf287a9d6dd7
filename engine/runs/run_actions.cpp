#include "engine/runs/run_actions.h"

#include "engine/runs/run_events.h"
#include "engine/secrets/secret_control.h"

namespace carillon {
namespace {

Json instant_json(const std::optional<Instant>& t) { return t ? Json(format_instant(*t)) : Json(nullptr); }
Json stored_json(const std::string& text) { return text.empty() ? Json(nullptr) : parse_stored_json(text); }

/// Consecutive tries of one task become one step with its attempts.
Json steps_json(const std::vector<StoredStep>& records) {
  Json out = Json::array();
  for (const auto& r : records) {
    Json attempt{{"number", r.attempt}, {"state", r.state}, {"started_at", format_instant(r.started_at)},
                 {"ended_at", instant_json(r.ended_at)}, {"error", stored_json(r.error)}};
    Json* same = nullptr;
    if (r.attempt > 1)
      for (auto it = out.rbegin(); it != out.rend() && same == nullptr; ++it)
        if ((*it)["path"] == r.path) same = &*it;
    if (same == nullptr) {
      out.push_back({{"path", r.path}, {"name", r.name}, {"type", r.type}, {"started_at", format_instant(r.started_at)},
                     {"attempts", Json::array()}});
      same = &out.back();
    }
    (*same)["attempts"].push_back(std::move(attempt));
    (*same)["state"] = r.state;
    (*same)["ended_at"] = instant_json(r.ended_at);
    (*same)["input"] = stored_json(r.input);
    (*same)["output"] = stored_json(r.output);
  }
  return out;
}

/// Hides the input's values in the input and wherever they turn up again.
void hide_in_run(const Redactor& redactor, Json& run) {
  const Json input = run["input"];
  const ValueMask mask = redactor.mask_of(input);
  const auto derived = [&](Json& value) { value = value == input ? redactor.shown(input) : mask.json(redactor.shown_by_name(std::move(value))); };
  run["input"] = redactor.shown(input);
  derived(run["output"]);
  derived(run["error"]);
  for (auto& step : run["steps"]) {
    derived(step["input"]);
    derived(step["output"]);
    for (auto& attempt : step["attempts"]) derived(attempt["error"]);
  }
}

}  // namespace

Json run_json(const Run& r) {
  Json out{{"id", r.id.to_string()}, {"workflow_id", r.workflow.to_string()}, {"workflow_name", r.workflow_name},
           {"version", r.version}, {"state", to_string(r.state)}, {"priority", to_string(r.priority)},
           {"provenance", to_json(r.provenance)}, {"created_at", format_instant(r.created_at)},
           {"started_at", instant_json(r.started_at)}, {"ended_at", instant_json(r.ended_at)}, {"takeovers", r.takeovers},
           {"error", stored_json(r.error)}};
  out["duration_ms"] = r.started_at && r.ended_at ? Json((*r.ended_at - *r.started_at).count() / 1000) : Json(nullptr);
  return out;
}

Priority priority_in(const Json& body) {
  return parse_priority(body.value("priority", "normal")).value_or(Priority::normal);
}

Status RunStarter::create(Tx& tx, std::vector<NewRun> runs) {
  handover_.take(tx, runs);
  CARILLON_CHECK(runs_.insert(tx, runs));
  for (const auto& run : runs) tx.emit(run.tenant, created_event(run));
  return ok();
}

Result<Json> RunStarter::start(Tx& tx, NewRun run) {
  run.id = ids_.make<RunId>();
  run.created_at = tx.now();
  CARILLON_TRY(auto ahead, runs_.queue_position(tx, run.tenant, run.priority));
  const std::string id = run.id.to_string();
  CARILLON_CHECK(create(tx, {std::move(run)}));
  return Json{{"run_id", id}, {"queue_position", ahead + 1},
              {"estimated_start", format_instant(tx.now() + std::chrono::milliseconds(ahead))}, {"state", "queued"}};
}

void RunActions::contribute(PluginHost& host) {
  host.permission("runs.view", "viewer");
  host.permission("runs.start", "operator");
  host.permission("runs.manage", "operator");
  auto bound = [this](Answer (RunActions::*method)(Tx&, const TenantContext&, const ActionRequest&)) {
    return [this, method](Tx& tx, const TenantContext& who, const ActionRequest& request) { return (this->*method)(tx, who, request); };
  };
  host.action({"runs.start", "runs.start", "StartRun", true, false, bound(&RunActions::start)});
  host.action({"runs.list", "runs.view", "", false, false, bound(&RunActions::list)});
  host.action({"runs.get", "runs.view", "", false, false, bound(&RunActions::get)});
  host.action({"runs.cancel", "runs.manage", "", false, false, bound(&RunActions::cancel)});
  host.action({"runs.retry", "runs.start", "", true, false, bound(&RunActions::retry)});
  host.route({"POST", "/api/v1/workflows/{id}/runs", "runs.start", 201});
  host.route({"GET", "/api/v1/runs", "runs.list"});
  host.route({"GET", "/api/v1/runs/{id}", "runs.get"});
  host.route({"POST", "/api/v1/runs/{id}/cancel", "runs.cancel"});
  host.route({"POST", "/api/v1/runs/{id}/retry", "runs.retry", 201});
  host.navigation({"runs", "Runs", "/runs", "runs.view"});
}

RunActions::Answer RunActions::start(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<WorkflowId>("id"));
  CARILLON_TRY(auto workflow, workflows_.get(tx, who.tenant, id));
  if (!workflow.latest_version)
    return Error{ErrorCode::conflict, "NO_PUBLISHED_VERSION", "The workflow has no published version to run.", "id", id.to_string(),
                 "Publish it first.", {}};
  Json input = request.body.value("input", Json::object());
  CARILLON_TRY(auto schema, schemas_.of_version(tx, who.tenant, id, *workflow.latest_version));
  CARILLON_TRY(input, restore_hidden(std::move(input), nullptr, {}, {}, "/input"));
  if (schema) CARILLON_CHECK(check_payload(*schema, input, "/input"));
  CARILLON_CHECK(check_secrets(tx, secrets_, who, input, nullptr, "/input"));
  NewRun run;
  run.tenant = who.tenant;
  run.workflow = id;
  run.version = *workflow.latest_version;
  run.priority = priority_in(request.body);
  run.input = dump_json(input);
  run.provenance.reason = "manual";
  run.provenance.actor = who.actor_name;
  CARILLON_TRY(auto answer, starter_.start(tx, std::move(run)));
  tx.audit(who.tenant, {who.actor, who.actor_name, "runs.start", "workflow", id.value, who.request_id, {{"run_id", answer["run_id"]}}});
  return ActionResponse{std::move(answer), {}};
}

RunActions::Answer RunActions::list(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  RunFilter filter;
  filter.state = parse_run_state(request.param("state"));
  if (auto text = request.param("workflow_id"); !text.empty()) filter.workflow = WorkflowId::parse(text);
  if (auto text = request.param("schedule_id"); !text.empty()) filter.schedule = ScheduleId::parse(text);
  filter.reason = request.param("reason");
  for (auto [field, into] : {std::pair("from", &filter.from), std::pair("to", &filter.to)}) {
    const std::string text = request.param(field);
    if (text.empty()) continue;
    *into = parse_instant(text);
    if (!*into)
      return Error{ErrorCode::malformed, "PARAMETER_INVALID", std::string(field) + " is not an instant with an offset.", field, shorten(text),
                   "Write it like 2026-12-24T18:00:00Z.", {}};
  }
  if (auto cursor = request.param("cursor"); !cursor.empty()) {
    filter.before = RunId::parse(cursor);
    if (!filter.before)
      return Error{ErrorCode::malformed, "BAD_CURSOR", "The cursor is not one that this list gave.", "cursor", shorten(cursor),
                   "Start again without a cursor.", {}};
  }
  const int limit = static_cast<int>(request.number("limit", 50));
  filter.limit = limit + 1;
  CARILLON_TRY(auto runs, runs_.list(tx, who.tenant, filter));
  const bool more = static_cast<int>(runs.size()) > limit;
  if (more) runs.pop_back();
  Json items = Json::array();
  for (const auto& run : runs) items.push_back(run_json(run));
  return ActionResponse{{{"items", std::move(items)}, {"next_cursor", more ? Json(runs.back().id.to_string()) : Json(nullptr)}}, {}};
}

RunActions::Answer RunActions::view(Tx& tx, const TenantContext& who, RunId id) {
  CARILLON_TRY(auto run, runs_.get(tx, who.tenant, id));
  CARILLON_TRY(auto steps, runs_.steps(tx, who.tenant, id));
  CARILLON_TRY(const auto redactor, redaction_.from(tx, who, run.workflow, run.version));
  Json out = run_json(run);
  out["input"] = stored_json(run.input);
  out["output"] = stored_json(run.output);
  out["steps"] = steps_json(steps);
  if (!redactor.idle()) hide_in_run(redactor, out);
  return ActionResponse{std::move(out), {}};
}

RunActions::Answer RunActions::get(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<RunId>("id"));
  return view(tx, who, id);
}

RunActions::Answer RunActions::cancel(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<RunId>("id"));
  CARILLON_CHECK(runs_.request_cancel(tx, who.tenant, id));
  tx.audit(who.tenant, {who.actor, who.actor_name, "runs.cancel", "run", id.value, who.request_id, Json::object()});
  return view(tx, who, id);
}

RunActions::Answer RunActions::retry(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<RunId>("id"));
  CARILLON_TRY(auto old, runs_.get(tx, who.tenant, id));
  if (!is_terminal(old.state))
    return Error{ErrorCode::conflict, "RUN_NOT_ENDED", "The run has not ended yet (" + std::string(to_string(old.state)) + ").", "id",
                 id.to_string(), "Wait for its end, or cancel it first.", {}};
  NewRun run;
  run.tenant = who.tenant;
  run.workflow = old.workflow;
  run.version = old.version;
  run.priority = old.priority;
  run.input = old.input;
  run.provenance = old.provenance;
  run.provenance.reason = "retry";
  run.provenance.retry_of = id;
  run.provenance.actor = who.actor_name;
  CARILLON_TRY(auto answer, starter_.start(tx, std::move(run)));
  tx.audit(who.tenant, {who.actor, who.actor_name, "runs.retry", "run", id.value, who.request_id, {{"run_id", answer["run_id"]}}});
  return ActionResponse{std::move(answer), {}};
}

}  // namespace carillon
