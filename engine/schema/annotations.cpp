#include <algorithm>
#include <array>

#include "engine/schema/keywords.h"
#include "engine/schema/schema.h"

namespace carillon::schema {
namespace {

/// Deeper documents are compared as they are.
constexpr int kMaxCompareDepth = 200;

bool is_annotation(std::string_view name) {
  static constexpr std::array<std::string_view, 8> kNames{"title",    "description", "examples",  "default",
                                                          "$comment", "readOnly",    "writeOnly", "deprecated"};
  return name.starts_with("x-") || std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

/// Whether a reference goes through an annotation ("#/x-shared/money"); then the annotation is no mere annotation.
bool refers_to_annotation(const Json& value, int depth) {
  if (depth > kMaxCompareDepth) return true;
  if (value.is_array()) return std::any_of(value.begin(), value.end(), [&](const Json& e) { return refers_to_annotation(e, depth + 1); });
  if (!value.is_object()) return false;
  for (const auto& [name, e] : value.items()) {
    if ((name == "$ref" || name == "$dynamicRef") && e.is_string()) {
      const std::string& text = e.get_ref<const std::string&>();
      for (std::size_t at = text.find('/'); at != std::string::npos; at = text.find('/', at + 1))
        if (is_annotation(text.substr(at + 1, text.find('/', at + 1) - at - 1)) || text.find('%') != std::string::npos) return true;
    }
    if (refers_to_annotation(e, depth + 1)) return true;
  }
  return false;
}

/// The schema without the annotations of itself and of its subschemas, whatever draft they are of.
Json without_annotations(const Json& schema) {
  if (!schema.is_object()) return schema;
  Json out = Json::object();
  for (const auto& [name, value] : schema.items()) {
    if (is_annotation(name)) continue;
    const Keyword* k = find_keyword(name);
    const Shape shape = k ? k->shape : Shape::none;
    if ((shape == Shape::map || shape == Shape::dependencies) && value.is_object()) {
      Json map = Json::object();
      for (const auto& [key, sub] : value.items()) map[key] = without_annotations(sub);
      out[name] = std::move(map);
    } else if ((shape == Shape::array || shape == Shape::schema_or_array) && value.is_array()) {
      Json list = Json::array();
      for (const Json& sub : value) list.push_back(without_annotations(sub));
      out[name] = std::move(list);
    } else if (shape == Shape::schema || shape == Shape::schema_or_array) {
      out[name] = without_annotations(value);
    } else {
      out[name] = value;
    }
  }
  return out;
}

}  // namespace

bool annotations_equal(const Json& a, const Json& b) {
  if (refers_to_annotation(a, 0) || refers_to_annotation(b, 0)) return a == b;
  return without_annotations(a) == without_annotations(b);
}

}  // namespace carillon::schema
