#pragma once
#include <functional>

#include "engine/base/metrics.h"
#include "web/api/description.h"
#include "web/http/router.h"

namespace carillon {

struct SystemRoutes {
  const api::ApiDescription& description;
  Metrics& metrics;
  std::function<Status()> ping;
};

/// /healthz, /readyz, /metrics and /api/v1/openapi.json.
void add_system_routes(web::Router& router, const SystemRoutes& parts);
/// The answer to a request that rides on a cookie from elsewhere; nothing for others. Signing in needs no cookie.
std::optional<web::Response> csrf_refusal(const web::Request& request);
void count_request(Metrics& metrics, const web::Request& request, const web::Response& response, std::string_view route, Duration took);

}  // namespace carillon
