#include "engine/schema/compiler.h"

#include "engine/schema/metaschema.h"
#include "engine/schema/uri.h"

namespace carillon::schema {

Error schema_error(std::string reason, std::string message, std::string pointer, std::string value, std::string remedy) {
  return Error{ErrorCode::invalid, std::move(reason), std::move(message), std::move(pointer), std::move(value), std::move(remedy), {}};
}

int nesting_depth(const Json& document, int limit) {
  std::vector<std::pair<const Json*, int>> open{{&document, 1}};
  int deepest = 0;
  while (!open.empty()) {
    const auto [value, depth] = open.back();
    open.pop_back();
    if (!value->is_structured()) continue;
    deepest = std::max(deepest, depth);
    if (depth > limit) return depth;
    for (const Json& e : *value) open.emplace_back(&e, depth + 1);
  }
  return deepest;
}

Status check_nesting(const Json& document, int limit, const std::string& pointer) {
  if (nesting_depth(document, limit) <= limit) return ok();
  return schema_error("SCHEMA_TOO_DEEP", "The schema nests arrays and objects more than " + std::to_string(limit) + " deep.", pointer, "",
                      "Move inner parts to $defs and refer to them.");
}

/// Draft-07 is shown by what only draft-07 has, where no `$schema` says it.
Dialect Compiler::guess_dialect(const Json& document) const {
  if (options_.dialect) return *options_.dialect;
  bool old = false;
  std::function<void(const Json&)> look = [&](const Json& schema) {
    if (old || !schema.is_object()) return;
    const auto items = schema.find("items");
    old = (items != schema.end() && items->is_array()) || schema.contains("additionalItems") || schema.contains("dependencies");
    if (!old) each_subschema(schema, Dialect::draft2020_12, [&](const std::string&, const Json& sub) { look(sub); });
  };
  look(document);
  return old ? Dialect::draft07 : Dialect::draft2020_12;
}

Result<Reading> Compiler::custom_reading(const Json& named, const std::string& pointer) const {
  const std::string uri = split_fragment(named.is_string() ? named.get<std::string>() : std::string()).document;
  const auto remote = options_.remotes.find(uri);
  if (remote == options_.remotes.end() || !remote->second.is_object()) return unsupported_dialect(named, pointer + "/$schema");
  const Json& metaschema = remote->second;
  const Json own = metaschema.value("$schema", Json());
  const auto dialect = standard_dialect(own.is_string() ? own.get<std::string>() : std::string());
  if (!dialect) return unsupported_dialect(own, pointer + "/$schema");
  Reading reading{*dialect, kAllVocabularies, options_.assert_formats};
  const auto vocabularies = metaschema.find("$vocabulary");
  if (vocabularies == metaschema.end() || !vocabularies->is_object()) return reading;
  reading.vocabularies = kCore;
  for (const auto& [name, needed] : vocabularies->items()) {
    const std::uint8_t bit = vocabulary_bit(name, reading.assert_formats);
    if (bit == 0 && needed == true) return unsupported_dialect(name, pointer + "/$schema");
    reading.vocabularies |= bit;
  }
  return reading;
}

Result<Reading> Compiler::reading_of(const Json& document, const Reading* inherited, const std::string& pointer) const {
  if (!document.is_object() || !document.contains("$schema")) {
    if (inherited) return *inherited;
    return Reading{guess_dialect(document), kAllVocabularies, options_.assert_formats};
  }
  const Json& named = document.at("$schema");
  if (!named.is_string()) return unsupported_dialect(named, pointer + "/$schema");
  if (auto dialect = standard_dialect(named.get<std::string>()))
    return Reading{*dialect, kAllVocabularies, options_.assert_formats};
  return custom_reading(named, pointer);
}

/// Nesting, then the metaschema.
Status Compiler::check_document(const Json& document, const Reading& reading, const std::string& pointer) const {
  CARILLON_CHECK(check_nesting(document, options_.limits.depth, pointer));
  if (!document.is_object() && !document.is_boolean())
    return schema_error("SCHEMA_INVALID", "A schema is an object, true or false.", pointer, shorten(dump_json(document)),
                        "Write the schema as a JSON object.");
  if (document.is_object() && document.contains("$id") && document["$id"].is_string()) {
    const auto standard = find_metaschema(document["$id"].get<std::string>());
    if (standard && *standard == document) return ok();
  }
  CARILLON_TRY(const auto metaschema, compiled_metaschema(reading.dialect, options_.assert_formats));
  ValidateOptions options;
  options.max_violations = options_.limits.violations;
  CARILLON_TRY(auto violations, metaschema->validate(document, options));
  if (violations.empty()) return ok();
  const Violation& first = violations.front();
  const std::string where = pointer + first.instance;
  // A pattern that is none has its own reason, so that an editor can point at it.
  const bool pattern = first.keyword == "format" && first.params_json.find("\"regex\"") != std::string::npos;
  if (pattern) {
    const Json& text = document.at(Json::json_pointer(first.instance));
    auto compiled = Regex::compile(text.is_string() ? text.get_ref<const std::string&>() : std::string());
    if (!compiled.has_value()) {
      Error error = std::move(compiled).error();
      error.field = where;
      error.violations = std::move(violations);
      return error;
    }
  }
  Error error = schema_error("SCHEMA_INVALID", "The schema is not a valid JSON Schema: at \"" + where + "\" it " + first.message + ".", where,
                             "", "Correct the schema at the places listed.");
  error.violations = std::move(violations);
  for (Violation& v : error.violations) v.instance = pointer + v.instance;
  return error;
}

Status Compiler::load(const std::string& uri, const Reading& wanted_by, const std::string& pointer) {
  std::shared_ptr<const Json> document = find_metaschema(uri);
  const bool trusted = document != nullptr;
  if (!document) {
    const auto remote = options_.remotes.find(uri);
    if (remote == options_.remotes.end()) return ok();
    document = std::make_shared<const Json>(remote->second);
  }
  CARILLON_TRY(const Reading reading, reading_of(*document, &wanted_by, uri + "#"));
  if (!trusted) {
    if (auto status = check_document(*document, reading, uri + "#"); !status.has_value()) {
      Error error = std::move(status).error();
      if (error.field.empty()) error.field = pointer;
      return error;
    }
  }
  program_.documents.push_back(document);
  return registry_.add_document(*document, uri, reading, false, trusted);
}

Status Compiler::run() {
  const Json& document = program_.document;
  CARILLON_TRY(const Reading reading, reading_of(document, nullptr, ""));
  program_.dialect = reading.dialect;
  CARILLON_CHECK(check_document(document, reading, ""));
  CARILLON_CHECK(registry_.add_document(document, "", reading, true, false));
  program_.root = child(document);
  CARILLON_CHECK(compile_all());
  CARILLON_CHECK(refuse_loops());
  find_discriminators();
  skip_plain_references();
  find_marks();
  return ok();
}

Status Compiler::compile_all() {
  do {
    while (!jobs_.empty()) {
      const Job job = jobs_.front();
      jobs_.pop_front();
      if (program_.nodes.size() > options_.limits.subschemas)
        return schema_error("SCHEMA_TOO_LARGE", "The schema has more than " + std::to_string(options_.limits.subschemas) + " subschemas.",
                            job.node->pointer, "", "Split the schema or describe repeated parts once.");
      CARILLON_CHECK(compile_node(*job.schema, *job.node));
    }
    CARILLON_CHECK(compile_dynamic_anchors());
  } while (!jobs_.empty());
  program_.dynamic = !dynamic_references_.empty();
  return ok();
}

/// A dynamic reference may go to its anchor in any resource that was loaded.
Status Compiler::compile_dynamic_anchors() {
  for (DynamicReference* reference : dynamic_references_) {
    reference->targets.clear();
    for (int i = 0; i < registry_.resource_count(); ++i) {
      const auto& anchors = registry_.resource(i).dynamic_anchors;
      const auto at = anchors.find(reference->anchor);
      if (at != anchors.end()) reference->targets.emplace_back(i, child(*at->second));
    }
  }
  return ok();
}

const Node* Compiler::node_for(const Json& schema, const Place& place) {
  auto [at, added] = nodes_.emplace(&schema, nullptr);
  if (!added) return at->second;
  Node& node = program_.nodes.emplace_back();
  node.source = &schema;
  node.pointer = place.pointer;
  node.resource = place.resource;
  at->second = &node;
  jobs_.push_back({&schema, &node});
  return &node;
}

Result<const Node*> Compiler::reference(const Json& ref, const Node& from, const char* keyword, Registry::Target* out) {
  const std::string pointer = from.pointer + "/" + keyword;
  const std::string& text = ref.get_ref<const std::string&>();
  const Reading reading = registry_.resource(from.resource).reading;
  const std::string document = registry_.document_of(from.resource, text);
  if (!registry_.has_resource(document)) CARILLON_CHECK(load(document, reading, pointer));
  auto target = registry_.resolve(from.resource, text);
  if (!target)
    return schema_error("SCHEMA_REF_UNRESOLVED", "The reference \"" + shorten(text) + "\" leads nowhere.", pointer, shorten(text),
                        "Refer to a subschema of this document; nothing is fetched over the network.");
  if (target->fresh) {
    if (!registry_.resource(target->place.resource).trusted)
      CARILLON_CHECK(check_document(*target->schema, registry_.resource(target->place.resource).reading, target->place.pointer));
    CARILLON_CHECK(registry_.adopt(*target));
  }
  if (out) *out = *target;
  return node_for(*target->schema, registry_.place_of(target->schema));
}

Status Compiler::dynamic_reference(const Json& ref, Node& node) {
  Registry::Target target;
  CARILLON_TRY(const Node* fallback, reference(ref, node, "$dynamicRef", &target));
  // Core, 8.2.3.2: without a $dynamicAnchor at the first target it is a plain reference.
  if (target.dynamic_anchor == nullptr) {
    if (node.in_place->ref == nullptr) node.in_place->ref = fallback;
    else node.in_place->all_of.push_back(fallback);
    return ok();
  }
  node.in_place->dynamic_ref = std::make_unique<DynamicReference>();
  node.in_place->dynamic_ref->fallback = fallback;
  node.in_place->dynamic_ref->anchor = *target.dynamic_anchor;
  dynamic_references_.push_back(node.in_place->dynamic_ref.get());
  return ok();
}

}  // namespace carillon::schema
