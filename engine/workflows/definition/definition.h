#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/instant.h"
#include "engine/base/json.h"
#include "engine/expr/expression.h"
#include "engine/workflows/definition/document.h"

namespace carillon {

/// The typed form of a workflow definition: CNCF Serverless Workflow DSL 1.0 (dsl-reference.md of
/// serverlessworkflow/specification), the part of it that this hub runs. Plain values, immutable after parsing.
namespace dsl {

/// Index of an expression in the definition's ExpressionSet.
using ExpressionIndex = std::size_t;

/// A JSON value in which some places are filled by expressions.
struct Template {
  struct Slot {
    Json::json_pointer place;  ///< the root pointer: the whole value is the expression's
    ExpressionIndex expression;
  };
  Json literal;
  std::vector<Slot> slots;
  bool constant() const { return slots.empty(); }
};

/// A fixed length, or an expression that gives an ISO 8601 duration.
struct DurationSpec {
  Duration fixed{0};
  std::optional<ExpressionIndex> expression;
};

/// What `then` names; `task` is set for Kind::task only.
struct FlowDirective {
  enum class Kind { next, exit, end, task } kind = Kind::next;
  std::size_t task = 0;  ///< index in the same list
};

struct Task;
using TaskList = std::vector<Task>;

struct DoTask {
  TaskList tasks;
};

struct SetTask {
  Template value;
};

struct HttpTask {
  enum class Output { content, response, raw };
  Template method;    ///< a string
  Template endpoint;  ///< a string; a literal one may hold RFC 6570 `{name}` (simple expansion from the task's input)
  Template headers;   ///< an object
  Template query;     ///< an object
  std::optional<Template> body;
  Output output = Output::content;
  bool redirect = false;  ///< 3xx is a success, not an error; a redirection is never followed
};

struct WaitTask {
  DurationSpec length;
};

struct RaiseTask {
  Template error;  ///< object with type, status, and perhaps title, detail, instance
};

/// `catch.errors.with`: every given property must equal the error's.
struct ErrorFilter {
  std::optional<std::string> type, instance, title, detail;
  std::optional<int> status;
};

enum class Backoff { constant, linear, exponential };

struct RetryPolicy {
  std::optional<ExpressionIndex> when, except_when;
  DurationSpec delay;
  Backoff backoff = Backoff::constant;
  std::optional<std::pair<DurationSpec, DurationSpec>> jitter;  ///< from, to
  std::optional<int> attempt_count;                             ///< retries after the first try
  std::optional<DurationSpec> attempt_duration;                 ///< of each try
  std::optional<DurationSpec> duration;                         ///< of all tries together
};

struct TryTask {
  TaskList body;
  ErrorFilter filter;
  std::string as = "error";
  std::optional<ExpressionIndex> when, except_when;
  std::optional<RetryPolicy> retry;
  std::optional<TaskList> handler;  ///< catch.do
};

struct Task {
  std::string name;
  std::string pointer;  ///< "/do/0/fetch": its reference in the DSL's sense and its place in the document
  Json source;          ///< as written, for `$task.definition`
  std::optional<ExpressionIndex> condition;  ///< `if`
  std::optional<Template> input_from, output_as, export_as;
  std::optional<DurationSpec> timeout;
  FlowDirective then;
  std::variant<DoTask, SetTask, HttpTask, WaitTask, RaiseTask, TryTask> kind;
};

/// "do", "set", "call:http", "wait", "raise", "try".
std::string_view task_type(const Task& task);

struct Definition {
  std::string dsl, name_space, name, version, title, summary;
  std::optional<Json> input_schema;   ///< JSON Schema; whoever starts a run validates the raw input against it
  std::optional<Json> output_schema;  ///< JSON Schema; whoever ends a run validates its output against it
  std::optional<Template> input_from, output_as;
  std::optional<DurationSpec> timeout;
  TaskList tasks;
};

}  // namespace dsl

/// A definition that may be run: checked whole, its expressions compiled.
struct ParsedDefinition {
  dsl::Definition definition;
  std::shared_ptr<const ExpressionSet> expressions;  ///< never null; empty for a definition without expressions
  Json canonical;                                    ///< the document as JSON, whatever it was written in
};

struct ParseOutcome {
  std::shared_ptr<const ParsedDefinition> parsed;  ///< null if refused
  std::vector<Problem> problems;                   ///< in the order of the text; not empty if refused
};

struct DefinitionOptions {
  DocumentLimits document;
  ExpressionOptions expressions;
};

/// Reads and checks a definition; reports all problems at once. Anything this hub cannot run yet is refused by name,
/// never ignored. Codes: DOCUMENT_*, DUPLICATE_KEY, UNKNOWN_FIELD, MISSING_FIELD, WRONG_TYPE, BAD_VALUE, BAD_DURATION,
/// BAD_EXPRESSION, PARTIAL_EXPRESSION, UNSUPPORTED_TASK, UNSUPPORTED_FIELD, INLINE_TRIGGER, DUPLICATE_TASK,
/// UNKNOWN_TARGET, UNKNOWN_REFERENCE, NO_TASK_KIND, TOO_MANY_TASKS. Thread-safe. The input schema is only checked to be
/// an object.
ParseOutcome parse_definition(std::string_view text, DefinitionFormat format, const DefinitionOptions& options = {});

/// The same for a stored canonical document.
ParseOutcome parse_definition(const Json& canonical, const DefinitionOptions& options = {});

/// All problems as one Error (`invalid`, DEFINITION_INVALID), each as a violation with its pointer and line.
Error definition_error(const std::vector<Problem>& problems);

}  // namespace carillon
