// How a host platform embeds the hub: it links carillon_hub, signs its users in by itself, and calls server actions in
// its own process. No HTTP is served. This is an example to read as much as a test.
#include <gtest/gtest.h>

#include "tests/support/hub_fixture.h"

using namespace carillon;

namespace {

constexpr const char* kInvoiceWorkflow = R"(document: {dsl: '1.0.0', namespace: shop, name: invoice, version: '1.0.0'}
input:
  schema:
    format: json
    document:
      type: object
      required: [customer, amount]
      properties:
        customer: {type: string}
        amount: {type: number, exclusiveMinimum: 0}
do:
  - total:
      set:
        text: ${ .customer + " owes " + (.amount | tostring) }
)";

/// The platform's own little client: one user of one tenant, and errors as exceptions, as this platform likes them.
class Automation {
 public:
  Automation(Hub& hub, const std::string& tenant, const std::string& user) : hub_(hub), who_(hub.host_context(tenant, user).value()) {}

  Json call(const std::string& action, std::map<std::string, std::string> params, Json body = Json::object()) {
    ActionRequest request;
    request.params = std::move(params);
    request.body = std::move(body);
    auto answer = hub_.call(action, who_, request);
    if (!answer) throw std::runtime_error(answer.error().reason + ": " + answer.error().message);
    return answer->body;
  }
  Result<ActionResponse> try_call(const std::string& action, Json body) {
    ActionRequest request;
    request.body = std::move(body);
    return hub_.call(action, who_, request);
  }

 private:
  Hub& hub_;
  TenantContext who_;
};

}  // namespace

TEST(HostPlatform, CreatesPublishesSchedulesAndRunsWithoutHttp) {
  // 1. Configure. The database is the platform's; here, one of the test server's.
  test::TestDatabase database = test::migrated_database();
  test::TempDir home;
  test::TestLogger log;
  HubOptions options;
  options.config = test::hub_config(database.connection_string(), home.path());
  options.serve_http = false;
  Hub hub(std::move(options), log);
  ASSERT_TRUE(hub.start().has_value());
  EXPECT_EQ(hub.port(), 0);
  EXPECT_TRUE(hub.routes().empty());

  // 2. A tenant for each customer of the platform, and a context for each of its users.
  ASSERT_TRUE(hub.create_tenant("shop", "The shop", "Europe/Berlin", "owner@shop.example", "a long enough password").has_value());
  EXPECT_EQ(hub.create_tenant("shop", "Again", "UTC", "b@shop.example", "a long enough password").error().reason, "SLUG_TAKEN");
  Automation automation(hub, "shop", "Maria");

  // 3. A workflow, published.
  const std::string workflow = automation.call("workflows.create", {}, {{"name", "Invoice"}, {"text", kInvoiceWorkflow}, {"format", "yaml"}})["id"];
  EXPECT_EQ(automation.call("workflows.publish", {{"id", workflow}})["version"], 1);

  // 4. A schedule. What does not fit is refused as it would be over HTTP, with every place named.
  const Json timing{{"kind", "cron"}, {"cron", "0 9 1 * *"}};
  const auto refused = automation.try_call("schedules.create", {{"workflow_id", workflow}, {"name", "Monthly"}, {"timing", timing},
                                                                {"payload", {{"customer", "ACME"}, {"amount", -1}}}});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().violations.at(0).instance, "/amount");
  const std::string schedule = automation.call("schedules.create", {}, {{"workflow_id", workflow}, {"name", "Monthly"}, {"timing", timing},
                                                                        {"payload", {{"customer", "ACME"}, {"amount", 12.5}}}})["id"];

  // 5. Run it now, and wait for the end.
  const std::string run = automation.call("schedules.run", {{"id", schedule}})["run_id"];
  Json seen;
  ASSERT_TRUE(test::eventually([&] {
    seen = automation.call("runs.get", {{"id", run}});
    return !seen["ended_at"].is_null();
  }));
  EXPECT_EQ(seen["state"], "succeeded");
  EXPECT_EQ(seen["output"], (Json{{"text", "ACME owes 12.5"}}));
  EXPECT_EQ(seen["provenance"]["actor"], "Maria");
  EXPECT_EQ(seen["provenance"]["schedule_id"], schedule);

  // 6. Stop. Drains what still runs.
  hub.stop();
  EXPECT_EQ(log.errors(), std::vector<std::string>());
}
