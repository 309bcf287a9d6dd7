#include "web/http/problem.h"

namespace carillon::web {
namespace {

Json violations_json(const std::vector<Violation>& violations) {
  Json out = Json::array();
  for (const auto& violation : violations) {
    Json params = Json::parse(violation.params_json, nullptr, false);
    if (!params.is_object()) params = Json::object();
    out.push_back({{"instance", violation.instance},
                   {"schema", violation.schema},
                   {"keyword", violation.keyword},
                   {"message", violation.message},
                   {"params", std::move(params)}});
  }
  return out;
}

}  // namespace

int http_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::malformed: return 400;
    case ErrorCode::unauthenticated: return 401;
    case ErrorCode::forbidden: return 403;
    case ErrorCode::not_found: return 404;
    case ErrorCode::conflict: return 409;
    case ErrorCode::precondition_failed: return 412;
    case ErrorCode::precondition_missing: return 428;
    case ErrorCode::too_large: return 413;
    case ErrorCode::unsupported_media: return 415;
    case ErrorCode::invalid: return 422;
    case ErrorCode::rate_limited: return 429;
    case ErrorCode::unavailable: return 503;
    case ErrorCode::internal: return 500;
  }
  return 500;
}

// Phrases of RFC 9110 section 15, RFC 6585 (428, 429, 431) and RFC 9457's advice that title be the phrase.
std::string_view status_title(int status) {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}

Response problem(const Error& error, std::string_view request_id, const ProblemOptions& options) {
  const int status = options.status != 0 ? options.status : http_status(error.code);
  Json out = {{"type", "urn:carillon:problem:" + error.reason},
              {"title", status_title(status)},
              {"status", status},
              {"detail", error.message},
              {"code", error.reason},
              {"request_id", request_id}};
  if (!error.field.empty()) out["field"] = error.field;
  if (!error.value.empty()) out["value"] = error.value;
  if (!error.remedy.empty()) out["remedy"] = error.remedy;
  if (!error.violations.empty()) out["violations"] = violations_json(error.violations);
  Response response = text_response(dump_json(out), "application/problem+json", status);
  response.headers.add("Cache-Control", "no-store");
  if (status == 401) response.headers.add("WWW-Authenticate", "Bearer");
  if (status == 429 || status == 503)
    response.headers.add("Retry-After", std::to_string(std::max(1, options.retry_after_seconds)));
  return response;
}

}  // namespace carillon::web
