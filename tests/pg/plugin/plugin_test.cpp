// The plugin contract is enough for a plugin the hub knows nothing of.
#include <gtest/gtest.h>

#include "tests/pg/plugin/greetings.h"
#include "tests/support/hub_fixture.h"

using namespace carillon;
using namespace carillon::test;

namespace {

const char* kQuick = "document: {dsl: '1.0.0', namespace: t, name: n, version: '1.0.0'}\ndo: [{a: {set: {b: 1}}}]\n";

HubFixtureOptions with_greetings(GreetingsSeen& seen, int copies = 1) {
  HubFixtureOptions options;
  options.plugins = [&seen, copies](const HubParts& parts) {
    std::vector<std::unique_ptr<Plugin>> out;
    for (int i = 0; i < copies; ++i) out.push_back(std::make_unique<GreetingsPlugin>(parts, seen));
    return out;
  };
  return options;
}

/// Straight to the hub: what a plugin adds stands in no API description of ours.
HttpAnswer ask(const Api& api, const std::string& method, const std::string& path, const std::string& body = "") {
  return http_ask(api.port(), method, path, body, {{"Authorization", "Bearer " + api.token()}, {"Content-Type", "application/json"}});
}

}  // namespace

TEST(SecondPlugin, DoesAllItWantsThroughTheContract) {
  GreetingsSeen seen;
  {
    HubFixture fixture(with_greetings(seen));
    EXPECT_TRUE(seen.serving);
    const TestTenant tenant = fixture.tenant();
    const Api& api = tenant.api;

    const HttpAnswer started = ask(api, "POST", "/api/v1/greetings");
    EXPECT_EQ(started.status, 201) << started.body;
    EXPECT_TRUE(eventually([&] { return seen.rounds >= 2; })) << "the recurring job was not called again";
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM audit_log WHERE action = 'greetings.start'"), "1");

    const std::string id = ask(api, "POST", "/api/v1/workflows", dump_json({{"name", "W"}, {"text", kQuick}})).json()["id"];
    const std::string workflow = "/api/v1/workflows/" + id;
    const HttpAnswer rude = ask(api, "POST", workflow + "/publish", R"({"note":"rude"})");
    EXPECT_EQ(rude.status, 409);
    EXPECT_EQ(rude.code(), "RUDE_NOTE");
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM workflow_versions"), "0") << "an aborted publish left a version behind";
    const Json published = ask(api, "POST", workflow + "/publish", "{}").json();
    EXPECT_EQ(published["greeting"], "Hello, version 1");
    EXPECT_TRUE(published.contains("schedules"));
    EXPECT_EQ(seen.published, (std::vector<std::int64_t>{1}));
    EXPECT_EQ(ask(api, "GET", workflow).json()["greeting"], "Hello, W");

    EXPECT_EQ(ask(api, "POST", workflow + "/runs", "{}").status, 201);
    EXPECT_TRUE(eventually([&] { return seen.finished == 1; }));

    const Json key = ask(api, "POST", "/api/v1/api-keys", R"({"name":"V","role":"viewer"})").json();
    const Api viewer(api.port(), fixture.contract(), key["secret"]);
    EXPECT_EQ(ask(viewer, "POST", "/api/v1/greetings").code(), "MISSING_PERMISSION");
    const auto actions = fixture.hub().action_names();
    EXPECT_NE(std::ranges::find(actions, "greetings.start"), actions.end());
  }
  EXPECT_FALSE(seen.serving);
}

TEST(SecondPlugin, ItsListenerHearsEveryChangeInOrderAndAgainWhatItFailedOn) {
  GreetingsSeen seen;
  std::vector<std::string> made;
  {
    HubFixture fixture(with_greetings(seen));
    const TestTenant tenant = fixture.tenant();
    for (int i = 0; i < 20; ++i) {
      made.push_back("W" + std::to_string(i));
      EXPECT_EQ(ask(tenant.api, "POST", "/api/v1/workflows", dump_json({{"name", made.back()}})).status, 201);
    }
    EXPECT_TRUE(eventually([&] {
      std::lock_guard lock(seen.mutex);
      return seen.heard.size() == made.size();
    }));
    EXPECT_TRUE(eventually([&] { return fixture.sql("SELECT p.seq - h.seq FROM listener_positions p JOIN event_heads h USING (tenant_id)") == "0"; }));
    EXPECT_EQ(fixture.log().errors().size(), 1u);
  }
  EXPECT_EQ(seen.heard, made);
}

TEST(SecondPlugin, WhatIsContributedTwiceStopsTheBoot) {
  GreetingsSeen seen;
  try {
    HubFixture fixture(with_greetings(seen, 2));
    FAIL() << "the hub started with two plugins of the same permission";
  } catch (const std::runtime_error& e) {
    EXPECT_NE(std::string(e.what()).find("greetings.manage"), std::string::npos) << e.what();
  }
}
