#include "persistence/stores/pg_bulk_store.h"

#include "persistence/core/pg_tx.h"
#include "persistence/stores/pg_schedule_row.h"
#include "persistence/stores/schedule_sql.h"

namespace carillon::pg {

using namespace carillon::schedules;
using carillon::Status;  // the other Status here is a schedule's

namespace {

#define CARILLON_BULK_COLUMNS                                                                                              \
  "j.id, j.action, j.arguments, j.state, j.total, j.done, j.failed, j.skipped, j.undo_of, j.created_at, j.created_by, " \
  "j.context, j.lease_until, j.started_at, j.ended_at, "                                                                  \
  "(SELECT u.id FROM bulk_jobs u WHERE u.tenant_id = $1 AND u.undo_of = j.id) "

constexpr Sql kInsertBulkJob{
    "insert_bulk_job",
    "INSERT INTO bulk_jobs (tenant_id, id, action, arguments, state, total, done, failed, skipped, undo_of, created_at, created_by, "
    "context) VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, $7, $8, $9, $10)",
    Scope::app, true};
constexpr Sql kAddBulkIds{
    "add_bulk_ids",
    "INSERT INTO bulk_items (tenant_id, job_id, ordinal, schedule_id, name, state) SELECT $1, $2, k.n, k.i, coalesce(s.name, ''), "
    "'waiting' FROM unnest($3::uuid[]) WITH ORDINALITY AS k(i, n) LEFT JOIN schedules s ON s.tenant_id = $1 AND s.id = k.i "
    "AND s.deleted_at IS NULL ON CONFLICT (tenant_id, job_id, ordinal) DO NOTHING",
    Scope::app, true};
constexpr Sql kAddBulkUndo{
    "add_bulk_undo",
    "INSERT INTO bulk_items (tenant_id, job_id, ordinal, schedule_id, name, state, undo) SELECT $1, $2, i.ordinal, i.schedule_id, "
    "i.name, 'waiting', i.undo FROM bulk_items i WHERE i.tenant_id = $1 AND i.job_id = $3 AND i.state = 'done' "
    "ON CONFLICT (tenant_id, job_id, ordinal) DO NOTHING",
    Scope::app, true};
constexpr Sql kBulkJob{"bulk_job", "SELECT " CARILLON_BULK_COLUMNS "FROM bulk_jobs j WHERE j.tenant_id = $1 AND j.id = $2"};
constexpr Sql kLockBulkJob{"lock_bulk_job", "SELECT " CARILLON_BULK_COLUMNS "FROM bulk_jobs j WHERE j.tenant_id = $1 AND j.id = $2 FOR UPDATE OF j"};
constexpr Sql kListBulkJobs{"list_bulk_jobs",
                            "SELECT " CARILLON_BULK_COLUMNS
                            "FROM bulk_jobs j WHERE j.tenant_id = $1 AND ($2::uuid IS NULL OR j.id < $2) ORDER BY j.id DESC LIMIT $3"};
#undef CARILLON_BULK_COLUMNS
constexpr Sql kPutBulkJob{
    "put_bulk_job",
    "UPDATE bulk_jobs SET state = $3, total = $4, done = $5, failed = $6, skipped = $7, lease_until = $8, started_at = $9, "
    "ended_at = $10 WHERE tenant_id = $1 AND id = $2",
    Scope::app, true};
constexpr Sql kBulkItems{
    "bulk_items",
    "SELECT ordinal, schedule_id, name, state, code, message, undo FROM bulk_items WHERE tenant_id = $1 AND job_id = $2 "
    "AND ($3 = '' OR state = $3) AND ordinal > $4 ORDER BY ordinal LIMIT $5"};
constexpr Sql kPutBulkItems{
    "put_bulk_items",
    "UPDATE bulk_items AS i SET state = k.s, code = k.c, message = k.m, undo = k.u FROM unnest($3::bigint[], $4::text[], $5::text[], "
    "$6::text[], $7::text[]) AS k(n, s, c, m, u) WHERE i.tenant_id = $1 AND i.job_id = $2 AND i.ordinal = k.n",
    Scope::app, true};
constexpr Sql kSkipWaiting{
    "skip_waiting_bulk_items",
    "UPDATE bulk_items SET state = 'skipped', code = $3, message = $4 WHERE tenant_id = $1 AND job_id = $2 AND state = 'waiting'",
    Scope::app, true};
constexpr Sql kOpenBulkJobs{
    "open_bulk_jobs",
    "SELECT tenant_id, id, lease_until FROM bulk_jobs WHERE ended_at IS NULL AND (lease_until IS NULL OR lease_until <= $1 "
    "OR lease_until = ANY($2::timestamptz[])) ORDER BY created_at, id LIMIT $3",
    Scope::system};
constexpr const Sql* kBulkStatements[] = {&kInsertBulkJob, &kAddBulkIds, &kAddBulkMatching, &kAddBulkUndo, &kBulkJob,     &kLockBulkJob,
                                          &kListBulkJobs,  &kPutBulkJob, &kBulkItems,       &kPutBulkItems, &kSkipWaiting, &kOpenBulkJobs};

BulkJob bulk_job_of_row(TenantId tenant, const pqxx::row& row) {
  BulkJob job;
  job.tenant = tenant;
  job.id = uuid_of(row[0]);
  job.action = parse_bulk_action(text_of(row[1])).value();
  job.arguments = parse_stored_json(text_of(row[2]));
  job.state = parse_bulk_state(text_of(row[3])).value();
  job.total = int_of(row[4]);
  job.done = int_of(row[5]);
  job.failed = int_of(row[6]);
  job.skipped = int_of(row[7]);
  if (!row[8].is_null()) job.undo_of = uuid_of(row[8]);
  job.created_at = instant_of(row[9]);
  job.created_by = text_of(row[10]);
  job.context = parse_stored_json(text_of(row[11]));
  job.lease_until = instant_or_null(row[12]);
  job.started_at = instant_or_null(row[13]);
  job.ended_at = instant_or_null(row[14]);
  if (!row[15].is_null()) job.undone_by = uuid_of(row[15]);
  return job;
}

Result<BulkJob> one_bulk_job(Tx& tx, const Sql& sql, TenantId tenant, Uuid id) {
  auto rows = pg(tx).exec(sql, tenant, id);
  if (rows.empty())
    return Error{ErrorCode::not_found, "NOT_FOUND", "There is no bulk job with this id.", "id", id.to_string(), "Check the id.", {}};
  return bulk_job_of_row(tenant, rows[0]);
}

}  // namespace

std::span<const Sql* const> PgBulkStore::statements() { return kBulkStatements; }

Status PgBulkStore::insert(Tx& tx, const BulkJob& j) {
  try {
    pg(tx).exec(kInsertBulkJob, j.tenant, j.id, to_string(j.action), dump_json(j.arguments), to_string(j.state), j.total, j.undo_of,
                j.created_at, j.created_by, dump_json(j.context));
  } catch (const pqxx::unique_violation& e) {
    if (violates(e, "bulk_jobs_undo"))
      return Error{ErrorCode::conflict, "ALREADY_UNDONE", "This bulk job is being taken back, or was, by another one.", "id",
                   j.undo_of->to_string(), "Look at that job's items.", {}};
    throw;
  }
  return ok();
}

Status PgBulkStore::add_ids(Tx& tx, const BulkJob& j, std::span<const ScheduleId> ids) {
  ArrayText list;
  for (const auto& id : ids) list.add(id);
  pg(tx).exec(kAddBulkIds, j.tenant, j.id, list);
  return ok();
}

Result<std::int64_t> PgBulkStore::add_matching(Tx& tx, const BulkJob& j, const ScheduleFilter& f, std::int64_t limit) {
  return static_cast<std::int64_t>(
      pg(tx).exec(kAddBulkMatching, j.tenant, f.workflow, f.kind, statuses_of(f), f.label, f.text, j.id, limit).affected_rows());
}

Result<std::int64_t> PgBulkStore::add_undo(Tx& tx, const BulkJob& j) {
  return static_cast<std::int64_t>(pg(tx).exec(kAddBulkUndo, j.tenant, j.id, j.undo_of).affected_rows());
}

Result<BulkJob> PgBulkStore::job(Tx& tx, TenantId tenant, Uuid id) { return one_bulk_job(tx, kBulkJob, tenant, id); }
Result<BulkJob> PgBulkStore::lock(Tx& tx, TenantId tenant, Uuid id) { return one_bulk_job(tx, kLockBulkJob, tenant, id); }

Result<std::vector<BulkJob>> PgBulkStore::list(Tx& tx, TenantId tenant, std::optional<Uuid> before, int limit) {
  std::vector<BulkJob> out;
  for (const auto& row : pg(tx).exec(kListBulkJobs, tenant, before, limit)) out.push_back(bulk_job_of_row(tenant, row));
  return out;
}

Status PgBulkStore::put(Tx& tx, const BulkJob& j) {
  pg(tx).exec(kPutBulkJob, j.tenant, j.id, to_string(j.state), j.total, j.done, j.failed, j.skipped, j.lease_until, j.started_at, j.ended_at);
  return ok();
}

Result<std::vector<BulkItem>> PgBulkStore::items(Tx& tx, TenantId tenant, Uuid job, std::optional<BulkItemState> state, std::int64_t after,
                                                 int limit) {
  std::vector<BulkItem> out;
  for (const auto& row : pg(tx).exec(kBulkItems, tenant, job, state ? std::string(to_string(*state)) : "", after, limit))
    out.push_back({int_of(row[0]), id_of<ScheduleId>(row[1]), text_of(row[2]), parse_bulk_item_state(text_of(row[3])).value(), text_of(row[4]),
                   text_of(row[5]), text_of(row[6])});
  return out;
}

Status PgBulkStore::put_items(Tx& tx, TenantId tenant, Uuid job, std::span<const BulkItem> items) {
  if (items.empty()) return ok();
  ArrayText ordinals, states, codes, messages, undos;
  for (const auto& item : items) {
    ordinals.add(item.ordinal);
    states.add(to_string(item.state));
    codes.add(item.code);
    messages.add(item.message);
    undos.add(item.undo);
  }
  pg(tx).exec(kPutBulkItems, tenant, job, ordinals, states, codes, messages, undos);
  return ok();
}

Result<std::int64_t> PgBulkStore::skip_waiting(Tx& tx, TenantId tenant, Uuid job, const std::string& code, const std::string& message) {
  return static_cast<std::int64_t>(pg(tx).exec(kSkipWaiting, tenant, job, code, message).affected_rows());
}

Result<std::vector<BulkStore::OpenJob>> PgBulkStore::open(Tx& tx, Instant now, std::span<const Instant> mine, int limit) {
  ArrayText leases;
  for (Instant lease : mine) leases.add(lease);
  std::vector<OpenJob> out;
  for (const auto& row : pg(tx).exec(kOpenBulkJobs, now, leases, limit))
    out.push_back({id_of<TenantId>(row[0]), uuid_of(row[1]), instant_or_null(row[2])});
  return out;
}

}  // namespace carillon::pg
