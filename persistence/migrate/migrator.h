#pragma once
#include <span>
#include <string>
#include <vector>

#include "engine/base/log.h"
#include "engine/base/result.h"

namespace carillon::pg {

/// One file of migrations/<line>/NNNN_name.sql, embedded in the binary.
struct Migration {
  std::string line;
  int number = 0;
  std::string name;
  std::string text;
  std::string checksum;  ///< hex SHA-256 of the text
};

/// All embedded files, ordered by line and number.
std::vector<Migration> embedded_migrations();

struct MigrationState {
  Migration migration;
  bool applied = false;
};

/// Brings a database to the schema of this binary: forward only, each file in a transaction of its own, so an
/// interrupted migration goes on where it stopped. One migrator at a time (advisory lock). Creates the roles
/// carillon_app and carillon_system when they are missing.
class Migrator {
 public:
  /// `owner_url`: a role that may create roles and tables. `role_password`: of the two roles, "" for none.
  Migrator(std::string owner_url, std::string role_password, Logger& log)
      : owner_url_(std::move(owner_url)), role_password_(std::move(role_password)), log_(log) {}
  /// In order of application: `lines` as given, core first. Fails when an applied file has changed
  /// (MIGRATION_CHANGED), or the database knows files that this binary does not (MIGRATION_UNKNOWN).
  Result<std::vector<MigrationState>> plan(std::span<const std::string> lines);
  /// Applies what plan() shows as missing; answers how many files that was.
  Result<int> migrate(std::span<const std::string> lines);

 private:
  std::string owner_url_, role_password_;
  Logger& log_;
};

/// The owner's connection string with another user (and password, when not ""). Understands URLs and key=value strings.
std::string with_user(const std::string& url, const std::string& user, const std::string& password);

/// The password of the app and system roles: derived from the owner's (so every node knows it), "" when the owner has
/// none (trust or peer authentication).
std::string role_password(const std::string& owner_url);

/// CREATE DATABASE unless it is there.
void ensure_database(const std::string& url, const std::string& name);

}  // namespace carillon::pg
