#pragma once
#include <memory>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/instant.h"
#include "engine/base/log.h"
#include "persistence/embedded/embedded_postgres.h"

namespace carillon::bench {

struct BenchOptions {
  int schedules = 10'000;
  int tenants = 1'000;
  int stored = 0;  ///< more schedules of the same tenants, due an hour later and on
  /// herd: all due in one second; single: the same in one tenant; lone: herd, and one schedule each of some other
  /// tenants in the second after; idle: one now and then
  std::string mode = "herd";
  bool lists = false;  ///< then time the pages of the list
  std::string hub;     ///< program: then time a whole hub that has nothing to do
  bool worker = false;
  int workers = 2;     ///< as the hub
  bool statements = false;  ///< then name the statements that took longest
  bool baseline = true;
  int batch = 1'000;
  int parallel = 2;  ///< transactions at a time, as the hub's planner
  int tenants_per_transaction = 0;
};

inline constexpr int kLoneTenants = 20;
inline constexpr int kManySchedules = 100'000;  ///< of the one tenant that has many, where lists are timed

double process_cpu_seconds(pid_t process);

/// Problems of the machine go to standard error.
class StderrLogger final : public Logger {
 public:
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) override;
};

/// A private PostgreSQL with its durability on, migrated, in a temporary folder that goes with it.
class BenchDatabase {
 public:
  BenchDatabase(const BenchOptions& options, const Clock& clock, Logger& log);
  ~BenchDatabase();
  BenchDatabase(const BenchDatabase&) = delete;
  std::string owner_url() const;
  std::string app_url() const;
  std::string system_url() const;

  /// Tenants, each with one workflow (a single `set` task) and its share of the schedules. Every schedule fires each
  /// hour; those that are to fire next at `due`.
  void fill(const BenchOptions& options, Instant due);
  /// As filled, with nothing fired yet.
  void reset(const BenchOptions& options, Instant due);
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
