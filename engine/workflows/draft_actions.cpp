#include "engine/workflows/draft_actions.h"

#include "engine/workflows/schema_diff.h"

namespace carillon {
namespace {

constexpr std::size_t kMostChanges = 500;

Json draft_json(const Draft& d) {
  return {{"text", d.definition.text}, {"format", d.definition.format}, {"revision", d.revision},
          {"updated_at", format_instant(d.updated_at)}, {"updated_by", d.updated_by.empty() ? Json(nullptr) : Json(d.updated_by)}};
}

Json version_json(const WorkflowVersion& v) {
  return {{"number", v.number}, {"published_at", format_instant(v.published_at)},
          {"published_by", v.published_by.empty() ? Json(nullptr) : Json(v.published_by)}, {"note", v.note},
          {"has_payload_schema", !v.payload_schema.empty()}, {"dialect", v.dialect.empty() ? Json(nullptr) : Json(v.dialect)}};
}

Json schema_json(const WorkflowVersion& v) { return v.payload_schema.empty() ? Json(nullptr) : parse_stored_json(v.payload_schema); }

DefinitionText definition_of(const Json& body) { return {body.at("text"), body.at("format")}; }

/// A published definition as a value, whatever it was written in.
Json definition_value(const DefinitionText& definition) {
  std::vector<Problem> problems;
  auto document = read_document(definition.text, definition.format == "json" ? DefinitionFormat::json : DefinitionFormat::yaml, problems);
  return document ? std::move(document->value) : Json(nullptr);
}

}  // namespace

Status check_revision(const ActionRequest& request, std::int64_t current) {
  if (!request.if_match)
    return Error{ErrorCode::precondition_missing, "IF_MATCH_MISSING", "A change needs the revision it is based on.", "If-Match", "",
                 "Send the ETag you last read in If-Match.", {}};
  if (*request.if_match != current)
    return Error{ErrorCode::precondition_failed, "REVISION_CHANGED",
                 "It was changed to revision " + std::to_string(current) + " since you read it.", "If-Match",
                 std::to_string(*request.if_match), "Read it again, look at the change, then send yours again.", {}};
  return ok();
}

Error text_error(const std::vector<Problem>& problems) {
  Error error = definition_error(problems);
  error.field = "/text";
  return error;
}

AuditEntry workflow_audit(const TenantContext& who, const std::string& action, WorkflowId id, Json detail) {
  return {who.actor, who.actor_name, action, "workflow", id.value, who.request_id, std::move(detail)};
}

void DraftActions::contribute(PluginHost& host) {
  auto bound = [this](Answer (DraftActions::*method)(Tx&, const TenantContext&, const ActionRequest&)) {
    return [this, method](Tx& tx, const TenantContext& who, const ActionRequest& request) { return (this->*method)(tx, who, request); };
  };
  using D = DraftActions;
  host.action({"workflows.draft", "workflows.view", "", false, false, bound(&D::draft)});
  host.action({"workflows.save_draft", "workflows.manage", "DraftText", false, false, bound(&D::save_draft)});
  host.action({"workflows.validate", "workflows.view", "DraftText", false, false, bound(&D::validate)});
  host.action({"workflows.versions", "workflows.view", "", false, false, bound(&D::versions)});
  host.action({"workflows.version", "workflows.view", "", false, false, bound(&D::version)});
  host.action({"workflows.compare", "workflows.view", "", false, false, bound(&D::compare)});
  host.action({"workflows.restore", "workflows.manage", "", false, false, bound(&D::restore)});
  const std::string base = "/api/v1/workflows/{id}";
  host.route({"GET", base + "/draft", "workflows.draft"});
  host.route({"PUT", base + "/draft", "workflows.save_draft"});
  host.route({"POST", base + "/validate", "workflows.validate"});
  host.route({"GET", base + "/versions", "workflows.versions"});
  host.route({"GET", base + "/versions/{number}", "workflows.version"});
  host.route({"GET", base + "/versions/{number}/compare", "workflows.compare"});
  host.route({"POST", base + "/versions/{number}/restore", "workflows.restore"});
}

DraftActions::Answer DraftActions::draft(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<WorkflowId>("id"));
  CARILLON_TRY(auto draft, store_.draft(tx, who.tenant, id));
  return ActionResponse{draft_json(draft), draft.revision};
}

DraftActions::Answer DraftActions::save_draft(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<WorkflowId>("id"));
  return replace(tx, who, request, definition_of(request.body), workflow_audit(who, "workflows.save_draft", id, Json::object()));
}

DraftActions::Answer DraftActions::restore(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<WorkflowId>("id"));
  CARILLON_TRY(auto version, store_.version(tx, who.tenant, id, request.number("number", 0)));
  return replace(tx, who, request, std::move(version.definition),
                 workflow_audit(who, "workflows.restore", id, {{"version", version.number}}));
}

DraftActions::Answer DraftActions::replace(Tx& tx, const TenantContext& who, const ActionRequest& request, DefinitionText text, AuditEntry entry) {
  CARILLON_TRY(auto id, request.id<WorkflowId>("id"));
  CARILLON_TRY(auto w, store_.lock(tx, who.tenant, id));
  CARILLON_TRY(auto draft, store_.draft(tx, who.tenant, id));
  CARILLON_CHECK(check_revision(request, draft.revision));
  draft.definition = std::move(text);
  DefinitionCheck check = check_definition(draft.definition, schemas_);
  if (!check.problems.empty()) return text_error(check.problems);
  ++draft.revision;
  draft.updated_at = tx.now();
  draft.updated_by = who.actor_name;
  CARILLON_CHECK(store_.put_draft(tx, who.tenant, id, draft));
  w.draft_changed = true;
  if (w.latest_version) {
    CARILLON_TRY(auto latest, store_.version(tx, who.tenant, id, *w.latest_version));
    w.draft_changed = latest.definition.text != draft.definition.text || latest.definition.format != draft.definition.format;
  }
  w.updated_at = tx.now();
  CARILLON_CHECK(store_.update(tx, w));
  tx.emit(who.tenant, {"workflows", id.value, "updated", w.revision, {{"draft_changed", w.draft_changed}}});
  entry.detail["draft_revision"] = draft.revision;
  tx.audit(who.tenant, std::move(entry));
  return ActionResponse{draft_json(draft), draft.revision};
}

DraftActions::Answer DraftActions::validate(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<WorkflowId>("id"));
  CARILLON_TRY(auto workflow, store_.get(tx, who.tenant, id));
  DefinitionCheck check = check_definition(definition_of(request.body), schemas_);
  Json answer{{"valid", check.problems.empty()}, {"problems", problems_to_json(check.problems)}};
  answer["payload_schema"] = check.payload_schema.empty() ? Json(nullptr) : parse_stored_json(check.payload_schema);
  return ActionResponse{std::move(answer), {}};
}

DraftActions::Answer DraftActions::versions(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<WorkflowId>("id"));
  CARILLON_TRY(auto workflow, store_.get(tx, who.tenant, id));
  CARILLON_TRY(auto versions, store_.versions(tx, who.tenant, workflow.id));
  Json items = Json::array();
  for (const auto& v : versions) items.push_back(version_json(v));
  return ActionResponse{{{"items", std::move(items)}}, {}};
}

DraftActions::Answer DraftActions::version(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<WorkflowId>("id"));
  CARILLON_TRY(auto v, store_.version(tx, who.tenant, id, request.number("number", 0)));
  Json out = version_json(v);
  out["text"] = v.definition.text;
  out["format"] = v.definition.format;
  out["payload_schema"] = schema_json(v);
  return ActionResponse{std::move(out), {}};
}

/// Of `with` (the earlier one) to `number`: values of the definition by pointer, and what the schema asks differently.
DraftActions::Answer DraftActions::compare(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<WorkflowId>("id"));
  CARILLON_TRY(const auto newer, store_.version(tx, who.tenant, id, request.number("number", 0)));
  CARILLON_TRY(const auto older, store_.version(tx, who.tenant, id, request.number("with", 0)));
  return ActionResponse{{{"older", older.number}, {"newer", newer.number},
                         {"definition_changes", json_changes(definition_value(older.definition), definition_value(newer.definition), kMostChanges)},
                         {"schema_changes", schema_changes(schema_json(older), schema_json(newer), kMostChanges)}},
                        {}};
}

}  // namespace carillon
