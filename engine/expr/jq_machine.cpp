#include "engine/expr/jq_machine.h"

#include <cfloat>
#include <cmath>
#include <cstdlib>

#include "engine/expr/analysis.h"

extern "C" {
#include <jq.h>
#include <jv.h>
}

namespace carillon {
namespace {

constexpr std::int64_t kExactInteger = 9007199254740992;  // 2^53
/// Stands in for functions of jq 1.6 that take memory or time without bound in one step, where no time limit reaches
/// them, or that abort the process: repeating a text, filling an array up to a far index, formatting a time far out of
/// range. The operators =, |=, += and the like are calls of _assign and _modify, which have to use the bounded setpath
/// as well.
constexpr const char* kBoundedFunctions = R"jq(
 def __multiply(a; b): a * b;
 def _multiply(a; b): b as $b | a as $a |
   if (($a | type) == "string" and ($b | type) == "number" and $b > 65536) or
      (($b | type) == "string" and ($a | type) == "number" and $a > 65536)
   then error("a text may be repeated 65536 times at most") else __multiply($a; $b) end;
 def __setpath(p; v): setpath(p; v);
 def setpath(p; v): v as $v | p as $p |
   if ($p | type) == "array" and any($p[]; type == "number" and . > 1000000)
   then error("an index may be 1000000 at most") else __setpath($p; $v) end;
 def _assign(paths; $value): reduce path(paths) as $p (.; setpath($p; $value));
 def _modify(paths; update): reduce path(paths) as $p (.;
   . as $before | label $done | (setpath($p; $before | getpath($p) | update) | ., break $done), ($before | delpaths([$p])));
 def fromstream(f): error("fromstream is not available in expressions");
 def __time: if type == "number" and (. > 1e12 or . < -1e12 or isnan) then error("the time is out of range") else . end;
 def __strftime(f): strftime(f); def strftime(f): __time | __strftime(f);
 def __strflocaltime(f): strflocaltime(f); def strflocaltime(f): __time | __strflocaltime(f);
 def __gmtime: gmtime; def gmtime: __time | __gmtime;
 def __localtime: localtime; def localtime: __time | __localtime;
 def todateiso8601: strftime("%Y-%m-%dT%H:%M:%SZ"); def todate: todateiso8601; def date: todate;)jq";
constexpr int kMaxDepth = 128;  // as of JsonLimits: what comes out must be storable

Error jq_error(std::string reason, std::string message, std::string remedy) {
  return Error{ErrorCode::invalid, std::move(reason), std::move(message), "", "", std::move(remedy), {}};
}

Error jq_too_large(std::string_view what, std::size_t limit) {
  return jq_error(
      "EXPRESSION_TOO_LARGE",
      "The " + std::string(what) + " of the expression is over the limit of " + std::to_string(limit) + " bytes.",
      "Let the expression work on less data.");
}

/// Json → jv, counting bytes about as the JSON text has them.
struct JqWriter {
  std::size_t limit;
  std::size_t used = 0;
  std::optional<Error> error{};

  jv fail(Error e) {
    if (!error) error = std::move(e);
    return jv_null();
  }
  jv number(double exact) { return jv_number(exact); }
  template <class Int>
  jv integer(Int v) {
    if (std::cmp_greater(v, kExactInteger) || std::cmp_less(v, -kExactInteger))
      return fail(jq_error("EXPRESSION_NUMBER_RANGE",
                           "The integer " + std::to_string(v) + " would lose digits: jq computes in doubles.",
                           "Carry such numbers as strings."));
    return jv_number(static_cast<double>(v));
  }
  jv string(const std::string& s) {
    used += s.size() + 2;
    if (used > limit) return fail(jq_too_large("input", limit));
    return jv_string_sized(s.data(), static_cast<int>(s.size()));
  }
  jv write(const Json& v) {
    if (error) return jv_null();
    used += 2;
    if (used > limit) return fail(jq_too_large("input", limit));
    switch (v.type()) {
      case Json::value_t::boolean:
        return v.get<bool>() ? jv_true() : jv_false();
      case Json::value_t::number_integer:
        return integer(v.get<std::int64_t>());
      case Json::value_t::number_unsigned:
        return integer(v.get<std::uint64_t>());
      case Json::value_t::number_float:
        return number(v.get<double>());
      case Json::value_t::string:
        return string(v.get_ref<const std::string&>());
      case Json::value_t::array: {
        jv out = jv_array_sized(static_cast<int>(v.size()));
        for (const Json& item : v) out = jv_array_append(out, write(item));
        return out;
      }
      case Json::value_t::object: {
        jv out = jv_object();
        for (const auto& [key, item] : v.items()) {
          jv name = string(key);
          if (error) {
            jv_free(name);
            break;
          }
          out = jv_object_set(out, name, write(item));
        }
        return out;
      }
      default:
        return jv_null();
    }
  }
};

/// jv → Json; consumes nothing (the caller frees).
struct JqReader {
  std::size_t limit;
  std::size_t used = 0;
  std::optional<Error> error{};

  Json fail(Error e) {
    if (!error) error = std::move(e);
    return nullptr;
  }
  Json number(double d) {
    if (std::isnan(d)) return nullptr;  // as jq prints it
    if (std::isinf(d)) d = d > 0 ? DBL_MAX : -DBL_MAX;
    if (d == std::floor(d) && std::fabs(d) <= static_cast<double>(kExactInteger)) return static_cast<std::int64_t>(d);
    return d;
  }
  std::string string(jv s) {
    std::string out(jv_string_value(s), static_cast<std::size_t>(jv_string_length_bytes(jv_copy(s))));
    used += out.size() + 2;
    if (used > limit) fail(jq_too_large("result", limit));
    if (out.find('\0') != std::string::npos)
      fail(jq_error("EXPRESSION_NUL", "The expression gave a string with \\u0000, which cannot be stored.",
                    "Remove such characters in the expression."));
    return out;
  }
  Json read(jv v, int depth) {
    used += 2;
    if (error) return nullptr;
    if (used > limit) return fail(jq_too_large("result", limit));
    if (depth > kMaxDepth)
      return fail(jq_error("EXPRESSION_TOO_LARGE", "The result of the expression is nested more than 128 deep.",
                           "Make it flatter."));
    switch (jv_get_kind(v)) {
      case JV_KIND_TRUE:
        return true;
      case JV_KIND_FALSE:
        return false;
      case JV_KIND_NUMBER:
        return number(jv_number_value(v));
      case JV_KIND_STRING:
        return string(v);
      case JV_KIND_ARRAY:
        return array(v, depth);
      case JV_KIND_OBJECT:
        return object(v, depth);
      default:
        return nullptr;
    }
  }
  Json array(jv v, int depth) {
    Json out = Json::array();
    const int n = jv_array_length(jv_copy(v));
    for (int i = 0; i < n && !error; ++i) {
      jv item = jv_array_get(jv_copy(v), i);
      out.push_back(read(item, depth + 1));
      jv_free(item);
    }
    return out;
  }
  Json object(jv v, int depth) {
    Json out = Json::object();
    for (int i = jv_object_iter(v); jv_object_iter_valid(v, i) && !error; i = jv_object_iter_next(v, i)) {
      jv key = jv_object_iter_key(v, i);
      jv item = jv_object_iter_value(v, i);
      std::string name = string(key);
      out[std::move(name)] = read(item, depth + 1);
      jv_free(key);
      jv_free(item);
    }
    return out;
  }
};

/// "jq: error: foo/0 is not defined at <top-level>, line 3:" and the like → message and line.
JqMachine::Complaint read_complaint(std::string text) {
  JqMachine::Complaint out;
  if (auto at = text.find(" at <top-level>, line "); at != std::string::npos) {
    out.line = std::atoi(text.c_str() + at + 22);
    text.resize(at);
  }
  if (text.starts_with("jq: error: ")) text.erase(0, 11);
  if (auto at = text.find(" (Unix shell quoting issues?)"); at != std::string::npos) text.erase(at, 29);
  if (auto at = text.find('\n'); at != std::string::npos) text.resize(at);
  out.message = std::move(text);
  return out;
}

void collect_complaint(void* into, jv message) {
  message = jq_format_error(message);
  if (jv_get_kind(message) == JV_KIND_STRING)
    static_cast<std::vector<JqMachine::Complaint>*>(into)->push_back(read_complaint(jv_string_value(message)));
  jv_free(message);
}

/// The text of what an expression raised: jq's own messages, or any value given to error().
std::string raised_text(jv invalid) {
  jv message = jv_invalid_get_msg(invalid);
  if (jv_get_kind(message) != JV_KIND_STRING) message = jv_dump_string(message, 0);
  std::string text(jv_string_value(message));
  jv_free(message);
  return text;
}

}  // namespace

std::string jq_prelude() {
  std::string text = ". as [$__index, $__dot, $__now, $__vars] | {} as $ENV | {} as $__prog_args | def now: $__now;";
  for (const RefusedFunction& f : refused_functions()) {
    text += " def " + std::string(f.name) + (f.arity == 1 ? "(f)" : "") + ": error(\"" + std::string(f.name) +
            " is not available in expressions\");";
  }
  return text + kBoundedFunctions + " $__dot |";
}

std::unique_ptr<JqMachine> JqMachine::compile(const std::string& program, std::vector<Complaint>& complaints) {
  jq_state* state = jq_init();
  if (state == nullptr) {
    complaints.push_back({0, "jq cannot start"});
    return nullptr;
  }
  std::unique_ptr<JqMachine> machine(new JqMachine(state));
  jq_set_error_cb(state, collect_complaint, &complaints);
  const bool good = jq_compile(state, program.c_str()) != 0;
  jq_set_error_cb(state, nullptr, nullptr);
  return good ? std::move(machine) : nullptr;
}

JqMachine::~JqMachine() {
  jq_teardown(&state_);
}

Result<Json> JqMachine::run(const Call& call, const ExpressionOptions& options, Watchdog& watchdog) {
  Result<Json> result = Json();
  stack_.run([&] { result = run_here(call, options, watchdog); });
  return result;
}

Result<Json> JqMachine::run_here(const Call& call, const ExpressionOptions& options, Watchdog& watchdog) {
  JqWriter writer{.limit = options.max_bytes};
  jv input = jv_array_sized(4);
  input = jv_array_append(input, jv_number(static_cast<double>(call.index)));
  input = jv_array_append(input, writer.write(call.dot));
  input = jv_array_append(input, jv_number(static_cast<double>(call.now.us) / 1e6));
  jv variables = jv_object();
  for (const auto& [name, value] : call.variables)
    variables = jv_object_set(variables, jv_string(name.c_str()), writer.write(value));
  input = jv_array_append(input, variables);
  if (writer.error) {
    jv_free(input);
    return std::move(*writer.error);
  }

  jv value, second;
  bool late;
  jq_start(state_, input, 0);
  {
    Watchdog::Guard guard(watchdog, options.time_limit, [this] { jq_halt(state_, jv_invalid(), jv_invalid()); });
    value = jq_next(state_);
    second = jv_is_valid(value) ? jq_next(state_) : jv_invalid();
  }
  late = jq_halted(state_) != 0;
  const bool many = jv_is_valid(second);
  // An error after the first value counts like one before it.
  jv failure = jv_is_valid(value) ? jv_copy(second) : jv_copy(value);
  const bool raised = !jv_is_valid(failure) && jv_invalid_has_msg(jv_copy(failure));
  std::string text = raised ? raised_text(jv_copy(failure)) : std::string();
  jv_free(failure);
  jv_free(second);

  std::optional<Error> error{};
  if (late)
    error = jq_error("EXPRESSION_TIME", "The expression ran longer than " + describe_duration(options.time_limit) + ".",
                     "Look for endless recursion, or let it work on less data.");
  else if (raised)
    error = jq_error("EXPRESSION_FAILED", "The expression failed: " + shorten(text, 300) + ".",
                     "Check what the data really looks like at this place.");
  else if (many)
    error =
        jq_error("EXPRESSION_MANY", "The expression gave more than one value.", "Wrap it in [ … ] to make one list.");
  Json out;
  if (!error) {
    JqReader reader{.limit = options.max_bytes};
    if (jv_is_valid(value)) out = reader.read(value, 0);
    error = std::move(reader.error);
  }
  jv_free(value);
  // A state keeps what it last worked on until its next start; large values should not stay.
  jq_start(state_, jv_null(), 0);
  if (error) return std::move(*error);
  return out;
}

}  // namespace carillon
