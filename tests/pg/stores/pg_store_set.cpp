#include "engine/base/clock.h"
#include "persistence/core/pg_database.h"
#include "persistence/migrate/migrator.h"
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
#include "tests/contract/stores/store_set.h"
#include "tests/support/pg_fixture.h"

namespace carillon::contract {
namespace {

/// One database for all tests of this program, emptied for each.
const test::TestDatabase& empty_database() {
  static const test::TestDatabase database = [] {
    auto made = test::TestServer::shared().create_database();
    NullLogger log;
    const std::string lines[] = {"core", "schedules", "legacy"};
    auto applied = pg::Migrator(made.connection_string(), "", log).migrate(lines);
    if (!applied) throw std::runtime_error(applied.error().message);
    return made;
  }();
  static const std::string tables = test::query_value(
      database.connection_string(),
      "SELECT string_agg(relname, ', ') FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace "
      "AND relname <> 'carillon_migrations'");
  test::query(database.connection_string(), "TRUNCATE " + tables);
  return database;
}

pg::PgOptions options_for(const test::TestDatabase& database) {
  pg::PgOptions options;
  options.app_url = database.connection_string("carillon_app");
  options.system_url = database.connection_string("carillon_system");
  options.app_connections = options.system_connections = 2;
  return options;
}

/// The path of a key file that is there.
std::filesystem::path prepared(const std::filesystem::path& path) {
  if (Status made = KeyFile(path).prepare(); !made) throw std::runtime_error(made.error().message);
  return path;
}

/// An empty database, seen through the two roles of production.
class PgStoreSet final : public StoreSet {
 public:
  Database& db() override { return db_; }
  TenantStore& tenants() override { return tenants_; }
  EventStore& events() override { return events_; }
  IdempotencyStore& answers() override { return answers_; }
  WorkflowStore& workflows() override { return workflows_; }
  JobStore& jobs() override { return jobs_; }
  RunStore& runs() override { return runs_; }
  schedules::ScheduleStore& schedules() override { return schedules_; }
  schedules::BulkStore& bulk() override { return bulk_; }
  schedules::BackfillStore& backfills() override { return backfills_; }
  schedules::MaintenanceStore& maintenance() override { return maintenance_; }
  schedules::PublishStore& publishing() override { return publishing_; }
  schedules::RetentionStore& retention() override { return retention_; }
  AlertStore& alert_store() override { return alerts_; }
  SecretStore& secrets() override { return secrets_; }
  RedactionStore& redaction() override { return redaction_; }
  void add_maintenance(std::optional<TenantId> tenant, const schedules::Maintenance& m) override {
    auto text = [](std::optional<Instant> t) { return t ? "'" + format_instant(*t) + "'" : std::string("NULL"); };
    test::query(url_, std::string("INSERT INTO ") + (tenant ? "maintenance" : "system_maintenance") + " (" + (tenant ? "tenant_id, " : "") +
                                         "id, since, until, ended_at, reason, actor) VALUES (" + (tenant ? "'" + tenant->to_string() + "', " : "") +
                                         "gen_random_uuid(), " + text(m.since) + ", " + text(m.until) + ", " + text(m.ended_at) + ", '" + m.reason +
                                         "', '" + m.actor + "')");
  }
  void end_maintenance(Instant at) override {
    for (const char* table : {"maintenance", "system_maintenance"})
      test::query(url_, std::string("UPDATE ") + table + " SET ended_at = '" + format_instant(at) + "'");
  }
  std::vector<Alert> alerts(TenantId tenant) override {
    std::vector<Alert> out;
    for (const auto& row : test::query(url_, "SELECT code, object_type, object_id, message, detail FROM alerts WHERE tenant_id = '" +
                                                                tenant.to_string() + "' ORDER BY id"))
      out.push_back({row[0], row[1], Uuid::parse(row[2]).value(), row[3], parse_stored_json(row[4])});
    return out;
  }

 private:
  std::unique_ptr<Clock> clock_ = make_system_clock();
  std::unique_ptr<Rng> rng_ = make_system_rng();
  IdSource ids_{*clock_, *rng_};
  NullLogger log_;
  const test::TestDatabase& database_ = empty_database();
  std::string url_ = database_.connection_string();
  pg::PgDatabase db_{options_for(database_), *rng_, ids_, log_};
  pg::PgTenantStore tenants_;
  pg::PgEventStore events_;
  pg::PgIdempotencyStore answers_;
  pg::PgWorkflowStore workflows_;
  pg::PgJobStore jobs_;
  pg::PgRunStore runs_;
  pg::PgScheduleStore schedules_;
  pg::PgBulkStore bulk_;
  pg::PgBackfillStore backfills_;
  pg::PgMaintenanceStore maintenance_;
  pg::PgPublishStore publishing_;
  pg::PgRetentionStore retention_;
  pg::PgAlertStore alerts_;
  test::TempDir home_{"carillon-keys"};
  KeyFile keys_{prepared(home_.path() / "secrets.keys")};
  pg::PgSecretStore secrets_{keys_};
  pg::PgRedactionStore redaction_;
};

}  // namespace

std::unique_ptr<StoreSet> make_store_set() { return std::make_unique<PgStoreSet>(); }

}  // namespace carillon::contract
