#pragma once
#include <map>
#include <set>

#include "engine/base/ids.h"
#include "engine/redaction/redactor.h"
#include "engine/runs/interpreter/run_state.h"
#include "engine/runs/outbound.h"
#include "engine/schema/secret_reference.h"

namespace carillon {

/// Keeps out of what is stored about a run what must not be in it: values that its payload schema or its tenant hides
/// (out of errors), and the values of secrets (out of everything).
///
/// The interpreter never sees a secret. Each reference in the input is replaced by a *stand-in*, a text like
/// "~secret.6f…e1.db-password~" that expressions carry along as any other text: put into other texts, not cut, encoded or
/// compared. Only when a call is sent does a stand-in become the value, and what comes back is searched for values, which
/// become stand-ins again. In steps, outputs and errors a stand-in is written as the reference it came from. The number
/// in a stand-in is random, so nothing from outside can pretend to be one.
class RunVeil {
 public:
  /// Null when the run needs none.
  static std::unique_ptr<RunVeil> over(const std::string& input, const Redactor& redactor, IdSource& ids);

  /// The input with stand-ins, for the interpreter.
  Json input() const;
  /// Goes on with the stand-ins of a run that another worker began.
  void resume(const Json& input_of_state);

  const std::set<std::string>& secrets() const { return names_; }
  /// What the store said about the secrets just now.
  void learn(const std::string& name, Result<std::string> value);
  /// The call as it is sent. invalid SECRET_UNKNOWN, SECRET_UNREADABLE, SECRET_UNFIT (it cannot stand in a header or
  /// an address), each naming the secret.
  Result<HttpCall> sent(HttpCall call) const;
  /// Puts stand-ins for values that came back.
  void received(HttpOutcome& outcome) const;

  /// Canonical JSON text with references for stand-ins.
  std::string stored(const std::string& json) const;
  /// The error with references for stand-ins and without hidden values.
  RunError stored(RunError error) const;

 private:
  std::string stand_in(std::string_view name) const { return prefix_ + std::string(name) + "~"; }
  std::string hide(std::string text) const;
  std::string told(const std::string& text, const ValueMask& mask) const;
  template <class Write>
  Status reveal(std::string& text, std::string_view where, Write&& write) const;

  std::string stored_input_;
  Redactor redactor_;
  std::vector<schema::SecretPlace> places_;  ///< of the input
  std::string prefix_;                       ///< "~secret.<random>."
  std::set<std::string> names_;
  std::map<std::string, Result<std::string>> values_;
  std::vector<std::pair<std::string, std::string>> forms_;  ///< text to look for and its stand-in, longest first
};

}  // namespace carillon
