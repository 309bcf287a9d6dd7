// Nights in which clocks change, lived through by real processes: the database and two nodes run under libfaketime, and the
// test moves their clock through the night as fast as they keep up. What the preview said in the evening is what fired.
// The nodes notice that the database's clock outruns the monotonic one, say so, and go on with live fires, as they should.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "tests/support/fake_time.h"
#include "tests/support/hub_fixture.h"
#include "tests/support/hub_process.h"

using namespace carillon;
using namespace carillon::test;

namespace {

constexpr Duration kStep = std::chrono::seconds(40);

/// A timing and, where they are worth naming, its due times of that night, worked out by hand.
struct Timed {
  std::string name;
  Json timing;
  std::optional<std::vector<std::string>> expected = {};
};

struct Night {
  std::string name, zone;
  std::string from, to;  ///< UTC; it begins between two minutes that are due
  std::vector<Timed> timings;
};
void PrintTo(const Night& night, std::ostream* out) { *out << night.name; }

Json at(const std::string& expression) { return {{"kind", "cron"}, {"cron", expression}}; }
Json once(const std::string& local, const std::string& fold = "") {
  Json out{{"kind", "once"}, {"local", local}};
  if (!fold.empty()) out["fold"] = fold;
  return out;
}
Json every(int count, const std::string& unit, const std::string& anchor) { return {{"kind", "interval"}, {"every", count}, {"unit", unit}, {"anchor", anchor}}; }

/// What every night has, whatever changes in it.
std::vector<Timed> common_timings(const std::string& from) {
  return {{"every five minutes", at("*/5 * * * *")},
          {"hourly", at("@hourly")},
          {"twice an hour", at("10,40 * * * *")},
          {"at one", at("0 1 * * *")},
          {"a quarter to two", at("45 1 * * *")},
          {"at two", at("0 2 * * *")},
          {"at three", at("0 3 * * *")},
          {"three times between one and three", at("5,20,50 1-3 * * *")},
          {"Sundays at half past two", at("30 2 * * 0")},
          {"every seven minutes by the clock of elapsed time", every(7, "minutes", from)},
          {"every hour by the clock of elapsed time", every(1, "hours", from)}};
}

const std::vector<Night>& nights() {
  static const std::vector<Night> all = {
      {"BerlinSpring", "Europe/Berlin", "2026-03-28T23:52:30Z", "2026-03-29T02:32:30Z",
       {{"half past two, which is skipped", at("30 2 * * *"), {{"2026-03-29T01:00:00Z"}}},
        {"thrice in the hour that is skipped", at("15,30,45 2 * * *"), {{"2026-03-29T01:00:00Z"}}},
        {"half hours", at("*/30 * * * *"), {{"2026-03-29T00:00:00Z", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z", "2026-03-29T02:00:00Z", "2026-03-29T02:30:00Z"}}},
        {"quarters of the hour that is skipped", at("*/15 2,3 * * *"), {{"2026-03-29T01:00:00Z", "2026-03-29T01:15:00Z", "2026-03-29T01:30:00Z", "2026-03-29T01:45:00Z"}}},
        {"once at three", once("2026-03-29T03:00"), {{"2026-03-29T01:00:00Z"}}}}},
      {"BerlinAutumn", "Europe/Berlin", "2026-10-24T23:52:30Z", "2026-10-25T02:32:30Z",
       {{"half past two, which comes twice", at("30 2 * * *"), {{"2026-10-25T00:30:00Z"}}},
        {"half hours", at("*/30 * * * *"), {{"2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:00:00Z", "2026-10-25T02:30:00Z"}}},
        {"quarters of the hour that comes twice", at("*/15 2 * * *"),
         {{"2026-10-25T00:00:00Z", "2026-10-25T00:15:00Z", "2026-10-25T00:30:00Z", "2026-10-25T00:45:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:15:00Z", "2026-10-25T01:30:00Z", "2026-10-25T01:45:00Z"}}},
        {"once, the first half past two", once("2026-10-25T02:30", "earlier"), {{"2026-10-25T00:30:00Z"}}},
        {"once, the second half past two", once("2026-10-25T02:30", "later"), {{"2026-10-25T01:30:00Z"}}}}},
      {"NewYorkSpring", "America/New_York", "2026-03-08T05:52:30Z", "2026-03-08T08:32:30Z",
       {{"half past two, which is skipped", at("30 2 * * *"), {{"2026-03-08T07:00:00Z"}}},
        {"half hours", at("*/30 * * * *"), {{"2026-03-08T06:00:00Z", "2026-03-08T06:30:00Z", "2026-03-08T07:00:00Z", "2026-03-08T07:30:00Z", "2026-03-08T08:00:00Z", "2026-03-08T08:30:00Z"}}},
        {"quarters of the hour that is skipped", at("*/15 2 * * *"), std::vector<std::string>{}},
        {"once at three", once("2026-03-08T03:00"), {{"2026-03-08T07:00:00Z"}}}}},
      {"NewYorkAutumn", "America/New_York", "2026-11-01T04:52:30Z", "2026-11-01T07:32:30Z",
       {{"half past one, which comes twice", at("30 1 * * *"), {{"2026-11-01T05:30:00Z"}}},
        {"half hours", at("*/30 * * * *"), {{"2026-11-01T05:00:00Z", "2026-11-01T05:30:00Z", "2026-11-01T06:00:00Z", "2026-11-01T06:30:00Z", "2026-11-01T07:00:00Z", "2026-11-01T07:30:00Z"}}},
        {"once, the second half past one", once("2026-11-01T01:30", "later"), {{"2026-11-01T06:30:00Z"}}}}},
      {"LordHoweAutumn", "Australia/Lord_Howe", "2026-04-04T13:52:30Z", "2026-04-04T16:32:30Z",
       {{"a quarter to two, which comes twice", at("45 1 * * *"), {{"2026-04-04T14:45:00Z"}}},
        {"quarters from one to two", at("*/15 1 * * *"),
         {{"2026-04-04T14:00:00Z", "2026-04-04T14:15:00Z", "2026-04-04T14:30:00Z", "2026-04-04T14:45:00Z", "2026-04-04T15:00:00Z", "2026-04-04T15:15:00Z"}}},
        {"Sundays at two", at("0 2 * * 0"), {{"2026-04-04T15:30:00Z"}}},
        {"once, the second quarter to two", once("2026-04-05T01:45", "later"), {{"2026-04-04T15:15:00Z"}}}}},
      {"LordHoweSpring", "Australia/Lord_Howe", "2026-10-03T14:22:30Z", "2026-10-03T17:02:30Z",
       {{"a quarter past two, which is skipped", at("15 2 * * *"), {{"2026-10-03T15:30:00Z"}}},
        {"twice in the half hour that is skipped, and after it", at("10,20,40 2 * * *"), {{"2026-10-03T15:30:00Z", "2026-10-03T15:40:00Z"}}},
        {"quarters from two to three", at("*/15 2 * * *"), {{"2026-10-03T15:30:00Z", "2026-10-03T15:45:00Z"}}},
        {"once at half past two", once("2026-10-04T02:30"), {{"2026-10-03T15:30:00Z"}}}}}};
  return all;
}

/// A database and two nodes that believe it is the evening before; a third one in this process makes tenant and token.
class Nights : public testing::TestWithParam<Night> {
 protected:
  Nights() {
    for (int n = 0; n < 2; ++n) {
      // A lease longer than the night: it is the clock that runs, not the work that is slow.
      nodes_.push_back(std::make_unique<HubProcess>(HubProcessOptions{
          CARILLON_PROGRAM, home_.path() / std::to_string(n), url_, {"--worker-lease", "1h", "--drain-timeout", "1s"}, time_->environment()}));
      nodes_.back()->start();
    }
    for (auto& node : nodes_) node->await_ready();
    const TestTenant tenant = fixture_->tenant(GetParam().zone);
    const std::string token = fixture_->hub().issue_token(tenant.slug, tenant.email, std::chrono::hours(24)).value();
    api_ = std::make_unique<Api>(nodes_[0]->port(), fixture_->contract(), token);
    workflow_ = api_->workflow("Night", "document: {dsl: '1.0.0', namespace: t, name: n, version: '1.0.0'}\n"
                                        "input: {schema: {format: json, document: {type: object}}}\ndo: [{note: {set: {done: true}}}]\n");
  }

  std::unique_ptr<FakeTime> evening() {
    auto time = std::make_unique<FakeTime>(home_.path());
    time->set(parse_instant(GetParam().from).value());
    return time;
  }
  std::string sql(const std::string& text) { return query_value(url_, text); }

  /// The due times the hub foretells for this night.
  std::vector<std::string> preview(const Json& timing) {
    const Json answer = api_->make("/api/v1/schedules/preview", {{"timing", timing}, {"count", 100}});
    std::vector<std::string> out;
    for (const auto& occurrence : answer["occurrences"])
      if (occurrence["utc"] < GetParam().to) out.push_back(occurrence["utc"]);
    return out;
  }
  std::string create(const Timed& timed) {
    return api_->make("/api/v1/schedules", {{"workflow_id", workflow_}, {"name", timed.name}, {"timing", timed.timing},
                                            {"payload", Json::object()}, {"overlap_policy", "allow"}})["id"];
  }
  /// The due times of the night that fired, from the ledger; what did not fire, or fired late, fails the test. On a slow
  /// machine the clock may have gone on to one that nobody asked the preview for.
  std::vector<std::string> fired(const std::string& schedule) {
    std::vector<std::string> out;
    for (const auto& fire : api_->read("/api/v1/schedules/" + schedule + "/fires?limit=500")["items"]) {
      if (fire["due_at"] >= GetParam().to) continue;
      EXPECT_EQ(fire["verdict"], "started") << fire;
      EXPECT_EQ(fire["count"], 1) << fire;
      EXPECT_LT(fire["lateness_ms"], 120'000) << fire;
      EXPECT_EQ(fire["run_state"], "succeeded") << fire;
      out.push_back(fire["due_at"]);
    }
    std::ranges::reverse(out);
    return out;
  }
  /// Moves all clocks on by one step and waits until the nodes have done what is due then.
  void step() {
    time_->set(time_->now() + kStep);
    ASSERT_TRUE(eventually([&] { return sql("NOTIFY carillon, 'jobs'; SELECT count(*) FROM registrations WHERE planned_at <= now()") == "0"; }));
  }

  TempDir home_{"carillon-night"};
  std::unique_ptr<FakeTime> time_ = evening();
  TestServer server_{{.environment = time_->environment()}};
  TestDatabase database_ = server_.create_database();
  const std::string url_ = database_.connection_string();
  std::unique_ptr<HubFixture> fixture_ = std::make_unique<HubFixture>(HubFixtureOptions{.flags = {{"role", "web"}}, .plugins = {}, .serve_http = true, .database_url = url_});
  std::vector<std::unique_ptr<HubProcess>> nodes_;
  std::unique_ptr<Api> api_;
  std::string workflow_;
};

}  // namespace

TEST_P(Nights, FireAsThePreviewSaid) {
  const Night& night = GetParam();
  ASSERT_EQ(sql("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD')"), night.from.substr(0, 10)) << "the database does not believe in this clock";
  std::vector<Timed> timings = common_timings(night.from);
  timings.insert(timings.end(), night.timings.begin(), night.timings.end());
  std::map<std::string, std::vector<std::string>> foretold;  // by schedule
  std::map<std::string, std::string> names;
  for (const auto& timed : timings) {
    Json timing = timed.timing;
    if (timing["kind"] != "interval") timing["zone"] = night.zone;
    const auto times = preview(timing);
    if (timed.expected) EXPECT_EQ(times, *timed.expected) << timed.name;
    const std::string id = create({timed.name, timing});
    foretold[id] = times;
    names[id] = timed.name;
  }
  ASSERT_EQ(query_value(url_, "SELECT count(*) FROM fires"), "0") << "setting up took longer than the evening";
  const Instant until = parse_instant(night.to).value() + kStep;
  int steps = 0;
  for (; time_->now() < until && !HasFatalFailure(); ++steps) step();
  ASSERT_TRUE(eventually([&] { return sql("SELECT count(*) FROM run_queue") == "0"; }));

  std::size_t count = 0;
  for (const auto& [id, times] : foretold) {
    EXPECT_EQ(fired(id), times) << names[id];
    count += times.size();
  }
  const std::string ran = "FROM fires f JOIN runs r ON r.tenant_id = f.tenant_id AND r.id = f.run_id";
  EXPECT_EQ(sql("SELECT count(*) " + ran + " WHERE f.due_at < '" + night.to + "'"), std::to_string(count));
  EXPECT_EQ(sql("SELECT count(*) FROM runs"), sql("SELECT count(*) " + ran)) << "and no run without its fire";
  for (const auto& node : nodes_)
    for (const auto& line : node->errors()) EXPECT_NE(line.find("the database clock jumped forward"), std::string::npos) << line;
  std::printf("%zu schedules, %zu due times, %d steps of the clock\n", foretold.size(), count, steps);
}

INSTANTIATE_TEST_SUITE_P(Of2026, Nights, testing::ValuesIn(nights()), [](const auto& info) { return info.param.name; });
