#include "persistence/core/pg_database.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <pqxx/pqxx>
#include <thread>

#include "persistence/core/pg_tx.h"

namespace carillon::pg {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// A fixed number of places for connections of one role. A place is empty until first used and after it broke.
class ConnectionPool {
 public:
  ConnectionPool(std::string url, int size) : url_(std::move(url)), free_(static_cast<std::size_t>(size)) {}

  /// Null when none came free in time. Throws broken_connection when the server cannot be reached.
  std::unique_ptr<PgConnection> acquire(Duration timeout) {
    std::unique_ptr<PgConnection> connection;
    {
      std::unique_lock lock(mutex_);
      if (!available_.wait_for(lock, timeout, [this] { return !free_.empty(); })) return nullptr;
      connection = std::move(free_.front());
      free_.pop_front();
    }
    if (connection) return connection;
    try {
      return open();
    } catch (...) {
      release(nullptr);
      throw;
    }
  }
  /// Null gives back the place of a connection that broke.
  void release(std::unique_ptr<PgConnection> connection) {
    {
      std::lock_guard lock(mutex_);
      free_.push_front(std::move(connection));
    }
    available_.notify_one();
  }

 private:
  std::unique_ptr<PgConnection> open() {
    auto connection = std::make_unique<PgConnection>(url_);
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
    connection->connection.inhibit_reactivation(true);
#pragma clang diagnostic pop
    return connection;
  }
  std::string url_;
  std::mutex mutex_;
  std::condition_variable available_;
  std::deque<std::unique_ptr<PgConnection>> free_;
};

enum class Outcome { done, retry_now, retry_connect, unknown_commit };

Error unavailable(const std::string& reason, const std::string& message) {
  return Error{ErrorCode::unavailable, reason, message, "", "", "Nothing was changed. Try again in a moment.", {}};
}

}  // namespace

struct PgDatabase::Impl {
  PgOptions options;
  Rng& rng;
  IdSource& ids;
  Logger& log;
  ConnectionPool app, system;
  std::mutex pause_mutex;
  std::condition_variable pause_signal;

  Impl(PgOptions o, Rng& r, IdSource& i, Logger& l)
      : options(std::move(o)), rng(r), ids(i), log(l), app(options.app_url, options.app_connections),
        system(options.system_url, options.system_connections) {}

  void pause(Duration d) {
    std::unique_lock lock(pause_mutex);
    pause_signal.wait_for(lock, d + Duration(static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(d.count()) + 1))));
  }

  /// One try. `status` is what the closure said; `tx` tells what was committed when the outcome is unknown.
  Outcome attempt(PgConnection& connection, const std::string& begin, const std::function<Status(Tx&)>& work,
                  Status& status, std::optional<PgTx>& tx) {
    pqxx::nontransaction session(connection.connection);
    bool committing = false;
    try {
      Instant now = instant_of(session.exec(begin)[0][0]);
      tx.emplace(connection, session, ids, now);
      status = work(*tx);
      if (!status) {
        session.exec("ROLLBACK");
        return Outcome::done;
      }
      tx->flush();
      committing = true;
      session.exec("COMMIT");
      tx->run_after_commit();
      return Outcome::done;
    } catch (const pqxx::serialization_failure&) {
      session.exec("ROLLBACK");
      return Outcome::retry_now;
    } catch (const pqxx::deadlock_detected&) {
      session.exec("ROLLBACK");
      return Outcome::retry_now;
    } catch (const pqxx::broken_connection&) {
      return committing && !tx->xid().empty() ? Outcome::unknown_commit : Outcome::retry_connect;
    } catch (const pqxx::sql_error& e) {
      const std::string& state = e.sqlstate();
      // A backend that is shut down may say so after it has committed, so that says nothing about the commit.
      if (state.starts_with("57P") || state == "57000" || !connection.connection.is_open())
        return committing && !tx->xid().empty() ? Outcome::unknown_commit : Outcome::retry_connect;
      session.exec("ROLLBACK");
      if (state == "55P03" || state == "57014" || state == "25P03") {
        status = unavailable("DATABASE_BUSY", "The database did not get to this in time.");
        return Outcome::done;
      }
      if (state.starts_with("53")) {
        status = unavailable("DATABASE_FULL", "The database has no room left for this.");
        return Outcome::done;
      }
      // Without the server's DETAIL, which quotes rows, payloads among them.
      const std::string what = std::string(e.what()).substr(0, std::string_view(e.what()).find("\nDETAIL"));
      log.error("statement failed", {{"error", what}, {"sqlstate", state}});
      throw std::runtime_error(what + " (SQLSTATE " + state + ")");
    } catch (...) {
      if (connection.connection.is_open()) session.exec("ROLLBACK");
      throw;
    }
  }

  /// True when the transaction was committed; nothing when the server cannot be asked in time. A server that has lost what
  /// was not yet on its disk gives the same transaction ids again, to others: "committed" alone says nothing.
  std::optional<bool> was_committed(ConnectionPool& pool, const std::string& begin, const PgTx& tx) {
    auto deadline = SteadyClock::now() + options.retry_for;
    while (true) {
      bool holds_place = false;
      try {
        auto connection = pool.acquire(options.acquire_timeout);
        if (connection) {
          holds_place = true;
          const std::optional<bool> answer = ask_whether_committed(*connection, begin, tx);
          pool.release(connection->connection.is_open() ? std::move(connection) : nullptr);
          holds_place = false;
          if (answer) return answer;
        }
      } catch (const pqxx::failure&) {
        if (holds_place) pool.release(nullptr);
      }
      if (SteadyClock::now() > deadline) return std::nullopt;
      pause(std::chrono::milliseconds(50));
    }
  }

  /// Nothing while it is still going on.
  std::optional<bool> ask_whether_committed(PgConnection& connection, const std::string& begin, const PgTx& tx) {
    pqxx::nontransaction session(connection.connection);
    const Instant now = instant_of(session.exec(begin)[0][0]);
    PgTx asking(connection, session, ids, now);
    std::optional<bool> answer;
    try {
      const std::string status = asking.status_of(tx.xid());
      const auto trace = tx.trace();
      if (status != "in progress") answer = status == "committed" && (!trace || asking.finds(*trace));
    } catch (const pqxx::sql_error& e) {
      if (e.sqlstate() != "22023") throw;
      answer = false;  // the id is in the future: it was lost with everything the transaction has done
    }
    session.exec("ROLLBACK");
    return answer;
  }

  Status run(ConnectionPool& pool, const std::string& begin, const std::function<Status(Tx&)>& work) {
    auto deadline = SteadyClock::now() + options.retry_for;
    for (int conflicts = 0;;) {
      std::unique_ptr<PgConnection> connection;
      Outcome outcome = Outcome::retry_connect;
      Status status;
      std::optional<PgTx> tx;
      try {
        connection = pool.acquire(options.acquire_timeout);
        if (!connection) return unavailable("DATABASE_BUSY", "All database connections are in use.");
      } catch (const pqxx::failure& e) {
        log.debug("database connect failed", {{"error", std::string(e.what())}});
      }
      if (connection) {
        try {
          outcome = attempt(*connection, begin, work, status, tx);
        } catch (const pqxx::broken_connection&) {
          outcome = Outcome::retry_connect;
        } catch (...) {
          pool.release(connection->connection.is_open() ? std::move(connection) : nullptr);
          throw;
        }
        bool keep = outcome == Outcome::done || outcome == Outcome::retry_now;
        pool.release(keep && connection->connection.is_open() ? std::move(connection) : nullptr);
      }
      if (outcome == Outcome::done) return status;
      if (outcome == Outcome::unknown_commit) {
        const std::optional<bool> committed = was_committed(pool, begin, *tx);
        if (!committed)
          return Error{ErrorCode::unavailable, "COMMIT_UNKNOWN", "The database went away before it said whether this was saved.", "", "",
                       "Look whether it was, or send it again under the same Idempotency-Key.", {}};
        if (*committed) {
          tx->run_after_commit();
          return ok();
        }
      }
      if (outcome == Outcome::retry_now && ++conflicts > 10)
        return unavailable("DATABASE_BUSY", "Too many changes at once to the same rows.");
      if (outcome != Outcome::retry_now && SteadyClock::now() > deadline)
        return unavailable("DATABASE_UNAVAILABLE", "The database cannot be reached.");
      pause(std::chrono::milliseconds(outcome == Outcome::retry_now ? 2 : 50));
    }
  }
};

namespace {
std::string begin_tail() {
  return std::string(kPlanEachTime) + "; SET LOCAL lock_timeout = '10s'; SET LOCAL statement_timeout = '60s'; SELECT clock_timestamp()";
}
}

PgDatabase::PgDatabase(PgOptions options, Rng& rng, IdSource& ids, Logger& log)
    : impl_(std::make_unique<Impl>(std::move(options), rng, ids, log)) {}
PgDatabase::~PgDatabase() = default;

Status PgDatabase::in_tenant(TenantId tenant, const std::function<Status(Tx&)>& work) {
  // The id is printed from parsed bytes, so it cannot carry SQL.
  return impl_->run(impl_->app, "BEGIN; SET LOCAL app.tenant_id = '" + tenant.to_string() + "'; " + begin_tail(), work);
}

Status PgDatabase::in_system(const std::function<Status(Tx&)>& work) {
  return impl_->run(impl_->system, "BEGIN; " + begin_tail(), work);
}

Status PgDatabase::ping() {
  auto nothing = [](Tx&) { return ok(); };
  CARILLON_CHECK(impl_->run(impl_->app, "BEGIN; " + begin_tail(), nothing));
  return in_system(nothing);
}

Status PgDatabase::check_roles() {
  for (const std::string* url : {&impl_->options.app_url, &impl_->options.system_url}) {
    pqxx::connection connection(*url);
    pqxx::nontransaction session(connection);
    auto role = session.exec("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")[0];
    std::string name = text_of(role[0]);
    auto refuse = [&](const std::string& what, const std::string& remedy) {
      return Error{ErrorCode::internal, "UNSAFE_DATABASE_ROLE", "The role " + name + " " + what + ".", "database_url", name,
                   remedy, {}};
    };
    if (bool_of(role[1])) return refuse("is superuser, so rows of all tenants would be open to it", "Use the roles that `carillon migrate` makes.");
    if (bool_of(role[2])) return refuse("has BYPASSRLS", "Run ALTER ROLE " + name + " NOBYPASSRLS.");
    auto owned = session.exec(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') "
        "AND n.nspname = current_schema() AND pg_get_userbyid(c.relowner) = current_user LIMIT 1");
    if (!owned.empty()) return refuse("owns the table " + text_of(owned[0][0]), "Let the owner role own all tables.");
    auto open = session.exec(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped "
        "WHERE c.relkind IN ('r', 'p') AND n.nspname = current_schema() AND NOT c.relrowsecurity LIMIT 1");
    if (!open.empty())
      return refuse("would see the table " + text_of(open[0][0]) + " without row-level security",
                    "Run ALTER TABLE " + text_of(open[0][0]) + " ENABLE ROW LEVEL SECURITY.");
  }
  return ok();
}

}  // namespace carillon::pg
