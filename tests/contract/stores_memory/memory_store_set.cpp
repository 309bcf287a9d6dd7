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
  schedules::BulkStore& bulk() override { return stores_.bulk; }
  schedules::BackfillStore& backfills() override { return stores_.backfills; }
  schedules::MaintenanceStore& maintenance() override { return stores_.maintenance; }
  schedules::PublishStore& publishing() override { return stores_.publishing; }
  schedules::RetentionStore& retention() override { return stores_.retention; }
  AlertStore& alert_store() override { return stores_.alerts; }
  SecretStore& secrets() override { return stores_.secrets; }
  RedactionStore& redaction() override { return stores_.redaction; }
  void add_maintenance(std::optional<TenantId> tenant, const schedules::Maintenance& m) override {
    Uuid id;
    id.bytes[0] = ++maintenances_;
    must_write([&](Tx&) -> Status {
      if (tenant) world_.maintenance.put({*tenant, id}, m);
      else world_.system_maintenance.put(id, m);
      return ok();
    });
  }
  void end_maintenance(Instant at) override {
    must_write([&](Tx&) -> Status {
      std::vector<memory::Owned<Uuid>> of_tenants;
      std::vector<Uuid> of_hub;
      for (const auto& [key, m] : world_.maintenance.rows()) of_tenants.push_back(key);
      for (const auto& [key, m] : world_.system_maintenance.rows()) of_hub.push_back(key);
      for (const auto& key : of_tenants) world_.maintenance.edit(key, [&](schedules::Maintenance& m) { m.ended_at = at; });
      for (const auto& key : of_hub) world_.system_maintenance.edit(key, [&](schedules::Maintenance& m) { m.ended_at = at; });
      return ok();
    });
  }
  std::vector<Alert> alerts(TenantId tenant) override {
    std::vector<Alert> out;
    for (const auto& [number, row] : world_.alerts.rows())
      if (row.tenant == tenant) out.push_back(row.alert);
    return out;
  }

 private:
  void must_write(const std::function<Status(Tx&)>& work) {
    if (Status status = db_.in_system(work); !status) throw std::runtime_error(status.error().message);
  }
  std::uint8_t maintenances_ = 0;
  std::unique_ptr<Clock> clock_ = make_system_clock();
  memory::MemoryWorld world_;
  memory::MemoryDatabase db_{world_, *clock_};
  memory::MemoryStores stores_{world_};
};

}  // namespace

std::unique_ptr<StoreSet> make_store_set() { return std::make_unique<MemoryStoreSet>(); }

}  // namespace carillon::contract
