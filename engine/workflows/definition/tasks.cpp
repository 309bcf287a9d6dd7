#include <algorithm>

#include "engine/workflows/definition/reader.h"

namespace carillon {
namespace {

constexpr std::string_view kRunnable[] = {"do", "set", "call", "wait", "raise", "try"};
// The DSL's other tasks; `for` also has a `do`, so these are looked for first.
constexpr std::string_view kLaterTasks[] = {"switch", "for", "fork", "emit", "listen", "run"};
constexpr std::size_t kMaxTasks = 1'000;

std::string describe_runnable() {
  return "Today's tasks are do, set, call: http, wait, raise and try.";
}

}  // namespace

std::string_view dsl::task_type(const Task& task) {
  constexpr std::string_view kTypes[] = {"do", "set", "call:http", "wait", "raise", "try"};
  return kTypes[task.kind.index()];
}

dsl::TaskList DefinitionReader::tasks(const Json& v, const std::string& pointer) {
  dsl::TaskList list;
  if (!v.is_array()) {
    wrong_type(v, pointer, "a list of tasks, each an object with the task's name as its only key");
    return list;
  }
  if (v.empty()) problem(pointer, "MISSING_FIELD", "the list has no tasks", "Add a task.");
  task_count_ += v.size();
  if (task_count_ > kMaxTasks) {
    problem(pointer, "TOO_MANY_TASKS", "the definition has more than " + std::to_string(kMaxTasks) + " tasks",
            "Split the workflow.");
    return list;
  }
  for (std::size_t i = 0; i < v.size(); ++i) {
    const std::string at = pointer + "/" + std::to_string(i);
    if (!v[i].is_object() || v[i].size() != 1) {
      wrong_type(v[i], at, "an object with one key, the task's name");
      continue;
    }
    const std::string& name = v[i].items().begin().key();
    const std::string here = pointer_append(at, name);
    if (name.empty() || name.size() > 100)
      problem(here, "BAD_VALUE", "a task's name has 1 to 100 bytes", "Rename the task.");
    if (name == "continue" || name == "exit" || name == "end")
      problem(here, "BAD_VALUE", "\"" + name + "\" is a flow directive and cannot name a task", "Rename the task.");
    if (std::ranges::find(list, name, &dsl::Task::name) != list.end())
      problem(here, "DUPLICATE_TASK", "two tasks of this list are named \"" + shorten(name) + "\"",
              "Rename one of them.");
    list.push_back(task(name, v[i].items().begin().value(), here));
  }
  resolve_then(list);
  return list;
}

void DefinitionReader::resolve_then(dsl::TaskList& list) {
  for (dsl::Task& t : list) {
    const Json* then = member(t.source, "then");
    if (then == nullptr) continue;
    const std::string at = t.pointer + "/then";
    if (!then->is_string()) {
      wrong_type(*then, at, "a text");
      continue;
    }
    const auto& target = then->get_ref<const std::string&>();
    using Kind = dsl::FlowDirective::Kind;
    if (target == "continue")
      t.then = {Kind::next, 0};
    else if (target == "exit")
      t.then = {Kind::exit, 0};
    else if (target == "end")
      t.then = {Kind::end, 0};
    else if (auto found = std::ranges::find(list, target, &dsl::Task::name); found != list.end())
      t.then = {Kind::task, static_cast<std::size_t>(found - list.begin())};
    else {
      std::vector<std::string_view> names{"continue", "exit", "end"};
      for (const dsl::Task& other : list) names.push_back(other.name);
      const std::string nearest = nearest_word(target, names);
      problem(at, "UNKNOWN_TARGET", "no task of the same list is named \"" + shorten(target) + "\"",
              nearest.empty() ? "Name a task of the same list, or continue, exit or end."
                              : "Did you mean \"" + nearest + "\"?");
    }
  }
}

void DefinitionReader::task_fields(const Json& v, std::string_view kind, const std::string& pointer) {
  if (kind == "call") {
    object(v, pointer, {"call", "with", "if", "input", "output", "export", "timeout", "then", "metadata"}, {},
           {"with"});
  } else if (kind == "try") {
    object(v, pointer, {"try", "catch", "if", "input", "output", "export", "timeout", "then", "metadata"}, {},
           {"catch"});
  } else {
    object(v, pointer, {kind, "if", "input", "output", "export", "timeout", "then", "metadata"});
  }
}

void DefinitionReader::common_fields(const Json& v, const std::string& pointer, dsl::Task& out) {
  constexpr std::string_view kSchema = "Leave it out; only the workflow's own input and output have schemas.";
  out.condition = condition(v, pointer, "if");
  if (const Json* input = member(v, "input");
      input != nullptr && object(*input, pointer + "/input", {"from"}, {{"schema", kSchema}}))
    if (const Json* from = member(*input, "from")) out.input_from = transformation(*from, pointer + "/input/from");
  if (const Json* output = member(v, "output");
      output != nullptr && object(*output, pointer + "/output", {"as"}, {{"schema", kSchema}}))
    if (const Json* as = member(*output, "as")) out.output_as = transformation(*as, pointer + "/output/as");
  if (const Json* ex = member(v, "export");
      ex != nullptr && object(*ex, pointer + "/export", {"as"}, {{"schema", kSchema}}))
    if (const Json* as = member(*ex, "as")) out.export_as = transformation(*as, pointer + "/export/as");
  if (const Json* metadata = member(v, "metadata"); metadata != nullptr && !metadata->is_object())
    wrong_type(*metadata, pointer + "/metadata", "an object");
  out.timeout = timeout(v, pointer);
}

dsl::Task DefinitionReader::task(const std::string& name, const Json& v, const std::string& pointer) {
  dsl::Task out;
  out.name = name;
  out.pointer = pointer;
  out.source = v;
  if (!v.is_object()) {
    wrong_type(v, pointer, "an object");
    return out;
  }
  for (std::string_view later : kLaterTasks) {
    if (!v.contains(later)) continue;
    problem(pointer_append(pointer, later), "UNSUPPORTED_TASK", std::string(later) + " is not available yet",
            describe_runnable());
    return out;
  }
  std::vector<std::string_view> kinds;
  for (std::string_view kind : kRunnable)
    if (v.contains(kind)) kinds.push_back(kind);
  if (kinds.size() != 1) {
    if (kinds.empty())
      problem(pointer, "NO_TASK_KIND", "nothing says what the task \"" + shorten(name) + "\" does",
              describe_runnable());
    else
      problem(pointer, "BAD_VALUE",
              "a task is either \"" + std::string(kinds[0]) + "\" or \"" + std::string(kinds[1]) + "\", not both",
              "Make two tasks of it.");
    return out;
  }
  const std::string_view kind = kinds[0];
  const Json& what = v[std::string(kind)];
  const std::string at = pointer_append(pointer, kind);
  if (kind == "call" && what != "http") {
    if (!what.is_string())
      wrong_type(what, at, "a text");
    else
      problem(at, "UNSUPPORTED_TASK", "call: " + shorten(what.get<std::string>()) + " is not available yet",
              describe_runnable());
    return out;
  }
  task_fields(v, kind, pointer);
  common_fields(v, pointer, out);
  if (kind == "do") {
    out.kind = dsl::DoTask{tasks(what, at)};
  } else if (kind == "set") {
    out.kind = dsl::SetTask{transformation(what, at)};
  } else if (kind == "call") {
    const Json* with = member(v, "with");
    out.kind = with == nullptr ? dsl::HttpTask{} : http_task(*with, pointer + "/with");
  } else if (kind == "wait") {
    out.kind = dsl::WaitTask{duration(what, at)};
  } else if (kind == "raise") {
    out.kind = raise_task(what, at);
  } else {
    out.kind = try_task(v, pointer);
  }
  return out;
}

dsl::RaiseTask DefinitionReader::raise_task(const Json& v, const std::string& pointer) {
  if (!object(v, pointer, {"error"}, {}, {"error"})) return {};
  const Json* error = member(v, "error");
  if (error == nullptr) return {};
  if (!error->is_string()) return {error_template(*error, pointer + "/error")};
  const auto name = error->get<std::string>();
  const Json* defined = reference("errors", name, pointer + "/error");
  return defined == nullptr ? dsl::RaiseTask{}
                            : dsl::RaiseTask{error_template(*defined, pointer_append("/use/errors", name))};
}

dsl::Template DefinitionReader::error_template(const Json& v, const std::string& pointer) {
  if (!object(v, pointer, {"type", "status", "title", "detail", "instance"}, {}, {"type", "status"})) return {};
  for (const auto& [key, item] : v.items()) {
    const std::string at = pointer_append(pointer, key);
    if (key == "status") {
      const bool marked = item.is_string() && marked_expression(item.get_ref<const std::string&>());
      if (!marked && !(item.is_number_integer() && item.get<std::int64_t>() >= 100 && item.get<std::int64_t>() <= 599))
        problem(at, "BAD_VALUE", "a status is a whole number from 100 to 599", "Write for example 500.");
    } else if (!item.is_string()) {
      wrong_type(item, at, "a text");
    }
  }
  return value(v, pointer);
}

dsl::TryTask DefinitionReader::try_task(const Json& v, const std::string& pointer) {
  dsl::TryTask out;
  out.body = tasks(v["try"], pointer + "/try");
  if (const Json* handler = member(v, "catch")) catch_part(*handler, pointer + "/catch", out);
  return out;
}

void DefinitionReader::catch_part(const Json& v, const std::string& pointer, dsl::TryTask& out) {
  if (!object(v, pointer, {"errors", "as", "when", "exceptWhen", "retry", "do"})) return;
  if (const Json* errors = member(v, "errors"); errors != nullptr && object(*errors, pointer + "/errors", {"with"}))
    if (const Json* with = member(*errors, "with")) out.filter = error_filter(*with, pointer + "/errors/with");
  if (v.contains("as")) {
    out.as = text(v, pointer, "as", 50);
    const bool good = !out.as.empty() &&
                      std::ranges::all_of(out.as,
                                          [](char c) {
                                            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                                   (c >= '0' && c <= '9') || c == '_';
                                          }) &&
                      !(out.as[0] >= '0' && out.as[0] <= '9') && !out.as.starts_with("__");
    constexpr std::string_view kTaken[] = {"context", "input",   "output",        "task", "workflow",
                                           "runtime", "secrets", "authorization", "ENV"};
    if (!good || std::ranges::count(kTaken, out.as) > 0) {
      problem(pointer + "/as", "BAD_VALUE", "\"" + shorten(out.as) + "\" cannot name the error variable",
              "Use letters, digits and underscores, and no name that is taken already.");
      out.as = "error";
    }
  }
  names_.push_back(out.as);
  out.when = condition(v, pointer, "when");
  out.except_when = condition(v, pointer, "exceptWhen");
  if (const Json* retry = member(v, "retry")) {
    std::string at = pointer + "/retry";
    if (retry->is_string()) {
      const auto name = retry->get<std::string>();
      retry = reference("retries", name, at);
      at = pointer_append("/use/retries", name);
    }
    if (retry != nullptr) out.retry = retry_policy(*retry, at);
  }
  if (const Json* handler = member(v, "do")) out.handler = tasks(*handler, pointer + "/do");
  names_.pop_back();
}

dsl::ErrorFilter DefinitionReader::error_filter(const Json& v, const std::string& pointer) {
  dsl::ErrorFilter out;
  if (!object(v, pointer, {"type", "status", "instance", "title", "detail", "details"})) return out;
  auto wanted = [&](std::string_view name) -> std::optional<std::string> {
    if (!v.contains(name)) return std::nullopt;
    return text(v, pointer, name, 2'000);
  };
  out.type = wanted("type");
  out.instance = wanted("instance");
  out.title = wanted("title");
  // The reference calls it detail, the language's own JSON Schema details.
  out.detail = v.contains("detail") ? wanted("detail") : wanted("details");
  if (const Json* status = member(v, "status")) {
    if (status->is_number_integer())
      out.status = status->get<int>();
    else
      wrong_type(*status, pointer + "/status", "a whole number");
  }
  return out;
}

}  // namespace carillon
