#pragma once
#include "engine/base/clock.h"

namespace carillon::simulation {

/// A clock that shows the true time and something more, and may be set; its monotonic time goes on undisturbed.
class SteppingClock final : public Clock {
 public:
  explicit SteppingClock(const Clock& time, Duration ahead = Duration{0}) : time_(time), ahead_(ahead) {}
  Instant now() const override { return time_.now() + ahead_; }
  Duration steady() const override { return time_.steady(); }
  Duration ahead() const { return ahead_; }
  void step(Duration by) { ahead_ += by; }

 private:
  const Clock& time_;
  Duration ahead_;
};

}  // namespace carillon::simulation
