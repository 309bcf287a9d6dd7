#include "persistence/stores/pg_retention_store.h"

#include "persistence/core/pg_tx.h"

namespace carillon::pg {

using carillon::schedules::RetentionStore;

namespace {

/// Those that a decision, or an undelete, holds just now come another time.
constexpr Sql kExpiredSchedules{
    "expired_schedules",
    "SELECT s.id FROM schedules s WHERE s.tenant_id = $1 AND s.deleted_at <= $2 AND NOT EXISTS (SELECT 1 FROM run_queue q "
    "WHERE q.tenant_id = $1 AND q.workflow_id = s.workflow_id AND q.schedule_id = s.id) ORDER BY s.deleted_at, s.id LIMIT $3 "
    "FOR UPDATE OF s SKIP LOCKED",
    Scope::system};
constexpr Sql kPurgeVersions{
    "purge_schedule_versions",
    "DELETE FROM schedule_versions WHERE tenant_id = $1 AND (schedule_id, revision) IN (SELECT v.schedule_id, v.revision "
    "FROM schedule_versions v WHERE v.tenant_id = $1 AND v.schedule_id = ANY($2::uuid[]) LIMIT $3)",
    Scope::system, true};
constexpr Sql kPurgeBackfillItems{
    "purge_backfill_items",
    "DELETE FROM backfill_items WHERE tenant_id = $1 AND (backfill_id, due_at) IN (SELECT i.backfill_id, i.due_at "
    "FROM backfill_items i WHERE i.tenant_id = $1 AND i.schedule_id = ANY($2::uuid[]) LIMIT $3)",
    Scope::system, true};
constexpr Sql kPurgeBackfillRegistrations{
    "purge_backfill_registrations",
    "DELETE FROM registrations WHERE tenant_id = $1 AND id IN (SELECT b.id FROM backfills b WHERE b.tenant_id = $1 "
    "AND b.schedule_id = ANY($2::uuid[]))",
    Scope::system, true};
constexpr Sql kPurgeBackfills{
    "purge_backfills", "DELETE FROM backfills WHERE tenant_id = $1 AND schedule_id = ANY($2::uuid[])", Scope::system, true};
constexpr Sql kPurgeWaiting{
    "purge_waiting", "DELETE FROM backlog WHERE tenant_id = $1 AND schedule_id = ANY($2::uuid[])", Scope::system, true};
constexpr Sql kPurgeStats{
    "purge_schedule_stats", "DELETE FROM schedule_stats WHERE tenant_id = $1 AND schedule_id = ANY($2::uuid[])", Scope::system, true};
constexpr Sql kPurgeRegistrations{
    "purge_registrations", "DELETE FROM registrations WHERE tenant_id = $1 AND id = ANY($2::uuid[])", Scope::system, true};
constexpr Sql kPurgeSchedules{
    "purge_schedules", "DELETE FROM schedules WHERE tenant_id = $1 AND id = ANY($2::uuid[])", Scope::system, true};
constexpr Sql kExpiredJobs{
    "expired_bulk_jobs",
    "SELECT j.id FROM bulk_jobs j WHERE j.tenant_id = $1 AND j.ended_at <= $2 ORDER BY j.ended_at, j.id LIMIT $3 "
    "FOR UPDATE OF j SKIP LOCKED",
    Scope::system};
constexpr Sql kPurgeBulkItems{
    "purge_bulk_items",
    "DELETE FROM bulk_items WHERE tenant_id = $1 AND (job_id, ordinal) IN (SELECT i.job_id, i.ordinal FROM bulk_items i "
    "WHERE i.tenant_id = $1 AND i.job_id = ANY($2::uuid[]) LIMIT $3)",
    Scope::system, true};
constexpr Sql kPurgeBulkJobs{
    "purge_bulk_jobs", "DELETE FROM bulk_jobs WHERE tenant_id = $1 AND id = ANY($2::uuid[])", Scope::system, true};
constexpr Sql kPurgeVerdicts{
    "purge_publish_verdicts",
    "DELETE FROM publish_verdicts WHERE tenant_id = $1 AND (workflow_id, version, page) IN (SELECT p.workflow_id, p.version, p.page "
    "FROM publish_verdicts p JOIN workflow_versions v ON v.tenant_id = $1 AND v.workflow_id = p.workflow_id AND v.number = p.version "
    "JOIN workflows w ON w.tenant_id = $1 AND w.id = p.workflow_id WHERE p.tenant_id = $1 AND v.published_at <= $2 "
    "AND p.version < w.latest_version ORDER BY v.published_at LIMIT $3)",
    Scope::system, true};

constexpr const Sql* kRetentionStatements[] = {
    &kExpiredSchedules, &kPurgeVersions, &kPurgeBackfillItems, &kPurgeBackfillRegistrations, &kPurgeBackfills, &kPurgeWaiting,  &kPurgeStats,
    &kPurgeRegistrations, &kPurgeSchedules, &kExpiredJobs,    &kPurgeBulkItems,             &kPurgeBulkJobs,  &kPurgeVerdicts};

std::int64_t rows_removed(Tx& tx, const Sql& sql, TenantId tenant, ArrayText ids) {
  return static_cast<std::int64_t>(pg(tx).exec(sql, tenant, ids).affected_rows());
}
std::int64_t rows_removed(Tx& tx, const Sql& sql, TenantId tenant, ArrayText ids, std::int64_t limit) {
  return static_cast<std::int64_t>(pg(tx).exec(sql, tenant, ids, limit).affected_rows());
}

}  // namespace

std::span<const Sql* const> PgRetentionStore::statements() { return kRetentionStatements; }

Result<std::vector<ScheduleId>> PgRetentionStore::lock_expired(Tx& tx, TenantId tenant, Instant until, std::int64_t limit) {
  std::vector<ScheduleId> out;
  for (const auto& row : pg(tx).exec(kExpiredSchedules, tenant, until, limit)) out.push_back(id_of<ScheduleId>(row[0]));
  return out;
}

Result<RetentionStore::Removed> PgRetentionStore::purge_schedules(Tx& tx, TenantId tenant, std::span<const ScheduleId> schedules,
                                                                  std::span<const RegistrationId> registrations, std::int64_t limit) {
  Removed out;
  if (schedules.empty()) return out;
  ArrayText ids, promises;
  for (const auto& id : schedules) ids.add(id);
  for (const auto& id : registrations) promises.add(id);
  out.rows = rows_removed(tx, kPurgeVersions, tenant, ids, limit);
  if (out.rows < limit) out.rows += rows_removed(tx, kPurgeBackfillItems, tenant, ids, limit - out.rows);
  out.more = out.rows >= limit;
  if (out.more) return out;
  out.rows += rows_removed(tx, kPurgeBackfillRegistrations, tenant, ids);
  out.rows += rows_removed(tx, kPurgeBackfills, tenant, ids);
  out.rows += rows_removed(tx, kPurgeWaiting, tenant, ids);
  out.rows += rows_removed(tx, kPurgeStats, tenant, ids);
  out.rows += rows_removed(tx, kPurgeRegistrations, tenant, promises);
  out.things = rows_removed(tx, kPurgeSchedules, tenant, ids);
  out.rows += out.things;
  return out;
}

Result<RetentionStore::Removed> PgRetentionStore::purge_jobs(Tx& tx, TenantId tenant, Instant until, std::int64_t limit) {
  const auto found = pg(tx).exec(kExpiredJobs, tenant, until, limit);
  Removed out;
  if (found.empty()) return out;
  ArrayText ids;
  for (const auto& row : found) ids.add(uuid_of(row[0]));
  out.rows = rows_removed(tx, kPurgeBulkItems, tenant, ids, limit);
  out.more = out.rows >= limit;
  if (out.more) return out;
  out.things = rows_removed(tx, kPurgeBulkJobs, tenant, ids);
  out.rows += out.things;
  out.more = static_cast<std::int64_t>(found.size()) == limit;
  return out;
}

Result<RetentionStore::Removed> PgRetentionStore::purge_verdicts(Tx& tx, TenantId tenant, Instant until, std::int64_t limit) {
  const auto pages = static_cast<std::int64_t>(pg(tx).exec(kPurgeVerdicts, tenant, until, limit).affected_rows());
  return Removed{pages, pages, pages == limit};
}

}  // namespace carillon::pg
