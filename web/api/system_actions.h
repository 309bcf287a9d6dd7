#pragma once
#include "engine/plugin/plugin.h"
#include "engine/tenancy/tenant_store.h"

namespace carillon::api {

/// Server actions about the hub itself: nodes.list, time_zones.list, api_keys.list, .create, .delete.
class SystemActions {
 public:
  SystemActions(TenantStore& tenants, const ZoneDatabase& zones, IdSource& ids, Rng& rng)
      : tenants_(tenants), zones_(zones), ids_(ids), rng_(rng) {}
  void contribute(PluginHost& host);

 private:
  using Answer = Result<ActionResponse>;
  Answer nodes(Tx& tx);
  Answer time_zones();
  Answer keys(Tx& tx, const TenantContext& who);
  Answer create_key(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer delete_key(Tx& tx, const TenantContext& who, const ActionRequest& request);

  TenantStore& tenants_;
  const ZoneDatabase& zones_;
  IdSource& ids_;
  Rng& rng_;
};

}  // namespace carillon::api
