#pragma once
#include "persistence/core/sql.h"
#include "plugins/schedules/backfill_store.h"

namespace carillon::pg {

class PgBackfillStore final : public schedules::BackfillStore {
 public:
  Status insert(Tx& tx, const schedules::Backfill& backfill, std::span<const Instant> due_times) override;
  Result<schedules::BackfillView> view(Tx& tx, TenantId tenant, BackfillId id) override;
  Result<std::vector<schedules::BackfillView>> list(Tx& tx, TenantId tenant, ScheduleId schedule, std::optional<BackfillId> before,
                                                    int limit) override;
  Result<std::vector<schedules::BackfillItem>> items(Tx& tx, TenantId tenant, BackfillId id, std::optional<schedules::ItemState> state,
                                                     std::optional<Instant> after, int limit) override;
  Result<schedules::TakenTimes> taken(Tx& tx, TenantId tenant, ScheduleId schedule, Instant from, Instant to) override;
  Result<std::vector<schedules::Backfilled>> ran(Tx& tx, TenantId tenant, ScheduleId schedule,
                                                 std::span<const schedules::DueStretch> stretches) override;
  Result<schedules::Backfill> lock(Tx& tx, TenantId tenant, BackfillId id) override;
  Status update(Tx& tx, const schedules::Backfill& backfill) override;
  Result<std::int64_t> cancel_waiting(Tx& tx, TenantId tenant, BackfillId id) override;
  Result<std::vector<schedules::BackfillView>> try_lock(Tx& tx, std::span<const schedules::BackfillKey> keys) override;
  Result<std::vector<Instant>> waiting(Tx& tx, const schedules::BackfillKey& key, std::int64_t limit) override;
  Status start(Tx& tx, std::span<const schedules::ItemChange> items) override;
  Status finish(Tx& tx, std::span<const schedules::ItemChange> items) override;
  static std::span<const Sql* const> statements();
};

}  // namespace carillon::pg
