#pragma once
#include "engine/events/alert_store.h"
#include "engine/plugin/plugin.h"

namespace carillon {

/// Server actions alerts.list, .acknowledge, .acknowledge_all.
class AlertActions {
 public:
  explicit AlertActions(AlertStore& alerts) : alerts_(alerts) {}
  void contribute(PluginHost& host);

 private:
  using Answer = Result<ActionResponse>;
  Answer list(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer acknowledge(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer acknowledge_all(Tx& tx, const TenantContext& who);
  AlertStore& alerts_;
};

}  // namespace carillon
