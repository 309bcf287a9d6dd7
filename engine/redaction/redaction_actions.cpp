#include "engine/redaction/redaction_actions.h"

#include <algorithm>

#include "engine/workflows/workflow_actions.h"

namespace carillon {
namespace {

Json settings_view(const RedactionSettings& s) {
  return {{"patterns", s.patterns}, {"revision", s.revision}, {"updated_at", s.updated_at ? Json(format_instant(*s.updated_at)) : Json(nullptr)},
          {"updated_by", s.updated_by.empty() ? Json(nullptr) : Json(s.updated_by)}};
}

/// Those of `a` that `b` does not have.
std::vector<std::string> missing_from(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::string> out;
  std::ranges::copy_if(a, std::back_inserter(out), [&](const std::string& each) { return std::ranges::find(b, each) == b.end(); });
  return out;
}

}  // namespace

void RedactionActions::contribute(PluginHost& host) {
  host.permission(kRevealPermission, "admin");
  host.permission("redaction.manage", "admin");
  host.action({"redaction.get", "redaction.manage", "", false, false,
               [this](Tx& tx, const TenantContext& who, const ActionRequest&) { return get(tx, who); }});
  host.action({"redaction.put", "redaction.manage", "RedactionPatterns", false, false,
               [this](Tx& tx, const TenantContext& who, const ActionRequest& request) { return put(tx, who, request); }});
  host.route({"GET", "/api/v1/redaction", "redaction.get"});
  host.route({"PUT", "/api/v1/redaction", "redaction.put"});
}

RedactionActions::Answer RedactionActions::get(Tx& tx, const TenantContext& who) {
  CARILLON_TRY(auto settings, store_.settings(tx, who.tenant));
  return ActionResponse{settings_view(settings), settings.revision};
}

RedactionActions::Answer RedactionActions::put(Tx& tx, const TenantContext& who, const ActionRequest& request) {
  CARILLON_TRY(auto settings, store_.settings(tx, who.tenant));
  CARILLON_CHECK(check_revision(request, settings.revision));
  auto patterns = request.body.at("patterns").get<std::vector<std::string>>();
  CARILLON_TRY([[maybe_unused]] auto compiled, KeyPatterns::parse(patterns));
  const Json detail{{"added", missing_from(patterns, settings.patterns)}, {"removed", missing_from(settings.patterns, patterns)}};
  settings = {std::move(patterns), settings.revision + 1, tx.now(), who.actor_name};
  CARILLON_CHECK(store_.put(tx, who.tenant, settings));
  tx.audit(who.tenant, {who.actor, who.actor_name, "redaction.put", "tenant", who.tenant.value, who.request_id, detail});
  return ActionResponse{settings_view(settings), settings.revision};
}

}  // namespace carillon
