#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/instant.h"
#include "engine/base/json.h"
#include "engine/expr/watchdog.h"

namespace carillon {

/// One jq expression as it stands in a definition, without its `${ }`.
struct ExpressionSource {
  std::string pointer;             ///< where it stands in the definition (RFC 6901)
  std::string text;                ///< jq
  std::vector<std::string> names;  ///< further variables it may use beside the standard ones (catch.as), without `$`
};

/// An expression that does not compile, or that asks for something expressions may not have.
struct ExpressionProblem {
  std::size_t index = 0;  ///< into the sources
  std::string pointer;
  std::string message;
};

/// What an expression reads beside its input `.`: the variables $context, $input, $output, $task, $workflow, $runtime
/// and the names of its source. Asked only for the variables the expression names, so making one may cost something.
class ExpressionVariables {
 public:
  virtual ~ExpressionVariables() = default;
  /// The value of `$name`; null where there is none.
  virtual Json variable(std::string_view name) const = 0;
  /// What jq's `now` answers. Expressions never read the clock.
  virtual Instant now() const = 0;
};

struct ExpressionOptions {
  std::size_t max_bytes = 1 << 20;       ///< of what goes in (`.` and variables together) and of what comes out, about
  Duration time_limit{500'000};          ///< of one evaluation
  std::size_t max_states = 2;            ///< compiled jq states of one set; the rest of the threads wait
  std::shared_ptr<Watchdog> watchdog{};  ///< ends evaluations over the limit; without one the set makes its own
};

/// All expressions of one workflow version, compiled once into one jq program that dispatches by index (jq parses its
/// own library at every compile, about 45 ms, so one compile per expression would not do). Plain paths (`.`, `.a.b`,
/// `$context.a`) are answered without jq; a set of nothing else never starts it.
///
/// Expressions see their input and variables and nothing of the machine: the environment, files, modules, further
/// inputs, the clock, output to stderr and halting are refused by name when compiled, and shadowed in the program
/// besides.
///
/// Thread-safe: a jq state is used by one thread at a time, from a pool of at most max_states that grows on demand.
class ExpressionSet {
 public:
  ~ExpressionSet();
  ExpressionSet(const ExpressionSet&) = delete;
  ExpressionSet& operator=(const ExpressionSet&) = delete;

  /// Compiles; on failure null, with every offender in `problems`.
  static std::shared_ptr<const ExpressionSet> compile(std::vector<ExpressionSource> sources, ExpressionOptions options,
                                                      std::vector<ExpressionProblem>& problems);

  std::size_t size() const;
  const ExpressionSource& source(std::size_t index) const;
  /// Whether evaluating needs jq at all.
  bool uses_jq() const;

  /// The one value the expression gives; null if it gives none. Fails with `invalid`: EXPRESSION_FAILED (jq's own
  /// message), EXPRESSION_MANY (more than one value), EXPRESSION_TIME, EXPRESSION_TOO_LARGE, EXPRESSION_NUMBER_RANGE
  /// (jq computes in doubles: an integer beyond 2^53 would lose digits), EXPRESSION_NUL; `field` is the source's
  /// pointer.
  Result<Json> evaluate(std::size_t index, const Json& dot, const ExpressionVariables& variables) const;

 private:
  struct Impl;
  explicit ExpressionSet(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The expression inside `${ … }` (white space around both allowed), or nothing if the string is not one.
std::optional<std::string_view> marked_expression(std::string_view text);

}  // namespace carillon
