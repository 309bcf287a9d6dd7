#include "engine/time/date_source.h"

#include <date/tz.h>

#include <fstream>
#include <stdexcept>

namespace carillon {
namespace {

// date/tz built for the system's database reads this directory (Debian: the only one it looks in).
constexpr std::string_view kZoneDirectory = "/usr/share/zoneinfo/";
// No zone file tabulates changes beyond; a stretch that reaches past it is the last one.
constexpr date::year kTableEnd{2500};

bool system_alias(std::string_view name) {
  return name == "localtime" || name == "posixrules" || name.starts_with("posix/") || name.starts_with("right/");
}

}  // namespace

std::vector<std::string> system_zone_names() {
  std::vector<std::string> names;
  for (const date::time_zone& zone : date::get_tzdb().zones) {
    if (!system_alias(zone.name())) names.push_back(zone.name());
  }
  if (names.empty()) throw std::runtime_error("no IANA time zones are installed (Debian package tzdata)");
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<Zone::Stretch> system_zone_stretches(const std::string& name) {
  const date::time_zone* zone = date::locate_zone(name);
  const date::sys_seconds end = date::sys_days{kTableEnd / 1 / 1};
  std::vector<Zone::Stretch> stretches;
  date::sys_seconds t = date::sys_days{date::year{1700} / 1 / 1};
  while (t < end) {
    date::sys_info info = zone->get_info(t);
    stretches.push_back({info.begin.time_since_epoch().count(), static_cast<std::int32_t>(info.offset.count()), info.abbrev});
    if (info.end <= t) throw std::runtime_error("time zone " + name + " does not advance");
    t = info.end;
  }
  return stretches;
}

std::string system_zone_footer(const std::string& name) {
  std::ifstream file(std::string(kZoneDirectory) + name, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  // RFC 9636 section 3: version 2 and later end in LF, TZ text, LF.
  if (bytes.size() < 44 || bytes.compare(0, 4, "TZif") != 0)
    throw std::runtime_error("time zone file of " + name + " is not readable");
  if (bytes[4] < '2' || bytes.back() != '\n') return "";
  std::size_t begin = bytes.rfind('\n', bytes.size() - 2);
  return begin == std::string::npos ? "" : bytes.substr(begin + 1, bytes.size() - begin - 2);
}

std::string system_zone_version() {
  std::string line;
  std::ifstream compact(std::string(kZoneDirectory) + "tzdata.zi");
  constexpr std::string_view kPrefix = "# version ";
  if (std::getline(compact, line) && line.starts_with(kPrefix)) return line.substr(kPrefix.size());
  std::ifstream plain(std::string(kZoneDirectory) + "+VERSION");
  if (std::getline(plain, line) && !line.empty()) return line;
  return "unknown";
}

}  // namespace carillon
