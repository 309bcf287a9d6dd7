#pragma once
#include <map>
#include <memory>
#include <string>

#include "engine/jobs/registration.h"
#include "engine/time/timing.h"
#include "engine/time/zone.h"

namespace carillon {

/// Handles the due registrations of one kind. Called by the planner inside its transaction, with rows locked; decides
/// and writes through `tx` only. Returns one move for each job, in any order. One job it cannot decide must not fail
/// the others. Called from several nodes and threads, never twice for the same due time.
class JobHandler {
 public:
  virtual ~JobHandler() = default;
  virtual Result<std::vector<JobMove>> handle(Tx& tx, std::span<const DueJob> jobs) = 0;
};

/// How plugins ask to be called at a time. Everything takes part in the caller's transaction. Thread-safe.
class JobRunner {
 public:
  JobRunner(JobStore& store, const ZoneDatabase& zones) : store_(store), zones_(zones) {}
  /// Calls the handler of `kind` once at `planned_at` (default: due_at). Replaces an earlier promise under the same id.
  Status register_once(Tx& tx, TenantId tenant, RegistrationId id, const std::string& kind, Instant due_at,
                       std::optional<Instant> planned_at = std::nullopt, const std::string& zone_data = "", Lane lane = Lane::live);
  /// Calls the handler at every time `timing` names, from now on. The planner itself moves it on, unless the handler asks to
  /// be called again at a time of its own in between.
  Status register_recurring(Tx& tx, TenantId tenant, RegistrationId id, const std::string& kind, const Timing& timing);
  /// Keeps the registration and its memory of past fires but promises nothing.
  Status suspend(Tx& tx, TenantId tenant, RegistrationId id, const std::string& kind);
  Status cancel(Tx& tx, TenantId tenant, RegistrationId id);
  /// Holds the registration against the planner (last in lock order); nothing if there is none.
  Result<std::optional<Registration>> lock(Tx& tx, TenantId tenant, RegistrationId id);

 private:
  JobStore& store_;
  const ZoneDatabase& zones_;
};

}  // namespace carillon
