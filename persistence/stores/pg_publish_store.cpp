#include "persistence/stores/pg_publish_store.h"

#include "persistence/core/pg_tx.h"
#include "persistence/stores/pg_schedule_row.h"

namespace carillon::pg {

using namespace carillon::schedules;
using carillon::Status;  // the other Status here is a schedule's

namespace {

constexpr Sql kCountForPublish{
    "count_for_publish",
    "SELECT count(*) FROM schedules s WHERE s.tenant_id = $1 AND s.workflow_id = $2 AND s.deleted_at IS NULL"};
constexpr Sql kReadForPublish{
    "read_for_publish",
    "SELECT s.id, s.name, s.revision, s.bound_version, s.holds, s.timing, s.start_at, s.end_at, "
    "CASE WHEN jsonb_exists(s.holds, 'completed') OR jsonb_exists(s.holds, 'expired') "
    "OR (s.bound_version = $3::bigint AND NOT jsonb_exists(s.holds, 'invalid')) THEN NULL ELSE s.payload END, r.due_at "
    "FROM schedules s LEFT JOIN registrations r ON r.tenant_id = $1 AND r.id = s.id "
    "WHERE s.tenant_id = $1 AND s.workflow_id = $2 AND s.deleted_at IS NULL AND s.name > $4 ORDER BY s.name LIMIT $5"};
constexpr Sql kLockForPublish{
    "lock_for_publish",
    "SELECT s.id, s.name, s.revision, s.bound_version, s.holds, r.due_at "
    "FROM schedules s LEFT JOIN registrations r ON r.tenant_id = $1 AND r.id = s.id "
    "WHERE s.tenant_id = $1 AND s.workflow_id = $2 AND s.deleted_at IS NULL ORDER BY s.id FOR NO KEY UPDATE OF s"};
constexpr Sql kWholeForPublish{
    "whole_for_publish",
    "SELECT s.id, s.workflow_id, s.bound_version, s.name, s.description, s.labels, s.timing, s.start_at, s.end_at, s.max_runs, "
    "s.jitter_us, s.missed, s.overlap, s.priority, s.payload, s.holds, s.settled_until, s.revision, s.created_at, s.updated_at, "
    "s.created_by, s.tenant_id, s.policies, s.hold_after_failures "
    "FROM schedules s WHERE s.tenant_id = $1 AND s.id = ANY($2::uuid[]) AND s.deleted_at IS NULL ORDER BY s.id"};
// Changes no column of an index, so that the new rows go beside the old ones (the table keeps room for that).
constexpr Sql kBindSchedules{
    "bind_schedules",
    "UPDATE schedules SET bound_version = $2, revision = revision + 1 WHERE tenant_id = $1 AND id = ANY($3::uuid[])",
    Scope::app, true};
constexpr Sql kMigrateSchedules{
    "migrate_schedules",
    "UPDATE schedules AS s SET bound_version = k.b, holds = k.h, settled_until = k.se, revision = k.r, updated_at = k.u, payload = k.p, "
    "policies = k.po, scope = k.sc FROM unnest($2::uuid[], $3::bigint[], $4::jsonb[], $5::timestamptz[], $6::bigint[], "
    "$7::timestamptz[], $8::text[], $9::jsonb[], $10::text[]) AS k(i, b, h, se, r, u, p, po, sc) WHERE s.tenant_id = $1 AND s.id = k.i",
    Scope::app, true};
constexpr Sql kAddScheduleVersions{
    "add_schedule_versions",
    "INSERT INTO schedule_versions (tenant_id, schedule_id, revision, at, actor, action, document, payload) "
    "SELECT $1, s, r, a, ac, an, d, p FROM unnest($2::uuid[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], "
    "$8::text[]) AS u(s, r, a, ac, an, d, p) RETURNING revision",
    Scope::app, true};
constexpr Sql kDueOfWorkflow{
    "due_of_workflow",
    "SELECT r.id FROM registrations r JOIN schedules s ON s.tenant_id = $1 AND s.id = r.id "
    "WHERE r.tenant_id = $1 AND r.planned_at <= $3 AND s.workflow_id = $2 AND s.deleted_at IS NULL "
    "UNION SELECT b.schedule_id FROM backlog b JOIN schedules s ON s.tenant_id = $1 AND s.id = b.schedule_id "
    "WHERE b.tenant_id = $1 AND s.workflow_id = $2 AND s.deleted_at IS NULL ORDER BY 1"};
constexpr Sql kFingerprint{
    "fingerprint_of_workflow",
    "SELECT count(*)::text || 'x' || coalesce(sum(abs(hashtextextended(id::text || '.' || revision::text, 7)::numeric)), 0)::text "
    "FROM schedules WHERE tenant_id = $1 AND workflow_id = $2 AND deleted_at IS NULL"};
// What was there at the moment is told apart from what came later by its creation.
constexpr Sql kChangesSince{
    "changes_since_plan",
    "SELECT CASE WHEN deleted_at IS NOT NULL THEN 'removed' WHEN created_at > $3 THEN 'added' ELSE 'edited' END AS kind, count(*), "
    "(array_agg(name ORDER BY name))[1:5] FROM schedules WHERE tenant_id = $1 AND workflow_id = $2 AND updated_at > $3 "
    "AND (deleted_at IS NULL OR created_at <= $3) GROUP BY 1"};
constexpr Sql kPutVerdicts{
    "put_publish_verdicts",
    "INSERT INTO publish_verdicts (tenant_id, workflow_id, version, page, verdicts) VALUES ($1, $2, $3, $4, $5)", Scope::app, true};
constexpr Sql kGetVerdicts{
    "publish_verdicts",
    "SELECT verdicts FROM publish_verdicts WHERE tenant_id = $1 AND workflow_id = $2 AND version = $3 AND page = $4"};

constexpr const Sql* kPublishStatements[] = {&kCountForPublish, &kReadForPublish,      &kLockForPublish, &kWholeForPublish,
                                             &kBindSchedules,   &kMigrateSchedules,    &kAddScheduleVersions, &kDueOfWorkflow,
                                             &kFingerprint,     &kChangesSince,        &kPutVerdicts,    &kGetVerdicts};

/// Most have none: not worth a parse for each of a hundred thousand.
Holds holds_of_field(const pqxx::field& field) {
  if (std::string_view(field.c_str(), field.size()) == "{}") return {};
  return holds_from_json(parse_stored_json(text_of(field)));
}

std::string stored_holds(const Holds& holds) { return dump_json(holds_to_json(holds)); }

}  // namespace

std::span<const Sql* const> PgPublishStore::statements() { return kPublishStatements; }

Result<std::int64_t> PgPublishStore::count(Tx& tx, TenantId tenant, WorkflowId workflow) {
  return int_of(pg(tx).exec(kCountForPublish, tenant, workflow)[0][0]);
}

Result<std::vector<PublishRow>> PgPublishStore::read(Tx& tx, const PublishRead& read) {
  const auto rows = pg(tx).exec(kReadForPublish, read.tenant, read.workflow, read.trusted_version, read.after, read.limit);
  std::vector<PublishRow> out;
  out.reserve(rows.size());
  for (const auto& row : rows) {
    PublishRow r;
    r.id = id_of<ScheduleId>(row[0]);
    r.name = text_of(row[1]);
    r.revision = int_of(row[2]);
    r.bound_version = int_of(row[3]);
    const Holds holds = holds_of_field(row[4]);
    r.status = status_of(holds);
    r.invalid = holds.contains(HoldKind::invalid);
    r.timing = text_of(row[5]);
    r.bounds = {instant_or_null(row[6]), instant_or_null(row[7])};
    if (!row[8].is_null()) r.payload = text_of(row[8]);
    r.due_at = instant_or_null(row[9]);
    out.push_back(std::move(r));
  }
  return out;
}

Result<std::vector<PublishHead>> PgPublishStore::lock(Tx& tx, TenantId tenant, WorkflowId workflow) {
  const auto rows = pg(tx).exec(kLockForPublish, tenant, workflow);
  std::vector<PublishHead> out;
  out.reserve(rows.size());
  for (const auto& row : rows)
    out.push_back({id_of<ScheduleId>(row[0]), text_of(row[1]), int_of(row[2]), int_of(row[3]), holds_of_field(row[4]), instant_or_null(row[5])});
  return out;
}

Result<std::vector<Schedule>> PgPublishStore::whole(Tx& tx, TenantId tenant, std::span<const ScheduleId> ids) {
  ArrayText list;
  for (const auto& id : ids) list.add(id);
  std::vector<Schedule> out;
  for (const auto& row : pg(tx).exec(kWholeForPublish, tenant, list)) out.push_back(schedule_of_row(row));
  return out;
}

Status PgPublishStore::bind(Tx& tx, TenantId tenant, std::int64_t version, std::span<const ScheduleId> ids) {
  if (ids.empty()) return ok();
  UuidColumn list;
  for (const auto& id : ids) list.add(id);
  pg(tx).exec_keeping_plans(kBindSchedules, tenant, version, list);
  return ok();
}

Status PgPublishStore::migrate(Tx& tx, std::span<const Schedule> schedules) {
  if (schedules.empty()) return ok();
  ArrayText ids, versions, holds, settled, revisions, updated, payloads, policies, scopes;
  for (const auto& s : schedules) {
    ids.add(s.id);
    versions.add(s.bound_version);
    holds.add(stored_holds(s.holds));
    settled.add(s.settled_until);
    revisions.add(s.revision);
    updated.add(s.updated_at);
    payloads.add(s.payload);
    policies.add(dump_json(policies_to_json(s)));
    scopes.add(scope_of(s));
  }
  pg(tx).exec_keeping_plans(kMigrateSchedules, schedules.front().tenant, ids, versions, holds, settled, revisions, updated, payloads, policies, scopes);
  return ok();
}

Status PgPublishStore::add_versions(Tx& tx, TenantId tenant, std::span<const NewVersion> versions) {
  if (versions.empty()) return ok();
  ArrayText ids, revisions, ats, actors, actions, documents, payloads;
  for (const auto& [schedule, v] : versions) {
    ids.add(schedule);
    revisions.add(v.revision);
    ats.add(v.at);
    actors.add(v.actor);
    actions.add(v.action);
    documents.add(dump_json(v.document));
    v.payload ? payloads.add(*v.payload) : payloads.add_null();
  }
  pg(tx).exec(kAddScheduleVersions, tenant, ids, revisions, ats, actors, actions, documents, payloads);
  return ok();
}

Result<std::vector<RegistrationId>> PgPublishStore::due(Tx& tx, TenantId tenant, WorkflowId workflow, Instant until) {
  std::vector<RegistrationId> out;
  for (const auto& row : pg(tx).exec(kDueOfWorkflow, tenant, workflow, until)) out.push_back(id_of<RegistrationId>(row[0]));
  return out;
}

Result<std::string> PgPublishStore::fingerprint(Tx& tx, TenantId tenant, WorkflowId workflow) {
  return text_of(pg(tx).exec(kFingerprint, tenant, workflow)[0][0]);
}

Result<PublishChanges> PgPublishStore::changes_since(Tx& tx, TenantId tenant, WorkflowId workflow, Instant since) {
  PublishChanges out;
  for (const auto& row : pg(tx).exec(kChangesSince, tenant, workflow, since)) {
    const std::string kind = text_of(row[0]);
    (kind == "added" ? out.added : kind == "edited" ? out.edited : out.removed) = {int_of(row[1]), text_array(row[2])};
  }
  return out;
}

Status PgPublishStore::put_verdicts(Tx& tx, TenantId tenant, WorkflowId workflow, std::int64_t version, std::int64_t page,
                                    const std::string& text) {
  pg(tx).exec(kPutVerdicts, tenant, workflow, version, page, text);
  return ok();
}

Result<std::optional<std::string>> PgPublishStore::verdicts(Tx& tx, TenantId tenant, WorkflowId workflow, std::int64_t version,
                                                            std::int64_t page) {
  const auto rows = pg(tx).exec(kGetVerdicts, tenant, workflow, version, page);
  return rows.empty() ? std::optional<std::string>() : text_of(rows[0][0]);
}

}  // namespace carillon::pg
