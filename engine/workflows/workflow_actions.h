#pragma once
#include "engine/plugin/plugin.h"
#include "engine/workflows/publisher.h"

namespace carillon {

/// The core's server actions on workflows: workflows.list, .create, .get, .update, .draft, .save_draft, .validate,
/// .publish, .plan_publish, .publish_progress, .versions, .version, .check_payload. Registered through the same host as any plugin's.
class WorkflowActions {
 public:
  WorkflowActions(WorkflowStore& store, PayloadSchemas& schemas, Publisher& publisher, IdSource& ids)
      : store_(store), schemas_(schemas), publisher_(publisher), ids_(ids) {}
  void contribute(PluginHost& host);

 private:
  using Answer = Result<ActionResponse>;
  Answer list(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer create(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer get(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer update(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer draft(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer save_draft(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer validate(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer publish(Tx& tx, const TenantContext& who, const ActionRequest& request, bool plan);
  Answer publish_progress(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer versions(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer version(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer check_payload_of(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer view(Tx& tx, const Workflow& workflow);
  Status decorate(Tx& tx, TenantId tenant, std::vector<Json>& views);

  WorkflowStore& store_;
  PayloadSchemas& schemas_;
  Publisher& publisher_;
  IdSource& ids_;
  const PluginHost* host_ = nullptr;
};

/// Why a workflow cannot be scheduled, or nothing: {code, message}.
std::optional<std::pair<std::string, std::string>> not_schedulable(const Workflow& workflow);

/// What to do about a code of not_schedulable().
std::string schedulable_remedy(const std::string& code);

/// If-Match against the current revision: precondition_missing IF_MATCH_MISSING · precondition_failed REVISION_CHANGED.
Status check_revision(const ActionRequest& request, std::int64_t current);

}  // namespace carillon
