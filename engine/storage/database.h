#pragma once
#include <functional>
#include <optional>
#include <type_traits>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/events/event.h"

namespace carillon {

/// One open database transaction. Lives only inside the closure it was handed to. Not thread-safe.
/// Stores take it as their first argument; what must agree is written through the same Tx.
class Tx {
 public:
  virtual ~Tx() = default;
  /// The database's clock, read once when the transaction began. Every time that is stored comes from here.
  virtual Instant now() const = 0;
  /// Adds to the tenant's change stream. Written, in order and without gaps, just before the commit.
  virtual void emit(TenantId tenant, Event event) = 0;
  /// Adds to the tenant's audit log with the commit.
  virtual void audit(TenantId tenant, AuditEntry entry) = 0;
  /// Raises an alert of the tenant with the commit, and shows it in the change stream (topic "alerts"). See
  /// Alert::unless_since for one that is raised once only.
  virtual void raise(TenantId tenant, Alert alert) = 0;
  /// Runs after the commit has succeeded, on the committing thread; must not throw.
  virtual void after_commit(std::function<void()> action) = 0;
};

/// The only way to a transaction. Thread-safe; blocks the caller.
///
/// The closure may run several times (conflicts, a lost connection), so it has no effects but on the Tx and on values
/// it sets afresh each time. An Error it returns rolls back and is handed on. Failures of the database itself come
/// back as unavailable (reason DATABASE_UNAVAILABLE, DATABASE_BUSY); broken statements throw.
class Database {
 public:
  virtual ~Database() = default;
  /// Everything inside sees and writes rows of this tenant only (row-level security).
  virtual Status in_tenant(TenantId tenant, const std::function<Status(Tx&)>& work) = 0;
  /// Across tenants, with the column grants of the system role. For services only, never for a request.
  virtual Status in_system(const std::function<Status(Tx&)>& work) = 0;
};

/// in_tenant / in_system for closures that return a Result<T>.
template <class Work>
auto transact(Database& db, TenantId tenant, Work&& work) -> std::invoke_result_t<Work, Tx&> {
  using R = std::invoke_result_t<Work, Tx&>;
  std::optional<R> out;
  Status status = db.in_tenant(tenant, [&](Tx& tx) -> Status {
    out.emplace(work(tx));
    return out->has_value() ? ok() : Status(out->error());
  });
  if (!status) return status.error();
  return std::move(*out);
}
template <class Work>
auto transact_system(Database& db, Work&& work) -> std::invoke_result_t<Work, Tx&> {
  using R = std::invoke_result_t<Work, Tx&>;
  std::optional<R> out;
  Status status = db.in_system([&](Tx& tx) -> Status {
    out.emplace(work(tx));
    return out->has_value() ? ok() : Status(out->error());
  });
  if (!status) return status.error();
  return std::move(*out);
}

}  // namespace carillon
