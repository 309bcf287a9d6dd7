#include "web/api/routes.h"

#include <charconv>

#include "web/http/problem.h"

namespace carillon::api {
namespace {

/// The body of a request for a route: {} when there is none, since every body has an object's shape.
Result<Json> read_body(const web::Request& request, bool takes_body) {
  if (request.body.empty()) return Json::object();
  CARILLON_TRY(auto body, request.json({.bytes = request.body.size()}));
  if (!takes_body && !(body.is_object() && body.empty()))
    return Error{ErrorCode::malformed, "BODY_UNEXPECTED", "This takes no body.", "", "", "Send none.", {}};
  return body;
}

Result<web::Response> call_action(const ActionRoute& route, bool takes_body, Dispatcher& dispatcher, Authenticator& authenticator,
                                  const ApiDescription& description, const web::Request& request, const web::PathParams& path) {
  CARILLON_TRY(auto context, authenticator.authenticate(request));
  ActionRequest action;
  CARILLON_TRY(action.params, description.params(route.method, route.path, request, path));
  CARILLON_TRY(action.body, read_body(request, takes_body));
  CARILLON_TRY(action.if_match, read_if_match(request));
  action.idempotency_key = std::string(request.headers.get("Idempotency-Key"));
  if (action.idempotency_key.size() > 200)
    return Error{ErrorCode::malformed, "IDEMPOTENCY_KEY_TOO_LONG", "The idempotency key has more than 200 characters.", "Idempotency-Key",
                 shorten(action.idempotency_key), "Send a shorter one.", {}};
  CARILLON_TRY(auto answer, dispatcher.call(route.action, context, action));
  web::Response response = route.success_status == 204 ? web::no_content() : web::json_response(answer.body, route.success_status);
  if (answer.revision) response.headers.set("ETag", "\"" + std::to_string(*answer.revision) + "\"");
  return response;
}

web::Response or_problem(Result<web::Response> result, const web::Request& request) {
  if (result) return std::move(*result);
  return web::problem(result.error(), request.request_id);
}

void set_session_cookie(web::Response& response, const web::Request& request, const std::string& value, std::int64_t seconds) {
  std::string cookie = std::string(kSessionCookie) + "=" + value + "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(seconds);
  if (request.headers.get("X-Forwarded-Proto") == "https") cookie += "; Secure";
  response.headers.add("Set-Cookie", cookie);
}

Result<web::Response> sign_in(Authenticator& authenticator, const ApiDescription& description, const web::Request& request) {
  CARILLON_TRY(auto body, request.json());
  CARILLON_CHECK(description.check("SignIn", body));
  CARILLON_TRY(auto signed_in, authenticator.sign_in(request, body["email"], body["password"]));
  Json out = authenticator.session_json(signed_in.actor, signed_in.tenant);
  out["expires_at"] = format_instant(signed_in.expires_at);
  web::Response response = web::json_response(out, 201);
  set_session_cookie(response, request, signed_in.token, std::chrono::duration_cast<std::chrono::seconds>(authenticator.session_ttl()).count());
  return response;
}

Result<web::Response> who_am_i(Authenticator& authenticator, const web::Request& request) {
  CARILLON_TRY(auto context, authenticator.authenticate(request));
  CARILLON_TRY(auto view, authenticator.session_view(context));
  return web::json_response(view);
}

Result<web::Response> sign_out(Authenticator& authenticator, const web::Request& request) {
  CARILLON_CHECK(authenticator.sign_out(request));
  web::Response response = web::no_content();
  set_session_cookie(response, request, "", 0);
  return response;
}

}  // namespace

Result<std::optional<std::int64_t>> read_if_match(const web::Request& request) {
  std::string_view text = request.headers.get("If-Match");
  if (text.empty()) return std::optional<std::int64_t>();
  std::string_view digits = text;
  if (digits.starts_with("W/")) digits.remove_prefix(2);
  if (digits.size() >= 2 && digits.front() == '"' && digits.back() == '"') digits = digits.substr(1, digits.size() - 2);
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size())
    return Error{ErrorCode::malformed, "IF_MATCH_INVALID", "If-Match is not a revision.", "If-Match", shorten(text),
                 "Send the ETag as you got it, like \"7\".", {}};
  return std::optional<std::int64_t>(value);
}

void add_action_routes(web::Router& router, const PluginHost& host, Dispatcher& dispatcher, Authenticator& authenticator,
                       const ApiDescription& description) {
  for (const ActionRoute& route : host.routes()) {
    const ServerAction* action = host.actions().find(route.action);
    const bool takes_body = !action->body_shape.empty();
    router.add(route.method + " " + route.path, [route, takes_body, &dispatcher, &authenticator, &description](const web::Request& request, const web::PathParams& path) {
      return or_problem(call_action(route, takes_body, dispatcher, authenticator, description, request, path), request);
    });
  }
}

void add_session_routes(web::Router& router, Authenticator& authenticator, const ApiDescription& description) {
  router.add("POST /api/v1/session", [&](const web::Request& request, const web::PathParams&) {
    return or_problem(sign_in(authenticator, description, request), request);
  });
  router.add("GET /api/v1/session", [&](const web::Request& request, const web::PathParams&) {
    return or_problem(who_am_i(authenticator, request), request);
  });
  router.add("DELETE /api/v1/session", [&](const web::Request& request, const web::PathParams&) {
    return or_problem(sign_out(authenticator, request), request);
  });
}

}  // namespace carillon::api
