#include "engine/secrets/secret_actions.h"

namespace carillon {

void SecretActions::contribute(PluginHost& host) {
  host.permission(kUseSecrets, "editor");
  host.permission("secrets.manage", "admin");
  host.action({"secrets.list", kUseSecrets, "", false, false, [this](Tx& tx, const TenantContext& who, const ActionRequest&) -> Result<ActionResponse> {
                 CARILLON_TRY(auto views, control_.list(tx, who.tenant));
                 Json items = Json::array();
                 for (const auto& view : views) items.push_back(to_json(view));
                 return ActionResponse{{{"items", std::move(items)}}, {}};
               }});
  host.action({"secrets.put", "secrets.manage", "SecretValue", false, false,
               [this](Tx& tx, const TenantContext& who, const ActionRequest& request) -> Result<ActionResponse> {
                 CARILLON_TRY(auto view, control_.put(tx, who, request.param("name"), request.body.at("value")));
                 return ActionResponse{to_json(view), {}};
               }});
  host.action({"secrets.delete", "secrets.manage", "", false, false,
               [this](Tx& tx, const TenantContext& who, const ActionRequest& request) -> Result<ActionResponse> {
                 CARILLON_CHECK(control_.remove(tx, who, request.param("name"), request.param("force") == "true"));
                 return ActionResponse{Json(nullptr), {}};
               }});
  host.route({"GET", "/api/v1/secrets", "secrets.list"});
  host.route({"PUT", "/api/v1/secrets/{name}", "secrets.put"});
  host.route({"DELETE", "/api/v1/secrets/{name}", "secrets.delete", 204});
}

}  // namespace carillon
