#include "engine/workflows/workflow_actions.h"

#include "engine/base/names.h"
#include "engine/redaction/redactor.h"

namespace carillon {
namespace {

constexpr const char* kStarterDefinition = R"(document:
  dsl: '1.0.0'
  namespace: default
  name: new-workflow
  version: '1.0.0'
input:
  schema:
    format: json
    document:
      type: object
      properties: {}
do:
  - done:
      set:
        ok: true
)";

Json workflow_json(const Workflow& w) {
  Json out{{"id", w.id.to_string()}, {"name", w.name}, {"description", w.description}, {"trigger", w.trigger},
           {"latest_version", w.latest_version ? Json(*w.latest_version) : Json(nullptr)}, {"draft_changed", w.draft_changed},
           {"created_at", format_instant(w.created_at)}, {"updated_at", format_instant(w.updated_at)}, {"revision", w.revision},
           {"schedules", {{"total", 0}, {"invalid", 0}}}};
  auto reason = not_schedulable(w);
  out["schedulable"] = !reason;
  out["not_schedulable"] = reason ? Json(reason->first) : Json(nullptr);
  out["not_schedulable_message"] = reason ? Json(reason->second) : Json(nullptr);
  return out;
}

}  // namespace

std::optional<std::pair<std::string, std::string>> not_schedulable(const Workflow& w) {
  if (!w.latest_version) return {{"NO_PUBLISHED_VERSION", "The workflow has no published version. Publish it first."}};
  if (!w.latest_has_schema)
    return {{"NO_PAYLOAD_SCHEMA",
             "The published version pins no payload schema. Add input.schema to the definition and publish it."}};
  return std::nullopt;
}

std::string schedulable_remedy(const std::string& code) {
  return code == "NO_PUBLISHED_VERSION" ? "Publish the workflow." : "Add input.schema to the definition and publish it.";
}

void WorkflowActions::contribute(PluginHost& host) {
  host_ = &host;
  host.permission("workflows.view", "viewer");
  host.permission("workflows.manage", "editor");
  host.permission("workflows.publish", "editor");
  auto bound = [this](Answer (WorkflowActions::*method)(Tx&, const TenantContext&, const ActionRequest&)) {
    return [this, method](Tx& tx, const TenantContext& who, const ActionRequest& request) { return (this->*method)(tx, who, request); };
  };
  auto publishing = [this](bool plan) {
    return [this, plan](Tx& tx, const TenantContext& who, const ActionRequest& request) { return publish(tx, who, request, plan); };
  };
  using W = WorkflowActions;
  host.action({"workflows.list", "workflows.view", "", false, false, bound(&W::list)});
  host.action({"workflows.create", "workflows.manage", "NewWorkflow", true, false, bound(&W::create)});
  host.action({"workflows.get", "workflows.view", "", false, false, bound(&W::get)});
  host.action({"workflows.update", "workflows.manage", "WorkflowPatch", false, false, bound(&W::update)});
  host.action({"workflows.publish", "workflows.publish", "PublishRequest", true, false, publishing(false)});
  host.action({"workflows.plan_publish", "workflows.publish", "PublishRequest", false, false, publishing(true)});
  host.action({"workflows.publish_progress", "workflows.view", "", false, false, bound(&W::publish_progress)});
  host.action({"workflows.check_payload", "workflows.view", "PayloadCheck", false, false, bound(&W::check_payload_of)});
  const std::string base = "/api/v1/workflows";
  host.route({"GET", base, "workflows.list"});
  host.route({"POST", base, "workflows.create", 201});
  host.route({"GET", base + "/{id}", "workflows.get"});
  host.route({"PATCH", base + "/{id}", "workflows.update"});
  host.route({"POST", base + "/{id}/publish", "workflows.publish", 201});
  host.route({"POST", base + "/{id}/publish/plan", "workflows.plan_publish"});
  host.route({"GET", base + "/{id}/publish/progress", "workflows.publish_progress"});
  host.route({"POST", base + "/{id}/payload/validate", "workflows.check_payload"});
  drafts_.contribute(host);
  host.navigation({"workflows", "Workflows", "/workflows", "workflows.view"});
}

Status WorkflowActions::decorate(Tx& tx, TenantId tenant, std::vector<Json>& views) {
  for (const auto& decorator : host_->workflow_decorators()) CARILLON_CHECK(decorator->decorate(tx, tenant, views));
  return ok();
}

WorkflowActions::Answer WorkflowActions::view(Tx& tx, const Workflow& workflow) {
  std::vector<Json> views = {workflow_json(workflow)};
  CARILLON_CHECK(decorate(tx, workflow.tenant, views));
  views[0]["payload_schema"] = nullptr;
  if (workflow.latest_version) {
    CARILLON_TRY(auto version, store_.version(tx, workflow.tenant, workflow.id, *workflow.latest_version));
    if (!version.payload_schema.empty()) views[0]["payload_schema"] = parse_stored_json(version.payload_schema);
  }
  return ActionResponse{std::move(views[0]), workflow.revision};
}

WorkflowActions::Answer WorkflowActions::list(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  WorkflowFilter filter;
  filter.text = request.param("text");
  filter.after = request.param("cursor");
  const int limit = static_cast<int>(request.number("limit", 50));
  filter.limit = limit + 1;
  CARILLON_TRY(auto items, store_.list(tx, who.tenant, filter));
  CARILLON_TRY(auto total, store_.count(tx, who.tenant, filter));
  const bool more = static_cast<int>(items.size()) > limit;
  if (more) items.pop_back();
  std::vector<Json> views;
  for (const auto& item : items) views.push_back(workflow_json(item));
  CARILLON_CHECK(decorate(tx, who.tenant, views));
  return ActionResponse{{{"items", views}, {"next_cursor", more ? Json(items.back().name) : Json(nullptr)}, {"total", total}}, {}};
}

WorkflowActions::Answer WorkflowActions::create(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  Workflow w;
  w.id = ids_.make<WorkflowId>();
  w.tenant = who.tenant;
  w.name = request.body.at("name");
  CARILLON_CHECK(check_name(w.name));
  w.description = request.body.value("description", "");
  w.created_at = w.updated_at = tx.now();
  Draft draft;
  draft.definition = {request.body.value("text", kStarterDefinition), request.body.value("format", "yaml")};
  draft.updated_at = tx.now();
  draft.updated_by = who.actor_name;
  DefinitionCheck check = check_definition(draft.definition, schemas_);
  if (!check.problems.empty()) return text_error(check.problems);
  CARILLON_CHECK(store_.insert(tx, w, draft));
  tx.emit(who.tenant, {"workflows", w.id.value, "created", w.revision, workflow_json(w)});
  tx.audit(who.tenant, workflow_audit(who, "workflows.create", w.id, {{"name", w.name}}));
  return view(tx, w);
}

WorkflowActions::Answer WorkflowActions::get(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<WorkflowId>("id"));
  CARILLON_TRY(auto workflow, store_.get(tx, who.tenant, id));
  return view(tx, workflow);
}

WorkflowActions::Answer WorkflowActions::update(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<WorkflowId>("id"));
  CARILLON_TRY(auto w, store_.lock(tx, who.tenant, id));
  CARILLON_CHECK(check_revision(request, w.revision));
  const std::string before = std::exchange(w.name, request.body.value("name", w.name));
  if (w.name != before) CARILLON_CHECK(check_name(w.name));
  w.description = request.body.value("description", w.description);
  ++w.revision;
  w.updated_at = tx.now();
  CARILLON_CHECK(store_.update(tx, w));
  tx.emit(who.tenant, {"workflows", id.value, "updated", w.revision, {{"name", w.name}, {"description", w.description}}});
  tx.audit(who.tenant, workflow_audit(who, "workflows.update", id, {{"name", w.name}}));
  return view(tx, w);
}

WorkflowActions::Answer WorkflowActions::publish(Tx& tx, const TenantContext& who, const ActionRequest& request, bool plan) {
  PublishRequest publish;
  CARILLON_TRY(publish.workflow, request.id<WorkflowId>("id"));
  publish.note = request.body.value("note", "");
  if (auto it = request.body.find("draft_revision"); it != request.body.end()) publish.draft_revision = it->get<std::int64_t>();
  if (auto it = request.body.find("migration"); it != request.body.end()) {
    CARILLON_TRY(publish.migration, PayloadMigration::parse(*it));
  }
  if (auto it = request.body.find("payload_fixes"); it != request.body.end()) {
    CARILLON_TRY(publish.fixes, PayloadFixes::parse(*it));
  }
  publish.plan_hash = request.body.value("plan_hash", "");
  publish.page = {request.body.value("cursor", ""), request.body.value("verdict", "")};
  if (plan) {
    CARILLON_TRY(auto planned, publisher_.plan(tx, who, publish));
    return ActionResponse{std::move(planned), {}};
  }
  CARILLON_TRY(auto answer, publisher_.publish(tx, who, publish));
  return ActionResponse{std::move(answer), {}};
}

WorkflowActions::Answer WorkflowActions::publish_progress(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<WorkflowId>("id"));
  CARILLON_TRY(auto workflow, store_.get(tx, who.tenant, id));
  const auto progress = publisher_.board().find(who.tenant, workflow.id);
  if (!progress) return ActionResponse{{{"phase", nullptr}, {"done", 0}, {"total", 0}}, {}};
  using Phase = PublishProgress::Phase;
  const Phase phase = progress->phase;
  const char* name = phase == Phase::reading ? "reading" : phase == Phase::validating ? "validating" : "writing";
  return ActionResponse{{{"phase", name}, {"done", progress->done.load()}, {"total", progress->total.load()}}, {}};
}

/// The schema a payload is asked about: of the latest version, or of the draft. Never null.
Result<WorkflowActions::Asked> WorkflowActions::schema_asked_about(Tx& tx, const TenantContext& who, const Workflow& workflow, bool draft) {
  if (!draft) {
    if (auto reason = not_schedulable(workflow))
      return Error{ErrorCode::conflict, reason->first, reason->second, "id", workflow.id.to_string(), schedulable_remedy(reason->first), {}};
    CARILLON_TRY(auto schema, schemas_.of_version(tx, who.tenant, workflow.id, *workflow.latest_version));
    return Asked{std::move(schema), *workflow.latest_version};
  }
  CARILLON_TRY(const auto text, store_.draft(tx, who.tenant, workflow.id));
  DefinitionCheck check = check_definition(text.definition, schemas_);
  if (!check.problems.empty()) return definition_error(check.problems);
  if (!check.compiled_schema)
    return Error{ErrorCode::conflict, "NO_PAYLOAD_SCHEMA", "The draft pins no payload schema.", "/draft", "", "Add input.schema to the draft.", {}};
  return Asked{std::move(check.compiled_schema), workflow.latest_version.value_or(0) + 1};
}

WorkflowActions::Answer WorkflowActions::check_payload_of(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<WorkflowId>("id"));
  CARILLON_TRY(auto workflow, store_.get(tx, who.tenant, id));
  CARILLON_TRY(const auto asked, schema_asked_about(tx, who, workflow, request.body.value("draft", false)));
  Json payload = request.body.at("payload");
  Json answer{{"version", asked.version}};
  if (auto it = request.body.find("migration"); it != request.body.end()) {
    CARILLON_TRY(const auto migration, PayloadMigration::parse(*it));
    if (migration) { CARILLON_TRY(payload, migration->apply(std::move(payload), tx.now())); }
    answer["migrated"] = payload;
  }
  Status checked = check_payload(*asked.schema, payload, "/payload");
  if (!checked && checked.error().reason != "PAYLOAD_INVALID") return checked.error();
  auto violations = checked ? std::vector<Violation>() : checked.error().violations;
  // What a placeholder stands for is not known here; whether it may stand there is found out when it is saved.
  for (const auto& place : placeholder_places(payload))
    std::erase_if(violations, [&](const Violation& v) { return v.instance == place || v.instance.starts_with(place + "/"); });
  answer["valid"] = violations.empty();
  answer["violations"] = to_json(violations);
  return ActionResponse{std::move(answer), {}};
}

}  // namespace carillon
