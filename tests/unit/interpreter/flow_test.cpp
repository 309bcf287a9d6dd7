#include "tests/unit/interpreter/harness.h"

using namespace carillon;
using namespace carillon::testing;

namespace {

Json output_of(const std::string& body, const Json& input = Json::object()) {
  Stepper s(program(body));
  s.input = input;
  const Terminal& t = s.run();
  EXPECT_EQ(to_string(t.kind), "succeeded") << (t.error ? t.error->to_json().dump() : "");
  return t.output;
}

RunError error_of(const std::string& body, const Json& input = Json::object()) {
  Stepper s(program(body));
  s.input = input;
  const Terminal& t = s.run();
  EXPECT_EQ(to_string(t.kind), "failed");
  return t.error.value_or(RunError{});
}

}  // namespace

TEST(Flow, SetsTransformsAndExports) {
  EXPECT_EQ(output_of("input: {from: .order}\ndo:\n  - a: {set: {id: '${ .id + 1 }', fixed: [1, {x: y}]}, export: {as: "
                      "'${ {seen: .id} }'}}\n"
                      "  - b: {set: {from_context: '${ $context.seen }', input: '${ $input }', task: '${ $task.name + "
                      "$task.reference }'}, output: {as: '${ . + {out: true} }'}}\n"
                      "output: {as: '${ {result: ., run: $workflow.id, name: $workflow.definition.document.name} }'}\n",
                      {{"order", {{"id", 4}}}}),
            (Json{{"run", "run-1"},
                  {"name", "sample"},
                  {"result",
                   {{"from_context", 5},
                    {"input", {{"fixed", {1, {{"x", "y"}}}}, {"id", 5}}},
                    {"task", "b/do/1/b"},
                    {"out", true}}}}));
}

TEST(Flow, NestsListsAndPassesDataThrough) {
  EXPECT_EQ(output_of("do:\n  - outer:\n      input: {from: .a}\n      do:\n        - one: {set: {n: '${ .n + 1 }'}}\n "
                      "       - two: {set: {n: '${ .n * 10 }'}}\n      output: {as: '${ {wrapped: .} }'}\n"
                      "  - last: {set: {got: '${ .wrapped.n }'}}\n",
                      {{"a", {{"n", 1}}}}),
            (Json{{"got", 20}}));
}

TEST(Flow, SkipsAndJumps) {
  Stepper s(
      program("do:\n  - a: {if: .go == true, set: {a: 1}}\n  - b: {set: {b: 1}, then: d}\n  - c: {set: {c: 1}}\n  - d: "
              "{do: [{x: {set: {d: 1}, then: exit}}, {y: {set: {y: 1}}}]}\n  - e: {set: '${ . + {e: 1} }', then: "
              "end}\n  - f: {set: {f: 1}}\n"));
  EXPECT_EQ(s.run().output, (Json{{"d", 1}, {"e", 1}}));
  EXPECT_EQ(s.journal(),
            (std::vector<std::string>{"/do/0/a skipped", "/do/1/b succeeded", "/do/3/d running",
                                      "/do/3/d/do/0/x succeeded", "/do/3/d succeeded", "/do/4/e succeeded"}));
  EXPECT_EQ(output_of("do:\n  - a: {do: [{x: {set: {x: 1}, then: end}}]}\n  - b: {set: {b: 1}}\n"), (Json{{"x", 1}}));
}

TEST(Flow, WaitsForFixedAndComputedTimes) {
  Stepper s(
      program("do:\n  - a: {wait: {minutes: 1}}\n  - b: {wait: '${ .pause }'}\n  - c: {set: {at: '${ now }'}}\n"));
  s.input = {{"pause", "PT30S"}};
  const Terminal& t = s.run();
  EXPECT_EQ(s.now - kStart, Duration{90'000'000});
  EXPECT_EQ(t.output, (Json{{"at", kStart.seconds() + 90}}));
  RunError e = error_of("do:\n  - b: {wait: '${ .pause }'}\n", {{"pause", "soon"}});
  EXPECT_EQ(e.type, error_type::kExpression);
  EXPECT_NE(e.detail.find("soon"), std::string::npos);
}

TEST(Flow, RaisesInlineReferencedAndComputedErrors) {
  RunError e = error_of(
      "use: {errors: {broken: {type: https://example.com/broken, status: 418, title: Broken, detail: '${ .why "
      "}'}}}\ndo:\n  - a: {raise: {error: broken}}\n",
      {{"why", "tea"}});
  EXPECT_EQ(e, (RunError{"https://example.com/broken", 418, "Broken", "tea", "/do/0/a"}));
  e = error_of("do:\n  - a: {raise: {error: {type: x, status: '${ .s }'}}}\n", {{"s", "no"}});
  EXPECT_EQ(e.type, error_type::kExpression);
}

TEST(Flow, TurnsABadExpressionIntoAnExpressionError) {
  RunError e = error_of("do:\n  - a: {set: {x: '${ .n + 1 }'}}\n", {{"n", {1}}});
  EXPECT_EQ(e.type, error_type::kExpression);
  EXPECT_EQ(e.status, 400);
  EXPECT_EQ(e.instance, "/do/0/a");
  EXPECT_NE(e.detail.find("/do/0/a/set/x"), std::string::npos) << e.detail;
  EXPECT_EQ(error_of("do:\n  - a: {set: {x: 1}}\noutput: {as: '${ .x.y.z }'}\n").instance, "/output/as");
  EXPECT_EQ(error_of("input: {from: .a.b}\ndo:\n  - a: {set: {x: 1}}\n", {{"a", 1}}).instance, "/input/from");
}

TEST(Flow, EndsACircleWithoutSpinning) {
  Stepper s(program("do:\n  - a: {set: {x: 1}}\n  - b: {set: {x: 2}, then: a}\n"));
  const Terminal& t = s.run();
  EXPECT_EQ(to_string(t.kind), "failed");
  EXPECT_EQ(t.error->title, "Too many steps");
  EXPECT_EQ(s.state.steps, 10'000u);
  EXPECT_GE(s.advances, 10);  // it yielded in between
  EXPECT_EQ(s.now, kStart);
}

TEST(Flow, KeepsOutputsAndJournalWithinTheirSizes) {
  Stepper s(program("do:\n  - a: {set: {x: '${ .x + \"\" }'}}\n"));
  s.limits.journal_bytes = 100;
  s.input = {{"x", std::string(500, 'y')}};
  s.run();
  EXPECT_EQ(s.steps.at(0).output.at("truncated"), true);
  EXPECT_GT(s.steps.at(0).input.at("bytes").get<int>(), 500);
  Stepper over(program("do:\n  - a: {set: {x: '${ .x }', y: '${ .x }'}}\n"));
  over.limits.data_bytes = 800;
  over.input = {{"x", std::string(500, 'y')}};
  EXPECT_EQ(over.run().error->title, "Output too large");
}

TEST(Flow, IgnoresEventsThatAnswerNothing) {
  auto p = program("do:\n  - a: {wait: PT1S}\n");
  Stepper s(p);
  s.start();
  const Json before = s.state.to_json();
  s.apply(HttpCompleted{99, 200, {}, "", std::nullopt, s.now});
  s.apply(TimerFired{98, s.now});
  s.apply(Started{"again", "again", 1, 1, Duration{1}, s.now});
  EXPECT_EQ(s.state.to_json(), before);
  while (s.step()) {
  }
  const Json after = s.state.to_json();
  s.apply(CancelRequested{"late", s.now});
  s.apply(TimerFired{1, s.now});
  EXPECT_EQ(s.state.to_json(), after);
}

TEST(Flow, WhatIsCancelledBeforeItBeginsDoesNothing) {
  Stepper s(program("do:\n  - a: {call: http, with: {method: get, endpoint: 'http://x'}}\n"));
  s.apply(CancelRequested{"not needed", s.now});
  ASSERT_TRUE(s.terminal);
  EXPECT_EQ(to_string(s.terminal->kind), "cancelled");
  EXPECT_TRUE(s.journal().empty());
  EXPECT_TRUE(s.state.pending.empty());
}

TEST(Flow, CancelsWhereverItStands) {
  Stepper s(program("do:\n  - outer: {do: [{a: {call: http, with: {method: get, endpoint: 'http://x'}}}]}\n"));
  s.start();
  s.apply(CancelRequested{"not needed", s.now});
  ASSERT_TRUE(s.terminal);
  EXPECT_EQ(to_string(s.terminal->kind), "cancelled");
  EXPECT_EQ(s.terminal->error->detail, "not needed");
  EXPECT_EQ(s.abandoned.size(), 2u);  // the call and the run's timeout
  EXPECT_EQ(s.journal(), (std::vector<std::string>{"/do/0/outer running", "/do/0/outer/do/0/a running",
                                                   "/do/0/outer/do/0/a cancelled", "/do/0/outer cancelled"}));
}
