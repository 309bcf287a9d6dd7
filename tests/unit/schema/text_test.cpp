#include <sstream>

#include "engine/schema/validate_cli.h"
#include "tests/unit/schema/support.h"

namespace carillon::schema {
namespace {

TEST(TextValidator, GivesTheAnswerOfTheTree) {
  const auto s = compiled(R"({"type":"object","properties":{"a":{"type":"integer"},"b":{"items":{"enum":[1,"x",null]}}},"required":["a"],"additionalProperties":false})");
  TextValidator text;
  for (const char* payload : {R"({"a":1})", R"({"a":1.0,"b":[1,"x",null]})", R"({"b":[2]})", R"({"a":"é\n","b":1,"c":[[]]})", "[]", "18446744073709551615"})
    EXPECT_EQ(text.validate(*s, payload).value(), s->validate(Json::parse(payload)).value()) << payload;
}

TEST(TextValidator, TakesTextThatIsNotCanonical) {
  const auto s = compiled(R"({"properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"required":["a","b"]})");
  TextValidator text;
  EXPECT_EQ(text.verdict(*s, " { \"b\" : 1 , \"a\" : 2 } ").value(), Verdict::valid);
  EXPECT_EQ(text.verdict(*s, R"({"b":1,"a":"x"})").value(), Verdict::invalid);
  EXPECT_EQ(text.validate(*s, R"({"b":1,"a":"x"})").value().size(), 1u);
  EXPECT_EQ(text.verdict(*compiled(R"({"type":"integer"})"), "98249283749234923498293171823948729348710298301928331").value(), Verdict::valid);
}

TEST(TextValidator, RefusesWhatIsNotJsonOrTooDeep) {
  const auto s = compiled("{}");
  TextValidator text;
  for (const char* bad : {"", "{", "[1,]", "tru", "\"\x01\"", "\"\xff\"", "1 2", "{\"a\" 1}", "01"}) {
    const auto r = text.verdict(*s, bad);
    ASSERT_FALSE(r.has_value()) << bad;
    EXPECT_EQ(r.error().code, ErrorCode::malformed);
  }
  EXPECT_EQ(text.verdict(*s, std::string(200, '[') + std::string(200, ']')).error().reason, "JSON_TOO_DEEP");
  EXPECT_EQ(text.verdict(*s, std::string(100, '[') + std::string(100, ']')).value(), Verdict::valid);
  const std::string big = "[" + std::string(300'000, ' ') + "]";
  EXPECT_EQ(text.verdict(*s, big).value(), Verdict::valid);
}

Json answer_line(const std::string& line) {
  std::istringstream in(line);
  std::ostringstream out;
  EXPECT_EQ(schema_validate_lines(in, out), 0);
  return Json::parse(out.str());
}

TEST(ValidateLines, AnswersEveryLineInOrder) {
  std::istringstream in(
      "{\"schema\":{\"type\":\"integer\"},\"instance\":1}\n\n"
      "{\"schema\":{\"type\":\"integer\"},\"instance\":\"x\"}\n"
      "{\"schema\":{\"type\":\"nope\"},\"instance\":1}\nnot json\n{}\n");
  std::ostringstream out;
  EXPECT_EQ(schema_validate_lines(in, out), 0);
  std::vector<Json> lines;
  std::istringstream back(out.str());
  for (std::string line; std::getline(back, line);) lines.push_back(Json::parse(line));
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[0], Json::parse(R"({"valid":true,"violations":[]})"));
  EXPECT_EQ(lines[1], Json::parse(R"({"valid":false,"violations":[{"instance":"","schema":"/type","keyword":"type","message":"must be an integer","params":{"type":"integer"}}]})"));
  EXPECT_EQ(lines[2]["error"]["code"], "SCHEMA_INVALID");
  EXPECT_EQ(lines[2]["error"]["pointer"], "/type");
  EXPECT_EQ(lines[3]["error"]["code"], "REQUEST_MALFORMED");
  EXPECT_EQ(lines[4]["error"]["code"], "REQUEST_MALFORMED");
}

TEST(ValidateLines, TakesDialectAndRemotes) {
  EXPECT_EQ(answer_line(R"({"schema":{"items":[{"type":"integer"}]},"instance":["x"],"dialect":"draft-07"})")["valid"], false);
  EXPECT_EQ(answer_line(R"({"schema":{"items":[{"type":"integer"}]},"instance":["x"],"dialect":"2020-12"})")["error"]["code"], "SCHEMA_INVALID");
  EXPECT_EQ(answer_line(R"({"schema":{},"instance":1,"dialect":"draft-03"})")["error"]["pointer"], "/dialect");
  EXPECT_EQ(answer_line(R"({"schema":{"$ref":"http://x/s"},"instance":1,"remotes":{"http://x/s":{"type":"string"}}})")["violations"][0]["schema"], "http://x/s#/type");
  EXPECT_EQ(answer_line(R"({"schema":{"format":"date"},"instance":"x"})")["valid"], false);
  EXPECT_EQ(answer_line(R"({"schema":{"format":"date"},"instance":"x","formats":false})")["valid"], true);
}

TEST(ValidateLines, CompilesASchemaOnceForLinesInARow) {
  const std::string one = R"({"schema":{"type":"integer"},"instance":1})", two = R"({"schema":{"type":"string"},"instance":1})";
  const std::string off = R"({"schema":{"format":"date"},"instance":"x","formats":false})", on = R"({"schema":{"format":"date"},"instance":"x"})";
  const std::string bad = R"({"schema":{"type":3},"instance":1})";
  std::istringstream in(one + "\n" + one + "\n" + two + "\n" + bad + "\n" + bad + "\n" + two + "\n" + off + "\n" + on + "\n" + off + "\n");
  std::ostringstream out;
  EXPECT_EQ(schema_validate_lines(in, out), 0);
  std::string verdicts;
  std::istringstream back(out.str());
  for (std::string line; std::getline(back, line);) {
    const Json answer = Json::parse(line);
    verdicts += answer.contains("error") ? 'e' : answer["valid"] ? 'v' : 'i';
  }
  EXPECT_EQ(verdicts, "vvieeiviv");
}

}  // namespace
}  // namespace carillon::schema
