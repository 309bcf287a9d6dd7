#pragma once
#include <vector>

#include "engine/storage/database.h"
#include "engine/workflows/workflow.h"

namespace carillon {

struct WorkflowFilter {
  std::string text;   ///< part of the name, any case
  std::string after;  ///< name the page starts after, "" for the first page
  int limit = 50;
};

/// Port: workflows, their draft and their versions.
class WorkflowStore {
 public:
  virtual ~WorkflowStore() = default;
  /// conflict NAME_TAKEN.
  virtual Status insert(Tx& tx, const Workflow& workflow, const Draft& draft) = 0;
  virtual Result<Workflow> get(Tx& tx, TenantId tenant, WorkflowId id) = 0;  ///< not_found
  /// get() that holds the head against any other publish or edit until the transaction ends. First in lock order.
  virtual Result<Workflow> lock(Tx& tx, TenantId tenant, WorkflowId id) = 0;
  /// Holds the head against a publish only; edits of schedules take it, so that a binding stays current.
  virtual Result<Workflow> lock_shared(Tx& tx, TenantId tenant, WorkflowId id) = 0;
  virtual Status update(Tx& tx, const Workflow& workflow) = 0;  ///< conflict NAME_TAKEN
  virtual Result<Draft> draft(Tx& tx, TenantId tenant, WorkflowId id) = 0;
  virtual Status put_draft(Tx& tx, TenantId tenant, WorkflowId id, const Draft& draft) = 0;
  virtual Status insert_version(Tx& tx, TenantId tenant, const WorkflowVersion& version) = 0;
  virtual Result<WorkflowVersion> version(Tx& tx, TenantId tenant, WorkflowId id, std::int64_t number) = 0;
  virtual Result<std::vector<WorkflowVersion>> versions(Tx& tx, TenantId tenant, WorkflowId id) = 0;  ///< newest first
  virtual Result<std::vector<Workflow>> list(Tx& tx, TenantId tenant, const WorkflowFilter& filter) = 0;
  virtual Result<std::int64_t> count(Tx& tx, TenantId tenant, const WorkflowFilter& filter) = 0;
};

}  // namespace carillon
