// kill -9 of the real program while 200 runs are under way.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/http_sink.h"
#include "tests/support/hub_fixture.h"
#include "web/api/description.h"

using namespace carillon;
using namespace carillon::test;

namespace {

constexpr int kSchedules = 200;

/// The hub as its own process, with an embedded database below `home`.
class ChildHub {
 public:
  explicit ChildHub(const std::filesystem::path& home) : home_(home) {
    std::filesystem::remove(home / "dev.env");
    pid_ = ::fork();
    if (pid_ == 0) {
      const int log = ::open((home / "hub.log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      ::dup2(log, STDOUT_FILENO);
      ::dup2(log, STDERR_FILENO);
      const std::string folder = home.string();
      const char* arguments[] = {CARILLON_PROGRAM, "serve", "--home", folder.c_str(), "--port", "0", "--sample=true", "--worker-lease", "5s",
                                 "--worker-concurrency", "500", "--outbound-allow-private", "true", "--drain-timeout", "1s", nullptr};
      ::execv(CARILLON_PROGRAM, const_cast<char**>(arguments));
      ::_exit(127);
    }
    if (!eventually([&] { return read_address() || ended(); }, std::chrono::seconds(60)) || token_.empty())
      throw std::runtime_error("the hub did not start; see " + (home / "hub.log").string() + "\n" + log_text());
  }
  ~ChildHub() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  ChildHub(const ChildHub&) = delete;
  void kill_hard() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  std::uint16_t port() const { return port_; }
  const std::string& token() const { return token_; }
  std::string log_text() const {
    std::ifstream in(home_ / "hub.log");
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  bool ended() {
    if (::waitpid(pid_, nullptr, WNOHANG) != pid_) return false;
    pid_ = -1;
    return true;
  }
  bool read_address() {
    std::ifstream in(home_ / "dev.env");
    std::string url, token;
    if (!std::getline(in, url) || !std::getline(in, token)) return false;
    port_ = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
    token_ = token.substr(token.find('=') + 1);
    return true;
  }
  std::filesystem::path home_;
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
  std::string token_;
};

}  // namespace

TEST(Crash, NothingIsLostAndNothingStartsTwiceWhenTheHubIsKilled) {
  TempDir home("carillon-crash");
  ApiContract contract(api::ApiDescription().document());
  const auto clock = make_system_clock();
  HttpSink sink;
  auto hub = std::make_unique<ChildHub>(home.path());
  std::string workflow;
  std::vector<std::string> schedules;
  {
    const Api api(hub->port(), contract, hub->token());
    workflow = api.workflow("Crash", posting_workflow(sink.url(), "{type: object, required: [n]}"));
    const std::string run_at = format_instant(Instant::from_seconds((clock->now() + std::chrono::seconds(8)).seconds()));
    for (int n = 0; n < kSchedules; ++n)
      schedules.push_back(api.make("/api/v1/schedules", {{"workflow_id", workflow}, {"name", "S" + std::to_string(n)},
                                                         {"timing", {{"kind", "once"}, {"run_at", run_at}}}, {"payload", {{"n", n}}}})["id"]);
    ASSERT_LT(clock->now(), *parse_instant(run_at)) << "the machine is too slow for this test";
  }
  sink.hold();
  ASSERT_TRUE(eventually([&] { return sink.count() >= 50; }, std::chrono::seconds(30)));
  hub->kill_hard();
  sink.let_go();
  hub = std::make_unique<ChildHub>(home.path());
  const Api api(hub->port(), contract, hub->token());

  const auto finished = [&] {
    const Json page = api.read("/api/v1/runs?state=succeeded&limit=500&workflow_id=" + workflow);
    return page["items"].size() == kSchedules;
  };
  ASSERT_TRUE(eventually(finished, std::chrono::seconds(60))) << hub->log_text();
  const Json runs = api.read("/api/v1/runs?limit=500&workflow_id=" + workflow)["items"];
  EXPECT_EQ(runs.size(), kSchedules);
  std::set<std::string> started;
  int taken_over = 0;
  for (const auto& run : runs) {
    EXPECT_EQ(run["state"], "succeeded");
    EXPECT_TRUE(started.insert(run["provenance"]["schedule_id"]).second) << "two runs of one due time";
    taken_over += run["takeovers"] > 0 ? 1 : 0;
  }
  EXPECT_GE(taken_over, 50);
  for (const auto& id : schedules) {
    const Json fires = api.read("/api/v1/schedules/" + id + "/fires")["items"];
    ASSERT_EQ(fires.size(), 1u) << fires;
    EXPECT_EQ(fires[0]["verdict"], "started");
  }
  std::map<std::string, std::set<std::string>> keys;  // by payload
  for (const auto& call : sink.calls()) keys[call.body].insert(call.key());
  EXPECT_EQ(keys.size(), kSchedules);
  for (const auto& [payload, seen] : keys) EXPECT_EQ(seen.size(), 1u) << payload;
  EXPECT_GT(sink.count(), static_cast<std::size_t>(kSchedules)) << "no call was repeated, so the kill came too late to show anything";
}
