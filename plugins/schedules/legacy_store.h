#pragma once
#include <set>

#include "engine/storage/database.h"
#include "engine/tenancy/tenancy.h"
#include "plugins/schedules/model.h"

namespace carillon::schedules {

/// A workflow of the old shape: its one time trigger stands inside the definition.
struct LegacyWorkflow {
  struct Version {
    std::int64_t number = 0;
    Json definition;
    std::string definition_text;  ///< as the database writes it
    Json payload_schema;          ///< null for none
    Instant published_at;
  };
  std::string id, tenant, name;
  std::string status;       ///< draft, published
  std::string schema_mode;  ///< pinned, inferred
  Json trigger;             ///< null, or {"type": "event" | "schedule" | "recurring", …}
  Json draft;
  std::vector<Version> versions;  ///< oldest first
};

/// The one schedule of a workflow in the old shape.
struct LegacyRow {
  std::string id, tenant, workflow;
  std::int64_t version = 0;
  std::string trigger_type;  ///< schedule (once), recurring
  std::optional<Instant> run_at;
  std::optional<std::string> cron, zone;
  bool enabled = false;
  std::string status;  ///< scheduled, paused, disabled, completed, failed
  std::optional<Instant> last_fire_at;
  std::string last_error;
  Json document;  ///< the whole row
};

struct LegacyData {
  std::vector<LegacyWorkflow> workflows;  ///< by id
  std::vector<LegacyRow> rows;            ///< by id
  /// Texts of tenant_id, whichever of the two they stand in.
  std::set<std::string> tenants() const {
    std::set<std::string> out;
    for (const auto& workflow : workflows) out.insert(workflow.tenant);
    for (const auto& row : rows) out.insert(row.tenant);
    return out;
  }
};

/// Port: a database of the old shape, read in place and never written.
class LegacySource {
 public:
  virtual ~LegacySource() = default;
  /// All of it, as it was at one moment. not_found OLD_SHAPE_MISSING when its tables are not there; unavailable.
  virtual Result<LegacyData> read() = 0;
};

/// What became of one old record.
struct LegacyRecord {
  std::string kind;    ///< row, trigger (one without a row), workflow (without a time trigger)
  std::string old_id;  ///< of the row, else of the workflow
  std::optional<ScheduleId> schedule;
  Json line;  ///< of the report
};

/// Port: what was imported. App scope.
class LegacyStore {
 public:
  virtual ~LegacyStore() = default;
  /// False when the tenant is there already. Two who do so at once come one after the other.
  virtual Result<bool> add_tenant(Tx& tx, const Tenant& tenant) = 0;
  /// Holds the tenant against other imports until the transaction ends.
  virtual carillon::Status hold(Tx& tx, TenantId tenant) = 0;
  virtual Result<std::vector<LegacyRecord>> records(Tx& tx, TenantId tenant) = 0;
  virtual carillon::Status add(Tx& tx, TenantId tenant, const LegacyRecord& record) = 0;
  virtual carillon::Status forget(Tx& tx, TenantId tenant) = 0;
  struct Known {
    std::int64_t revision = 0;
    bool deleted = false;
  };
  /// Of a schedule with this id, deleted or not.
  virtual Result<std::optional<Known>> schedule(Tx& tx, TenantId tenant, ScheduleId id) = 0;
};

}  // namespace carillon::schedules
