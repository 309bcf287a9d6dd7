#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "engine/time/zone.h"

namespace carillon {

// What date/tz (and the zone files it reads) knows. The only door to that library; nothing of it leaves date_source.cpp.

/// Names of all zones and links of the machine, sorted, with the system's own aliases (localtime, posix/…) left out.
/// Throws std::runtime_error if there is no zone database.
std::vector<std::string> system_zone_names();

/// The explicit stretches of a zone: what its file tabulates, without the rule in the footer. Right up to the begin of the
/// last one.
std::vector<Zone::Stretch> system_zone_stretches(const std::string& name);

/// The POSIX rule at the end of the zone's file, "" if it has none.
std::string system_zone_footer(const std::string& name);

/// Version of the machine's zone database ("2026f"), or "unknown".
std::string system_zone_version();

}  // namespace carillon
