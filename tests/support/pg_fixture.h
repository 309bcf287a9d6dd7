#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "persistence/embedded/embedded_postgres.h"

struct pg_conn;

namespace carillon::test {

/// A new folder that is removed with everything in it at the end.
class TempDir {
 public:
  explicit TempDir(std::string_view name = "carillon-test");
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

using Rows = std::vector<std::vector<std::string>>;  ///< NULL is ""

/// Runs SQL text (several statements are fine) on a connection of its own; the rows of the last one. Throws
/// std::runtime_error with the server's message.
Rows query(const std::string& connection_string, const std::string& sql);
/// The first field of the first row.
std::string query_value(const std::string& connection_string, const std::string& sql);

/// The same on one connection that stays open, for who asks often. One thread.
class SqlSession {
 public:
  explicit SqlSession(const std::string& connection_string);
  ~SqlSession();
  SqlSession(SqlSession&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  Rows query(const std::string& sql);

 private:
  pg_conn* connection_;
};

class TestServer;

/// A database that is dropped at the end, whoever is still connected.
class TestDatabase {
 public:
  TestDatabase(TestServer& server, std::string name) : server_(&server), name_(std::move(name)) {}
  TestDatabase(TestDatabase&& other) noexcept : server_(other.server_), name_(std::move(other.name_)) {
    other.name_.clear();
  }
  TestDatabase& operator=(TestDatabase&&) = delete;
  ~TestDatabase();
  const std::string& name() const { return name_; }
  /// As the bootstrap superuser, or as another role of the server.
  std::string connection_string(std::string_view user = {}) const;

 private:
  TestServer* server_;
  std::string name_;
};

struct TestServerOptions {
  bool durable = false;                       ///< with the hub's own settings: fsync, full pages, memory
  int max_connections = 60;
  std::vector<std::string> environment = {};  ///< NAME=value of the server's processes
};

/// A PostgreSQL of this process, fsync off unless asked for, started in about 0.4 s (the data directory is copied from
/// one that initdb made once per build directory). Roles are shared by all databases of a server. One thread.
class TestServer {
 public:
  /// The one most tests use; started at the first use and gone with the process.
  static TestServer& shared();

  explicit TestServer(TestServerOptions options = {});
  ~TestServer();

  EmbeddedPostgres& postgres() { return *postgres_; }
  std::string connection_string(std::string_view database = "postgres", std::string_view user = {}) const;
  /// Makes a template database with `fill` (given its connection string) unless this server has it already.
  void prepare_template(const std::string& name, const std::function<void(const std::string& connection_string)>& fill);
  /// A fresh database; a copy of a template takes about 50 ms.
  TestDatabase create_database(std::string_view from_template = "template1");

 private:
  std::unique_ptr<Clock> clock_;
  NullLogger log_;
  TempDir dir_;
  std::vector<std::string> templates_;
  int created_ = 0;
  std::unique_ptr<EmbeddedPostgres> postgres_;
};

}  // namespace carillon::test
