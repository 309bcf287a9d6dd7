#pragma once
#include <string>

#include "engine/base/json.h"
#include "engine/base/log.h"

namespace carillon {

/// `carillon import inline-triggers`, straight on the databases; a hub may run meanwhile.
struct LegacyRequest {
  std::string from;    ///< connection string of the old database, "" for the hub's own
  std::string schema;  ///< of its tables
  std::string email;   ///< of the admin of tenants that the hub does not know yet, "" for admin@SLUG.invalid
  bool dry_run = false, back = false;
};
struct LegacyReport {
  Json document;
  std::string text;     ///< the same for people
  bool failed = false;  ///< a tenant could not be imported; it is as it was
};
/// The report says what became of each old record. conflict MIGRATION_PENDING; not_found OLD_SHAPE_MISSING; with `back`
/// conflict SEVERAL_SCHEDULES and SCHEDULES_CHANGED; unavailable.
Result<LegacyReport> import_legacy(const std::string& database_url, const LegacyRequest& request, Logger& log);

}  // namespace carillon
