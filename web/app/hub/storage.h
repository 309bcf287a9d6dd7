#pragma once
#include <memory>

#include "persistence/core/pg_database.h"
#include "persistence/core/pg_listener.h"
#include "persistence/embedded/embedded_postgres.h"
#include "persistence/stores/pg_alert_store.h"
#include "persistence/stores/pg_bulk_store.h"
#include "persistence/stores/pg_backfill_store.h"
#include "persistence/stores/pg_job_store.h"
#include "persistence/stores/pg_maintenance_store.h"
#include "persistence/stores/pg_publish_store.h"
#include "persistence/stores/pg_retention_store.h"
#include "persistence/stores/pg_run_store.h"
#include "persistence/stores/pg_schedule_store.h"
#include "persistence/stores/pg_secret_store.h"
#include "persistence/stores/pg_tenant_store.h"
#include "persistence/stores/pg_workflow_store.h"
#include "web/app/config/config.h"

namespace carillon {

/// The database of a hub: the embedded one or DATABASE_URL's, migrated and checked, and all stores on it.
class Storage {
 public:
  Storage(const Config& config, const Clock& clock, Rng& rng, IdSource& ids, Logger& log);
  ~Storage();
  /// Starts the embedded server if there is to be one, migrates, opens the pools, checks the roles.
  Status open(std::span<const std::string> migration_lines, const std::function<void(const std::string&)>& progress);
  void close();

  Database& db() { return *database_; }
  Status ping() { return database_->ping(); }
  std::string owner_url() const { return owner_url_; }
  const std::string& listen_url() const { return system_url_; }

  pg::PgJobStore jobs;
  pg::PgRunStore runs;
  pg::PgScheduleStore schedules;
  pg::PgPublishStore publishing;
  pg::PgRetentionStore retention;
  pg::PgBulkStore bulk;
  pg::PgBackfillStore backfills;
  pg::PgMaintenanceStore maintenance;
  pg::PgTenantStore tenants;
  pg::PgWorkflowStore workflows;
  pg::PgEventStore events;
  pg::PgIdempotencyStore answers;
  pg::PgAlertStore alerts;
  pg::PgListenerStore listener_positions;
  KeyFile secret_keys;
  pg::PgSecretStore secrets{secret_keys};
  pg::PgRedactionStore redaction;

 private:
  Status start_embedded(const std::function<void(const std::string&)>& progress);
  const Config& config_;
  const Clock& clock_;
  Rng& rng_;
  IdSource& ids_;
  Logger& log_;
  std::unique_ptr<EmbeddedPostgres> embedded_;
  std::unique_ptr<pg::PgDatabase> database_;
  std::string owner_url_, system_url_;
};

}  // namespace carillon
