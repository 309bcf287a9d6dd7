#include <algorithm>

#include "engine/runs/interpreter/machine.h"
#include "engine/runs/interpreter/text_forms.h"

namespace carillon {

void RunMachine::ask(const std::string& task, Wait::Purpose purpose, Instant until) {
  InterpreterState& s = state();
  Wait wait{s.next_effect++, until, purpose};
  s.pending.push_back({task, wait});
  out_.effects.emplace_back(wait);
}

/// Forgets what a frame waits for. An effect asked for in this very advance is taken back, an older one abandoned.
void RunMachine::abandon(const std::string& task, std::optional<Wait::Purpose> only) {
  std::erase_if(state().pending, [&](const PendingEffect& p) {
    if (p.task != task) return false;
    const auto* wait = std::get_if<Wait>(&p.effect);
    if (only && (wait == nullptr || wait->purpose != *only)) return false;
    const EffectId id = wait != nullptr ? wait->id : std::get<HttpCall>(p.effect).id;
    const auto taken_back = std::erase_if(out_.effects, [&](const Effect& e) {
      return std::visit([&](const auto& effect) { return effect.id == id; }, e);
    });
    if (taken_back == 0) out_.effects.emplace_back(Abandon{id});
    return true;
  });
}

/// Until the nearest timeout around the innermost task.
Duration RunMachine::time_left() const {
  Instant end = Instant::max();
  for (const PendingEffect& p : out_.state.pending) {
    const auto* wait = std::get_if<Wait>(&p.effect);
    const bool timeout = wait != nullptr && wait->purpose != Wait::Purpose::wait &&
                         wait->purpose != Wait::Purpose::retry && wait->purpose != Wait::Purpose::yield;
    if (timeout) end = std::min(end, wait->until);
  }
  return end <= now_ ? Duration{0} : end - now_;
}

Json RunMachine::journal_value(const Json& value) const {
  const std::size_t bytes = json_bytes(value, limits_.data_bytes);
  if (bytes <= limits_.journal_bytes) return value;
  return {{"truncated", true}, {"bytes", bytes}};
}

void RunMachine::record(const Frame& frame, StepRecord::State step_state, const Json* output, const RunError* error) {
  const dsl::Task& task = task_of(frame);
  StepRecord r;
  r.step = frame.step;
  r.path = frame.task;
  r.name = task.name;
  r.type = dsl::task_type(task);
  r.attempt = frame.attempt;
  r.state = step_state;
  r.started = frame.started;
  const bool open = step_state == StepRecord::State::running || step_state == StepRecord::State::waiting ||
                    step_state == StepRecord::State::retrying;
  if (!open) r.ended = now_;
  r.input = journal_value(frame.input);
  if (output != nullptr) r.output = journal_value(*output);
  if (error != nullptr) r.error = *error;
  out_.steps.push_back(std::move(r));
}

}  // namespace carillon
