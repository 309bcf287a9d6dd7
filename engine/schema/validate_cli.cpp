#include "engine/schema/validate_cli.h"

#include <istream>
#include <ostream>
#include <string>

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

/// The schema of the line before, compiled: most lines share it with their neighbours.
class LastSchema {
 public:
  /// `request` without its instance.
  Result<std::shared_ptr<const Schema>> get(Json request) {
    if (schema_ && request == request_) return schema_;
    schema_.reset();
    CARILLON_TRY(const CompileOptions options, request_options(request));
    CARILLON_TRY(schema_, Schema::compile(request.at("schema"), options));
    request_ = std::move(request);
    return schema_;
  }

 private:
  Json request_;
  std::shared_ptr<const Schema> schema_;
};

Result<Json> answer(const std::string& line, LastSchema& last) {
  Json request = Json::parse(line, nullptr, false);
  if (request.is_discarded()) return request_error("The line is not JSON.", "");
  CARILLON_CHECK(check_nesting(request, kMaxLineDepth, ""));
  if (!request.is_object() || !request.contains("schema") || !request.contains("instance"))
    return request_error("The line is no object with \"schema\" and \"instance\".", "");
  const Json instance = std::move(request.at("instance"));
  request.erase("instance");
  CARILLON_TRY(const auto schema, last.get(std::move(request)));
  CARILLON_TRY(const auto violations, schema->validate(instance));
  return Json{{"valid", violations.empty()}, {"violations", violations_json(violations)}};
}

}  // namespace

int schema_validate_lines(std::istream& in, std::ostream& out) {
  std::string line;
  LastSchema last;
  while (std::getline(in, line)) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto result = answer(line, last);
    out << dump_json(result.has_value() ? result.value() : error_answer(result.error())) << '\n';
  }
  out.flush();
  return 0;
}

}  // namespace carillon::schema
