#pragma once
#include "engine/jobs/job_runner.h"
#include "engine/tenancy/tenant_store.h"

namespace carillon {

inline constexpr const char* kRetentionKind = "retention";

/// Hourly for each tenant: deletes what has expired (sessions, kept answers, old change-stream batches).
class RetentionHandler final : public JobHandler {
 public:
  explicit RetentionHandler(TenantStore& tenants) : tenants_(tenants) {}
  Result<std::vector<JobMove>> handle(Tx& tx, std::span<const DueJob> jobs) override {
    std::vector<JobMove> moves;
    for (const auto& job : jobs) {
      CARILLON_CHECK(tenants_.purge_expired(tx, job.tenant));
      moves.push_back({job.tenant, job.id, {}, {}, "", {}});  // recurring: the planner sets the next time
    }
    return moves;
  }

 private:
  TenantStore& tenants_;
};

}  // namespace carillon
