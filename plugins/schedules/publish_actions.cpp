#include "plugins/schedules/publish_actions.h"

#include "plugins/schedules/publish_verdict.h"

namespace carillon::schedules {

void PublishActions::contribute(PluginHost& host) {
  host.action({"schedules.verdicts", "schedules.view", "", false, false,
               [this](Tx& tx, const TenantContext& who, const ActionRequest& request) { return verdicts(tx, who, request); }});
  host.route({"GET", "/api/v1/workflows/{id}/versions/{number}/schedules", "schedules.verdicts"});
}

Result<ActionResponse> PublishActions::verdicts(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<WorkflowId>("id"));
  CARILLON_TRY(auto version, workflows_.version(tx, who.tenant, id, request.number("number", 0)));
  CARILLON_TRY(std::size_t at, line_of_cursor(request.param("cursor")));
  const auto limit = static_cast<std::size_t>(request.number("limit", 50));
  const std::string wanted = request.param("verdict");
  Json items = Json::array();
  Json next = nullptr;
  for (bool more = true; more && next.is_null();) {
    CARILLON_TRY(auto text, store_.verdicts(tx, who.tenant, id, version.number, static_cast<std::int64_t>(at / kLinesOfPage)));
    if (!text && at < kLinesOfPage && version.published_at + kept_ <= tx.now()) {
      CARILLON_TRY(const auto workflow, workflows_.get(tx, who.tenant, id));
      if (version.number != workflow.latest_version)
        return Error{ErrorCode::not_found, "VERDICTS_EXPIRED", "What the publish of this version answered is no longer kept.", "number",
                     std::to_string(version.number), "It is kept for " + describe_duration(kept_) + ", that of the latest version for good.", {}};
    }
    if (!text) break;
    const Json lines = parse_stored_json(*text);
    more = lines.size() == kLinesOfPage;
    for (std::size_t n = at % kLinesOfPage; n < lines.size(); ++n, ++at) {
      if (!wanted.empty() && lines[n].at("verdict") != wanted) continue;
      if (items.size() == limit) {
        next = std::to_string(at);
        break;
      }
      items.push_back(lines[n]);
    }
  }
  return ActionResponse{{{"items", std::move(items)}, {"next_cursor", std::move(next)}}, {}};
}

}  // namespace carillon::schedules
