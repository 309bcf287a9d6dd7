// The database's own rules: migrations, statements, tenants apart, roles.
#include <gtest/gtest.h>

#include "persistence/core/pg_database.h"
#include "persistence/core/sql.h"
#include "persistence/migrate/migrator.h"
#include "tests/support/http_sink.h"
#include "tests/support/hub_fixture.h"

using namespace carillon;
using namespace carillon::test;

namespace {

const std::vector<std::string> kLines = {"core", "schedules", "legacy"};
NullLogger quiet;

Result<int> migrated(const TestDatabase& database) { return pg::Migrator(database.connection_string(), "", quiet).migrate(kLines); }

int embedded_count() { return static_cast<int>(pg::embedded_migrations().size()); }

/// "" or what the server said against it.
std::string refusal(const std::string& url, const std::string& sql) {
  try {
    query(url, sql);
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return "";
}

/// Hears everything and does nothing, so that a position is kept.
class QuietPlugin final : public Plugin {
 public:
  std::string id() const override { return "quiet"; }
  std::string version() const override { return "1"; }
  void contribute(PluginHost& host) override { host.listener(std::make_unique<Ear>()); }

 private:
  class Ear final : public Listener {
   public:
    std::string name() const override { return "quiet"; }
    void on_events(const EventBatch&) override {}
  };
};

}  // namespace

TEST(Migrations, FromEmptyOnceAndThenNothing) {
  TestDatabase database = TestServer::shared().create_database();
  EXPECT_EQ(migrated(database).value(), embedded_count());
  EXPECT_EQ(migrated(database).value(), 0);
  const auto states = pg::Migrator(database.connection_string(), "", quiet).plan(kLines).value();
  for (const auto& state : states) EXPECT_TRUE(state.applied) << state.migration.name;
}

TEST(Migrations, GoOnWhereTheyWereInterrupted) {
  TestDatabase database = TestServer::shared().create_database();
  const std::string url = database.connection_string();
  query(url, "CREATE TABLE run_steps (in_the_way integer)");
  EXPECT_THROW(std::ignore = migrated(database), std::exception);
  EXPECT_EQ(query_value(url, "SELECT count(*) FROM carillon_migrations"), "1");
  EXPECT_EQ(query_value(url, "SELECT count(*) FROM pg_tables WHERE tablename = 'workflows'"), "0") << "half a file was applied";
  query(url, "DROP TABLE run_steps");
  EXPECT_EQ(migrated(database).value(), embedded_count() - 1);
}

TEST(Migrations, OfTwoMigratorsAtOnceEachFileIsAppliedByOne) {
  TestDatabase database = TestServer::shared().create_database();
  std::atomic<int> applied{0};
  std::vector<std::thread> migrators;
  for (int i = 0; i < 3; ++i) migrators.emplace_back([&] { applied += migrated(database).value_or(-100); });
  for (auto& migrator : migrators) migrator.join();
  EXPECT_EQ(applied, embedded_count());
}

TEST(Migrations, RefuseChangedAndUnknownFiles) {
  TestDatabase database = migrated_database();
  const std::string url = database.connection_string();
  query(url, "INSERT INTO carillon_migrations (line, number, name, checksum) VALUES ('core', 9999, '9999_future.sql', 'x')");
  EXPECT_EQ(migrated(database).error().reason, "MIGRATION_UNKNOWN");
  query(url, "DELETE FROM carillon_migrations WHERE number = 9999; UPDATE carillon_migrations SET checksum = 'x' WHERE line = 'core' AND number = 1");
  EXPECT_EQ(migrated(database).error().reason, "MIGRATION_CHANGED");
}

TEST(Statements, AllPrepareAndAreAllowedUnderTheRoleTheyAreWrittenFor) {
  TestDatabase database = migrated_database();
  std::set<std::string> names;
  ASSERT_GT(pg::all_statements().size(), 50u);
  ASSERT_NE(refusal(database.connection_string("carillon_app"), "PREPARE s AS DELETE FROM runs; EXPLAIN EXECUTE s"), "")
      << "EXPLAIN does not look at grants, so this test shows nothing";
  for (const pg::Sql* sql : pg::all_statements()) {
    EXPECT_TRUE(names.insert(sql->name).second) << sql->name << " is the name of two statements";
    const std::string url = database.connection_string(sql->scope == pg::Scope::app      ? "carillon_app"
                                                       : sql->scope == pg::Scope::system ? "carillon_system"
                                                                                         : "");
    // EXPLAIN checks the grants, which PREPARE alone does not.
    const std::string prepare = "PREPARE s AS " + std::string(sql->text);
    EXPECT_EQ(refusal(url, prepare), "") << sql->name;
    int parameters = 0;
    while (std::string_view(sql->text).find("$" + std::to_string(parameters + 1)) != std::string_view::npos) ++parameters;
    std::string arguments;
    for (int i = 0; i < parameters; ++i) arguments += i == 0 ? "(NULL" : ", NULL";
    EXPECT_EQ(refusal(url, prepare + "; EXPLAIN EXECUTE s" + arguments + (parameters > 0 ? ")" : "")), "") << sql->name;
  }
}

TEST(RowSecurity, KeepsTenantsApartInEveryTable) {
  HttpSink sink;
  HubFixtureOptions options;
  options.plugins = [](const HubParts&) {
    std::vector<std::unique_ptr<Plugin>> out;
    out.push_back(std::make_unique<QuietPlugin>());
    return out;
  };
  HubFixture fixture(std::move(options));
  std::vector<std::string> tenants;
  for (int i = 0; i < 2; ++i) {
    const TestTenant tenant = fixture.tenant();
    const Api& api = tenant.api;
    tenants.push_back(api.read("/api/v1/session")["tenant"]["id"]);
    api.make("/api/v1/session", {{"email", tenant.email}, {"password", kTestPassword}});
    api.make("/api/v1/api-keys", {{"name", "K"}, {"role", "viewer"}});
    const std::string w = api.workflow("W", posting_workflow(sink.url()));
    api.make("/api/v1/schedules", {{"workflow_id", w}, {"name", "S"}, {"timing", {{"kind", "interval"}, {"every", 1}, {"unit", "seconds"}}}, {"payload", {{"a", 1}}}},
             {{"Idempotency-Key", "k"}});
    const std::string waits = api.workflow("Waits", "document: {dsl: '1.0.0', namespace: t, name: n, version: '1.0.0'}\ndo: [{a: {wait: {hours: 1}}}]\n");
    api.make("/api/v1/workflows/" + waits + "/runs", Json::object());
  }
  ASSERT_TRUE(eventually([&] { return fixture.sql("SELECT count(*) FROM schedule_stats") == "2"; }));
  ASSERT_TRUE(eventually([&] { return fixture.sql("SELECT count(*) FROM listener_positions") == "2"; }));
  fixture.stop();

  const std::string owner = fixture.database().connection_string(), app = fixture.database().connection_string("carillon_app");
  // What only rare moments write.
  const std::string nil = "'00000000-0000-7000-8000-000000000000'";
  for (const auto& tenant : tenants) {
    const std::string of = " SELECT '" + tenant + "', ";
    const std::string schedule = "(SELECT id FROM schedules WHERE tenant_id = '" + tenant + "' LIMIT 1)";
    for (const std::string& row :
         {"alerts" + of + nil + ", now(), 'C', 'schedule', " + nil + ", 'm', '{}'",
          "backlog" + of + schedule + ", now(), now(), 'catchup', now(), '', 1", "overlap_scopes" + of + "'k:1'",
          "maintenance" + of + nil + ", now(), NULL, NULL, 'r', 'a'",
          "backfills" + of + nil + ", " + schedule + ", now(), now(), 1, false, 'done', 0, now(), 'a'",
          "backfill_items" + of + nil + ", now(), " + schedule + ", 'waiting'",
          "secrets" + of + "'s', 'k', 'w', 'v', now(), now(), 'a'", "redaction_settings" + of + "'{pin}', 1, now(), 'a'",
          "publish_verdicts" + of + "(SELECT workflow_id FROM workflow_versions WHERE tenant_id = '" + tenant + "' LIMIT 1), 1, 0, '[]'",
          "legacy_imports" + of + "'row', '1', NULL, '{}', now()",
          "bulk_jobs" + of + nil + ", 'pause', '{}', 'done', 0, 0, 0, NULL, now(), 'a', '{}'",
          "bulk_items" + of + nil + ", 1, " + schedule + ", 'n', 'done'"})
      query(owner, "INSERT INTO " + row);
  }
  const auto tables = query(owner, "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid "
                                   "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND a.attname = 'tenant_id' ORDER BY 1");
  ASSERT_GT(tables.size(), 15u);
  for (const auto& row : tables) {
    const std::string& table = row[0];
    const auto count = [&](const std::string& where) { return query_value(owner, "SELECT count(*) FROM " + table + " WHERE " + where); };
    for (const auto& tenant : tenants) EXPECT_NE(count("tenant_id = '" + tenant + "'"), "0") << "nothing is tried on " << table;
    const std::string as_first = "SET app.tenant_id = '" + tenants[0] + "'; ";
    if (query_value(owner, "SELECT has_any_column_privilege('carillon_app', '" + table + "', 'SELECT')") == "t") {
      EXPECT_EQ(query_value(app, "SELECT count(*) FROM " + table), "0") << table;
      EXPECT_EQ(query_value(app, as_first + "SELECT count(*) FROM " + table), count("tenant_id = '" + tenants[0] + "'")) << table;
      EXPECT_EQ(query_value(app, as_first + "SELECT count(*) FROM " + table + " WHERE tenant_id = '" + tenants[1] + "'"), "0") << table;
    } else {
      EXPECT_NE(refusal(app, as_first + "SELECT count(*) FROM " + table), "") << table;
    }
    const std::string before = query_value(owner, "SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM " + table + " t WHERE tenant_id = '" + tenants[1] + "'");
    refusal(app, as_first + "DELETE FROM " + table + " WHERE tenant_id = '" + tenants[1] + "'");
    refusal(app, as_first + "UPDATE " + table + " SET tenant_id = '" + tenants[0] + "' WHERE tenant_id = '" + tenants[1] + "'");
    EXPECT_NE(refusal(app, as_first + "UPDATE " + table + " SET tenant_id = '" + tenants[1] + "' WHERE tenant_id = '" + tenants[0] + "'"), "") << table;
    EXPECT_NE(refusal(app, as_first + "INSERT INTO " + table + " (tenant_id) VALUES ('" + tenants[1] + "')"), "") << table;
    EXPECT_EQ(query_value(owner, "SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM " + table + " t WHERE tenant_id = '" + tenants[1] + "'"), before) << table;
  }
}

namespace {

Status checked(const TestDatabase& database, const std::string& app_user, const std::string& system_user = "carillon_system") {
  const auto clock = make_system_clock();
  const auto rng = make_system_rng();
  IdSource ids(*clock, *rng);
  pg::PgOptions options;
  options.app_url = database.connection_string(app_user);
  options.system_url = database.connection_string(system_user);
  return pg::PgDatabase(options, *rng, ids, quiet).check_roles();
}

}  // namespace

TEST(Roles, ThatWouldSeeTooMuchAreRefused) {
  TestDatabase database = migrated_database();
  const std::string owner = database.connection_string();
  EXPECT_TRUE(checked(database, "carillon_app").has_value());
  const auto expect_refused = [&](const Status& status, const std::string& what) {
    ASSERT_FALSE(status.has_value()) << what;
    EXPECT_EQ(status.error().reason, "UNSAFE_DATABASE_ROLE");
    EXPECT_NE(status.error().message.find(what), std::string::npos) << status.error().message;
    EXPECT_FALSE(status.error().remedy.empty());
  };
  expect_refused(checked(database, "carillon_owner"), "superuser");
  expect_refused(checked(database, "carillon_app", "carillon_owner"), "superuser");
  query(owner, "CREATE ROLE carillon_bypass LOGIN BYPASSRLS");
  expect_refused(checked(database, "carillon_bypass"), "BYPASSRLS");
  query(owner, "DROP ROLE carillon_bypass; ALTER TABLE fires OWNER TO carillon_app");
  expect_refused(checked(database, "carillon_app"), "owns the table fires");
  query(owner, "ALTER TABLE fires OWNER TO carillon_owner; ALTER TABLE runs DISABLE ROW LEVEL SECURITY");
  expect_refused(checked(database, "carillon_app"), "runs without row-level security");
}
