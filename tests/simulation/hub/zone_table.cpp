#include "tests/simulation/hub/zone_table.h"

#include <stdlib.h>
#include <time.h>

#include <algorithm>
#include <map>
#include <memory>

namespace carillon::simulation {
namespace {

constexpr std::int64_t kFirst = 1'230'768'000;  // 2009-01-01
constexpr std::int64_t kLast = 2'429'913'600;   // 2047-01-01
constexpr std::int64_t kLookEvery = 43'200;     // no zone changes its clock twice in half a day

/// What the C library says of the zone in TZ.
std::int32_t library_offset(std::int64_t utc) {
  const auto seconds = static_cast<time_t>(utc);
  struct tm local {};
  localtime_r(&seconds, &local);
  return static_cast<std::int32_t>(local.tm_gmtoff);
}

}  // namespace

ZoneTable::ZoneTable(std::string name) : name_(std::move(name)) {
  setenv("TZ", (":" + name_).c_str(), 1);
  tzset();
  first_offset_ = library_offset(kFirst);
  std::int32_t offset = first_offset_;
  for (std::int64_t t = kFirst; t < kLast; t += kLookEvery) {
    const std::int32_t next = library_offset(t + kLookEvery);
    if (next == offset) continue;
    std::int64_t before = t, after = t + kLookEvery;
    while (after - before > 1) {
      const std::int64_t middle = before + (after - before) / 2;
      (library_offset(middle) == offset ? before : after) = middle;
    }
    changes_.push_back({after, offset, next});
    offset = next;
  }
  unsetenv("TZ");
  tzset();
}

const ZoneTable& ZoneTable::of(const std::string& name) {
  static std::map<std::string, std::unique_ptr<const ZoneTable>> tables;
  auto& table = tables[name];
  if (!table) table.reset(new ZoneTable(name));
  return *table;
}

std::int32_t ZoneTable::offset_at(std::int64_t utc) const {
  auto it = std::ranges::upper_bound(changes_, utc, {}, &Change::at);
  return it == changes_.begin() ? first_offset_ : std::prev(it)->after;
}

std::vector<ZoneTable::Change> ZoneTable::changes(std::int64_t from, std::int64_t to) const {
  auto begin = std::ranges::lower_bound(changes_, from, {}, &Change::at);
  auto end = std::ranges::lower_bound(changes_, to, {}, &Change::at);
  return {begin, std::max(begin, end)};
}

const std::vector<std::string>& simulated_zones() {
  static const std::vector<std::string> zones = {
      "America/New_York",     // at 2 in the morning
      "Europe/Berlin",        // at 1 UTC
      "Europe/Dublin",        // winter time is the exception by law
      "Australia/Lord_Howe",  // by half an hour
      "Pacific/Chatham",      // at 2:45, 45 minutes off the hour
      "Africa/Cairo",         // at midnight, and at the end of a day
      "America/Santiago",     // at the end of a Saturday
      "America/Havana",       // at midnight; falls back onto midnight
      "Asia/Beirut",          // at midnight
      "Antarctica/Troll",     // by two hours
      "Africa/Casablanca",    // back for Ramadan, on dates from the moon
      "Asia/Tehran",          // half an hour off; gave it up in 2022
      "Pacific/Apia",         // lost a whole day in 2011
      "Asia/Kathmandu", "Asia/Kolkata", "UTC",
  };
  return zones;
}

}  // namespace carillon::simulation
