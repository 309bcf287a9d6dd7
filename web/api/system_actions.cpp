#include "web/api/system_actions.h"

#include "engine/base/names.h"
#include "web/api/authenticator.h"
#include "web/auth/secret.h"

namespace carillon::api {
namespace {

Json api_key_json(const ApiKey& key) {
  return {{"id", key.id.to_string()}, {"name", key.name}, {"role", key.role}, {"prefix", key.prefix},
          {"created_at", format_instant(key.created_at)},
          {"last_used_at", key.last_used_at ? Json(format_instant(*key.last_used_at)) : Json(nullptr)}};
}

}  // namespace

void SystemActions::contribute(PluginHost& host) {
  host.permission("system.view", "admin");
  host.permission("tenant.manage", "admin");
  host.action({"nodes.list", "system.view", "", false, false,
               [this](Tx& tx, const TenantContext&, const ActionRequest&) { return nodes(tx); }});
  host.action({"time_zones.list", "", "", false, false, [this](Tx&, const TenantContext&, const ActionRequest&) { return time_zones(); }});
  host.action({"api_keys.list", "tenant.manage", "", false, false,
               [this](Tx& tx, const TenantContext& who, const ActionRequest&) { return keys(tx, who); }});
  host.action({"api_keys.create", "tenant.manage", "NewApiKey", false, false,
               [this](Tx& tx, const TenantContext& who, const ActionRequest& r) { return create_key(tx, who, r); }});
  host.action({"api_keys.delete", "tenant.manage", "", false, false,
               [this](Tx& tx, const TenantContext& who, const ActionRequest& r) { return delete_key(tx, who, r); }});
  host.route({"GET", "/api/v1/nodes", "nodes.list"});
  host.route({"GET", "/api/v1/time-zones", "time_zones.list"});
  host.route({"GET", "/api/v1/api-keys", "api_keys.list"});
  host.route({"POST", "/api/v1/api-keys", "api_keys.create", 201});
  host.route({"DELETE", "/api/v1/api-keys/{id}", "api_keys.delete", 204});
}

SystemActions::Answer SystemActions::nodes(Tx& tx) {
  CARILLON_TRY(auto nodes, tenants_.nodes(tx));
  Json items = Json::array();
  for (const auto& n : nodes)
    items.push_back({{"id", n.id.to_string()}, {"host", n.host}, {"version", n.version}, {"roles", n.roles},
                     {"started_at", format_instant(n.started_at)}, {"seen_at", format_instant(n.seen_at)},
                     {"lag_ms", n.lag.count() / 1000}, {"alive", n.alive(tx.now())}, {"running", n.running}});
  return ActionResponse{{{"items", std::move(items)}}, {}};
}

SystemActions::Answer SystemActions::time_zones() {
  return ActionResponse{{{"items", zones_.names()}, {"version", zones_.version()}}, {}};
}

SystemActions::Answer SystemActions::keys(Tx& tx, const TenantContext& who) {
  CARILLON_TRY(auto keys, tenants_.api_keys(tx, who.tenant));
  Json items = Json::array();
  for (const auto& key : keys) items.push_back(api_key_json(key));
  return ActionResponse{{{"items", std::move(items)}}, {}};
}

SystemActions::Answer SystemActions::create_key(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  const std::string secret = make_tenant_token(rng_, std::string(kApiKeyPrefix), who.tenant);
  ApiKey key;
  key.id = ids_.next();
  key.actor = ids_.make<ActorId>();
  key.name = request.body.at("name");
  CARILLON_CHECK(check_name(key.name));
  key.role = request.body.at("role");
  key.prefix = secret.substr(0, 11);
  key.secret_hash = auth::hash_token(secret);
  key.created_at = tx.now();
  CARILLON_CHECK(tenants_.insert_actor(tx, {key.actor, who.tenant, "key", key.name, "", "", {key.role}}));
  CARILLON_CHECK(tenants_.insert_api_key(tx, who.tenant, key));
  tx.audit(who.tenant, {who.actor, who.actor_name, "api_keys.create", "api_key", key.id, who.request_id, {{"name", key.name}, {"role", key.role}}});
  Json out = api_key_json(key);
  out["secret"] = secret;
  return ActionResponse{std::move(out), {}};
}

SystemActions::Answer SystemActions::delete_key(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto id, request.id<Id<struct ApiKeyTag>>("id"));
  CARILLON_CHECK(tenants_.delete_api_key(tx, who.tenant, id.value));
  tx.audit(who.tenant, {who.actor, who.actor_name, "api_keys.delete", "api_key", id.value, who.request_id, Json::object()});
  return ActionResponse{Json(nullptr), {}};
}

}  // namespace carillon::api
