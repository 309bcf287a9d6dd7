#pragma once
#include <memory>
#include <string>

#include "engine/base/log.h"
#include "engine/base/rng.h"
#include "engine/storage/database.h"

namespace carillon::pg {

struct PgOptions {
  std::string app_url;     ///< connection string of the app role
  std::string system_url;  ///< of the system role
  int app_connections = 8;
  int system_connections = 4;
  Duration acquire_timeout{5'000'000};  ///< how long a call waits for a free connection before DATABASE_BUSY
  Duration retry_for{5'000'000};        ///< how long a lost database is tried again before DATABASE_UNAVAILABLE
};

/// Database on PostgreSQL (libpqxx). BEGIN, the SET LOCALs and the clock are one round trip. Connections are replaced
/// when they break; nothing lives in the session. After a connection lost during COMMIT the outcome is asked from the
/// server (pg_xact_status, and what the transaction has left behind), so a committed closure is never run again, and one
/// that a crash of the server has lost is.
class PgDatabase final : public Database {
 public:
  PgDatabase(PgOptions options, Rng& rng, IdSource& ids, Logger& log);
  ~PgDatabase() override;
  Status in_tenant(TenantId tenant, const std::function<Status(Tx&)>& work) override;
  Status in_system(const std::function<Status(Tx&)>& work) override;
  /// SELECT 1 through both pools; unavailable when it fails.
  Status ping();
  /// Refuses to go on (an Error naming the remedy) when a role is superuser, has BYPASSRLS, owns a tenant table, or a
  /// table with tenant_id has row-level security off.
  Status check_roles();

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace carillon::pg
