#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "engine/base/json.h"
#include "engine/time/date_source.h"
#include "engine/time/zone.h"

namespace carillon {
namespace {

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == ' ') c = '_';
  }
  return out;
}

/// Levenshtein distance of two short texts.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

std::string_view last_part(std::string_view name) { return name.substr(name.rfind('/') + 1); }

}  // namespace

ZoneDatabase::ZoneDatabase() : names_(system_zone_names()), version_(system_zone_version()) {
  zones_.reserve(names_.size());
  for (const std::string& name : names_) {
    auto zone = Zone::build(name, system_zone_stretches(name), system_zone_footer(name));
    if (!zone) throw std::runtime_error(zone.error().message + " (" + zone.error().value + ")");
    zones_.push_back(std::move(*zone));
  }
  utc_ = find("UTC");
  if (utc_ == nullptr) throw std::runtime_error("the IANA zone database of this machine has no UTC");
}

ZoneDatabase::~ZoneDatabase() = default;

const Zone* ZoneDatabase::find(std::string_view name) const {
  auto at = std::lower_bound(names_.begin(), names_.end(), name);
  if (at == names_.end() || *at != name) return nullptr;
  return zones_[static_cast<std::size_t>(at - names_.begin())].get();
}

Result<const Zone*> ZoneDatabase::require(std::string_view name, std::string_view field) const {
  if (const Zone* zone = find(name)) return zone;
  std::string remedy = "Use an IANA zone name such as ";
  std::vector<std::string> close = nearest(name.substr(0, std::min<std::size_t>(name.size(), 64)), 3);
  for (std::size_t i = 0; i < close.size(); ++i)
    remedy += (i == 0 ? "" : i + 1 == close.size() ? " or " : ", ") + close[i];
  return Error{ErrorCode::invalid, "UNKNOWN_ZONE", "There is no time zone of this name.", std::string(field), shorten(name),
               remedy + ".", {}};
}

std::vector<std::string> ZoneDatabase::nearest(std::string_view name, std::size_t count) const {
  const std::string wanted = lower_ascii(name);
  const std::string_view wanted_part = last_part(wanted);
  std::vector<std::pair<std::size_t, std::size_t>> ranked;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const std::string candidate = lower_ascii(names_[i]);
    // People get the city right and the region wrong more often than the other way round.
    std::size_t whole = 2 * edit_distance(wanted, candidate);
    std::size_t city = 2 * edit_distance(wanted_part, last_part(candidate)) + (wanted == candidate ? 0 : 1);
    ranked.emplace_back(std::min(whole, city), i);
  }
  count = std::min(count, ranked.size());
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(count), ranked.end());
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(names_[ranked[i].second]);
  return out;
}

}  // namespace carillon
