#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/instant.h"
#include "engine/base/result.h"
#include "engine/time/cron.h"
#include "engine/time/locale.h"
#include "engine/time/zone.h"

namespace carillon {

/// Which pass of a wall-clock time that comes twice.
enum class Fold { refuse, earlier, later };

/// One instant. Where the user gave a wall-clock time, it is kept to be shown again; `at` alone decides.
struct Once {
  Instant at;
  std::optional<std::string> local;  ///< as given, "2026-03-29T02:30"
  std::optional<std::string> zone;   ///< the zone it was meant in, or is shown in
  Fold fold = Fold::refuse;          ///< which pass of `local` it is, where that comes twice; refuse where it comes once
  bool operator==(const Once&) const = default;
};
/// Wall-clock times of a zone.
struct Cron {
  std::string expression;
  std::string zone;
  bool operator==(const Cron&) const = default;
};
/// anchor + n * every for every whole n, also negative ones: elapsed time, zones do not matter.
struct Interval {
  Duration every{0};
  Instant anchor;
  bool operator==(const Interval&) const = default;
};
/// Never by the clock.
struct Manual {
  bool operator==(const Manual&) const = default;
};
/// When a schedule is due. Further kinds (event) join as further alternatives.
using Timing = std::variant<Once, Cron, Interval, Manual>;

/// "once", "cron", "interval", "manual".
std::string_view timing_kind(const Timing& timing);

/// Occurrences lie in [start, end).
struct Bounds {
  std::optional<Instant> start;
  std::optional<Instant> end;
  bool operator==(const Bounds&) const = default;
};

struct TimingLimits {
  Duration interval_minimum{1'000'000};
};

/// The pure rule instant → next: a compiled Timing within its Bounds. A cheap, immutable value; thread-safe. Must not
/// outlive the ZoneDatabase it was compiled with.
class Recurrence {
 public:
  /// The first occurrence strictly after the instant; nothing if there is none (any more).
  std::optional<Instant> next(Instant strictly_after) const;
  /// The same with a place to remember the zone's stretch, for many calls in time order.
  std::optional<Instant> next(Instant strictly_after, ZoneHint& hint) const;
  /// Number of occurrences in [from, to), at most `cap`. Intervals: by arithmetic; cron: one look-up each.
  std::int64_t count_between(Instant from, Instant to, std::int64_t cap) const;
  /// The last occurrence at or before the instant, if there is one (cron: within the 50 years before).
  std::optional<Instant> last_at_or_before(Instant t) const;

  /// nullptr if the timing is no cron.
  const CronExpression* cron() const { return cron_.get(); }
  /// The zone of the wall-clock times; nullptr for kinds without one.
  const Zone* zone() const { return zone_; }
  const Timing& timing() const { return timing_; }
  const Bounds& bounds() const { return bounds_; }

 private:
  friend Result<Recurrence> compile(const Timing&, const Bounds&, const ZoneDatabase&, const TimingLimits&);
  Recurrence() = default;
  std::optional<Instant> unbounded_next(Instant after, ZoneHint* hint) const;
  std::optional<Instant> unbounded_last(Instant t) const;

  Timing timing_ = Manual{};
  Bounds bounds_;
  std::shared_ptr<const CronExpression> cron_;
  const Zone* zone_ = nullptr;
};

/// Compiles a timing. Accepts a cron expression that never fires (it answers "none"); see check_timing for saving.
/// Fails with invalid; `field` is a pointer relative to the timing object:
///   INVALID_CRON /cron · UNKNOWN_ZONE /zone · INTERVAL_TOO_SHORT /every · INTERVAL_TOO_LONG /every (over 100 years) ·
///   BOUNDS_REVERSED /end_at (end not after start; relative to the object that holds the bounds).
Result<Recurrence> compile(const Timing& timing, const Bounds& bounds, const ZoneDatabase& zones,
                           const TimingLimits& limits = {});

/// Something a user should know about a timing that is allowed all the same.
struct TimingWarning {
  std::string code;     ///< FIRES_LESS_THAN_YEARLY, SKIPS_MONTHS, SKIPS_COMMON_YEARS, EITHER_DAY_FIELD
  std::string message;  ///< one sentence in the asked language
};
std::vector<TimingWarning> timing_warnings(const Recurrence& recurrence, Locale locale);

/// What a save needs: compile, and refuse what can never fire (CRON_NEVER_FIRES at /cron).
Result<Recurrence> check_timing(const Timing& timing, const Bounds& bounds, const ZoneDatabase& zones,
                                const TimingLimits& limits = {});

/// The instant of a wall-clock time ("2026-03-29T02:30") in a zone. Fails with invalid at `field`:
///   RUN_AT_MALFORMED · RUN_AT_IN_GAP (the remedy names both neighbours) · RUN_AT_AMBIGUOUS (twice, and fold is refuse;
///   the remedy names both instants).
Result<Instant> resolve_run_at(std::string_view local, const Zone& zone, Fold fold = Fold::refuse,
                               std::string_view field = "/run_at");

/// Every `count` of "seconds", "minutes", "hours" or "days" (24 h each); nothing for another unit or an overflow.
std::optional<Duration> interval_of(std::int64_t count, std::string_view unit);

/// The offset of one occurrence within [0, max), in whole milliseconds: a hash of schedule and due time, the same on
/// every node and after every restart. Zero for max < 1 ms. The caller keeps it below the distance to the next due time
/// (or uses planned_at).
Duration jitter_offset(ScheduleId schedule, Instant due_at, Duration max);
/// due_at + jitter, never at or past the next due time.
Instant planned_at(ScheduleId schedule, Instant due_at, std::optional<Instant> next_due_at, Duration max);

}  // namespace carillon
