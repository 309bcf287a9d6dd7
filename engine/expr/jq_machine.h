#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/expr/big_stack.h"
#include "engine/expr/expression.h"

struct jq_state;

namespace carillon {

/// The beginning of every program: names the parts of the input that JqMachine::run gives, hides what expressions may
/// not have, and ends in a pipe.
std::string jq_prelude();

/// One compiled jq program. Used by one thread at a time.
class JqMachine {
 public:
  /// What jq says about a program it refuses; line counts from 1, 0 if jq names none.
  struct Complaint {
    int line = 0;
    std::string message;
  };
  /// Null with complaints if jq refuses the program. About 45 ms with jq 1.6, which parses its library each time.
  static std::unique_ptr<JqMachine> compile(const std::string& program, std::vector<Complaint>& complaints);
  ~JqMachine();

  struct Call {
    std::size_t index;
    const Json& dot;
    const std::vector<std::pair<std::string, Json>>& variables;
    Instant now;
  };
  /// Runs the program on [index, dot, now, {variables}] for its one value. Errors as of ExpressionSet::evaluate,
  /// `field` empty. Usable again afterwards, whatever happened.
  Result<Json> run(const Call& call, const ExpressionOptions& options, Watchdog& watchdog);

 private:
  explicit JqMachine(jq_state* state) : state_(state), stack_(std::size_t{512} << 20) {}
  Result<Json> run_here(const Call& call, const ExpressionOptions& options, Watchdog& watchdog);
  jq_state* state_;
  BigStack stack_;
};

}  // namespace carillon
