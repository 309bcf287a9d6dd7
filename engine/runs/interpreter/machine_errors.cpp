#include <algorithm>

#include "engine/base/ids.h"
#include "engine/runs/interpreter/machine.h"

namespace carillon {
namespace {

constexpr Duration kLongestBackoff{86'400'000'000};  // a day; doubling would soon mean never

/// FNV spreads badly in its low bits; this finalizer (splitmix64, Steele et al.) evens them out.
std::uint64_t spread(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
  return x ^ x >> 31;
}

Duration backoff_delay(dsl::Backoff kind, Duration base, int retry) {
  if (kind == dsl::Backoff::linear) return std::min(base * retry, kLongestBackoff);
  if (kind == dsl::Backoff::constant) return std::min(base, kLongestBackoff);
  Duration delay = base;
  for (int i = 1; i < retry && delay < kLongestBackoff; ++i) delay *= 2;
  return std::min(delay, kLongestBackoff);
}

}  // namespace

/// The innermost task fails with this error.
void RunMachine::raise(RunError error) {
  InterpreterState& s = state();
  s.next.clear();
  if (!s.frames.empty()) {
    record(s.frames.back(), StepRecord::State::failed, nullptr, &error);
    abandon(s.frames.back().task);
    s.frames.pop_back();
  }
  offer(std::move(error));
}

/// Goes outwards from the innermost frame until a `try` takes the error.
void RunMachine::offer(RunError error) {
  InterpreterState& s = state();
  while (!s.frames.empty()) {
    const dsl::Task& task = task_of(s.frames.back());
    const auto* attempt = std::get_if<dsl::TryTask>(&task.kind);
    if (attempt != nullptr && s.frames.back().phase == Frame::Phase::body &&
        offer_to(*attempt, error) == Verdict::handled)
      return;
    record(s.frames.back(), StepRecord::State::failed, nullptr, &error);
    abandon(s.frames.back().task);
    s.frames.pop_back();
  }
  finish({Terminal::Kind::failed, nullptr, std::move(error)});
}

bool RunMachine::matches(const dsl::ErrorFilter& f, const RunError& e) const {
  return (!f.type || *f.type == e.type) && (!f.status || *f.status == e.status) &&
         (!f.instance || *f.instance == e.instance) && (!f.title || *f.title == e.title) &&
         (!f.detail || *f.detail == e.detail);
}

Result<bool> RunMachine::guarded(std::optional<dsl::ExpressionIndex> when,
                                 std::optional<dsl::ExpressionIndex> except_when, const Frame& frame) {
  const View view{.frame = &frame};
  auto truth = [](const Json& v) { return !v.is_null() && v != false; };
  if (when) {
    CARILLON_TRY(Json wanted, evaluate(*when, frame.input, view));
    if (!truth(wanted)) return false;
  }
  if (except_when) {
    CARILLON_TRY(Json unwanted, evaluate(*except_when, frame.input, view));
    if (truth(unwanted)) return false;
  }
  return true;
}

RunMachine::Verdict RunMachine::offer_to(const dsl::TryTask& attempt, RunError& error) {
  Frame& frame = state().frames.back();
  if (!matches(attempt.filter, error)) return Verdict::passed;
  frame.error = error;
  auto wanted = guarded(attempt.when, attempt.except_when, frame);
  if (!wanted) {
    error = error_of(wanted.error(), frame.task);
    return Verdict::replaced;
  }
  if (!*wanted) {
    frame.error.reset();
    return Verdict::passed;
  }
  return caught(attempt, error);
}

/// Retries, handles or swallows. With a retry policy that gives no further try and no catch.do the error goes on
/// outwards.
RunMachine::Verdict RunMachine::caught(const dsl::TryTask& attempt, RunError& error) {
  InterpreterState& s = state();
  Frame& frame = s.frames.back();
  abandon(frame.task, Wait::Purpose::attempt_timeout);
  if (attempt.retry) {
    auto again = next_try(*attempt.retry, frame);
    if (!again) {
      error = error_of(again.error(), frame.task);
      return Verdict::replaced;
    }
    if (*again) {
      frame.phase = Frame::Phase::backoff;
      record(frame, StepRecord::State::retrying, nullptr, &error);
      ask(frame.task, Wait::Purpose::retry, **again);
      return Verdict::handled;
    }
    if (!attempt.handler) return Verdict::passed;
  }
  if (attempt.handler) {
    frame.phase = Frame::Phase::handler;
    descend(*attempt.handler, frame.input);
  } else {
    frame.error.reset();
    complete(Json(frame.input));
  }
  return Verdict::handled;
}

/// When the next try begins; nothing if the policy gives none.
Result<std::optional<Instant>> RunMachine::next_try(const dsl::RetryPolicy& policy, const Frame& frame) {
  const View view{.frame = &frame};
  CARILLON_TRY(const bool wanted, guarded(policy.when, policy.except_when, frame));
  if (!wanted || (policy.attempt_count && frame.attempt > *policy.attempt_count)) return std::optional<Instant>();
  CARILLON_TRY(const Duration base, evaluate(policy.delay, frame.input, view));
  Duration delay = backoff_delay(policy.backoff, base, frame.attempt);
  if (policy.jitter) {
    CARILLON_TRY(const Duration from, evaluate(policy.jitter->first, frame.input, view));
    CARILLON_TRY(const Duration to, evaluate(policy.jitter->second, frame.input, view));
    const std::uint64_t hash = spread(fnv1a(state().run_key + ":" + frame.task + ":" + std::to_string(frame.attempt)));
    delay +=
        from +
        Duration{to > from ? static_cast<std::int64_t>(hash % static_cast<std::uint64_t>((to - from).count() + 1)) : 0};
  }
  if (policy.duration) {
    CARILLON_TRY(const Duration total, evaluate(*policy.duration, frame.input, view));
    if (now_ + delay > frame.started + total) return std::optional<Instant>();
  }
  return std::optional<Instant>(now_ + delay);
}

void RunMachine::start_attempt(const dsl::TryTask& attempt) {
  InterpreterState& s = state();
  Frame& frame = s.frames.back();
  frame.phase = Frame::Phase::body;
  // A retry repeats the same work, so the calls in it count as the same visits and keep their idempotency keys.
  s.visits = frame.visits_before;
  if (attempt.retry && attempt.retry->attempt_duration) {
    auto limit = evaluate(*attempt.retry->attempt_duration, frame.input, View{.frame = &frame});
    if (!limit) return raise(error_of(limit.error(), frame.task));
    ask(frame.task, Wait::Purpose::attempt_timeout, now_ + *limit);
  }
  descend(attempt.body, frame.input);
}

void RunMachine::raise_task(const dsl::RaiseTask& task) {
  const Frame& frame = state().frames.back();
  auto value = evaluate(task.error, frame.input, View{.frame = &frame});
  if (!value) return raise(error_of(value.error(), frame.task));
  auto text = [&](const char* name) {
    return value->contains(name) && (*value)[name].is_string() ? (*value)[name].get<std::string>() : std::string();
  };
  const Json& given = (*value)["status"];
  const std::int64_t status = given.is_number_integer() ? given.get<std::int64_t>() : 0;
  RunError error{text("type"), status >= 100 && status <= 599 ? static_cast<int>(status) : 0, text("title"),
                 text("detail"), frame.task};
  if (error.type.empty() || error.status == 0)
    error = {std::string(error_type::kExpression), 400, "Not an error",
             "The error to raise needs a type (a text) and a status from 100 to 599; got " +
                 shorten(value->dump(), 200) + ".",
             frame.task};
  raise(std::move(error));
}

}  // namespace carillon
