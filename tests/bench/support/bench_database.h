#pragma once
#include <memory>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/instant.h"
#include "engine/base/log.h"
#include "persistence/embedded/embedded_postgres.h"

namespace carillon::bench {

struct EngineOptions {
  bool worker = false;
  int workers = 2;          ///< as the hub
  bool statements = false;  ///< then name the statements that took longest
  int batch = 1'000;
  int parallel = 2;  ///< transactions at a time, as the hub's planner
  int tenants_per_transaction = 0;
};

double process_cpu_seconds(pid_t process);
/// A line of the memory figures of a process ("self" or its number), like VmRSS.
std::string memory_of(const std::string& process, const char* key);

/// Problems of the machine go to standard error.
class StderrLogger final : public Logger {
 public:
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) override;
};

/// A private PostgreSQL with its durability on, migrated, in a temporary folder that goes with it. It remembers when a
/// row was committed (pg_xact_commit_timestamp).
class BenchDatabase {
 public:
  BenchDatabase(const EngineOptions& options, const Clock& clock, Logger& log);
  ~BenchDatabase();
  BenchDatabase(const BenchDatabase&) = delete;
  std::string owner_url() const;
  std::string app_url() const;
  std::string system_url() const;

  /// What the server's processes have used so far.
  double cpu_seconds() const;
  /// Forgets the statements so far; prints those since that took longest.
  void reset_statements() const;
  void print_statements() const;
  /// One value of one row, as the owner.
  std::string value(const std::string& sql) const;

 private:
  std::string root_;
  std::unique_ptr<EmbeddedPostgres> postgres_;
};

}  // namespace carillon::bench
