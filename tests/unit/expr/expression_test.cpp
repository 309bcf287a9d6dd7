#include "engine/expr/expression.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "engine/expr/analysis.h"
#include "engine/expr/jq_machine.h"

using namespace carillon;

namespace {

struct Given final : ExpressionVariables {
  Json values = Json::object();
  Json variable(std::string_view name) const override { return values.value(std::string(name), Json()); }
  Instant now() const override { return Instant::from_seconds(1'800'000'000); }
};

std::shared_ptr<const ExpressionSet> compile_all(const std::vector<std::string>& texts,
                                                 std::vector<ExpressionProblem>& problems,
                                                 ExpressionOptions options = {}) {
  std::vector<ExpressionSource> sources;
  for (std::size_t i = 0; i < texts.size(); ++i) sources.push_back({"/e/" + std::to_string(i), texts[i], {}});
  return ExpressionSet::compile(sources, options, problems);
}

/// The result as text; "!REASON" for an error, "?message" for one that does not compile.
std::string eval(const std::string& text, const Json& dot = nullptr, const Json& values = Json::object(),
                 ExpressionOptions options = {}) {
  std::vector<ExpressionProblem> problems;
  auto set = compile_all({text}, problems, options);
  if (!set) return "?" + problems.at(0).message;
  Given given;
  given.values = values;
  auto result = set->evaluate(0, dot, given);
  return result ? dump_json(*result) : "!" + result.error().reason;
}

}  // namespace

TEST(Expression, EvaluatesJqOverInputAndVariables) {
  EXPECT_EQ(eval(".a + 1", {{"a", 2}}), "3");
  EXPECT_EQ(eval("$context.x * .a", {{"a", 2}}, {{"context", {{"x", 21}}}}), "42");
  EXPECT_EQ(eval("\"Hello \\(.name | ascii_upcase)\" # greeting", {{"name", "ann"}}), R"("Hello ANN")");
  EXPECT_EQ(eval("reduce .[] as $x (0; . + $x)", {1, 2, 3}), "6");
  EXPECT_EQ(eval("[.[] | select(. > 1)] | map(. / 2)", {1, 2, 3}), "[1,1.5]");
  EXPECT_EQ(eval("{a, \"b\": [1, null, true], (\"c\" + \"d\"): 1.5e300}", {{"a", "ü"}}),
            R"({"a":"ü","b":[1,null,true],"cd":1.5e+300})");
  EXPECT_EQ(eval("def f(x): x + 1; f(.)", 1), "2");
  EXPECT_EQ(eval("empty"), "null");
  EXPECT_EQ(eval("now"), "1800000000");
}

TEST(Expression, AnswersPlainPathsAsJqDoesButWithoutIt) {
  std::vector<ExpressionProblem> problems;
  auto set = compile_all({".", ".a.b", "$input.x", ".a .b"}, problems);
  ASSERT_TRUE(set);
  EXPECT_FALSE(set->uses_jq());
  for (const Json& dot :
       {Json{{"a", {{"b", 7}}}}, Json{{"a", nullptr}}, Json{{"a", 5}}, Json{1}, Json("s"), Json(true), Json()}) {
    for (const char* path : {".", ".a", ".a.b"})
      EXPECT_EQ(eval(path, dot), eval(std::string(path) + " | .", dot)) << path << " of " << dot;
  }
  EXPECT_EQ(eval(".id", {{"id", 9007199254740993}}), "9007199254740993");
  EXPECT_EQ(eval("$nothing.x"), "?$nothing is not defined");
}

TEST(Expression, KeepsManyApartByIndex) {
  std::vector<std::string> texts;
  for (int i = 0; i < 37; ++i) texts.push_back(i % 5 == 0 ? ".a" : ". as $x | $x.a + " + std::to_string(i));
  std::vector<ExpressionProblem> problems;
  auto set = compile_all(texts, problems);
  ASSERT_TRUE(set);
  Given given;
  for (int i = 0; i < 37; ++i)
    EXPECT_EQ(*set->evaluate(static_cast<std::size_t>(i), {{"a", 1000}}, given), i % 5 == 0 ? 1000 : 1000 + i);
}

TEST(Expression, NamesEveryOffenderOfASet) {
  std::vector<ExpressionProblem> problems;
  auto set = compile_all(
      {".a + 1", ".a |", "foo(1)", "\n\n . + $nope", ".b | length", "if . then 1", ".[", "env", "1 +\n\n* 2"},
      problems);
  EXPECT_FALSE(set);
  std::map<std::size_t, std::string> by_index;
  for (const auto& p : problems) by_index[p.index] = p.message;
  EXPECT_EQ(by_index.size(), 7u);
  EXPECT_NE(by_index[1].find("syntax error"), std::string::npos) << by_index[1];
  EXPECT_EQ(by_index[2], "foo/1 is not defined");
  EXPECT_EQ(by_index[3], "$nope is not defined");
  EXPECT_NE(by_index[5].find("syntax error"), std::string::npos);
  EXPECT_EQ(by_index[6], "a \"[\" is not closed");
  EXPECT_EQ(by_index[7], "\"env\" is not available in expressions");
  EXPECT_NE(by_index[8].find("syntax error"), std::string::npos);
  for (const auto& p : problems) EXPECT_EQ(p.pointer, "/e/" + std::to_string(p.index));
}

TEST(Expression, SaysWhatFailedAtRunTime) {
  std::vector<ExpressionProblem> problems;
  auto set = compile_all({".a + 1"}, problems);
  Given given;
  auto result = set->evaluate(0, {{"a", {1}}}, given);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, "EXPRESSION_FAILED");
  EXPECT_EQ(result.error().field, "/e/0");
  EXPECT_NE(result.error().message.find("cannot be added"), std::string::npos);
  EXPECT_EQ(*set->evaluate(0, {{"a", 1}}, given), 2);  // usable after a failure
  EXPECT_EQ(eval("1, 2"), "!EXPRESSION_MANY");
  EXPECT_EQ(eval("1, error(\"late\")"), "!EXPRESSION_FAILED");
  EXPECT_EQ(eval("error({a: 1})"), "!EXPRESSION_FAILED");
  EXPECT_EQ(eval(". + 0", 9007199254740993), "!EXPRESSION_NUMBER_RANGE");
  EXPECT_EQ(eval("\"\\u0000\""), "!EXPRESSION_NUL");
  EXPECT_EQ(eval("reduce range(200) as $i (0; [.])"), "!EXPRESSION_TOO_LARGE");
  EXPECT_EQ(eval("infinite"), "1.7976931348623157e+308");
  EXPECT_EQ(eval("nan"), "null");
}

TEST(Expression, HoldsTheSizeLimitsBothWays) {
  ExpressionOptions small{.max_bytes = 1000};
  EXPECT_EQ(eval(". | length", std::string(2000, 'x'), {}, small), "!EXPRESSION_TOO_LARGE");
  EXPECT_EQ(eval("$input | length", nullptr, {{"input", std::string(2000, 'x')}}, small), "!EXPRESSION_TOO_LARGE");
  EXPECT_EQ(eval("[range(1000)]", nullptr, {}, small), "!EXPRESSION_TOO_LARGE");
  EXPECT_EQ(eval("[range(10)] | length", nullptr, {}, small), "10");
}

TEST(Expression, EndsWhatDoesNotEndByItself) {
  ExpressionOptions hasty{.time_limit = Duration{20'000}};
  EXPECT_EQ(eval("def f: f; f", nullptr, {}, hasty), "!EXPRESSION_TIME");
  EXPECT_EQ(eval("last(range(1e12))", nullptr, {}, hasty), "!EXPRESSION_TIME");
  EXPECT_EQ(eval("1, last(range(1e12))", nullptr, {}, hasty), "!EXPRESSION_TIME");
  std::vector<ExpressionProblem> problems;
  auto set = compile_all({"if . then last(range(1e12)) else 5 end"}, problems, hasty);
  Given given;
  EXPECT_EQ(set->evaluate(0, true, given).error().reason, "EXPRESSION_TIME");
  EXPECT_EQ(*set->evaluate(0, false, given), 5);  // the state recovers
}

TEST(Expression, IsSharedAmongThreads) {
  std::vector<ExpressionProblem> problems;
  auto set = compile_all({". * 2", "[range(.)] | length"}, problems);
  ASSERT_TRUE(set);
  std::atomic<int> wrong = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 6; ++t)
    threads.emplace_back([&, t] {
      Given given;
      for (int i = 0; i < 50; ++i) {
        auto a = set->evaluate(0, t * 100 + i, given);
        auto b = set->evaluate(1, i, given);
        if (!a || !b || *a != 2 * (t * 100 + i) || *b != i) ++wrong;
      }
    });
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

TEST(ExpressionSecurity, SurvivesWhatWouldTakeTheProcessDown) {
  EXPECT_EQ(eval("(\"x\" * 1000000000) | length"), "!EXPRESSION_FAILED");
  EXPECT_EQ(eval("[] | .[500000000] = 1 | length"), "!EXPRESSION_FAILED");
  EXPECT_EQ(eval("[] | .[500000000] |= 1 | length"), "!EXPRESSION_FAILED");
  EXPECT_EQ(eval("[] | .[500000000] += 1 | length"), "!EXPRESSION_FAILED");
  EXPECT_EQ(eval("[] | .[500000000] //= 1 | length"), "!EXPRESSION_FAILED");
  EXPECT_EQ(eval("[] | setpath([500000000]; 1) | length"), "!EXPRESSION_FAILED");
  EXPECT_EQ(eval("fromstream([[500000000], 1], [[500000000]])"), "!EXPRESSION_FAILED");
  EXPECT_EQ(eval("1e18 | todate"), "!EXPRESSION_FAILED");
  EXPECT_EQ(eval("1e18 | strftime(\"%Y\")"), "!EXPRESSION_FAILED");
  // Values nested very deep are freed recursively.
  const std::string deep = eval("reduce range(300000) as $i (0; [.]) | length");
  EXPECT_TRUE(deep == "1" || deep == "!EXPRESSION_TIME") << deep;
  EXPECT_EQ(eval("def f: [f]; f"), "!EXPRESSION_TIME");
}

TEST(ExpressionSecurity, LeavesTheBoundedFunctionsAsTheyAre) {
  EXPECT_EQ(eval("[(1, 2) * (3, 4)]"), "[3,6,4,8]");
  EXPECT_EQ(eval("[\"ab\" * 3, 2 * 3, {a: {b: 1}} * {a: {c: 2}}]"), R"(["ababab",6,{"a":{"b":1,"c":2}}])");
  EXPECT_EQ(eval(".a = 1 | .b[2] = 3 | .a += 1 | .c //= 5 | .b |= map(. // 0)", Json::object()),
            R"({"a":2,"b":[0,0,3],"c":5})");
  EXPECT_EQ(eval("(.a, .b) = 7 | .a |= empty", {{"a", 1}, {"b", 2}}), R"({"b":7})");
  EXPECT_EQ(eval("setpath([\"a\", 1]; 2) | del(.b)", {{"b", 1}}), R"({"a":[null,2]})");
  EXPECT_EQ(eval("[1800000000 | todate, strftime(\"%Y\"), (gmtime | mktime)]"),
            R"(["2027-01-15T08:00:00Z","2027",1800000000])");
}

TEST(ExpressionSecurity, RefusesByNameWhatReachesOutside) {
  ::setenv("CARILLON_TEST_SECRET", "leaked", 1);
  for (const char* text : {"env",
                           "env.CARILLON_TEST_SECRET",
                           "$ENV",
                           "$ENV.CARILLON_TEST_SECRET",
                           "$ ENV",
                           "$\nENV.PATH",
                           "input",
                           "[inputs]",
                           "debug",
                           ". | debug(1)",
                           "stderr",
                           "input_filename",
                           "input_line_number",
                           "get_search_list",
                           "$__prog_args",
                           "halt",
                           "halt_error",
                           "\"x\" | halt_error(1)",
                           "import \"a\" as a; 1",
                           "include \"a\"; 1",
                           "\"a\" | modulemeta",
                           "module {}; 1",
                           "get_jq_origin",
                           "get_prog_origin",
                           "\"\\(env)\"",
                           "{a: env}",
                           "{(env|tojson): 1}",
                           "[.[] | env]",
                           "@base64 \"\\($ENV)\"",
                           "{$ENV}",
                           "def env: 1; env",
                           "$secrets.x",
                           "try input catch ."}) {
    std::string result = eval(text, {{"a", 1}});
    EXPECT_EQ(result[0], '?') << text << " gave " << result;
    EXPECT_NE(result.find("is not available"), std::string::npos) << text << " gave " << result;
  }
}

TEST(ExpressionSecurity, LetsTheSameWordsBeFieldsAndKeys) {
  EXPECT_EQ(eval(".env", {{"env", 1}}), "1");
  EXPECT_EQ(eval("{env: 1, input: .input, debug}", {{"env", 1}, {"input", 2}, {"debug", 3}}),
            R"({"debug":3,"env":1,"input":2})");
  EXPECT_EQ(eval("\"env\" + \"input\""), "\"envinput\"");
  EXPECT_EQ(eval("1 # env"), "1");
}

TEST(ExpressionSecurity, MustPairItsBracketsAlone) {
  for (const char* text :
       {"1) | env | (1", "1)) as $x | $ENV | ((1", "\"a\\(1\" | env", "]", "{", "(1]", "[(])", "1 # \\\n) | env | (2",
        "\"", "\"\\\"", "\"\\(\"", "1)\n) else $ENV end | ((1", "", "  ", "# only a comment"}) {
    EXPECT_EQ(eval(text)[0], '?') << text;
  }
}

TEST(ExpressionSecurity, TheProgramHidesWhatTheTokensWouldLetThrough) {
  ::setenv("CARILLON_TEST_SECRET", "leaked", 1);
  Watchdog dog;
  const Json dot = "a";
  auto run = [&](const std::string& text) {
    std::vector<JqMachine::Complaint> complaints;
    auto machine = JqMachine::compile(jq_prelude() + " (" + text + ")", complaints);
    if (!machine) return std::string("?");
    auto result = machine->run({0, dot, {}, Instant{}}, {}, dog);
    return result ? dump_json(*result) : result.error().message;
  };
  EXPECT_EQ(run("$ENV"), "{}");
  EXPECT_EQ(run("$__prog_args"), "{}");
  for (const RefusedFunction& f : refused_functions()) {
    std::string call = std::string(f.name) + (f.arity == 1 ? "(.)" : "");
    EXPECT_NE(run(call).find("is not available in expressions"), std::string::npos) << call << " gave " << run(call);
  }
}

TEST(Expression, ReadsItsMark) {
  EXPECT_EQ(marked_expression("${ .a }"), " .a ");
  EXPECT_EQ(marked_expression("  ${.a}\n"), ".a");
  for (const char* text : {"", ".a", "${", "$}", "x ${ .a }", "${ .a } x", "$ { .a }"})
    EXPECT_FALSE(marked_expression(text)) << text;
}
