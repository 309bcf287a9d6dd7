#pragma once
#include "engine/plugin/plugin.h"
#include "web/api/authenticator.h"
#include "web/api/description.h"
#include "web/http/router.h"

namespace carillon::api {

/// Binds every ActionRoute of the host to the router: authenticate → parameters and body as the API description says →
/// dispatcher → JSON with ETag.
void add_action_routes(web::Router& router, const PluginHost& host, Dispatcher& dispatcher, Authenticator& authenticator,
                       const ApiDescription& description);

/// POST, GET and DELETE /api/v1/session.
void add_session_routes(web::Router& router, Authenticator& authenticator, const ApiDescription& description);

/// `If-Match: "7"` as 7; malformed IF_MATCH_INVALID for anything else.
Result<std::optional<std::int64_t>> read_if_match(const web::Request& request);

}  // namespace carillon::api
