#pragma once
#include "persistence/core/sql.h"

/// The statements of PgScheduleStore.
namespace carillon::pg {

#define CARILLON_SCHEDULE_COLUMNS                                                                                        \
  "s.id, s.workflow_id, s.bound_version, s.name, s.description, s.labels, s.timing, s.start_at, s.end_at, s.max_runs, "  \
  "s.jitter_us, s.missed, s.overlap, s.priority, s.payload, s.holds, s.settled_until, s.revision, s.created_at, "        \
  "s.updated_at, s.created_by, s.tenant_id, s.policies, s.hold_after_failures "

inline constexpr Sql kInsertSchedule{
    "insert_schedule",
    "INSERT INTO schedules (tenant_id, id, workflow_id, bound_version, name, description, labels, kind, timing, start_at, "
    "end_at, max_runs, jitter_us, missed, overlap, priority, payload, holds, settled_until, revision, created_at, updated_at, "
    "created_by, policies, scope, hold_after_failures) VALUES ($1, $2, $3, $4, $5, $6, $7::text[], $8, $9, $10, $11, $12, $13, "
    "$14, $15, $16, $17, $18::jsonb, $19, $20, $21, $22, $23, $24::jsonb, $25, $26)",
    Scope::app, true};
inline constexpr Sql kUpdateSchedule{
    "update_schedule",
    "UPDATE schedules SET bound_version = $3, name = $4, description = $5, labels = $6::text[], kind = $7, timing = $8, "
    "start_at = $9, end_at = $10, max_runs = $11, jitter_us = $12, missed = $13, overlap = $14, priority = $15, payload = $16, "
    "holds = $17::jsonb, settled_until = $18, revision = $19, updated_at = $20, deleted_at = $21, "
    "policies = $22::jsonb, scope = $23, hold_after_failures = $24 "
    "WHERE tenant_id = $1 AND id = $2",
    Scope::app, true};
inline constexpr Sql kRebindSchedules{
    "rebind_schedules",
    "UPDATE schedules AS s SET bound_version = k.b, holds = k.h, settled_until = k.se, revision = k.r, updated_at = k.u "
    "FROM unnest($2::uuid[], $3::bigint[], $4::jsonb[], $5::timestamptz[], $6::bigint[], $7::timestamptz[]) "
    "AS k(i, b, h, se, r, u) WHERE s.tenant_id = $1 AND s.id = k.i",
    Scope::app, true};
inline constexpr Sql kPutHolds{
    "put_holds",
    "UPDATE schedules AS s SET holds = k.h, updated_at = k.u, settled_until = k.se "
    "FROM unnest($1::uuid[], $2::uuid[], $3::jsonb[], $4::timestamptz[], $5::timestamptz[]) AS k(t, i, h, u, se) WHERE s.tenant_id = k.t AND s.id = k.i "
    "AND (s.tenant_id, s.id) IN (SELECT f.tenant_id, f.id FROM schedules f "
    "JOIN unnest($1::uuid[], $2::uuid[]) AS l(t, i) ON f.tenant_id = l.t AND f.id = l.i FOR UPDATE OF f SKIP LOCKED) "
    "RETURNING s.id",
    Scope::system, true};
inline constexpr Sql kLockSchedule{
    "lock_schedule",
    "SELECT " CARILLON_SCHEDULE_COLUMNS "FROM schedules s WHERE s.tenant_id = $1 AND s.id = $2 AND s.deleted_at IS NULL FOR UPDATE"};
inline constexpr Sql kLockOfWorkflow{
    "lock_schedules_of_workflow",
    "SELECT " CARILLON_SCHEDULE_COLUMNS
    "FROM schedules s WHERE s.tenant_id = $1 AND s.workflow_id = $2 AND s.deleted_at IS NULL ORDER BY s.id FOR UPDATE"};
// Every schedule has its workflow; LEFT keeps the planner from looking through all schedules of one to find a few.
#define CARILLON_VIEW                                                                                                       \
  "SELECT " CARILLON_SCHEDULE_COLUMNS                                                                                       \
  ", w.name, r.due_at, r.last_due_at, r.last_planned_at, r.last_fired_at, r.last_verdict, r.last_run_id, lr.state, "       \
  "(SELECT count(*) FROM run_queue q WHERE q.tenant_id = $1 AND q.workflow_id = s.workflow_id AND q.schedule_id = s.id), "   \
  "coalesce(st.succeeded, 0), coalesce(st.failed, 0), coalesce(st.cancelled, 0), "                                         \
  "st.duration_us / nullif(st.succeeded + st.failed, 0), CASE WHEN st.last_run_id IS NULL THEN NULL ELSE st.last_at END, coalesce(st.last_error, ''), " \
  "coalesce(r.started, 0) "                                                                                               \
  "FROM schedules s LEFT JOIN workflows w ON w.tenant_id = $1 AND w.id = s.workflow_id "                                        \
  "LEFT JOIN registrations r ON r.tenant_id = $1 AND r.id = s.id "                                                         \
  "LEFT JOIN runs lr ON lr.tenant_id = $1 AND lr.id = r.last_run_id "                                                      \
  "LEFT JOIN schedule_stats st ON st.tenant_id = $1 AND st.schedule_id = s.id "                                            \
  "WHERE s.tenant_id = $1 AND s.deleted_at IS NULL "
#define CARILLON_FILTER                                                                                                  \
  "($2::uuid IS NULL OR s.workflow_id = $2) AND ($3 = '' OR s.kind = $3) AND ($4::text[] = '{}' OR s.status = ANY($4::text[])) " \
  "AND ($5 = '' OR s.labels @> ARRAY[$5]) AND ($6 = '' OR strpos(lower(s.name), lower($6)) > 0) "
inline constexpr Sql kViewSchedule{"view_schedule", CARILLON_VIEW "AND s.id = $2"};
// One statement for each order. The cursor is the last row's sort value and id. The page is found among narrow rows,
// what is shown beside its schedules is joined to these alone.
#define CARILLON_PAGE(value, type, op, direction)                                                                        \
  CARILLON_VIEW "AND s.id IN (SELECT s.id FROM schedules s LEFT JOIN registrations r ON r.tenant_id = $1 AND r.id = s.id " \
                "WHERE s.tenant_id = $1 AND s.deleted_at IS NULL AND " CARILLON_FILTER                                    \
                "AND ($7::uuid IS NULL OR (" value ", s.id) " op " ($8::" type ", $7::uuid)) "                            \
                "ORDER BY " value " " direction ", s.id " direction " LIMIT $9) "                                         \
                "ORDER BY " value " " direction ", s.id " direction
#define CARILLON_NEXT_DUE "coalesce(r.due_at, 'infinity'::timestamptz)"
inline constexpr Sql kListByName{"list_schedules_by_name", CARILLON_PAGE("s.name", "text", ">", "ASC")};
inline constexpr Sql kListByNameDown{"list_schedules_by_name_down", CARILLON_PAGE("s.name", "text", "<", "DESC")};
inline constexpr Sql kListByDue{"list_schedules_by_due", CARILLON_PAGE(CARILLON_NEXT_DUE, "timestamptz", ">", "ASC")};
inline constexpr Sql kListByDueDown{"list_schedules_by_due_down", CARILLON_PAGE(CARILLON_NEXT_DUE, "timestamptz", "<", "DESC")};
inline constexpr Sql kListByUpdate{"list_schedules_by_update", CARILLON_PAGE("s.updated_at", "timestamptz", ">", "ASC")};
inline constexpr Sql kListByUpdateDown{"list_schedules_by_update_down",
                                       CARILLON_PAGE("s.updated_at", "timestamptz", "<", "DESC")};
inline constexpr Sql kCountSchedules{
    "count_schedules",
    "SELECT count(*) FROM schedules s WHERE s.tenant_id = $1 AND s.deleted_at IS NULL AND " CARILLON_FILTER};
inline constexpr Sql kCountByWorkflow{
    "count_schedules_by_workflow",
    "SELECT workflow_id, count(*), count(*) FILTER (WHERE jsonb_exists(holds, 'invalid')) FROM schedules "
    "WHERE tenant_id = $1 AND deleted_at IS NULL GROUP BY workflow_id"};
inline constexpr Sql kLoadForFire{
    "load_for_fire",
    "SELECT " CARILLON_SCHEDULE_COLUMNS
    ", r.started, EXISTS (SELECT 1 FROM run_queue q WHERE q.tenant_id = s.tenant_id AND q.workflow_id = s.workflow_id "
    "AND q.schedule_id = s.id), CASE WHEN s.hold_after_failures IS NULL THEN 0 ELSE coalesce((SELECT st.failures_in_row "
    "FROM schedule_stats st WHERE st.tenant_id = s.tenant_id AND st.schedule_id = s.id), 0) END "
    "FROM schedules s JOIN unnest($1::uuid[], $2::uuid[]) AS k(t, i) ON s.tenant_id = k.t AND s.id = k.i "
    "JOIN registrations r ON r.tenant_id = k.t AND r.id = k.i WHERE s.deleted_at IS NULL",
    Scope::system};
inline constexpr Sql kKeptSchedules{
    "kept_schedules",
    "SELECT s.tenant_id, s.id FROM schedules s JOIN unnest($1::uuid[], $2::uuid[]) AS k(t, i) ON s.tenant_id = k.t AND s.id = k.i",
    Scope::system};
inline constexpr Sql kInsertFires{
    "insert_fires",
    "INSERT INTO fires (tenant_id, schedule_id, due_at, last_due_at, count, planned_at, fired_at, verdict, reason, run_id, "
    "schedule_revision, zone_data, detail) SELECT t, s, d, l, c, p, f, v, re, ru, rv, z, de FROM unnest($1::uuid[], $2::uuid[], "
    "$3::timestamptz[], $4::timestamptz[], $5::bigint[], $6::timestamptz[], $7::timestamptz[], $8::text[], $9::text[], "
    "$10::uuid[], $11::bigint[], $12::text[], $13::text[]) AS u(t, s, d, l, c, p, f, v, re, ru, rv, z, de) ON CONFLICT (tenant_id, schedule_id, due_at) DO NOTHING "
    "RETURNING schedule_id, due_at",
    Scope::system, true};
inline constexpr Sql kListFires{
    "list_fires",
    "SELECT due_at, last_due_at, count, planned_at, fired_at, verdict, reason, run_id, schedule_revision, zone_data, detail "
    "FROM fires "
    "WHERE tenant_id = $1 AND schedule_id = $2 AND ($3 = '' OR verdict = $3) AND ($4::timestamptz IS NULL OR due_at < $4) "
    "ORDER BY due_at DESC LIMIT $5"};
inline constexpr Sql kRunStates{"run_states", "SELECT id, state FROM runs WHERE tenant_id = $1 AND id = ANY($2::uuid[])"};
inline constexpr Sql kAddStats{
    "add_stats",
    "INSERT INTO schedule_stats AS st (tenant_id, schedule_id, succeeded, failed, cancelled, duration_us, failures_in_row, "
    "last_run_id, last_state, last_at, last_error) SELECT t, s, ok, fa, ca, du, tr, lr, ls, la, le FROM unnest($1::uuid[], "
    "$2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::uuid[], $9::text[], "
    "$10::timestamptz[], $11::text[]) AS u(t, s, ok, fa, ca, du, tr, lr, ls, la, le) "
    "ON CONFLICT (tenant_id, schedule_id) DO UPDATE SET succeeded = st.succeeded + EXCLUDED.succeeded, "
    "failed = st.failed + EXCLUDED.failed, cancelled = st.cancelled + EXCLUDED.cancelled, "
    "duration_us = st.duration_us + EXCLUDED.duration_us, "
    "failures_in_row = CASE WHEN EXCLUDED.succeeded > 0 THEN EXCLUDED.failures_in_row "
    "ELSE st.failures_in_row + EXCLUDED.failures_in_row END, last_run_id = EXCLUDED.last_run_id, "
    "last_state = EXCLUDED.last_state, last_at = EXCLUDED.last_at, last_error = EXCLUDED.last_error",
    Scope::system, true};

inline constexpr Sql kAddMissedFailures{
    "add_missed_failures",
    "INSERT INTO schedule_stats AS st (tenant_id, schedule_id, succeeded, failed, cancelled, duration_us, failures_in_row, "
    "last_state, last_at, last_error) SELECT t, s, 0, 0, 0, 0, n, 'missed', a, '' FROM unnest($1::uuid[], $2::uuid[], "
    "$3::bigint[], $4::timestamptz[]) AS u(t, s, n, a) ON CONFLICT (tenant_id, schedule_id) DO UPDATE SET "
    "failures_in_row = st.failures_in_row + EXCLUDED.failures_in_row",
    Scope::system, true};
inline constexpr Sql kClearFailures{
    "clear_failures", "UPDATE schedule_stats SET failures_in_row = 0 WHERE tenant_id = $1 AND schedule_id = $2", Scope::app, true};
inline constexpr Sql kLockOverfailed{
    "lock_overfailed",
    "SELECT " CARILLON_SCHEDULE_COLUMNS
    "FROM schedules s JOIN unnest($1::uuid[], $2::uuid[]) AS k(t, i) ON s.tenant_id = k.t AND s.id = k.i "
    "JOIN schedule_stats st ON st.tenant_id = k.t AND st.schedule_id = k.i "
    "WHERE s.deleted_at IS NULL AND st.failures_in_row >= s.hold_after_failures AND NOT jsonb_exists(s.holds, 'failures') "
    "AND NOT jsonb_exists(s.holds, 'completed') AND NOT jsonb_exists(s.holds, 'expired') "
    "ORDER BY s.id FOR UPDATE OF s SKIP LOCKED",
    Scope::system};
inline constexpr Sql kHoldScopes{
    "hold_overlap_scopes",
    "SELECT o.scope FROM overlap_scopes o JOIN unnest($1::uuid[], $2::text[]) AS k(t, sc) ON o.tenant_id = k.t AND o.scope = k.sc "
    "ORDER BY o.tenant_id, o.scope FOR UPDATE OF o",
    Scope::system};
inline constexpr Sql kAddScope{
    "add_overlap_scope", "INSERT INTO overlap_scopes (tenant_id, scope) VALUES ($1, $2) ON CONFLICT (tenant_id, scope) DO NOTHING",
    Scope::app, true};
inline constexpr Sql kCountRooms{
    "count_rooms",
    "SELECT k.n, CASE WHEN k.sc = '' THEN (SELECT count(*) FROM run_queue q WHERE q.tenant_id = k.t AND q.workflow_id = k.w "
    "AND q.schedule_id = k.s) WHEN k.sc LIKE 'w:%' THEN (SELECT count(*) FROM run_queue q WHERE q.tenant_id = k.t "
    "AND q.workflow_id = k.w) ELSE (SELECT count(*) FROM run_queue q WHERE q.tenant_id = k.t AND q.scope = k.sc) END "
    "FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) WITH ORDINALITY AS k(t, s, w, sc, n)",
    Scope::system};
#define CARILLON_WAITING "b.tenant_id, b.schedule_id, b.due_at, b.planned_at, b.reason, b.since, b.scope, b.schedule_revision "
inline constexpr Sql kLoadWaiting{
    "load_waiting",
    "SELECT " CARILLON_WAITING
    "FROM backlog b JOIN unnest($1::uuid[], $2::uuid[]) AS k(t, s) ON b.tenant_id = k.t AND b.schedule_id = k.s ORDER BY b.due_at",
    Scope::system};
inline constexpr Sql kWaitingOf{
    "waiting_of", "SELECT " CARILLON_WAITING "FROM backlog b WHERE b.tenant_id = $1 AND b.schedule_id = ANY($2::uuid[]) ORDER BY b.due_at"};
#undef CARILLON_WAITING
inline constexpr Sql kAddWaiting{
    "add_waiting",
    "INSERT INTO backlog (tenant_id, schedule_id, due_at, planned_at, reason, since, scope, schedule_revision) "
    "SELECT t, s, d, p, r, si, sc, rv FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::text[], "
    "$6::timestamptz[], $7::text[], $8::bigint[]) AS u(t, s, d, p, r, si, sc, rv) ON CONFLICT (tenant_id, schedule_id, due_at) DO NOTHING",
    Scope::system, true};
inline constexpr Sql kRescopeWaiting{
    "rescope_waiting", "UPDATE backlog SET scope = $3 WHERE tenant_id = $1 AND schedule_id = $2", Scope::app, true};
inline constexpr Sql kRemoveWaiting{
    "remove_waiting",
    "DELETE FROM backlog b USING unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS k(t, s, d) "
    "WHERE b.tenant_id = k.t AND b.schedule_id = k.s AND b.due_at = k.d",
    Scope::system, true};
inline constexpr Sql kWaitingIn{
    "waiting_in",
    "SELECT DISTINCT b.tenant_id, b.schedule_id FROM backlog b JOIN unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) "
    "AS k(t, s, w, sc) ON b.tenant_id = k.t AND (b.scope = k.w OR (b.scope = '' AND b.schedule_id = k.s) "
    "OR (b.scope <> '' AND b.scope = k.sc))",
    Scope::system};
#define CARILLON_MAINTENANCE_OF_TENANTS                                                                                  \
  "SELECT m.tenant_id, m.since, m.until, m.ended_at, m.reason, m.actor FROM maintenance m JOIN unnest($1::uuid[]) AS k(t) " \
  "ON m.tenant_id = k.t WHERE coalesce(m.ended_at, m.until, 'infinity'::timestamptz) > $2 ORDER BY m.tenant_id, m.since"
#define CARILLON_SYSTEM_MAINTENANCE                                      \
  "SELECT since, until, ended_at, reason, actor FROM system_maintenance " \
  "WHERE coalesce(ended_at, until, 'infinity'::timestamptz) > $1 ORDER BY since"
inline constexpr Sql kMaintenanceOfTenants{"maintenance_of_tenants", CARILLON_MAINTENANCE_OF_TENANTS, Scope::system};
inline constexpr Sql kHoldMaintenanceOfTenants{"hold_maintenance_of_tenants", CARILLON_MAINTENANCE_OF_TENANTS " FOR SHARE OF m", Scope::system};
inline constexpr Sql kSystemMaintenance{"system_maintenance", CARILLON_SYSTEM_MAINTENANCE, Scope::system};
inline constexpr Sql kHoldSystemMaintenance{"hold_system_maintenance", CARILLON_SYSTEM_MAINTENANCE " FOR SHARE", Scope::system};
#undef CARILLON_MAINTENANCE_OF_TENANTS
#undef CARILLON_SYSTEM_MAINTENANCE
inline constexpr Sql kNoteLimits{
    "note_limits",
    "INSERT INTO fire_limits (since, grace_us, one_time_window_us) SELECT $1::timestamptz, $2::bigint, $3::bigint WHERE NOT EXISTS "
    "(SELECT 1 FROM fire_limits l WHERE l.since = (SELECT max(since) FROM fire_limits) AND l.grace_us = $2 AND l.one_time_window_us = $3) "
    "ON CONFLICT (since) DO NOTHING",
    Scope::system, true};
inline constexpr Sql kLimitsAt{
    "limits_at", "SELECT grace_us, one_time_window_us FROM fire_limits WHERE since <= $1 ORDER BY since DESC LIMIT 1"};
inline constexpr Sql kAddScheduleVersion{
    "add_schedule_version",
    "INSERT INTO schedule_versions (tenant_id, schedule_id, revision, at, actor, action, document, payload) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    Scope::app, true};
inline constexpr Sql kListScheduleVersions{
    "list_schedule_versions",
    "SELECT revision, at, actor, action, document, payload FROM schedule_versions WHERE tenant_id = $1 AND schedule_id = $2 "
    "AND ($3::bigint IS NULL OR revision < $3) ORDER BY revision DESC LIMIT $4"};
inline constexpr Sql kScheduleVersionAt{
    "schedule_version_at",
    "SELECT revision, at, actor, action, document, payload FROM schedule_versions WHERE tenant_id = $1 AND schedule_id = $2 "
    "AND at <= $3 ORDER BY revision DESC LIMIT 1"};
inline constexpr Sql kPayloadUntil{
    "schedule_payload_until",
    "SELECT payload FROM schedule_versions WHERE tenant_id = $1 AND schedule_id = $2 AND revision <= $3 AND payload IS NOT NULL "
    "ORDER BY revision DESC LIMIT 1"};
// Rare (secrets are listed or deleted), so it looks at all payloads of the tenant rather than cost every save an index.
inline constexpr Sql kPayloadsWith{
    "payloads_with",
    "SELECT s.id, s.name, w.name, s.payload FROM schedules s JOIN workflows w ON w.tenant_id = $1 AND w.id = s.workflow_id "
    "WHERE s.tenant_id = $1 AND s.deleted_at IS NULL AND position($2 in s.payload) > 0 ORDER BY s.name, s.id LIMIT $3"};
inline constexpr Sql kLockDeletedSchedule{
    "lock_deleted_schedule",
    "SELECT " CARILLON_SCHEDULE_COLUMNS "FROM schedules s WHERE s.tenant_id = $1 AND s.id = $2 AND s.deleted_at IS NOT NULL FOR UPDATE"};
// Here for its filter, which is the list's; a statement of PgBulkStore.
inline constexpr Sql kAddBulkMatching{
    "add_bulk_matching",
    "INSERT INTO bulk_items (tenant_id, job_id, ordinal, schedule_id, name, state) "
    "SELECT $1, $7, row_number() OVER (ORDER BY m.id), m.id, m.name, 'waiting' FROM (SELECT s.id, s.name FROM schedules s "
    "WHERE s.tenant_id = $1 AND s.deleted_at IS NULL AND " CARILLON_FILTER "ORDER BY s.id LIMIT $8) AS m "
    "ON CONFLICT (tenant_id, job_id, ordinal) DO NOTHING",
    Scope::app, true};

#undef CARILLON_SCHEDULE_COLUMNS
#undef CARILLON_VIEW
#undef CARILLON_FILTER
#undef CARILLON_PAGE
#undef CARILLON_NEXT_DUE

}  // namespace carillon::pg
