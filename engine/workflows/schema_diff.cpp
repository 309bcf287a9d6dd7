#include "engine/workflows/schema_diff.h"

#include <set>

namespace carillon {
namespace {

constexpr int kDeepest = 32;  ///< recursive schemas are followed this far

/// The subschema with a reference into its own document followed.
const Json& followed(const Json& document, const Json& schema) {
  const Json* at = &schema;
  for (int hops = 0; hops < 16 && at->is_object(); ++hops) {
    auto it = at->find("$ref");
    if (it == at->end() || !it->is_string()) break;
    const auto& text = it->get_ref<const std::string&>();
    if (text.empty() || text[0] != '#' || (text.size() > 1 && text[1] != '/')) break;
    try {
      at = &document.at(Json::json_pointer(text.substr(1)));
    } catch (const Json::exception&) {
      break;
    }
  }
  return *at;
}

Json member(const Json& schema, const std::string& key) {
  if (!schema.is_object()) return nullptr;
  auto it = schema.find(key);
  return it == schema.end() ? Json(nullptr) : *it;
}

const std::set<std::string> kAnnotations = {"title", "description", "examples", "$comment", "readOnly", "writeOnly", "deprecated",
                                            "$schema", "$id", "$defs", "definitions", "$ref", "$anchor"};
const std::set<std::string> kWalked = {"properties", "required", "items", "type", "enum", "const", "default"};

class SchemaDiff {
 public:
  SchemaDiff(const Json& before, const Json& after, std::size_t limit) : before_(before), after_(after), limit_(limit) {}
  void walk(const Json& a_in, const Json& b_in, const std::string& pointer, int depth) {
    const Json &a = followed(before_, a_in), &b = followed(after_, b_in);
    if (depth > kDeepest || (a == b && before_ == after_)) return;
    note(pointer, "type", member(a, "type"), member(b, "type"));
    note(pointer, "enum", member(a, "enum"), member(b, "enum"));
    if (member(a, "const") != member(b, "const")) note(pointer, "constraint", member(a, "const"), member(b, "const"), "const");
    note(pointer, "default", member(a, "default"), member(b, "default"));
    constraints(a, b, pointer);
    properties(a, b, pointer, depth);
    const Json items_a = member(a, "items"), items_b = member(b, "items");
    if (items_a.is_object() && items_b.is_object()) walk(items_a, items_b, pointer + "/*", depth + 1);
    else note(pointer + "/*", "constraint", items_a, items_b, "items");
  }
  Json take() { return std::move(out_); }

 private:
  void note(const std::string& pointer, const char* change, Json before, Json after, const std::string& keyword = "") {
    if (before == after || out_.size() >= limit_) return;
    Json entry{{"pointer", pointer}, {"change", change}, {"before", std::move(before)}, {"after", std::move(after)}};
    if (!keyword.empty()) entry["keyword"] = keyword;
    out_.push_back(std::move(entry));
  }
  void constraints(const Json& a, const Json& b, const std::string& pointer) {
    std::set<std::string> keys;
    for (const Json* schema : {&a, &b})
      if (schema->is_object())
        for (const auto& [key, _] : schema->items()) keys.insert(key);
    for (const auto& key : keys)
      if (!kAnnotations.contains(key) && !kWalked.contains(key) && !key.starts_with("x-"))
        note(pointer, "constraint", member(a, key), member(b, key), key);
  }
  void properties(const Json& a, const Json& b, const std::string& pointer, int depth) {
    const Json of_a = member(a, "properties"), of_b = member(b, "properties");
    auto required = [](const Json& schema) {
      std::set<std::string> names;
      for (const auto& name : member(schema, "required"))
        if (name.is_string()) names.insert(name.get<std::string>());
      return names;
    };
    const auto needed_a = required(a), needed_b = required(b);
    std::set<std::string> names = needed_a;
    names.insert(needed_b.begin(), needed_b.end());
    for (const Json* properties : {&of_a, &of_b})
      if (properties->is_object())
        for (const auto& [name, _] : properties->items()) names.insert(name);
    for (const auto& name : names) {
      const std::string at = pointer_append(pointer, name);
      const Json old = member(of_a, name), now = member(of_b, name);
      if (old.is_null() != now.is_null()) note(at, old.is_null() ? "added" : "removed", old, now);
      if (needed_a.contains(name) != needed_b.contains(name))
        note(at, needed_b.contains(name) ? "required" : "optional", needed_a.contains(name), needed_b.contains(name));
      if (!old.is_null() && !now.is_null()) walk(old, now, at, depth + 1);
    }
  }

  const Json &before_, &after_;
  std::size_t limit_;
  Json out_ = Json::array();
};

void fill_in(const Json& document, const Json& schema_in, Json& value, int depth) {
  const Json& schema = followed(document, schema_in);
  if (depth > kDeepest || !schema.is_object()) return;
  if (value.is_array()) {
    if (const Json items = member(schema, "items"); items.is_object())
      for (auto& element : value) fill_in(document, items, element, depth + 1);
    return;
  }
  auto properties = schema.find("properties");
  if (!value.is_object() || properties == schema.end() || !properties->is_object()) return;
  for (const auto& [name, property_in] : properties->items()) {
    const Json& property = followed(document, property_in);
    if (!value.contains(name) && property.is_object() && property.contains("default")) value[name] = property.at("default");
    if (auto it = value.find(name); it != value.end()) fill_in(document, property, *it, depth + 1);
  }
}

}  // namespace

Json schema_changes(const Json& before, const Json& after, std::size_t limit) {
  SchemaDiff diff(before, after, limit);
  diff.walk(before, after, "", 0);
  return diff.take();
}

Json with_defaults(const Json& schema, Json payload) {
  fill_in(schema, schema, payload, 0);
  return payload;
}

}  // namespace carillon
