#include "engine/schema/keywords.h"

#include <algorithm>
#include <iterator>

namespace carillon::schema {
namespace {

/// Sorted by name. Sources: draft 2020-12 core and validation; draft-07 core and validation. `dependencies` is kept in
/// 2020-12 for compatibility, as its metaschema describes it.
constexpr Keyword kKeywords[] = {
    {"$anchor", kCore, true, false, Shape::none},
    {"$comment", kCore, true, true, Shape::none},
    {"$defs", kCore, true, false, Shape::map},
    {"$dynamicAnchor", kCore, true, false, Shape::none},
    {"$dynamicRef", kCore, true, false, Shape::none},
    {"$id", kCore, true, true, Shape::none},
    {"$recursiveAnchor", kCore, false, false, Shape::none},
    {"$recursiveRef", kCore, false, false, Shape::none},
    {"$ref", kCore, true, true, Shape::none},
    {"$schema", kCore, true, true, Shape::none},
    {"$vocabulary", kCore, true, false, Shape::none},
    {"additionalItems", kApplicator, false, true, Shape::schema},
    {"additionalProperties", kApplicator, true, true, Shape::schema},
    {"allOf", kApplicator, true, true, Shape::array},
    {"anyOf", kApplicator, true, true, Shape::array},
    {"const", kValidation, true, true, Shape::none},
    {"contains", kApplicator, true, true, Shape::schema},
    {"contentEncoding", kContent, true, true, Shape::none},
    {"contentMediaType", kContent, true, true, Shape::none},
    {"contentSchema", kContent, true, false, Shape::schema},
    {"default", kMetaData, true, true, Shape::none},
    {"definitions", kCore, true, true, Shape::map},
    {"dependencies", kApplicator, true, true, Shape::dependencies},
    {"dependentRequired", kValidation, true, false, Shape::none},
    {"dependentSchemas", kApplicator, true, false, Shape::map},
    {"deprecated", kMetaData, true, false, Shape::none},
    {"description", kMetaData, true, true, Shape::none},
    {"disallow", kValidation, false, false, Shape::none},
    {"divisibleBy", kValidation, false, false, Shape::none},
    {"else", kApplicator, true, true, Shape::schema},
    {"enum", kValidation, true, true, Shape::none},
    {"examples", kMetaData, true, true, Shape::none},
    {"exclusiveMaximum", kValidation, true, true, Shape::none},
    {"exclusiveMinimum", kValidation, true, true, Shape::none},
    {"extends", kApplicator, false, false, Shape::none},
    {"format", kFormat, true, true, Shape::none},
    {"if", kApplicator, true, true, Shape::schema},
    {"items", kApplicator, true, true, Shape::schema_or_array},
    {"maxContains", kValidation, true, false, Shape::none},
    {"maxItems", kValidation, true, true, Shape::none},
    {"maxLength", kValidation, true, true, Shape::none},
    {"maxProperties", kValidation, true, true, Shape::none},
    {"maximum", kValidation, true, true, Shape::none},
    {"minContains", kValidation, true, false, Shape::none},
    {"minItems", kValidation, true, true, Shape::none},
    {"minLength", kValidation, true, true, Shape::none},
    {"minProperties", kValidation, true, true, Shape::none},
    {"minimum", kValidation, true, true, Shape::none},
    {"multipleOf", kValidation, true, true, Shape::none},
    {"not", kApplicator, true, true, Shape::schema},
    {"oneOf", kApplicator, true, true, Shape::array},
    {"pattern", kValidation, true, true, Shape::none},
    {"patternProperties", kApplicator, true, true, Shape::map},
    {"prefixItems", kApplicator, true, false, Shape::array},
    {"properties", kApplicator, true, true, Shape::map},
    {"propertyNames", kApplicator, true, true, Shape::schema},
    {"readOnly", kMetaData, true, true, Shape::none},
    {"required", kValidation, true, true, Shape::none},
    {"then", kApplicator, true, true, Shape::schema},
    {"title", kMetaData, true, true, Shape::none},
    {"type", kValidation, true, true, Shape::none},
    {"unevaluatedItems", kUnevaluated, true, false, Shape::schema},
    {"unevaluatedProperties", kUnevaluated, true, false, Shape::schema},
    {"uniqueItems", kValidation, true, true, Shape::none},
    {"writeOnly", kMetaData, true, true, Shape::none},
};

bool looks_like_schema(const Json& v) { return v.is_object() || v.is_boolean(); }

}  // namespace

const Keyword* find_keyword(std::string_view name) {
  const auto at = std::lower_bound(std::begin(kKeywords), std::end(kKeywords), name,
                                   [](const Keyword& k, std::string_view n) { return k.name < n; });
  return at != std::end(kKeywords) && at->name == name ? at : nullptr;
}

void each_subschema(const Json& schema, Dialect dialect, const std::function<void(const std::string&, const Json&)>& visit) {
  for (const auto& [name, value] : schema.items()) {
    const Keyword* k = find_keyword(name);
    if (k == nullptr || !belongs(*k, dialect) || k->shape == Shape::none) continue;
    const std::string at = pointer_append("", name);
    const bool list = value.is_array() && (k->shape == Shape::array || k->shape == Shape::schema_or_array);
    const bool map = value.is_object() && (k->shape == Shape::map || k->shape == Shape::dependencies);
    if (list) {
      for (std::size_t i = 0; i < value.size(); ++i)
        if (looks_like_schema(value[i])) visit(at + "/" + std::to_string(i), value[i]);
    } else if (map) {
      for (const auto& [key, sub] : value.items())
        if (looks_like_schema(sub)) visit(pointer_append(at, key), sub);
    } else if ((k->shape == Shape::schema || k->shape == Shape::schema_or_array) && looks_like_schema(value)) {
      visit(at, value);
    }
  }
}

}  // namespace carillon::schema
