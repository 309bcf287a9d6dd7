#pragma once
#include <atomic>
#include <memory>

#include "engine/base/instant.h"

namespace carillon {

/// The only way to learn the time. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
  /// Monotonic time since some fixed point; never steps.
  virtual Duration steady() const = 0;
};

/// The machine's clock. Read in clock.cpp and nowhere else.
std::unique_ptr<Clock> make_system_clock();

/// The time another machine goes by (the database's), between looks at it carried on by this machine's monotonic clock:
/// setting this machine's wall clock changes nothing. Before the first look: this machine's time. Thread-safe.
class FollowingClock final : public Clock {
 public:
  explicit FollowingClock(const Clock& machine) : machine_(machine) {}
  Instant now() const override {
    const std::int64_t ahead = ahead_us_.load();
    return ahead == kUnknown ? machine_.now() : Instant{ahead} + machine_.steady();
  }
  Duration steady() const override { return machine_.steady(); }
  /// The other machine's time is `t` at this moment.
  void follow(Instant t) { ahead_us_ = (t - machine_.steady()).us; }

 private:
  static constexpr std::int64_t kUnknown = INT64_MIN;
  const Clock& machine_;
  std::atomic<std::int64_t> ahead_us_{kUnknown};  ///< of the monotonic clock
};

/// A clock that moves only when told.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant start) : us_(start.us) {}
  Instant now() const override { return Instant{us_.load()}; }
  Duration steady() const override { return Duration{us_.load()}; }
  void set(Instant t) { us_ = t.us; }
  void advance(Duration d) { us_ += d.count(); }

 private:
  std::atomic<std::int64_t> us_;
};

}  // namespace carillon
