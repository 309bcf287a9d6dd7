#include "tests/support/pg_fixture.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace carillon::test {
namespace fs = std::filesystem;
namespace {

using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

/// Everything below becomes the user's, as initdb would have made it.
void hand_over(const fs::path& folder, uid_t uid, gid_t gid) {
  const auto give = [&](const fs::path& path) {
    if (::lchown(path.c_str(), uid, gid) != 0) throw std::runtime_error("chown " + path.string());
  };
  give(folder);
  for (const auto& entry : fs::recursive_directory_iterator(folder)) give(entry.path());
}

/// Held while the cached data directory is made, so that test programs that start together make it once.
class CacheLock {
 public:
  explicit CacheLock(const fs::path& file) : fd_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (fd_ < 0 || ::flock(fd_, LOCK_EX) != 0) throw std::runtime_error("cannot lock " + file.string());
  }
  ~CacheLock() { ::close(fd_); }
  CacheLock(const CacheLock&) = delete;
  CacheLock& operator=(const CacheLock&) = delete;

 private:
  int fd_;
};

/// A data directory that was made and stopped cleanly, ready to be copied.
fs::path cached_data(const fs::path& cache_dir, const Clock& clock, Logger& log) {
  const fs::path home = cache_dir / ("pg-template-" + std::to_string(::geteuid()));
  fs::create_directories(home);
  const CacheLock lock(home / "cache.lock");
  if (fs::exists(home / "data" / "PG_VERSION")) return home / "data";
  const TempDir made("carillon-initdb");
  EmbeddedPostgres first({.root = made.path()}, clock, log);
  first.start();
  first.stop();
  fs::remove_all(home / "copy");
  fs::copy(first.data_dir(), home / "copy", fs::copy_options::recursive);
  fs::rename(home / "copy", home / "data");
  return home / "data";
}

void copy_data(const fs::path& from, const fs::path& root) {
  fs::copy(from, root / "data", fs::copy_options::recursive);
  if (::chmod((root / "data").c_str(), 0700) != 0) throw std::runtime_error("chmod");
  if (::geteuid() != 0) return;
  const passwd* account = ::getpwnam("postgres");
  if (account == nullptr) throw std::runtime_error("no user postgres");
  hand_over(root / "data", account->pw_uid, account->pw_gid);
}

}  // namespace

TempDir::TempDir(std::string_view name) {
  std::string pattern = (fs::temp_directory_path() / (std::string(name) + "-XXXXXX")).string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp " + pattern);
  path_ = pattern;
  ::chmod(path_.c_str(), 0755);
}

TempDir::~TempDir() {
  std::error_code none;
  fs::remove_all(path_, none);
}

SqlSession::SqlSession(const std::string& connection_string) : connection_(PQconnectdb(connection_string.c_str())) {
  if (PQstatus(connection_) != CONNECTION_OK) {
    const std::string what = PQerrorMessage(connection_);
    PQfinish(connection_);
    throw std::runtime_error(what);
  }
  PQsetNoticeProcessor(connection_, [](void*, const char*) {}, nullptr);
}

SqlSession::~SqlSession() { PQfinish(connection_); }

Rows SqlSession::query(const std::string& sql) {
  const Answer answer(PQexec(connection_, sql.c_str()), &PQclear);
  const auto status = PQresultStatus(answer.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) throw std::runtime_error(PQerrorMessage(connection_));
  Rows rows;
  for (int row = 0; row < PQntuples(answer.get()); ++row) {
    auto& fields = rows.emplace_back();
    for (int column = 0; column < PQnfields(answer.get()); ++column)
      fields.emplace_back(PQgetvalue(answer.get(), row, column));
  }
  return rows;
}

Rows query(const std::string& connection_string, const std::string& sql) { return SqlSession(connection_string).query(sql); }

std::string query_value(const std::string& connection_string, const std::string& sql) {
  const Rows rows = query(connection_string, sql);
  if (rows.empty() || rows[0].empty()) throw std::runtime_error("no row: " + sql);
  return rows[0][0];
}

TestDatabase::~TestDatabase() {
  if (name_.empty()) return;
  try {
    query(server_->connection_string(), "DROP DATABASE IF EXISTS \"" + name_ + "\" WITH (FORCE)");
  } catch (const std::runtime_error&) {
    // The server was stopped by the test; its folder goes with it.
    name_.clear();
  }
}

std::string TestDatabase::connection_string(std::string_view user) const {
  return server_->connection_string(name_, user);
}

TestServer& TestServer::shared() {
  static TestServer server;
  return server;
}

TestServer::TestServer(TestServerOptions options) : clock_(make_system_clock()), dir_("carillon-pg") {
  copy_data(cached_data(CARILLON_TEST_CACHE, *clock_, log_), dir_.path());
  EmbeddedPostgresOptions server{.root = dir_.path(), .max_connections = options.max_connections, .environment = std::move(options.environment)};
  if (!options.durable) server.settings = {{"fsync", "off"}, {"full_page_writes", "off"}, {"shared_buffers", "64MB"}};
  postgres_ = std::make_unique<EmbeddedPostgres>(std::move(server), *clock_, log_);
  postgres_->start();
}

TestServer::~TestServer() {
  postgres_->stop();
}

std::string TestServer::connection_string(std::string_view database, std::string_view user) const {
  return postgres_->connection_string(database, user);
}

void TestServer::prepare_template(const std::string& name, const std::function<void(const std::string&)>& fill) {
  if (std::find(templates_.begin(), templates_.end(), name) != templates_.end()) return;
  query(connection_string(), "DROP DATABASE IF EXISTS \"" + name + "\" WITH (FORCE)");
  query(connection_string(), "CREATE DATABASE \"" + name + "\"");
  fill(connection_string(name));
  templates_.push_back(name);
}

TestDatabase TestServer::create_database(std::string_view from_template) {
  const std::string name = "test_" + std::to_string(++created_);
  query(connection_string(), "CREATE DATABASE \"" + name + "\" TEMPLATE \"" + std::string(from_template) + "\"");
  return TestDatabase(*this, name);
}

}  // namespace carillon::test
