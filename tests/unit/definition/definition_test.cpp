#include "engine/workflows/definition/definition.h"

#include <gtest/gtest.h>

using namespace carillon;

namespace {

const std::string kHead = "document: {dsl: '1.0.0', namespace: test, name: sample, version: '1.0.0'}\n";

ParseOutcome yaml(const std::string& text) {
  return parse_definition(kHead + text, DefinitionFormat::yaml);
}

/// "CODE pointer line:column" of every problem.
std::vector<std::string> refusals(const std::string& text) {
  std::vector<std::string> out;
  ParseOutcome outcome = yaml(text);
  EXPECT_EQ(outcome.parsed == nullptr, !outcome.problems.empty());
  for (const Problem& p : outcome.problems) {
    out.push_back(p.code + " " + p.pointer + " " + std::to_string(p.line) + ":" + std::to_string(p.column));
    EXPECT_FALSE(p.message.empty());
    EXPECT_FALSE(p.remedy.empty());
  }
  return out;
}

using Refusals = std::vector<std::string>;

const char* kEverything = R"(
input:
  schema: {format: json, document: {type: object}}
  from: .order
use:
  retries:
    gently: {delay: PT1S, backoff: {exponential: {}}, limit: {attempt: {count: 3, duration: PT10S}, duration: PT1M}, jitter: {from: PT0S, to: {milliseconds: 500}}}
  errors:
    broken: {type: https://example.com/errors/broken, status: 500, title: Broken}
  timeouts:
    short: {after: {seconds: 5}}
timeout: {after: PT10M}
do:
  - prepare:
      set: {id: "${ .id }", list: [1, "${ .n }"], constant: text}
      export: {as: "$context + {id: .id}"}
      metadata: {color: red}
  - fetch:
      if: .id != null
      try:
        - get:
            call: http
            with:
              method: get
              endpoint: {uri: "https://example.com/orders/{id}"}
              headers: {X-Id: "${ .id }"}
              query: {page: 1}
              output: response
            timeout: short
      catch:
        errors: {with: {status: 503}}
        as: problem
        when: $problem.status == 503
        retry: gently
        do:
          - note: {set: {failed: "${ $problem.title }"}}
      output: {as: .content}
  - pause:
      wait: {seconds: 1}
      then: finish
  - group:
      do:
        - fail: {raise: {error: broken}}
      input: {from: "${ {a: 1} }"}
  - finish:
      set: ${ $context }
      then: end
output: {as: "{result: .}"}
)";

}  // namespace

TEST(Definition, ReadsEverythingItRuns) {
  ParseOutcome outcome = yaml(kEverything);
  for (const Problem& p : outcome.problems)
    ADD_FAILURE() << p.line << ":" << p.column << " " << p.pointer << " " << p.code << " " << p.message;
  ASSERT_TRUE(outcome.parsed);
  const dsl::Definition& d = outcome.parsed->definition;
  EXPECT_EQ(d.name, "sample");
  EXPECT_EQ(d.name_space, "test");
  EXPECT_EQ(*d.input_schema, (Json{{"type", "object"}}));
  EXPECT_EQ(d.timeout->fixed, Duration{600'000'000});
  ASSERT_EQ(d.tasks.size(), 5u);
  std::vector<std::string> types;
  for (const auto& t : d.tasks) types.emplace_back(dsl::task_type(t));
  EXPECT_EQ(types, (std::vector<std::string>{"set", "try", "wait", "do", "set"}));
  EXPECT_EQ(std::get<dsl::SetTask>(d.tasks[0].kind).value.slots.size(), 2u);
  const auto& attempt = std::get<dsl::TryTask>(d.tasks[1].kind);
  EXPECT_EQ(attempt.as, "problem");
  EXPECT_EQ(attempt.retry->attempt_count, 3);
  EXPECT_EQ(attempt.retry->backoff, dsl::Backoff::exponential);
  EXPECT_EQ(attempt.retry->jitter->second.fixed, Duration{500'000});
  EXPECT_EQ(attempt.filter.status, 503);
  const auto& get = attempt.body.at(0);
  EXPECT_EQ(get.pointer, "/do/1/fetch/try/0/get");
  EXPECT_EQ(dsl::task_type(get), "call:http");
  EXPECT_EQ(get.timeout->fixed, Duration{5'000'000});
  EXPECT_EQ(d.tasks[2].then.kind, dsl::FlowDirective::Kind::task);
  EXPECT_EQ(d.tasks[2].then.task, 4u);
  EXPECT_EQ(std::get<dsl::RaiseTask>(std::get<dsl::DoTask>(d.tasks[3].kind).tasks.at(0).kind).error.literal.at("title"),
            "Broken");
}

TEST(Definition, IsTheSameFromJsonYamlAndItsCanonicalForm) {
  ParseOutcome from_yaml = yaml(kEverything);
  ASSERT_TRUE(from_yaml.parsed);
  ParseOutcome from_json = parse_definition(from_yaml.parsed->canonical.dump(2), DefinitionFormat::json);
  ParseOutcome stored = parse_definition(from_yaml.parsed->canonical);
  ASSERT_TRUE(from_json.parsed && stored.parsed);
  EXPECT_EQ(from_yaml.parsed->canonical, from_json.parsed->canonical);
  EXPECT_EQ(stored.parsed->canonical, from_json.parsed->canonical);
  EXPECT_EQ(from_yaml.parsed->expressions->size(), from_json.parsed->expressions->size());
}

TEST(Definition, StartsNoJqWithoutNeed) {
  ParseOutcome outcome = yaml("do:\n  - a: {set: {x: 1, y: '${ .a.b }'}}\n");
  ASSERT_TRUE(outcome.parsed);
  EXPECT_FALSE(outcome.parsed->expressions->uses_jq());
}

TEST(DefinitionRefusal, NamesEveryTaskThatIsNotThereYet) {
  EXPECT_EQ(refusals("do:\n  - a: {fork: {branches: []}}\n  - b: {for: {each: x, in: .}, do: []}\n  - c: {switch: []}\n"
                     "  - d: {emit: {}}\n  - e: {listen: {}}\n  - f: {run: {}}\n  - g: {call: grpc, with: {}}\n"),
            (Refusals{"UNSUPPORTED_TASK /do/0/a/fork 3:9", "UNSUPPORTED_TASK /do/1/b/for 4:9",
                      "UNSUPPORTED_TASK /do/2/c/switch 5:9", "UNSUPPORTED_TASK /do/3/d/emit 6:9",
                      "UNSUPPORTED_TASK /do/4/e/listen 7:9", "UNSUPPORTED_TASK /do/5/f/run 8:9",
                      "UNSUPPORTED_TASK /do/6/g/call 9:9"}));
  EXPECT_EQ(yaml("do:\n  - a: {fork: {}}\n").problems.at(0).message, "fork is not available yet");
  EXPECT_EQ(yaml("do:\n  - a: {call: grpc}\n").problems.at(0).message, "call: grpc is not available yet");
}

TEST(DefinitionRefusal, SendsTimeTriggersToSchedules) {
  EXPECT_EQ(
      refusals("do: [{a: {set: {}}}]\nschedule:\n  cron: 0 0 * * *\n  every: {minutes: 1}\n  after: PT1S\n  on: {}\n"),
      (Refusals{"INLINE_TRIGGER /schedule/cron 4:3", "INLINE_TRIGGER /schedule/every 5:3",
                "INLINE_TRIGGER /schedule/after 6:3", "INLINE_TRIGGER /schedule/on 7:3"}));
  const Problem p = yaml("do: [{a: {set: {}}}]\nschedule: {cron: 0 0 * * *}\n").problems.at(0);
  EXPECT_EQ(p.message, "time triggers live in schedules, not in the definition");
  EXPECT_NE(p.remedy.find("create a schedule"), std::string::npos);
}

TEST(DefinitionRefusal, NamesTheNearestFieldAndTarget) {
  ParseOutcome outcome = yaml("do:\n  - first: {set: {}, thn: second}\n  - second: {set: {}, then: frist}\n");
  ASSERT_EQ(outcome.problems.size(), 2u);
  EXPECT_EQ(outcome.problems[0].code, "UNKNOWN_FIELD");
  EXPECT_EQ(outcome.problems[0].remedy, "Did you mean \"then\"?");
  EXPECT_EQ(outcome.problems[1].code, "UNKNOWN_TARGET");
  EXPECT_EQ(outcome.problems[1].remedy, "Did you mean \"first\"?");
}

TEST(DefinitionRefusal, ReportsAllProblemsAtOnceInTheirOrder) {
  EXPECT_EQ(
      refusals("timeout: {after: P1M}\ndo:\n  - a: {set: {x: '${ .a + }'}}\n  - a: {wait: {seconds: -1}}\n  - b: {}\n"
               "  - c: {call: http, with: {method: get, endpoint: ftp://x, headers: {Host: x, \"a b\": y}}}\n"
               "  - d: {raise: {error: nope}}\n  - e: {try: [], catch: {retry: {limit: {attempt: {count: 1.5}}}}}\n"
               "  - f: {set: {t: 'Hello ${ .x }'}, if: 5}\nbogus: 1\n"),
      (Refusals{"BAD_DURATION /timeout/after 2:11", "BAD_EXPRESSION /do/0/a/set/x 4:15", "DUPLICATE_TASK /do/1/a 5:5",
                "BAD_DURATION /do/1/a/wait/seconds 5:16", "NO_TASK_KIND /do/2/b 6:5",
                "BAD_VALUE /do/3/c/with/endpoint 7:41", "BAD_VALUE /do/3/c/with/headers/Host 7:70",
                "BAD_VALUE /do/3/c/with/headers/a b 7:79", "UNKNOWN_REFERENCE /do/4/d/raise/error 8:17",
                "MISSING_FIELD /do/5/e/try 9:9", "BAD_VALUE /do/5/e/catch/retry/limit/attempt/count 9:52",
                "PARTIAL_EXPRESSION /do/6/f/set/t 10:15", "WRONG_TYPE /do/6/f/if 10:36", "UNKNOWN_FIELD /bogus 11:1"}));
}

TEST(DefinitionRefusal, ChecksTheHead) {
  auto codes = [](const std::string& text) {
    std::string out;
    for (const Problem& p : parse_definition(text, DefinitionFormat::yaml).problems)
      out += p.code + " " + p.pointer + ";";
    return out;
  };
  EXPECT_EQ(
      codes("document: {dsl: 2.0.0, namespace: Test, name: -x, version: 1.0}\ndo: [{a: {set: {}}}]"),
      "BAD_VALUE /document/dsl;BAD_VALUE /document/namespace;BAD_VALUE /document/name;WRONG_TYPE /document/version;");
  EXPECT_EQ(codes("document: {}\n"),
            "MISSING_FIELD ;MISSING_FIELD /document;MISSING_FIELD /document;MISSING_FIELD /document;MISSING_FIELD "
            "/document;");
  EXPECT_EQ(codes("[]"), "WRONG_TYPE ;");
  EXPECT_EQ(codes("a: [1"), "DOCUMENT_MALFORMED ;");
}

TEST(DefinitionRefusal, NeverIgnoresWhatItCannotRun) {
  EXPECT_EQ(
      refusals(
          "use: {secrets: [a], functions: {}}\nevaluate: {mode: loose}\ninput: {schema: {resource: {endpoint: x}}}\n"
          "do:\n  - a: {set: {}, input: {schema: {}}}\n  - b: {call: http, with: {method: get, endpoint: {uri: "
          "'http://x', authentication: {}}}}\n"),
      (Refusals{"UNSUPPORTED_FIELD /use/secrets 2:7", "UNSUPPORTED_FIELD /use/functions 2:21",
                "UNSUPPORTED_FIELD /evaluate/mode 3:12", "UNSUPPORTED_FIELD /input/schema/resource 4:18",
                "UNSUPPORTED_FIELD /do/0/a/input/schema 6:26",
                "UNSUPPORTED_FIELD /do/1/b/with/endpoint/authentication 7:69"}));
  EXPECT_EQ(refusals("do: [{a: {set: {x: '${ $ENV.HOME }', y: '${ env }'}}}]\n").size(), 2u);
  EXPECT_EQ(refusals("do: [{a: {set: {x: '${ $error.title + \"\" }'}}}]\n"),
            Refusals{"BAD_EXPRESSION /do/0/a/set/x 2:17"});
  EXPECT_EQ(refusals("input: {schema: {document: [1]}}\ndo: [{a: {set: {}}}]\n"),
            Refusals{"WRONG_TYPE /input/schema/document 2:18"});
}

TEST(DefinitionRefusal, BecomesOneErrorWithPlaces) {
  Error error = definition_error(yaml("do:\n  - a: {fork: {}}\n").problems);
  EXPECT_EQ(error.code, ErrorCode::invalid);
  EXPECT_EQ(error.reason, "DEFINITION_INVALID");
  ASSERT_EQ(error.violations.size(), 1u);
  EXPECT_EQ(error.violations[0].instance, "/do/0/a/fork");
  EXPECT_EQ(error.violations[0].keyword, "UNSUPPORTED_TASK");
  EXPECT_EQ(error.violations[0].message, "Line 3, column 9: fork is not available yet.");
}
