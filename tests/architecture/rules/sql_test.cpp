#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "persistence/core/sql.h"
#include "tests/architecture/rules/sql_rules.h"

namespace carillon::architecture {
namespace {

using testing::IsEmpty;
using testing::Not;

SqlScope scope_of(pg::Scope scope) {
  return scope == pg::Scope::app ? SqlScope::app : scope == pg::Scope::system ? SqlScope::system : SqlScope::owner;
}

TEST(Sql, EveryStatementRunsDistributedByTenant) {
  const auto tables = tenant_tables_of(read_tree(CARILLON_SOURCE_DIR));
  EXPECT_THAT(tables, testing::IsSupersetOf({"runs", "schedules", "fires", "registrations"}));
  Findings found;
  std::set<std::string> names;
  for (const pg::Sql* sql : pg::all_statements()) {
    EXPECT_TRUE(names.insert(sql->name).second) << "two statements are called " << sql->name << "; the second would never be prepared";
    for (auto& finding : check_statement(sql->name, sql->text, scope_of(sql->scope), tables)) found.push_back(std::move(finding));
  }
  EXPECT_GT(names.size(), 50u);
  EXPECT_TRUE(found.empty()) << print(found);
}

TEST(Sql, EveryMigrationKeepsTheShape) {
  const Findings found = check_migrations(read_tree(CARILLON_SOURCE_DIR));
  EXPECT_TRUE(found.empty()) << print(found);
}

const std::set<std::string> kTables = {"runs", "run_queue", "schedules", "registrations"};

Findings app(std::string_view sql) { return check_statement("sample", sql, SqlScope::app, kTables); }
Findings system_scope(std::string_view sql) { return check_statement("sample", sql, SqlScope::system, kTables); }

TEST(Sql, CatchesStatementsThatForgetTheTenant) {
  const char* bad[] = {
      "SELECT id FROM runs WHERE id = $1",
      "SELECT id FROM runs WHERE tenant_id <> $1",
      "SELECT r.id FROM runs r JOIN schedules s ON s.id = r.schedule_id WHERE r.tenant_id = $1",
      "SELECT r.id FROM runs r JOIN schedules s ON s.tenant_id = r.tenant_id WHERE r.tenant_id = $1",
      "SELECT id FROM runs WHERE tenant_id = $1 AND id IN (SELECT run_id FROM run_queue WHERE priority = 1)",
      "UPDATE runs SET state = 1 WHERE id = $1",
      "DELETE FROM run_queue WHERE run_id = $1",
      "INSERT INTO runs (id, tenant_id) VALUES ($1, $2)",
      "INSERT INTO runs VALUES ($1, $2)",
      "INSERT INTO runs (tenant_id, id) VALUES ('x', $1)",
      "INSERT INTO runs (tenant_id, id) SELECT $1, i FROM unnest($2::uuid[]) AS i",
  };
  for (const char* sql : bad) EXPECT_THAT(app(sql), Not(IsEmpty())) << sql;
  EXPECT_THAT(system_scope("SELECT id FROM runs WHERE state = 0"), Not(IsEmpty()));
  EXPECT_THAT(system_scope("SELECT r.id FROM runs r JOIN unnest($1::uuid[], $2::uuid[]) AS k(t, i) ON r.tenant_id = k.t FOR UPDATE OF r"),
              Not(IsEmpty()));
}

TEST(Sql, CatchesWhatADistributedDatabaseRefuses) {
  const char* bad[] = {
      "UPDATE runs SET started_at = now() WHERE tenant_id = $1",
      "DELETE FROM runs WHERE tenant_id = $1 AND created_at < clock_timestamp()",
      "UPDATE registrations SET due_at = due_at + $2 WHERE tenant_id = $1",
      "SELECT id FROM runs WHERE tenant_id = $1 AND created_at > $2::timestamptz - interval '1 day'",
      "SELECT set_config('app.tenant_id', $1, true)",
      "MERGE INTO runs USING x ON true WHEN MATCHED THEN DELETE",
      "SELECT state, count(*) FROM runs WHERE tenant_id = $1 GROUP BY ROLLUP (state)",
      "WITH RECURSIVE w AS (SELECT 1) SELECT * FROM w",
      "SELECT 1 FROM unnest($1::uuid[]) AS t, LATERAL (SELECT id FROM runs WHERE tenant_id = $2 LIMIT 1) AS l",
      "WITH d AS (DELETE FROM runs WHERE tenant_id = $1 RETURNING id) SELECT id FROM d",
      "SELECT pg_notify('runs', id::text) FROM runs WHERE tenant_id = $1",
      "SELECT pg_advisory_lock(1)",
      "INSERT INTO runs (tenant_id, id) VALUES ($1, gen_random_uuid())",
      "SELECT 1; SELECT 2",
  };
  for (const char* sql : bad) EXPECT_THAT(app(sql), Not(IsEmpty())) << sql;
}

TEST(Sql, LetsGoodStatementsPass) {
  const char* good[] = {
      "SELECT id FROM runs WHERE tenant_id = $1 AND state = 'now ()'",
      "SELECT r.id FROM runs r JOIN schedules s ON s.tenant_id = $1 AND s.id = r.schedule_id WHERE r.tenant_id = $1 FOR UPDATE OF r",
      "INSERT INTO runs (tenant_id, id) VALUES ($1, $2) ON CONFLICT (tenant_id, id) DO UPDATE SET id = EXCLUDED.id",
      "INSERT INTO runs (tenant_id, id) SELECT $1, i FROM unnest($2::uuid[]) AS i ON CONFLICT DO NOTHING",
      "SELECT pg_notify('carillon', $1)",
  };
  for (const char* sql : good) EXPECT_TRUE(app(sql).empty()) << sql << "\n" << print(app(sql));
}

const std::string kGood = R"(
  CREATE TABLE things (tenant_id uuid NOT NULL, id uuid NOT NULL, name text, PRIMARY KEY (tenant_id, id));
  ALTER TABLE things ENABLE ROW LEVEL SECURITY;
  CREATE POLICY things_app ON things TO carillon_app
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
  CREATE POLICY things_system ON things TO carillon_system USING (true) WITH CHECK (true);
  GRANT SELECT ON things TO carillon_app;)";

Findings migration(const std::string& sql) { return check_migrations({{"migrations/core/0001_things.sql", sql}}); }

std::string changed(const std::string& from, const std::string& to) {
  std::string out = kGood;
  const auto at = out.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return out.replace(at, from.size(), to);
}

TEST(Migrations, CatchesTablesThatForgetTheTenant) {
  EXPECT_TRUE(migration(kGood).empty()) << print(migration(kGood));
  const std::string bad[] = {
      changed("PRIMARY KEY (tenant_id, id)", "PRIMARY KEY (id, tenant_id)"),
      changed(", PRIMARY KEY (tenant_id, id)", ""),
      changed("tenant_id uuid NOT NULL, id uuid NOT NULL", "id uuid NOT NULL, tenant_id uuid NOT NULL"),
      changed("name text", "name text UNIQUE"),
      changed("name text", "name text REFERENCES things (id)"),
      changed("name text", "name text, FOREIGN KEY (name) REFERENCES things (id)"),
      changed("ALTER TABLE things ENABLE ROW LEVEL SECURITY", "SELECT 1"),
      changed("nullif(current_setting('app.tenant_id', true), '')", "current_setting('app.tenant_id')"),
      changed("GRANT SELECT ON things TO carillon_app", "SELECT 1"),
      kGood + "CREATE UNIQUE INDEX things_name ON things (name);",
      kGood + "CREATE TABLE shared (id uuid PRIMARY KEY, t uuid, FOREIGN KEY (t) REFERENCES things (id));",
      kGood + "CREATE POLICY more ON things TO carillon_app USING (true) WITH CHECK (true);",
  };
  for (const auto& sql : bad) EXPECT_THAT(migration(sql), Not(IsEmpty())) << sql;
}

TEST(Migrations, CatchesWhatMayNotBeUsed) {
  for (const char* sql : {"CREATE TRIGGER t BEFORE UPDATE ON things EXECUTE FUNCTION f()", "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER",
                          "ALTER TABLE things FORCE ROW LEVEL SECURITY", "CREATE POLICY p ON things AS RESTRICTIVE TO carillon_app USING (true)",
                          "ALTER TABLE things ADD FOREIGN KEY (tenant_id, id) REFERENCES things (tenant_id, id) ON DELETE SET NULL",
                          "CREATE VIEW v AS SELECT 1", "ALTER TABLE things ADD COLUMN n serial", "GRANT SELECT ON things TO PUBLIC"})
    EXPECT_THAT(migration(kGood + sql + ";"), Not(IsEmpty())) << sql;
}

}  // namespace
}  // namespace carillon::architecture
