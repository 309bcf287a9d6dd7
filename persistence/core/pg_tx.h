#pragma once
#include <map>
#include <pqxx/pqxx>
#include <set>

#include "engine/storage/database.h"
#include "persistence/core/pg_value.h"
#include "persistence/core/sql.h"

namespace carillon::pg {

/// One connection with the statements it has prepared so far.
struct PgConnection {
  explicit PgConnection(const std::string& url) : connection(url) {}
  pqxx::connection connection;
  std::set<const Sql*> prepared;
};

/// The queue is empty one moment and full the next, and a filter is there or not: a plan kept from one case would walk
/// whole tables in the other.
inline constexpr const char* kPlanEachTime = "SET LOCAL plan_cache_mode = force_custom_plan";

/// What only one transaction can have written: told apart by its id of an audit line, or by number and text of its entry
/// in a change stream.
struct CommitTrace {
  TenantId tenant;
  std::optional<Uuid> audit;
  std::int64_t seq = 0;
  std::string events;
};

class PgTx final : public Tx {
 public:
  PgTx(PgConnection& connection, pqxx::nontransaction& session, IdSource& ids, Instant now)
      : connection_(connection), session_(session), ids_(ids), now_(now) {}

  Instant now() const override { return now_; }
  void emit(TenantId tenant, Event event) override;
  void audit(TenantId tenant, AuditEntry entry) override { audits_.emplace_back(tenant, std::move(entry)); }
  void raise(TenantId tenant, Alert alert) override;
  void after_commit(std::function<void()> action) override { after_commit_.push_back(std::move(action)); }

  /// Executes a catalogue statement, prepared on first use.
  template <class... Args>
  pqxx::result exec(const Sql& sql, Args&&... args) {
    std::vector<Param> params;
    params.reserve(sizeof...(args));
    (params.push_back(param(args)), ...);
    return exec_params(sql, params);
  }
  /// exec(), with the plans that the server makes on the way kept from row to row: those of foreign keys, which
  /// otherwise are made anew for each. For statements that write many rows with a new reference.
  template <class... Args>
  pqxx::result exec_keeping_plans(const Sql& sql, Args&&... args) {
    session_.exec("SET LOCAL plan_cache_mode = auto");
    auto out = exec(sql, std::forward<Args>(args)...);
    session_.exec(kPlanEachTime);
    return out;
  }
  /// Wakes other nodes after the commit: "runs", "jobs".
  void notify(const std::string& topic) { topics_.insert(topic); }

  /// Writes events, audit lines and the notification. Called once, just before the commit.
  void flush();
  /// Transaction id for pg_xact_status, "" when nothing was written.
  const std::string& xid() const { return xid_; }
  /// Once flushed. Nothing when it has written neither audit lines nor events.
  std::optional<CommitTrace> trace() const;
  /// Whether the transaction that would have left this trace was committed.
  bool finds(const CommitTrace& trace);
  /// The server's answer about a transaction id: "committed", "aborted", "in progress"; "" for one it does not know.
  std::string status_of(const std::string& xid);
  void run_after_commit();

 private:
  pqxx::result exec_params(const Sql& sql, const std::vector<Param>& params);
  PgConnection& connection_;
  pqxx::nontransaction& session_;
  IdSource& ids_;
  Instant now_;
  bool wrote_ = false;
  std::string xid_;
  std::optional<Uuid> audit_;  ///< of the last line
  std::map<TenantId, std::int64_t> seq_;
  std::map<TenantId, std::string> events_;  ///< the JSON array of each stream's entry, still open
  std::vector<std::pair<TenantId, AuditEntry>> audits_;
  std::vector<std::pair<TenantId, Alert>> alerts_;
  std::vector<std::function<void()>> after_commit_;
  std::set<std::string> topics_;
};

/// The concrete transaction of a port call. Stores of persistence are only ever handed PgTx.
inline PgTx& pg(Tx& tx) { return static_cast<PgTx&>(tx); }

/// True for a unique violation of this index or constraint.
bool violates(const pqxx::unique_violation& e, std::string_view index);

}  // namespace carillon::pg
