#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/json.h"
#include "engine/base/result.h"
#include "engine/runs/interpreter/effect.h"

namespace carillon {

/// A task that was entered and has not ended.
struct Frame {
  enum class Phase {
    body,     ///< its own work: the list of a `do`, the body of a `try`, an http call, a wait
    backoff,  ///< a `try` that waits before the next try of its body
    handler,  ///< a `try` that runs its catch.do
  };
  std::string task;        ///< reference, "/do/0/fetch"
  std::uint64_t step = 0;  ///< number of the step in the run, see StepRecord
  Instant started;
  Json input;                     ///< after input.from
  std::optional<Json> raw_input;  ///< before input.from, where there is one
  Phase phase = Phase::body;
  int attempt = 1;                ///< of this task: which try of the nearest `try` around it; of a `try`: its own
  std::optional<RunError> error;  ///< caught (phases backoff and handler)
  std::map<std::string, std::uint64_t> visits_before;  ///< of a `try`: visits when it was entered
};

/// An effect that was asked for and has not been answered.
struct PendingEffect {
  std::string task;  ///< the frame that waits for it; "" for the whole run
  std::variant<HttpCall, Wait> effect;
};

/// Where a run stands: all that is needed to go on, on any node, after any crash. A value; no thread rule.
struct InterpreterState {
  enum class Phase { fresh, running, finished };
  Phase phase = Phase::fresh;
  std::string run_id, run_key;
  Instant started;
  Json input;                 ///< of the run, as given
  Json runtime;               ///< `$runtime`
  Json context;               ///< `$context`
  Json data;                  ///< raw input of the next task
  std::vector<Frame> frames;  ///< outermost first
  std::string next;           ///< reference of the task to enter next; "" if something is pending
  std::vector<PendingEffect> pending;
  std::map<std::string, std::uint64_t> visits;  ///< of http tasks by reference
  std::uint64_t next_effect = 1;
  std::uint64_t steps = 0;  ///< steps begun

  /// The earliest instant a pending timer is due; nothing if there is none.
  std::optional<Instant> next_due() const;
  /// True while an http call is out.
  bool awaits_http() const;

  Json to_json() const;
  /// Fails with internal/RUN_STATE_UNREADABLE for anything to_json did not make.
  static Result<InterpreterState> from_json(const Json& value);
};

}  // namespace carillon
