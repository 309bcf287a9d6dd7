#include "engine/time/zone.h"

#include <algorithm>

#include "engine/time/posix_rule.h"

namespace carillon {
namespace {

// The Gregorian calendar, weekdays included, repeats after 400 years of 146,097 days.
constexpr std::int64_t kCycleSeconds = 146'097LL * 86'400;
constexpr std::int64_t kForever = INT64_MAX / 1'000'000;
// No zone has been further from UTC, nor jumped further, than this.
constexpr std::int64_t kFarthestSeconds = 26 * 3600;

struct RuleChange {
  std::int64_t at;
  bool daylight;
};

/// All changes of a rule in the years [from, to), in time order. Two at one instant (daylight time all year round) stay
/// in the order standard, daylight, so that the second wins.
std::vector<RuleChange> rule_changes(const PosixRule& rule, std::int64_t from, std::int64_t to) {
  std::vector<RuleChange> changes;
  for (std::int64_t year = from; year < to; ++year) {
    changes.push_back({rule.standard_begins(year), false});
    changes.push_back({rule.daylight_begins(year), true});
  }
  std::sort(changes.begin(), changes.end(), [](const RuleChange& a, const RuleChange& b) {
    return a.at != b.at ? a.at < b.at : a.daylight < b.daylight;
  });
  return changes;
}

std::int64_t year_start(std::int64_t year) { return days_from_civil(year, 1, 1) * 86'400; }

std::int64_t year_of(std::int64_t seconds) {
  std::int64_t day = seconds >= 0 ? seconds / 86'400 : -((-seconds + 86'399) / 86'400);
  return civil_from_days(day).year;
}

}  // namespace

void Zone::append(std::int64_t begin, std::int32_t offset, std::string_view abbreviation) {
  if (!entries_.empty() && entries_.back().begin == begin) entries_.pop_back();
  if (!entries_.empty() && entries_.back().offset == offset) return;
  auto known = std::find(abbreviations_.begin(), abbreviations_.end(), abbreviation);
  auto index = static_cast<std::uint32_t>(known - abbreviations_.begin());
  if (known == abbreviations_.end()) abbreviations_.emplace_back(abbreviation);
  entries_.push_back({begin, offset, index});
}

Result<std::unique_ptr<const Zone>> Zone::build(std::string name, const std::vector<Stretch>& stretches,
                                                std::string_view footer) {
  std::optional<PosixRule> rule = PosixRule::parse(footer);
  if (stretches.empty() || (!footer.empty() && !rule)) {
    return Error{ErrorCode::internal, "ZONE_FOOTER", "The rule at the end of the zone file of " + name + " cannot be read.",
                 "", std::string(footer), "Install an intact IANA zone database (Debian package tzdata).", {}};
  }
  std::unique_ptr<Zone> zone(new Zone);
  zone->name_ = std::move(name);
  for (std::size_t i = 0; i < stretches.size(); ++i)
    zone->append(i == 0 ? INT64_MIN : stretches[i].begin_seconds, stretches[i].offset, stretches[i].abbreviation);
  if (rule && rule->has_daylight) {
    // A file that tabulates nothing leaves all to the rule; nobody kept daylight time before 1900.
    std::int64_t last = stretches.size() > 1 ? stretches.back().begin_seconds : year_start(1900);
    std::int64_t base_year = year_of(last) + 2;
    const std::int64_t base = year_start(base_year), end = base + kCycleSeconds;
    for (const RuleChange& change : rule_changes(*rule, base_year - 3, base_year + 402)) {
      if (change.at <= last || change.at >= end) continue;
      zone->append(change.at, change.daylight ? rule->daylight_offset : rule->standard_offset,
                   change.daylight ? rule->daylight_name : rule->standard_name);
    }
    zone->cycle_ = static_cast<std::size_t>(std::count_if(zone->entries_.begin() + 1, zone->entries_.end(),
                                                          [&](const Entry& e) { return e.begin >= base; }));
  }
  zone->entries_.shrink_to_fit();
  return std::unique_ptr<const Zone>(std::move(zone));
}

ZoneSegment Zone::segment(std::size_t index) const {
  const std::size_t n = entries_.size();
  std::size_t i = index;
  std::int64_t shift = 0;
  if (index >= n) {
    if (cycle_ == 0) {
      i = n - 1;
    } else {
      std::size_t turns = (index - n) / cycle_ + 1;
      i = index - turns * cycle_;
      shift = static_cast<std::int64_t>(turns) * kCycleSeconds;
    }
  }
  const Entry& entry = entries_[i];
  ZoneSegment out;
  out.begin = entry.begin == INT64_MIN ? Instant{INT64_MIN} : Instant::from_seconds(entry.begin + shift);
  if (i + 1 < n) {
    out.end = Instant::from_seconds(entries_[i + 1].begin + shift);
  } else if (cycle_ == 0) {
    out.end = Instant::max();
  } else {
    out.end = Instant::from_seconds(std::min(entries_[n - cycle_].begin + kCycleSeconds + shift, kForever));
  }
  out.offset = entry.offset;
  out.abbreviation = abbreviations_[entry.abbreviation];
  out.index = cycle_ == 0 ? i : index;
  return out;
}

std::size_t Zone::index_at(std::int64_t seconds, ZoneHint* hint) const {
  const std::size_t n = entries_.size();
  if (hint != nullptr && hint->index < n && entries_[hint->index].begin <= seconds) {
    for (std::size_t i = hint->index; i < n && i < hint->index + 3; ++i) {
      bool inside = i + 1 < n ? seconds < entries_[i + 1].begin : cycle_ == 0;
      if (inside) return hint->index = i;
    }
  }
  std::size_t turns = 0;
  if (cycle_ != 0) {
    const std::int64_t table_end = entries_[n - cycle_].begin + kCycleSeconds;
    if (seconds >= table_end) {
      turns = static_cast<std::size_t>((seconds - table_end) / kCycleSeconds) + 1;
      seconds -= static_cast<std::int64_t>(turns) * kCycleSeconds;
    }
  }
  auto after = std::upper_bound(entries_.begin() + 1, entries_.end(), seconds,
                                [](std::int64_t t, const Entry& entry) { return t < entry.begin; });
  std::size_t index = static_cast<std::size_t>(after - entries_.begin()) - 1 + turns * cycle_;
  if (hint != nullptr) hint->index = index;
  return index;
}

LocalTime Zone::to_local(Instant t, ZoneHint* hint) const { return LocalTime{t.seconds() + offset_at(t, hint)}; }

LocalResolution Zone::resolve(LocalTime local) const {
  const Instant wanted = Instant::from_seconds(local.seconds);
  ZoneSegment segment = segment_at(Instant::from_seconds(local.seconds - kFarthestSeconds));
  const std::int64_t until = local.seconds + kFarthestSeconds;
  std::optional<Instant> first, last, gap;
  while (true) {
    const Duration offset = std::chrono::seconds(segment.offset);
    const Instant candidate = wanted - offset;
    if (segment.contains(candidate)) {
      if (!first) first = candidate;
      last = candidate;
    }
    if (segment.end == Instant::max() || segment.end.seconds() > until) break;
    ZoneSegment following = segment_at(segment.end);
    if (candidate >= segment.end && wanted - std::chrono::seconds(following.offset) < following.begin) gap = segment.end;
    segment = following;
  }
  if (first) return {*first == *last ? LocalResolution::Kind::exact : LocalResolution::Kind::fold, *first, *last};
  const Instant jump = gap.value_or(wanted);
  return {LocalResolution::Kind::gap, jump - std::chrono::minutes(1), jump};
}

std::optional<ZoneChange> Zone::next_change(Instant t) const {
  ZoneSegment before = segment_at(t);
  if (before.end == Instant::max()) return std::nullopt;
  ZoneSegment after = segment(before.index + 1);
  return ZoneChange{before.end, before.offset, after.offset, before.abbreviation, after.abbreviation};
}

}  // namespace carillon
