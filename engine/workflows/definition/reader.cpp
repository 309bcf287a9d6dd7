#include "engine/workflows/definition/reader.h"

#include <algorithm>
#include <tuple>

namespace carillon {
namespace {

bool dsl_name_ok(std::string_view s) {
  auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (s.empty() || s.size() > 63 || !plain(s.front()) || !plain(s.back())) return false;
  return std::ranges::all_of(s, [&](char c) { return plain(c) || c == '-'; });
}

/// Three numbers, perhaps with "-pre" and "+build" (semver.org 2.0.0, without its finer points on leading zeros).
bool semantic_version_ok(std::string_view s) {
  std::size_t at = 0;
  for (int part = 0; part < 3; ++part) {
    const std::size_t from = at;
    while (at < s.size() && s[at] >= '0' && s[at] <= '9') ++at;
    if (at == from) return false;
    if (part < 2 && (at >= s.size() || s[at++] != '.')) return false;
  }
  if (at == s.size()) return true;
  if (s[at] != '-' && s[at] != '+') return false;
  return at + 1 < s.size() && std::ranges::all_of(s.substr(at + 1), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                  c == '+';
         });
}

}  // namespace

dsl::Definition DefinitionReader::read() {
  dsl::Definition out;
  const std::string root;
  if (!object(document_, root, {"document", "input", "use", "do", "timeout", "output", "schedule", "evaluate"}, {},
              {"document", "do"}))
    return out;
  document_part(out);
  input_part(out);
  use_part();
  trigger_part();
  evaluate_part();
  out.timeout = timeout(document_, root);
  if (const Json* list = member(document_, "do")) out.tasks = tasks(*list, "/do");
  output_part(out);
  return out;
}

void DefinitionReader::document_part(dsl::Definition& out) {
  const Json* v = member(document_, "document");
  if (v == nullptr ||
      !object(*v, "/document", {"dsl", "namespace", "name", "version", "title", "summary", "tags", "metadata"}, {},
              {"dsl", "namespace", "name", "version"}))
    return;
  out.dsl = text(*v, "/document", "dsl", 20);
  out.name_space = text(*v, "/document", "namespace", 63);
  out.name = text(*v, "/document", "name", 63);
  out.version = text(*v, "/document", "version", 100);
  out.title = text(*v, "/document", "title", 200);
  out.summary = text(*v, "/document", "summary", 20'000);
  if (!out.dsl.empty() && !(out.dsl.starts_with("1.0.") && semantic_version_ok(out.dsl)))
    problem("/document/dsl", "BAD_VALUE",
            "\"" + shorten(out.dsl) + "\" is not a version of the language this hub reads", "Write \"1.0.0\".");
  for (const auto& [name, value] : {std::pair{"namespace", out.name_space}, std::pair{"name", out.name}})
    if (!value.empty() && !dsl_name_ok(value))
      problem(std::string("/document/") + name, "BAD_VALUE",
              "\"" + shorten(value) + "\" is not a name: lower-case letters, digits and inner hyphens, at most 63",
              "Rename it, for example \"order-import\".");
  if (!out.version.empty() && !semantic_version_ok(out.version))
    problem("/document/version", "BAD_VALUE", "\"" + shorten(out.version) + "\" is not a semantic version",
            "Write for example \"1.0.0\".");
  if (const Json* tags = member(*v, "tags"); tags != nullptr && !tags->is_object())
    wrong_type(*tags, "/document/tags", "an object");
  if (const Json* metadata = member(*v, "metadata"); metadata != nullptr && !metadata->is_object())
    wrong_type(*metadata, "/document/metadata", "an object");
}

std::optional<Json> DefinitionReader::schema_part(const Json& v, const std::string& pointer) {
  const bool good = object(v, pointer, {"format", "document"},
                           {{"resource", "Put the schema into the definition, under \"document\"."}}, {});
  if (!good) return std::nullopt;
  const std::string format = text(v, pointer, "format", 100);
  if (!format.empty() && format != "json" && !format.starts_with("json:"))
    problem(pointer + "/format", "BAD_VALUE", "\"" + shorten(format) + "\" schemas are not understood",
            "Write a JSON Schema and \"json\".");
  const Json* document = member(v, "document");
  if (document == nullptr) {
    if (!v.contains("resource"))
      problem(pointer, "MISSING_FIELD", "\"document\" is missing", "Put the JSON Schema under \"document\".");
    return std::nullopt;
  }
  if (!document->is_object()) {
    wrong_type(*document, pointer + "/document", "an object (a JSON Schema)");
    return std::nullopt;
  }
  return *document;
}

void DefinitionReader::input_part(dsl::Definition& out) {
  const Json* v = member(document_, "input");
  if (v == nullptr || !object(*v, "/input", {"schema", "from"})) return;
  if (const Json* schema = member(*v, "schema")) out.input_schema = schema_part(*schema, "/input/schema");
  if (const Json* from = member(*v, "from")) out.input_from = transformation(*from, "/input/from");
}

void DefinitionReader::output_part(dsl::Definition& out) {
  const Json* v = member(document_, "output");
  if (v == nullptr || !object(*v, "/output", {"schema", "as"})) return;
  if (const Json* schema = member(*v, "schema")) out.output_schema = schema_part(*schema, "/output/schema");
  if (const Json* as = member(*v, "as")) out.output_as = transformation(*as, "/output/as");
}

/// What is used is read where it is used; here the parts nobody uses are checked, too.
void DefinitionReader::use_part() {
  const Json* v = member(document_, "use");
  constexpr std::string_view kWhere = "Write it where it is used.";
  if (v == nullptr || !object(*v, "/use", {"retries", "errors", "timeouts"},
                              {{"authentications", "Set the headers of the call."},
                               {"secrets", "Leave it out."},
                               {"extensions", kWhere},
                               {"functions", kWhere},
                               {"catalogs", kWhere}}))
    return;
  for (std::string_view kind : {"retries", "errors", "timeouts"}) {
    const Json* all = member(*v, kind);
    if (all == nullptr) continue;
    const std::string at = pointer_append("/use", kind);
    if (!all->is_object()) {
      wrong_type(*all, at, "an object");
      continue;
    }
    for (const auto& [name, item] : all->items()) {
      const std::string here = pointer_append(at, name);
      if (kind == "errors") (void)error_template(item, here);
      if (kind == "timeouts") (void)timeout(Json{{"timeout", name}}, at);
      if (kind != "retries") continue;
      names_ = {"error"};
      (void)retry_policy(item, here);
      names_.clear();
    }
  }
}

void DefinitionReader::trigger_part() {
  const Json* v = member(document_, "schedule");
  if (v == nullptr || !object(*v, "/schedule", {"cron", "every", "after", "on"})) return;
  for (const auto& [name, item] : v->items()) {
    if (name == "on")
      problem("/schedule/on", "INLINE_TRIGGER", "event triggers in a definition are not available yet",
              "Remove it; start the workflow by hand or create a schedule for it.");
    else if (name == "cron" || name == "every" || name == "after")
      problem("/schedule/" + name, "INLINE_TRIGGER", "time triggers live in schedules, not in the definition",
              "Remove it and create a schedule for this workflow.");
  }
}

void DefinitionReader::evaluate_part() {
  const Json* v = member(document_, "evaluate");
  if (v == nullptr || !object(*v, "/evaluate", {"language", "mode"})) return;
  const std::string language = text(*v, "/evaluate", "language", 100), mode = text(*v, "/evaluate", "mode", 100);
  if (!language.empty() && language != "jq")
    problem("/evaluate/language", "UNSUPPORTED_FIELD", "expressions in \"" + shorten(language) + "\" are not available",
            "Write them in jq.");
  if (!mode.empty() && mode != "strict")
    problem("/evaluate/mode", "UNSUPPORTED_FIELD", "the mode \"" + shorten(mode) + "\" is not available",
            "Use \"strict\": ${ … } marks an expression.");
}

namespace {

ParseOutcome read_definition(const Json& value, const SourceMap& places, const DefinitionOptions& options) {
  ParseOutcome outcome;
  DefinitionReader reader(value, places);
  auto parsed = std::make_shared<ParsedDefinition>();
  parsed->definition = reader.read();
  std::vector<ExpressionProblem> bad;
  parsed->expressions = ExpressionSet::compile(std::move(reader.expressions), options.expressions, bad);
  for (const ExpressionProblem& e : bad)
    reader.problem(e.pointer, "BAD_EXPRESSION", "the expression cannot be used: " + e.message,
                   "Correct the jq expression.");
  outcome.problems = std::move(reader.problems);
  std::ranges::sort(outcome.problems, [](const Problem& a, const Problem& b) {
    return std::tie(a.line, a.column, a.pointer, a.code) < std::tie(b.line, b.column, b.pointer, b.code);
  });
  if (!outcome.problems.empty()) return outcome;
  parsed->canonical = value;
  outcome.parsed = std::move(parsed);
  return outcome;
}

}  // namespace

ParseOutcome parse_definition(std::string_view text, DefinitionFormat format, const DefinitionOptions& options) {
  ParseOutcome outcome;
  auto document = read_document(text, format, outcome.problems, options.document);
  if (!document) return outcome;
  return read_definition(document->value, document->places, options);
}

ParseOutcome parse_definition(const Json& canonical, const DefinitionOptions& options) {
  return read_definition(canonical, SourceMap(), options);
}

Error definition_error(const std::vector<Problem>& problems) {
  Error error{ErrorCode::invalid, "DEFINITION_INVALID", "", "", "", "Correct each place listed.", {}};
  error.message =
      "The definition has " + std::to_string(problems.size()) + (problems.size() == 1 ? " problem." : " problems.");
  for (const Problem& p : problems) {
    const std::string place =
        p.line > 0 ? "Line " + std::to_string(p.line) + ", column " + std::to_string(p.column) + ": " : "";
    const Json params = {{"line", p.line}, {"column", p.column}, {"remedy", p.remedy}};
    error.violations.push_back({p.pointer, "", p.code, place + p.message + ".", dump_json(params)});
  }
  if (!error.violations.empty()) error.message += " " + error.violations.front().message;
  return error;
}

}  // namespace carillon
