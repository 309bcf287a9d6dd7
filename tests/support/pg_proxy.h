#pragma once
#include <atomic>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/pg_fixture.h"

namespace carillon::test {

/// Stands between a hub and PostgreSQL on a unix socket of its own, and breaks connections the way a network does.
/// Thread-safe.
class PgProxy {
 public:
  explicit PgProxy(const std::filesystem::path& server_socket);
  ~PgProxy();
  PgProxy(const PgProxy&) = delete;
  /// Folder of the socket, for host= in a connection string.
  const std::filesystem::path& socket_dir() const { return dir_.path(); }
  void go_away();    ///< ends every connection and takes no new ones
  void come_back();
  /// The next `count` COMMITs reach the server, their answers do not reach the client: the connection ends instead.
  void lose_commit_answers(int count) { lose_answers_ = count; }
  /// The next `count` COMMITs do not reach the server.
  void lose_commits(int count) { lose_commits_ = count; }
  /// The next `count` COMMITs reach the server; the client is told instead that its backend is being shut down, as one
  /// that was terminated between the commit and its answer says.
  void shut_down_after_commits(int count) { shut_down_after_ = count; }
  int lost() const { return lost_; }

 private:
  void accept_all();
  void serve(int client);
  std::filesystem::path server_;
  TempDir dir_{"carillon-proxy"};
  int listener_ = -1;
  std::atomic<bool> stopping_{false}, away_{false};
  std::atomic<int> lose_answers_{0}, lose_commits_{0}, shut_down_after_{0}, lost_{0};
  std::mutex mutex_;
  std::set<int> open_;
  std::thread acceptor_;
  std::vector<std::thread> pumps_;
};

}  // namespace carillon::test
