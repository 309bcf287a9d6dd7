#pragma once
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace carillon {

/// `.a.b` or `$name.a.b`: answered without jq.
struct PlainPath {
  std::string variable;  ///< without `$`; "" for `.`
  std::vector<std::string> fields;
};

struct ExpressionAnalysis {
  std::string problem;              ///< why it is refused; "" if it is not (jq may still refuse it)
  std::set<std::string> variables;  ///< every `$name` it mentions, its own bindings included
  std::optional<PlainPath> path;
};

/// Looks at the tokens of a jq expression, by the lexical rules of jq 1.6. Refuses what must not even be compiled:
/// brackets that do not pair within the expression (it could close the parentheses it is wrapped in and go on outside),
/// and what reaches outside the evaluation (environment, files, further inputs, stderr, halting).
ExpressionAnalysis analyse_expression(std::string_view text);

/// Functions of jq that expressions may not call, with their arity; the program shadows each.
struct RefusedFunction {
  std::string_view name;
  int arity;
};
const std::vector<RefusedFunction>& refused_functions();

}  // namespace carillon
