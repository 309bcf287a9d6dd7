#pragma once
#include "tests/support/memory/memory_database.h"

namespace carillon::memory {

class MemoryScheduleStore final : public schedules::ScheduleStore {
 public:
  explicit MemoryScheduleStore(MemoryWorld& world) : world_(world) {}
  Status insert(Tx& tx, const schedules::Schedule& schedule) override;
  Status update(Tx& tx, const schedules::Schedule& schedule) override;
  Status rebind(Tx& tx, std::span<const schedules::Schedule> schedules) override;
  Result<schedules::Schedule> lock(Tx& tx, TenantId tenant, ScheduleId id) override;
  Result<schedules::Schedule> lock_deleted(Tx& tx, TenantId tenant, ScheduleId id) override;
  Result<std::vector<schedules::ScheduleKey>> kept(Tx& tx, std::span<const schedules::ScheduleKey> keys) override;
  Result<schedules::ScheduleView> view(Tx& tx, TenantId tenant, ScheduleId id) override;
  Result<schedules::SchedulePage> list(Tx& tx, TenantId tenant, const schedules::ScheduleFilter& filter) override;
  Result<std::int64_t> count(Tx& tx, TenantId tenant, const schedules::ScheduleFilter& filter) override;
  Result<std::vector<schedules::Schedule>> lock_of_workflow(Tx& tx, TenantId tenant, WorkflowId workflow) override;
  Result<std::map<WorkflowId, WorkflowCounts>> counts(Tx& tx, TenantId tenant) override;
  Result<std::vector<schedules::FireView>> load_for_fire(Tx& tx, std::span<const schedules::ScheduleKey> keys) override;
  Result<std::vector<bool>> insert_fires(Tx& tx, std::span<const schedules::Fire> fires) override;
  Result<std::vector<ScheduleId>> put_holds(Tx& tx, std::span<const schedules::Schedule> schedules) override;
  Result<std::vector<schedules::Fire>> fires(Tx& tx, TenantId tenant, ScheduleId id,
                                             std::optional<schedules::Verdict> verdict, std::optional<Instant> before,
                                             int limit) override;
  Result<std::map<RunId, RunState>> run_states(Tx& tx, TenantId tenant, std::span<const RunId> runs) override;
  Result<std::vector<schedules::RoomView>> rooms(Tx& tx, std::span<const schedules::RoomKey> keys) override;
  Status add_scope(Tx& tx, TenantId tenant, const std::string& scope) override;
  Status add_waiting(Tx& tx, std::span<const schedules::Waiting> waiting) override;
  Status remove_waiting(Tx& tx, std::span<const schedules::Waiting> waiting) override;
  Result<std::vector<schedules::Waiting>> waiting_of(Tx& tx, TenantId tenant, std::span<const ScheduleId> schedules) override;
  Result<std::vector<schedules::ScheduleKey>> waiting_in(Tx& tx, std::span<const schedules::RoomKey> rooms) override;
  Result<std::map<TenantId, std::vector<schedules::Maintenance>>> maintenance(Tx& tx, std::span<const TenantId> tenants,
                                                                              Instant since, bool hold) override;
  Status add_version(Tx& tx, TenantId tenant, ScheduleId id, const schedules::ScheduleVersion& version) override;
  Result<std::vector<schedules::ScheduleVersion>> versions(Tx& tx, TenantId tenant, ScheduleId id,
                                                           std::optional<std::int64_t> before, int limit) override;
  Result<std::int64_t> rescope_waiting(Tx& tx, TenantId tenant, ScheduleId id, const std::string& scope) override;
  Status note_limits(Tx& tx, Instant since, const schedules::FirePolicy& limits) override;
  Result<std::optional<schedules::FirePolicy>> limits_at(Tx& tx, Instant at) override;
  Result<std::optional<schedules::ScheduleVersion>> version_at(Tx& tx, TenantId tenant, ScheduleId id, Instant at) override;
  Result<std::optional<schedules::ScheduleVersion>> version_until(Tx& tx, TenantId tenant, ScheduleId id, std::int64_t revision) override;
  Result<std::vector<schedules::SecretPayload>> payloads_with(Tx& tx, TenantId tenant, const std::string& text, int limit) override;
  Result<std::string> payload_until(Tx& tx, TenantId tenant, ScheduleId id, std::int64_t revision) override;
  Result<std::int64_t> running(Tx& tx, const schedules::RoomKey& room) override;
  Status add_missed_failures(Tx& tx, std::span<const schedules::MissedFailures> failures) override;
  Status clear_failures(Tx& tx, TenantId tenant, ScheduleId id) override;
  Result<std::vector<schedules::Schedule>> lock_overfailed(Tx& tx, std::span<const schedules::ScheduleKey> keys) override;
  Status add_stats(Tx& tx, std::span<const schedules::StatsDelta> deltas) override;

  /// In order of id.
  std::vector<const schedules::Schedule*> matching(Tx& tx, TenantId tenant, const schedules::ScheduleFilter& filter) const;

 private:
  Status check_name(const schedules::Schedule& schedule) const;
  void check_binding(const schedules::Schedule& schedule) const;
  schedules::ScheduleView view_of(const schedules::Schedule& schedule) const;
  std::optional<Instant> next_due_at(const schedules::Schedule& schedule) const;
  MemoryWorld& world_;
};

}  // namespace carillon::memory
