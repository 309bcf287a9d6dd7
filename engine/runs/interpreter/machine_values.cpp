#include "engine/runs/interpreter/machine.h"

namespace carillon {
namespace {

constexpr Duration kLongestSpan{366LL * 86'400 * 1'000'000};

Json date_time_descriptor(Instant t) {
  return {{"iso8601", format_instant(t)}, {"epoch", {{"seconds", t.seconds()}, {"milliseconds", t.us / 1'000}}}};
}

}  // namespace

class RunMachine::Scope final : public ExpressionVariables {
 public:
  Scope(RunMachine& machine, const View& view) : machine_(machine), view_(view) {}

  Json variable(std::string_view name) const override {
    const InterpreterState& s = machine_.out_.state;
    if (name == "context") return s.context;
    if (name == "input") return view_.has_input && view_.frame != nullptr ? view_.frame->input : Json();
    if (name == "output") return view_.output != nullptr ? *view_.output : Json();
    if (name == "runtime") return s.runtime;
    if (name == "workflow") return machine_.workflow_variable();
    if (name == "task") return machine_.task_variable(view_);
    // The error of the nearest catch that calls it so.
    for (auto frame = s.frames.rbegin(); frame != s.frames.rend(); ++frame) {
      const auto* attempt = std::get_if<dsl::TryTask>(&machine_.task_of(*frame).kind);
      if (attempt != nullptr && frame->error && attempt->as == name) return frame->error->to_json();
    }
    return nullptr;
  }
  Instant now() const override { return machine_.now_; }

 private:
  RunMachine& machine_;
  const View& view_;
};

Json RunMachine::workflow_variable() const {
  const InterpreterState& s = out_.state;
  return {{"id", s.run_id},
          {"definition", program_.document()},
          {"input", s.input},
          {"startedAt", date_time_descriptor(s.started)}};
}

Json RunMachine::task_variable(const View& view) const {
  if (view.frame == nullptr) return nullptr;
  const dsl::Task& task = task_of(*view.frame);
  Json out = {{"name", task.name},
              {"reference", task.pointer},
              {"definition", task.source},
              {"input", view.frame->raw_input ? *view.frame->raw_input : view.frame->input},
              {"startedAt", date_time_descriptor(view.frame->started)}};
  if (view.raw_output != nullptr) out["output"] = *view.raw_output;
  return out;
}

Result<Json> RunMachine::evaluate(dsl::ExpressionIndex index, const Json& dot, const View& view) {
  return program_.expressions().evaluate(index, dot, Scope(*this, view));
}

Result<Json> RunMachine::evaluate(const dsl::Template& value, const Json& dot, const View& view) {
  if (value.slots.size() == 1 && value.slots.front().place.empty())
    return evaluate(value.slots.front().expression, dot, view);
  Json out = value.literal;
  for (const dsl::Template::Slot& slot : value.slots) {
    CARILLON_TRY(out[slot.place], evaluate(slot.expression, dot, view));
  }
  return out;
}

Result<Duration> RunMachine::evaluate(const dsl::DurationSpec& spec, const Json& dot, const View& view) {
  if (!spec.expression) return spec.fixed;
  CARILLON_TRY(Json value, evaluate(*spec.expression, dot, view));
  auto length = value.is_string() ? parse_duration(value.get_ref<const std::string&>()) : std::nullopt;
  if (length && *length <= kLongestSpan) return *length;
  return Error{
      ErrorCode::invalid,
      "BAD_DURATION",
      "The expression gave " + shorten(value.dump()) + ", which is not an ISO 8601 duration of at most 366 days.",
      program_.expressions().source(*spec.expression).pointer,
      shorten(value.dump()),
      "Let it give a text such as \"PT30S\".",
      {}};
}

RunError RunMachine::error_of(const Error& error, const std::string& instance) const {
  std::string detail = error.message;
  if (!error.field.empty()) detail += " (" + error.field + (error.value.empty() ? "" : ": " + error.value) + ")";
  if (!error.remedy.empty()) detail += " " + error.remedy;
  return {std::string(error_type::kExpression), 400, error.reason, std::move(detail), instance};
}

}  // namespace carillon
