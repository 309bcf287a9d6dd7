#pragma once
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "tests/support/memory/memory_world.h"

namespace carillon::memory {

/// A commit that is about to happen, as a fault hook sees it.
struct CommitPoint {
  std::uint64_t number = 0;        ///< 1, 2, 3 … of this database object
  std::optional<TenantId> tenant;  ///< nothing in system scope
  bool wrote = false;              ///< something would be lost
  Instant now;                     ///< of the transaction
};

/// What happens at a commit.
enum class Fault {
  none,
  crash_before_commit,  ///< rolled back, SimulatedCrash is thrown
  crash_after_commit,   ///< committed, SimulatedCrash is thrown before any after_commit action
  conflict,             ///< rolled back, the closure runs again (as on a serialization failure)
  unavailable,          ///< rolled back, answered with DATABASE_UNAVAILABLE
};

/// The node that used this database died. Not a std::exception, so that no catch-all for mistakes swallows it.
struct SimulatedCrash {
  std::uint64_t at_commit = 0;
};

/// One node's way to the shared world. Keeps the promises of Database and Tx with transactions that run one after the
/// other: row locks and SKIP LOCKED hold trivially. As strict as PostgreSQL where a mistake could hide: tenants see
/// their own rows only, and a call that the role of the scope has no grant for throws std::logic_error. Thread-safe;
/// a transaction inside a transaction throws.
class MemoryDatabase final : public Database {
 public:
  using FaultHook = std::function<Fault(const CommitPoint&)>;
  MemoryDatabase(MemoryWorld& world, const Clock& clock) : world_(world), clock_(clock) {}
  /// Asked at each commit. An empty hook means no faults.
  void set_fault_hook(FaultHook hook) { hook_ = std::move(hook); }
  /// Called before each transaction, while none is open: the moment for somebody else to come first.
  void set_begin_hook(std::function<void()> hook) { begin_hook_ = std::move(hook); }
  /// Called where a transaction that has only read so far asks for the lock of a workflow's head: the moment for others to
  /// commit before it gets it. What it has read by then is what it was; what it reads from then on is what it is (READ COMMITTED).
  void set_lock_hook(std::function<void()> hook) { lock_hook_ = std::move(hook); }

  Status in_tenant(TenantId tenant, const std::function<Status(Tx&)>& work) override { return run(tenant, work); }
  Status in_system(const std::function<Status(Tx&)>& work) override { return run(std::nullopt, work); }

 private:
  Status run(std::optional<TenantId> tenant, const std::function<Status(Tx&)>& work);
  MemoryWorld& world_;
  const Clock& clock_;
  FaultHook hook_;
  std::function<void()> begin_hook_, lock_hook_;
  std::uint64_t commits_ = 0;
};

class MemoryTx final : public Tx {
 public:
  MemoryTx(MemoryWorld& world, std::optional<TenantId> tenant, Instant now, std::function<void()> lock_hook = {})
      : world_(world), tenant_(tenant), now_(now), lock_hook_(std::move(lock_hook)) {}
  Instant now() const override { return now_; }
  void emit(TenantId tenant, Event event) override;
  void audit(TenantId tenant, AuditEntry entry) override;
  void raise(TenantId tenant, Alert alert) override { alerts_.emplace_back(tenant, std::move(alert)); }
  void after_commit(std::function<void()> action) override { after_commit_.push_back(std::move(action)); }

  /// Row-level security: whether rows of this tenant exist for this transaction.
  bool sees(TenantId tenant) const { return !tenant_ || *tenant_ == tenant; }
  /// A row of this tenant is about to be written; throws when the policy forbids it.
  void check_owner(TenantId tenant, std::string_view what) const;
  /// The statement needs a grant that only one of the roles has; throws in the other scope.
  void only_tenant_scope(std::string_view what) const;
  void only_system_scope(std::string_view what) const;

  /// A head is about to be locked.
  void wait_for_head();
  /// Numbers and writes the events, writes the audit lines. Just before the commit.
  void flush();
  std::vector<std::function<void()>> take_after_commit() { return std::move(after_commit_); }

 private:
  MemoryWorld& world_;
  std::optional<TenantId> tenant_;
  Instant now_;
  std::function<void()> lock_hook_;  ///< empty once it was called
  std::map<TenantId, Json> events_;
  std::vector<std::pair<TenantId, Alert>> alerts_;
  std::vector<std::pair<TenantId, AuditEntry>> audits_;
  std::vector<std::function<void()>> after_commit_;
};

/// The concrete transaction of a port call. Memory stores are only ever handed MemoryTx.
inline MemoryTx& mem(Tx& tx) { return dynamic_cast<MemoryTx&>(tx); }

/// not_found of the given thing, in the shape that every store answers.
Error nothing_there(std::string_view thing, std::string field, std::string value);

}  // namespace carillon::memory
