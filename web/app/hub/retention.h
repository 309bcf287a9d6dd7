#pragma once
#include "engine/events/alert_store.h"
#include "engine/jobs/retention.h"
#include "engine/tenancy/tenant_store.h"

namespace carillon {

/// Sessions, kept answers and old change-stream batches: what has expired by itself.
class ExpiredRetention final : public RetentionHook {
 public:
  explicit ExpiredRetention(TenantStore& tenants) : tenants_(tenants) {}
  Result<Purged> purge(Tx& tx, TenantId tenant, std::int64_t) override {
    CARILLON_CHECK(tenants_.purge_expired(tx, tenant));
    return Purged{};
  }

 private:
  TenantStore& tenants_;
};

/// Alerts of a certain age, whether somebody has acknowledged them or not.
class AlertRetention final : public RetentionHook {
 public:
  AlertRetention(AlertStore& alerts, Duration kept) : alerts_(alerts), kept_(kept) {}
  Result<Purged> purge(Tx& tx, TenantId tenant, std::int64_t limit) override {
    Purged out;
    CARILLON_TRY(out.rows, alerts_.purge(tx, tenant, tx.now() - kept_, limit));
    out.add("alerts", out.rows);
    out.more = out.rows >= limit;
    return out;
  }

 private:
  AlertStore& alerts_;
  Duration kept_;
};

}  // namespace carillon
