#pragma once
#include <functional>
#include <memory>

#include "engine/base/clock.h"
#include "engine/base/service.h"

namespace carillon::test {

/// Asks `done` again and again until it says yes (true) or `limit` has passed (false). For what another process or
/// thread brings about; between the questions it waits on a condition nobody signals, never asleep.
inline bool eventually(const std::function<bool()>& done, Duration limit = std::chrono::seconds(15)) {
  const auto clock = make_system_clock();
  const Duration deadline = clock->steady() + limit;
  Wakeup pause;
  while (!done()) {
    if (clock->steady() > deadline) return false;
    pause.wait_for(std::chrono::milliseconds(20));
  }
  return true;
}

}  // namespace carillon::test
