#pragma once
#include <span>

#include "plugins/schedules/bulk.h"
#include "plugins/schedules/schedule_store.h"

namespace carillon::schedules {

/// Port: bulk jobs and their items. Tenant scope, unless it says otherwise.
class BulkStore {
 public:
  virtual ~BulkStore() = default;
  /// The job alone; its items come from one of the add_…. conflict ALREADY_UNDONE when another job has the same undo_of.
  virtual carillon::Status insert(Tx& tx, const BulkJob& job) = 0;
  /// One item for each id, numbered from 1 in their order, with the name of the live schedule, "" where there is none.
  virtual carillon::Status add_ids(Tx& tx, const BulkJob& job, std::span<const ScheduleId> ids) = 0;
  /// One item for each live schedule that the filter (its sort, cursor and limit apart) matches, in order of id, at most
  /// `limit`. How many.
  virtual Result<std::int64_t> add_matching(Tx& tx, const BulkJob& job, const ScheduleFilter& filter, std::int64_t limit) = 0;
  /// One item for each done item of job.undo_of, with its number, name and undo. How many.
  virtual Result<std::int64_t> add_undo(Tx& tx, const BulkJob& job) = 0;

  virtual Result<BulkJob> job(Tx& tx, TenantId tenant, Uuid id) = 0;   ///< not_found
  virtual Result<BulkJob> lock(Tx& tx, TenantId tenant, Uuid id) = 0;  ///< not_found; held until the transaction ends
  /// Newest first, those before `before` when given.
  virtual Result<std::vector<BulkJob>> list(Tx& tx, TenantId tenant, std::optional<Uuid> before, int limit) = 0;
  /// Writes state, counts, lease and times of a locked job.
  virtual carillon::Status put(Tx& tx, const BulkJob& job) = 0;

  /// Items after `after` in order, of one state if given.
  virtual Result<std::vector<BulkItem>> items(Tx& tx, TenantId tenant, Uuid job, std::optional<BulkItemState> state, std::int64_t after,
                                              int limit) = 0;
  /// Writes state, code, message and undo.
  virtual carillon::Status put_items(Tx& tx, TenantId tenant, Uuid job, std::span<const BulkItem> items) = 0;
  /// What still waits is skipped, with this code and message. How many.
  virtual Result<std::int64_t> skip_waiting(Tx& tx, TenantId tenant, Uuid job, const std::string& code, const std::string& message) = 0;

  struct OpenJob {
    TenantId tenant;
    Uuid id;
    std::optional<Instant> lease_until;
  };
  /// Jobs that have not ended and whose lease is over at `now`, or is one of `mine`; oldest first. System scope.
  virtual Result<std::vector<OpenJob>> open(Tx& tx, Instant now, std::span<const Instant> mine, int limit) = 0;
};

}  // namespace carillon::schedules
