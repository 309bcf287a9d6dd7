#include "tests/bench/support/bench_database.h"

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

BenchDatabase::BenchDatabase(const EngineOptions& bench, const Clock& clock, Logger& log) {
  std::string pattern = (std::filesystem::temp_directory_path() / "carillon-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  root_ = pattern;
  ::chmod(root_.c_str(), 0755);
  EmbeddedPostgresOptions options;
  options.root = root_;
  options.settings = {{"track_commit_timestamp", "on"}};
  if (bench.statements) {
    options.settings.emplace_back("shared_preload_libraries", "pg_stat_statements");
    options.settings.emplace_back("pg_stat_statements.track_planning", "on");
  }
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

std::string memory_of(const std::string& process, const char* key) {
  std::ifstream status("/proc/" + process + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key)) return line.substr(line.find_first_of("0123456789"));
  return "?";
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
