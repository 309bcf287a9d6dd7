#include "persistence/migrate/migrator.h"

#include <libpq-fe.h>
#include <openssl/sha.h>

#include <algorithm>
#include <map>
#include <pqxx/pqxx>

#include "persistence/migrate/embedded.h"

namespace carillon::pg {
namespace {

/// One lock for all hubs on a database; any number will do.
constexpr const char* kMigrationLock = "SELECT pg_advisory_lock(7266217320419)";

std::string sha256_hex(const std::string& text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (unsigned char c : digest) {
    out += kHex[c >> 4];
    out += kHex[c & 15];
  }
  return out;
}

Error migration_error(const std::string& reason, const std::string& message, const std::string& remedy) {
  return Error{ErrorCode::internal, reason, message, "", "", remedy, {}};
}

void ensure_roles(pqxx::connection& connection, const std::string& password) {
  pqxx::nontransaction session(connection);
  for (const char* role : {"carillon_app", "carillon_system"}) {
    auto known = session.exec("SELECT 1 FROM pg_roles WHERE rolname = " + session.quote(std::string(role)));
    std::string with = password.empty() ? "" : " PASSWORD " + session.quote(password);
    try {
      if (known.empty()) session.exec("CREATE ROLE " + std::string(role) + " LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB" + with);
      else if (!with.empty()) session.exec("ALTER ROLE " + std::string(role) + with);
    } catch (const pqxx::sql_error& e) {
      // Another database of this server may be migrating at the same moment.
      if (e.sqlstate() != "42710" && e.sqlstate() != "23505" && e.sqlstate() != "XX000") throw;
    }
  }
}

void ensure_table(pqxx::connection& connection) {
  pqxx::nontransaction session(connection);
  session.exec("SET client_min_messages = warning");
  session.exec(
      "CREATE TABLE IF NOT EXISTS carillon_migrations (line text NOT NULL, number integer NOT NULL, name text NOT NULL, "
      "checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (line, number))");
}

Result<std::vector<MigrationState>> plan_on(pqxx::connection& connection, std::span<const std::string> lines) {
  std::map<std::pair<std::string, int>, std::string> applied;
  {
    pqxx::nontransaction session(connection);
    auto table = session.exec("SELECT to_regclass('carillon_migrations') IS NOT NULL");
    if (table[0][0].as<bool>())
      for (const auto& row : session.exec("SELECT line, number, checksum FROM carillon_migrations"))
        applied[{row[0].as<std::string>(), row[1].as<int>()}] = row[2].as<std::string>();
  }
  std::vector<MigrationState> out;
  for (const auto& line : lines)
    for (auto& migration : embedded_migrations()) {
      if (migration.line != line) continue;
      auto it = applied.find({migration.line, migration.number});
      bool done = it != applied.end();
      if (done && it->second != migration.checksum)
        return migration_error("MIGRATION_CHANGED", "migrations/" + line + "/" + migration.name + " was changed after it had been applied.",
                               "Restore the file and write the change as a new one.");
      if (done) applied.erase(it);
      out.push_back({std::move(migration), done});
    }
  for (const auto& [key, _] : applied)
    if (std::ranges::find(lines, key.first) != lines.end())
      return migration_error("MIGRATION_UNKNOWN", "The database has migration " + key.first + "/" + std::to_string(key.second) + ", which this binary does not know.",
                             "Run the newer version of Carillon that wrote it.");
  return out;
}

}  // namespace

std::vector<Migration> embedded_migrations() {
  std::vector<Migration> out;
  for (std::size_t i = 0; i < kEmbeddedFileCount; ++i) {
    const EmbeddedFile& file = kEmbeddedFiles[i];
    out.push_back({file.line, std::stoi(file.name), file.name, file.text, sha256_hex(file.text)});
  }
  return out;
}

Result<std::vector<MigrationState>> Migrator::plan(std::span<const std::string> lines) {
  pqxx::connection connection(owner_url_);
  return plan_on(connection, lines);
}

Result<int> Migrator::migrate(std::span<const std::string> lines) {
  pqxx::connection connection(owner_url_);
  {
    pqxx::nontransaction session(connection);
    session.exec(kMigrationLock);
  }
  ensure_roles(connection, role_password_);
  ensure_table(connection);
  CARILLON_TRY(auto states, plan_on(connection, lines));
  int count = 0;
  for (const auto& [migration, applied] : states) {
    if (applied) continue;
    pqxx::work work(connection);
    work.exec(migration.text);
    work.exec_params("INSERT INTO carillon_migrations (line, number, name, checksum) VALUES ($1, $2, $3, $4)", migration.line,
                     migration.number, migration.name, migration.checksum);
    work.commit();
    ++count;
    log_.info("migration applied", {{"line", migration.line}, {"file", migration.name}});
  }
  return count;
}

std::string with_user(const std::string& url, const std::string& user, const std::string& password) {
  auto scheme = url.find("://");
  if (scheme != std::string::npos) {
    std::size_t start = scheme + 3;
    std::size_t end = std::min(url.find_first_of("/?", start), url.size());
    std::size_t at = url.rfind('@', end);
    std::size_t host = at != std::string::npos && at >= start && at < end ? at + 1 : start;
    std::string credentials = user + (password.empty() ? "" : ":" + password) + "@";
    return url.substr(0, start) + credentials + url.substr(host);
  }
  // libpq takes the last of a repeated keyword.
  return url + " user=" + user + (password.empty() ? "" : " password=" + password);
}

std::string role_password(const std::string& owner_url) {
  std::string password;
  if (PQconninfoOption* options = PQconninfoParse(owner_url.c_str(), nullptr)) {
    for (PQconninfoOption* o = options; o->keyword != nullptr; ++o)
      if (std::string_view(o->keyword) == "password" && o->val != nullptr) password = o->val;
    PQconninfoFree(options);
  }
  return password.empty() ? "" : sha256_hex("carillon roles " + password);
}

void ensure_database(const std::string& url, const std::string& name) {
  pqxx::connection connection(url);
  pqxx::nontransaction session(connection);
  if (session.exec("SELECT 1 FROM pg_database WHERE datname = " + session.quote(name)).empty())
    session.exec("CREATE DATABASE " + session.quote_name(name));
}

}  // namespace carillon::pg
