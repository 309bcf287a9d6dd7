#include "web/http/message.h"

namespace carillon::web {
namespace {

char lower_ascii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string_view trim_blank(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

Error media_error(const std::string& got, const std::string& expected) {
  return Error{.code = ErrorCode::unsupported_media,
               .reason = "UNSUPPORTED_MEDIA_TYPE",
               .message = got.empty() ? "The request has no Content-Type." : "The body's Content-Type is not understood here.",
               .field = "Content-Type",
               .value = shorten(got),
               .remedy = "Send the body as " + expected + ".",
               .violations = {}};
}

}  // namespace

bool equal_no_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower_ascii(a[i]) != lower_ascii(b[i])) return false;
  return true;
}

void Headers::set(std::string_view name, std::string value) {
  remove(name);
  fields_.emplace_back(std::string(name), std::move(value));
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const Field& field) { return equal_no_case(field.first, name); });
}

std::string_view Headers::get(std::string_view name) const {
  for (const auto& [key, value] : fields_)
    if (equal_no_case(key, name)) return value;
  return {};
}

bool Headers::has(std::string_view name) const { return count(name) > 0; }

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(fields_.begin(), fields_.end(), [&](const Field& field) { return equal_no_case(field.first, name); }));
}

std::optional<std::string> Request::query_value(std::string_view name) const {
  const auto found = query.lower_bound(name);
  if (found == query.end() || found->first != name) return std::nullopt;
  return found->second;
}

std::map<std::string, std::string, std::less<>> Request::cookies() const {
  std::map<std::string, std::string, std::less<>> out;
  for (const auto& [name, value] : headers.fields()) {
    if (!equal_no_case(name, "Cookie")) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const auto end = rest.find(';');
      const auto pair = trim_blank(rest.substr(0, end));
      const auto equals = pair.find('=');
      if (equals != std::string_view::npos && equals > 0)
        out.try_emplace(std::string(pair.substr(0, equals)), std::string(pair.substr(equals + 1)));
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
  }
  return out;
}

std::string Request::cookie(std::string_view name) const {
  const auto all = cookies();
  const auto found = all.find(name);
  return found == all.end() ? std::string{} : found->second;
}

std::string Request::media_type() const {
  const auto value = headers.get("Content-Type");
  std::string out(trim_blank(value.substr(0, value.find(';'))));
  std::transform(out.begin(), out.end(), out.begin(), lower_ascii);
  return out;
}

std::string_view Request::bearer_token() const {
  const auto value = headers.get("Authorization");
  if (value.size() < 7 || !equal_no_case(value.substr(0, 7), "Bearer ")) return {};
  return trim_blank(value.substr(7));
}

Result<Json> Request::json(const JsonLimits& limits) const {
  const auto type = media_type();
  if (type != "application/json" && !type.ends_with("+json")) return media_error(type, "application/json");
  if (body.empty())
    return Error{.code = ErrorCode::malformed,
                 .reason = "BODY_MISSING",
                 .message = "The request has no body.",
                 .field = "",
                 .value = "",
                 .remedy = "Send a JSON document.",
                 .violations = {}};
  return parse_json(body, limits);
}

Status require_media_type(const Request& request, const std::vector<std::string>& accepted) {
  const auto type = request.media_type();
  if (std::find(accepted.begin(), accepted.end(), type) != accepted.end()) return ok();
  std::string expected;
  for (const auto& one : accepted) expected += (expected.empty() ? "" : " or ") + one;
  return media_error(type, expected);
}

Response text_response(std::string text, std::string content_type, int status) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", std::move(content_type));
  response.body = std::move(text);
  return response;
}

Response json_response(const Json& value, int status) { return text_response(dump_json(value), "application/json", status); }

Response no_content() {
  Response response;
  response.status = 204;
  return response;
}

}  // namespace carillon::web
