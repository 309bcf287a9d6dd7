#include "engine/schema/compare.h"
#include "engine/schema/compiler.h"

namespace carillon::schema {
namespace {

/// A keyword's value if the schema has it and its vocabulary counts, else null.
const Json* keyword_value(const Json& schema, std::string_view name, const Reading& reading) {
  const Keyword* k = find_keyword(name);
  if (k == nullptr || !belongs(*k, reading.dialect) || !(reading.vocabularies & k->vocabulary)) return nullptr;
  const auto at = schema.find(name);
  return at == schema.end() ? nullptr : &*at;
}

Number json_number(const Json& v) { return TreeView(v).number(); }

/// A non-negative integer, which the metaschema has made sure of; what is beyond size_t can never be reached.
std::size_t size_limit(const Json& v) {
  const Number n = json_number(v);
  if (n.kind == Number::Kind::i64) return static_cast<std::size_t>(n.i);
  if (n.kind == Number::Kind::u64) return n.u;
  return n.d >= 1e18 ? SIZE_MAX - 1 : static_cast<std::size_t>(n.d);
}

std::uint8_t type_by_name(std::string_view name) {
  if (name == "null") return kNull;
  if (name == "boolean") return kBoolean;
  if (name == "integer") return kInteger;
  if (name == "number") return kNumber;
  if (name == "string") return kString;
  if (name == "array") return kArray;
  return kObject;
}

}  // namespace

Status Compiler::compile_node(const Json& schema, Node& node) {
  if (schema.is_boolean()) {
    node.is_true = schema.get<bool>();
    node.is_false = !node.is_true;
    return ok();
  }
  // Beside $ref of draft-07, too: who writes it there means it.
  node.marked = schema.value("writeOnly", Json()) == true || schema.value("x-redact", Json()) == true;
  const Reading reading = registry_.resource(node.resource).reading;
  if (reading.dialect == Dialect::draft07 && schema.contains("$ref")) {
    if (schema.size() > 1) {
      for (const auto& [name, value] : schema.items()) {
        const Keyword* k = find_keyword(name);
        if (k == nullptr || name == "$ref" || name == "definitions" || name == "$schema" || name == "$comment" || k->vocabulary == kMetaData) continue;
        program_.warnings.push_back({pointer_append(node.pointer, name), "SCHEMA_REF_SIBLINGS_IGNORED",
                                     "Draft-07 ignores what stands beside $ref; put both into allOf."});
      }
    }
    node.in_place = std::make_unique<InPlace>();
    CARILLON_TRY(node.in_place->ref, reference(schema.at("$ref"), node, "$ref"));
    each_subschema(schema, reading.dialect, [&](const std::string&, const Json& sub) { child(sub); });
    return ok();
  }
  CARILLON_CHECK(refuse_unchecked_keywords(schema, node, reading));
  if (reading.vocabularies & kValidation) {
    CARILLON_CHECK(values(schema, node));
    numbers(schema, node);
  }
  CARILLON_CHECK(strings(schema, node, reading));
  arrays(schema, node, reading);
  CARILLON_CHECK(objects(schema, node, reading));
  CARILLON_CHECK(in_place(schema, node, reading));
  if (const Json* v = keyword_value(schema, "unevaluatedItems", reading)) node.unevaluated_items = child(*v);
  if (const Json* v = keyword_value(schema, "unevaluatedProperties", reading)) node.unevaluated_properties = child(*v);
  // What nothing points to ($defs) is compiled, too: a mistake in it must come out when publishing.
  each_subschema(schema, reading.dialect, [&](const std::string&, const Json& sub) { child(sub); });
  finish_node(node);
  return ok();
}

void Compiler::finish_node(Node& node) const {
  node.tracks = node.unevaluated_items || node.unevaluated_properties;
  node.is_true = node.types == kAnyType && !node.tracks && !node.enum_values && !node.const_value && !node.strings &&
                 !node.numbers && !node.arrays && !node.objects && !node.in_place;
}

Status Compiler::refuse_unchecked_keywords(const Json& schema, const Node& node, const Reading& reading) const {
  if (registry_.resource(node.resource).trusted) return ok();
  for (const auto& [name, value] : schema.items()) {
    const Keyword* k = find_keyword(name);
    if (k == nullptr || belongs(*k, reading.dialect) || k->vocabulary == kMetaData || name == "$defs" || name == "contentSchema" ||
        name == "$vocabulary")
      continue;
    return schema_error("SCHEMA_UNSUPPORTED_KEYWORD",
                        "\"" + name + "\" is no keyword of draft " + std::string(dialect_name(reading.dialect)) + " and would not be checked.",
                        pointer_append(node.pointer, name), name,
                        "Write it in this draft's words, name the right draft in $schema, or call it x-" + name + " if it is a note.");
  }
  return ok();
}

Status Compiler::values(const Json& schema, Node& node) {
  if (const auto type = schema.find("type"); type != schema.end()) {
    node.types = 0;
    if (type->is_string()) node.types = type_by_name(type->get_ref<const std::string&>());
    else
      for (const Json& name : *type) node.types |= type_by_name(name.get_ref<const std::string&>());
  }
  if (const auto value = schema.find("const"); value != schema.end()) {
    node.const_value = std::make_unique<ValueSet>();
    node.const_value->is_const = true;
    node.const_value->values.push_back(&*value);
    index_value_set(*node.const_value);
  }
  if (const auto list = schema.find("enum"); list != schema.end()) {
    node.enum_values = std::make_unique<ValueSet>();
    for (const Json& value : *list) node.enum_values->values.push_back(&value);
    index_value_set(*node.enum_values);
  }
  return ok();
}

Status Compiler::strings(const Json& schema, Node& node, const Reading& reading) {
  StringRules rules;
  bool any = false;
  if (const Json* v = keyword_value(schema, "minLength", reading)) rules.min_length = size_limit(*v), any = true;
  if (const Json* v = keyword_value(schema, "maxLength", reading)) rules.max_length = size_limit(*v), any = true;
  if (const Json* v = keyword_value(schema, "pattern", reading)) {
    rules.pattern_text = v->get<std::string>();
    CARILLON_TRY(rules.pattern, regex(rules.pattern_text, node.pointer + "/pattern"));
    any = true;
  }
  const Json* format = reading.assert_formats ? keyword_value(schema, "format", reading) : nullptr;
  if (format) {
    rules.format_name = format->get<std::string>();
    rules.format = find_format(rules.format_name);
    if (rules.format) any = true;
    else
      program_.warnings.push_back({node.pointer + "/format", "SCHEMA_FORMAT_UNKNOWN",
                                   "The format \"" + shorten(rules.format_name) + "\" is not known and not checked."});
  }
  if (any) node.strings = std::make_unique<StringRules>(std::move(rules));
  return ok();
}

void Compiler::numbers(const Json& schema, Node& node) {
  static constexpr const char* kBoundNames[] = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"};
  auto rules = std::make_unique<NumberRules>();
  bool any = false;
  for (std::size_t i = 0; i < NumberRules::kBounds; ++i) {
    const auto at = schema.find(kBoundNames[i]);
    if (at == schema.end()) continue;
    rules->has[i] = any = true;
    rules->bound[i] = json_number(*at);
  }
  if (const auto at = schema.find("multipleOf"); at != schema.end()) {
    rules->multiple_of = std::make_unique<Divisor>(json_number(*at));
    rules->multiple_of_value = *at;
    any = true;
  }
  if (any) node.numbers = std::move(rules);
}

void Compiler::arrays(const Json& schema, Node& node, const Reading& reading) {
  auto rules = std::make_unique<ArrayRules>();
  bool any = false;
  const auto get = [&](const char* name) {
    const Json* v = keyword_value(schema, name, reading);
    any = any || v != nullptr;
    return v;
  };
  if (const Json* v = get("minItems")) rules->min_items = size_limit(*v);
  if (const Json* v = get("maxItems")) rules->max_items = size_limit(*v);
  if (const Json* v = get("uniqueItems")) rules->unique = v->get<bool>();
  if (const Json* v = get("prefixItems"))
    for (const Json& sub : *v) rules->prefix.push_back(child(sub));
  if (const Json* v = get("items")) {
    if (v->is_array()) {
      rules->prefix_keyword = "items";
      rules->rest_keyword = "additionalItems";
      for (const Json& sub : *v) rules->prefix.push_back(child(sub));
      if (const Json* rest = get("additionalItems")) rules->rest = child(*rest);
    } else {
      rules->rest = child(*v);
    }
  }
  if (get("contains")) contains(schema, *rules, reading);
  if (any) node.arrays = std::move(rules);
}

void Compiler::contains(const Json& schema, ArrayRules& rules, const Reading& reading) {
  rules.contains = child(*keyword_value(schema, "contains", reading));
  if (const Json* v = keyword_value(schema, "minContains", reading)) rules.min_contains = size_limit(*v);
  if (const Json* v = keyword_value(schema, "maxContains", reading)) rules.max_contains = size_limit(*v);
}

Status Compiler::objects(const Json& schema, Node& node, const Reading& reading) {
  auto rules = std::make_unique<ObjectRules>();
  bool any = false;
  const auto get = [&](const char* name) {
    const Json* v = keyword_value(schema, name, reading);
    any = any || v != nullptr;
    return v;
  };
  std::map<std::string, Property> properties;
  if (const Json* v = get("properties"))
    for (const auto& [name, sub] : v->items()) properties[name].node = child(sub);
  if (const Json* v = get("required"))
    for (const Json& name : *v) properties[name.get_ref<const std::string&>()].required = true;
  for (auto& [name, property] : properties) {
    property.name = name;
    property.prefix = key_prefix(name);
    rules->required_count += property.required;
    rules->properties.push_back(std::move(property));
  }
  if (const Json* v = get("patternProperties"))
    for (const auto& [pattern, sub] : v->items()) {
      CARILLON_TRY(const Regex* compiled, regex(pattern, pointer_append(node.pointer + "/patternProperties", pattern)));
      rules->patterns.push_back({compiled, pattern, child(sub)});
    }
  if (const Json* v = get("additionalProperties")) rules->additional = child(*v);
  if (const Json* v = get("propertyNames")) rules->names = child(*v);
  if (const Json* v = get("minProperties")) rules->min_properties = size_limit(*v);
  if (const Json* v = get("maxProperties")) rules->max_properties = size_limit(*v);
  for (const char* name : {"dependentRequired", "dependentSchemas", "dependencies"}) get(name);
  dependents(schema, *rules, reading);
  rules->walks = !rules->properties.empty() || !rules->patterns.empty() || rules->additional || rules->names;
  if (any) node.objects = std::move(rules);
  return ok();
}

void Compiler::dependents(const Json& schema, ObjectRules& rules, const Reading& reading) {
  if (const Json* v = keyword_value(schema, "dependentRequired", reading))
    for (const auto& [name, list] : v->items()) rules.dependent_required.emplace_back(name, list.get<std::vector<std::string>>());
  if (const Json* v = keyword_value(schema, "dependentSchemas", reading))
    for (const auto& [name, sub] : v->items()) rules.dependent_schemas.emplace_back(name, child(sub));
  const Json* both = keyword_value(schema, "dependencies", reading);
  if (both == nullptr) return;
  if (rules.dependent_required.empty()) rules.dependent_required_keyword = "dependencies";
  for (const auto& [name, value] : both->items()) {
    if (value.is_array()) rules.dependent_required.emplace_back(name, value.get<std::vector<std::string>>());
    else rules.dependent_schemas.emplace_back(name, child(value));
  }
}

Status Compiler::in_place(const Json& schema, Node& node, const Reading& reading) {
  node.in_place = std::make_unique<InPlace>();
  InPlace& p = *node.in_place;
  bool any = false;
  const auto get = [&](const char* name) {
    const Json* v = keyword_value(schema, name, reading);
    any = any || v != nullptr;
    return v;
  };
  if (const Json* v = get("$ref")) {
    CARILLON_TRY(p.ref, reference(*v, node, "$ref"));
  }
  if (const Json* v = get("$dynamicRef")) CARILLON_CHECK(dynamic_reference(*v, node));
  if (const Json* v = get("allOf"))
    for (const Json& sub : *v) p.all_of.push_back(child(sub));
  const std::pair<const char*, std::unique_ptr<Choice>*> choices[] = {{"anyOf", &p.any_of}, {"oneOf", &p.one_of}};
  for (const auto& [name, choice] : choices) {
    const Json* v = get(name);
    if (v == nullptr) continue;
    *choice = std::make_unique<Choice>();
    for (const Json& sub : *v) (*choice)->branches.push_back(child(sub));
  }
  if (const Json* v = get("not")) p.negated = child(*v);
  if (const Json* v = keyword_value(schema, "if", reading)) {
    const Json* then_schema = keyword_value(schema, "then", reading);
    const Json* else_schema = keyword_value(schema, "else", reading);
    if (then_schema) p.then_ = child(*then_schema);
    if (else_schema) p.else_ = child(*else_schema);
    // Kept even without then and else: what it evaluates counts for unevaluated*.
    p.if_ = child(*v);
    any = true;
  }
  if (!any) node.in_place.reset();
  return ok();
}

Result<const Regex*> Compiler::regex(const std::string& pattern, std::string pointer) {
  const auto known = regexes_.find(pattern);
  if (known != regexes_.end()) return known->second;
  if (regexes_.size() >= options_.limits.patterns)
    return schema_error("SCHEMA_TOO_LARGE", "The schema has more than " + std::to_string(options_.limits.patterns) + " different patterns.",
                        std::move(pointer), shorten(pattern), "Join some with |, or say with enum what can be listed.");
  auto compiled = Regex::compile(pattern);
  if (!compiled.has_value()) {
    Error error = std::move(compiled).error();
    error.field = std::move(pointer);
    return error;
  }
  program_.regexes.push_back(std::move(compiled).value());
  const Regex* out = program_.regexes.back().get();
  regexes_.emplace(pattern, out);
  if (out->backtracks())
    program_.warnings.push_back({std::move(pointer), "SCHEMA_PATTERN_SLOW",
                                 "The pattern \"" + shorten(pattern) + "\" needs back-tracking; a text on which it takes too long is refused."});
  return out;
}

}  // namespace carillon::schema
