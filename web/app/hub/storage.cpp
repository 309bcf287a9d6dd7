#include "web/app/hub/storage.h"

#include "persistence/migrate/migrator.h"

namespace carillon {
namespace {

constexpr const char* kDatabaseName = "carillon";

}  // namespace

Storage::Storage(const Config& config, const Clock& clock, Rng& rng, IdSource& ids, Logger& log)
    : secret_keys(config.secret_keys()), config_(config), clock_(clock), rng_(rng), ids_(ids), log_(log) {}

Storage::~Storage() { close(); }

Status Storage::start_embedded(const std::function<void(const std::string&)>& progress) {
  progress("starting the embedded database");
  EmbeddedPostgresOptions options;
  options.root = std::filesystem::path(config_.home) / "pg";
  embedded_ = std::make_unique<EmbeddedPostgres>(options, clock_, log_);
  CARILLON_CHECK(embedded_->open());
  pg::ensure_database(embedded_->connection_string("postgres"), kDatabaseName);
  owner_url_ = embedded_->connection_string(kDatabaseName);
  return ok();
}

Status Storage::open(std::span<const std::string> migration_lines, const std::function<void(const std::string&)>& progress) {
  if (config_.database_url.empty()) CARILLON_CHECK(start_embedded(progress));
  else owner_url_ = config_.database_url;
  CARILLON_CHECK(secret_keys.prepare());
  progress("migrating the database");
  const std::string password = pg::role_password(owner_url_);
  try {
    pg::Migrator migrator(owner_url_, password, log_);
    CARILLON_TRY([[maybe_unused]] int applied, migrator.migrate(migration_lines));
  } catch (const std::exception& e) {
    return Error{ErrorCode::unavailable, "DATABASE_UNAVAILABLE", std::string("The database cannot be used: ") + e.what(), "database_url", "",
                 "Check the address and that the role may create tables and roles.", {}};
  }
  system_url_ = pg::with_user(owner_url_, "carillon_system", password);
  pg::PgOptions options;
  options.app_url = pg::with_user(owner_url_, "carillon_app", password);
  options.system_url = system_url_;
  options.app_connections = static_cast<int>(config_.database_pool);
  options.system_connections = 6;
  database_ = std::make_unique<pg::PgDatabase>(options, rng_, ids_, log_);
  return database_->check_roles();
}

void Storage::close() {
  database_.reset();
  if (embedded_) embedded_->stop();
  embedded_.reset();
}

}  // namespace carillon
