#include "tests/support/memory/memory_workflow_store.h"

#include "tests/support/memory/text.h"

namespace carillon::memory {

Status MemoryWorkflowStore::check_name(const Workflow& workflow) const {
  for (const auto& [key, other] : world_.workflows.rows())
    if (other.tenant == workflow.tenant && other.id != workflow.id && other.name == workflow.name)
      return Error{ErrorCode::conflict, "NAME_TAKEN", "Another workflow has this name.", "/name", shorten(workflow.name),
                   "Choose another name.", {}};
  return ok();
}

Status MemoryWorkflowStore::insert(Tx& tx, const Workflow& workflow, const Draft& draft) {
  mem(tx).only_tenant_scope("WorkflowStore::insert");
  mem(tx).check_owner(workflow.tenant, "WorkflowStore::insert");
  CARILLON_CHECK(check_name(workflow));
  world_.workflows.put({workflow.tenant, workflow.id}, workflow);
  return put_draft(tx, workflow.tenant, workflow.id, draft);
}

Result<Workflow> MemoryWorkflowStore::get(Tx& tx, TenantId tenant, WorkflowId id) {
  const Workflow* workflow = world_.workflows.find({tenant, id});
  if (!workflow || !mem(tx).sees(tenant)) return nothing_there("workflow", "workflow_id", id.to_string());
  return *workflow;
}

Result<Workflow> MemoryWorkflowStore::lock(Tx& tx, TenantId tenant, WorkflowId id) {
  mem(tx).only_tenant_scope("WorkflowStore::lock");
  mem(tx).wait_for_head();
  return get(tx, tenant, id);
}

Result<Workflow> MemoryWorkflowStore::lock_shared(Tx& tx, TenantId tenant, WorkflowId id) {
  mem(tx).only_tenant_scope("WorkflowStore::lock_shared");
  mem(tx).wait_for_head();
  return get(tx, tenant, id);
}

Status MemoryWorkflowStore::update(Tx& tx, const Workflow& workflow) {
  mem(tx).only_tenant_scope("WorkflowStore::update");
  if (!mem(tx).sees(workflow.tenant)) return ok();
  CARILLON_CHECK(check_name(workflow));
  world_.workflows.edit({workflow.tenant, workflow.id}, [&](Workflow& row) {
    const Instant created_at = row.created_at;
    row = workflow;
    row.created_at = created_at;
  });
  return ok();
}

Result<Draft> MemoryWorkflowStore::draft(Tx& tx, TenantId tenant, WorkflowId id) {
  mem(tx).only_tenant_scope("WorkflowStore::draft");
  const Draft* draft = world_.drafts.find({tenant, id});
  if (!draft || !mem(tx).sees(tenant)) return nothing_there("workflow", "workflow_id", id.to_string());
  return *draft;
}

Status MemoryWorkflowStore::put_draft(Tx& tx, TenantId tenant, WorkflowId id, const Draft& draft) {
  mem(tx).only_tenant_scope("WorkflowStore::put_draft");
  mem(tx).check_owner(tenant, "WorkflowStore::put_draft");
  if (!world_.workflows.find({tenant, id})) throw std::logic_error("a draft of a workflow that is not there");
  world_.drafts.put({tenant, id}, draft);
  return ok();
}

Status MemoryWorkflowStore::insert_version(Tx& tx, TenantId tenant, const WorkflowVersion& version) {
  mem(tx).only_tenant_scope("WorkflowStore::insert_version");
  mem(tx).check_owner(tenant, "WorkflowStore::insert_version");
  const std::tuple key{tenant, version.workflow, version.number};
  if (!world_.workflows.find({tenant, version.workflow})) throw std::logic_error("a version of a workflow that is not there");
  if (world_.versions.find(key)) throw std::logic_error("a version number was given twice");
  world_.versions.put(key, version);
  return ok();
}

Result<WorkflowVersion> MemoryWorkflowStore::version(Tx& tx, TenantId tenant, WorkflowId id, std::int64_t number) {
  const WorkflowVersion* version = world_.versions.find({tenant, id, number});
  if (!version || !mem(tx).sees(tenant)) return nothing_there("version of the workflow", "number", std::to_string(number));
  return *version;
}

Result<std::vector<WorkflowVersion>> MemoryWorkflowStore::versions(Tx& tx, TenantId tenant, WorkflowId id) {
  std::vector<WorkflowVersion> out;
  if (!mem(tx).sees(tenant)) return out;
  for (const auto& [key, version] : world_.versions.rows())
    if (std::get<0>(key) == tenant && std::get<1>(key) == id) out.push_back(version);
  std::ranges::reverse(out);
  return out;
}

std::vector<Workflow> MemoryWorkflowStore::matching(Tx& tx, TenantId tenant, const std::string& text) const {
  std::vector<Workflow> out;
  if (!mem(tx).sees(tenant)) return out;
  for (const auto& [key, workflow] : world_.workflows.rows())
    if (workflow.tenant == tenant && contains_any_case(workflow.name, text)) out.push_back(workflow);
  std::ranges::sort(out, {}, &Workflow::name);
  return out;
}

Result<std::vector<Workflow>> MemoryWorkflowStore::list(Tx& tx, TenantId tenant, const WorkflowFilter& filter) {
  std::vector<Workflow> out;
  for (Workflow& workflow : matching(tx, tenant, filter.text))
    if (workflow.name > filter.after && out.size() < static_cast<std::size_t>(filter.limit)) out.push_back(std::move(workflow));
  return out;
}

Result<std::int64_t> MemoryWorkflowStore::count(Tx& tx, TenantId tenant, const WorkflowFilter& filter) {
  return static_cast<std::int64_t>(matching(tx, tenant, filter.text).size());
}

}  // namespace carillon::memory
