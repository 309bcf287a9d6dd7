#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/runs/interpreter/interpreter.h"

namespace carillon::testing {

inline const Instant kStart = *parse_instant("2026-11-21T04:30:00Z");

/// A program from the YAML of its body.
inline std::shared_ptr<const Program> program(const std::string& body) {
  ParseOutcome outcome = parse_definition(
      "document: {dsl: '1.0.0', namespace: test, name: sample, version: '1.0.0'}\n" + body, DefinitionFormat::yaml);
  for (const Problem& p : outcome.problems)
    ADD_FAILURE() << p.line << ":" << p.column << " " << p.pointer << " " << p.code << " " << p.message;
  return outcome.parsed ? std::make_shared<const Program>(outcome.parsed) : nullptr;
}

struct Answer {
  int status = 200;
  std::string body = "{}";
  HttpHeaders headers{{"Content-Type", "application/json"}};
  std::optional<TransportError> error{};
  Duration takes{1'000'000};
};

/// Steps a run under a virtual clock: http calls are answered by a function, timers when their time comes. With
/// `crash_everywhere` the state goes through its text, and all effects are asked for anew, before every event.
class Stepper {
 public:
  explicit Stepper(std::shared_ptr<const Program> p) : program_(std::move(p)) {}

  std::function<Answer(const HttpCall&, int)> server = [](const HttpCall&, int) {
    return Answer{};
  };  ///< call, how many before
  bool crash_everywhere = false;
  InterpreterLimits limits{};
  Json input = Json::object();
  std::string run_key = "key";

  Instant now = kStart;
  InterpreterState state;
  std::vector<StepRecord> steps;
  std::vector<HttpCall> calls;
  std::vector<EffectId> abandoned;
  std::optional<Terminal> terminal;
  int advances = 0;

  void start() { apply(Started{"run-1", run_key, input, {{"name", "carillon"}}, Duration{300'000'000}, now}); }

  /// Delivers whatever is due next; false if nothing is left to deliver.
  bool step() {
    if (terminal) return false;
    auto next = due_.end();
    for (auto it = due_.begin(); it != due_.end(); ++it)
      if (next == due_.end() || std::pair(it->second.at, it->first) < std::pair(next->second.at, next->first))
        next = it;
    if (next == due_.end()) return false;
    now = std::max(now, next->second.at);
    RunEvent event = next->second.event;
    std::visit([&](auto& e) { e.now = now; }, event);
    due_.erase(next);
    apply(event);
    return true;
  }
  const Terminal& run() {
    start();
    for (int i = 0; i < 50'000 && step(); ++i) {
    }
    if (!terminal) ADD_FAILURE() << "the run has not ended: " << state.to_json().dump();
    static const Terminal kNone;
    return terminal ? *terminal : kNone;
  }
  void apply(const RunEvent& event) {
    if (crash_everywhere && state.phase == InterpreterState::Phase::running) restart();
    Advance out = advance(*program_, std::move(state), event, limits);
    ++advances;
    state = std::move(out.state);
    for (const Effect& e : out.effects) perform(e);
    steps.insert(steps.end(), out.steps.begin(), out.steps.end());
    if (out.terminal) {
      EXPECT_FALSE(terminal) << "ended twice";
      terminal = out.terminal;
      EXPECT_TRUE(outstanding(*program_, state).empty());
    }
  }
  /// "type state attempt" per record, for short comparisons.
  std::vector<std::string> journal() const {
    std::vector<std::string> out;
    for (const StepRecord& r : steps)
      out.push_back(r.path + " " + std::string(to_string(r.state)) +
                    (r.attempt > 1 ? " #" + std::to_string(r.attempt) : ""));
    return out;
  }

 private:
  struct Due {
    Instant at;
    RunEvent event;
  };
  void perform(const Effect& e) {
    if (const auto* call = std::get_if<HttpCall>(&e)) {
      Answer a = server(*call, static_cast<int>(calls.size()));
      calls.push_back(*call);
      due_[call->id] = {now + a.takes, HttpCompleted{call->id, a.status, a.headers, a.body, a.error, {}}};
    } else if (const auto* wait = std::get_if<Wait>(&e)) {
      due_[wait->id] = {wait->until, TimerFired{wait->id, {}}};
    } else {
      abandoned.push_back(std::get<Abandon>(e).id);
      due_.erase(std::get<Abandon>(e).id);
    }
  }
  void restart() {
    auto again = InterpreterState::from_json(parse_stored_json(dump_json(state.to_json())));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->to_json(), state.to_json());
    state = std::move(*again);
    for (const Effect& e : outstanding(*program_, state)) {
      const EffectId id = std::visit([](const auto& x) { return x.id; }, e);
      if (const auto* call = std::get_if<HttpCall>(&e)) {
        auto known = std::ranges::find(calls, id, &HttpCall::id);
        ASSERT_NE(known, calls.end());
        EXPECT_EQ(*known, *call);
      }
    }
  }

  std::shared_ptr<const Program> program_;
  std::map<EffectId, Due> due_;
};

}  // namespace carillon::testing
