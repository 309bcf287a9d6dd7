#include "engine/time/timing.h"

#include <algorithm>

namespace carillon {
namespace {

constexpr Duration kLongestInterval{36'525LL * 86'400 * 1'000'000};
constexpr Duration kFiftyYears{18'263LL * 86'400 * 1'000'000};
// Instants stay far enough from the ends of their range that sums with an interval cannot overflow.
constexpr Instant kFarPast = Instant::from_seconds(days_from_civil(-9999, 1, 1) * 86'400);
constexpr Instant kFarFuture = Instant::from_seconds(days_from_civil(9999, 12, 31) * 86'400);

std::int64_t floor_quotient(std::int64_t a, std::int64_t b) { return a / b - (a % b != 0 && (a ^ b) < 0); }

/// Index of the last occurrence at or before t.
std::int64_t interval_index(const Interval& interval, Instant t) {
  return floor_quotient((t - interval.anchor).count(), interval.every.count());
}

Error interval_error(std::string reason, std::string message, Duration every, std::string remedy) {
  return Error{ErrorCode::invalid, std::move(reason), std::move(message), "/every", describe_duration(every),
               std::move(remedy), {}};
}

}  // namespace

std::string_view timing_kind(const Timing& timing) {
  static constexpr std::string_view kKinds[] = {"once", "cron", "interval", "manual"};
  static_assert(std::variant_size_v<Timing> == std::size(kKinds));
  return kKinds[timing.index()];
}

Result<Recurrence> compile(const Timing& timing, const Bounds& bounds, const ZoneDatabase& zones,
                           const TimingLimits& limits) {
  Recurrence out;
  out.timing_ = timing;
  out.bounds_ = bounds;
  if (const auto* cron = std::get_if<Cron>(&timing)) {
    auto parsed = CronExpression::parse(cron->expression);
    if (!parsed) return to_error(parsed.error(), "/cron");
    CARILLON_TRY(out.zone_, zones.require(cron->zone, "/zone"));
    out.cron_ = std::make_shared<const CronExpression>(std::move(*parsed));
  } else if (const auto* once = std::get_if<Once>(&timing); once != nullptr && once->zone) {
    CARILLON_TRY(out.zone_, zones.require(*once->zone, "/zone"));
  } else if (const auto* interval = std::get_if<Interval>(&timing)) {
    Duration least = std::max(limits.interval_minimum, Duration{1});
    if (interval->every < least)
      return interval_error("INTERVAL_TOO_SHORT", "The interval is shorter than " + describe_duration(least) + ".",
                            interval->every, "Use at least " + describe_duration(least) + ".");
    if (interval->every > kLongestInterval)
      return interval_error("INTERVAL_TOO_LONG", "The interval is longer than 100 years.", interval->every,
                            "Use a shorter interval or a one-time schedule.");
  }
  if (bounds.start && bounds.end && *bounds.end <= *bounds.start) {
    return Error{ErrorCode::invalid, "BOUNDS_REVERSED", "The end is not after the start.", "/end_at",
                 format_instant(*bounds.end), "Choose an end after " + format_instant(*bounds.start) + ".", {}};
  }
  return out;
}

Result<Recurrence> check_timing(const Timing& timing, const Bounds& bounds, const ZoneDatabase& zones,
                                const TimingLimits& limits) {
  CARILLON_TRY(Recurrence recurrence, compile(timing, bounds, zones, limits));
  if (recurrence.cron() != nullptr && recurrence.cron()->never_fires()) {
    return Error{ErrorCode::invalid, "CRON_NEVER_FIRES", "No day of the calendar matches this expression, so it never fires.",
                 "/cron", recurrence.cron()->text(), "Check the day of month against the months, or use L for the last day.",
                 {}};
  }
  return recurrence;
}

std::optional<Instant> Recurrence::unbounded_next(Instant after, ZoneHint* hint) const {
  if (const auto* once = std::get_if<Once>(&timing_)) return once->at > after ? std::optional(once->at) : std::nullopt;
  if (cron_) return cron_->next(after, *zone_, hint);
  if (const auto* interval = std::get_if<Interval>(&timing_)) {
    if (after >= kFarFuture) return std::nullopt;
    after = std::max(after, kFarPast);
    return interval->anchor + interval->every * (interval_index(*interval, after) + 1);
  }
  return std::nullopt;
}

std::optional<Instant> Recurrence::next(Instant strictly_after) const {
  ZoneHint hint;
  return next(strictly_after, hint);
}

std::optional<Instant> Recurrence::next(Instant strictly_after, ZoneHint& hint) const {
  if (bounds_.start && strictly_after < *bounds_.start) strictly_after = *bounds_.start - Duration{1};
  std::optional<Instant> t = unbounded_next(strictly_after, &hint);
  if (t && bounds_.end && *t >= *bounds_.end) return std::nullopt;
  return t;
}

std::int64_t Recurrence::count_between(Instant from, Instant to, std::int64_t cap) const {
  from = std::max(from, bounds_.start.value_or(kFarPast));
  to = std::min(to, bounds_.end.value_or(kFarFuture));
  from = std::max(from, kFarPast);
  if (from >= to || cap <= 0) return 0;
  if (const auto* interval = std::get_if<Interval>(&timing_)) {
    std::int64_t n = interval_index(*interval, to - Duration{1}) - interval_index(*interval, from - Duration{1});
    return std::min(n, cap);
  }
  std::int64_t count = 0;
  ZoneHint hint;
  for (auto t = unbounded_next(from - Duration{1}, &hint); t && *t < to && count < cap; t = unbounded_next(*t, &hint))
    ++count;
  return count;
}

std::optional<Instant> Recurrence::unbounded_last(Instant t) const {
  if (const auto* once = std::get_if<Once>(&timing_)) return once->at <= t ? std::optional(once->at) : std::nullopt;
  if (const auto* interval = std::get_if<Interval>(&timing_))
    return interval->anchor + interval->every * interval_index(*interval, t);
  if (!cron_) return std::nullopt;
  // An occurrence in (t - width, t], looked for in doubled widths, then halved down to one minute: the finest cron has.
  constexpr Duration kMinute{60'000'000};
  auto found_within = [&](Duration width) {
    auto fire = cron_->next(t - width, *zone_);
    return fire && *fire <= t ? fire : std::nullopt;
  };
  Duration near{0}, far = kMinute;
  while (!found_within(far)) {
    if (far > kFiftyYears) return std::nullopt;
    near = far;
    far *= 2;
  }
  while (far - near > kMinute) {
    Duration middle = near + (far - near) / 2;
    (found_within(middle) ? far : near) = middle;
  }
  return found_within(far);
}

std::optional<Instant> Recurrence::last_at_or_before(Instant t) const {
  t = std::clamp(t, kFarPast, kFarFuture);
  if (bounds_.end && t >= *bounds_.end) t = *bounds_.end - Duration{1};
  std::optional<Instant> last = unbounded_last(t);
  if (last && bounds_.start && *last < *bounds_.start) return std::nullopt;
  return last;
}

std::optional<Duration> interval_of(std::int64_t count, std::string_view unit) {
  std::int64_t seconds = unit == "seconds" ? 1 : unit == "minutes" ? 60 : unit == "hours" ? 3'600 : unit == "days" ? 86'400 : 0;
  std::int64_t us = 0;
  if (seconds == 0 || __builtin_mul_overflow(count, seconds * 1'000'000, &us)) return std::nullopt;
  return Duration{us};
}

Duration jitter_offset(ScheduleId schedule, Instant due_at, Duration max) {
  const std::int64_t steps = max.count() / 1000;
  if (steps <= 0) return Duration{0};
  std::string_view id(reinterpret_cast<const char*>(schedule.value.bytes.data()), schedule.value.bytes.size());
  std::uint64_t hash = fnv1a(id) ^ static_cast<std::uint64_t>(due_at.us);
  // The finalizer of splitmix64: due times are multiples of a minute, and FNV alone would leave that visible.
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9ULL;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebULL;
  hash ^= hash >> 31;
  return Duration{static_cast<std::int64_t>(hash % static_cast<std::uint64_t>(steps)) * 1000};
}

Instant planned_at(ScheduleId schedule, Instant due_at, std::optional<Instant> next_due_at, Duration max) {
  if (next_due_at) max = std::min(max, *next_due_at - due_at);
  return std::min(due_at + jitter_offset(schedule, due_at, max), kLastInstant);
}

}  // namespace carillon
