#pragma once
#include "engine/schema/evaluate_full.h"

namespace carillon::schema {

inline Error budget_exceeded(const ValidateOptions& options) {
  return Error{ErrorCode::invalid, "SCHEMA_BUDGET_EXCEEDED",
               "The value needs more work to check than the " + std::to_string(options.step_budget) +
                   " steps allowed, or a pattern takes too long on one of its texts.",
               "", "", "Make the value smaller or the schema's patterns and alternatives simpler.", {}};
}

/// Yes or no over any view. `unordered` tells that members were out of order and the verdict means nothing.
template <class View>
Verdict evaluate_verdict(const Program& program, const View& instance, const ValidateOptions& options, bool& unordered) {
  Evaluation evaluation{program, static_cast<std::int64_t>(options.step_budget)};
  const bool valid = FastCheck<View>(evaluation).check(*program.root, instance);
  unordered = evaluation.unordered;
  if (evaluation.steps < 0) return Verdict::budget_exceeded;
  return valid ? Verdict::valid : Verdict::invalid;
}

/// A valid value costs the yes/no pass only; the collecting pass runs for the others.
template <class View>
Result<std::vector<Violation>> evaluate_violations(const Program& program, const View& instance, const ValidateOptions& options,
                                                   bool& unordered) {
  const Verdict verdict = evaluate_verdict(program, instance, options, unordered);
  if (verdict == Verdict::valid) return std::vector<Violation>();
  if (verdict == Verdict::budget_exceeded) return budget_exceeded(options);
  Evaluation evaluation{program, static_cast<std::int64_t>(options.step_budget)};
  Path path;
  // More than are wanted, since they are found keyword by keyword and put in document order afterwards.
  Collector found(path, options.max_violations * 4 + 100);
  FullCheck<View>(evaluation, &path).check(*program.root, instance, nullptr, &found);
  unordered = evaluation.unordered;
  if (evaluation.steps < 0) return budget_exceeded(options);
  return std::move(found).finish(options.max_violations);
}

}  // namespace carillon::schema
