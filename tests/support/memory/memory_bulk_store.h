#pragma once
#include "tests/support/memory/memory_database.h"
#include "tests/support/memory/memory_schedule_store.h"

namespace carillon::memory {

class MemoryBulkStore final : public schedules::BulkStore {
 public:
  MemoryBulkStore(MemoryWorld& world, MemoryScheduleStore& schedules) : world_(world), schedules_(schedules) {}
  Status insert(Tx& tx, const schedules::BulkJob& job) override;
  Status add_ids(Tx& tx, const schedules::BulkJob& job, std::span<const ScheduleId> ids) override;
  Result<std::int64_t> add_matching(Tx& tx, const schedules::BulkJob& job, const schedules::ScheduleFilter& filter,
                                    std::int64_t limit) override;
  Result<std::int64_t> add_undo(Tx& tx, const schedules::BulkJob& job) override;
  Result<schedules::BulkJob> job(Tx& tx, TenantId tenant, Uuid id) override;
  Result<schedules::BulkJob> lock(Tx& tx, TenantId tenant, Uuid id) override;
  Result<std::vector<schedules::BulkJob>> list(Tx& tx, TenantId tenant, std::optional<Uuid> before, int limit) override;
  Status put(Tx& tx, const schedules::BulkJob& job) override;
  Result<std::vector<schedules::BulkItem>> items(Tx& tx, TenantId tenant, Uuid job, std::optional<schedules::BulkItemState> state,
                                                 std::int64_t after, int limit) override;
  Status put_items(Tx& tx, TenantId tenant, Uuid job, std::span<const schedules::BulkItem> items) override;
  Result<std::int64_t> skip_waiting(Tx& tx, TenantId tenant, Uuid job, const std::string& code, const std::string& message) override;
  Result<std::vector<OpenJob>> open(Tx& tx, Instant now, std::span<const Instant> mine, int limit) override;

 private:
  std::optional<Uuid> undone_by(TenantId tenant, Uuid id) const;
  void add(const schedules::BulkJob& job, schedules::BulkItem item);
  MemoryWorld& world_;
  MemoryScheduleStore& schedules_;
};

}  // namespace carillon::memory
