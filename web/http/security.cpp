#include "web/http/security.h"

namespace carillon::web {
namespace {

bool has_ambient_authority(const Request& request) {
  return request.headers.has("Cookie") && !request.headers.has("Authorization");
}

bool is_safe_method(std::string_view method) { return method == "GET" || method == "HEAD" || method == "OPTIONS"; }

Error cross_site_error(std::string reason, std::string_view origin, std::string remedy) {
  return Error{.code = ErrorCode::forbidden,
               .reason = std::move(reason),
               .message = "The request rides on a cookie and does not show that it comes from this site.",
               .field = "Origin",
               .value = shorten(origin),
               .remedy = std::move(remedy),
               .violations = {}};
}

void add_missing(Headers& headers, const char* name, const char* value) {
  if (!headers.has(name)) headers.add(name, value);
}

}  // namespace

bool CorsPolicy::allows(std::string_view origin) const {
  return !origin.empty() && std::find(origins.begin(), origins.end(), origin) != origins.end();
}

std::string content_security_policy(std::string_view nonce) {
  std::string style = "'self'";
  if (!nonce.empty()) style += " 'nonce-" + std::string(nonce) + "'";
  return "default-src 'self'; script-src 'self'; style-src " + style +
         "; img-src 'self' data:; connect-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
         "form-action 'self'";
}

void add_security_headers(Response& response, bool hsts) {
  auto& headers = response.headers;
  add_missing(headers, "X-Content-Type-Options", "nosniff");
  add_missing(headers, "Referrer-Policy", "same-origin");
  add_missing(headers, "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
  add_missing(headers, "X-Frame-Options", "DENY");
  add_missing(headers, "Cross-Origin-Opener-Policy", "same-origin");
  add_missing(headers, "Cross-Origin-Resource-Policy", "same-origin");
  if (!headers.has("Content-Security-Policy")) {
    const bool html = headers.get("Content-Type").starts_with("text/html");
    headers.add("Content-Security-Policy",
                html ? content_security_policy("") : std::string("default-src 'none'; frame-ancestors 'none'"));
  }
  add_missing(headers, "Cache-Control", "no-store");
  if (hsts) add_missing(headers, "Strict-Transport-Security", "max-age=31536000; includeSubDomains");
}

void add_cors_headers(const CorsPolicy& policy, const Request& request, Response& response) {
  if (policy.origins.empty()) return;
  response.headers.add("Vary", "Origin");
  const auto origin = request.headers.get("Origin");
  if (!policy.allows(origin)) return;
  response.headers.set("Access-Control-Allow-Origin", std::string(origin));
  response.headers.set("Access-Control-Allow-Credentials", "true");
  response.headers.set("Access-Control-Expose-Headers", "ETag, Location, Retry-After, X-Request-Id");
  // An allowed reader in another origin needs the resource policy to let the answer through.
  response.headers.set("Cross-Origin-Resource-Policy", "cross-origin");
}

std::optional<Response> cors_preflight(const CorsPolicy& policy, const Request& request,
                                       const std::vector<std::string>& allowed_methods) {
  if (request.method != "OPTIONS" || !request.headers.has("Access-Control-Request-Method") || !request.headers.has("Origin"))
    return std::nullopt;
  Response response = no_content();
  if (policy.allows(request.headers.get("Origin"))) {
    std::string methods;
    for (const auto& method : allowed_methods) methods += (methods.empty() ? "" : ", ") + method;
    response.headers.add("Access-Control-Allow-Methods", methods);
    response.headers.add("Access-Control-Allow-Headers",
                         "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Carillon-Csrf, X-Request-Id");
    response.headers.add("Access-Control-Max-Age", "600");
  }
  return response;
}

bool is_same_origin(const Request& request) {
  std::string_view origin = request.headers.get("Origin");
  const auto host = request.headers.get("Host");
  // The scheme is not compared: behind a proxy that ends TLS the hub does not see the browser's scheme.
  if (origin.starts_with("https://")) origin.remove_prefix(8);
  else if (origin.starts_with("http://")) origin.remove_prefix(7);
  else return false;
  return !host.empty() && equal_no_case(origin, host);
}

Status csrf_check(const Request& request, const CorsPolicy& cors) {
  if (is_safe_method(request.method) || !has_ambient_authority(request)) return ok();
  const auto origin = request.headers.get("Origin");
  const auto site = request.headers.get("Sec-Fetch-Site");
  const bool trusted_origin = cors.allows(origin);
  const bool foreign_site = !site.empty() && site != "same-origin" && site != "none";
  const bool shown = request.headers.get("X-Carillon-Csrf") == "1" || site == "same-origin" || is_same_origin(request);
  if (trusted_origin || (shown && !foreign_site)) return ok();
  return cross_site_error("CSRF_REFUSED", origin,
                          "Send the header X-Carillon-Csrf: 1 from a page of this site, or use a bearer token.");
}

Status origin_check(const Request& request, const CorsPolicy& cors) {
  if (!has_ambient_authority(request) || is_same_origin(request) || cors.allows(request.headers.get("Origin"))) return ok();
  return cross_site_error("ORIGIN_REFUSED", request.headers.get("Origin"),
                          "Open the stream from a page of this site, or use a bearer token.");
}

}  // namespace carillon::web
