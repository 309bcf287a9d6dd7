#include "engine/runs/interpreter/interpreter.h"

namespace carillon {

Program::Program(std::shared_ptr<const ParsedDefinition> parsed) : parsed_(std::move(parsed)) {
  add(parsed_->definition.tasks);
}

void Program::add(const dsl::TaskList& list) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const dsl::Task& task = list[i];
    places_.emplace(task.pointer, Place{&task, &list, i});
    if (const auto* sequence = std::get_if<dsl::DoTask>(&task.kind)) add(sequence->tasks);
    if (const auto* attempt = std::get_if<dsl::TryTask>(&task.kind)) {
      add(attempt->body);
      if (attempt->handler) add(*attempt->handler);
    }
  }
}

const Program::Place* Program::find(const std::string& reference) const {
  auto found = places_.find(reference);
  return found == places_.end() ? nullptr : &found->second;
}

std::string_view to_string(StepRecord::State state) {
  constexpr std::string_view kNames[] = {"running", "waiting", "retrying", "succeeded",
                                         "failed",  "skipped", "cancelled"};
  return kNames[static_cast<std::size_t>(state)];
}

std::string_view to_string(Terminal::Kind kind) {
  constexpr std::string_view kNames[] = {"succeeded", "failed", "timed_out", "cancelled"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::vector<Effect> outstanding(const Program&, const InterpreterState& state) {
  std::vector<Effect> effects;
  for (const PendingEffect& p : state.pending)
    std::visit([&](const auto& effect) { effects.emplace_back(effect); }, p.effect);
  return effects;
}

}  // namespace carillon
