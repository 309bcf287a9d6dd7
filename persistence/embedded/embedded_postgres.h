#pragma once
#include <sys/types.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/base/service.h"

namespace carillon {

struct EmbeddedPostgresOptions {
  std::filesystem::path root;  ///< folder of our own: data, socket, log and lock live in it; made when missing
  std::filesystem::path bin_dir =
      {};  ///< folder with initdb and postgres; empty: that of the data, else 15, else newest >= 15
  std::string superuser = "carillon_owner";  ///< bootstrap superuser, made by initdb
  std::string run_as = "postgres";  ///< who postgres runs as when we are root and the data belongs to nobody yet
  /// Where the data goes when we are root and `run_as` may not pass the parents of `root` (a clone below /root).
  std::filesystem::path relocation_base = "/var/lib/carillon";
  int max_connections = 100;
  std::vector<std::pair<std::string, std::string>> settings =
      {};                                            ///< over the built-in ones, e.g. {"fsync","off"} in a test
  std::vector<std::string> environment = {};         ///< NAME=value of the server, beside what it needs anyway
  Duration start_limit = std::chrono::seconds(120);  ///< until ready; crash recovery of a large WAL takes its time
  Duration stop_limit = std::chrono::seconds(20);    ///< fast shutdown, before it is made immediate
};

/// What open() said, for callers of start().
class EmbeddedPostgresFailed : public std::runtime_error {
 public:
  explicit EmbeddedPostgresFailed(Error error);
  const Error& error() const { return error_; }

 private:
  Error error_;
};

/// A private PostgreSQL (15 or newer) that lives and dies with this process: a direct child, reached through a unix
/// socket only, never as root, in its own session so that a Ctrl-C meant for us does not reach it first. It is
/// started again (with a growing pause) when it dies. If we are killed it shuts down by itself.
/// Trust authentication on a socket in a 0700 folder: who may open the socket is the postgres user, and root.
/// Thread-safe after open().
class EmbeddedPostgres final : public Service {
 public:
  /// `clock` has to be a running one: the limits are waited for.
  EmbeddedPostgres(EmbeddedPostgresOptions options, const Clock& clock, Logger& log);
  ~EmbeddedPostgres() override;
  EmbeddedPostgres(const EmbeddedPostgres&) = delete;
  EmbeddedPostgres& operator=(const EmbeddedPostgres&) = delete;

  std::string_view name() const override { return "embedded postgres"; }
  /// Makes the database on the first start (or heals an interrupted first start) and returns when it accepts
  /// connections. Reasons: PG_BINARIES_MISSING, PG_ACCOUNT_MISSING, PG_FOREIGN_FILES, PG_IN_USE (another process of
  /// ours has it), PG_INIT_FAILED, PG_VERSION_MISSING, PG_LEFTOVER, PG_START_FAILED, PG_STOPPED (stop() meanwhile).
  Status open();
  /// As open(), throws EmbeddedPostgresFailed.
  void start() override;
  /// Fast shutdown: sessions are ended, everything committed is kept. Any thread, also during open().
  void stop() override;

  /// libpq key/value text for the bootstrap superuser (or another role) through the socket.
  std::string connection_string(std::string_view database = "postgres", std::string_view user = {}) const;
  const std::filesystem::path& socket_dir() const { return socket_dir_; }
  const std::filesystem::path& data_dir() const { return data_dir_; }
  const std::filesystem::path& log_file() const { return log_file_; }
  /// Accepts connections now, as far as we know.
  bool ready() const { return ready_; }
  /// Process id of the running postmaster, 0 when there is none.
  pid_t pid() const { return pid_; }
  /// How often it was started again after it died.
  std::uint64_t restarts() const { return restarts_; }
  /// Called with true when it accepts connections and with false when it died; set before open(). From the
  /// supervising thread: be short.
  void on_change(std::function<void(bool ready)> callback) { on_change_ = std::move(callback); }

 private:
  struct Running;
  void supervise(std::promise<Status> opened);
  Status prepare(Running& running);
  Status launch(Running& running, Duration limit);
  /// Until the child ended (true) or stop() was called (false).
  bool watch(Running& running);
  void shut_down(Running& running);
  void set_ready(bool ready);
  std::vector<std::string> server_arguments(const Running& running) const;

  EmbeddedPostgresOptions options_;
  const Clock& clock_;
  Logger& log_;
  std::function<void(bool)> on_change_;
  std::filesystem::path socket_dir_, data_dir_, log_file_;
  std::atomic<bool> ready_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<pid_t> pid_{0};
  std::atomic<std::uint64_t> restarts_{0};
  int wake_fd_ = -1;
  std::mutex lifecycle_;
  std::thread thread_;
};

}  // namespace carillon
