#include "persistence/embedded/embedded_postgres.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstring>

#include "persistence/embedded/child.h"
#include "persistence/embedded/cluster.h"
#include "persistence/embedded/layout.h"

namespace carillon {
namespace fs = std::filesystem;
using embedded::Child;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr Duration kFirstPause = milliseconds(100);
constexpr Duration kLongestPause = seconds(30);
/// Having run this long, a death is a new story and not the next chapter of the last one.
constexpr Duration kStable = seconds(60);

/// Sizes for a laptop; everything that keeps data safe (fsync, full_page_writes) stays at PostgreSQL's safe default.
std::vector<std::pair<std::string, std::string>> built_in_settings(const EmbeddedPostgresOptions& options) {
  return {{"listen_addresses", ""},
          {"max_connections", std::to_string(options.max_connections)},
          {"shared_buffers", "256MB"},
          {"effective_cache_size", "1GB"},
          {"work_mem", "8MB"},
          {"maintenance_work_mem", "64MB"},
          {"max_wal_size", "2GB"},
          {"min_wal_size", "80MB"},
          {"checkpoint_timeout", "15min"},
          {"fsync", "on"},
          {"synchronous_commit", "on"},
          {"wal_compression", "lz4"},
          {"default_toast_compression", "lz4"},
          {"wal_level", "replica"},
          {"random_page_cost", "1.1"},
          {"jit", "off"},
          {"autovacuum_naptime", "15s"},
          {"timezone", "UTC"},
          {"log_timezone", "UTC"},
          {"logging_collector", "off"},
          {"log_min_messages", "warning"},
          {"log_line_prefix", "%m [%p] %q%u@%d "},
          {"log_checkpoints", "off"}};
}

std::string conninfo_quoted(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string failure_text(const Error& error) {
  return error.message + (error.remedy.empty() ? "" : " " + error.remedy) + " [" + error.reason + "]";
}

}  // namespace

EmbeddedPostgresFailed::EmbeddedPostgresFailed(Error error)
    : std::runtime_error(failure_text(error)), error_(std::move(error)) {}

/// What the supervising thread holds while there is a database of ours.
struct EmbeddedPostgres::Running {
  embedded::FolderLock lock;
  embedded::Layout layout;
  fs::path bin_dir;
  Child child;
  Duration launched_at{};
};

EmbeddedPostgres::EmbeddedPostgres(EmbeddedPostgresOptions options, const Clock& clock, Logger& log)
    : options_(std::move(options)), clock_(clock), log_(log), wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_fd_ < 0) throw std::runtime_error(std::string("eventfd: ") + std::strerror(errno));
}

EmbeddedPostgres::~EmbeddedPostgres() {
  stop();
  ::close(wake_fd_);
}

void EmbeddedPostgres::start() {
  if (auto status = open(); !status) throw EmbeddedPostgresFailed(std::move(status).error());
}

Status EmbeddedPostgres::open() {
  std::promise<Status> opened;
  auto answer = opened.get_future();
  {
    std::lock_guard guard(lifecycle_);
    if (thread_.joinable()) {
      if (ready_) return ok();
      thread_.join();
    }
    eventfd_t forgotten;
    ::eventfd_read(wake_fd_, &forgotten);
    stopping_ = false;
    thread_ = std::thread([this, promise = std::move(opened)]() mutable { supervise(std::move(promise)); });
  }
  return answer.get();
}

void EmbeddedPostgres::stop() {
  std::lock_guard guard(lifecycle_);
  stopping_ = true;
  ::eventfd_write(wake_fd_, 1);
  if (thread_.joinable()) thread_.join();
}

std::string EmbeddedPostgres::connection_string(std::string_view database, std::string_view user) const {
  return "host=" + conninfo_quoted(socket_dir_.native()) + " port=5432 dbname=" + conninfo_quoted(database) +
         " user=" + conninfo_quoted(user.empty() ? std::string_view(options_.superuser) : user);
}

void EmbeddedPostgres::set_ready(bool ready) {
  if (ready_.exchange(ready) != ready && on_change_) on_change_(ready);
}

/// The whole life of the database happens on this one thread: the death signal of a child is tied to the thread that
/// forked it.
void EmbeddedPostgres::supervise(std::promise<Status> opened) {
  pthread_setname_np(pthread_self(), "embedded-pg");
  Running running;
  Status status = prepare(running);
  if (status) status = launch(running, options_.start_limit);
  const bool up = status.has_value();
  opened.set_value(std::move(status));
  if (!up) return shut_down(running);
  Duration pause = kFirstPause;
  while (watch(running)) {
    if (clock_.steady() - running.launched_at > kStable) pause = kFirstPause;
    log_.error("embedded postgres died", {{"status", running.child.status()},
                                          {"restart_in", describe_duration(pause)},
                                          {"log", embedded::tail_of(log_file_, 3)}});
    if (embedded::wait_for_wake(wake_fd_, pause)) break;
    pause = std::min<Duration>(pause * 2, kLongestPause);
    ++restarts_;
    // Nobody waits for this one: a long recovery is left alone.
    if (auto again = launch(running, std::chrono::hours(24)); !again && !stopping_)
      log_.error("embedded postgres did not come back", {{"error", failure_text(again.error())}});
  }
  shut_down(running);
}

Status EmbeddedPostgres::prepare(Running& running) {
  const embedded::LayoutRequest request{options_.root, options_.run_as, options_.relocation_base};
  CARILLON_TRY(auto account, embedded::choose_account(request));
  CARILLON_TRY(running.lock, embedded::FolderLock::take(fs::absolute(options_.root)));
  CARILLON_TRY(running.layout, embedded::make_layout(request, std::move(account)));
  CARILLON_TRY(running.bin_dir, embedded::find_binaries(options_.bin_dir, running.layout, log_));
  socket_dir_ = running.layout.socket_dir;
  data_dir_ = running.layout.data;
  log_file_ = running.layout.log_file;
  return embedded::make_cluster(running.layout, running.bin_dir, options_.superuser, {clock_, log_, wake_fd_});
}

std::vector<std::string> EmbeddedPostgres::server_arguments(const Running& running) const {
  std::vector<std::string> out = {(running.bin_dir / "postgres").string(), "-D", running.layout.data.string()};
  const auto add = [&out](const std::string& name, const std::string& value) {
    out.push_back("-c");
    out.push_back(name + "=" + value);
  };
  for (const auto& [name, value] : built_in_settings(options_)) add(name, value);
  for (const auto& [name, value] : options_.settings) add(name, value);
  // Not to be overridden: only the owner may open the socket, as trust is all the authentication there is.
  add("unix_socket_directories", running.layout.socket_dir.string());
  add("unix_socket_permissions", "0700");
  return out;
}

Status EmbeddedPostgres::launch(Running& running, Duration limit) {
  running.launched_at = clock_.steady();
  CARILLON_CHECK(embedded::clear_leftovers(running.layout, {clock_, log_, wake_fd_}));
  const int log_fd = embedded::open_log(running.layout);
  auto environment = embedded::program_environment();
  environment.insert(environment.end(), options_.environment.begin(), options_.environment.end());
  auto child = embedded::spawn({.argv = server_arguments(running),
                                .environment = std::move(environment),
                                .account = running.layout.account,
                                .output_fd = log_fd,
                                .death_signal = SIGINT});
  if (log_fd >= 0) ::close(log_fd);
  if (!child) return std::move(child).error();
  running.child = std::move(*child);
  pid_ = running.child.pid();
  const Duration until = clock_.steady() + limit;
  while (!embedded::accepts_connections(running.layout.data, running.child.pid())) {
    const auto event = running.child.wait(wake_fd_, milliseconds(10));
    if (event == Child::Event::woken)
      return embedded::pg_error(ErrorCode::unavailable, "PG_STOPPED",
                                "The embedded database was stopped while it started", "Start again.");
    if (event == Child::Event::ended || clock_.steady() >= until)
      return embedded::pg_error(ErrorCode::internal, "PG_START_FAILED",
                                "PostgreSQL did not start (" +
                                    (running.child.running() ? "not ready in time" : running.child.status()) + "):\n" +
                                    embedded::tail_of(running.layout.log_file),
                                "See " + running.layout.log_file.string() + ".", running.layout.data);
  }
  log_.info("embedded postgres is ready", {{"pid", static_cast<std::int64_t>(running.child.pid())},
                                           {"user", running.layout.account.name},
                                           {"data", running.layout.data.string()},
                                           {"took", describe_duration(clock_.steady() - running.launched_at)}});
  set_ready(true);
  return ok();
}

bool EmbeddedPostgres::watch(Running& running) {
  while (!stopping_) {
    const auto event = running.child.wait(wake_fd_, seconds(3600));
    if (event == Child::Event::timed_out) continue;
    if (event == Child::Event::woken) return false;
    pid_ = 0;
    set_ready(false);
    return true;
  }
  return false;
}

void EmbeddedPostgres::shut_down(Running& running) {
  struct Step {
    int signal;
    Duration patience;
  };
  // Fast, then immediate (recovery at the next start), then nothing PostgreSQL could still object to.
  for (const Step step : {Step{SIGINT, options_.stop_limit}, {SIGQUIT, seconds(10)}, {SIGKILL, seconds(10)}}) {
    if (!running.child.running()) break;
    if (step.signal != SIGINT) log_.warn("embedded postgres is slow to stop", {{"signal", step.signal}});
    running.child.signal(step.signal);
    running.child.wait(-1, step.patience);
  }
  pid_ = 0;
  set_ready(false);
}

}  // namespace carillon
