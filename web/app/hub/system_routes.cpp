#include "web/app/hub/system_routes.h"

#include "web/http/problem.h"
#include "web/http/security.h"

namespace carillon {

void add_system_routes(web::Router& router, const SystemRoutes& parts) {
  const web::RouteOptions quick{{}, true};
  router.add("GET /healthz", [](const web::Request&, const web::PathParams&) { return web::text_response("ok\n"); }, quick);
  router.add("GET /readyz", [ping = parts.ping](const web::Request& request, const web::PathParams&) {
    if (Status status = ping(); !status) return web::problem(status.error(), request.request_id);
    return web::json_response({{"ready", true}});
  });
  router.add("GET /metrics", [&metrics = parts.metrics](const web::Request&, const web::PathParams&) {
    return web::text_response(metrics.text(), "text/plain; version=0.0.4; charset=utf-8");
  }, quick);
  router.add("GET /api/v1/openapi.json", [&description = parts.description](const web::Request&, const web::PathParams&) {
    return web::text_response(description.text(), "application/json");
  }, quick);
}

std::optional<web::Response> csrf_refusal(const web::Request& request) {
  if (Status status = web::csrf_check(request); !status) return web::problem(status.error(), request.request_id);
  return std::nullopt;
}

void count_request(Metrics& metrics, const web::Request& request, const web::Response& response, std::string_view route, Duration took) {
  const std::string labels = "method=\"" + (request.method.size() < 10 ? request.method : "other") + "\",route=\"" +
                             (route.empty() ? "none" : std::string(route)) + "\"";
  metrics.histogram("carillon_http_request_seconds", "From the first byte of a request to its answer", labels)
      .observe(static_cast<double>(took.count()) / 1e6);
  metrics.counter("carillon_http_responses_total", "Answers by status class", "class=\"" + std::to_string(response.status / 100) + "xx\"").add();
}

}  // namespace carillon
