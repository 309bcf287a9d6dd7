#pragma once
#include "engine/secrets/secret_use.h"
#include "plugins/schedules/schedule_store.h"

namespace carillon::schedules {

/// Which schedules' payloads refer to secrets.
class SecretSchedules final : public SecretUser {
 public:
  explicit SecretSchedules(ScheduleStore& schedules) : schedules_(schedules) {}
  Result<std::vector<SecretUse>> uses(Tx& tx, TenantId tenant, const std::string& secret, int limit) override;

 private:
  ScheduleStore& schedules_;
};

}  // namespace carillon::schedules
