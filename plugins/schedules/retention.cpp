#include "plugins/schedules/retention.h"

#include "plugins/schedules/fire_handler.h"

namespace carillon::schedules {
namespace {

/// A schedule comes with its counts and two registrations, and has a version at least.
constexpr std::int64_t kRowsOfSchedule = 5;

}  // namespace

Result<RetentionStore::Removed> ScheduleRetention::purge_schedules(Tx& tx, TenantId tenant, Instant until, std::int64_t limit) {
  const std::int64_t most = std::max<std::int64_t>(1, limit / kRowsOfSchedule);
  CARILLON_TRY(const auto ids, store_.lock_expired(tx, tenant, until, most));
  std::vector<RegistrationId> registrations;
  for (const auto& id : ids) {
    registrations.push_back(RegistrationId{id.value});
    registrations.push_back(backlog_registration(id));
  }
  CARILLON_TRY(auto removed, store_.purge_schedules(tx, tenant, ids, registrations, limit));
  removed.more = removed.more || static_cast<std::int64_t>(ids.size()) == most;
  return removed;
}

Result<Purged> ScheduleRetention::purge(Tx& tx, TenantId tenant, std::int64_t limit) {
  Purged out;
  const auto take = [&](const char* what, const Result<RetentionStore::Removed>& removed) -> carillon::Status {
    if (!removed) return removed.error();
    out.add(what, removed->things);
    out.rows += removed->rows;
    out.more = out.more || removed->more;
    return ok();
  };
  const auto left = [&] { return std::max<std::int64_t>(1, limit - out.rows); };
  CARILLON_CHECK(take("deleted schedules", purge_schedules(tx, tenant, tx.now() - kept_.deleted_schedules, left())));
  CARILLON_CHECK(take("bulk jobs", store_.purge_jobs(tx, tenant, tx.now() - kept_.jobs, left())));
  CARILLON_CHECK(take("pages of verdicts", store_.purge_verdicts(tx, tenant, tx.now() - kept_.verdicts, left())));
  return out;
}

}  // namespace carillon::schedules
