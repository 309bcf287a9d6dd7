#include "engine/workflows/publisher.h"

namespace carillon {
namespace {

DefinitionFormat format_of(const DefinitionText& definition) {
  return definition.format == "json" ? DefinitionFormat::json : DefinitionFormat::yaml;
}

constexpr const char* kSchemaPointer = "/input/schema/document";

/// A refused payload schema as a problem of the definition, at its place in the text.
Problem schema_problem(const DefinitionText& definition, const std::string& pointer, const Error& error,
                       const std::string& message) {
  std::vector<Problem> ignored;
  Problem out{kSchemaPointer + pointer, 0, 0, error.reason, message, error.remedy};
  if (auto document = read_document(definition.text, format_of(definition), ignored)) {
    SourcePlace place = document->places.find(out.pointer);
    out.line = place.line;
    out.column = place.column;
  }
  return out;
}

}  // namespace

DefinitionCheck check_definition(const DefinitionText& definition, PayloadSchemas& schemas) {
  DefinitionCheck out;
  auto parsed = parse_definition(definition.text, format_of(definition));
  out.problems = std::move(parsed.problems);
  out.parsed = std::move(parsed.parsed);
  if (!out.parsed || !out.parsed->definition.input_schema) return out;
  out.payload_schema = dump_json(*out.parsed->definition.input_schema);
  auto compiled = schemas.of_text(out.payload_schema);
  if (compiled) {
    out.compiled_schema = *compiled;
    return out;
  }
  const Error& error = compiled.error();
  if (error.violations.empty()) out.problems.push_back(schema_problem(definition, error.field, error, error.message));
  for (const auto& v : error.violations) out.problems.push_back(schema_problem(definition, v.instance, error, v.message));
  return out;
}

Json problems_to_json(const std::vector<Problem>& problems) {
  Json out = Json::array();
  for (const auto& p : problems)
    out.push_back({{"pointer", p.pointer}, {"line", p.line}, {"column", p.column}, {"code", p.code}, {"message", p.message}, {"remedy", p.remedy}});
  return out;
}

Result<Json> Publisher::publish(Tx& tx, const TenantContext& who, const PublishRequest& request) {
  CARILLON_TRY(auto workflow, store_.lock(tx, who.tenant, request.workflow));
  CARILLON_TRY(auto draft, store_.draft(tx, who.tenant, request.workflow));
  if (request.draft_revision && *request.draft_revision != draft.revision)
    return Error{ErrorCode::conflict, "DRAFT_CHANGED",
                 "The draft was changed to revision " + std::to_string(draft.revision) + " since you read it.", "/draft_revision",
                 std::to_string(*request.draft_revision), "Read the draft again, look at the change, then publish.", {}};
  DefinitionCheck check = check_definition(draft.definition, schemas_);
  if (!check.problems.empty()) return definition_error(check.problems);

  WorkflowVersion version;
  version.workflow = workflow.id;
  version.number = workflow.latest_version.value_or(0) + 1;
  version.definition = draft.definition;
  version.payload_schema = check.payload_schema;
  if (check.compiled_schema) version.dialect = check.compiled_schema->dialect() == schema::Dialect::draft07 ? "draft-07" : "2020-12";
  version.note = request.note;
  version.published_at = tx.now();
  version.published_by = who.actor_name;
  CARILLON_CHECK(store_.insert_version(tx, who.tenant, version));
  workflow.latest_version = version.number;
  workflow.latest_has_schema = !version.payload_schema.empty();
  workflow.draft_changed = false;
  workflow.updated_at = tx.now();
  CARILLON_CHECK(store_.update(tx, workflow));

  Json answer{{"workflow_id", workflow.id.to_string()}, {"version", version.number}, {"dry_run", request.dry_run}};
  const PublishContext context{who, workflow, version, check.compiled_schema.get(), request.dry_run};
  for (PublishHook* hook : hooks_()) CARILLON_CHECK(hook->on_publish(tx, context, answer));
  tx.emit(who.tenant, {"workflows", workflow.id.value, "updated", workflow.revision,
                       {{"latest_version", version.number}, {"draft_changed", false}}});
  tx.audit(who.tenant, {who.actor, who.actor_name, "workflows.publish", "workflow", workflow.id.value, who.request_id,
                        {{"version", version.number}, {"note", version.note}}});
  return answer;
}

}  // namespace carillon
