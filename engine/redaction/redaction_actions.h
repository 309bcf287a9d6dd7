#pragma once
#include "engine/plugin/plugin.h"
#include "engine/redaction/redaction.h"

namespace carillon {

/// Server actions redaction.get, .put: a tenant's patterns. Permission redaction.manage.
class RedactionActions {
 public:
  explicit RedactionActions(RedactionStore& store) : store_(store) {}
  void contribute(PluginHost& host);

 private:
  using Answer = Result<ActionResponse>;
  Answer get(Tx& tx, const TenantContext& who);
  Answer put(Tx& tx, const TenantContext& who, const ActionRequest& request);
  RedactionStore& store_;
};

}  // namespace carillon
