#pragma once
#include <memory>

#include "engine/actions/idempotency_store.h"
#include "engine/events/alert_store.h"
#include "engine/events/event_store.h"
#include "engine/jobs/registration.h"
#include "engine/redaction/redaction_store.h"
#include "engine/runs/run_store.h"
#include "engine/secrets/secret_store.h"
#include "engine/tenancy/tenant_store.h"
#include "engine/workflows/workflow_store.h"
#include "plugins/schedules/bulk_store.h"
#include "plugins/schedules/backfill_store.h"
#include "plugins/schedules/maintenance_store.h"
#include "plugins/schedules/publish_store.h"
#include "plugins/schedules/retention_store.h"
#include "plugins/schedules/schedule_store.h"

namespace carillon::contract {

/// One implementation of every port, over an empty database.
class StoreSet {
 public:
  virtual ~StoreSet() = default;
  virtual Database& db() = 0;
  virtual TenantStore& tenants() = 0;
  virtual EventStore& events() = 0;
  virtual IdempotencyStore& answers() = 0;
  virtual WorkflowStore& workflows() = 0;
  virtual JobStore& jobs() = 0;
  virtual RunStore& runs() = 0;
  virtual schedules::ScheduleStore& schedules() = 0;
  virtual schedules::BulkStore& bulk() = 0;
  virtual schedules::BackfillStore& backfills() = 0;
  virtual schedules::MaintenanceStore& maintenance() = 0;
  virtual schedules::PublishStore& publishing() = 0;
  virtual schedules::RetentionStore& retention() = 0;
  virtual AlertStore& alert_store() = 0;
  virtual SecretStore& secrets() = 0;
  virtual RedactionStore& redaction() = 0;
  /// What a test puts and looks at without a port: maintenance of a tenant or of the hub, alerts in order.
  virtual void add_maintenance(std::optional<TenantId> tenant, const schedules::Maintenance& maintenance) = 0;
  virtual void end_maintenance(Instant at) = 0;  ///< all of it
  virtual std::vector<Alert> alerts(TenantId tenant) = 0;
};

/// Called for each test. The one thing in which the binaries of the contract differ: each defines its own.
std::unique_ptr<StoreSet> make_store_set();

}  // namespace carillon::contract
