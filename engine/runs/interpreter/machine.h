#pragma once
#include <optional>
#include <string>

#include "engine/runs/interpreter/interpreter.h"

namespace carillon {

/// One call of advance(): the state being moved and what comes out. Methods that can meet an error raise() it
/// themselves and return nothing or false; the caller then just returns, for the cursor stands elsewhere.
class RunMachine {
 public:
  RunMachine(const Program& program, InterpreterState state, Instant now, const InterpreterLimits& limits)
      : program_(program), limits_(limits), now_(now) {
    out_.state = std::move(state);
  }

  void start(const Started& event);
  void http_completed(const HttpCompleted& event);
  void timer_fired(const TimerFired& event);
  void cancel(const CancelRequested& event);
  Advance take() { return std::move(out_); }

 private:
  /// What expressions see beside the state, by the table of runtime expression arguments of the DSL.
  struct View {
    const Frame* frame = nullptr;
    const Json* output = nullptr;      ///< `$output`: the transformed output
    const Json* raw_output = nullptr;  ///< `$task.output`
    bool has_input = true;             ///< `$input`
  };
  class Scope;

  // machine.cpp: the flow
  InterpreterState& state() { return out_.state; }
  void run();
  void enter(const std::string& reference);
  bool prepare(const dsl::Task& task);
  void begin(const dsl::Task& task);
  void descend(const dsl::TaskList& list, Json data);
  void complete(Json raw_output);
  void leave(const Program::Place& place);
  void list_ended();
  void finish(Terminal terminal);
  void finish_succeeded();
  void cancel_frames_above(std::size_t count);
  const dsl::Task& task_of(const Frame& frame) const { return *program_.find(frame.task)->task; }

  // machine_errors.cpp
  void raise(RunError error);
  void offer(RunError error);
  enum class Verdict { handled, passed, replaced };
  Verdict offer_to(const dsl::TryTask& attempt, RunError& error);
  Verdict caught(const dsl::TryTask& attempt, RunError& error);
  bool matches(const dsl::ErrorFilter& filter, const RunError& error) const;
  Result<bool> guarded(std::optional<dsl::ExpressionIndex> when, std::optional<dsl::ExpressionIndex> except_when,
                       const Frame& frame);
  Result<std::optional<Instant>> next_try(const dsl::RetryPolicy& policy, const Frame& frame);
  void start_attempt(const dsl::TryTask& attempt);
  void raise_task(const dsl::RaiseTask& task);

  // machine_http.cpp
  void start_http(const dsl::HttpTask& task);
  Result<std::string> http_url(const dsl::HttpTask& task, const Frame& frame);
  Status http_headers(const dsl::HttpTask& task, const Frame& frame, HttpCall& call);
  Status http_body(const dsl::HttpTask& task, const Frame& frame, HttpCall& call);
  Result<Json> http_output(const dsl::HttpTask& task, const HttpCall& call, const HttpCompleted& event);

  // machine_values.cpp
  Result<Json> evaluate(dsl::ExpressionIndex index, const Json& dot, const View& view);
  Result<Json> evaluate(const dsl::Template& value, const Json& dot, const View& view);
  Result<Duration> evaluate(const dsl::DurationSpec& spec, const Json& dot, const View& view);
  RunError error_of(const Error& error, const std::string& instance) const;
  Json workflow_variable() const;
  Json task_variable(const View& view) const;

  // machine_effects.cpp
  void ask(const std::string& task, Wait::Purpose purpose, Instant until);
  void abandon(const std::string& task, std::optional<Wait::Purpose> only = std::nullopt);
  Duration time_left() const;
  void record(const Frame& frame, StepRecord::State step_state, const Json* output = nullptr,
              const RunError* error = nullptr);
  Json journal_value(const Json& value) const;

  const Program& program_;
  const InterpreterLimits& limits_;
  Instant now_;
  Advance out_;
};

}  // namespace carillon
