#include "persistence/stores/pg_workflow_store.h"

#include "persistence/core/pg_tx.h"

namespace carillon::pg {
namespace {

#define CARILLON_WORKFLOW_COLUMNS                                                                                \
  "id, name, description, trigger, latest_version, latest_has_schema, draft_changed, revision, created_at, updated_at " \
  "FROM workflows WHERE tenant_id = $1 "
constexpr Sql kInsertWorkflow{
    "insert_workflow",
    "INSERT INTO workflows (tenant_id, id, name, description, trigger, latest_version, latest_has_schema, draft_changed, "
    "revision, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    Scope::app, true};
constexpr Sql kGetWorkflow{"get_workflow", "SELECT " CARILLON_WORKFLOW_COLUMNS "AND id = $2"};
constexpr Sql kLockWorkflow{"lock_workflow", "SELECT " CARILLON_WORKFLOW_COLUMNS "AND id = $2 FOR NO KEY UPDATE"};
constexpr Sql kShareWorkflow{"share_workflow", "SELECT " CARILLON_WORKFLOW_COLUMNS "AND id = $2 FOR SHARE"};
constexpr Sql kUpdateWorkflow{
    "update_workflow",
    "UPDATE workflows SET name = $3, description = $4, trigger = $5, latest_version = $6, latest_has_schema = $7, "
    "draft_changed = $8, revision = $9, updated_at = $10 WHERE tenant_id = $1 AND id = $2",
    Scope::app, true};
constexpr Sql kGetDraft{"get_draft",
                        "SELECT text, format, revision, updated_at, updated_by FROM workflow_drafts "
                        "WHERE tenant_id = $1 AND workflow_id = $2"};
constexpr Sql kPutDraft{
    "put_draft",
    "INSERT INTO workflow_drafts (tenant_id, workflow_id, text, format, revision, updated_at, updated_by) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id, workflow_id) DO UPDATE SET text = EXCLUDED.text, "
    "format = EXCLUDED.format, revision = EXCLUDED.revision, updated_at = EXCLUDED.updated_at, "
    "updated_by = EXCLUDED.updated_by",
    Scope::app, true};
constexpr Sql kInsertVersion{
    "insert_version",
    "INSERT INTO workflow_versions (tenant_id, workflow_id, number, text, format, payload_schema, dialect, note, "
    "published_at, published_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    Scope::app, true};
#define CARILLON_VERSION_COLUMNS                                                                            \
  "number, text, format, payload_schema, dialect, note, published_at, published_by FROM workflow_versions " \
  "WHERE tenant_id = $1 AND workflow_id = $2 "
constexpr Sql kGetVersion{"get_version", "SELECT " CARILLON_VERSION_COLUMNS "AND number = $3"};
constexpr Sql kListVersions{"list_versions", "SELECT " CARILLON_VERSION_COLUMNS "ORDER BY number DESC"};
constexpr Sql kListWorkflows{
    "list_workflows",
    "SELECT " CARILLON_WORKFLOW_COLUMNS
    "AND name > $2 AND ($3 = '' OR strpos(lower(name), lower($3)) > 0) ORDER BY name LIMIT $4"};
constexpr Sql kCountWorkflows{"count_workflows",
                              "SELECT count(*) FROM workflows WHERE tenant_id = $1 AND ($2 = '' OR strpos(lower(name), lower($2)) > 0)"};
#undef CARILLON_WORKFLOW_COLUMNS
#undef CARILLON_VERSION_COLUMNS

constexpr const Sql* kWorkflowStatements[] = {&kInsertWorkflow, &kGetWorkflow,   &kLockWorkflow, &kShareWorkflow,
                                      &kUpdateWorkflow, &kGetDraft,      &kPutDraft,     &kInsertVersion,
                                      &kGetVersion,     &kListVersions,  &kListWorkflows, &kCountWorkflows};

Workflow workflow_of_row(TenantId tenant, const pqxx::row& row) {
  Workflow w;
  w.tenant = tenant;
  w.id = id_of<WorkflowId>(row[0]);
  w.name = text_of(row[1]);
  w.description = text_of(row[2]);
  w.trigger = text_of(row[3]);
  w.latest_version = int_or_null(row[4]);
  w.latest_has_schema = bool_of(row[5]);
  w.draft_changed = bool_of(row[6]);
  w.revision = int_of(row[7]);
  w.created_at = instant_of(row[8]);
  w.updated_at = instant_of(row[9]);
  return w;
}

Result<Workflow> one_workflow(TenantId tenant, WorkflowId id, const pqxx::result& rows) {
  if (rows.empty())
    return Error{ErrorCode::not_found, "NOT_FOUND", "There is no workflow with this id.", "id", id.to_string(), "Check the id.", {}};
  return workflow_of_row(tenant, rows[0]);
}

WorkflowVersion version_of_row(WorkflowId workflow, const pqxx::row& row) {
  return {workflow, int_of(row[0]), {text_of(row[1]), text_of(row[2])}, text_of(row[3]), text_of(row[4]),
          text_of(row[5]), instant_of(row[6]), text_of(row[7])};
}

Error workflow_name_taken(const std::string& name) {
  return Error{ErrorCode::conflict, "NAME_TAKEN", "Another workflow has this name.", "/name", shorten(name), "Choose another name.", {}};
}

}  // namespace

std::span<const Sql* const> PgWorkflowStore::statements() { return kWorkflowStatements; }

Status PgWorkflowStore::insert(Tx& tx, const Workflow& w, const Draft& draft) {
  try {
    pg(tx).exec(kInsertWorkflow, w.tenant, w.id, w.name, w.description, w.trigger, w.latest_version, w.latest_has_schema,
                w.draft_changed, w.revision, w.created_at, w.updated_at);
  } catch (const pqxx::unique_violation& e) {
    if (violates(e, "workflows_name")) return workflow_name_taken(w.name);
    throw;
  }
  return put_draft(tx, w.tenant, w.id, draft);
}

Result<Workflow> PgWorkflowStore::get(Tx& tx, TenantId tenant, WorkflowId id) {
  return one_workflow(tenant, id, pg(tx).exec(kGetWorkflow, tenant, id));
}
Result<Workflow> PgWorkflowStore::lock(Tx& tx, TenantId tenant, WorkflowId id) {
  return one_workflow(tenant, id, pg(tx).exec(kLockWorkflow, tenant, id));
}
Result<Workflow> PgWorkflowStore::lock_shared(Tx& tx, TenantId tenant, WorkflowId id) {
  return one_workflow(tenant, id, pg(tx).exec(kShareWorkflow, tenant, id));
}

Status PgWorkflowStore::update(Tx& tx, const Workflow& w) {
  try {
    pg(tx).exec(kUpdateWorkflow, w.tenant, w.id, w.name, w.description, w.trigger, w.latest_version, w.latest_has_schema,
                w.draft_changed, w.revision, w.updated_at);
  } catch (const pqxx::unique_violation& e) {
    if (violates(e, "workflows_name")) return workflow_name_taken(w.name);
    throw;
  }
  return ok();
}

Result<Draft> PgWorkflowStore::draft(Tx& tx, TenantId tenant, WorkflowId id) {
  auto rows = pg(tx).exec(kGetDraft, tenant, id);
  if (rows.empty())
    return Error{ErrorCode::not_found, "NOT_FOUND", "There is no workflow with this id.", "id", id.to_string(), "Check the id.", {}};
  const auto& row = rows[0];
  return Draft{{text_of(row[0]), text_of(row[1])}, int_of(row[2]), instant_of(row[3]), text_of(row[4])};
}

Status PgWorkflowStore::put_draft(Tx& tx, TenantId tenant, WorkflowId id, const Draft& d) {
  pg(tx).exec(kPutDraft, tenant, id, d.definition.text, d.definition.format, d.revision, d.updated_at, d.updated_by);
  return ok();
}

Status PgWorkflowStore::insert_version(Tx& tx, TenantId tenant, const WorkflowVersion& v) {
  pg(tx).exec(kInsertVersion, tenant, v.workflow, v.number, v.definition.text, v.definition.format, v.payload_schema, v.dialect,
              v.note, v.published_at, v.published_by);
  return ok();
}

Result<WorkflowVersion> PgWorkflowStore::version(Tx& tx, TenantId tenant, WorkflowId id, std::int64_t number) {
  auto rows = pg(tx).exec(kGetVersion, tenant, id, number);
  if (rows.empty())
    return Error{ErrorCode::not_found, "NOT_FOUND", "There is no such version of this workflow.", "number",
                 std::to_string(number), "List the versions to see the numbers.", {}};
  return version_of_row(id, rows[0]);
}

Result<std::vector<WorkflowVersion>> PgWorkflowStore::versions(Tx& tx, TenantId tenant, WorkflowId id) {
  std::vector<WorkflowVersion> out;
  for (const auto& row : pg(tx).exec(kListVersions, tenant, id)) out.push_back(version_of_row(id, row));
  return out;
}

Result<std::vector<Workflow>> PgWorkflowStore::list(Tx& tx, TenantId tenant, const WorkflowFilter& f) {
  std::vector<Workflow> out;
  for (const auto& row : pg(tx).exec(kListWorkflows, tenant, f.after, f.text, f.limit)) out.push_back(workflow_of_row(tenant, row));
  return out;
}

Result<std::int64_t> PgWorkflowStore::count(Tx& tx, TenantId tenant, const WorkflowFilter& f) {
  return int_of(pg(tx).exec(kCountWorkflows, tenant, f.text)[0][0]);
}

}  // namespace carillon::pg
