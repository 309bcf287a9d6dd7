#pragma once
#include "tests/support/memory/memory_database.h"

namespace carillon::memory {

class MemoryWorkflowStore final : public WorkflowStore {
 public:
  explicit MemoryWorkflowStore(MemoryWorld& world) : world_(world) {}
  Status insert(Tx& tx, const Workflow& workflow, const Draft& draft) override;
  Result<Workflow> get(Tx& tx, TenantId tenant, WorkflowId id) override;
  Result<Workflow> lock(Tx& tx, TenantId tenant, WorkflowId id) override;
  Result<Workflow> lock_shared(Tx& tx, TenantId tenant, WorkflowId id) override;
  Status update(Tx& tx, const Workflow& workflow) override;
  Result<Draft> draft(Tx& tx, TenantId tenant, WorkflowId id) override;
  Status put_draft(Tx& tx, TenantId tenant, WorkflowId id, const Draft& draft) override;
  Status insert_version(Tx& tx, TenantId tenant, const WorkflowVersion& version) override;
  Result<WorkflowVersion> version(Tx& tx, TenantId tenant, WorkflowId id, std::int64_t number) override;
  Result<std::vector<WorkflowVersion>> versions(Tx& tx, TenantId tenant, WorkflowId id) override;
  Result<std::vector<Workflow>> list(Tx& tx, TenantId tenant, const WorkflowFilter& filter) override;
  Result<std::int64_t> count(Tx& tx, TenantId tenant, const WorkflowFilter& filter) override;

 private:
  Status check_name(const Workflow& workflow) const;
  std::vector<Workflow> matching(Tx& tx, TenantId tenant, const std::string& text) const;
  MemoryWorld& world_;
};

}  // namespace carillon::memory
