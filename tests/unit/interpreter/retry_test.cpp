#include "tests/unit/interpreter/harness.h"

using namespace carillon;
using namespace carillon::testing;

namespace {

std::string with_retry(const std::string& policy, const std::string& more = "") {
  return "do:\n  - t:\n      try: [{get: {call: http, with: {method: get, endpoint: 'http://x'}}}]\n      catch: "
         "{errors: {with: {status: 503}}, retry: " +
         policy + more + "}\n";
}

/// Waits between the end of a try and the begin of the next, in ms; calls take no time here.
std::vector<std::int64_t> delays(const std::string& body, int failures, const std::string& key = "key") {
  Stepper s(program(body));
  s.run_key = key;
  std::vector<Instant> begins;
  s.server = [&](const HttpCall&, int before) {
    begins.push_back(s.now);
    Answer a;
    if (before < failures) a.status = 503;
    a.takes = Duration{0};
    return a;
  };
  s.run();
  std::vector<std::int64_t> out;
  for (std::size_t i = 1; i < begins.size(); ++i) out.push_back((begins[i] - begins[i - 1]).count() / 1000);
  return out;
}

}  // namespace

TEST(Retry, BacksOffConstantlyLinearlyAndExponentially) {
  EXPECT_EQ(delays(with_retry("{delay: PT2S}"), 3), (std::vector<std::int64_t>{2000, 2000, 2000}));
  EXPECT_EQ(delays(with_retry("{delay: PT2S, backoff: {linear: {}}}"), 4),
            (std::vector<std::int64_t>{2000, 4000, 6000, 8000}));
  EXPECT_EQ(delays(with_retry("{delay: PT1S, backoff: {exponential: {}}}"), 5),
            (std::vector<std::int64_t>{1000, 2000, 4000, 8000, 16000}));
  EXPECT_EQ(delays(with_retry("{delay: '${ .d }'}"), 0), (std::vector<std::int64_t>{}));
}

TEST(Retry, JittersTheSameWayEveryTimeAndDifferentlyPerRun) {
  const std::string body = with_retry("{delay: PT1S, jitter: {from: PT0S, to: PT2S}}");
  const auto first = delays(body, 6, "run-a");
  EXPECT_EQ(first, delays(body, 6, "run-a"));
  EXPECT_NE(first, delays(body, 6, "run-b"));
  EXPECT_GT(std::set<std::int64_t>(first.begin(), first.end()).size(), 3u);
  for (auto ms : first) {
    EXPECT_GE(ms, 1000);
    EXPECT_LE(ms, 3000);
  }
}

TEST(Retry, KeepsOneIdempotencyKeyAndRecordsEachTry) {
  Stepper s(program(with_retry("{delay: PT1S}")));
  s.server = [](const HttpCall&, int before) { return Answer{.status = before < 2 ? 503 : 200}; };
  s.run();
  ASSERT_EQ(s.calls.size(), 3u);
  for (const HttpCall& c : s.calls) EXPECT_EQ(c.idempotency_key, "key:/do/0/t/try/0/get:1");
  EXPECT_EQ(s.journal(),
            (std::vector<std::string>{"/do/0/t running", "/do/0/t/try/0/get running", "/do/0/t/try/0/get failed",
                                      "/do/0/t retrying", "/do/0/t/try/0/get running #2", "/do/0/t/try/0/get failed #2",
                                      "/do/0/t retrying #2", "/do/0/t/try/0/get running #3",
                                      "/do/0/t/try/0/get succeeded #3", "/do/0/t succeeded #3"}));
}

TEST(Retry, StopsAtItsLimits) {
  Stepper s(program(with_retry("{delay: PT1S, limit: {attempt: {count: 2}}}")));
  s.server = [](const HttpCall&, int) { return Answer{.status = 503}; };
  EXPECT_EQ(to_string(s.run().kind), "failed");
  EXPECT_EQ(s.calls.size(), 3u);  // the first try and two retries
  EXPECT_EQ(s.terminal->error->status, 503);
  Stepper timed(program(with_retry("{delay: PT10S, limit: {duration: PT25S}}")));
  timed.server = [](const HttpCall&, int) { return Answer{.status = 503}; };
  timed.run();
  EXPECT_EQ(timed.calls.size(), 3u);
  Stepper guarded(
      program(with_retry("{delay: PT1S, when: '$error.status == 503 and .go', limit: {attempt: {count: 9}}}")));
  guarded.server = [](const HttpCall&, int) { return Answer{.status = 503}; };
  guarded.run();
  EXPECT_EQ(guarded.calls.size(), 1u);
}

TEST(Retry, EndsATryThatTakesTooLong) {
  Stepper s(
      program("do:\n  - t:\n      try: [{get: {call: http, with: {method: get, endpoint: 'http://x'}}}]\n"
              "      catch: {errors: {with: {type: 'https://serverlessworkflow.io/spec/1.0.0/errors/timeout'}}, retry: "
              "{delay: PT1S, limit: {attempt: {count: 3, duration: PT5S}}}}\n"));
  s.server = [](const HttpCall&, int before) { return Answer{.takes = Duration{before < 2 ? 60'000'000 : 1'000'000}}; };
  EXPECT_EQ(to_string(s.run().kind), "succeeded");
  EXPECT_EQ(s.calls.size(), 3u);
  EXPECT_EQ(s.now - kStart, Duration{13'000'000});
  EXPECT_GE(s.abandoned.size(), 2u);
}

TEST(Catch, FiltersGuardsAndHandles) {
  auto run = [](const std::string& handler) {
    Stepper s(program(
        "do:\n  - t:\n      try: [{a: {raise: {error: {type: 'urn:x', status: 409, title: Clash}}}}]\n      catch: " +
        handler + "\n  - after: {set: {got: '${ . }'}}\n"));
    s.input = {{"n", 1}};
    const Terminal& t = s.run();
    return t.error ? "!" + t.error->type : dump_json(t.output);
  };
  EXPECT_EQ(run("{}"), R"({"got":{"n":1}})");
  EXPECT_EQ(run("{do: [{h: {set: {why: '${ $error.title + $error.instance }'}}}]}"),
            R"({"got":{"why":"Clash/do/0/t/try/0/a"}})");
  EXPECT_EQ(run("{as: e, do: [{h: {set: {status: '${ $e.status }'}}}]}"), R"({"got":{"status":409}})");
  EXPECT_EQ(run("{errors: {with: {status: 409, type: 'urn:x'}}}"), R"({"got":{"n":1}})");
  EXPECT_EQ(run("{errors: {with: {status: 410}}}"), "!urn:x");
  EXPECT_EQ(run("{errors: {with: {title: Other}}}"), "!urn:x");
  EXPECT_EQ(run("{when: $error.status > 500}"), "!urn:x");
  EXPECT_EQ(run("{exceptWhen: $error.status == 409}"), "!urn:x");
  EXPECT_EQ(run("{when: '$error.status / {}'}"), "!" + std::string(error_type::kExpression));
  EXPECT_EQ(run("{do: [{h: {raise: {error: {type: 'urn:y', status: 500}}}}]}"), "!urn:y");
}

TEST(Catch, PassesOutwardsToTheTryThatWantsIt) {
  Stepper s(
      program("do:\n  - outer:\n      try:\n        - inner:\n            try: [{d: {do: [{a: {raise: {error: {type: "
              "'urn:x', status: 409}}}}]}}]\n            catch: {errors: {with: {status: 1}}}\n"
              "      catch: {as: o, do: [{h: {set: {from: '${ $o.instance }'}}}]}\n"));
  EXPECT_EQ(s.run().output, (Json{{"from", "/do/0/outer/try/0/inner/try/0/d/do/0/a"}}));
  EXPECT_EQ(s.journal(),
            (std::vector<std::string>{
                "/do/0/outer running", "/do/0/outer/try/0/inner running", "/do/0/outer/try/0/inner/try/0/d running",
                "/do/0/outer/try/0/inner/try/0/d/do/0/a failed", "/do/0/outer/try/0/inner/try/0/d failed",
                "/do/0/outer/try/0/inner failed", "/do/0/outer/catch/do/0/h succeeded", "/do/0/outer succeeded"}));
}

TEST(Timeout, EndsATaskAndCanBeCaught) {
  Stepper s(program("do:\n  - slow: {timeout: {after: PT5S}, do: [{w: {wait: PT1H}}]}\n"));
  EXPECT_EQ(s.run().error->type, error_type::kTimeout);
  EXPECT_EQ(s.terminal->error->instance, "/do/0/slow");
  EXPECT_EQ(to_string(s.terminal->kind), "failed");
  EXPECT_EQ(s.now - kStart, Duration{5'000'000});
  Stepper caught(
      program("do:\n  - t:\n      try: [{slow: {timeout: {after: '${ .limit }'}, wait: PT1H}}]\n      catch: {do: [{h: "
              "{set: {status: '${ $error.status }'}}}]}\n"));
  caught.input = {{"limit", "PT2S"}};
  EXPECT_EQ(caught.run().output, (Json{{"status", 408}}));
}

TEST(Timeout, EndsTheRunUncaught) {
  Stepper s(program("timeout: {after: PT10S}\ndo:\n  - t:\n      try: [{w: {wait: PT1H}}]\n      catch: {}\n"));
  EXPECT_EQ(to_string(s.run().kind), "timed_out");
  EXPECT_EQ(s.now - kStart, Duration{10'000'000});
  Stepper standard(program("do:\n  - w: {wait: PT1H}\n"));
  EXPECT_EQ(to_string(standard.run().kind), "timed_out");
  EXPECT_EQ(standard.now - kStart, Duration{300'000'000});
}

TEST(Timeout, IsForgottenWhenTheTaskEnds) {
  Stepper s(program("do:\n  - a: {timeout: {after: PT5S}, wait: PT1S}\n  - b: {wait: PT1M}\n"));
  EXPECT_EQ(to_string(s.run().kind), "succeeded");
  EXPECT_EQ(s.now - kStart, Duration{61'000'000});
}
