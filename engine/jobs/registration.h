#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/storage/database.h"

namespace carillon {

/// Which registrations go first: those of the background are only looked at when no live one is due.
enum class Lane { live, background };

/// A durable promise to call the handler of `kind` at `planned_at`. The narrow, hot row.
struct Registration {
  TenantId tenant;
  RegistrationId id;
  std::string kind;                  ///< names the job handler
  std::optional<Instant> due_at;     ///< nominal time; nothing while it waits for nothing
  std::optional<Instant> planned_at; ///< due_at plus jitter: when it is claimed; nothing while it is parked
  std::string zone_data;             ///< tzdata version due_at was computed with, "" if no zone was involved
  std::string recurrence;            ///< timing JSON of register_recurring; "" where the handler computes the next time
  Lane lane = Lane::live;
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

/// What to remember of a fire without moving the registration.
struct JobNote {
  TenantId tenant;
  RegistrationId id;
  JobMove::Last last;
};

struct RegistrationKey {
  TenantId tenant;
  RegistrationId id;
};

/// Key of a registration that the unlocked due-scan found.
struct DueKey {
  TenantId tenant;
  RegistrationId id;
  std::string kind;
  Instant due_at, planned_at;
  Lane lane = Lane::live;
};

/// Port: registrations.
class JobStore {
 public:
  virtual ~JobStore() = default;
  /// Inserts or replaces kind, times and recurrence; what is remembered of past fires stays.
  virtual Status put(Tx& tx, const Registration& registration) = 0;
  /// put() for many of one tenant, each once.
  virtual Status put_all(Tx& tx, std::span<const Registration> registrations) = 0;
  /// Reads and holds one against the planner until the transaction ends; nothing if there is none.
  virtual Result<std::optional<Registration>> lock(Tx& tx, TenantId tenant, RegistrationId id) = 0;
  /// lock() for many: those there are, in id order.
  virtual Result<std::vector<Registration>> lock_all(Tx& tx, TenantId tenant, std::span<const RegistrationId> ids) = 0;
  virtual Status erase(Tx& tx, TenantId tenant, RegistrationId id) = 0;
  /// put() for many, of any tenants (system scope). Where one is there already, only its times change, and only to
  /// earlier ones. One that somebody else holds just now is left as it is rather than waited for: whoever handles it, or
  /// wakes it, sees to it that it is looked at again soon.
  virtual Status put_sooner(Tx& tx, std::span<const Registration> registrations) = 0;
  /// Of these the ones nobody else holds just now; they are held until the transaction ends. System scope.
  virtual Result<std::vector<RegistrationKey>> try_lock(Tx& tx, std::span<const RegistrationKey> keys) = 0;
  /// Those of these that wait for a time get `at` as their planned time, in id order. System scope.
  virtual Status wake(Tx& tx, std::span<const RegistrationKey> keys, Instant at) = 0;
  /// Parked registrations are planned for `at`: those of the tenant, or all. Answers how many.
  virtual Result<std::int64_t> unpark(Tx& tx, std::optional<TenantId> tenant, Instant at) = 0;
  virtual Status note(Tx& tx, std::span<const JobNote> notes) = 0;
  /// Unlocked scan over all tenants: live ones first, then those of the background; oldest planned_at first in each
  /// lane. System scope.
  virtual Result<std::vector<DueKey>> due(Tx& tx, Instant until, int limit) = 0;
  /// Unlocked: what is planned in [from, until] in the live lane, of tenants other than these, oldest first. Looks at the
  /// oldest 100,000 of that stretch and no further, so that it stays cheap however much there is. System scope.
  virtual Result<std::vector<DueKey>> due_beside(Tx& tx, Instant from, Instant until, std::span<const TenantId> tenants, int limit) = 0;
  /// Of the keys those whose due_at is still the same, now locked; others were handled, or
  /// parked, by somebody else.
  virtual Result<std::vector<DueJob>> lock_due(Tx& tx, std::span<const DueKey> keys) = 0;
  virtual Status move(Tx& tx, std::span<const JobMove> moves) = 0;
  /// Earliest planned_at over all tenants. System scope.
  virtual Result<std::optional<Instant>> next_wake(Tx& tx) = 0;
  /// Tells every node, with the commit, that an operator takes the database's clock for right. A node that does not
  /// listen just then does not hear it. System scope.
  virtual Status announce_clock_release(Tx& tx) = 0;
};

}  // namespace carillon
