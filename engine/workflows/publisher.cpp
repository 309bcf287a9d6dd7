#include "engine/workflows/publisher.h"

namespace carillon {
namespace {

DefinitionFormat format_of(const DefinitionText& definition) {
  return definition.format == "json" ? DefinitionFormat::json : DefinitionFormat::yaml;
}

/// A refused schema as problems of the definition, at their places in the text.
void add_schema_problems(const DefinitionText& definition, const std::string& schema_at, const Error& error, std::vector<Problem>& problems) {
  std::vector<Problem> ignored;
  auto document = read_document(definition.text, format_of(definition), ignored);
  auto add = [&](const std::string& pointer, const std::string& message) {
    Problem problem{schema_at + pointer, 0, 0, error.reason, message, error.remedy};
    if (document) {
      SourcePlace place = document->places.find(problem.pointer);
      problem.line = place.line;
      problem.column = place.column;
    }
    problems.push_back(std::move(problem));
  };
  if (error.violations.empty()) add(error.field, error.message);
  for (const auto& v : error.violations) add(v.instance, v.message);
}

}  // namespace

DefinitionCheck check_definition(const DefinitionText& definition, PayloadSchemas& schemas) {
  DefinitionCheck out;
  auto parsed = parse_definition(definition.text, format_of(definition));
  out.problems = std::move(parsed.problems);
  out.parsed = std::move(parsed.parsed);
  if (!out.parsed) return out;
  if (const auto& output = out.parsed->definition.output_schema) {
    auto compiled_output = schemas.of_text(dump_json(*output));
    if (!compiled_output) add_schema_problems(definition, "/output/schema/document", compiled_output.error(), out.problems);
  }
  if (!out.parsed->definition.input_schema) return out;
  out.payload_schema = dump_json(*out.parsed->definition.input_schema);
  auto compiled = schemas.of_text(out.payload_schema);
  if (compiled) {
    out.compiled_schema = *compiled;
    return out;
  }
  add_schema_problems(definition, "/input/schema/document", compiled.error(), out.problems);
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
