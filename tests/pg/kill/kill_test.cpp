// Four nodes on one database; one of them is killed every few seconds, the database goes down twice, and the wall clock
// of one node is set to and fro. Whatever happens: every due time one fire, every started fire one run.
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdio>
#include <cstdlib>

#include "tests/pg/kill/ledger.h"
#include "tests/support/fake_time.h"
#include "tests/support/hub_process.h"

using namespace carillon;
using namespace carillon::test;

namespace {

constexpr int kNodes = 4;
constexpr int kStepped = 3;  ///< the node whose clock is set
constexpr Duration kMostBetweenKills = std::chrono::milliseconds(3700);

std::int64_t number_from(const char* variable, std::int64_t fallback) {
  const char* text = std::getenv(variable);
  return text != nullptr && *text != '\0' ? std::stoll(text) : fallback;
}

/// What is done to the nodes and the database while the load is due.
class Chaos {
 public:
  Chaos(TestServer& server, const std::filesystem::path& home, const std::string& url, Rng& rng) : server_(server), rng_(rng), time_(home) {
    for (int n = 0; n < kNodes; ++n) {
      HubProcessOptions options{CARILLON_PROGRAM, home / ("node-" + std::to_string(n)), url, {"--worker-lease", "5s", "--drain-timeout", "1s"}, {}};
      if (n == kStepped) options.environment = time_.environment();
      nodes_.push_back(std::make_unique<HubProcess>(std::move(options)));
      nodes_.back()->start();
    }
    for (auto& node : nodes_) node->await_ready();
  }

  /// From `from` to `to`, and longer if the machine was too slow for so many kills.
  void rage(Instant from, Instant to, int kills) {
    wait_until(from);
    const Duration third = (to - from) / 3;
    Instant next_step = from + std::chrono::seconds(3), next_kill = from;
    int outages = 0;
    while (clock_->now() < to || kills_ < kills) {
      next_kill += std::chrono::milliseconds(2000) + Duration(rng_.below(static_cast<std::uint64_t>((kMostBetweenKills - std::chrono::seconds(2)).count())));
      wait_until(next_kill);
      kill_one();
      if (clock_->now() >= next_step) step_clock(next_step);
      if (outages < 2 && clock_->now() >= from + third * (outages + 1)) ::kill(server_.postgres().pid(), outages++ == 0 ? SIGQUIT : SIGINT);
    }
  }
  int kills() const { return kills_; }
  int steps() const { return steps_; }
  HubProcess& node(int n) { return *nodes_[static_cast<std::size_t>(n)]; }
  std::vector<std::string> errors() const {
    std::vector<std::string> out;
    for (const auto& node : nodes_)
      for (auto& line : node->errors()) out.push_back(std::move(line));
    return out;
  }

 private:
  void wait_until(Instant t) {
    while (clock_->now() < t) pause_.wait_for(t - clock_->now());
  }
  void kill_one() {
    HubProcess& victim = *nodes_[rng_.below(kNodes)];
    victim.kill_hard();
    victim.start();
    ++kills_;
  }
  void step_clock(Instant& next) {
    constexpr std::chrono::hours kOffsets[] = {std::chrono::hours(1), std::chrono::hours(-1), std::chrono::hours(0)};
    time_.shift(kOffsets[steps_++ % 3]);
    next += std::chrono::seconds(8);
  }

  TestServer& server_;
  Rng& rng_;
  FakeTime time_;
  std::unique_ptr<Clock> clock_ = make_system_clock();
  Wakeup pause_;
  std::vector<std::unique_ptr<HubProcess>> nodes_;
  int kills_ = 0, steps_ = 0;
};

/// Nothing of the load is due any more and all its runs have ended.
bool all_done(const std::string& url) {
  try {
    return query_value(url, "SELECT (SELECT count(*) FROM registrations WHERE kind = 'schedule' AND planned_at IS NOT NULL) + "
                            "(SELECT count(*) FROM run_queue)") == "0";
  } catch (const std::runtime_error&) {
    return false;  // the database is just away
  }
}

}  // namespace

TEST(Kill, EveryDueTimeHasOneFireAndOneRunWhateverIsKilled) {
  const auto seed = static_cast<std::uint64_t>(number_from("CARILLON_KILL_SEED", make_system_rng()->below(1'000'000)));
  LoadSize size;
  size.window = std::chrono::seconds(number_from("CARILLON_KILL_SECONDS", 120));
  std::printf("seed %llu (CARILLON_KILL_SEED), window %s (CARILLON_KILL_SECONDS)\n", static_cast<unsigned long long>(seed), describe_duration(size.window).c_str());
  const auto clock = make_system_clock();
  Duration begun = clock->steady();
  TestServer server({.durable = true, .max_connections = 200});
  TestDatabase database = server.create_database();
  const std::string url = database.connection_string();
  // Making the load is not what is tested, so it need not wait for the disk.
  query(url, "ALTER DATABASE " + database.name() + " SET synchronous_commit = off");
  Load load(size, seed);
  load.create(url);
  query(url, "ALTER DATABASE " + database.name() + " RESET synchronous_commit");
  query(url, "ANALYZE");
  std::printf("%zu schedules with %zu due times made in %s\n", load.schedules().size(), load.due_times(), describe_duration(clock->steady() - begun).c_str());
  ASSERT_EQ(query_value(url, "SHOW fsync") + " " + query_value(url, "SHOW synchronous_commit"), "on on");

  TempDir home("carillon-kill");
  Chaos chaos(server, home.path(), url, load.rng());
  const int kills = static_cast<int>(size.window / std::chrono::seconds(3));
  chaos.rage(load.begin(), load.end(), kills);
  begun = clock->steady();
  ASSERT_TRUE(eventually([&] { return all_done(url); }, std::chrono::seconds(120)))
      << "still waiting: " << query(url, "SELECT count(*) FROM run_queue")[0][0] << " runs, "
      << query(url, "SELECT count(*) FROM registrations WHERE kind = 'schedule' AND planned_at IS NOT NULL")[0][0] << " schedules\n" << chaos.node(0).log_text();
  std::printf("all ended %s after the window\n", describe_duration(clock->steady() - begun).c_str());

  const Judgement judgement = judge(read_ledger(url), load.schedules());
  std::printf("%d kills, %d clock steps, database started again %llu times: %s\n", chaos.kills(), chaos.steps(),
              static_cast<unsigned long long>(server.postgres().restarts()), judgement.text().c_str());
  EXPECT_EQ(judgement.problem_count, 0u) << judgement.text();
  EXPECT_GE(chaos.kills(), kills);
  EXPECT_EQ(server.postgres().restarts(), 2u);
  // Late is lawful while the database recovers on a busy machine, but a hub that misses much has not survived.
  const auto missed = judgement.verdicts.find("missed");
  EXPECT_LT(missed == judgement.verdicts.end() ? 0 : missed->second, load.due_times() / 10);
  EXPECT_EQ(chaos.errors(), std::vector<std::string>());
}
