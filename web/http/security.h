#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "web/http/message.h"

namespace carillon::web {

/// Who may read answers from another origin (Fetch standard, "CORS protocol"). Empty: nobody.
struct CorsPolicy {
  std::vector<std::string> origins;  ///< exact: "https://ops.example.com"; no wildcards
  bool allows(std::string_view origin) const;
};

/// The Content-Security-Policy of HTML; `nonce` "" allows no inline style.
std::string content_security_policy(std::string_view nonce);

/// Adds what every answer carries unless it is there already: X-Content-Type-Options, Referrer-Policy,
/// Permissions-Policy, X-Frame-Options, Cross-Origin-Opener-Policy, Cross-Origin-Resource-Policy, a CSP (for anything but
/// HTML: nothing may load) and, for answers without one, Cache-Control: no-store.
void add_security_headers(Response& response, bool hsts = false);

/// Adds the CORS fields for an allowed origin; nothing for others.
void add_cors_headers(const CorsPolicy& policy, const Request& request, Response& response);
/// The answer to a preflight (OPTIONS with Access-Control-Request-Method); nothing if the request is none.
std::optional<Response> cors_preflight(const CorsPolicy& policy, const Request& request,
                                       const std::vector<std::string>& allowed_methods);

/// Whether the request's Origin names the host it was sent to. False without an Origin.
bool is_same_origin(const Request& request);

/// Cross-site request forgery: a request that changes something (not GET, HEAD, OPTIONS) and rides on a cookie (has one,
/// and no Authorization) needs `X-Carillon-Csrf: 1`, or Sec-Fetch-Site same-origin, or an Origin that is this host.
/// Sec-Fetch-Site cross-site or same-site is refused whatever else it carries, unless `cors` allows its origin.
/// Fails with forbidden, CSRF_REFUSED.
Status csrf_check(const Request& request, const CorsPolicy& cors = {});

/// The same for a WebSocket upgrade, which is a GET: on a cookie it needs an Origin that is this host or that `cors`
/// allows. Fails with forbidden, ORIGIN_REFUSED.
Status origin_check(const Request& request, const CorsPolicy& cors = {});

}  // namespace carillon::web
