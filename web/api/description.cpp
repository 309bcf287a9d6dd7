#include "web/api/description.h"

#include <algorithm>
#include <set>

#include "engine/schema/marks.h"
#include "web/api/embedded.h"

namespace carillon::api {
namespace {

/// "#/components/schemas/X" → "#/$defs/X", so that each shape is a JSON Schema of its own.
void rewrite_refs(Json& node) {
  if (node.is_object()) {
    for (auto& [key, value] : node.items()) {
      if (key == "$ref" && value.is_string()) {
        std::string text = value;
        const std::string prefix = "#/components/schemas/";
        if (text.starts_with(prefix)) value = "#/$defs/" + text.substr(prefix.size());
      } else {
        rewrite_refs(value);
      }
    }
  } else if (node.is_array()) {
    for (auto& item : node) rewrite_refs(item);
  }
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

/// The known name that `name` was most likely meant to be, "" when none is near.
std::string nearest_name(const std::string& name, const std::vector<std::string>& known) {
  std::string nearest;
  std::size_t best = 4;
  for (const auto& candidate : known)
    if (std::size_t distance = edit_distance(name, candidate); distance < best) best = distance, nearest = candidate;
  return nearest;
}

/// The fields that the object has at the place where the keyword at `keyword_place` refused one.
std::vector<std::string> fields_beside(const Json& definitions, const std::string& keyword_place) {
  const Json whole{{"$defs", definitions}};
  const Json::json_pointer properties = Json::json_pointer(keyword_place).parent_pointer() / "properties";
  std::vector<std::string> out;
  if (!whole.contains(properties)) return out;
  for (const auto& [name, _] : whole.at(properties).items()) out.push_back(name);
  return out;
}

constexpr std::string_view kDefinition = "#/$defs/";

/// Names of the definitions that a node leads to, through one another.
void collect_definitions(const Json& node, const Json& definitions, std::set<std::string>& names) {
  if (node.is_array())
    for (const auto& item : node) collect_definitions(item, definitions, names);
  if (!node.is_object()) return;
  for (const auto& [key, value] : node.items()) {
    const std::string* text = key == "$ref" ? value.get_ptr<const std::string*>() : nullptr;
    if (text == nullptr) {
      collect_definitions(value, definitions, names);
    } else if (text->starts_with(kDefinition)) {
      const auto found = definitions.find(text->substr(kDefinition.size()));
      if (found != definitions.end() && names.insert(found.key()).second) collect_definitions(*found, definitions, names);
    }
  }
}

Error unknown_parameter(const std::string& name, const std::vector<std::string>& known) {
  const std::string nearest = nearest_name(name, known);
  std::string list;
  for (const auto& candidate : known) list += (list.empty() ? "" : ", ") + candidate;
  std::string remedy = !nearest.empty() ? "Did you mean " + nearest + "?" : list.empty() ? "This takes no parameters." : "Known are: " + list + ".";
  return Error{ErrorCode::malformed, "UNKNOWN_PARAMETER", "There is no parameter " + shorten(name) + ".", shorten(name), "", remedy, {}};
}

}  // namespace

Json with_definitions(Json schema, const Json& definitions) {
  std::set<std::string> names;
  collect_definitions(schema, definitions, names);
  for (const auto& name : names) schema["$defs"][name] = definitions.at(name);
  return schema;
}

ApiDescription::ApiDescription() {
  for (std::size_t i = 0; i < kOpenApiPartCount; ++i) text_ += kOpenApiParts[i];
  document_ = parse_stored_json(text_);
  definitions_ = document_["components"]["schemas"];
  rewrite_refs(definitions_);
  for (const auto& [name, _] : definitions_.items()) shapes_[name] = compile({{"$ref", "#/$defs/" + name}});
  for (const auto& [path, methods] : document_["paths"].items())
    for (const auto& [method, operation] : methods.items()) {
      auto& parameters = parameters_[upper(method) + " " + path];
      for (Json parameter : operation.value("parameters", Json::array())) {
        if (parameter["in"] == "header") continue;
        rewrite_refs(parameter["schema"]);
        const std::string name = parameter["name"];
        std::string type = parameter["schema"].contains("type") ? parameter["schema"]["type"].get<std::string>() : "string";
        parameters[name] = {type, parameter["in"] == "path" ? nullptr : compile(parameter["schema"])};
      }
    }
}

std::shared_ptr<const schema::Schema> ApiDescription::compile(const Json& schema) const {
  schema::CompileOptions options;
  options.dialect = schema::Dialect::draft2020_12;
  auto compiled = schema::Schema::compile(with_definitions(schema, definitions_), options);
  if (!compiled) throw std::runtime_error("the API description has a broken schema: " + compiled.error().field + ": " + compiled.error().message);
  return *compiled;
}

std::vector<std::string> ApiDescription::operations() const {
  std::vector<std::string> out;
  for (const auto& [operation, _] : parameters_) out.push_back(operation);
  return out;
}

Error ApiDescription::unknown_field(const std::string& shape, const Json& body, std::vector<Violation> violations) const {
  const Violation& first = violations.front();
  const std::string name = Json::parse(first.params_json).value("additionalProperty", "");
  const std::string field = pointer_append(first.instance, name);
  const std::string nearest = nearest_name(name, fields_beside(definitions_, first.schema));
  const Json::json_pointer place(field);
  // What was meant for a field that is written only is not quoted, wherever it was put.
  const bool quoted = body.contains(place) && !schema::has_marks(*shapes_.at(shape));
  return Error{ErrorCode::invalid, "INVALID_REQUEST", "There is no field " + shorten(field) + ".", field,
               quoted ? shorten(dump_json(body.at(place))) : "",
               nearest.empty() ? "Compare with the schema " + shape + " in /api/v1/openapi.json." : "Did you mean " + nearest + "?",
               std::move(violations)};
}

Status ApiDescription::check(const std::string& shape, const Json& body) const {
  auto it = shapes_.find(shape);
  if (it == shapes_.end())
    return Error{ErrorCode::internal, "UNKNOWN_SHAPE", "The API description has no schema " + shape + ".", "", shape, "", {}};
  CARILLON_TRY(auto violations, it->second->validate(body));
  if (violations.empty()) return ok();
  const Violation first = violations.front();
  if (first.keyword == "additionalProperties") return unknown_field(shape, body, std::move(violations));
  std::string more = violations.size() > 1 ? " (and " + std::to_string(violations.size() - 1) + " more)" : "";
  Json::json_pointer place(first.instance);
  const bool quoted = body.contains(place) && !schema::has_marks(*it->second);
  std::string value = quoted ? shorten(dump_json(body.at(place))) : "";
  return Error{ErrorCode::invalid, "INVALID_REQUEST",
               (first.instance.empty() ? "The body" : first.instance) + ": " + first.message + more, first.instance, value,
               "Compare with the schema " + shape + " in /api/v1/openapi.json.", std::move(violations)};
}

Result<std::map<std::string, std::string>> ApiDescription::params(const std::string& method, const std::string& pattern,
                                                                  const web::Request& request, const web::PathParams& path) const {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : path.entries()) out[name] = value;
  auto known = parameters_.find(method + " " + pattern);
  static const std::map<std::string, Parameter> kNone;
  const auto& parameters = known == parameters_.end() ? kNone : known->second;
  for (const auto& [name, value] : request.query) {
    auto it = parameters.find(name);
    if (it == parameters.end() || it->second.schema == nullptr) {
      std::vector<std::string> names;
      for (const auto& [candidate, parameter] : parameters)
        if (parameter.schema) names.push_back(candidate);
      return unknown_parameter(name, names);
    }
    if (!out.emplace(name, value).second)
      return Error{ErrorCode::malformed, "PARAMETER_REPEATED", "The parameter " + name + " stands twice.", name, "", "Give it once.", {}};
    if (value.empty()) {
      out.erase(name);
      continue;
    }
    Json typed = value;
    if (it->second.type == "integer") {
      auto number = Json::parse(value, nullptr, false);
      if (number.is_number_integer()) typed = number;
    } else if (it->second.type == "boolean" && (value == "true" || value == "false")) {
      typed = value == "true";
    }
    CARILLON_TRY(auto violations, it->second.schema->validate(typed));
    if (!violations.empty())
      return Error{ErrorCode::malformed, "PARAMETER_INVALID", "The parameter " + name + ": " + violations.front().message, name,
                   shorten(value), "Correct it or leave it out.", {}};
  }
  return out;
}

}  // namespace carillon::api
