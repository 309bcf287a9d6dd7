#pragma once
#include <functional>

#include "engine/runs/run_store.h"

namespace carillon {

/// Ends runs from outside, at once: for when they were asked to end and did not in time. Thread-safe.
class RunEnder {
 public:
  using Hooks = std::function<std::vector<RunHook*>()>;
  RunEnder(RunStore& runs, Hooks hooks) : runs_(runs), hooks_(std::move(hooks)) {}
  /// Ends the unfinished runs of these rooms as cancelled, with `detail` as the reason people read; hooks and change
  /// stream hear of it as of any other end. Answers how many. System scope.
  Result<std::size_t> terminate(Tx& tx, std::span<const RunRoom> rooms, const std::string& detail);

 private:
  RunStore& runs_;
  Hooks hooks_;
};

}  // namespace carillon
