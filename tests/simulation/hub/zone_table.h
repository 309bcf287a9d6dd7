#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace carillon::simulation {

/// The offsets of one zone from 2009 to 2047 as the C library tells them: nothing of engine/time is used here.
class ZoneTable {
 public:
  struct Change {
    std::int64_t at = 0;  ///< seconds UTC
    std::int32_t before = 0, after = 0;
    std::int32_t by() const { return after - before; }
  };
  /// Built once for each name and kept.
  static const ZoneTable& of(const std::string& name);

  const std::string& name() const { return name_; }
  /// Seconds east of UTC at a time of those years.
  std::int32_t offset_at(std::int64_t utc) const;
  /// The changes in [from, to), in time order.
  std::vector<Change> changes(std::int64_t from, std::int64_t to) const;

 private:
  explicit ZoneTable(std::string name);
  std::string name_;
  std::int32_t first_offset_ = 0;
  std::vector<Change> changes_;
};

/// The zones that lives are played in: those whose clocks change in odd ways, and a few that never do.
const std::vector<std::string>& simulated_zones();

}  // namespace carillon::simulation
