#pragma once
#include <span>
#include <vector>

#include "engine/storage/database.h"

namespace carillon::schedules {

/// Port: removes for good what is no longer kept. System scope. Each call removes the oldest first and about `limit` rows
/// at most, and leaves what somebody else holds just now.
class RetentionStore {
 public:
  struct Removed {
    std::int64_t things = 0;  ///< whole ones: schedules, jobs, pages
    std::int64_t rows = 0;    ///< with all that belongs to them
    bool more = false;        ///< there may be more
  };
  virtual ~RetentionStore() = default;
  /// Schedules deleted at `until` or before and without a run that has not ended (its end is still counted), held until the
  /// transaction ends.
  virtual Result<std::vector<ScheduleId>> lock_expired(Tx& tx, TenantId tenant, Instant until, std::int64_t limit) = 0;
  /// Removes schedules that lock_expired answered, with versions, counts, backfills and their registrations, what waits, and
  /// the registrations named. Runs and fires stay. Of what there may be very much, portions go first; the schedules go
  /// once nothing of them is left.
  virtual Result<Removed> purge_schedules(Tx& tx, TenantId tenant, std::span<const ScheduleId> schedules,
                                          std::span<const RegistrationId> registrations, std::int64_t limit) = 0;
  /// Bulk jobs that ended at `until` or before, with their items; the items first.
  virtual Result<Removed> purge_jobs(Tx& tx, TenantId tenant, Instant until, std::int64_t limit) = 0;
  /// Pages of verdicts of versions published at `until` or before; those of a workflow's latest version stay.
  virtual Result<Removed> purge_verdicts(Tx& tx, TenantId tenant, Instant until, std::int64_t limit) = 0;
};

}  // namespace carillon::schedules
