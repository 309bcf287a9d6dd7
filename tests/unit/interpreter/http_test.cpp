#include "tests/unit/interpreter/harness.h"

using namespace carillon;
using namespace carillon::testing;

namespace {

const char* kGet = "do:\n  - get: {call: http, with: {method: get, endpoint: 'https://example.com/a'}}\n";

Stepper answered(const std::string& body, Answer answer, const Json& input = Json::object()) {
  Stepper s(program(body));
  s.input = input;
  s.server = [answer](const HttpCall&, int) { return answer; };
  s.run();
  return s;
}

}  // namespace

TEST(Http, BuildsTheCallFromTheDefinition) {
  Stepper s = answered(
      "do:\n  - send:\n      call: http\n      with:\n        method: post\n        endpoint: "
      "'https://example.com/o/{id}/{name}{nothing}?v=1#frag'\n"
      "        headers: {X-Id: '${ .id }', X-None: '${ .none }'}\n        query: {q: '${ .name }', list: '${ [1, true] "
      "}', n: '${ null }'}\n        body: {order: '${ . }'}\n",
      {}, {{"id", 7}, {"name", "a b/ü"}});
  ASSERT_EQ(s.calls.size(), 1u);
  const HttpCall& c = s.calls[0];
  EXPECT_EQ(c.method, "POST");
  EXPECT_EQ(c.url, "https://example.com/o/7/a%20b%2F%C3%BC?v=1&list=1&list=true&q=a%20b%2F%C3%BC");
  EXPECT_EQ(c.headers, (HttpHeaders{{"X-Id", "7"}, {"Content-Type", "application/json"}}));
  EXPECT_EQ(c.body, R"({"order":{"id":7,"name":"a b/ü"}})");
  EXPECT_EQ(c.idempotency_key, "key:/do/0/send:1");
  EXPECT_EQ(c.timeout, Duration{301'000'000});
  Stepper text = answered(
      "do:\n  - send: {call: http, with: {method: POST, endpoint: '${ .to }', headers: {content-type: text/plain}, "
      "body: hello}}\n",
      {}, {{"to", "http://x/{id}"}});
  EXPECT_EQ(text.calls.at(0).body, "hello");
  EXPECT_EQ(text.calls.at(0).url, "http://x/{id}");
}

TEST(Http, GivesTheAnswerInTheFormAskedFor) {
  EXPECT_EQ(answered(kGet, {.body = R"({"a":[1]})"}).terminal->output, (Json{{"a", {1}}}));
  EXPECT_EQ(answered(kGet, {.body = "plain", .headers = {{"content-type", "text/plain"}}}).terminal->output, "plain");
  EXPECT_EQ(answered(kGet, {.status = 204, .body = ""}).terminal->output, Json());
  EXPECT_EQ(answered(kGet, {.body = "[1]", .headers = {{"Content-Type", "application/problem+json; charset=utf-8"}}})
                .terminal->output,
            (Json{1}));
  EXPECT_EQ(answered("do:\n  - get: {call: http, with: {method: get, endpoint: 'http://x', output: raw}}\n",
                     {.body = std::string("\xff\0z", 3)})
                .terminal->output,
            "/wB6");
  Json r = answered("do:\n  - get: {call: http, with: {method: get, endpoint: 'http://x', output: response}}\n",
                    {.status = 201, .headers = {{"Content-Type", "application/json"}, {"X", "1"}, {"x", "2"}}})
               .terminal->output;
  EXPECT_EQ(r, (Json{{"content", Json::object()},
                     {"statusCode", 201},
                     {"headers", {{"content-type", "application/json"}, {"x", "1, 2"}}},
                     {"request", {{"method", "GET"}, {"uri", "http://x"}, {"headers", Json::object()}}}}));
}

TEST(Http, TurnsFailuresIntoStandardErrors) {
  auto error = [](Answer a, const std::string& body = kGet) { return *answered(body, std::move(a)).terminal->error; };
  RunError e = error({.status = 503, .body = "later"});
  EXPECT_EQ(e, (RunError{std::string(error_type::kCommunication), 503, "GET https://example.com/a answered 503",
                         "later", "/do/0/get"}));
  EXPECT_EQ(error({.status = 302}).status, 302);
  EXPECT_EQ(answered("do:\n  - get: {call: http, with: {method: get, endpoint: 'http://x', redirect: true}}\n",
                     {.status = 302, .body = ""})
                .terminal->output,
            Json());
  e = error({.error = TransportError{"CONNECT", "nobody there"}});
  EXPECT_EQ(e.type, error_type::kCommunication);
  EXPECT_EQ(e.status, 500);
  EXPECT_EQ(e.detail, "CONNECT: nobody there");
  e = error({.error = TransportError{"TIMEOUT", "slow"}});
  EXPECT_EQ(e.type, error_type::kTimeout);
  EXPECT_EQ(e.status, 408);
  EXPECT_EQ(error({.body = "{broken"}).type, error_type::kCommunication);
  EXPECT_NE(error({.body = "\xff", .headers = {}}).detail.find("output: raw"), std::string::npos);
  e = error({.status = 500},
            "do:\n  - get: {call: http, with: {method: get, endpoint: 'http://user:secret@x/p?token=secret'}}\n");
  EXPECT_EQ(e.title, "GET http://x/p answered 500");
}

TEST(Http, RefusesCallsThatExpressionsMadeUnsafe) {
  auto type = [](const std::string& with, const Json& input) {
    Stepper s = answered("do:\n  - get: {call: http, with: " + with + "}\n", {}, input);
    EXPECT_TRUE(s.calls.empty()) << with;
    return s.terminal->error ? s.terminal->error->title : "none";
  };
  EXPECT_EQ(type("{method: get, endpoint: '${ .u }'}", {{"u", "file:///etc/passwd"}}), "HTTP_ENDPOINT");
  EXPECT_EQ(type("{method: get, endpoint: '${ .u }'}", {{"u", 5}}), "HTTP_ENDPOINT");
  EXPECT_EQ(type("{method: get, endpoint: 'http://x/{u}'}", {{"u", {1}}}), "URI_TEMPLATE");
  EXPECT_EQ(type("{method: '${ .m }', endpoint: 'http://x'}", {{"m", "GET /x\r\n"}}), "HTTP_METHOD");
  EXPECT_EQ(type("{method: get, endpoint: 'http://x', headers: {X: '${ .h }'}}", {{"h", "a\r\nHost: y"}}),
            "HTTP_HEADERS");
  EXPECT_EQ(type("{method: get, endpoint: 'http://x', headers: '${ .h }'}", {{"h", {{"Host", "y"}}}}), "HTTP_HEADERS");
  EXPECT_EQ(type("{method: get, endpoint: 'http://x', query: '${ .q }'}", {{"q", {{"a", {{"b", 1}}}}}}), "HTTP_QUERY");
}

TEST(Http, CountsVisitsInItsKeys) {
  Stepper s(program(
      "do:\n  - init: {set: {n: 0}, export: {as: .}}\n  - get: {call: http, with: {method: get, endpoint: "
      "'http://x'}}\n"
      "  - count: {set: {n: '${ $context.n + 1 }'}, export: {as: .}}\n  - again: {if: .n < 3, set: {}, then: get}\n"));
  s.run();
  std::vector<std::string> keys;
  for (const HttpCall& c : s.calls) keys.push_back(c.idempotency_key);
  EXPECT_EQ(keys, (std::vector<std::string>{"key:/do/1/get:1", "key:/do/1/get:2", "key:/do/1/get:3"}));
}
