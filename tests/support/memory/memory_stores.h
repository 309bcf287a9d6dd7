#pragma once
#include "tests/support/memory/memory_alert_store.h"
#include "tests/support/memory/memory_bulk_store.h"
#include "tests/support/memory/memory_backfill_store.h"
#include "tests/support/memory/memory_job_store.h"
#include "tests/support/memory/memory_publish_store.h"
#include "tests/support/memory/memory_retention_store.h"
#include "tests/support/memory/memory_run_store.h"
#include "tests/support/memory/memory_schedule_store.h"
#include "tests/support/memory/memory_secret_store.h"
#include "tests/support/memory/memory_tenant_store.h"
#include "tests/support/memory/memory_workflow_store.h"

namespace carillon::memory {

/// Every port over one world, which must outlive it.
struct MemoryStores {
  explicit MemoryStores(MemoryWorld& world)
      : tenants(world), events(world), answers(world), workflows(world), jobs(world), runs(world), schedules(world), bulk(world, schedules), backfills(world),
        maintenance(world), publishing(world), retention(world), alerts(world), secrets(world), redaction(world) {}
  MemoryTenantStore tenants;
  MemoryEventStore events;
  MemoryIdempotencyStore answers;
  MemoryWorkflowStore workflows;
  MemoryJobStore jobs;
  MemoryRunStore runs;
  MemoryScheduleStore schedules;
  MemoryBulkStore bulk;
  MemoryBackfillStore backfills;
  MemoryMaintenanceStore maintenance;
  MemoryPublishStore publishing;
  MemoryRetentionStore retention;
  MemoryAlertStore alerts;
  MemorySecretStore secrets;
  MemoryRedactionStore redaction;
};

}  // namespace carillon::memory
