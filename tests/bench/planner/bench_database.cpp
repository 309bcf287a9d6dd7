#include "tests/bench/planner/bench_database.h"

#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <pqxx/pqxx>
#include <stdexcept>

#include "persistence/migrate/migrator.h"

namespace carillon::bench {
namespace {

constexpr const char* kDatabase = "bench";

constexpr const char* kTenants =
    "INSERT INTO tenants SELECT gen_random_uuid(), 'tenant-' || n, 'Tenant ' || n, 'UTC', now() FROM generate_series(1, $1) AS n";
constexpr const char* kWorkflows =
    "INSERT INTO workflows SELECT tenant_id, gen_random_uuid(), 'copy', '', 'none', 1, false, false, 1, now(), now() FROM tenants";
constexpr const char* kVersions =
    "INSERT INTO workflow_versions SELECT tenant_id, id, 1, $1, 'yaml', '', '', '', now(), 'bench' FROM workflows";
/// Spread over the tenants in turn.
constexpr const char* kSchedules =
    "INSERT INTO schedules SELECT w.tenant_id, gen_random_uuid(), w.id, 1, 'Schedule ' || n, '', '{}', 'interval', $2, NULL, NULL, NULL, "
    "0, 'skip', 'allow', 1, '{\"region\":\"emea\",\"period\":\"day\",\"rows\":100}', '{}', now(), 1, now(), now(), 'bench', NULL "
    "FROM generate_series(1, $1) AS n JOIN (SELECT tenant_id, id, row_number() OVER (ORDER BY tenant_id) AS place, count(*) OVER () AS total "
    "FROM workflows) AS w ON w.place = 1 + n % w.total";
constexpr const char* kRegistrations =
    "INSERT INTO registrations (tenant_id, id, kind, due_at, planned_at, zone_data, recurrence) "
    "SELECT tenant_id, id, 'schedule', $1, $1, '', '' FROM schedules";

constexpr const char* kDefinition = R"(document: { dsl: '1.0.0', namespace: bench, name: copy, version: '1.0.0' }
do:
  - copy:
      set: { rows: 100 }
)";

}  // namespace

void StderrLogger::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level == LogLevel::debug || level == LogLevel::info) return;
  std::fprintf(stderr, "%.*s", static_cast<int>(event.size()), event.data());
  for (const auto& field : fields)
    if (const auto* text = std::get_if<std::string>(&field.value))
      std::fprintf(stderr, " %.*s=%s", static_cast<int>(field.key.size()), field.key.data(), text->c_str());
  std::fputc('\n', stderr);
}

BenchDatabase::BenchDatabase(const Clock& clock, Logger& log) {
  std::string pattern = (std::filesystem::temp_directory_path() / "carillon-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  root_ = pattern;
  ::chmod(root_.c_str(), 0755);
  EmbeddedPostgresOptions options;
  options.root = root_;
  postgres_ = std::make_unique<EmbeddedPostgres>(options, clock, log);
  postgres_->start();
  pg::ensure_database(postgres_->connection_string(), kDatabase);
  pg::Migrator migrator(owner_url(), "", log);
  const std::string lines[] = {"core", "schedules"};
  if (auto applied = migrator.migrate(lines); !applied) throw std::runtime_error(applied.error().message);
}

BenchDatabase::~BenchDatabase() {
  postgres_->stop();
  std::error_code none;
  std::filesystem::remove_all(root_, none);
}

std::string BenchDatabase::owner_url() const { return postgres_->connection_string(kDatabase); }
std::string BenchDatabase::app_url() const { return postgres_->connection_string(kDatabase, "carillon_app"); }
std::string BenchDatabase::system_url() const { return postgres_->connection_string(kDatabase, "carillon_system"); }

void BenchDatabase::fill(const BenchOptions& options, Instant due) {
  pqxx::connection connection(owner_url());
  pqxx::work tx(connection);
  const std::string at = format_instant(due);
  const std::string timing = R"({"kind":"interval","every":1,"unit":"hours","anchor":")" + at + "\"}";
  tx.exec_params(kTenants, options.mode == "single" ? 1 : options.tenants);
  tx.exec(kWorkflows);
  tx.exec_params(kVersions, kDefinition);
  tx.exec_params(kSchedules, options.schedules, timing);
  tx.exec_params(kRegistrations, at);
  tx.commit();
  pqxx::nontransaction(connection).exec("VACUUM ANALYZE");
}

void BenchDatabase::reset(Instant due) {
  pqxx::connection connection(owner_url());
  pqxx::nontransaction session(connection);
  session.exec("TRUNCATE fires, runs, run_queue, run_steps, schedule_stats, events, event_heads");
  session.exec_params("UPDATE registrations SET due_at = $1, planned_at = $1, started = 0", format_instant(due));
  session.exec("VACUUM ANALYZE");
  session.exec("CHECKPOINT");
}

std::string BenchDatabase::value(const std::string& sql) const {
  pqxx::connection connection(owner_url());
  auto row = pqxx::nontransaction(connection).exec(sql)[0];
  return row[0].is_null() ? "" : row[0].c_str();
}

}  // namespace carillon::bench
