#include "engine/jobs/job_runner.h"

#include "engine/jobs/timing_json.h"

namespace carillon {

Status JobRunner::register_once(Tx& tx, TenantId tenant, RegistrationId id, const std::string& kind, Instant due_at,
                                std::optional<Instant> planned_at, const std::string& zone_data, Lane lane) {
  return store_.put(tx, {tenant, id, kind, due_at, planned_at.value_or(due_at), zone_data, "", lane});
}

Status JobRunner::register_recurring(Tx& tx, TenantId tenant, RegistrationId id, const std::string& kind,
                                     const Timing& timing) {
  CARILLON_TRY(auto recurrence, check_timing(timing, {}, zones_));
  auto next = recurrence.next(tx.now());
  return store_.put(tx, {tenant, id, kind, next, next, zones_.version(), dump_json(timing_to_json(timing)), Lane::background});
}

Status JobRunner::suspend(Tx& tx, TenantId tenant, RegistrationId id, const std::string& kind) {
  return store_.put(tx, {tenant, id, kind, std::nullopt, std::nullopt, "", "", Lane::live});
}

Status JobRunner::cancel(Tx& tx, TenantId tenant, RegistrationId id) { return store_.erase(tx, tenant, id); }

Result<std::optional<Registration>> JobRunner::lock(Tx& tx, TenantId tenant, RegistrationId id) {
  return store_.lock(tx, tenant, id);
}

}  // namespace carillon
