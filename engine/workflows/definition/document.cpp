#include "engine/workflows/definition/document.h"

#include <cstdio>

#include "engine/workflows/definition/json_places.h"
#include "engine/workflows/definition/yaml_reader.h"

namespace carillon {
namespace {

std::size_t document_nodes(const Json& v) {
  std::size_t n = 1;
  if (v.is_structured())
    for (const Json& item : v) n += document_nodes(item);
  return n;
}

/// parse_json says "Line 2, column 3: cause."; here line and column have fields of their own.
Problem problem_of_json_error(const Error& error) {
  Problem problem{
      "",          0, 0, error.reason == "JSON_DUPLICATE_KEY" ? "DUPLICATE_KEY" : "DOCUMENT_MALFORMED", error.message,
      error.remedy};
  int used = 0;
  if (std::sscanf(error.message.c_str(), "Line %d, column %d: %n", &problem.line, &problem.column, &used) == 2 &&
      used > 0)
    problem.message = error.message.substr(static_cast<std::size_t>(used));
  if (problem.message.ends_with('.')) problem.message.pop_back();
  return problem;
}

}  // namespace

SourcePlace SourceMap::find(std::string_view pointer) const {
  for (;;) {
    if (auto found = places_.find(pointer); found != places_.end()) return found->second;
    if (pointer.empty()) return {};
    pointer = pointer.substr(0, pointer.rfind('/'));
  }
}

std::optional<Document> read_document(std::string_view text, DefinitionFormat format, std::vector<Problem>& problems,
                                      const DocumentLimits& limits) {
  if (text.size() > limits.bytes) {
    problems.push_back({"", 0, 0, "DOCUMENT_TOO_LARGE",
                        "the definition has " + std::to_string(text.size()) + " bytes; at most " +
                            std::to_string(limits.bytes) + " are taken",
                        "Make it smaller."});
    return std::nullopt;
  }
  if (format == DefinitionFormat::yaml) return read_yaml(text, problems, limits);
  auto parsed = parse_json(text, {.bytes = limits.bytes, .depth = limits.depth});
  if (!parsed) {
    problems.push_back(problem_of_json_error(parsed.error()));
    return std::nullopt;
  }
  if (document_nodes(*parsed) > limits.nodes) {
    problems.push_back({"", 0, 0, "DOCUMENT_TOO_LARGE",
                        "the document has more than " + std::to_string(limits.nodes) + " values", "Make it smaller."});
    return std::nullopt;
  }
  Document document{std::move(*parsed), {}};
  map_json_places(text, document.places);
  return document;
}

}  // namespace carillon
