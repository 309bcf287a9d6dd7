#include <vector>

#include "persistence/core/core_sql.h"
#include "persistence/stores/pg_alert_store.h"
#include "persistence/stores/pg_bulk_store.h"
#include "persistence/stores/pg_backfill_store.h"
#include "persistence/stores/pg_job_store.h"
#include "persistence/stores/pg_legacy_store.h"
#include "persistence/stores/pg_maintenance_store.h"
#include "persistence/stores/pg_publish_store.h"
#include "persistence/stores/pg_retention_store.h"
#include "persistence/stores/pg_run_store.h"
#include "persistence/stores/pg_schedule_store.h"
#include "persistence/stores/pg_secret_store.h"
#include "persistence/stores/pg_tenant_store.h"
#include "persistence/stores/pg_workflow_store.h"

namespace carillon::pg {

std::span<const Sql* const> all_statements() {
  static const std::vector<const Sql*> all = [] {
    std::vector<const Sql*> out = {&kInsertAudit, &kInsertAlert, &kFreeAlertKey, &kInsertAlertOnce, &kBumpEventHeads, &kInsertEvents, &kFindAudit, &kFindEvents, &kXactStatus, &kNotify, &kCurrentXid};
    for (auto part : {PgJobStore::statements(), PgRunStore::statements(), PgScheduleStore::statements(), PgTenantStore::statements(),
                      PgEventStore::statements(), PgIdempotencyStore::statements(), PgListenerStore::statements(), PgWorkflowStore::statements(),
                      PgAlertStore::statements(), PgBulkStore::statements(), PgBackfillStore::statements(), PgMaintenanceStore::statements(),
                      PgLegacyStore::statements(), PgPublishStore::statements(), PgRetentionStore::statements(),
                      PgSecretStore::statements(), PgRedactionStore::statements()})
      out.insert(out.end(), part.begin(), part.end());
    return out;
  }();
  return all;
}

}  // namespace carillon::pg
