#include "engine/jobs/clock_guard.h"

namespace carillon {
namespace {
constexpr Duration kJump{60'000'000}, kStable{180'000'000};
}  // namespace

ClockGuard::ClockGuard(const Clock& clock, Metrics& metrics, Logger& log)
    : clock_(clock), log_(log), held_(metrics.gauge("carillon_catch_up_held", "1 while a clock jump holds catch-up")),
      jumps_(metrics.counter("carillon_clock_jumps_total", "Forward steps of the database clock of more than a minute")) {}

void ClockGuard::observe(Instant database_now) {
  std::lock_guard lock(mutex_);
  const Duration steady = clock_.steady();
  if (last_seen_) {
    const Duration step = (database_now - *last_seen_) - (steady - last_steady_);
    if (step > kJump) {
      held_until_ = steady + kStable;
      jump_ = {database_now, step, *last_seen_};
      told_.clear();
      jumps_.add();
      held_.set(1);
      log_.error("the database clock jumped forward; nothing is caught up until it has been steady for three minutes",
                 {{"jump_seconds", std::to_string(step.count() / 1'000'000)}, {"database_time", format_instant(database_now)}});
    }
  }
  last_seen_ = database_now;
  last_steady_ = steady;
  if (held_until_ && steady >= *held_until_) {
    held_until_.reset();
    held_.set(0);
    log_.info("the database clock has been steady for three minutes; catch-up goes on", {});
  }
}

bool ClockGuard::catch_up_held() const {
  std::lock_guard lock(mutex_);
  return held_until_ && clock_.steady() < *held_until_;
}

bool ClockGuard::release() {
  std::lock_guard lock(mutex_);
  const bool held = std::exchange(held_until_, std::nullopt).has_value();
  held_.set(0);
  if (held) log_.info("an operator says that the database clock is right; catch-up goes on", {});
  return held;
}

std::optional<ClockGuard::Jump> ClockGuard::untold(TenantId tenant) const {
  std::lock_guard lock(mutex_);
  if (!held_until_ || clock_.steady() >= *held_until_ || told_.contains(tenant)) return std::nullopt;
  return jump_;
}

void ClockGuard::told(TenantId tenant) {
  std::lock_guard lock(mutex_);
  told_.insert(tenant);
}

Instant ClockGuard::told_since(const Jump& jump, Instant now) { return std::max(jump.before, now - 2 * kStable); }

}  // namespace carillon
