#include "web/http/responder.h"

#include "web/http/problem.h"

namespace carillon::web {
namespace {

bool is_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

std::string join_comma(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

/// Whether a comma-separated field holds a token, without case.
bool has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const auto end = list.find(',');
    auto entry = list.substr(0, end);
    list = end == std::string_view::npos ? std::string_view{} : list.substr(end + 1);
    while (!entry.empty() && entry.front() == ' ') entry.remove_prefix(1);
    while (!entry.empty() && entry.back() == ' ') entry.remove_suffix(1);
    if (equal_no_case(entry, token)) return true;
  }
  return false;
}

Error overloaded_error() {
  return Error{.code = ErrorCode::unavailable,
               .reason = "SERVER_STOPPING",
               .message = "The server is stopping.",
               .field = "",
               .value = "",
               .remedy = "Try again; another node, or this one after its restart, will answer.",
               .violations = {}};
}

}  // namespace

bool wants_websocket(const Request& request) { return has_token(request.headers.get("Upgrade"), "websocket"); }

Status check_websocket_handshake(const Request& request) {
  const auto refuse = [](std::string reason, std::string field, std::string_view value, std::string remedy) {
    return Error{.code = ErrorCode::malformed,
                 .reason = std::move(reason),
                 .message = "The WebSocket handshake is not right.",
                 .field = std::move(field),
                 .value = shorten(value),
                 .remedy = std::move(remedy),
                 .violations = {}};
  };
  const auto& headers = request.headers;
  if (!has_token(headers.get("Connection"), "upgrade"))
    return refuse("WEBSOCKET_HANDSHAKE", "Connection", headers.get("Connection"), "Send Connection: Upgrade.");
  if (headers.get("Sec-WebSocket-Version") != "13")
    return refuse("WEBSOCKET_VERSION", "Sec-WebSocket-Version", headers.get("Sec-WebSocket-Version"), "Use version 13.");
  const auto key = headers.get("Sec-WebSocket-Key");
  if (key.size() != 24 || !key.ends_with("=="))
    return refuse("WEBSOCKET_HANDSHAKE", "Sec-WebSocket-Key", key, "Send 16 random bytes in base64.");
  return ok();
}

std::string Responder::request_id(std::string_view from_client) const {
  if (!from_client.empty() && from_client.size() <= 64 && std::all_of(from_client.begin(), from_client.end(), is_id_character))
    return std::string(from_client);
  return random_hex(parts_.rng, 8);
}

Response Responder::crashed(const Request& request, std::string_view what) const {
  parts_.log.error("handler failed", {{"request_id", request.request_id}, {"path", request.path}, {"error", what}});
  return problem({.code = ErrorCode::internal,
                  .reason = "INTERNAL",
                  .message = "Something broke on the server.",
                  .field = "",
                  .value = "",
                  .remedy = "Report the request id to whoever runs this hub.",
                  .violations = {}},
                 request.request_id);
}

Response Responder::unknown_route(const Request& request, const RouteMatch& match) const {
  if (match.error) return problem(*match.error, request.request_id);
  const bool known = !match.allowed.empty();
  if (request.method == "OPTIONS" && (known || request.path == "*")) {
    if (auto preflight = cors_preflight(options_.cors, request, match.allowed)) return *std::move(preflight);
    Response response = no_content();
    response.headers.add("Allow", known ? join_comma(match.allowed) : "GET, HEAD, OPTIONS, PATCH, POST, PUT, DELETE");
    return response;
  }
  if (known) {
    Response response = problem({.code = ErrorCode::malformed,
                                 .reason = "METHOD_NOT_ALLOWED",
                                 .message = "This address does not take " + shorten(request.method, 20) + ".",
                                 .field = "",
                                 .value = shorten(request.method, 20),
                                 .remedy = "Use one of " + join_comma(match.allowed) + ".",
                                 .violations = {}},
                                request.request_id, {.status = 405});
    response.headers.add("Allow", join_comma(match.allowed));
    return response;
  }
  if (parts_.router.fallback() && (request.method == "GET" || request.method == "HEAD"))
    return parts_.router.fallback()(request, {});
  return problem({.code = ErrorCode::not_found,
                  .reason = "ROUTE_NOT_FOUND",
                  .message = "There is nothing at this address.",
                  .field = "",
                  .value = shorten(request.path),
                  .remedy = "GET /api/v1/openapi.json lists every address.",
                  .violations = {}},
                 request.request_id);
}

Response Responder::dispatch(const Request& request, const RouteMatch& match) const {
  if (closed_) return problem(overloaded_error(), request.request_id);
  if (match.route == nullptr) return unknown_route(request, match);
  if (hooks_.before)
    if (auto early = hooks_.before(request)) return *std::move(early);
  if (!match.route->websocket) return match.route->handler(request, match.params);
  Response response = problem({.code = ErrorCode::malformed,
                               .reason = "UPGRADE_REQUIRED",
                               .message = "This address speaks WebSocket only.",
                               .field = "Upgrade",
                               .value = "",
                               .remedy = "Open it with ws:// or wss://.",
                               .violations = {}},
                              request.request_id, {.status = 426});
  response.headers.add("Upgrade", "websocket");
  return response;
}

Response Responder::answer(const Request& request, const RouteMatch& match) const {
  try {
    return dispatch(request, match);
  } catch (const std::exception& e) {
    return crashed(request, e.what());
  } catch (...) {
    return crashed(request, "not a std::exception");
  }
}

bool Responder::never_blocks(const Request&, const RouteMatch& match) const {
  if (match.route == nullptr) return true;
  return match.route->options.never_blocks && !hooks_.before;
}

Responder::Upgrade Responder::upgrade(const Request& request, const RouteMatch& match) const {
  const auto refuse = [&](const Error& error) {
    Upgrade out{.session = nullptr, .refusal = problem(error, request.request_id)};
    if (error.reason == "WEBSOCKET_VERSION") {
      out.refusal = problem(error, request.request_id, {.status = 426});
      out.refusal.headers.add("Sec-WebSocket-Version", "13");
      out.refusal.headers.add("Upgrade", "websocket");
    }
    return out;
  };
  try {
    if (closed_) return refuse(overloaded_error());
    if (auto status = origin_check(request, options_.cors); !status) return refuse(status.error());
    if (auto status = check_websocket_handshake(request); !status) return refuse(status.error());
    if (hooks_.before)
      if (auto early = hooks_.before(request)) return {.session = nullptr, .refusal = *std::move(early)};
    auto opened = match.route->websocket->on_open(request, match.params);
    if (!opened) return refuse(opened.error());
    return {.session = std::move(opened).value(), .refusal = {}};
  } catch (const std::exception& e) {
    return {.session = nullptr, .refusal = crashed(request, e.what())};
  }
}

void Responder::finish(const Request& request, Response& response, std::string_view route) const {
  add_security_headers(response, options_.hsts);
  add_cors_headers(options_.cors, request, response);
  response.headers.set("X-Request-Id", request.request_id);
  const Duration took = parts_.clock.steady() - request.received;
  if (hooks_.after) hooks_.after(request, response, route, took);
  parts_.log.debug("request", {{"request_id", request.request_id},
                               {"method", request.method},
                               {"path", request.path},
                               {"status", response.status},
                               {"bytes", response.content().size()},
                               {"us", std::int64_t{took.count()}},
                               {"remote", request.remote_address}});
}

}  // namespace carillon::web
