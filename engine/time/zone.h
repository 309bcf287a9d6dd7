#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/instant.h"
#include "engine/base/result.h"

namespace carillon {

/// A wall-clock reading without a zone: seconds since 1970-01-01T00:00:00 on that clock. Not an instant.
struct LocalTime {
  std::int64_t seconds = 0;
  auto operator<=>(const LocalTime&) const = default;
};

/// "2026-03-29T02:30" or "2026-03-29T02:30:15" (a space may stand for the T); nothing for anything else, also not for
/// a text with an offset (see parse_instant) or for a day that does not exist.
std::optional<LocalTime> parse_local(std::string_view text);
/// "2026-03-29T02:30"; seconds only where they are not zero.
std::string format_local(LocalTime local);
/// "02:30"; seconds only where they are not zero.
std::string format_local_clock(LocalTime local);
/// "+02:00", "-03:30", "Z" never; seconds only where they are not zero.
std::string format_offset(std::int32_t offset_seconds);

/// A stretch [begin, end) in which a zone keeps one offset. Neighbours always differ in their offset.
/// The first one begins at Instant{INT64_MIN}, an endless one ends at Instant::max().
struct ZoneSegment {
  Instant begin;
  Instant end;
  std::int32_t offset = 0;         ///< seconds east of UTC
  std::string_view abbreviation;   ///< of the zone, lives as long as it
  std::size_t index = 0;           ///< position in the zone, see Zone::segment

  bool contains(Instant t) const { return begin <= t && t < end; }
};

/// Where a caller last looked, so that the next look-up nearby costs no search. One per caller and zone; never shared
/// between threads. A stale or foreign hint costs time, never correctness.
struct ZoneHint {
  std::size_t index = 0;
};

/// A change of offset at `at`: `before` holds up to it, `after` from it on.
struct ZoneChange {
  Instant at;
  std::int32_t before = 0;
  std::int32_t after = 0;
  std::string_view abbreviation_before;
  std::string_view abbreviation_after;
};

/// What a wall-clock reading means in a zone.
struct LocalResolution {
  enum class Kind {
    exact,  ///< one instant: earlier == later
    gap,    ///< the clock jumps over it: earlier = the last whole minute before the jump, later = the jump itself
    fold,   ///< the clock shows it more than once: earlier = first pass, later = last pass
  };
  Kind kind = Kind::exact;
  Instant earlier;
  Instant later;
};

/// One IANA zone: immutable, all functions thread-safe. Right for every instant, also after 2037: where the table of
/// the zone file ends, the POSIX rule in its footer goes on (RFC 9636 section 3.3), with the 400-year cycle of the
/// Gregorian calendar for the far future.
class Zone {
 public:
  /// One explicit stretch of a zone, as the builder gets it: it lasts to the begin of the next one.
  struct Stretch {
    std::int64_t begin_seconds = 0;  ///< ignored for the first one, which has no begin
    std::int32_t offset = 0;
    std::string abbreviation;
  };
  /// `stretches` in time order, at least one; `footer` is the POSIX TZ text that holds after the begin of the last one,
  /// "" for none. Neighbours of equal offset are merged. Fails with internal ZONE_FOOTER if the footer cannot be read:
  /// a zone is never silently wrong.
  static Result<std::unique_ptr<const Zone>> build(std::string name, const std::vector<Stretch>& stretches,
                                                   std::string_view footer);

  const std::string& name() const { return name_; }

  /// The stretch that contains t.
  ZoneSegment segment_at(Instant t, ZoneHint* hint = nullptr) const { return segment(index_at(t.seconds(), hint)); }
  /// The i-th stretch; defined for 0 … index of an endless one, and for every i if the zone has a rule for ever.
  ZoneSegment segment(std::size_t index) const;
  /// Seconds east of UTC in force at t.
  std::int32_t offset_at(Instant t, ZoneHint* hint = nullptr) const { return segment_at(t, hint).offset; }
  /// The wall clock at t (fractions of a second dropped).
  LocalTime to_local(Instant t, ZoneHint* hint = nullptr) const;
  LocalResolution resolve(LocalTime local) const;
  /// The first change of offset strictly after t; nothing if there is none any more.
  std::optional<ZoneChange> next_change(Instant t) const;

 private:
  struct Entry {
    std::int64_t begin = 0;  ///< seconds; the first is INT64_MIN
    std::int32_t offset = 0;
    std::uint32_t abbreviation = 0;
  };
  Zone() = default;
  void append(std::int64_t begin, std::int32_t offset, std::string_view abbreviation);
  std::size_t index_at(std::int64_t seconds, ZoneHint* hint) const;

  std::string name_;
  std::vector<Entry> entries_;
  std::vector<std::string> abbreviations_;
  std::size_t cycle_ = 0;  ///< the last `cycle_` entries repeat every 400 years; 0 if the last entry is endless
};

/// All zones of this machine's IANA database, read once on construction (later updates of the files are seen by a new
/// process only; compare version()). Immutable afterwards and thread-safe; zones live as long as the database.
class ZoneDatabase {
 public:
  /// Reads every zone (some 50 ms). Throws std::runtime_error if the machine has no readable zone database.
  ZoneDatabase();
  ~ZoneDatabase();
  ZoneDatabase(const ZoneDatabase&) = delete;
  ZoneDatabase& operator=(const ZoneDatabase&) = delete;

  /// A zone or link by its exact, case-sensitive IANA name; nullptr for anything else, also for `localtime`,
  /// `posixrules` and everything under posix/ and right/.
  const Zone* find(std::string_view name) const;
  /// The same; fails with invalid UNKNOWN_ZONE at `field`, the remedy naming the nearest names.
  Result<const Zone*> require(std::string_view name, std::string_view field) const;
  /// Every accepted name, sorted.
  const std::vector<std::string>& names() const { return names_; }
  /// At most `count` names that somebody who wrote `name` may have meant, best first.
  std::vector<std::string> nearest(std::string_view name, std::size_t count) const;
  /// "2026f", or "unknown" where the system does not say.
  const std::string& version() const { return version_; }
  /// Always there.
  const Zone& utc() const { return *utc_; }

 private:
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<const Zone>> zones_;  ///< zones_[i] is names_[i]
  const Zone* utc_ = nullptr;
  std::string version_;
};

}  // namespace carillon
