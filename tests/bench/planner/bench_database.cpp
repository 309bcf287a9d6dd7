#include "tests/bench/planner/bench_database.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <pqxx/pqxx>
#include <sstream>
#include <stdexcept>

#include "persistence/migrate/migrator.h"

namespace carillon::bench {
namespace {

constexpr const char* kDatabase = "bench";

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

/// Of a process, and of its children that ended when asked for; 0 unless it is a child of `parent`, when that is given.
long ticks_of(pid_t process, bool with_ended, pid_t parent) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  std::getline(file, line);
  if (line.find(')') == std::string::npos) return 0L;
  std::istringstream fields(line.substr(line.rfind(')') + 2));
  std::vector<std::string> field;
  for (std::string one; fields >> one;) field.push_back(one);
  if (field.size() < 15 || (parent != 0 && std::stol(field[1]) != parent)) return 0L;
  const long own = std::stol(field[11]) + std::stol(field[12]);
  return with_ended ? own + std::stol(field[13]) + std::stol(field[14]) : own;
}

double seconds_of(long ticks) { return static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK)); }

}  // namespace

void StderrLogger::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level == LogLevel::debug || level == LogLevel::info) return;
  std::fprintf(stderr, "%.*s", static_cast<int>(event.size()), event.data());
  for (const auto& field : fields)
    if (const auto* text = std::get_if<std::string>(&field.value))
      std::fprintf(stderr, " %.*s=%s", static_cast<int>(field.key.size()), field.key.data(), text->c_str());
  std::fputc('\n', stderr);
}

BenchDatabase::BenchDatabase(const BenchOptions& bench, const Clock& clock, Logger& log) {
  std::string pattern = (std::filesystem::temp_directory_path() / "carillon-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  root_ = pattern;
  ::chmod(root_.c_str(), 0755);
  EmbeddedPostgresOptions options;
  options.root = root_;
  if (bench.statements) options.settings = {{"shared_preload_libraries", "pg_stat_statements"}, {"pg_stat_statements.track_planning", "on"}};
  postgres_ = std::make_unique<EmbeddedPostgres>(options, clock, log);
  postgres_->start();
  pg::ensure_database(postgres_->connection_string(), kDatabase);
  if (bench.statements) value("CREATE EXTENSION pg_stat_statements");
  pg::Migrator migrator(owner_url(), "", log);
  const std::string lines[] = {"core", "schedules", "legacy"};
  if (auto applied = migrator.migrate(lines); !applied) throw std::runtime_error(applied.error().message);
}

void BenchDatabase::reset_statements() const {
  value("SELECT pg_stat_statements_reset()");
  value("SELECT pg_stat_reset_shared('wal')");
}

void BenchDatabase::print_statements() const {
  pqxx::connection connection(owner_url());
  pqxx::nontransaction session(connection);
  for (const auto& row : session.exec("SELECT round(total_exec_time::numeric, 1) || ' + ' || round(total_plan_time::numeric, 1), calls, rows, wal_fpi, pg_size_pretty(wal_bytes), "
                                      "left(regexp_replace(query, '\\s+', ' ', 'g'), 90) FROM pg_stat_statements ORDER BY total_exec_time + total_plan_time DESC LIMIT 20"))
    std::printf("  %14s ms %6s calls %7s rows %6s page images %9s of log  %s\n", row[0].c_str(), row[1].c_str(), row[2].c_str(), row[3].c_str(),
                row[4].c_str(), row[5].c_str());
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

void BenchDatabase::reset(const BenchOptions& options, Instant due) {
  pqxx::connection connection(owner_url());
  pqxx::nontransaction session(connection);
  session.exec("TRUNCATE fires, runs, run_queue, run_steps, schedule_stats, events, event_heads");
  if (options.mode != "idle") session.exec_params(kMakeDue, format_instant(due), 0, "tenant");
  if (options.mode == "lone") session.exec_params(kMakeDue, format_instant(due), 0.05, "lone");
  session.exec("VACUUM ANALYZE");
  session.exec("CHECKPOINT");
}

double process_cpu_seconds(pid_t process) { return seconds_of(ticks_of(process, false, 0)); }

double BenchDatabase::cpu_seconds() const {
  const pid_t server = postgres_->pid();
  long ticks = ticks_of(server, true, 0);
  for (const auto& entry : std::filesystem::directory_iterator("/proc"))
    if (std::isdigit(static_cast<unsigned char>(entry.path().filename().native()[0])))
      ticks += ticks_of(std::stoi(entry.path().filename().native()), false, server);
  return seconds_of(ticks);
}

std::string BenchDatabase::value(const std::string& sql) const {
  pqxx::connection connection(owner_url());
  const auto rows = pqxx::nontransaction(connection).exec(sql);
  return rows.empty() || rows[0][0].is_null() ? "" : rows[0][0].c_str();
}

}  // namespace carillon::bench
