#pragma once
#include "engine/plugin/plugin.h"
#include "engine/workflows/publisher.h"

namespace carillon {

/// Server actions on a workflow's draft and its published versions: workflows.draft, .save_draft, .validate, .versions,
/// .version, .compare, .restore. Contributed by WorkflowActions, which declares their permissions.
class DraftActions {
 public:
  DraftActions(WorkflowStore& store, PayloadSchemas& schemas) : store_(store), schemas_(schemas) {}
  void contribute(PluginHost& host);

 private:
  using Answer = Result<ActionResponse>;
  Answer draft(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer save_draft(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer validate(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer versions(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer version(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer compare(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer restore(Tx& tx, const TenantContext& who, const ActionRequest& request);
  /// The draft becomes this text, if it is still at the revision that the request names.
  Answer replace(Tx& tx, const TenantContext& who, const ActionRequest& request, DefinitionText text, AuditEntry entry);

  WorkflowStore& store_;
  PayloadSchemas& schemas_;
};

/// If-Match against the current revision: precondition_missing IF_MATCH_MISSING · precondition_failed REVISION_CHANGED.
Status check_revision(const ActionRequest& request, std::int64_t current);

/// What the text of a request has wrong: definition_error() with the field /text.
Error text_error(const std::vector<Problem>& problems);

AuditEntry workflow_audit(const TenantContext& who, const std::string& action, WorkflowId id, Json detail);

}  // namespace carillon
