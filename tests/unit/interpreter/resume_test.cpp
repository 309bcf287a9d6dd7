#include "tests/unit/interpreter/harness.h"

using namespace carillon;
using namespace carillon::testing;

namespace {

const char* kBusy = R"(
timeout: {after: PT2M}
input: {from: .order}
do:
  - prepare: {set: {id: '${ .id }', n: 0}, export: {as: '${ {n: 0, id: .id} }'}}
  - loop:
      timeout: {after: PT1M}
      do:
        - guarded:
            try:
              - call: {call: http, with: {method: post, endpoint: 'http://x/{id}', body: {n: '${ $context.n }'}}, output: {as: '${ {id: $context.id, got: .} }'}}
              - pause: {wait: PT1S}
            catch:
              as: e
              errors: {with: {status: 503}}
              retry: {delay: PT1S, backoff: {linear: {}}, jitter: {from: PT0S, to: PT1S}, limit: {attempt: {count: 2, duration: PT10S}}}
              do: [{note: {set: {failed: '${ $e.status }', id: '${ $context.id }'}}}, {rest: {wait: PT1S}}]
        - count: {set: {id: '${ .id }', last: '${ . }'}, export: {as: '${ $context + {n: ($context.n + 1)} }'}}
  - again: {if: $context.n < 3, set: '${ . }', then: loop}
output: {as: '${ {n: $context.n, last: .last} }'}
)";

Answer moody(const HttpCall&, int before) {
  return Answer{.status = before % 4 == 3 ? 200 : 503, .body = "{\"n\":" + std::to_string(before) + "}"};
}

struct Told {
  std::string outcome;
  std::vector<std::string> keys;
  std::vector<std::string> journal;
  Instant end;
  bool operator==(const Told&) const = default;
};

Told tell(const std::string& body, bool crash, const std::function<Answer(const HttpCall&, int)>& server) {
  Stepper s(program(body));
  s.server = server;
  s.crash_everywhere = crash;
  s.input = {{"order", {{"id", "o-1"}}}};
  const Terminal& t = s.run();
  Told told{std::string(to_string(t.kind)) + " " + dump_json(t.output) + (t.error ? t.error->to_json().dump() : ""),
            {},
            s.journal(),
            s.now};
  for (const HttpCall& c : s.calls) told.keys.push_back(c.idempotency_key + " " + c.body);
  return told;
}

}  // namespace

TEST(Resume, ACrashAtEveryBoundaryChangesNothing) {
  auto good = [](const HttpCall&, int) { return Answer{}; };
  auto bad = [](const HttpCall&, int) { return Answer{.status = 500}; };
  auto slow = [](const HttpCall&, int) { return Answer{.takes = Duration{30'000'000}}; };
  for (const auto& server : std::vector<std::function<Answer(const HttpCall&, int)>>{moody, good, bad, slow}) {
    const Told straight = tell(kBusy, false, server);
    EXPECT_EQ(straight, tell(kBusy, true, server));
    EXPECT_FALSE(straight.keys.empty());
  }
  EXPECT_TRUE(tell(kBusy, false, moody).outcome.starts_with("succeeded")) << tell(kBusy, false, moody).outcome;
}

TEST(Resume, GivesTheSameAdvanceForTheSameStateAndEvent) {
  auto p = program(kBusy);
  Stepper s(p);
  s.server = moody;
  s.input = {{"order", {{"id", "o-1"}}}};
  s.start();
  const Json before = s.state.to_json();
  const auto waiting = outstanding(*p, s.state);
  ASSERT_FALSE(waiting.empty());
  for (const Effect& e : waiting) {
    const auto* call = std::get_if<HttpCall>(&e);
    if (call == nullptr) continue;
    const HttpCompleted done{call->id, 503, {}, "x", std::nullopt, s.now};
    Advance a = advance(*p, *InterpreterState::from_json(before), done);
    Advance b = advance(*p, *InterpreterState::from_json(before), done);
    EXPECT_EQ(a.state.to_json(), b.state.to_json());
    EXPECT_EQ(a.effects.size(), b.effects.size());
  }
}

TEST(Resume, AYieldSurvivesACrash) {
  Stepper s(program("do:\n  - a: {set: {n: '${ .n + 1 }'}}\n  - b: {if: .n < 40, set: '${ . }', then: a}\n"));
  s.limits.steps_per_advance = 7;
  s.crash_everywhere = true;
  s.input = {{"n", 0}};
  EXPECT_EQ(s.run().output, (Json{{"n", 40}}));
  EXPECT_GT(s.advances, 10);
}

TEST(Resume, RefusesAStateItDidNotWrite) {
  for (const Json& bad : {Json(), Json::object(), Json{{"ph", 1}}, Json{{"ph", "x"}}}) {
    auto state = InterpreterState::from_json(bad);
    ASSERT_FALSE(state);
    EXPECT_EQ(state.error().reason, "RUN_STATE_UNREADABLE");
  }
}

TEST(Resume, FailsCleanlyWhenTheTaskIsGone) {
  Stepper s(program("do:\n  - a: {set: {}}\n"));
  s.state.phase = InterpreterState::Phase::running;
  s.state.next = "/do/9/gone";
  s.state.pending.push_back({"", Wait{1, kStart, Wait::Purpose::yield}});
  s.apply(TimerFired{1, kStart});
  ASSERT_TRUE(s.terminal);
  EXPECT_EQ(s.terminal->error->type, error_type::kRuntime);
}

TEST(Resume, KeepsItsStateSmall) {
  Stepper s(program(kBusy));
  s.server = moody;
  s.input = {{"order", {{"id", "o-1"}}}};
  s.start();
  EXPECT_LT(dump_json(s.state.to_json()).size(), 2'000u) << s.state.to_json().dump();
  EXPECT_TRUE(s.state.awaits_http());
  EXPECT_EQ(s.state.next_due(), kStart + Duration{10'000'000});
}
