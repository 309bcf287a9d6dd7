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
