#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <fstream>

#include "persistence/embedded/child.h"
#include "persistence/embedded/cluster.h"
#include "persistence/embedded/embedded_postgres.h"
#include "persistence/embedded/layout.h"
#include "tests/support/pg_fixture.h"

namespace carillon {
namespace fs = std::filesystem;
using test::query;
using test::query_value;
using test::TempDir;
using ::testing::HasSubstr;

namespace {

constexpr int kPatienceMs = 30'000;

/// Lets the test wait until the server is up or down.
class ReadyWatch {
 public:
  explicit ReadyWatch(EmbeddedPostgres& postgres) {
    postgres.on_change([this](bool ready) {
      std::lock_guard guard(mutex_);
      (ready ? ups_ : downs_)++;
      changed_.notify_all();
    });
  }
  bool wait_for_ups(int count) {
    std::unique_lock guard(mutex_);
    return changed_.wait_for(guard, std::chrono::milliseconds(kPatienceMs), [&] { return ups_ >= count; });
  }
  int downs() {
    std::lock_guard guard(mutex_);
    return downs_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int ups_ = 0, downs_ = 0;
};

int open_pidfd(pid_t pid) {
  return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

/// Waits for the end of any process, not only of a child.
bool wait_for_end(int pidfd) {
  pollfd watched{pidfd, POLLIN, 0};
  return ::poll(&watched, 1, kPatienceMs) == 1;
}

/// The stand-in for a hub, in a process that can be killed.
class Holder {
 public:
  explicit Holder(const fs::path& root) {
    int in[2], out[2];
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    const std::string folder = root.string();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(in[0], 0);
      ::dup2(out[1], 1);
      ::execl(CARILLON_PG_HOLDER, "carillon_pg_holder", folder.c_str(), static_cast<char*>(nullptr));
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    input_ = in[1];
    std::FILE* answers = ::fdopen(out[0], "r");
    char line[1024] = {};
    if (std::fgets(line, sizeof line, answers) != nullptr) greeting_ = line;
    std::fclose(answers);
  }
  ~Holder() {
    if (pid_ > 0) kill_now();
    ::close(input_);
  }
  const std::string& greeting() const { return greeting_; }
  pid_t postgres_pid() const { return std::stoi(greeting_.substr(6)); }
  std::string connection_string() const { return greeting_.substr(greeting_.find("host=")); }
  void kill_now() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_ = 0;
  int input_ = -1;
  std::string greeting_;
};

class EmbeddedPg : public ::testing::Test {
 protected:
  EmbeddedPostgresOptions options(const fs::path& root) { return {.root = root}; }
  TempDir dir_;
  std::unique_ptr<Clock> clock_ = make_system_clock();
  NullLogger log_;
};

}  // namespace

TEST_F(EmbeddedPg, StartsStopsAndKeepsData) {
  EmbeddedPostgres postgres(options(dir_.path() / "pg"), *clock_, log_);
  postgres.start();
  EXPECT_TRUE(postgres.ready());
  query(postgres.connection_string(), "CREATE TABLE kept(n int); INSERT INTO kept VALUES (42)");
  postgres.stop();
  EXPECT_FALSE(postgres.ready());
  EXPECT_EQ(postgres.pid(), 0);
  EXPECT_FALSE(fs::exists(postgres.data_dir() / "postmaster.pid")) << "was not shut down cleanly";
  postgres.stop();
  postgres.start();
  EXPECT_EQ(query_value(postgres.connection_string(), "SELECT n FROM kept"), "42");
}

TEST_F(EmbeddedPg, IsPrivateAndDurable) {
  EmbeddedPostgres postgres(options(dir_.path() / "pg"), *clock_, log_);
  postgres.start();
  const auto setting = [&](const std::string& name) {
    return query_value(postgres.connection_string(), "SHOW " + name);
  };
  EXPECT_EQ(setting("listen_addresses"), "");
  EXPECT_EQ(setting("fsync"), "on");
  EXPECT_EQ(setting("full_page_writes"), "on");
  EXPECT_EQ(setting("synchronous_commit"), "on");
  EXPECT_EQ(setting("unix_socket_permissions"), "0700");
  EXPECT_EQ(setting("TimeZone"), "UTC");
  EXPECT_EQ(setting("lc_collate"), "C.UTF-8");
  EXPECT_EQ(query_value(postgres.connection_string(), "SELECT current_user"), "carillon_owner");
  struct stat info{};
  ASSERT_EQ(::stat(postgres.socket_dir().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700U);
  struct stat process{};
  ASSERT_EQ(::stat(("/proc/" + std::to_string(postgres.pid())).c_str(), &process), 0);
  EXPECT_NE(process.st_uid, 0U) << "postgres runs as root";
  EXPECT_NE(::getpgid(postgres.pid()), ::getpgid(0)) << "a Ctrl-C for us would hit postgres first";
}

TEST_F(EmbeddedPg, InheritsNoOpenFileOfOurs) {
  int leaky[2];
  ASSERT_EQ(::pipe(leaky), 0);
  EmbeddedPostgres postgres(options(dir_.path() / "pg"), *clock_, log_);
  postgres.start();
  ::close(leaky[1]);
  pollfd watched{leaky[0], POLLIN, 0};
  EXPECT_EQ(::poll(&watched, 1, 0), 1) << "postgres still holds the other end";
  ::close(leaky[0]);
}

TEST_F(EmbeddedPg, ComesBackAfterKillWithEverythingCommitted) {
  EmbeddedPostgres postgres(options(dir_.path() / "pg"), *clock_, log_);
  ReadyWatch watch(postgres);
  postgres.start();
  query(postgres.connection_string(), "CREATE TABLE kept(n int)");
  query(postgres.connection_string(), "INSERT INTO kept SELECT generate_series(1, 1000)");
  const pid_t first = postgres.pid();
  ASSERT_EQ(::kill(first, SIGKILL), 0);
  ASSERT_TRUE(watch.wait_for_ups(2));
  EXPECT_EQ(watch.downs(), 1);
  EXPECT_NE(postgres.pid(), first);
  EXPECT_EQ(postgres.restarts(), 1U);
  EXPECT_EQ(query_value(postgres.connection_string(), "SELECT count(*) FROM kept"), "1000");
  postgres.stop();  // before `watch`, which it reports to, is gone
}

TEST_F(EmbeddedPg, EndsWithAKilledParentAndStartsAgain) {
  const fs::path root = dir_.path() / "pg";
  int postgres_fd = -1;
  {
    Holder holder(root);
    ASSERT_THAT(holder.greeting(), HasSubstr("ready"));
    query(holder.connection_string(), "CREATE TABLE kept(n int); INSERT INTO kept VALUES (7)");
    postgres_fd = open_pidfd(holder.postgres_pid());
    ASSERT_GE(postgres_fd, 0);
    holder.kill_now();
  }
  // At once, while the orphan may still be shutting down.
  EmbeddedPostgres next(options(root), *clock_, log_);
  next.start();
  EXPECT_TRUE(wait_for_end(postgres_fd)) << "postgres outlived the hub";
  ::close(postgres_fd);
  EXPECT_EQ(query_value(next.connection_string(), "SELECT n FROM kept"), "7");
}

TEST_F(EmbeddedPg, StopsAnOrphanThatDoesNotEndByItself) {
  EmbeddedPostgres postgres(options(dir_.path() / "pg"), *clock_, log_);
  postgres.start();
  const fs::path program = fs::read_symlink("/proc/" + std::to_string(postgres.pid()) + "/exe");
  const fs::path data = postgres.data_dir(), sockets = postgres.socket_dir();
  postgres.stop();
  auto account = embedded::choose_account({dir_.path() / "pg", "postgres", {}});
  ASSERT_TRUE(account.has_value());
  auto orphan = embedded::spawn({.argv = {program, "-D", data, "-c", "listen_addresses=", "-k", sockets},
                                 .environment = embedded::program_environment(),
                                 .account = *account});
  ASSERT_TRUE(orphan.has_value());
  while (!embedded::accepts_connections(data, orphan->pid()))
    ASSERT_NE(orphan->wait(-1, std::chrono::milliseconds(5)), embedded::Child::Event::ended);
  postgres.start();
  EXPECT_EQ(orphan->wait(-1, std::chrono::seconds(5)), embedded::Child::Event::ended);
  EXPECT_TRUE(orphan->succeeded()) << orphan->status() << ": it was not stopped gently";
  EXPECT_EQ(query_value(postgres.connection_string(), "SELECT 1"), "1");
}

TEST_F(EmbeddedPg, RefusesASecondHubOnTheSameData) {
  const fs::path root = dir_.path() / "pg";
  Holder holder(root);
  ASSERT_THAT(holder.greeting(), HasSubstr("ready"));
  EmbeddedPostgres second(options(root), *clock_, log_);
  const auto status = second.open();
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().reason, "PG_IN_USE");
  EXPECT_THAT(status.error().message, HasSubstr("process "));
  EXPECT_EQ(query_value(holder.connection_string(), "SELECT 1"), "1") << "the first one was disturbed";
}

TEST_F(EmbeddedPg, HealsAnInterruptedInitdb) {
  const fs::path root = dir_.path() / "pg";
  fs::create_directories(root / "data.new" / "base");
  std::ofstream(root / "data.new" / "PG_VERSION") << "15\n";
  EmbeddedPostgres postgres(options(root), *clock_, log_);
  postgres.start();
  EXPECT_FALSE(fs::exists(root / "data.new"));
  EXPECT_EQ(query_value(postgres.connection_string(), "SELECT 1"), "1");
}

TEST_F(EmbeddedPg, StopDuringTheFirstStartLeavesNothingBehind) {
  const fs::path root = dir_.path() / "pg";
  {
    EmbeddedPostgres postgres(options(root), *clock_, log_);
    Status opened;
    std::thread starter([&] { opened = postgres.open(); });
    while (!fs::exists(root / "data.new" / "base") && !postgres.ready()) std::this_thread::yield();
    postgres.stop();
    starter.join();
    if (!opened) EXPECT_EQ(opened.error().reason, "PG_STOPPED");
  }
  EmbeddedPostgres again(options(root), *clock_, log_);
  again.start();
  EXPECT_EQ(query_value(again.connection_string(), "SELECT 1"), "1");
}

TEST_F(EmbeddedPg, LongPathsGetAShortSocketThatIsKept) {
  const fs::path root = dir_.path() / std::string(60, 'l') / std::string(60, 'o') / "pg";
  fs::path first;
  {
    EmbeddedPostgres postgres(options(root), *clock_, log_);
    postgres.start();
    first = postgres.socket_dir();
    EXPECT_LE((first / ".s.PGSQL.5432").native().size(), embedded::kLongestSocketPath);
    EXPECT_EQ(query_value(postgres.connection_string(), "SELECT 1"), "1");
  }
  EmbeddedPostgres postgres(options(root), *clock_, log_);
  postgres.start();
  EXPECT_EQ(postgres.socket_dir(), first);
  postgres.stop();
  fs::remove_all(first);
}

TEST_F(EmbeddedPg, PathsWithBlanksAndQuotesWork) {
  EmbeddedPostgres postgres(options(dir_.path() / "it's my pg"), *clock_, log_);
  postgres.start();
  EXPECT_EQ(query_value(postgres.connection_string(), "SELECT 1"), "1");
}

TEST_F(EmbeddedPg, AStalePidFileOfAStrangerDoesNotBlock) {
  const fs::path root = dir_.path() / "pg";
  EmbeddedPostgres postgres(options(root), *clock_, log_);
  postgres.start();
  postgres.stop();
  // Our own id is certainly alive and certainly not a postgres on this data.
  std::ofstream(postgres.data_dir() / "postmaster.pid") << ::getpid() << "\n"
                                                        << postgres.data_dir().string() << "\n0\n5432\n\n\n\n";
  postgres.start();
  EXPECT_EQ(query_value(postgres.connection_string(), "SELECT 1"), "1");
}

TEST_F(EmbeddedPg, AFailedStartSaysWhatPostgresSaid) {
  auto broken = options(dir_.path() / "pg");
  broken.settings = {{"shared_buffers", "lots"}};
  EmbeddedPostgres postgres(broken, *clock_, log_);
  const auto status = postgres.open();
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().reason, "PG_START_FAILED");
  EXPECT_THAT(status.error().message, HasSubstr("shared_buffers"));
}

TEST_F(EmbeddedPg, MissingProgramsAndForeignFoldersAreNamed) {
  auto nowhere = options(dir_.path() / "pg");
  nowhere.bin_dir = dir_.path();
  EmbeddedPostgres postgres(nowhere, *clock_, log_);
  const auto status = postgres.open();
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().reason, "PG_BINARIES_MISSING");

  const fs::path occupied = dir_.path() / "occupied";
  fs::create_directories(occupied / "data");
  std::ofstream(occupied / "data" / "letter.txt") << "dear";
  EmbeddedPostgres refused(options(occupied), *clock_, log_);
  const auto refusal = refused.open();
  ASSERT_FALSE(refusal.has_value());
  EXPECT_EQ(refusal.error().reason, "PG_FOREIGN_FILES");
  EXPECT_TRUE(fs::exists(occupied / "data" / "letter.txt"));
}

TEST_F(EmbeddedPg, DataOutsideTheReachOfTheAccountIsMoved) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root changes user";
  const fs::path closed = dir_.path() / "closed";
  fs::create_directories(closed);
  ASSERT_EQ(::chmod(closed.c_str(), 0700), 0);
  auto moved = options(closed / "pg");
  moved.relocation_base = dir_.path() / "moved";
  for (int round = 0; round < 2; ++round) {
    EmbeddedPostgres postgres(moved, *clock_, log_);
    postgres.start();
    EXPECT_EQ(postgres.data_dir().native().rfind(moved.relocation_base.native(), 0), 0U) << postgres.data_dir();
    query(postgres.connection_string(), "CREATE TABLE round_" + std::to_string(round) + "(n int)");
    EXPECT_EQ(query_value(postgres.connection_string(), "SELECT count(*) FROM round_0"), "0");
  }
}

TEST_F(EmbeddedPg, TheAccountCannotChangeOurFolder) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root changes user";
  EmbeddedPostgres postgres(options(dir_.path() / "pg"), *clock_, log_);
  postgres.start();
  for (const char* name : {"", "lock", "postgres.log"}) {
    struct stat info{};
    ASSERT_EQ(::lstat((dir_.path() / "pg" / name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_uid, 0U) << name;
  }
}

TEST(TestServerFixture, ClonesATemplate) {
  auto& server = test::TestServer::shared();
  int filled = 0;
  const auto fill = [&](const std::string& dsn) {
    ++filled;
    query(dsn, "CREATE TABLE model(n int); INSERT INTO model VALUES (1)");
  };
  server.prepare_template("model", fill);
  server.prepare_template("model", fill);
  EXPECT_EQ(filled, 1);
  const auto one = server.create_database("model");
  const auto two = server.create_database("model");
  query(one.connection_string(), "DELETE FROM model");
  EXPECT_EQ(query_value(two.connection_string(), "SELECT count(*) FROM model"), "1");
}

}  // namespace carillon
