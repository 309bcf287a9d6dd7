#pragma once
#include "engine/plugin/plugin.h"
#include "engine/workflows/draft_actions.h"
#include "engine/workflows/publisher.h"

namespace carillon {

/// The core's server actions on workflows: workflows.list, .create, .get, .update, .publish, .plan_publish,
/// .publish_progress, .check_payload, and those of DraftActions. Registered through the same host as any plugin's.
class WorkflowActions {
 public:
  WorkflowActions(WorkflowStore& store, PayloadSchemas& schemas, Publisher& publisher, IdSource& ids)
      : store_(store), schemas_(schemas), publisher_(publisher), ids_(ids), drafts_(store, schemas) {}
  void contribute(PluginHost& host);

 private:
  using Answer = Result<ActionResponse>;
  Answer list(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer create(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer get(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer update(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer publish(Tx& tx, const TenantContext& who, const ActionRequest& request, bool plan);
  Answer publish_progress(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer check_payload_of(Tx& tx, const TenantContext& who, const ActionRequest& request);
  struct Asked {
    std::shared_ptr<const schema::Schema> schema;
    std::int64_t version = 0;  ///< of a draft the one it would become
  };
  Result<Asked> schema_asked_about(Tx& tx, const TenantContext& who, const Workflow& workflow, bool draft);
  Answer view(Tx& tx, const Workflow& workflow);
  Status decorate(Tx& tx, TenantId tenant, std::vector<Json>& views);

  WorkflowStore& store_;
  PayloadSchemas& schemas_;
  Publisher& publisher_;
  IdSource& ids_;
  DraftActions drafts_;
  const PluginHost* host_ = nullptr;
};

/// Why a workflow cannot be scheduled, or nothing: {code, message}.
std::optional<std::pair<std::string, std::string>> not_schedulable(const Workflow& workflow);

/// What to do about a code of not_schedulable().
std::string schedulable_remedy(const std::string& code);

}  // namespace carillon
