#include "engine/workflows/publisher.h"

#include "engine/workflows/schema_diff.h"

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

/// Of a definition that is refused anyway: what its schemas have wrong besides, so that all is shown at once.
void add_problems_of_schemas(const DefinitionText& definition, PayloadSchemas& schemas, std::vector<Problem>& problems) {
  std::vector<Problem> ignored;
  const auto document = read_document(definition.text, format_of(definition), ignored);
  if (!document) return;
  for (const char* at : {"/input/schema/document", "/output/schema/document"}) {
    const Json::json_pointer pointer(at);
    if (!document->value.contains(pointer) || !document->value.at(pointer).is_object()) continue;
    if (auto compiled = schemas.of_text(dump_json(document->value.at(pointer))); !compiled)
      add_schema_problems(definition, at, compiled.error(), problems);
  }
  std::ranges::sort(problems, {}, [](const Problem& p) { return std::tuple(p.line, p.column, p.pointer, p.code); });
}

}  // namespace

DefinitionCheck check_definition(const DefinitionText& definition, PayloadSchemas& schemas) {
  DefinitionCheck out;
  auto parsed = parse_definition(definition.text, format_of(definition));
  out.problems = std::move(parsed.problems);
  out.parsed = std::move(parsed.parsed);
  if (!out.parsed) {
    add_problems_of_schemas(definition, schemas, out.problems);
    return out;
  }
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

namespace {

/// What a plan was based on, as text for the caller to hand back: draft revision, latest version, the moment, what the
/// hooks saw, the migration, the payload fixes.
struct PlanMark {
  std::int64_t draft = 0, latest = 0;
  Instant at;
  std::string fingerprint, migration, fixes;

  std::string text() const {
    return std::to_string(draft) + "-" + std::to_string(latest) + "-" + std::to_string(at.us) + "-" + fingerprint + "-" + migration + "-" + fixes;
  }
  static std::optional<PlanMark> parse(const std::string& text) {
    std::vector<std::string> parts(1);
    for (char c : text) {
      if (c == '-') parts.emplace_back();
      else parts.back() += c;
    }
    auto number = [](const std::string& digits) -> std::optional<std::int64_t> {
      if (digits.empty() || digits.size() > 18 || digits.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
      return std::stoll(digits);
    };
    if (parts.size() != 6) return std::nullopt;
    auto draft = number(parts[0]), latest = number(parts[1]), at = number(parts[2]);
    if (!draft || !latest || !at) return std::nullopt;
    return PlanMark{*draft, *latest, Instant{*at}, parts[3], parts[4], parts[5]};
  }
};

/// Of a migration or of fixes; null stands for none.
template <class T>
std::string mark_of(const T* changes) {
  return changes ? std::to_string(fnv1a(changes->text())) : "0";
}

Error draft_changed(std::int64_t now, std::int64_t named) {
  return Error{ErrorCode::conflict, "DRAFT_CHANGED", "The draft was changed to revision " + std::to_string(now) + " since you read it.",
               "/draft_revision", std::to_string(named), "Read the draft again, look at the change, then publish.", {}};
}

Error plan_stale(const std::vector<std::string>& changes) {
  std::string list;
  for (const auto& change : changes) list += (list.empty() ? "" : "; ") + change;
  return Error{ErrorCode::conflict, "PLAN_STALE", "Since the plan: " + (list.empty() ? std::string("schedules were changed") : list) + ".",
               "/plan_hash", "", "Plan again, look at what it says, then publish with its plan_hash.", {}};
}

}  // namespace

Result<Publisher::Seen> Publisher::look(Tx& tx, const TenantContext& who, const PublishRequest& request, bool locked) {
  Seen out;
  if (locked) { CARILLON_TRY(out.workflow, store_.lock(tx, who.tenant, request.workflow)); }
  else { CARILLON_TRY(out.workflow, store_.get(tx, who.tenant, request.workflow)); }
  CARILLON_TRY(out.draft, store_.draft(tx, who.tenant, request.workflow));
  return out;
}

Result<Publisher::Ready> Publisher::prepare(Tx& tx, const TenantContext& who, const PublishRequest& request, const Seen& seen,
                                            PublishProgress& progress) {
  if (request.draft_revision && *request.draft_revision != seen.draft.revision) return draft_changed(seen.draft.revision, *request.draft_revision);
  Ready out;
  out.check = check_definition(seen.draft.definition, schemas_);
  if (!out.check.problems.empty()) return definition_error(out.check.problems);
  if (seen.workflow.latest_version) {
    CARILLON_TRY(auto latest, store_.version(tx, who.tenant, request.workflow, *seen.workflow.latest_version));
    out.old_schema = latest.payload_schema;
  }
  out.head = std::make_unique<Workflow>(seen.workflow);
  const bool same = !out.old_schema.empty() && out.check.compiled_schema &&
                    (out.old_schema == out.check.payload_schema ||
                     schema::annotations_equal(parse_stored_json(out.old_schema), out.check.compiled_schema->document()));
  out.intent.reset(new PublishIntent{who, *out.head, seen.workflow.latest_version.value_or(0) + 1, out.check.compiled_schema.get(), same,
                                     request.migration.get(), request.fixes.get(), progress});
  for (PublishHook* hook : hooks_()) {
    CARILLON_TRY(auto prepared, hook->prepare(tx, *out.intent));
    out.prepared.push_back(std::move(prepared));
  }
  return out;
}

Result<std::string> Publisher::fingerprint(Tx& tx, const TenantContext& who, WorkflowId workflow) {
  std::string out;
  for (PublishHook* hook : hooks_()) {
    CARILLON_TRY(auto part, hook->fingerprint(tx, who.tenant, workflow));
    if (!part.empty()) out += (out.empty() ? "" : "_") + part;
  }
  return out;
}

Status Publisher::check_plan(Tx& tx, const TenantContext& who, const PublishRequest& request, const Seen& seen) {
  if (request.plan_hash.empty()) return ok();
  auto planned = PlanMark::parse(request.plan_hash);
  if (!planned)
    return Error{ErrorCode::invalid, "PLAN_UNKNOWN", "This is not the plan_hash of a plan.", "/plan_hash", shorten(request.plan_hash),
                 "Send it as the plan answered it, or leave it out.", {}};
  std::vector<std::string> changes;
  if (planned->draft != seen.draft.revision) changes.push_back("the draft was changed to revision " + std::to_string(seen.draft.revision));
  if (const auto latest = seen.workflow.latest_version.value_or(0); planned->latest != latest)
    changes.push_back("version " + std::to_string(latest) + " was published");
  if (planned->migration != mark_of(request.migration.get())) changes.push_back("the migration is another than the planned one");
  if (planned->fixes != mark_of(request.fixes.get())) changes.push_back("the payload fixes are others than the planned ones");
  CARILLON_TRY(auto now, fingerprint(tx, who, request.workflow));
  if (now != planned->fingerprint && planned->latest == seen.workflow.latest_version.value_or(0)) {
    for (PublishHook* hook : hooks_()) {
      CARILLON_TRY(auto more, hook->changes_since(tx, who.tenant, request.workflow, planned->at));
      changes.insert(changes.end(), more.begin(), more.end());
    }
    if (changes.empty()) changes.push_back("schedules were changed");
  }
  return changes.empty() ? ok() : Status(plan_stale(changes));
}

Result<Json> Publisher::plan(Tx& tx, const TenantContext& who, const PublishRequest& request) {
  const auto progress = board_.begin(who.tenant, request.workflow);
  // Before anything is read: what changes meanwhile makes the plan stale.
  CARILLON_TRY(auto marked, fingerprint(tx, who, request.workflow));
  CARILLON_TRY(const auto seen, look(tx, who, request, false));
  CARILLON_TRY(auto ready, prepare(tx, who, request, seen, *progress));
  const PlanMark mark{seen.draft.revision, seen.workflow.latest_version.value_or(0), tx.now(), marked, mark_of(request.migration.get()),
                      mark_of(request.fixes.get())};
  Json answer{{"workflow_id", seen.workflow.id.to_string()}, {"version", ready.intent->number}, {"dry_run", true},
              {"plan_hash", mark.text()}, {"draft_revision", seen.draft.revision}};
  const Json before = ready.old_schema.empty() ? Json(nullptr) : parse_stored_json(ready.old_schema);
  const Json after = ready.check.payload_schema.empty() ? Json(nullptr) : parse_stored_json(ready.check.payload_schema);
  answer["schema_changes"] = schema_changes(before, after);
  answer["payload_schema"] = after;
  std::size_t n = 0;
  for (PublishHook* hook : hooks_()) CARILLON_CHECK(hook->on_plan(tx, *ready.intent, ready.prepared[n++].get(), request.page, answer));
  return answer;
}

Result<Json> Publisher::publish(Tx& tx, const TenantContext& who, const PublishRequest& request) {
  const auto progress = board_.begin(who.tenant, request.workflow);
  CARILLON_TRY(auto seen, look(tx, who, request, false));
  CARILLON_TRY(auto ready, prepare(tx, who, request, seen, *progress));
  CARILLON_TRY(auto current, look(tx, who, request, true));
  CARILLON_CHECK(check_plan(tx, who, request, current));
  // Overtaken by another publish or by an edit of the draft: once more, with the head held.
  if (current.draft.revision != seen.draft.revision || current.workflow.latest_version != seen.workflow.latest_version) {
    ready = Ready();
    CARILLON_TRY(ready, prepare(tx, who, request, current, *progress));
  }
  progress->phase = PublishProgress::Phase::writing;
  progress->done = 0;
  Workflow workflow = current.workflow;

  WorkflowVersion version;
  version.workflow = workflow.id;
  version.number = ready.intent->number;
  version.definition = current.draft.definition;
  version.payload_schema = ready.check.payload_schema;
  if (const auto* compiled = ready.intent->payload_schema)
    version.dialect = compiled->dialect() == schema::Dialect::draft07 ? "draft-07" : "2020-12";
  version.note = request.note;
  version.published_at = tx.now();
  version.published_by = who.actor_name;
  CARILLON_CHECK(store_.insert_version(tx, who.tenant, version));
  workflow.latest_version = version.number;
  workflow.latest_has_schema = !version.payload_schema.empty();
  workflow.draft_changed = false;
  workflow.updated_at = tx.now();
  CARILLON_CHECK(store_.update(tx, workflow));

  Json answer{{"workflow_id", workflow.id.to_string()}, {"version", version.number}, {"dry_run", false}};
  std::size_t n = 0;
  for (PublishHook* hook : hooks_()) {
    const PublishContext context{who, workflow, version, ready.intent->payload_schema, *ready.intent, ready.prepared[n++].get()};
    CARILLON_CHECK(hook->on_publish(tx, context, answer));
  }
  tx.emit(who.tenant, {"workflows", workflow.id.value, "updated", workflow.revision,
                       {{"latest_version", version.number}, {"draft_changed", false}}});
  Json detail{{"version", version.number}, {"note", version.note}};
  if (request.migration) {
    // Which operations on which places; the values are parts of payloads.
    detail["migration"] = parse_stored_json(request.migration->text());
    for (auto& operation : detail["migration"]) operation.erase("value");
  }
  if (request.fixes) detail["payload_fixes"] = request.fixes->all().size();
  tx.audit(who.tenant, {who.actor, who.actor_name, "workflows.publish", "workflow", workflow.id.value, who.request_id, std::move(detail)});
  return answer;
}

}  // namespace carillon
