#include "tests/bench/planner/planner_data.h"

#include <pqxx/pqxx>

namespace carillon::bench {
namespace {

constexpr const char* kTenants =
    "INSERT INTO tenants SELECT gen_random_uuid(), $2 || '-' || n, $2 || ' ' || n, 'UTC', now() FROM generate_series(1, $1) AS n";
constexpr const char* kWorkflows =
    "INSERT INTO workflows SELECT tenant_id, gen_random_uuid(), 'copy', '', 'none', 1, false, false, 1, now(), now() FROM tenants";
constexpr const char* kVersions =
    "INSERT INTO workflow_versions SELECT tenant_id, id, 1, $1, 'yaml', '', '', '', now(), 'bench' FROM workflows";
/// Spread over the tenants in turn, and stored in no order. The first $3 are those that become due.
constexpr const char* kSchedules =
    "INSERT INTO schedules SELECT w.tenant_id, gen_random_uuid(), w.id, 1, 'Schedule ' || n, CASE WHEN n <= $3 THEN 'due' ELSE '' END, "
    "CASE n % 10 WHEN 0 THEN '{nightly}'::text[] ELSE '{}' END, 'interval', $2, NULL, NULL, NULL, "
    "0, 'skip', 'allow', 1, '{\"region\":\"emea\",\"period\":\"day\",\"rows\":100}', "
    "CASE WHEN n > $3 AND n % 50 = 0 THEN '{\"user\":{\"reason\":\"\",\"actor\":\"\",\"since\":\"2026-01-01T00:00:00Z\"}}'::jsonb ELSE '{}' END, "
    "now(), 1, now(), now() - n * interval '1 second', 'bench', NULL "
    "FROM generate_series(1, $1) AS n JOIN (SELECT w.tenant_id, w.id, row_number() OVER (ORDER BY w.tenant_id) AS place, count(*) OVER () AS total "
    "FROM workflows w JOIN tenants t ON t.tenant_id = w.tenant_id WHERE t.slug LIKE $4 || '-%') AS w ON w.place = 1 + n % w.total "
    "ORDER BY md5(n::text)";
constexpr const char* kRegistrations =
    "INSERT INTO registrations (tenant_id, id, kind, due_at, planned_at, zone_data, recurrence) SELECT s.tenant_id, s.id, 'schedule', d.at, d.at, '', '' "
    "FROM schedules s, LATERAL (SELECT CASE WHEN s.holds = '{}' THEN $1::timestamptz + (1 + random() * 23) * interval '1 hour' END AS at) AS d";
/// Those that are to fire at $1; with $2 seconds between two of different tenants.
constexpr const char* kMakeDue =
    "UPDATE registrations r SET due_at = d.at, planned_at = d.at, started = 0 FROM (SELECT s.tenant_id, s.id, "
    "$1::timestamptz + (dense_rank() OVER (ORDER BY s.tenant_id) - 1) * $2::float * interval '1 second' AS at "
    "FROM schedules s JOIN tenants t ON t.tenant_id = s.tenant_id WHERE s.description = 'due' AND t.slug LIKE $3 || '-%') AS d "
    "WHERE r.tenant_id = d.tenant_id AND r.id = d.id";

constexpr const char* kDefinition = R"(document: { dsl: '1.0.0', namespace: bench, name: copy, version: '1.0.0' }
do:
  - copy:
      set: { rows: 100 }
)";

}  // namespace

void fill(BenchDatabase& database, const BenchOptions& options, Instant due) {
  pqxx::connection connection(database.owner_url());
  pqxx::work tx(connection);
  tx.exec("SET LOCAL session_replication_role = replica");  // no checks of foreign keys, which hold
  const std::string at = format_instant(due);
  const std::string timing = R"({"kind":"interval","every":1,"unit":"hours","anchor":")" + at + "\"}";
  tx.exec_params(kTenants, options.mode == "single" ? 1 : options.tenants, "tenant");
  tx.exec_params(kTenants, kLoneTenants, "lone");
  tx.exec_params(kTenants, 1, "many");
  tx.exec(kWorkflows);
  tx.exec_params(kVersions, kDefinition);
  tx.exec_params(kSchedules, options.schedules + options.stored, timing, options.schedules, "tenant");
  tx.exec_params(kSchedules, options.mode == "lone" ? kLoneTenants : 0, timing, kLoneTenants, "lone");
  if (options.lists) tx.exec_params(kSchedules, kManySchedules, timing, 0, "many");
  tx.exec_params(kRegistrations, at);
  tx.commit();
  pqxx::nontransaction(connection).exec("VACUUM ANALYZE");
}

void reset(BenchDatabase& database, const BenchOptions& options, Instant due) {
  pqxx::connection connection(database.owner_url());
  pqxx::nontransaction session(connection);
  session.exec("TRUNCATE fires, runs, run_queue, run_steps, schedule_stats, events, event_heads");
  if (options.mode != "idle") session.exec_params(kMakeDue, format_instant(due), 0, "tenant");
  if (options.mode == "lone") session.exec_params(kMakeDue, format_instant(due), 0.05, "lone");
  session.exec("VACUUM ANALYZE");
  session.exec("CHECKPOINT");
}

}  // namespace carillon::bench
