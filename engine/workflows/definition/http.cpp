#include <algorithm>

#include "engine/workflows/definition/http_rules.h"
#include "engine/workflows/definition/reader.h"

namespace carillon {
namespace {

bool http_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

}  // namespace

bool http_token_ok(std::string_view s) {
  return !s.empty() && s.size() <= 256 && std::ranges::all_of(s, http_token_char);
}

bool http_header_value_ok(std::string_view s) {
  return std::ranges::all_of(s, [](char c) { return static_cast<unsigned char>(c) >= 0x20 ? c != 0x7f : c == '\t'; });
}

bool http_header_reserved(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (std::string_view reserved : {"host", "content-length", "transfer-encoding", "connection", "upgrade", "te",
                                    "trailer", "expect", "proxy-authorization"})
    if (lower == reserved) return true;
  return false;
}

bool http_url_ok(std::string_view s) {
  const bool scheme = s.starts_with("http://") || s.starts_with("https://");
  return scheme && s.size() <= 8'192 && s.size() > s.find("//") + 2 &&
         std::ranges::all_of(s, [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
}

dsl::HttpTask DefinitionReader::http_task(const Json& v, const std::string& pointer) {
  dsl::HttpTask out;
  if (!object(v, pointer, {"method", "endpoint", "headers", "body", "query", "output", "redirect"}, {},
              {"method", "endpoint"}))
    return out;
  if (const Json* method = member(v, "method")) {
    const std::string at = pointer + "/method";
    out.method = value(*method, at);
    if (!method->is_string())
      wrong_type(*method, at, "a text");
    else if (out.method.constant() && !http_token_ok(method->get_ref<const std::string&>()))
      problem(at, "BAD_VALUE", "\"" + shorten(method->get<std::string>()) + "\" is not an HTTP method",
              "Write for example GET or POST.");
  }
  if (const Json* target = member(v, "endpoint")) out.endpoint = endpoint(*target, pointer + "/endpoint");
  if (const Json* headers = member(v, "headers")) out.headers = pairs(*headers, pointer + "/headers", true);
  if (const Json* query = member(v, "query")) out.query = pairs(*query, pointer + "/query", false);
  if (const Json* body = member(v, "body")) out.body = value(*body, pointer + "/body");
  if (const Json* output = member(v, "output")) {
    if (*output == "content")
      out.output = dsl::HttpTask::Output::content;
    else if (*output == "response")
      out.output = dsl::HttpTask::Output::response;
    else if (*output == "raw")
      out.output = dsl::HttpTask::Output::raw;
    else
      problem(pointer + "/output", "BAD_VALUE", output->dump() + " is not an output format",
              "Write content, response or raw.");
  }
  if (const Json* redirect = member(v, "redirect")) {
    if (redirect->is_boolean())
      out.redirect = redirect->get<bool>();
    else
      wrong_type(*redirect, pointer + "/redirect", "a boolean");
  }
  return out;
}

dsl::Template DefinitionReader::endpoint(const Json& v, const std::string& pointer) {
  if (v.is_object()) {
    const bool good = object(v, pointer, {"uri"}, {{"authentication", "Set the headers of the call."}}, {"uri"});
    const Json* uri = good ? member(v, "uri") : nullptr;
    return uri == nullptr ? dsl::Template{} : endpoint(*uri, pointer + "/uri");
  }
  if (!v.is_string()) {
    wrong_type(v, pointer, "an address or an object with \"uri\"");
    return {};
  }
  const auto& s = v.get_ref<const std::string&>();
  dsl::Template out = value(v, pointer);
  if (out.constant() && !s.starts_with("{") && !http_url_ok(s))
    problem(pointer, "BAD_VALUE", "\"" + shorten(s) + "\" is not an http or https address",
            "Write for example https://example.com/orders.");
  return out;
}

dsl::Template DefinitionReader::pairs(const Json& v, const std::string& pointer, bool headers) {
  if (v.is_string() && marked_expression(v.get_ref<const std::string&>())) return value(v, pointer);
  if (!v.is_object()) {
    wrong_type(v, pointer, "an object or an expression");
    return {};
  }
  for (const auto& [name, item] : v.items()) {
    const std::string at = pointer_append(pointer, name);
    if (!item.is_primitive() || item.is_null()) wrong_type(item, at, "a text");
    if (!headers) continue;
    if (!http_token_ok(name))
      problem(at, "BAD_VALUE", "\"" + shorten(name) + "\" is not a header name", "Use letters, digits and hyphens.");
    else if (http_header_reserved(name))
      problem(at, "BAD_VALUE", "the header " + name + " is set by the hub itself", "Leave it out.");
    if (item.is_string() && !http_header_value_ok(item.get_ref<const std::string&>()))
      problem(at, "BAD_VALUE", "a header's value cannot hold control characters", "Remove line breaks and the like.");
  }
  return value(v, pointer);
}

}  // namespace carillon
