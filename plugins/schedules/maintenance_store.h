#pragma once
#include <span>

#include "engine/storage/database.h"
#include "plugins/schedules/model.h"

namespace carillon::schedules {

/// A maintenance as it is kept: of one tenant, or of the whole hub.
struct MaintenanceEntry {
  Uuid id;
  std::optional<TenantId> tenant;  ///< nothing: the whole hub
  Maintenance stretch;
  bool active(Instant now) const { return stretch.since <= now && (!stretch.end() || now < *stretch.end()); }
};

/// Port: when a tenant, or the hub, is under maintenance. That of the hub is written in system scope only.
class MaintenanceStore {
 public:
  virtual ~MaintenanceStore() = default;
  virtual carillon::Status insert(Tx& tx, const MaintenanceEntry& entry) = 0;
  /// Held until the transaction ends: whoever parks something because of it has committed by then. not_found.
  virtual Result<MaintenanceEntry> lock(Tx& tx, std::optional<TenantId> tenant, const Uuid& id) = 0;
  virtual carillon::Status set_ended(Tx& tx, const MaintenanceEntry& entry) = 0;  ///< writes ended_at
  /// Of the tenant, newest first; those of the whole hub for nothing. Any scope.
  virtual Result<std::vector<MaintenanceEntry>> list(Tx& tx, std::optional<TenantId> tenant, int limit) = 0;
  /// What goes on at `now`, the tenant's and the hub's (for nothing: only the hub's), oldest first. Any scope.
  virtual Result<std::vector<MaintenanceEntry>> active(Tx& tx, std::optional<TenantId> tenant, Instant now) = 0;
};

}  // namespace carillon::schedules
