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

/// A statement on its way from a hub to PostgreSQL.
struct GateStatement {
  std::uint64_t connection = 0;  ///< 1, 2, 3 …
  std::string user;              ///< the role the connection has logged in as
  pid_t backend = 0;             ///< the server's process that executes it
  std::string name;              ///< of a prepared statement its name, of any other its text
};

/// Decides about each statement. Called by the connection's own thread, which is the only one that waits meanwhile.
class GateKeeper {
 public:
  virtual ~GateKeeper() = default;
  /// Before it is passed on; may block. False: it never arrives, the connection ends.
  virtual bool coming([[maybe_unused]] const GateStatement& statement) { return true; }
  /// The server has answered it, well or not; may block. False: nobody hears of the answer, the connection ends.
  virtual bool answered([[maybe_unused]] const GateStatement& statement) { return true; }
};

/// Stands between a hub and PostgreSQL on a unix socket of its own, and asks its keeper about every statement that passes:
/// executions and simple queries, not the preparing of statements. The keeper outlives it, and lets go of everything
/// before the end of the gate. Thread-safe.
class PgGate {
 public:
  PgGate(std::filesystem::path server_socket, GateKeeper& keeper);
  ~PgGate();
  PgGate(const PgGate&) = delete;
  /// Folder of the socket, for host= in a connection string.
  const std::filesystem::path& socket_dir() const { return dir_.path(); }
  void close() { closed_ = true; }  ///< takes no new connections; those that are open go on
  void open() { closed_ = false; }

 private:
  class Link;
  void accept_all();
  std::filesystem::path server_;
  GateKeeper& keeper_;
  TempDir dir_{"carillon-gate"};
  int listener_ = -1;
  std::atomic<bool> stopping_{false}, closed_{false};
  std::thread acceptor_;
  std::vector<std::thread> links_;
};

}  // namespace carillon::test
