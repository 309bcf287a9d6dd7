#include "engine/workflows/definition/reader.h"

namespace carillon {

dsl::RetryPolicy DefinitionReader::retry_policy(const Json& v, const std::string& pointer) {
  dsl::RetryPolicy out;
  if (!object(v, pointer, {"when", "exceptWhen", "delay", "backoff", "limit", "jitter"})) return out;
  out.when = condition(v, pointer, "when");
  out.except_when = condition(v, pointer, "exceptWhen");
  if (const Json* delay = member(v, "delay")) out.delay = duration(*delay, pointer + "/delay");
  if (const Json* backoff = member(v, "backoff")) {
    const std::string at = pointer + "/backoff";
    if (object(*backoff, at, {"constant", "linear", "exponential"})) {
      if (backoff->size() != 1)
        problem(at, "BAD_VALUE", "a backoff is one of constant, linear and exponential",
                "Write for example {\"exponential\": {}}.");
      for (const auto& [kind, parameters] : backoff->items()) object(parameters, pointer_append(at, kind), {});
      out.backoff = backoff->contains("exponential") ? dsl::Backoff::exponential
                    : backoff->contains("linear")    ? dsl::Backoff::linear
                                                     : dsl::Backoff::constant;
    }
  }
  if (const Json* limit = member(v, "limit")) retry_limit(*limit, pointer + "/limit", out);
  if (const Json* jitter = member(v, "jitter")) {
    const std::string at = pointer + "/jitter";
    if (object(*jitter, at, {"from", "to"}, {}, {"from", "to"}) && jitter->contains("from") && jitter->contains("to")) {
      out.jitter.emplace(duration((*jitter)["from"], at + "/from"), duration((*jitter)["to"], at + "/to"));
      if (!out.jitter->first.expression && !out.jitter->second.expression &&
          out.jitter->first.fixed > out.jitter->second.fixed)
        problem(at, "BAD_VALUE", "the jitter's \"from\" is longer than its \"to\"", "Swap them.");
    }
  }
  return out;
}

void DefinitionReader::retry_limit(const Json& v, const std::string& pointer, dsl::RetryPolicy& out) {
  if (!object(v, pointer, {"attempt", "duration"})) return;
  if (const Json* total = member(v, "duration")) out.duration = duration(*total, pointer + "/duration");
  const Json* attempt = member(v, "attempt");
  const std::string at = pointer + "/attempt";
  if (attempt == nullptr || !object(*attempt, at, {"count", "duration"})) return;
  if (const Json* each = member(*attempt, "duration")) out.attempt_duration = duration(*each, at + "/duration");
  if (const Json* count = member(*attempt, "count")) {
    if (count->is_number_integer() && count->get<std::int64_t>() >= 0 && count->get<std::int64_t>() <= 1'000)
      out.attempt_count = count->get<int>();
    else
      problem(at + "/count", "BAD_VALUE", "the count of retries is a whole number from 0 to 1000",
              "Write for example 5.");
  }
}

}  // namespace carillon
