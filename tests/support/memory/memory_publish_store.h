#pragma once
#include "plugins/schedules/publish_store.h"
#include "tests/support/memory/memory_database.h"

namespace carillon::memory {

class MemoryPublishStore final : public schedules::PublishStore {
 public:
  explicit MemoryPublishStore(MemoryWorld& world) : world_(world) {}
  Result<std::int64_t> count(Tx& tx, TenantId tenant, WorkflowId workflow) override;
  Result<std::vector<schedules::PublishRow>> read(Tx& tx, const schedules::PublishRead& read) override;
  Result<std::vector<schedules::PublishHead>> lock(Tx& tx, TenantId tenant, WorkflowId workflow) override;
  Result<std::vector<schedules::Schedule>> whole(Tx& tx, TenantId tenant, std::span<const ScheduleId> ids) override;
  Status bind(Tx& tx, TenantId tenant, std::int64_t version, std::span<const ScheduleId> ids) override;
  Status migrate(Tx& tx, std::span<const schedules::Schedule> schedules) override;
  Status add_versions(Tx& tx, TenantId tenant, std::span<const NewVersion> versions) override;
  Result<std::vector<RegistrationId>> due(Tx& tx, TenantId tenant, WorkflowId workflow, Instant until) override;
  Result<std::string> fingerprint(Tx& tx, TenantId tenant, WorkflowId workflow) override;
  Result<schedules::PublishChanges> changes_since(Tx& tx, TenantId tenant, WorkflowId workflow, Instant since) override;
  Status put_verdicts(Tx& tx, TenantId tenant, WorkflowId workflow, std::int64_t version, std::int64_t page,
                      const std::string& text) override;
  Result<std::optional<std::string>> verdicts(Tx& tx, TenantId tenant, WorkflowId workflow, std::int64_t version,
                                              std::int64_t page) override;

 private:
  /// Live ones of the workflow, in id order.
  std::vector<const schedules::Schedule*> live(Tx& tx, TenantId tenant, WorkflowId workflow) const;
  std::optional<Registration> registration_of(const schedules::Schedule& schedule) const;
  bool waits(const schedules::Schedule& schedule) const;  ///< something of it, for room
  MemoryWorld& world_;
};

}  // namespace carillon::memory
