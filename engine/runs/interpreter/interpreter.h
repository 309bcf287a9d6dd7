#pragma once
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "engine/runs/interpreter/effect.h"
#include "engine/runs/interpreter/run_state.h"
#include "engine/workflows/definition/definition.h"

namespace carillon {

/// One workflow version ready to run: the definition and an index of its tasks. Immutable and thread-safe; make it once
/// per version and share it among all runs.
class Program {
 public:
  explicit Program(std::shared_ptr<const ParsedDefinition> parsed);

  const dsl::Definition& definition() const { return parsed_->definition; }
  const ExpressionSet& expressions() const { return *parsed_->expressions; }
  const Json& document() const { return parsed_->canonical; }

  struct Place {
    const dsl::Task* task;
    const dsl::TaskList* list;  ///< the list it stands in
    std::size_t index;          ///< in that list
  };
  /// By reference; null if there is no such task.
  const Place* find(const std::string& reference) const;

 private:
  void add(const dsl::TaskList& list);
  std::shared_ptr<const ParsedDefinition> parsed_;
  std::unordered_map<std::string, Place> places_;
};

/// Event: the run begins. The input was already validated against the definition's input schema.
struct Started {
  std::string run_id;
  std::string run_key;  ///< stable per occurrence; the prefix of all idempotency keys
  Json input;
  Json runtime;                           ///< `$runtime`: name, version, metadata (provenance for those who ask)
  Duration default_timeout{300'000'000};  ///< of the whole run, where the definition has none
  Instant now;
  std::optional<Duration> timeout{};      ///< of the whole run, whatever the definition says
};

/// Event: an http call ended, with a response or with a transport error.
struct HttpCompleted {
  EffectId id = 0;
  int status = 0;
  HttpHeaders headers;
  std::string body;
  std::optional<TransportError> error;
  Instant now;
};

/// Event: a timer is due.
struct TimerFired {
  EffectId id = 0;
  Instant now;
};

/// Event: somebody wants the run to end.
struct CancelRequested {
  std::string reason;
  Instant now;
};

using RunEvent = std::variant<Started, HttpCompleted, TimerFired, CancelRequested>;

/// What became of a step, or where it stands. Recorded when a step begins to wait and when it ends; a later record of
/// the same step number replaces the earlier one.
struct StepRecord {
  enum class State { running, waiting, retrying, succeeded, failed, skipped, cancelled };
  std::uint64_t step = 0;  ///< number within the run, in the order of beginning
  std::string path;        ///< task reference
  std::string name, type;
  int attempt = 1;
  State state = State::running;
  Instant started;
  std::optional<Instant> ended;
  Json input, output;  ///< over 64 KiB: {"truncated": true, "bytes": about how many}
  std::optional<RunError> error;
};
std::string_view to_string(StepRecord::State state);

struct Terminal {
  enum class Kind { succeeded, failed, timed_out, cancelled } kind = Kind::succeeded;
  Json output;                    ///< succeeded
  std::optional<RunError> error;  ///< failed, timed_out, cancelled (detail: the reason)
};
std::string_view to_string(Terminal::Kind kind);

struct Advance {
  InterpreterState state;
  std::vector<Effect> effects;    ///< to perform, in this order, after the state is stored
  std::vector<StepRecord> steps;  ///< journal
  std::optional<Terminal> terminal;
};

struct InterpreterLimits {
  std::uint64_t steps_per_run = 10'000;     ///< then the run fails with a runtime error
  std::uint64_t steps_per_advance = 1'000;  ///< then it yields: a Wait until now
  std::size_t data_bytes = 1 << 20;         ///< of any task's output and of the context, about
  std::size_t journal_bytes = 64 << 10;     ///< of an input or output in a StepRecord, about
};

/// The run interpreter. Pure: no I/O, no clock (`now` comes with the event), no randomness (jitter is a hash of run
/// key, task and attempt); the same state and event give the same Advance on every node. Runs until the run waits for
/// an effect, yields or ends. An event that answers nothing pending, or meets a finished run, changes nothing. Never
/// throws for what a definition or its data does. Thread-safe (it holds nothing).
Advance advance(const Program& program, InterpreterState state, const RunEvent& event,
                const InterpreterLimits& limits = {});

/// The effects a stored state still waits for, to be performed again after a crash: same ids, same idempotency keys.
std::vector<Effect> outstanding(const Program& program, const InterpreterState& state);

}  // namespace carillon
