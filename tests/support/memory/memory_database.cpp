#include "tests/support/memory/memory_database.h"

namespace carillon::memory {
namespace {

constexpr int kMaxConflicts = 10;

/// Rolls back unless told that the work was committed.
class OpenTransaction {
 public:
  explicit OpenTransaction(MemoryWorld& world) : world_(world) { world_.undo.begin(); }
  ~OpenTransaction() {
    if (!committed_) world_.undo.rollback();
  }
  void commit() {
    world_.undo.commit();
    ++world_.commits;
    committed_ = true;
  }

 private:
  MemoryWorld& world_;
  bool committed_ = false;
};

Error database_error(const char* reason, const char* message) {
  return Error{ErrorCode::unavailable, reason, message, "", "", "Nothing was changed. Try again in a moment.", {}};
}

}  // namespace

Status MemoryDatabase::run(std::optional<TenantId> tenant, const std::function<Status(Tx&)>& work) {
  if (begin_hook_) begin_hook_();
  for (int conflicts = 0; conflicts <= kMaxConflicts; ++conflicts) {
    std::vector<std::function<void()>> after_commit;
    {
      std::lock_guard lock(world_.mutex);
      OpenTransaction transaction(world_);
      MemoryTx tx(world_, tenant, clock_.now(), lock_hook_);
      if (Status status = work(tx); !status) return status;
      tx.flush();
      CommitPoint point{++commits_, tenant, world_.undo.wrote(), tx.now()};
      switch (hook_ ? hook_(point) : Fault::none) {
        case Fault::crash_before_commit:
          throw SimulatedCrash{point.number};
        case Fault::crash_after_commit:
          transaction.commit();
          throw SimulatedCrash{point.number};
        case Fault::conflict:
          continue;
        case Fault::unavailable:
          return database_error("DATABASE_UNAVAILABLE", "The database cannot be reached.");
        case Fault::none:
          transaction.commit();
      }
      after_commit = tx.take_after_commit();
    }
    for (auto& action : after_commit) action();
    return ok();
  }
  return database_error("DATABASE_BUSY", "Too many changes at once to the same rows.");
}

void MemoryTx::emit(TenantId tenant, Event event) {
  auto [it, _] = events_.try_emplace(tenant, Json::array());
  std::string text;
  append_json(text, event);
  it->second.push_back(parse_stored_json(text));
}

void MemoryTx::audit(TenantId tenant, AuditEntry entry) {
  only_tenant_scope("audit");
  audits_.emplace_back(tenant, std::move(entry));
}

void MemoryTx::check_owner(TenantId tenant, std::string_view what) const {
  if (!sees(tenant)) throw std::logic_error(std::string(what) + ": a row of another tenant violates row-level security");
}

void MemoryTx::only_tenant_scope(std::string_view what) const {
  if (!tenant_) throw std::logic_error(std::string(what) + ": the system role has no grant for it");
}

void MemoryTx::only_system_scope(std::string_view what) const {
  if (tenant_) throw std::logic_error(std::string(what) + ": needs system scope");
}

void MemoryTx::wait_for_head() {
  // Who has written holds locks itself, and others may have to wait for those.
  if (!lock_hook_ || world_.undo.wrote()) return;
  const auto hook = std::exchange(lock_hook_, {});
  world_.undo.commit();
  hook();
  world_.undo.begin();
}

void MemoryTx::flush() {
  for (auto& [tenant, alert] : alerts_) {
    check_owner(tenant, "raise");
    const auto& rows = world_.alerts.rows();
    const bool told = alert.unless_since && std::ranges::any_of(rows, [&](const auto& kept) {
      const AlertRow& row = kept.second;
      return row.tenant == tenant && row.alert.code == alert.code && row.alert.unless_since && row.at > *alert.unless_since;
    });
    if (told) continue;
    const std::int64_t number = rows.empty() ? 1 : rows.rbegin()->first + 1;
    Uuid id;
    for (std::size_t n = 0; n < 8; ++n) id.bytes[15 - n] = static_cast<std::uint8_t>(number >> (8 * n));
    emit(tenant, raised_event(id, now_, alert));
    world_.alerts.put(number, AlertRow{tenant, now_, std::move(alert), id, std::nullopt, ""});
  }
  for (auto& [tenant, entry] : audits_) {
    check_owner(tenant, "audit");
    const auto& rows = world_.audit.rows();
    world_.audit.put(rows.empty() ? 1 : rows.rbegin()->first + 1, AuditRow{tenant, now_, std::move(entry)});
  }
  for (auto& [tenant, list] : events_) {
    check_owner(tenant, "emit");
    const std::int64_t* head = world_.event_heads.find(tenant);
    const std::int64_t seq = head ? *head + 1 : 1;
    world_.event_heads.put(tenant, seq);
    world_.events.put({tenant, seq}, EventBatch{tenant, seq, now_, std::move(list)});
  }
}

Error nothing_there(std::string_view thing, std::string field, std::string value) {
  return Error{ErrorCode::not_found, "NOT_FOUND", "There is no " + std::string(thing) + " with this id.", std::move(field),
               std::move(value), "Check the id.", {}};
}

}  // namespace carillon::memory
