// Publishing over more schedules than an answer lists: pages, one event for all, what is checked at all, progress.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <pqxx/pqxx>

#include "tests/support/hub_suite.h"

using namespace carillon;
using namespace carillon::test;

namespace {

constexpr int kMany = 1'250;  ///< more than an answer lists

std::string cents_workflow(const std::string& rules, const std::string& more = "") {
  return "document: {dsl: '1.0.0', namespace: test, name: many, version: '1.0.0'}\n"
         "input: {schema: {format: json, document: {type: object, required: [cents], properties: {cents: {" + rules + "}}" + more +
         "}}}\ndo:\n  - done: {set: {ok: true}}\n";
}

class PublishingMany : public HubSuite<PublishingMany> {
 protected:
  void SetUp() override { add_many(kMany); }
  /// S00001 … with the payloads {"cents":1} …, each due tomorrow, made as the API made the first.
  void add_many(int count) {
    const std::string first = api.make("/api/v1/schedules", {{"workflow_id", workflow_}, {"name", "S00001"}, {"payload", {{"cents", 1}}},
                                                              {"timing", {{"kind", "cron"}, {"cron", "0 3 * * *"}, {"zone", "UTC"}}}})["id"];
    change("INSERT INTO schedules (tenant_id, id, workflow_id, bound_version, name, description, labels, kind, timing, jitter_us, missed, "
                 "overlap, priority, payload, holds, settled_until, revision, created_at, updated_at, created_by) SELECT tenant_id, "
                 "gen_random_uuid(), workflow_id, bound_version, 'S' || lpad(n::text, 5, '0'), description, labels, kind, timing, jitter_us, missed, "
                 "overlap, priority, '{\"cents\":' || n || '}', holds, settled_until, revision, created_at, updated_at, created_by "
                 "FROM schedules, generate_series(2, " + std::to_string(count) + ") AS n WHERE id = '" + first + "'; "
                 "INSERT INTO registrations (tenant_id, id, kind, due_at, planned_at, zone_data, recurrence, lane) SELECT s.tenant_id, s.id, r.kind, "
                 "r.due_at, r.planned_at, r.zone_data, r.recurrence, r.lane FROM schedules s, registrations r WHERE r.id = '" + first +
                 "' AND s.workflow_id = '" + workflow_ + "' AND s.id <> r.id");
  }
  void change(const std::string& statements) { query(fixture->database().connection_string(), statements); }
  void save(const std::string& text) {
    const std::string path = "/api/v1/workflows/" + workflow_ + "/draft";
    ASSERT_EQ(api.put(path, {{"text", text}, {"format", "yaml"}}, api.read(path)["revision"]).status, 200);
  }
  Json publish(const std::string& text, const Json& body = Json::object()) {
    save(text);
    return api.make(publishing_, body);
  }
  /// Events that the answer's transaction, the last one, has emitted.
  std::string last_events() {
    return fixture->sql("SELECT e.body FROM events e JOIN workflows w ON w.tenant_id = e.tenant_id WHERE w.id = '" + workflow_ + "' ORDER BY e.seq DESC LIMIT 1");
  }
  static std::set<std::string> names_in(const Json& list) {
    std::set<std::string> out;
    for (const auto& line : list) EXPECT_TRUE(out.insert(line["name"]).second) << line["name"] << " twice";
    return out;
  }
  std::set<std::string> all_names() const {
    std::set<std::string> out;
    for (int n = 1; n <= kMany; ++n) out.insert("S" + std::string(5 - std::to_string(n).size(), '0') + std::to_string(n));
    return out;
  }
  /// The first field of `what` of the test's schedules.
  std::string of_schedules(const std::string& what, const std::string& condition) {
    return fixture->sql("SELECT " + what + " FROM schedules WHERE workflow_id = '" + workflow_ + "' AND " + condition);
  }
  std::string workflow_ = api.workflow("Many", cents_workflow("type: integer"));
  std::string base_ = "/api/v1/workflows/" + workflow_;
  std::string publishing_ = base_ + "/publish";
};

}  // namespace

TEST_F(PublishingMany, TheAnswerEndsAtAThousandAndGoesOnInPages) {
  const Json answer = publish(cents_workflow("maximum: 1200"));
  EXPECT_EQ(answer["counts"], Json({{"invalid", 50}, {"left", 0}, {"rebound", 1200}, {"revived", 0}, {"still_invalid", 0}}));
  ASSERT_EQ(answer["schedules"].size(), 1000u);
  EXPECT_EQ(answer["schedules"][49]["verdict"], "invalid");
  EXPECT_EQ(answer["schedules"][50]["verdict"], "rebound");
  ASSERT_EQ(answer["next_cursor"], "1000");

  Json rest = Json::array(), all = Json::array();
  auto pages = [&](const std::string& cursor, Json& into) {
    for (Json next = cursor; next.is_string();) {
      const Json page = api.read(base_ + "/versions/2/schedules?limit=120" + (next == "" ? "" : "&cursor=" + next.get<std::string>()));
      EXPECT_LE(page["items"].size(), 120u);
      into.insert(into.end(), page["items"].begin(), page["items"].end());
      next = page["next_cursor"];
    }
  };
  pages("1000", rest);
  EXPECT_EQ(rest.size(), 250u);
  pages("", all);
  ASSERT_EQ(all.size(), static_cast<std::size_t>(kMany));
  EXPECT_EQ(names_in(all), all_names());
  for (std::size_t n = 0; n < 1000; ++n) ASSERT_EQ(all[n], answer["schedules"][n]) << n;
  for (std::size_t n = 0; n < 250; ++n) ASSERT_EQ(all[1000 + n], rest[n]) << n;
  EXPECT_EQ(all[0]["violations"][0]["keyword"], "maximum");
  const Json invalid = api.read(base_ + "/versions/2/schedules?limit=500&verdict=invalid");
  EXPECT_EQ(invalid["items"].size(), 50u);
  EXPECT_TRUE(invalid["next_cursor"].is_null());
  EXPECT_EQ(of_schedules("count(*) || ' ' || min(revision)", "bound_version = 2"), "1200 2");
  EXPECT_EQ(of_schedules("count(*)", "bound_version = 1 AND status = 'invalid'"), "50");
  EXPECT_EQ(of_schedules("count(*)", "updated_at <> created_at"), "50") << "being bound anew is no edit";
}

TEST_F(PublishingMany, AStalePlanNamesTheFirstOfEachKind) {
  save(cents_workflow("maximum: 1200"));
  const Json planned = api.make(publishing_ + "/plan", Json::object());
  change("UPDATE schedules SET revision = revision + 1, updated_at = clock_timestamp() WHERE name <= 'S00007' AND workflow_id = '" + workflow_ + "'");
  const std::string last = of_schedules("id", "name = 'S01250'");
  ASSERT_EQ(api.remove("/api/v1/schedules/" + last, 1).status, 204);
  api.make("/api/v1/schedules", {{"workflow_id", workflow_}, {"name", "New"}, {"payload", {{"cents", 1}}}, {"timing", {{"kind", "manual"}}}});
  const HttpAnswer refused = api.post(publishing_, {{"plan_hash", planned["plan_hash"]}});
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.json()["detail"], "Since the plan: 1 schedule was added (New); 7 schedules were edited (S00001, S00002, S00003, S00004, S00005, …); "
                                      "1 schedule was removed (S01250).");
  EXPECT_EQ(fixture->sql("SELECT max(number) FROM workflow_versions WHERE workflow_id = '" + workflow_ + "'"), "1");
}

TEST_F(PublishingMany, OneEventTellsOfAll) {
  publish(cents_workflow("maximum: 1200"));
  const Json events = Json::parse(last_events());
  int of_all = 0, of_one = 0;
  for (const auto& event : events) {
    of_one += event["topic"] == "schedules" ? 1 : 0;
    of_all += event["patch"].contains("schedules_rebound") ? 1 : 0;
    if (event["patch"].contains("schedules_rebound")) EXPECT_EQ(event["patch"]["schedules_rebound"], kMany);
  }
  EXPECT_EQ(of_all, 1) << events.dump();
  EXPECT_EQ(of_one, 0);
}

TEST_F(PublishingMany, APlanComesInPagesThatCoverAllOnce) {
  save(cents_workflow("maximum: 1200"));
  const Json first = api.make(publishing_ + "/plan", Json::object());
  EXPECT_EQ(first["schedules"].size(), 1000u);
  ASSERT_EQ(first["next_cursor"], "1000");
  const Json second = api.make(publishing_ + "/plan", {{"cursor", first["next_cursor"]}});
  EXPECT_EQ(second["schedules"].size(), 250u);
  EXPECT_TRUE(second["next_cursor"].is_null());
  EXPECT_EQ(second["counts"], first["counts"]);
  Json all = first["schedules"];
  all.insert(all.end(), second["schedules"].begin(), second["schedules"].end());
  EXPECT_EQ(names_in(all), all_names());
  EXPECT_EQ(first["at_risk"].size(), 20u);
  const Json answer = api.make(publishing_, {{"plan_hash", first["plan_hash"]}});
  for (std::size_t n = 0; n < 1000; ++n) {
    EXPECT_EQ(answer["schedules"][n]["id"], all[n]["id"]);
    EXPECT_EQ(answer["schedules"][n]["verdict"], all[n]["verdict"]);
  }
  EXPECT_EQ(api.post(publishing_ + "/plan", {{"cursor", "no number"}}).code(), "BAD_CURSOR");
}

TEST_F(PublishingMany, AMigrationShowsEachChangeAndEachIsAVersion) {
  const Json rename = {{{"op", "rename"}, {"from", "/cents"}, {"to", "/price/cents"}}, {{"op", "default"}, {"path", "/price/unit"}, {"value", "EUR"}}};
  const std::string text = "document: {dsl: '1.0.0', namespace: test, name: many, version: '1.0.0'}\n"
                           "input: {schema: {format: json, document: {type: object, required: [price], additionalProperties: false, properties: {price: "
                           "{type: object, properties: {cents: {maximum: 1240}}}}}}}\ndo:\n  - done: {set: {ok: true}}\n";
  save(text);
  const Json planned = api.make(publishing_ + "/plan", {{"migration", rename}, {"cursor", "1000"}});
  EXPECT_EQ(planned["payloads_changed"], 1240);
  for (const auto& line : planned["schedules"])
    ASSERT_EQ(line["payload_changes"].size(), 2u) << line;
  const std::string name = planned["schedules"][0]["name"];
  const int cents = std::stoi(name.substr(1));
  EXPECT_THAT(planned["schedules"][0]["payload_changes"],
              testing::UnorderedElementsAre(Json({{"pointer", "/cents"}, {"kind", "removed"}, {"before", cents}}),
                                            Json({{"pointer", "/price"}, {"kind", "added"}, {"after", {{"cents", cents}, {"unit", "EUR"}}}})));
  const Json answer = api.make(publishing_, {{"migration", rename}, {"plan_hash", planned["plan_hash"]}});
  EXPECT_EQ(answer["counts"]["invalid"], 10);
  EXPECT_EQ(of_schedules("count(*)", "payload = '{\"price\":{\"cents\":' || right(name, 5)::int || ',\"unit\":\"EUR\"}}' "
                         "AND bound_version = 2 AND revision = 2"), "1240");
  EXPECT_EQ(of_schedules("count(*)", "payload = '{\"cents\":' || right(name, 5)::int || '}' AND bound_version = 1 "
                         "AND status = 'invalid'"), "10");
  EXPECT_EQ(fixture->sql("SELECT count(*) FROM schedule_versions v JOIN schedules s ON s.id = v.schedule_id AND v.payload = s.payload "
                         "AND v.revision = s.revision WHERE v.action = 'workflows.publish' AND s.workflow_id = '" + workflow_ + "'"), "1240");
}

TEST_F(PublishingMany, WhatDiffersInAnnotationsOnlyIsNotChecked) {
  EXPECT_EQ(publish(cents_workflow("type: number"))["payloads_checked"], kMany);
  const Json answer = publish(cents_workflow("type: number, description: Hundredths"));
  EXPECT_EQ(answer["payloads_checked"], 0);
  EXPECT_EQ(answer["counts"]["rebound"], kMany);
  EXPECT_EQ(of_schedules("count(*)", "bound_version = 3"), std::to_string(kMany));
  publish(cents_workflow("maximum: 1200"));
  EXPECT_EQ(publish(cents_workflow("maximum: 1200, title: Cents"))["payloads_checked"], 50) << "those that did not fit may have been changed";
}

TEST_F(PublishingMany, EqualPayloadsAreCheckedOnce) {
  change("UPDATE schedules SET payload = '{\"cents\":' || length(name) || '}' WHERE workflow_id = '" + workflow_ + "'");
  EXPECT_LE(publish(cents_workflow("type: number"))["payloads_checked"], 8) << "once by each thread at most";
}

TEST_F(PublishingMany, ProgressIsReadWhileItGoesOn) {
  save(cents_workflow("maximum: 1200"));
  const std::string token = api.token();
  // Whoever holds what the publish needs next makes it wait there.
  auto progress_held_at = [&](const std::string& statement, const std::string& phase, const std::function<void()>& look) {
    std::future<HttpAnswer> publishing;
    {
      pqxx::connection connection(fixture->database().connection_string());
      pqxx::work holder(connection);
      holder.exec(statement);
      publishing = std::async(std::launch::async, [&] {
        return http_ask(api.port(), "POST", publishing_ + (phase == "validating" ? "/plan" : ""), "{}",
                        {{"Authorization", "Bearer " + token}, {"Content-Type", "application/json"}});
      });
      EXPECT_TRUE(eventually([&] { return api.read(publishing_ + "/progress")["phase"] == phase; })) << api.read(publishing_ + "/progress");
      look();
    }
    return publishing.get();
  };
  // A plan waits before its first page.
  const HttpAnswer planned = progress_held_at("LOCK TABLE registrations IN ACCESS EXCLUSIVE MODE", "validating", [&] {
    EXPECT_EQ(api.read(publishing_ + "/progress"), Json({{"phase", "validating"}, {"done", 0}, {"total", kMany}}));
  });
  EXPECT_EQ(planned.status, 200) << planned.body;
  // A publish has checked everything and waits for somebody's edit.
  const HttpAnswer published = progress_held_at("SELECT 1 FROM schedules WHERE name = 'S00700' AND workflow_id = '" + workflow_ + "' FOR UPDATE", "writing", [&] {
    EXPECT_EQ(api.read(publishing_ + "/progress")["total"], kMany);
    EXPECT_TRUE(api.read(base_)["draft_changed"]) << "others are served meanwhile, and see nothing of it";
  });
  EXPECT_EQ(published.status, 201) << published.body;
  EXPECT_TRUE(api.read(publishing_ + "/progress")["phase"].is_null());
}
