// Somebody sets the wall clock of a node, an hour ahead and an hour back. The database's clock is the judge of due times,
// leases, sessions and tokens, and the monotonic one measures waits, so nothing changes.
#include <gtest/gtest.h>

#include <cstdio>
#include <ctime>

#include "tests/pg/kill/ledger.h"
#include "tests/support/fake_time.h"
#include "tests/support/http_sink.h"
#include "tests/support/hub_process.h"

using namespace carillon;
using namespace carillon::test;

namespace {

constexpr int kCalls = 20;
constexpr Duration kNap = std::chrono::seconds(3);

std::string workflow_text(const std::string& tasks) {
  return "document: {dsl: '1.0.0', namespace: t, name: n, version: '1.0.0'}\ninput: {schema: {format: json, document: {type: object}}}\ndo:\n" + tasks;
}

Instant date_of(const HttpAnswer& answer) {
  std::tm parts{};
  if (::strptime(answer.header("date").c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) == nullptr) throw std::runtime_error("no date: " + answer.header("date"));
  return Instant::from_seconds(::timegm(&parts));
}

/// Two nodes that plan, work and serve; the wall clock of the first one can be set. A third one, in this process, only
/// makes tenants and tokens.
class ClockSteps : public testing::Test {
 protected:
  ClockSteps() {
    for (int n = 0; n < 2; ++n) {
      HubProcessOptions options{CARILLON_PROGRAM, home_.path() / std::to_string(n), url_, {"--drain-timeout", "1s", "--outbound-allow-private", "true"}, {}};
      if (n == 0) options.environment = time_.environment();
      nodes_.push_back(std::make_unique<HubProcess>(std::move(options)));
      nodes_.back()->start();
    }
    for (auto& node : nodes_) node->await_ready();
    tenant_ = std::make_unique<TestTenant>(fixture_.tenant());
    token_ = fixture_.hub().issue_token(tenant_->slug, tenant_->email, std::chrono::minutes(5)).value();
  }
  Api api() { return Api(nodes_[0]->port(), fixture_.contract(), token_); }
  Api anonymous() { return Api(nodes_[0]->port(), fixture_.contract(), ""); }
  std::string start_nap() { return api().make("/api/v1/workflows/" + naps_ + "/runs", {{"input", Json::object()}})["run_id"]; }

  /// The nap began before the clock was set and ends after it, as long as it was meant to be.
  void check_nap(const std::string& run) {
    const Json nap = api().ended(run);
    EXPECT_EQ(nap["state"], "succeeded");
    const Duration slept = parse_instant(nap["ended_at"].get<std::string>()).value() - parse_instant(nap["started_at"].get<std::string>()).value();
    EXPECT_GE(slept, kNap);
    EXPECT_LT(slept, kNap + std::chrono::seconds(10));
  }

  void check_node(Duration offset, const std::string& cookie) {
    const auto off = [&] { return date_of(anonymous().get("/healthz")) - clock_->now() - offset; };
    EXPECT_TRUE(eventually([&] { return std::chrono::abs(off()) < std::chrono::seconds(60); })) << "the node's clock was not set, so nothing is shown";
    EXPECT_EQ(api().get("/api/v1/session").status, 200) << "a token that is good for minutes";
    EXPECT_EQ(anonymous().ask("GET", "/api/v1/session", "", {{"Cookie", cookie}}).status, 200) << "a session of hours";
    const Json session = sign_in().json();
    const Duration ttl = parse_instant(session["expires_at"].get<std::string>()).value() - clock_->now();
    EXPECT_LT(std::chrono::abs(ttl - std::chrono::hours(12)), std::chrono::minutes(1));
    for (const auto& node : api().read("/api/v1/nodes")["items"]) EXPECT_TRUE(node["alive"]) << node;
  }
  HttpAnswer sign_in() { return anonymous().post("/api/v1/session", {{"email", tenant_->email}, {"password", kTestPassword}}); }

  static std::string cookie_of(const HttpAnswer& answer) {
    const std::string set = answer.header("set-cookie");
    return set.substr(0, set.find(';'));
  }

  HubFixture fixture_{{.flags = {{"role", "web"}}}};
  const std::string url_ = fixture_.database().connection_string();
  TempDir home_{"carillon-clock"};
  FakeTime time_{home_.path()};
  std::unique_ptr<Clock> clock_ = make_system_clock();
  std::vector<std::unique_ptr<HubProcess>> nodes_;
  std::unique_ptr<TestTenant> tenant_;
  std::string token_, naps_;
};

}  // namespace

TEST_F(ClockSteps, OfOneNodeChangeNothing) {
  const std::uint64_t seed = make_system_rng()->below(1'000'000);
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  HttpSink sink;
  sink.hold();
  naps_ = api().workflow("Naps", workflow_text("  - nap: {wait: {seconds: 3}}\n"));
  const std::string calls = api().workflow("Calls", posting_workflow(sink.url()));
  const std::string base = "/api/v1/workflows/";
  for (int n = 0; n < kCalls; ++n) api().make(base + calls + "/runs", {{"input", {{"n", n}}}});
  ASSERT_TRUE(eventually([&] { return sink.count() == kCalls; }));
  const std::string cookie = cookie_of(sign_in());
  Load load({.tenants = 2, .schedules_per_tenant = 200, .window = std::chrono::seconds(12), .lead = std::chrono::seconds(2)}, seed);
  load.create(url_);

  Wakeup pause;
  while (clock_->now() < load.begin()) pause.wait_for(load.begin() - clock_->now());
  int steps = 0;
  for (const std::chrono::hours offset : {std::chrono::hours(1), std::chrono::hours(-1), std::chrono::hours(0)}) {
    const std::string nap = start_nap();
    time_.shift(offset);
    ++steps;
    check_node(offset, cookie);
    check_nap(nap);
  }
  ASSERT_TRUE(eventually([&] { return clock_->now() >= load.end(); }, std::chrono::seconds(30)));
  sink.let_go();
  ASSERT_TRUE(eventually([&] { return query_value(url_, "SELECT (SELECT count(*) FROM registrations WHERE kind = 'schedule' AND planned_at IS NOT NULL) + "
                                                        "(SELECT count(*) FROM run_queue)") == "0"; }, std::chrono::seconds(60)));
  const Judgement judgement = judge(read_ledger(url_), load.schedules());
  std::printf("%d clock steps: %s\n", steps, judgement.text().c_str());
  EXPECT_EQ(judgement.problem_count, 0u) << judgement.text();
  EXPECT_EQ(query_value(url_, "SELECT count(*) FROM runs WHERE takeovers > 0"), "0") << "a lease was taken for over";
  EXPECT_EQ(sink.count(), static_cast<std::size_t>(kCalls)) << "a call was made again";
  EXPECT_EQ(query_value(url_, "SELECT count(*) FROM runs r JOIN workflows w ON w.id = r.workflow_id WHERE w.name = 'Calls' AND r.state = 4"), std::to_string(kCalls));
  for (const auto& node : nodes_) EXPECT_EQ(node->errors(), std::vector<std::string>());
}

TEST_F(ClockSteps, ANodeThatStartsOnAWrongClockWorksAsAnyOther) {
  for (const std::chrono::hours offset : {std::chrono::hours(1), std::chrono::hours(-1)}) {
    nodes_[0]->kill_hard();
    nodes_[1]->kill_hard();
    time_.shift(offset);
    nodes_[0]->start();
    nodes_[0]->await_ready();
    check_node(offset, cookie_of(sign_in()));
    naps_ = api().workflow("Naps " + std::to_string(offset.count()), workflow_text("  - nap: {wait: {seconds: 3}}\n"));
    check_nap(start_nap());
    // Ids are made by one time on all nodes, or lists that are sorted by them would not be by time.
    EXPECT_EQ(query_value(url_, "SELECT count(*) FROM runs WHERE to_timestamp(('x' || substr(replace(id::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0) "
                                "NOT BETWEEN created_at - interval '1 minute' AND created_at + interval '1 minute'"), "0");
  }
}
