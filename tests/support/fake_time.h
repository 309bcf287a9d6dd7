#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/clock.h"

namespace carillon::test {

/// A wall clock that programs believe in and a test moves: libfaketime (Debian package `faketime`) with an offset in a
/// file. The monotonic clock stays the machine's, as it does when somebody sets a real clock. One thread.
class FakeTime {
 public:
  /// `folder` is one that the programs may read. Throws std::runtime_error where the package is missing.
  explicit FakeTime(const std::filesystem::path& folder);
  /// What a program needs in its environment to believe.
  std::vector<std::string> environment() const;
  /// From now on their clocks differ from the machine's by `offset`.
  void shift(Duration offset);
  /// From now on their clocks go on from `t`.
  void set(Instant t) { shift(t - clock_->now()); }
  Instant now() const { return clock_->now() + offset_; }

 private:
  std::filesystem::path file_;
  std::unique_ptr<Clock> clock_ = make_system_clock();
  Duration offset_{0};
};

}  // namespace carillon::test
