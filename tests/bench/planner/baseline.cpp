#include "tests/bench/planner/baseline.h"

#include <array>
#include <pqxx/pqxx>
#include <thread>

namespace carillon::bench {
namespace {

/// Arrays of what one batch claimed, as the server prints them.
constexpr const char* kClaim =
    "SELECT count(*), array_agg(tenant_id), array_agg(id), array_agg(due_at), array_agg(gen_random_uuid()) FROM "
    "(SELECT tenant_id, id, due_at FROM registrations WHERE planned_at <= $1 ORDER BY planned_at LIMIT $2 FOR UPDATE SKIP LOCKED) AS c";
constexpr const char* kMove =
    "UPDATE registrations AS r SET due_at = $4, planned_at = $4, last_due_at = k.d, last_planned_at = k.d, last_fired_at = k.d, "
    "last_verdict = 'started', last_run_id = k.r, started = r.started + 1 FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], "
    "$5::uuid[]) AS k(t, i, d, r) WHERE r.tenant_id = k.t AND r.id = k.i";
constexpr const char* kFires =
    "INSERT INTO fires SELECT t, i, d, NULL, 1, d, d, 'started', '', r, 1 FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], "
    "$4::uuid[]) AS k(t, i, d, r) ON CONFLICT DO NOTHING";
constexpr const char* kRuns =
    "INSERT INTO runs (tenant_id, id, workflow_id, version, schedule_id, state, priority, created_at, provenance, input) "
    "SELECT t, r, i, 1, i, 0, 1, d, repeat('p', 330), repeat('i', 45) FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], "
    "$4::uuid[]) AS k(t, i, d, r) ON CONFLICT DO NOTHING";
constexpr const char* kQueue =
    "INSERT INTO run_queue (tenant_id, run_id, workflow_id, version, schedule_id, priority, visible_at) "
    "SELECT t, r, i, 1, i, 1, d FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::uuid[]) AS k(t, i, d, r) ON CONFLICT DO NOTHING";

void fire_all(const std::string& url, int batch, Instant due) {
  pqxx::connection connection(url);
  connection.prepare("claim", kClaim);
  connection.prepare("move", kMove);
  connection.prepare("fires", kFires);
  connection.prepare("runs", kRuns);
  connection.prepare("queue", kQueue);
  const std::string at = format_instant(due), next = format_instant(due + std::chrono::hours(1));
  while (true) {
    pqxx::work tx(connection);
    auto row = tx.exec_prepared1("claim", at, batch);
    if (row[0].as<int>() == 0) return;
    const std::string tenants = row[1].c_str(), ids = row[2].c_str(), dues = row[3].c_str(), runs = row[4].c_str();
    tx.exec_prepared("move", tenants, ids, dues, next, runs);
    tx.exec_prepared("fires", tenants, ids, dues, runs);
    tx.exec_prepared("runs", tenants, ids, dues, runs);
    tx.exec_prepared("queue", tenants, ids, dues, runs);
    tx.commit();
  }
}

}  // namespace

double run_baseline(BenchDatabase& database, int batch, Instant due) {
  const auto begin = std::chrono::steady_clock::now();
  const std::string url = database.owner_url();
  std::array<std::jthread, 2> threads = {std::jthread(fire_all, url, batch, due), std::jthread(fire_all, url, batch, due)};
  for (auto& thread : threads) thread.join();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace carillon::bench
