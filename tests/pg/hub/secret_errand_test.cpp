// `carillon secrets …` beside a hub that runs: what it does is what the hub finds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/http_sink.h"
#include "tests/support/hub_fixture.h"
#include "web/app/hub/secret_errands.h"

using namespace carillon;
using namespace carillon::test;

namespace {

std::string token_workflow(const std::string& url) {
  return "document: {dsl: '1.0.0', namespace: t, name: n, version: '1.0.0'}\n"
         "input: {schema: {format: json, document: {type: object, properties: {token: {type: string}}}}}\n"
         "do:\n  - send: {call: http, with: {method: get, endpoint: '" + url + "', headers: {X-Token: '${ .token }'}}}\n";
}

}  // namespace

TEST(SecretErrands, PutListRotateAndDeleteBesideARunningHub) {
  HubFixture fixture;
  const TestTenant tenant = fixture.tenant();
  const Api& api = tenant.api;
  NullLogger log;
  HttpSink sink;
  const SecretErrand errand{fixture.database().connection_string(), fixture.home() / "secrets.keys", tenant.slug};

  ASSERT_TRUE(put_secret(errand, "token", "first value", log));
  const std::string w = api.workflow("W", token_workflow(sink.url()));
  const Json s = api.make("/api/v1/schedules", {{"workflow_id", w}, {"name", "S"}, {"timing", {{"kind", "manual"}}}, {"payload", {{"token", {{"$secret", "token"}}}}}});
  const std::string run_now = "/api/v1/schedules/" + s["id"].get<std::string>() + "/run";
  const auto sent = [&] {
    EXPECT_EQ(api.ended(api.make(run_now, Json::object())["run_id"])["state"], "succeeded");
    return sink.calls().back().headers.at("x-token");
  };
  EXPECT_EQ(sent(), "first value");

  const std::string sealed = "SELECT key_id || ' ' || wrapped || ' ' || sealed FROM secrets";
  const std::string before = fixture.sql(sealed);
  const auto rotation = rotate_secrets(errand, log);
  ASSERT_TRUE(rotation) << rotation.error().message;
  EXPECT_EQ(rotation->secrets, 1);
  EXPECT_TRUE(fixture.sql(sealed).starts_with(rotation->key_id + " "));
  EXPECT_EQ(fixture.sql("SELECT sealed FROM secrets"), before.substr(before.rfind(' ') + 1)) << "values are not opened";
  EXPECT_EQ(sent(), "first value") << "the hub finds the new key by itself";
  EXPECT_EQ(api.ask("PUT", "/api/v1/secrets/token", R"({"value":"second value"})").status, 200);
  EXPECT_TRUE(fixture.sql(sealed).starts_with(rotation->key_id + " ")) << "and seals under it";
  ASSERT_TRUE(rotate_secrets(errand, log));
  EXPECT_EQ(sent(), "second value");

  const auto listed = list_secrets(errand, log);
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->size(), 1u);
  EXPECT_EQ((*listed)[0].uses.at(0).name, "S");
  EXPECT_EQ(delete_secret(errand, "token", false, log).error().reason, "SECRET_IN_USE");
  EXPECT_TRUE(delete_secret(errand, "token", true, log));
  EXPECT_EQ(api.read("/api/v1/secrets")["items"].size(), 0u);
  EXPECT_EQ(fixture.sql("SELECT string_agg(action || ' ' || actor_name, ', ' ORDER BY id) FROM audit_log WHERE object_type = 'secret'"),
            "secrets.put operator, secrets.put " + api.read("/api/v1/session")["actor"]["name"].get<std::string>() + ", secrets.delete operator");
  EXPECT_EQ(list_secrets({errand.database_url, errand.key_file, "nobody"}, log).error().reason, "NOT_FOUND");
  EXPECT_EQ(list_secrets({errand.database_url, errand.key_file, ""}, log).error().reason, "TENANT_MISSING");
}

TEST(SecretErrands, WithoutItsKeyASecretFailsTheStepAndTheHubGoesOn) {
  HubFixture fixture;
  const TestTenant tenant = fixture.tenant();
  const Api& api = tenant.api;
  HttpSink sink;
  ASSERT_EQ(api.ask("PUT", "/api/v1/secrets/token", R"({"value":"first value"})").status, 200);
  fixture.sql("UPDATE secrets SET key_id = 'k0' RETURNING name");
  const std::string w = api.workflow("W", token_workflow(sink.url()));
  const Json run = api.ended(api.make("/api/v1/workflows/" + w + "/runs", {{"input", {{"token", {{"$secret", "token"}}}}}})["run_id"]);
  EXPECT_EQ(run["state"], "failed");
  EXPECT_THAT(run["error"]["detail"].get<std::string>(), testing::HasSubstr("k0"));
  EXPECT_EQ(sink.count(), 0u);
}
