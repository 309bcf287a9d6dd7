#pragma once
#include "engine/storage/database.h"

namespace carillon {

/// An alert as it is kept.
struct KeptAlert {
  Uuid id;
  Instant at;
  Alert alert;
  std::optional<Instant> acknowledged_at;
  std::string acknowledged_by;
};

struct AlertFilter {
  bool open_only = false;
  std::string code;            ///< "" for any
  std::optional<Uuid> before;  ///< the page starts after this one, newest first
  int limit = 50;
};

/// Port: alerts that Tx::raise wrote.
class AlertStore {
 public:
  virtual ~AlertStore() = default;
  virtual Result<std::vector<KeptAlert>> list(Tx& tx, TenantId tenant, const AlertFilter& filter) = 0;
  virtual Result<std::int64_t> count_open(Tx& tx, TenantId tenant) = 0;
  /// not_found. Acknowledging twice changes nothing.
  virtual Status acknowledge(Tx& tx, TenantId tenant, Uuid id, const std::string& actor) = 0;
  virtual Result<std::int64_t> acknowledge_all(Tx& tx, TenantId tenant, const std::string& actor) = 0;  ///< how many
  /// Removes those raised at `until` or before, the oldest first, at most `limit`; one that somebody holds just now is
  /// left. How many. System scope.
  virtual Result<std::int64_t> purge(Tx& tx, TenantId tenant, Instant until, std::int64_t limit) = 0;
};

}  // namespace carillon
