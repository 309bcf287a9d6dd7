#pragma once
#include <string>

#include "plugins/schedules/legacy_store.h"

namespace carillon::pg {

/// A database of the old shape behind a connection of its own, which only reads. Its statements are not in the
/// catalogue: the tables they read are not the hub's.
class PgLegacySource final : public schedules::LegacySource {
 public:
  /// `url`: a role that may read the tables of `schema`.
  PgLegacySource(std::string url, std::string schema) : url_(std::move(url)), schema_(std::move(schema)) {}
  Result<schedules::LegacyData> read() override;

 private:
  std::string url_, schema_;
};

}  // namespace carillon::pg
