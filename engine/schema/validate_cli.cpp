#include "engine/schema/validate_cli.h"

#include <fstream>
#include <istream>
#include <ostream>
#include <sstream>

#include "engine/schema/compiler.h"
#include "engine/schema/schema.h"

namespace carillon::schema {
namespace {

constexpr int kMaxLineDepth = 512;

std::string_view code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::malformed: return "malformed";
    case ErrorCode::too_large: return "too_large";
    case ErrorCode::invalid: return "invalid";
    default: return "internal";
  }
}

Json error_answer(const Error& e) {
  std::string message = e.message;
  if (!e.remedy.empty()) message += " " + e.remedy;
  Json error = {{"code", e.reason.empty() ? std::string(code_name(e.code)) : e.reason}, {"message", message}, {"pointer", e.field}};
  return {{"error", std::move(error)}};
}

Error request_error(std::string message, std::string field) {
  return Error{ErrorCode::malformed, "REQUEST_MALFORMED", std::move(message), std::move(field), "",
               "Write one object with schema and instance per line.", {}};
}

Json violations_json(const std::vector<Violation>& violations) {
  Json out = Json::array();
  for (const Violation& v : violations)
    out.push_back({{"instance", v.instance},
                   {"schema", v.schema},
                   {"keyword", v.keyword},
                   {"message", v.message},
                   {"params", parse_stored_json(v.params_json)}});
  return out;
}

Result<CompileOptions> request_options(const Json& request) {
  CompileOptions options;
  if (const auto at = request.find("dialect"); at != request.end()) {
    options.dialect = parse_dialect(at->is_string() ? at->get<std::string>() : std::string());
    if (!options.dialect) return request_error("\"dialect\" is \"2020-12\" or \"draft-07\".", "/dialect");
  }
  if (const auto at = request.find("remotes"); at != request.end()) {
    if (!at->is_object()) return request_error("\"remotes\" is an object of schemas by URI.", "/remotes");
    for (const auto& [uri, schema] : at->items()) options.remotes[uri] = schema;
  }
  if (const auto at = request.find("formats"); at != request.end()) {
    if (!at->is_boolean()) return request_error("\"formats\" is true or false.", "/formats");
    options.assert_formats = at->get<bool>();
  }
  return options;
}

Result<Json> answer(const std::string& line) {
  const Json request = Json::parse(line, nullptr, false);
  if (request.is_discarded()) return request_error("The line is not JSON.", "");
  CARILLON_CHECK(check_nesting(request, kMaxLineDepth, ""));
  if (!request.is_object() || !request.contains("schema") || !request.contains("instance"))
    return request_error("The line is no object with \"schema\" and \"instance\".", "");
  CARILLON_TRY(const CompileOptions options, request_options(request));
  CARILLON_TRY(const auto schema, Schema::compile(request.at("schema"), options));
  CARILLON_TRY(const auto violations, schema->validate(request.at("instance")));
  return Json{{"valid", violations.empty()}, {"violations", violations_json(violations)}};
}

Result<Json> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{ErrorCode::not_found, "FILE_UNREADABLE", "The file cannot be read.", "", path, "Check the path.", {}};
  std::stringstream text;
  text << in.rdbuf();
  JsonLimits limits;
  limits.bytes = 64u << 20;
  return parse_json(text.str(), limits);
}

int complain(std::ostream& err, const std::string& path, const Error& e) {
  err << path << (e.field.empty() ? "" : " at " + e.field) << ": " << e.message << (e.remedy.empty() ? "" : " " + e.remedy) << '\n';
  for (const Violation& v : e.violations) err << "  " << (v.instance.empty() ? "/" : v.instance) << ": " << v.message << '\n';
  return 2;
}

}  // namespace

int schema_validate_lines(std::istream& in, std::ostream& out) {
  std::string line;
  while (std::getline(in, line)) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto result = answer(line);
    out << dump_json(result.has_value() ? result.value() : error_answer(result.error())) << '\n';
  }
  out.flush();
  return 0;
}

int schema_validate_files(const std::string& schema_path, const std::string& instance_path, std::ostream& out, std::ostream& err) {
  const auto document = read_file(schema_path);
  if (!document.has_value()) return complain(err, schema_path, document.error());
  const auto schema = Schema::compile(document.value());
  if (!schema.has_value()) return complain(err, schema_path, schema.error());
  for (const Warning& w : schema.value()->warnings()) err << schema_path << " at " << w.pointer << ": warning: " << w.message << '\n';
  const auto instance = read_file(instance_path);
  if (!instance.has_value()) return complain(err, instance_path, instance.error());
  const auto violations = schema.value()->validate(instance.value());
  if (!violations.has_value()) return complain(err, instance_path, violations.error());
  for (const Violation& v : violations.value())
    out << (v.instance.empty() ? "(the whole value)" : v.instance) << ": " << v.message << "  [" << v.schema << "]\n";
  if (violations.value().empty()) out << "valid\n";
  return violations.value().empty() ? 0 : 1;
}

}  // namespace carillon::schema
