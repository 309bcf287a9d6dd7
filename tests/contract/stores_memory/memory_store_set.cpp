#include "engine/base/clock.h"
#include "tests/contract/stores/store_set.h"
#include "tests/support/memory/memory_stores.h"

namespace carillon::contract {
namespace {

class MemoryStoreSet final : public StoreSet {
 public:
  Database& db() override { return db_; }
  TenantStore& tenants() override { return stores_.tenants; }
  EventStore& events() override { return stores_.events; }
  IdempotencyStore& answers() override { return stores_.answers; }
  WorkflowStore& workflows() override { return stores_.workflows; }
  JobStore& jobs() override { return stores_.jobs; }
  RunStore& runs() override { return stores_.runs; }
  schedules::ScheduleStore& schedules() override { return stores_.schedules; }

 private:
  std::unique_ptr<Clock> clock_ = make_system_clock();
  memory::MemoryWorld world_;
  memory::MemoryDatabase db_{world_, *clock_};
  memory::MemoryStores stores_{world_};
};

}  // namespace

std::unique_ptr<StoreSet> make_store_set() { return std::make_unique<MemoryStoreSet>(); }

}  // namespace carillon::contract
