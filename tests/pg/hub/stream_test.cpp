// The live stream: in order, without gaps, resumable, one tenant's only.
#include <gtest/gtest.h>

#include "tests/support/hub_suite.h"

using namespace carillon;
using namespace carillon::test;

namespace {

class Stream : public HubSuite<Stream> {
 protected:

  static std::unique_ptr<WsClient> open(const Api& api, const std::string& query = "") {
    return std::make_unique<WsClient>(api.port(), "/api/v1/stream" + query, HeaderList{{"Authorization", "Bearer " + api.token()}});
  }
  static void make_workflows(const Api& api, const std::string& prefix, int count) {
    for (int i = 0; i < count; ++i) api.make("/api/v1/workflows", {{"name", prefix + std::to_string(i)}});
  }
};

}  // namespace

TEST_F(Stream, TellsEveryChangeInOrderAndOnlyTheTenantsOwn) {
  const TestTenant other = fixture->tenant();
  auto stream = open(api);
  const Json hello = stream->next();
  EXPECT_EQ(hello["hello"], true);
  EXPECT_FALSE(hello.contains("reset"));
  std::int64_t seq = hello["seq"];
  std::thread noise([&] { make_workflows(other.api, "foreign", 10); });
  make_workflows(api, "mine", 10);
  noise.join();
  for (int i = 0; i < 10; ++i) {
    const Json message = stream->next();
    EXPECT_EQ(message["seq"], ++seq);
    ASSERT_EQ(message["events"].size(), 1u) << message;
    const Json& event = message["events"][0];
    EXPECT_EQ(event["topic"], "workflows");
    EXPECT_EQ(event["kind"], "created");
    EXPECT_EQ(event["patch"]["name"], "mine" + std::to_string(i));
  }
  EXPECT_TRUE(stream->silent_for(50));
}

TEST_F(Stream, TellsOfEveryTopicThatItsDescriptionNames) {
  auto stream = open(api);
  const std::string workflow = api.workflow("Fails", "document: {dsl: '1.0.0', namespace: test, name: w, version: '1.0.0'}\ninput: {schema: {format: json, document: {type: object}}}\n"
                                                     "do:\n  - stop: {raise: {error: {type: 'https://example.com/stop', status: 500, title: Broken}}}\n");
  const Json s = api.make("/api/v1/schedules", {{"workflow_id", workflow}, {"name", "S"}, {"timing", {{"kind", "interval"}, {"every", 1}, {"unit", "seconds"}}},
                                                {"payload", Json::object()}, {"hold_after_failures", 1}});
  const std::string path = "/api/v1/schedules/" + s["id"].get<std::string>();
  ASSERT_TRUE(eventually([&] { return api.read(path)["status"] == "failed"; }));
  const std::string due = api.read(path + "/fires")["items"].back()["due_at"];
  api.make(path + "/backfills", {{"from", due}, {"to", format_instant(*parse_instant(due) + Duration{1'000})}, {"include_fired", true}});
  const Json m = api.make("/api/v1/maintenance", {{"reason", "Moving."}});
  api.make("/api/v1/maintenance/" + m["id"].get<std::string>() + "/end");
  EXPECT_EQ(api.post("/api/v1/schedules/bulk", {{"action", "pause"}, {"ids", {s["id"]}}}).status, 202);
  std::set<std::string> missing;
  for (const auto& topic : Json::parse(api.get("/api/v1/openapi.json").body)["components"]["schemas"]["StreamMessage"]["properties"]["events"]["items"]["properties"]["topic"]["enum"])
    missing.insert(topic);
  EXPECT_GE(missing.size(), 7u);
  const auto clock = make_system_clock();
  for (const Instant until = clock->now() + std::chrono::seconds(15); !missing.empty() && clock->now() < until;) {
    const Json message = stream->next();
    for (const auto& event : message.value("events", Json::array())) missing.erase(event["topic"]);
  }
  EXPECT_EQ(missing, std::set<std::string>());
}

TEST_F(Stream, GoesOnWhereItWasLeft) {
  make_workflows(api, "before", 3);
  auto first = open(api);
  const std::int64_t seq = first->next()["seq"];
  first.reset();
  make_workflows(api, "away", 4);
  auto again = open(api, "?since=" + std::to_string(seq));
  const Json hello = again->next();
  EXPECT_EQ(hello["seq"], seq);
  EXPECT_FALSE(hello.contains("reset"));
  for (int i = 0; i < 4; ++i) {
    const Json message = again->next();
    EXPECT_EQ(message["seq"], seq + 1 + i);
    EXPECT_EQ(message["events"][0]["patch"]["name"], "away" + std::to_string(i));
  }
}

TEST_F(Stream, SaysResetWhenWhatWasMissedIsNoLongerKept) {
  make_workflows(api, "old", 5);
  const std::string id = api.read("/api/v1/session")["tenant"]["id"];
  query(fixture->database().connection_string(), "DELETE FROM events WHERE tenant_id = '" + id + "' AND seq <= 4");
  auto stream = open(api, "?since=2");
  const Json hello = stream->next();
  EXPECT_EQ(hello["reset"], true);
  EXPECT_EQ(hello["seq"], 5);
  const Json ahead = open(api, "?since=1000")->next();
  EXPECT_EQ(ahead["reset"], true);
  EXPECT_FALSE(open(api, "?since=4")->next().contains("reset"));
}

TEST_F(Stream, RefusesWhoIsNotSignedInAndWhatItDoesNotUnderstand) {
  const auto refusal = [&](const std::string& query, const HeaderList& headers) -> std::string {
    try {
      WsClient stream(api.port(), "/api/v1/stream" + query, headers);
    } catch (const std::runtime_error& e) {
      return e.what();
    }
    return "";
  };
  EXPECT_TRUE(refusal("", {}).starts_with("401 ")) << refusal("", {});
  const HeaderList token{{"Authorization", "Bearer " + api.token()}};
  EXPECT_TRUE(refusal("?since=soon", token).starts_with("400 ")) << refusal("?since=soon", token);
  const HttpAnswer plain = http_ask(api.port(), "GET", "/api/v1/stream", "", token);
  EXPECT_EQ(plain.status, 426) << plain.body;
}

TEST_F(Stream, ManyListenersHearTheSameWhileChangesComeTogether) {
  std::vector<std::unique_ptr<WsClient>> listeners;
  for (int i = 0; i < 10; ++i) {
    listeners.push_back(open(api));
    listeners.back()->next();
  }
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) writers.emplace_back([&, i] { make_workflows(api, "w" + std::to_string(i) + "-", 5); });
  for (auto& writer : writers) writer.join();
  for (auto& listener : listeners) {
    std::int64_t last = 0;
    std::set<std::string> names;
    while (names.size() < 20) {
      const Json message = listener->next();
      if (last != 0) EXPECT_EQ(message["seq"], last + 1);
      last = message["seq"];
      for (const auto& event : message["events"]) EXPECT_TRUE(names.insert(event["patch"]["name"]).second);
    }
  }
}
