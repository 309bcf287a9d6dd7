// kill -9 of the node, and of the database, between any two statements of a publish: all of it is there, or nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

#include "tests/pg/publish_kill/publish_scene.h"
#include "tests/pg/publish_kill/stop_at.h"
#include "tests/support/hub_process.h"
#include "web/api/description.h"

using namespace carillon;
using namespace carillon::test;

namespace {

using When = StopPoint::When;

/// Every gap between two statements is one kind's or the other's; all of them are both's with CARILLON_PUBLISH_KILL_ALL.
enum class Half { even, odd };

/// Nodes that reach their database through a gate, and a workflow to publish.
class PublishKill : public ::testing::Test {
 protected:
  PublishKill() {
    make_tenant();
    nodes_[0].start();
    nodes_[0].await_ready();
    scene_.make(api());
    learn_statements();
  }

  Api api(int node = 0) { return Api(nodes_[node].port(), contract_, token_); }
  std::string gated() const { return url_ + " host=" + gate_.socket_dir().string() + " port=5432"; }
  HubProcessOptions node_options(const std::string& name) const {
    return {CARILLON_PROGRAM, home_.path() / name, gated(), {"--worker-lease", "5s", "--drain-timeout", "1s"}, {}};
  }
  void make_tenant() {
    HubOptions options;
    options.config = hub_config(url_, home_.path() / "office", {{"role", "web"}});
    options.serve_http = false;
    Hub office(std::move(options), log_);
    if (Status started = office.start(); !started) throw std::runtime_error(started.error().message);
    if (auto made = office.create_tenant("t", "T", "UTC", "a@t.example", kTestPassword); !made) throw std::runtime_error(made.error().message);
    token_ = office.issue_token("t", "a@t.example", std::chrono::hours(1)).value();
    office.stop();
  }
  /// Publishes that nobody disturbs: which statements one has that revives who fits odd versions, and one the others.
  void learn_statements() {
    for (int n = 0; n < 3; ++n) {
      scene_.prepare(api());
      stop_.arm({});
      const auto answer = scene_.publish(api());
      auto seen = stop_.seen();
      stop_.drop();
      ASSERT_EQ(answer->status, 201) << answer->body;
      ASSERT_THAT(scene_.next_is_published(), testing::IsEmpty());
      ASSERT_EQ(std::ranges::count(seen, "COMMIT"), 1) << testing::PrintToString(seen);
      seen.erase(std::ranges::find(seen, "COMMIT") + 1, seen.end());
      statements_[scene_.version() % 2] = std::move(seen);
    }
  }
  int place_of(const std::string& name) const {
    const auto& statements = statements_[(scene_.version() + 1) % 2];
    return static_cast<int>(std::ranges::find(statements, name) - statements.begin()) + 1;
  }
  /// Stops the next publish between each two statements, from the last one that only reads up to the commit, and three times
  /// there. Answers how often.
  int at_every_point(Half half, const std::function<void(const StopPoint&)>& kill) {
    const bool all = std::getenv("CARILLON_PUBLISH_KILL_ALL") != nullptr;
    int points = 0;
    const auto at = [&](const StopPoint& point) {
      const auto& statements = statements_[(scene_.version() + 1) % 2];
      SCOPED_TRACE(point.text() + (point.name.empty() ? ", " + statements[static_cast<std::size_t>(point.statement) - 1].substr(0, 40) : ""));
      kill(point);
      ++points;
    };
    const int first = std::min(place_of("insert_version"), static_cast<int>(statements_[0].size()));
    const int last = static_cast<int>(std::max(statements_[0].size(), statements_[1].size()));
    for (int n = first - 1; n <= last && !HasFailure(); ++n)
      if ((all || n % 2 == static_cast<int>(half)) && n < place_of("COMMIT")) at({.statement = n, .when = When::before});
    for (const When when : {When::before, When::sent, When::answered})
      if (!HasFailure()) at({.name = "COMMIT", .when = when});
    return points;
  }

  /// Nothing of the next version where it cannot be, all of it where it must be; answers whether it is there.
  bool judge(const StopPoint& point, const std::map<std::string, std::string>& before) {
    const bool there = scene_.has_next();
    if (point.when != When::sent) EXPECT_EQ(there, point.when == When::answered);
    if (there) EXPECT_THAT(scene_.next_is_published(), testing::IsEmpty());
    else EXPECT_EQ(scene_.picture(), before);
    return there;
  }
  bool gone(pid_t backend) {
    return query_value(url_, "SELECT count(*) FROM pg_stat_activity WHERE pid = " + std::to_string(backend)) == "0";
  }
  void publish_again(int node = 0) {
    scene_.prepare(api(node));
    const auto answer = scene_.publish(api(node));
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->status, 201) << answer->body;
    ASSERT_THAT(scene_.next_is_published(), testing::IsEmpty());
  }
  void everything_still_fires() {
    EXPECT_TRUE(eventually([&] { return query_value(url_, scene_.unfired()).empty(); })) << query_value(url_, scene_.unfired());
    EXPECT_THAT(scene_.always(), testing::IsEmpty());
  }

  StopAt stop_;
  TestServer server_{{.max_connections = 200}};
  TestDatabase database_ = server_.create_database();
  const std::string url_ = database_.connection_string();
  PgGate gate_{server_.postgres().socket_dir() / ".s.PGSQL.5432", stop_};
  TempDir home_{"carillon-publish-kill"};
  TestLogger log_;
  ApiContract contract_{api::ApiDescription().document()};
  std::string token_;
  HubProcess nodes_[2] = {HubProcess(node_options("a")), HubProcess(node_options("b"))};
  PublishScene scene_{url_};
  std::vector<std::string> statements_[2];  ///< of the request, up to its commit; of even and of odd versions
};

}  // namespace

TEST_F(PublishKill, OfTheNodeLeavesAllOrNothing) {
  nodes_[1].start();
  int there = 0, victim = 0;
  const int points = at_every_point(Half::even, [&](const StopPoint& point) {
    HubProcess& node = nodes_[victim];
    node.await_ready();
    scene_.prepare(api(victim));
    const auto before = scene_.picture();
    stop_.arm(point);
    std::thread caller([&, api = api(victim)] { scene_.publish(api); });
    const bool stopped = stop_.await(std::chrono::seconds(10));
    node.kill_hard();
    stop_.drop();
    caller.join();
    ASSERT_TRUE(stopped);
    node.start();
    ASSERT_TRUE(eventually([&] { return gone(stop_.backend()); }));
    there += judge(point, before) ? 1 : 0;
    victim = 1 - victim;
    nodes_[victim].await_ready();
    publish_again(victim);
  });
  std::printf("%d points, the version was there after %d\n", points, there);
  EXPECT_GE(points, 10);
  everything_still_fires();
  for (const auto& node : nodes_) EXPECT_EQ(node.errors(), std::vector<std::string>());
}

TEST_F(PublishKill, OfTheDatabaseLeavesAllOrNothing) {
  int there = 0;
  std::map<std::string, int> answers;
  const int points = at_every_point(Half::odd, [&](const StopPoint& point) {
    scene_.prepare(api());
    const auto before = scene_.picture();
    stop_.arm(point);
    std::optional<HttpAnswer> answer;
    std::thread caller([&, api = api()] { answer = scene_.publish(api); });
    const bool stopped = stop_.await(std::chrono::seconds(10));
    // The hub comes back to what is left only after it was looked at.
    gate_.close();
    // One server process that dies takes all others with it; the postmaster begins with recovery.
    const pid_t backend = stop_.backend();
    if (stopped) ::kill(backend, SIGKILL);
    stop_.drop();
    const bool recovered = eventually([&] {
      try {
        return gone(backend);
      } catch (const std::runtime_error&) {
        return false;
      }
    });
    if (recovered) there += judge(point, before) ? 1 : 0;
    const std::int64_t judged = scene_.version();
    gate_.open();
    caller.join();
    ASSERT_TRUE(stopped && recovered && answer);
    ++answers[std::to_string(answer->status) + " " + answer->code()];
    // A hub whose database died tries again by itself. Who is told that it was published finds it, once.
    if (scene_.has_next()) ASSERT_THAT(scene_.next_is_published(), testing::IsEmpty());
    EXPECT_LE(scene_.version(), judged + 1);
    if (answer->status == 201) EXPECT_EQ(answer->json()["version"], scene_.version());
    else EXPECT_EQ(answer->status, 503) << answer->body;
    ASSERT_TRUE(eventually([&] { return api().get("/readyz").status == 200; }));
    publish_again();
  });
  std::printf("%d points, the version was there after %d; answers:", points, there);
  for (const auto& [status, count] : answers) std::printf(" %s %d", status.c_str(), count);
  std::printf("\n");
  EXPECT_GE(points, 10);
  everything_still_fires();
}

TEST_F(PublishKill, WhoIsToldThatItWasSavedFindsIt) {
  // The server has never heard of the COMMIT, and when it is back it gives the transaction's id to somebody else.
  for (int n = 0; n < 6; ++n) {
    const std::string name = "W" + std::to_string(n);
    stop_.arm({.name = "COMMIT", .when = When::before});
    std::optional<HttpAnswer> answer;
    std::thread caller([&, api = api()] { answer = api.post("/api/v1/workflows", {{"name", name}}); });
    const bool stopped = stop_.await(std::chrono::seconds(10));
    if (stopped) ::kill(stop_.backend(), SIGKILL);
    stop_.drop();
    caller.join();
    ASSERT_TRUE(stopped && answer);
    ASSERT_TRUE(eventually([&] { return api().get("/readyz").status == 200; }));
    EXPECT_EQ(query_value(url_, "SELECT count(*) FROM workflows WHERE name = '" + name + "'"), answer->status == 201 ? "1" : "0") << answer->status << answer->code();
  }
}
