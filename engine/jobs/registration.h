#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/storage/database.h"

namespace carillon {

/// A durable promise to call the handler of `kind` at `planned_at`. The narrow, hot row.
struct Registration {
  TenantId tenant;
  RegistrationId id;
  std::string kind;                  ///< names the job handler
  std::optional<Instant> due_at;     ///< nominal time; nothing while it waits for nothing
  std::optional<Instant> planned_at; ///< due_at plus jitter: when it is claimed
  std::string zone_data;             ///< tzdata version due_at was computed with, "" if no zone was involved
  std::string recurrence;            ///< timing JSON of register_recurring; "" where the handler computes the next time
};

/// A due registration as the planner hands it to its handler. Locked by the surrounding transaction.
struct DueJob {
  TenantId tenant;
  RegistrationId id;
  Instant due_at, planned_at;
  std::string recurrence;
};

/// What a handler decides for one DueJob: where the registration goes next, and what to remember of this fire.
struct JobMove {
  TenantId tenant;
  RegistrationId id;
  std::optional<Instant> next_due_at, next_planned_at;
  std::string zone_data;
  /// Set when something was recorded: kept beside the next time, so lists need not read the ledger.
  struct Last {
    Instant due_at, fired_at, planned_at;
    std::string verdict;
    std::optional<RunId> run;
    std::int64_t started = 0;  ///< runs this move created
  };
  std::optional<Last> last;
};

/// Key of a registration that the unlocked due-scan found.
struct DueKey {
  TenantId tenant;
  RegistrationId id;
  std::string kind;
  Instant due_at, planned_at;
};

/// Port: registrations.
class JobStore {
 public:
  virtual ~JobStore() = default;
  /// Inserts or replaces kind, times and recurrence; what is remembered of past fires stays.
  virtual Status put(Tx& tx, const Registration& registration) = 0;
  /// Reads and holds one against the planner until the transaction ends; nothing if there is none.
  virtual Result<std::optional<Registration>> lock(Tx& tx, TenantId tenant, RegistrationId id) = 0;
  virtual Status lock_all(Tx& tx, TenantId tenant, std::span<const RegistrationId> ids) = 0;  ///< in id order
  virtual Status erase(Tx& tx, TenantId tenant, RegistrationId id) = 0;
  /// Unlocked scan over all tenants, oldest planned_at first. System scope.
  virtual Result<std::vector<DueKey>> due(Tx& tx, Instant until, int limit) = 0;
  /// Of the keys those whose due_at is still the same, now locked; others were handled by somebody else.
  virtual Result<std::vector<DueJob>> lock_due(Tx& tx, std::span<const DueKey> keys) = 0;
  virtual Status move(Tx& tx, std::span<const JobMove> moves) = 0;
  /// Earliest planned_at over all tenants. System scope.
  virtual Result<std::optional<Instant>> next_wake(Tx& tx) = 0;
};

}  // namespace carillon
