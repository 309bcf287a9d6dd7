#include "engine/events/alert_actions.h"

namespace carillon {
namespace {

Json alert_json(const KeptAlert& a) {
  return {{"id", a.id.to_string()},
          {"at", format_instant(a.at)},
          {"code", a.alert.code},
          {"object_type", a.alert.object_type},
          {"object_id", a.alert.object_id.to_string()},
          {"message", a.alert.message},
          {"detail", a.alert.detail},
          {"acknowledged_at", a.acknowledged_at ? Json(format_instant(*a.acknowledged_at)) : Json(nullptr)},
          {"acknowledged_by", a.acknowledged_by}};
}

void emit_acknowledged(Tx& tx, const TenantContext& who, Uuid id) {
  tx.emit(who.tenant, {"alerts", id, "updated", 0, {{"acknowledged_at", format_instant(tx.now())}, {"acknowledged_by", who.actor_name}}});
}

}  // namespace

void AlertActions::contribute(PluginHost& host) {
  host.permission("alerts.view", "viewer");
  host.permission("alerts.manage", "operator");
  host.action({"alerts.list", "alerts.view", "", false, false,
               [this](Tx& tx, const TenantContext& who, const ActionRequest& r) { return list(tx, who, r); }});
  host.action({"alerts.acknowledge", "alerts.manage", "", false, false,
               [this](Tx& tx, const TenantContext& who, const ActionRequest& r) { return acknowledge(tx, who, r); }});
  host.action({"alerts.acknowledge_all", "alerts.manage", "", false, false,
               [this](Tx& tx, const TenantContext& who, const ActionRequest&) { return acknowledge_all(tx, who); }});
  host.route({"GET", "/api/v1/alerts", "alerts.list"});
  host.route({"POST", "/api/v1/alerts/acknowledge", "alerts.acknowledge_all"});
  host.route({"POST", "/api/v1/alerts/{id}/acknowledge", "alerts.acknowledge", 204});
}

AlertActions::Answer AlertActions::list(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  AlertFilter filter;
  filter.open_only = request.param("open") == "true";
  filter.code = request.param("code");
  const int limit = static_cast<int>(request.number("limit", 50));
  filter.limit = limit + 1;
  if (auto cursor = request.param("cursor"); !cursor.empty()) {
    filter.before = Uuid::parse(cursor);
    if (!filter.before)
      return Error{ErrorCode::malformed, "BAD_CURSOR", "The cursor is not one that this list gave.", "cursor", shorten(cursor),
                   "Start again without a cursor.", {}};
  }
  CARILLON_TRY(auto alerts, alerts_.list(tx, who.tenant, filter));
  CARILLON_TRY(auto open, alerts_.count_open(tx, who.tenant));
  const bool more = static_cast<int>(alerts.size()) > limit;
  if (more) alerts.pop_back();
  Json items = Json::array();
  for (const auto& alert : alerts) items.push_back(alert_json(alert));
  return ActionResponse{{{"items", std::move(items)}, {"next_cursor", more ? Json(alerts.back().id.to_string()) : Json(nullptr)}, {"open", open}}, {}};
}

AlertActions::Answer AlertActions::acknowledge(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  const auto id = Uuid::parse(request.param("id"));
  if (!id) return Error{ErrorCode::not_found, "NOT_FOUND", "There is no alert with this id.", "id", shorten(request.param("id")), "Check the id.", {}};
  CARILLON_CHECK(alerts_.acknowledge(tx, who.tenant, *id, who.actor_name));
  emit_acknowledged(tx, who, *id);
  return ActionResponse{Json(nullptr), {}};
}

AlertActions::Answer AlertActions::acknowledge_all(Tx& tx, const TenantContext& who) {
  CARILLON_TRY(auto count, alerts_.acknowledge_all(tx, who.tenant, who.actor_name));
  if (count > 0) emit_acknowledged(tx, who, Uuid{});
  return ActionResponse{{{"acknowledged", count}}, {}};
}

}  // namespace carillon
