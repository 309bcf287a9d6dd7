#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/instant.h"
#include "engine/time/zone.h"

namespace carillon {

/// The machine's zones, read once for all tests.
inline const ZoneDatabase& test_zones() {
  static const ZoneDatabase zones;
  return zones;
}
inline const Zone& test_zone(std::string_view name) { return *test_zones().require(name, "").value(); }
inline Instant at(std::string_view text) { return parse_instant(text).value(); }

}  // namespace carillon
