#include "engine/base/clock.h"

namespace carillon {
namespace {

class SystemClock final : public Clock {
 public:
  Instant now() const override {
    auto since = std::chrono::system_clock::now().time_since_epoch();
    return Instant{std::chrono::duration_cast<Duration>(since).count()};
  }
  Duration steady() const override {
    return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
  }
};

}  // namespace

std::unique_ptr<Clock> make_system_clock() { return std::make_unique<SystemClock>(); }

}  // namespace carillon
