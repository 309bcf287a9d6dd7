#include "web/app/cli/schema_files.h"

#include <algorithm>
#include <fstream>
#include <ostream>
#include <sstream>
#include <tuple>

#include "engine/schema/schema.h"
#include "engine/workflows/definition/document.h"

namespace carillon {
namespace {

/// Files of one's own machine: much larger than what the server takes.
constexpr DocumentLimits kFileLimits{.bytes = 64u << 20, .nodes = 10'000'000, .depth = 128};

DefinitionFormat format_by_name(const std::string& path) {
  return path.ends_with(".yaml") || path.ends_with(".yml") ? DefinitionFormat::yaml : DefinitionFormat::json;
}

std::string sentence(std::string text) {
  if (!text.empty() && !text.ends_with('.')) text += '.';
  return text;
}

std::string at(const std::string& path, const SourcePlace& place) {
  if (place.line == 0) return path;
  return path + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

std::optional<Document> read_document_file(const std::string& path, std::ostream& err) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  // A folder opens, but cannot be read.
  if (!in || !(text << in.rdbuf())) {
    err << path << ": the file cannot be read or is empty. Check the path.\n";
    return std::nullopt;
  }
  std::vector<Problem> problems;
  std::optional<Document> document = read_document(text.str(), format_by_name(path), problems, kFileLimits);
  for (const Problem& p : problems) err << at(path, {p.line, p.column}) << ": " << sentence(p.message) << " " << p.remedy << "\n";
  return document;
}

/// What a violation is about: some are found at an object or array, but one member or item of it is meant.
std::string meant(const Violation& v) {
  const Json params = parse_stored_json(v.params_json);
  for (const char* name : {"additionalProperty", "unevaluatedProperty", "propertyName"})
    if (const auto found = params.find(name); found != params.end()) return pointer_append(v.instance, found->get<std::string>());
  if (v.keyword == "uniqueItems") return pointer_append(v.instance, params.at("i").dump());
  return v.instance;
}

struct Line {
  SourcePlace place;
  std::string text;
  std::size_t found = 0;  ///< among those of one place, the first found first
};

void print_sorted(std::vector<Line> lines, const std::string& path, std::ostream& out) {
  for (std::size_t i = 0; i < lines.size(); ++i) lines[i].found = i;
  std::sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
    return std::tie(a.place.line, a.place.column, a.found) < std::tie(b.place.line, b.place.column, b.found);
  });
  for (const Line& line : lines) out << at(path, line.place) << ": " << line.text << "\n";
}

/// The value itself where that helps: a scalar that the message does not name.
std::string found_value(const Json& value) {
  return value.is_structured() ? "" : ", not " + shorten(dump_json(value), 60);
}

Line violation_line(const Violation& v, const Document& instance) {
  const bool about_value = v.keyword != "required" && meant(v) == v.instance;
  std::string text = (v.instance.empty() ? "the whole value" : v.instance) + " " + v.message;
  if (about_value) text += found_value(instance.value.at(Json::json_pointer(v.instance)));
  return {instance.places.find(meant(v)), text + "  [" + v.schema + "]", 0};
}

void complain_of_schema(const std::string& path, const Document& document, const Error& e, std::ostream& err) {
  err << at(path, document.places.find(e.field)) << ": " << (e.field.empty() ? "" : e.field + " ") << e.message << " " << e.remedy << "\n";
  std::vector<Line> lines;
  for (const Violation& v : e.violations) lines.push_back(violation_line(v, document));
  print_sorted(std::move(lines), path, err);
}

std::string count_of(std::size_t n) { return std::to_string(n) + (n == 1 ? " violation" : " violations"); }

}  // namespace

int schema_validate_files(const std::string& schema_path, const std::string& instance_path, std::ostream& out, std::ostream& err) {
  constexpr int kValid = 0, kInvalid = 1, kNotChecked = 2;
  const auto document = read_document_file(schema_path, err);
  if (!document) return kNotChecked;
  const auto compiled = schema::Schema::compile(document->value);
  if (!compiled) return complain_of_schema(schema_path, *document, compiled.error(), err), kNotChecked;
  const schema::Schema& schema = **compiled;
  for (const schema::Warning& w : schema.warnings())
    err << at(schema_path, document->places.find(w.pointer)) << ": warning: " << w.pointer << " " << w.message << "\n";
  const auto instance = read_document_file(instance_path, err);
  if (!instance) return kNotChecked;
  const schema::ValidateOptions options;
  const auto violations = schema.validate(instance->value, options);
  if (!violations) {
    err << instance_path << ": " << violations.error().message << " " << violations.error().remedy << "\n";
    return kNotChecked;
  }
  const std::string against = schema_path + " (" + std::string(schema::dialect_name(schema.dialect())) + ")";
  if (violations->empty()) {
    out << instance_path << ": valid against " << against << "\n";
    return kValid;
  }
  std::vector<Line> lines;
  for (const Violation& v : *violations) lines.push_back(violation_line(v, *instance));
  const bool more = lines.size() >= options.max_violations;
  print_sorted(std::move(lines), instance_path, out);
  out << instance_path << ": " << (more ? "at least " : "") << count_of(violations->size()) << " of " << against << "\n";
  return kInvalid;
}

}  // namespace carillon
