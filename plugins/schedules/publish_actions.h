#pragma once
#include "plugins/schedules/actions.h"

namespace carillon::schedules {

/// Server action on what publishing a version made of the workflow's schedules: schedules.verdicts.
class PublishActions {
 public:
  explicit PublishActions(const Ports& ports) : workflows_(ports.workflows), store_(ports.publishing), kept_(ports.kept.verdicts) {}
  void contribute(PluginHost& host);

 private:
  Result<ActionResponse> verdicts(Tx& tx, const TenantContext& who, const ActionRequest& request);
  WorkflowStore& workflows_;
  PublishStore& store_;
  Duration kept_;
};

}  // namespace carillon::schedules
