#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

#include "engine/expr/analysis.h"
#include "engine/expr/expression.h"
#include "engine/expr/jq_machine.h"

namespace carillon {
namespace {

const std::set<std::string, std::less<>>& standard_variables() {
  static const std::set<std::string, std::less<>> kNames = {"context", "input",    "output",
                                                            "task",    "workflow", "runtime"};
  return kNames;
}

struct CompiledExpression {
  ExpressionSource source;
  std::vector<std::string> variables;  ///< to be given at evaluation
  std::optional<PlainPath> path;
  std::size_t branch = 0;  ///< number in the jq program, if not a plain path
};

/// The jq program around the expressions. Each stands on lines of its own, so that a line of a complaint names it.
class ProgramText {
 public:
  explicit ProgramText(const std::vector<const CompiledExpression*>& expressions) : expressions_(expressions) {
    text = jq_prelude();
    line_ += static_cast<int>(std::ranges::count(text, '\n'));
    branch(0, expressions.size());
  }

  int first_line() const { return starts_.front() - 1; }
  /// The expression that a line belongs to.
  std::size_t at_line(int line) const {
    auto after = std::ranges::upper_bound(starts_, line);
    return after == starts_.begin() ? 0 : static_cast<std::size_t>(after - starts_.begin()) - 1;
  }

  std::string text;

 private:
  // A tree of ifs: dispatch in log n comparisons.
  void branch(std::size_t from, std::size_t to) {
    if (to - from == 1) {
      leaf(*expressions_[from]);
      return;
    }
    const std::size_t middle = from + (to - from) / 2;
    text += " if $__index < " + std::to_string(middle) + " then";
    branch(from, middle);
    text += " else";
    branch(middle, to);
    text += " end";
  }
  void leaf(const CompiledExpression& e) {
    text += " (";
    for (const std::string& name : e.variables) text += "$__vars." + name + " as $" + name + " | ";
    text += "(\n";
    ++line_;
    starts_.push_back(line_);
    text += e.source.text + "\n))";
    line_ += 1 + static_cast<int>(std::ranges::count(e.source.text, '\n'));
  }

  const std::vector<const CompiledExpression*>& expressions_;
  std::vector<int> starts_;
  int line_ = 1;
};

Result<Json> follow_path(const PlainPath& path, const Json& start) {
  const Json* at = &start;
  for (const std::string& field : path.fields) {
    if (at->is_null()) return Json();
    if (!at->is_object()) {
      std::string kind = at->is_array()     ? "array"
                         : at->is_string()  ? "string"
                         : at->is_boolean() ? "boolean"
                                            : "number";
      return Error{ErrorCode::invalid,
                   "EXPRESSION_FAILED",
                   "The expression failed: Cannot index " + kind + " with \"" + field + "\".",
                   "",
                   "",
                   "Check what the data really looks like at this place.",
                   {}};
    }
    auto found = at->find(field);
    if (found == at->end()) return Json();
    at = &*found;
  }
  return *at;
}

}  // namespace

struct ExpressionSet::Impl {
  std::vector<CompiledExpression> expressions;
  std::string program;  ///< "" if jq is not needed
  ExpressionOptions options;

  mutable std::mutex mutex;
  mutable std::condition_variable idle_again;
  mutable std::vector<std::unique_ptr<JqMachine>> idle;
  mutable std::size_t made = 0;

  std::unique_ptr<JqMachine> take() const {
    std::unique_lock lock(mutex);
    if (idle.empty() && made < options.max_states) {
      ++made;
      lock.unlock();
      std::vector<JqMachine::Complaint> complaints;
      if (auto machine = JqMachine::compile(program, complaints)) return machine;
      lock.lock();
      --made;
      return nullptr;
    }
    idle_again.wait(lock, [&] { return !idle.empty(); });
    auto machine = std::move(idle.back());
    idle.pop_back();
    return machine;
  }
  void give_back(std::unique_ptr<JqMachine> machine) const {
    {
      std::lock_guard lock(mutex);
      idle.push_back(std::move(machine));
    }
    idle_again.notify_one();
  }

  bool check_tokens(std::vector<ExpressionProblem>& problems);
  void compile(std::vector<ExpressionProblem>& problems);
};

/// Analyses every expression; true if none is refused by its tokens.
bool ExpressionSet::Impl::check_tokens(std::vector<ExpressionProblem>& problems) {
  std::size_t jq_count = 0;
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    CompiledExpression& e = expressions[i];
    ExpressionAnalysis analysis = analyse_expression(e.source.text);
    for (const std::string& name : analysis.variables) {
      const bool own = std::ranges::count(e.source.names, name) > 0;
      if (own || standard_variables().contains(name)) e.variables.push_back(name);
    }
    if (analysis.path && !analysis.path->variable.empty() && e.variables.empty())
      analysis.problem = "$" + analysis.path->variable + " is not defined";
    if (!analysis.problem.empty()) problems.push_back({i, e.source.pointer, analysis.problem});
    e.path = std::move(analysis.path);
    if (!e.path) e.branch = jq_count++;
  }
  return problems.empty();
}

/// Compiles all that need jq together. jq stops at the first kind of error it meets, so offenders are taken out and
/// the rest compiled again until all have been found.
void ExpressionSet::Impl::compile(std::vector<ExpressionProblem>& problems) {
  std::vector<const CompiledExpression*> left;
  const std::set<std::size_t> refused = [&] {
    std::set<std::size_t> out;
    for (const auto& p : problems) out.insert(p.index);
    return out;
  }();
  for (std::size_t i = 0; i < expressions.size(); ++i)
    if (!expressions[i].path && !refused.contains(i)) left.push_back(&expressions[i]);
  while (!left.empty()) {
    ProgramText text(left);
    std::vector<JqMachine::Complaint> complaints;
    if (auto machine = JqMachine::compile(text.text, complaints)) {
      if (problems.empty()) {
        program = std::move(text.text);
        made = 1;
        idle.push_back(std::move(machine));
      }
      return;
    }
    std::map<std::size_t, std::string> offenders;
    for (const auto& c : complaints)
      if (c.line > text.first_line()) offenders.emplace(text.at_line(c.line), c.message);
    if (offenders.empty()) offenders.emplace(0, complaints.empty() ? "jq refuses it" : complaints.front().message);
    for (const auto& [at, message] : offenders) {
      const auto index = static_cast<std::size_t>(left[at] - expressions.data());
      problems.push_back({index, left[at]->source.pointer, message});
    }
    for (auto it = offenders.rbegin(); it != offenders.rend(); ++it)
      left.erase(left.begin() + static_cast<std::ptrdiff_t>(it->first));
  }
}

ExpressionSet::ExpressionSet(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ExpressionSet::~ExpressionSet() = default;

std::shared_ptr<const ExpressionSet> ExpressionSet::compile(std::vector<ExpressionSource> sources,
                                                            ExpressionOptions options,
                                                            std::vector<ExpressionProblem>& problems) {
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  if (!impl->options.watchdog) impl->options.watchdog = std::make_shared<Watchdog>();
  impl->options.max_states = std::max<std::size_t>(impl->options.max_states, 1);
  for (auto& source : sources) impl->expressions.push_back({std::move(source), {}, std::nullopt, 0});
  std::vector<ExpressionProblem> found;
  impl->check_tokens(found);
  impl->compile(found);
  if (!found.empty()) {
    std::ranges::sort(found, {}, &ExpressionProblem::index);
    problems.insert(problems.end(), found.begin(), found.end());
    return nullptr;
  }
  return std::shared_ptr<const ExpressionSet>(new ExpressionSet(std::move(impl)));
}

std::size_t ExpressionSet::size() const {
  return impl_->expressions.size();
}
const ExpressionSource& ExpressionSet::source(std::size_t index) const {
  return impl_->expressions.at(index).source;
}
bool ExpressionSet::uses_jq() const {
  return !impl_->program.empty();
}

Result<Json> ExpressionSet::evaluate(std::size_t index, const Json& dot, const ExpressionVariables& variables) const {
  const CompiledExpression& e = impl_->expressions.at(index);
  auto placed = [&](Result<Json> result) {
    if (!result) {
      Error error = std::move(result).error();
      error.field = e.source.pointer;
      error.value = shorten(e.source.text);
      return Result<Json>(std::move(error));
    }
    return result;
  };
  if (e.path)
    return placed(e.path->variable.empty() ? follow_path(*e.path, dot)
                                           : follow_path(*e.path, variables.variable(e.path->variable)));
  std::vector<std::pair<std::string, Json>> given;
  for (const std::string& name : e.variables) given.emplace_back(name, variables.variable(name));
  struct Lease {
    const Impl& pool;
    std::unique_ptr<JqMachine> machine;
    ~Lease() {
      if (machine) pool.give_back(std::move(machine));
    }
  } lease{*impl_, impl_->take()};
  if (!lease.machine)
    return placed(Error{ErrorCode::internal, "EXPRESSION_FAILED", "jq could not be started.", "", "", "", {}});
  return placed(lease.machine->run({e.branch, dot, given, variables.now()}, impl_->options, *impl_->options.watchdog));
}

std::optional<std::string_view> marked_expression(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  auto from = text.find_first_not_of(kSpace);
  auto to = text.find_last_not_of(kSpace);
  if (from == std::string_view::npos) return std::nullopt;
  text = text.substr(from, to - from + 1);
  if (text.size() < 3 || !text.starts_with("${") || text.back() != '}') return std::nullopt;
  return text.substr(2, text.size() - 3);
}

}  // namespace carillon
