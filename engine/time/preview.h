#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/instant.h"
#include "engine/time/locale.h"
#include "engine/time/timing.h"
#include "engine/time/zone.h"

namespace carillon {

/// What a clock change does to an occurrence.
enum class PreviewFlag {
  gap,          ///< its wall-clock time does not exist that day: moved to the first instant after the gap
  fold_first,   ///< its wall-clock time comes twice that day, this is the first pass
  fold_second,  ///< … the second pass
};
/// "gap", "fold_first", "fold_second".
std::string_view preview_flag_name(PreviewFlag flag);

struct PreviewEntry {
  Instant utc;
  std::string local;                ///< with offset: "2026-03-29T03:00+02:00"
  std::vector<PreviewFlag> flags;
  std::string note;                 ///< the flags in words, "" without any
};

/// The change of offset that comes next, with the wall clock just before and just after.
struct ClockChange {
  Instant at;
  std::string from;  ///< "2026-03-29T02:00+01:00", the reading at which the clock is set
  std::string to;    ///< "2026-03-29T03:00+02:00", the reading it is set to
};

struct Preview {
  std::vector<PreviewEntry> entries;
  std::optional<ClockChange> next_clock_change;  ///< after `after`; nothing in a zone without one
};

/// The next n occurrences strictly after `after`, in the zone they are shown in. The very instants that will fire.
Preview preview(const Recurrence& recurrence, const Zone& shown_in, Instant after, std::size_t n, Locale locale);

}  // namespace carillon
