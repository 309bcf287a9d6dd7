// A database of the old shape becomes schedules: what expected.md says, to the letter, and no more than once.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <pqxx/pqxx>

#include "persistence/embedded/cluster.h"
#include "tests/pg/legacy/old_database.h"

using namespace carillon;
using namespace carillon::test;
using ::testing::AllOf;
using ::testing::HasSubstr;

namespace {

const LegacyRequest kDryRun{"", "legacy", "", true, false};
const LegacyRequest kBack{"", "legacy", "", false, true};

Result<LegacyReport> imported(const std::string& url, const LegacyRequest& request) {
  NullLogger quiet;
  return import_legacy(url, request, quiet);
}

/// The first two characters of each line of the table in expected.md: the old records it speaks of.
std::set<std::string> expected_records() {
  std::set<std::string> out;
  std::istringstream in(legacy_file("expected.md"));
  std::string line;
  while (std::getline(in, line))
    if (line.starts_with("| ") && !line.starts_with("| old")) {
      out.insert(line.substr(2, 2));
      if (const auto also = line.find(", 08 "); also != std::string::npos) out.insert("08");
    }
  return out;
}

/// Holds and status of an imported schedule, as the report has it.
void expect_schedule(const Json& line, const std::string& status, const std::string& name, const std::string& reason) {
  ASSERT_EQ(line["became"], "schedule") << line;
  EXPECT_EQ(line["schedule"]["status"], status) << line;
  EXPECT_EQ(line["schedule"]["name"], name) << line;
  EXPECT_THAT(line["reason"].get<std::string>(), HasSubstr(reason));
  EXPECT_EQ(line["schedule"]["holds"].size(), status == "active" ? 0u : 1u) << line;
  EXPECT_EQ(line["schedule"]["next_due_at"].is_string(), status == "active") << line;
}

Json cron_timing(const std::string& cron, const std::string& zone) { return {{"kind", "cron"}, {"cron", cron}, {"zone", zone}}; }

}  // namespace

TEST(LegacyImport, MakesOfEachOldRecordWhatIsExpected) {
  OldDatabase db(migrated_database());
  const std::string before = db.sql("SELECT now()");
  const LegacyReport imported = db.import();
  EXPECT_FALSE(imported.failed) << imported.text;
  const Json& report = imported.document;
  std::set<std::string> seen;
  const auto row = [&](const std::string& last) { return seen.insert(last), line_of(report, row_id(last)); };
  const auto workflow = [&](const std::string& last) { return seen.insert(last), line_of(report, workflow_id(last)); };

  Json line = row("01");
  expect_schedule(line, "active", "Nightly sync", "");
  EXPECT_EQ(line["schedule"]["timing"], cron_timing("0 2 * * *", "Europe/Berlin"));
  EXPECT_EQ(line["schedule"]["last_fire_at"], "2025-11-20T01:00:00Z");
  line = row("02");
  expect_schedule(line, "paused", "Nightly sync", "Paused");
  EXPECT_TRUE(line["schedule"]["holds"].contains("user"));
  EXPECT_EQ(line["workflow"]["name"], "Nightly sync (2)") << "names of workflows are unique in the hub";
  line = row("03");
  expect_schedule(line, "active", "Year-end close", "");
  EXPECT_EQ(line["schedule"]["next_due_at"], "2099-12-31T22:00:00Z");
  line = row("04");
  expect_schedule(line, "expired", "Old one-off", "runner unreachable");
  line = workflow("05");
  EXPECT_EQ(line["became"], "report");
  EXPECT_THAT(line["reason"].get<std::string>(), HasSubstr("Not schedulable until"));
  EXPECT_EQ(line["old"]["trigger"], Json({{"type", "recurring"}, {"cron", "0 9 * * 1"}, {"timezone", "UTC"}}));
  line = row("06");
  expect_schedule(line, "invalid", "Inferred", "No pinned payload schema");
  for (const char* last : {"07", "08"}) EXPECT_EQ(workflow(last)["became"], "untouched") << last;
  line = row("09");
  expect_schedule(line, "invalid", "Bad zone", "no time zone");
  EXPECT_THAT(line["reason"].get<std::string>(), AllOf(HasSubstr("Mars/Olympus"), HasSubstr("Use an IANA zone name such as")));
  line = row("0a");
  expect_schedule(line, "invalid", "Bad cron", "99");
  EXPECT_THAT(line["reason"].get<std::string>(), AllOf(HasSubstr("99 is outside the minute field"), HasSubstr("failed: cron")));
  line = row("0b");
  expect_schedule(line, "invalid", "Needs a payload", "region");
  line = workflow("0c");
  expect_schedule(line, "paused", "Trigger without a row", "had no registration");
  EXPECT_EQ(line["schedule"]["timing"], cron_timing("0 6 * * 1-5", "Asia/Tokyo"));
  line = row("0d");
  expect_schedule(line, "paused", "Migrated schedule", "Disabled");
  line = row("ff");
  EXPECT_EQ(line["became"], "report");
  EXPECT_THAT(line["reason"].get<std::string>(), HasSubstr("Orphan"));
  EXPECT_EQ(line["old"]["row"]["cron"], "0 6 * * *");
  EXPECT_EQ(line["old"]["row"]["job_id"], "jf");
  EXPECT_EQ(seen, expected_records()) << "expected.md speaks of other records";
  EXPECT_EQ(report["changed"], 14);
  EXPECT_THAT(row("01")["notes"].dump(), HasSubstr("its runs fail until a new definition is published"));

  // The same in the tables.
  const auto of = [&](const std::string& table, const std::string& what, const std::string& last) {
    return db.sql("SELECT " + what + " FROM " + table + " WHERE id = '" + row_id(last) + "'");
  };
  EXPECT_EQ(db.sql("SELECT count(*) FROM schedules WHERE deleted_at IS NULL"), "10");
  EXPECT_EQ(db.sql("SELECT count(*) FROM schedules WHERE payload <> '{}' OR created_by <> 'import' OR bound_version <> 1"), "0");
  EXPECT_EQ(of("registrations", "last_fired_at = '2025-11-20T01:00:00Z' AND last_verdict = 'started'", "01"), "t");
  EXPECT_EQ(of("registrations", "due_at > '" + before + "' AND due_at < '" + before + "'::timestamptz + interval '25 hours'", "01"), "t");
  EXPECT_EQ(db.sql("SELECT count(*) FROM registrations WHERE kind = 'schedule' AND due_at IS NOT NULL"), "2") << "only 01 and 03 promise anything";
  EXPECT_EQ(of("schedules", "holds->'invalid'->'violations'->0->>'keyword' || ' ' || (holds->'invalid'->>'reason' LIKE '%region%')", "0b"), "required true");
  EXPECT_EQ(db.sql("SELECT count(*) FROM runs"), "0");
  EXPECT_EQ(db.sql("SELECT count(*) FROM fires"), "0");
  EXPECT_EQ(db.sql("SELECT count(*) FROM audit_log WHERE action = 'schedules.import' AND actor_name = 'import'"), "10");
  EXPECT_EQ(db.sql("SELECT count(*) FROM schedule_versions WHERE action = 'schedules.import'"), "10");
  EXPECT_EQ(db.sql("SELECT count(*) FROM workflows w JOIN workflow_drafts d ON d.workflow_id = w.id WHERE d.text LIKE '%recurring%' OR d.text LIKE '%runAt%'"), "0");
  EXPECT_EQ(db.sql("SELECT count(*) FROM workflows"), "13");
  EXPECT_EQ(db.sql("SELECT count(*) FROM workflow_versions v JOIN legacy.workflow_definition_versions o ON o.workflow_id = v.workflow_id "
                   "AND o.version = v.number AND o.definition_json::text = v.text"), "12") << "published texts are kept";
  EXPECT_EQ(db.sql("SELECT trigger || ' ' || (SELECT text::jsonb->'trigger'->>'eventName' FROM workflow_drafts d WHERE d.workflow_id = w.id) FROM workflows w "
                   "WHERE name = 'On ticket created'"), "event TICKET_CREATED");
}

TEST(LegacyImport, DryRunSaysEverythingAndChangesNothing) {
  OldDatabase db(migrated_database());
  const std::string before = db.contents();
  const LegacyReport tried = db.import(kDryRun);
  EXPECT_EQ(db.contents(), before);
  EXPECT_THAT(tried.text, AllOf(HasSubstr("14 records would be imported"), HasSubstr("nothing was changed"), HasSubstr("Mars/Olympus"), HasSubstr("Orphan")));
  EXPECT_EQ(tried.document["dry_run"], true);
  const LegacyReport done = db.import();
  EXPECT_NE(db.contents(), before);
  EXPECT_EQ(tried.document["tenants"].size(), done.document["tenants"].size());
  for (std::size_t t = 0; t < done.document["tenants"].size(); ++t) {
    const Json &was = tried.document["tenants"][t]["lines"], &is = done.document["tenants"][t]["lines"];
    ASSERT_EQ(was.size(), is.size());
    for (std::size_t n = 0; n < is.size(); ++n)
      for (const char* key : {"kind", "old_id", "became", "notes", "old", "workflow"}) EXPECT_EQ(was[n].value(key, Json()), is[n].value(key, Json()));
  }
}

TEST(LegacyImport, SecondRunChangesNothingAndSaysSo) {
  OldDatabase db(migrated_database());
  const LegacyReport first = db.import();
  const std::string after = db.contents();
  const LegacyReport second = db.import();
  EXPECT_EQ(db.contents(), after);
  EXPECT_EQ(second.document["changed"], 0);
  EXPECT_EQ(second.document["unchanged"], 14);
  EXPECT_THAT(second.text, HasSubstr("no change"));
  for (const auto& tenant : first.document["tenants"])
    for (Json line : tenant["lines"]) {
      line["unchanged"] = true;
      EXPECT_EQ(line_of(second.document, line["old_id"]), line) << "the report of a record is kept";
    }
  // What the old hub got in between is imported, and it alone.
  query(db.url(), "INSERT INTO legacy.workflow_schedules (id, tenant_id, workflow_id, workflow_version, trigger_type, cron, timezone, enabled, status) VALUES ('" +
                      row_id("08") + "', '" + kFirstTenant + "', '" + workflow_id("08") + "', 7, 'recurring', '@daily', NULL, true, 'scheduled')");
  const Json third = db.import().document;
  EXPECT_EQ(third["changed"], 1);
  const Json line = line_of(third, row_id("08"));
  expect_schedule(line, "active", "Manual", "");
  EXPECT_EQ(line["schedule"]["timing"], cron_timing("@daily", "UTC"));
  EXPECT_THAT(line["notes"].dump(), HasSubstr("version 7"));
}

TEST(LegacyImport, OddRecordsAreNotLostEither) {
  OldDatabase db(migrated_database());
  const std::string insert = "INSERT INTO legacy.workflow_schedules (id, tenant_id, workflow_id, workflow_version, trigger_type, run_at, cron, timezone, enabled, "
                             "status, last_fire_at, last_error) VALUES ";
  const auto workflow = [&](const std::string& last, const std::string& tenant, const std::string& name) {
    query(db.url(), "INSERT INTO legacy.workflow_definitions VALUES ('" + workflow_id(last) + "', '" + tenant + "', '" + name + "', 'published', 'pinned', NULL, '{}'); "
                    "INSERT INTO legacy.workflow_definition_versions VALUES ('" + workflow_id(last) + "', 1, '{}', '{\"type\":\"object\"}', '2025-06-01')");
  };
  const auto row = [&](const std::string& last, const std::string& tenant, const std::string& values) {
    query(db.url(), insert + "('" + row_id(last) + "', '" + tenant + "', '" + workflow_id(last) + "', 1, " + values + ")");
  };
  for (const char* last : {"c1", "c2", "c3", "c4", "c5"}) workflow(last, kFirstTenant, last);
  row("c1", kFirstTenant, "'recurring', NULL, '@daily', 'UTC', true, 'failed', NULL, 'no room'");
  row("c2", kFirstTenant, "'recurring', NULL, '@daily', 'UTC', true, 'quiescent', NULL, NULL");
  row("c3", kFirstTenant, "'schedule', 'infinity', NULL, NULL, true, 'scheduled', NULL, NULL");
  row("c4", kFirstTenant, "'schedule', '2024-01-01', NULL, NULL, false, 'completed', '2024-01-01', NULL");
  row("c5", kFirstTenant, "'moon', NULL, NULL, NULL, true, 'scheduled', NULL, NULL");
  workflow("c6", "acme", "In a tenant without a UUID");
  row("c6", "acme", "'recurring', NULL, '@daily', 'UTC', true, 'scheduled', NULL, NULL");
  query(db.url(), "UPDATE legacy.workflow_definition_versions SET payload_schema_json = '{\"type\":\"nothing\"}' WHERE workflow_id = '" + workflow_id("01") + "'");

  const LegacyReport report = db.import();
  expect_schedule(line_of(report.document, row_id("c1")), "failed", "c1", "no room");
  expect_schedule(line_of(report.document, row_id("c2")), "paused", "c2", "quiescent");
  expect_schedule(line_of(report.document, row_id("c3")), "invalid", "c3", "no time to run at");
  expect_schedule(line_of(report.document, row_id("c4")), "completed", "c4", "completed it");
  expect_schedule(line_of(report.document, row_id("c5")), "invalid", "c5", "moon");
  expect_schedule(line_of(report.document, row_id("01")), "invalid", "Nightly sync", "No pinned payload schema");
  EXPECT_THAT(line_of(report.document, row_id("01"))["notes"].dump(), HasSubstr("cannot be used"));
  EXPECT_TRUE(report.failed);
  const Json lost = line_of(report.document, row_id("c6"));
  EXPECT_EQ(lost["old"]["row"]["tenant_id"], "acme");
  EXPECT_THAT(report.text, HasSubstr("neither a UUID nor the slug"));
  // A tenant of that slug takes it.
  query(db.url(), "INSERT INTO tenants VALUES ('33333333-3333-4333-8333-333333333333', 'acme', 'Acme', 'Asia/Tokyo', now())");
  const LegacyReport again = db.import();
  EXPECT_FALSE(again.failed) << again.text;
  EXPECT_EQ(again.document["changed"], 1);
  expect_schedule(line_of(again.document, row_id("c6")), "active", "In a tenant without a UUID", "");
}

namespace {

/// `carillon import inline-triggers` as a process of its own.
embedded::Child start_import(const std::string& url, const std::filesystem::path& home) {
  embedded::ChildRequest request;
  request.argv = {CARILLON_PROGRAM, "import", "inline-triggers", "--json", "--home", home.string(), "--database-url", url};
  request.environment = embedded::program_environment();
  request.death_signal = SIGKILL;
  request.output_fd = ::open((home / "import.log").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  auto child = embedded::spawn(request);
  ::close(request.output_fd);
  if (!child) throw std::runtime_error(child.error().message);
  return std::move(*child);
}

}  // namespace

TEST(LegacyImport, KilledInTheMiddleOfATenantLeavesItWholeOrUntouched) {
  OldDatabase db(migrated_database());
  TempDir home("carillon-import");
  query(db.url(), "INSERT INTO tenants VALUES ('" + std::string(kSecondTenant) + "', 'second', 'Second', 'UTC', now())");
  {
    // The line of 0b is waited for: by then the first tenant is done, and of the second two schedules are written.
    pqxx::connection holder(db.url());
    pqxx::work held(holder);
    held.exec("INSERT INTO legacy_imports VALUES ('" + std::string(kSecondTenant) + "', 'row', '" + row_id("0b") + "', NULL, '{}', now())");
    auto child = start_import(db.url(), home.path());
    ASSERT_TRUE(eventually([&] {
      return db.sql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'carillon_app' AND wait_event_type = 'Lock'") == "1";
    }));
    child.signal(SIGKILL);
    child.wait(-1, std::chrono::seconds(10));
    EXPECT_FALSE(child.succeeded());
  }
  ASSERT_TRUE(eventually([&] {
    return db.sql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'carillon_app'") == "0";
  }));
  const auto count = [&](const std::string& table, const std::string& tenant) {
    return db.sql("SELECT count(*) FROM " + table + " WHERE tenant_id = '" + tenant + "'");
  };
  EXPECT_EQ(count("legacy_imports", kFirstTenant), "8");
  EXPECT_EQ(count("schedules", kFirstTenant), "5");
  for (const char* table : {"legacy_imports", "schedules", "workflows", "workflow_versions", "registrations", "audit_log", "events"})
    EXPECT_EQ(count(table, kSecondTenant), "0") << table;
  auto child = start_import(db.url(), home.path());
  child.wait(-1, std::chrono::seconds(30));
  EXPECT_TRUE(child.succeeded()) << child.status();
  EXPECT_EQ(count("legacy_imports", kFirstTenant), "8");
  EXPECT_EQ(count("legacy_imports", kSecondTenant), "6");
  EXPECT_EQ(count("schedules", kSecondTenant), "5");
}

TEST(LegacyImport, TwoAtOnceImportEachRecordOnce) {
  OldDatabase db(migrated_database());
  std::atomic<int> changed{0};
  std::vector<std::thread> both;
  for (int i = 0; i < 2; ++i)
    both.emplace_back([&] {
      if (auto report = imported(db.url(), {"", "legacy", "", false, false})) changed += report->document["changed"].get<int>();
      else ADD_FAILURE() << report.error().message;
    });
  for (auto& one : both) one.join();
  EXPECT_EQ(changed, 14);
  EXPECT_EQ(db.sql("SELECT count(*) FROM schedules"), "10");
  EXPECT_EQ(db.sql("SELECT count(*) FROM actors"), "2");
}

TEST(LegacyImport, IsNotTakenBackWhereAWorkflowHasSeveralSchedules) {
  OldDatabase db(migrated_database());
  db.import();
  const std::string copy = "b0000000-0000-4000-8000-000000000001";
  const std::string columns = "workflow_id, bound_version, description, labels, kind, timing, jitter_us, missed, overlap, priority, payload, holds, "
                              "settled_until, revision, created_at, updated_at, created_by";
  query(db.url(), "INSERT INTO schedules (tenant_id, id, name, " + columns + ") SELECT tenant_id, '" + copy + "', 'Second', " + columns +
                      " FROM schedules WHERE id = '" + row_id("0d") + "'");
  const std::string before = db.contents();
  auto refused = imported(db.url(), kBack);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "SEVERAL_SCHEDULES");
  EXPECT_THAT(refused.error().message, AllOf(HasSubstr(workflow_id("0d")), HasSubstr("has 2 schedules")));
  EXPECT_EQ(db.contents(), before) << "also the tenants in which nothing stands in the way stay";

  query(db.url(), "UPDATE schedules SET deleted_at = now() WHERE id = '" + copy + "'; UPDATE schedules SET revision = 2 WHERE id = '" + row_id("02") + "'");
  refused = imported(db.url(), kBack);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "SCHEDULES_CHANGED");
}

TEST(LegacyImport, TakenBackItCanBeImportedAgainUnderTheSameIds) {
  OldDatabase db(migrated_database());
  const std::string old = db.sql("SELECT md5(string_agg(s::text, ',' ORDER BY id)) FROM legacy.workflow_schedules s");
  db.import();
  const std::string imported_state = db.contents();
  LegacyRequest trial = kBack;
  trial.dry_run = true;
  EXPECT_EQ(db.import(trial).document["changed"], 14);
  EXPECT_EQ(db.contents(), imported_state);
  EXPECT_THAT(db.import(kBack).text, HasSubstr("14 records taken back"));
  EXPECT_EQ(db.sql("SELECT count(*) FROM schedules WHERE deleted_at IS NULL"), "0");
  EXPECT_EQ(db.sql("SELECT count(*) FROM registrations WHERE kind = 'schedule' AND due_at IS NOT NULL"), "0");
  EXPECT_EQ(db.sql("SELECT md5(string_agg(s::text, ',' ORDER BY id)) FROM legacy.workflow_schedules s"), old);
  EXPECT_THAT(db.import(kBack).text, HasSubstr("Nothing to do"));
  EXPECT_EQ(db.import().document["changed"], 14);
  EXPECT_EQ(db.sql("SELECT count(*) FROM schedules WHERE deleted_at IS NULL"), "10");
  EXPECT_EQ(db.sql("SELECT count(*) FROM schedules WHERE deleted_at IS NULL AND id::text LIKE 'a0%'"), "9");
  EXPECT_EQ(db.sql("SELECT count(*) FROM workflows"), "13");
}

TEST(LegacyImport, RefusesWhatIsNotThere) {
  TestDatabase empty = TestServer::shared().create_database();
  EXPECT_EQ(imported(empty.connection_string(), kDryRun).error().reason, "MIGRATION_PENDING");
  TestDatabase plain = migrated_database();
  EXPECT_EQ(imported(plain.connection_string(), kDryRun).error().reason, "OLD_SHAPE_MISSING");
  EXPECT_EQ(imported(plain.connection_string(), {"host=/nowhere", "legacy", "", true, false}).error().reason, "OLD_SHAPE_UNREADABLE");
  // From another database, under another schema's name.
  TestDatabase elsewhere = TestServer::shared().create_database();
  OldDatabase::fill(elsewhere.connection_string());
  query(elsewhere.connection_string(), "ALTER SCHEMA legacy RENAME TO \"Old Hub\"");
  EXPECT_EQ(imported(plain.connection_string(), {elsewhere.connection_string(), "Old Hub", "", false, false})->document["changed"], 14);
}

TEST(LegacyImport, ARunningHubShowsThemAndEditsReviveWhatWasInvalid) {
  HubFixture fixture;
  const std::string url = fixture.database().connection_string();
  OldDatabase::fill(url);
  ASSERT_TRUE(imported(url, {"", "legacy", "ada@second.example", false, false}).has_value());
  const std::string slug = fixture.sql("SELECT slug FROM tenants WHERE tenant_id = '" + std::string(kSecondTenant) + "'");
  const Api api(fixture.hub().port(), fixture.contract(), fixture.hub().issue_token(slug, "ada@second.example", std::chrono::hours(1)).value());
  EXPECT_EQ(api.read("/api/v1/schedules")["total"], 5);
  const auto path = [](const std::string& last) { return "/api/v1/schedules/" + row_id(last); };
  const auto revived = [&](const std::string& last, const Json& change) {
    EXPECT_EQ(api.read(path(last))["status"], "invalid");
    const HttpAnswer answer = api.patch(path(last), change, 1);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.json()["status"], "active");
    EXPECT_TRUE(answer.json()["next_due_at"].is_string()) << answer.body;
  };
  revived("0b", {{"payload", {{"region", "eu"}}}});
  revived("09", {{"timing", cron_timing("0 9 * * *", "Europe/Athens")}});
  revived("0a", {{"timing", cron_timing("9 9 * * *", "UTC")}});
  EXPECT_EQ(fixture.sql("SELECT count(*) FROM runs"), "0");
  EXPECT_EQ(api.post("/api/v1/schedules/" + row_id("0d") + "/resume", Json::object()).json()["status"], "active");
  // The text of the old version is kept, and the report says that it cannot be run: a run of it fails, and nothing else does.
  const std::string run = api.make("/api/v1/schedules/" + row_id("0d") + "/run", Json::object())["run_id"];
  EXPECT_EQ(api.ended(run)["state"], "failed");
  api.publish(workflow_id("0d"), posting_workflow("http://127.0.0.1:9/"));
  EXPECT_EQ(api.read(path("0d"))["bound_version"], 2);
}
