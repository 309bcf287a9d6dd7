#pragma once
#include "engine/jobs/retention.h"
#include "plugins/schedules/retention_store.h"

namespace carillon::schedules {

/// How long the plugin keeps what nobody needs any more. To the microsecond: what is as old as this is over, even where
/// the hourly job has not come to it.
struct Retention {
  Duration deleted_schedules = std::chrono::days(30);  ///< after the deletion; until then it can be taken back
  Duration jobs = std::chrono::days(30);               ///< after the end of a bulk job; until then it can be undone
  Duration verdicts = std::chrono::days(90);           ///< of a publish, once a later one has followed
};

/// Ended backfills stay as long as their schedule: they are its history, and they say which due times have had their run,
/// so that a later backfill does not start another.
class ScheduleRetention final : public RetentionHook {
 public:
  ScheduleRetention(RetentionStore& store, Retention kept) : store_(store), kept_(kept) {}
  Result<Purged> purge(Tx& tx, TenantId tenant, std::int64_t limit) override;

 private:
  Result<RetentionStore::Removed> purge_schedules(Tx& tx, TenantId tenant, Instant until, std::int64_t limit);
  RetentionStore& store_;
  Retention kept_;
};

}  // namespace carillon::schedules
