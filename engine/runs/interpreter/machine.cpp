#include "engine/runs/interpreter/machine.h"

#include <algorithm>

#include "engine/runs/interpreter/text_forms.h"

namespace carillon {

void RunMachine::start(const Started& event) {
  InterpreterState& s = state();
  if (s.phase != InterpreterState::Phase::fresh) return;
  s.phase = InterpreterState::Phase::running;
  s.run_id = event.run_id;
  s.run_key = event.run_key;
  s.started = now_;
  s.input = event.input;
  s.runtime = event.runtime;
  const dsl::Definition& d = program_.definition();
  Duration timeout = event.default_timeout;
  if (event.timeout) {
    timeout = *event.timeout;
  } else if (d.timeout) {
    auto given = evaluate(*d.timeout, s.input, View{.has_input = false});
    if (!given) return raise(error_of(given.error(), "/timeout"));
    timeout = *given;
  }
  ask("", Wait::Purpose::workflow_timeout, now_ + timeout);
  s.data = s.input;
  if (d.input_from) {
    auto input = evaluate(*d.input_from, s.input, View{.has_input = false});
    if (!input) return raise(error_of(input.error(), "/input/from"));
    s.data = std::move(*input);
  }
  s.next = d.tasks.front().pointer;
  run();
}

void RunMachine::run() {
  InterpreterState& s = state();
  for (std::uint64_t steps = 0; !s.next.empty() && s.phase == InterpreterState::Phase::running; ++steps) {
    if (steps >= limits_.steps_per_advance) return ask("", Wait::Purpose::yield, now_);
    enter(std::exchange(s.next, {}));
  }
}

void RunMachine::enter(const std::string& reference) {
  InterpreterState& s = state();
  const Program::Place* place = program_.find(reference);
  if (place == nullptr || s.steps >= limits_.steps_per_run) {
    RunError error{std::string(error_type::kRuntime), 500, "", "", reference};
    error.title = place == nullptr ? "The version has no such task" : "Too many steps";
    if (place != nullptr)
      error.detail = "The run has taken " + std::to_string(s.steps) +
                     " steps, the most a run may take; a \"then\" may lead in a circle.";
    cancel_frames_above(0);
    return finish({Terminal::Kind::failed, nullptr, std::move(error)});
  }
  Frame frame;
  frame.task = reference;
  frame.step = ++s.steps;
  frame.started = now_;
  frame.input = std::exchange(s.data, nullptr);
  for (auto outer = s.frames.rbegin(); outer != s.frames.rend(); ++outer)
    if (std::holds_alternative<dsl::TryTask>(task_of(*outer).kind)) {
      frame.attempt = outer->attempt;
      break;
    }
  if (std::holds_alternative<dsl::TryTask>(place->task->kind)) frame.attempt = 1;
  s.frames.push_back(std::move(frame));
  if (prepare(*place->task)) begin(*place->task);
}

/// The common fields before a task's own work; false if it does not come to that.
bool RunMachine::prepare(const dsl::Task& task) {
  InterpreterState& s = state();
  Frame& frame = s.frames.back();
  if (task.condition) {
    auto wanted = evaluate(*task.condition, frame.input, View{.frame = &frame, .has_input = false});
    if (!wanted) return raise(error_of(wanted.error(), task.pointer)), false;
    if (wanted->is_null() || *wanted == false) {
      record(frame, StepRecord::State::skipped);
      const Program::Place& place = *program_.find(frame.task);
      s.data = std::move(frame.input);
      s.frames.pop_back();
      if (place.index + 1 < place.list->size())
        s.next = (*place.list)[place.index + 1].pointer;
      else
        list_ended();
      return false;
    }
  }
  if (task.input_from) {
    auto input = evaluate(*task.input_from, frame.input, View{.frame = &frame, .has_input = false});
    if (!input) return raise(error_of(input.error(), task.pointer)), false;
    frame.raw_input = std::exchange(frame.input, std::move(*input));
  }
  if (task.timeout) {
    auto timeout = evaluate(*task.timeout, frame.input, View{.frame = &frame});
    if (!timeout) return raise(error_of(timeout.error(), task.pointer)), false;
    ask(task.pointer, Wait::Purpose::task_timeout, now_ + *timeout);
  }
  return true;
}

void RunMachine::begin(const dsl::Task& task) {
  Frame& frame = state().frames.back();
  if (const auto* sequence = std::get_if<dsl::DoTask>(&task.kind)) {
    record(frame, StepRecord::State::running);
    descend(sequence->tasks, frame.input);
  } else if (const auto* set = std::get_if<dsl::SetTask>(&task.kind)) {
    auto value = evaluate(set->value, frame.input, View{.frame = &frame});
    if (!value) return raise(error_of(value.error(), task.pointer));
    complete(std::move(*value));
  } else if (const auto* http = std::get_if<dsl::HttpTask>(&task.kind)) {
    start_http(*http);
  } else if (const auto* wait = std::get_if<dsl::WaitTask>(&task.kind)) {
    auto length = evaluate(wait->length, frame.input, View{.frame = &frame});
    if (!length) return raise(error_of(length.error(), task.pointer));
    record(frame, StepRecord::State::waiting);
    ask(task.pointer, Wait::Purpose::wait, now_ + *length);
  } else if (const auto* failure = std::get_if<dsl::RaiseTask>(&task.kind)) {
    raise_task(*failure);
  } else {
    frame.visits_before = state().visits;
    record(frame, StepRecord::State::running);
    start_attempt(std::get<dsl::TryTask>(task.kind));
  }
}

void RunMachine::descend(const dsl::TaskList& list, Json data) {
  state().data = std::move(data);
  state().next = list.front().pointer;
}

/// The innermost task has done its work: transforms its output, exports, and moves on.
void RunMachine::complete(Json raw_output) {
  InterpreterState& s = state();
  Frame& frame = s.frames.back();
  const Program::Place& place = *program_.find(frame.task);
  const dsl::Task& task = *place.task;
  Json output;
  if (task.output_as) {
    auto transformed = evaluate(*task.output_as, raw_output, View{.frame = &frame, .raw_output = &raw_output});
    if (!transformed) return raise(error_of(transformed.error(), task.pointer));
    output = std::move(*transformed);
  }
  const Json& result = task.output_as ? output : raw_output;
  if (json_bytes(result, limits_.data_bytes) > limits_.data_bytes)
    return raise(
        {std::string(error_type::kRuntime), 500, "Output too large",
         "The output has more than " + std::to_string(limits_.data_bytes) + " bytes; keep less of it with output.as.",
         task.pointer});
  if (task.export_as) {
    auto context =
        evaluate(*task.export_as, result, View{.frame = &frame, .output = &result, .raw_output = &raw_output});
    if (!context) return raise(error_of(context.error(), task.pointer));
    if (json_bytes(*context, limits_.data_bytes) > limits_.data_bytes)
      return raise({std::string(error_type::kRuntime), 500, "Context too large",
                    "The context has more than " + std::to_string(limits_.data_bytes) + " bytes; export less.",
                    task.pointer});
    s.context = std::move(*context);
  }
  record(frame, StepRecord::State::succeeded, &result);
  abandon(frame.task);
  s.data = task.output_as ? std::move(output) : std::move(raw_output);
  s.frames.pop_back();
  leave(place);
}

void RunMachine::leave(const Program::Place& place) {
  const dsl::FlowDirective& then = place.task->then;
  switch (then.kind) {
    case dsl::FlowDirective::Kind::task:
      state().next = (*place.list)[then.task].pointer;
      return;
    case dsl::FlowDirective::Kind::exit:
      return list_ended();
    case dsl::FlowDirective::Kind::end:
      while (!state().frames.empty()) {
        record(state().frames.back(), StepRecord::State::succeeded, &state().data);
        state().frames.pop_back();
      }
      return finish_succeeded();
    case dsl::FlowDirective::Kind::next:
      break;
  }
  if (place.index + 1 < place.list->size())
    state().next = (*place.list)[place.index + 1].pointer;
  else
    list_ended();
}

void RunMachine::list_ended() {
  if (state().frames.empty()) return finish_succeeded();
  complete(std::move(state().data));
}

void RunMachine::finish_succeeded() {
  InterpreterState& s = state();
  const dsl::Definition& d = program_.definition();
  Json output = std::move(s.data);
  if (d.output_as) {
    auto transformed = evaluate(*d.output_as, output, View{.has_input = false});
    if (!transformed) return raise(error_of(transformed.error(), "/output/as"));
    output = std::move(*transformed);
  }
  finish({Terminal::Kind::succeeded, std::move(output), std::nullopt});
}

void RunMachine::finish(Terminal terminal) {
  InterpreterState& s = state();
  while (!s.pending.empty()) {
    const std::string task = s.pending.back().task;
    abandon(task);
  }
  s.frames.clear();
  s.next.clear();
  s.data = nullptr;
  s.phase = InterpreterState::Phase::finished;
  out_.terminal = std::move(terminal);
}

/// Gives up the innermost frames until `count` are left.
void RunMachine::cancel_frames_above(std::size_t count) {
  InterpreterState& s = state();
  while (s.frames.size() > count) {
    record(s.frames.back(), StepRecord::State::cancelled);
    abandon(s.frames.back().task);
    s.frames.pop_back();
  }
  s.next.clear();
  abandon("", Wait::Purpose::yield);
}

void RunMachine::timer_fired(const TimerFired& event) {
  InterpreterState& s = state();
  auto found = std::ranges::find_if(s.pending, [&](const PendingEffect& p) {
    const auto* wait = std::get_if<Wait>(&p.effect);
    return wait != nullptr && wait->id == event.id;
  });
  if (found == s.pending.end()) return;
  const Wait::Purpose purpose = std::get<Wait>(found->effect).purpose;
  const std::string reference = found->task;
  s.pending.erase(found);
  auto frame = std::ranges::find(s.frames, reference, &Frame::task);
  const RunError late{std::string(error_type::kTimeout), 408, "Timeout", "It took longer than its timeout allows.",
                      reference};
  switch (purpose) {
    case Wait::Purpose::yield:
      break;
    case Wait::Purpose::wait:
      complete(Json(s.frames.back().input));
      break;
    case Wait::Purpose::retry: {
      Frame& attempt = s.frames.back();
      ++attempt.attempt;
      attempt.error.reset();
      start_attempt(std::get<dsl::TryTask>(task_of(attempt).kind));
      break;
    }
    case Wait::Purpose::workflow_timeout:
      cancel_frames_above(0);
      finish(
          {Terminal::Kind::timed_out, nullptr,
           RunError{late.type, late.status, late.title, "The run took longer than its timeout allows.", "/timeout"}});
      return;
    case Wait::Purpose::task_timeout:
    case Wait::Purpose::attempt_timeout:
      cancel_frames_above(static_cast<std::size_t>(frame - s.frames.begin()) + 1);
      purpose == Wait::Purpose::task_timeout ? raise(late) : offer(late);
      break;
  }
  run();
}

void RunMachine::cancel(const CancelRequested& event) {
  if (state().phase == InterpreterState::Phase::finished) return;
  cancel_frames_above(0);
  finish({Terminal::Kind::cancelled, nullptr,
          RunError{std::string(error_type::kRuntime), 499, "Cancelled", event.reason, ""}});
}

Advance advance(const Program& program, InterpreterState state, const RunEvent& event,
                const InterpreterLimits& limits) {
  const Instant now = std::visit([](const auto& e) { return e.now; }, event);
  RunMachine machine(program, std::move(state), now, limits);
  if (const auto* e = std::get_if<Started>(&event))
    machine.start(*e);
  else if (const auto* e = std::get_if<HttpCompleted>(&event))
    machine.http_completed(*e);
  else if (const auto* e = std::get_if<TimerFired>(&event))
    machine.timer_fired(*e);
  else
    machine.cancel(std::get<CancelRequested>(event));
  return machine.take();
}

}  // namespace carillon
