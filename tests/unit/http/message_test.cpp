#include "web/http/message.h"

#include <gtest/gtest.h>

#include "web/http/problem.h"
#include "web/http/uri.h"
#include "web/http/wire.h"

namespace carillon::web {
namespace {

Error plain_error(ErrorCode code, std::string message = "m") {
  Error error;
  error.code = code;
  error.reason = "R";
  error.message = std::move(message);
  return error;
}

TEST(Query, DecodesNamesAndValues) {
  const auto query = parse_query("a=1&b=x%20y+z&a=2&c&=e&&d=%C3%A4");
  ASSERT_TRUE(query.has_value());
  EXPECT_EQ(query->count("a"), 2U);
  EXPECT_EQ(query->find("b")->second, "x y z");
  EXPECT_EQ(query->find("c")->second, "");
  EXPECT_EQ(query->find("d")->second, "ä");
  EXPECT_EQ(query->find("")->second, "e");
}

TEST(Query, ValuesOfANameKeepTheirOrder) {
  Request request{.method = "GET", .target = "/x?k=1&k=2"};
  ASSERT_TRUE(split_target(request).has_value());
  EXPECT_EQ(request.path, "/x");
  EXPECT_EQ(request.query_value("k"), "1");
  EXPECT_EQ(request.query_value("other"), std::nullopt);
}

TEST(Query, RefusesWhatWouldBeLost) {
  for (const char* text : {"a=%", "a=%1", "a=%g1", "a=%00", "a=%c0%af", "a=%ed%a0%80", "a=%f4%90%80%80", "%ff=1"}) {
    const auto query = parse_query(text);
    ASSERT_FALSE(query.has_value()) << text;
    EXPECT_EQ(query.error().reason, "URL_ENCODING");
    EXPECT_FALSE(query.error().remedy.empty());
  }
  std::string many;
  for (int i = 0; i < 1001; ++i) many += "a=1&";
  EXPECT_EQ(parse_query(many).error().reason, "QUERY_TOO_LONG");
}

TEST(Utf8, KnowsTheWholeRange) {
  for (const char* good : {"", "a", "\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
    EXPECT_TRUE(is_utf8(good)) << good;
  for (const char* bad : {"\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
                          "\xF5\x80\x80\x80", "\xE2\x82", "\xC3"})
    EXPECT_FALSE(is_utf8(bad)) << bad;
}

TEST(Target, MustBeAPath) {
  for (const char* target : {"http://other/x", "x", "*", ""}) {
    Request request{.method = "GET", .target = target};
    EXPECT_EQ(split_target(request).error().reason, "REQUEST_TARGET") << target;
  }
  Request options{.method = "OPTIONS", .target = "*"};
  EXPECT_TRUE(split_target(options).has_value());
}

TEST(Message, HeadersCompareWithoutCase) {
  Headers headers;
  headers.add("Content-Type", "a");
  headers.add("content-type", "b");
  EXPECT_EQ(headers.get("CONTENT-TYPE"), "a");
  EXPECT_EQ(headers.count("content-Type"), 2U);
  headers.set("CONTENT-type", "c");
  EXPECT_EQ(headers.count("Content-Type"), 1U);
  EXPECT_FALSE(headers.has("Content"));
}

TEST(Message, ReadsCookies) {
  Request request;
  request.headers.add("Cookie", "a=1; b=x=y;c=;  d = 2 ; broken; a=9");
  EXPECT_EQ(request.cookie("a"), "1");
  EXPECT_EQ(request.cookie("b"), "x=y");
  EXPECT_EQ(request.cookie("c"), "");
  EXPECT_EQ(request.cookie("none"), "");
  EXPECT_FALSE(request.cookies().contains("broken"));
}

TEST(Message, BearerAndMediaType) {
  Request request;
  EXPECT_EQ(request.bearer_token(), "");
  request.headers.add("Authorization", "bearer  abc ");
  EXPECT_EQ(request.bearer_token(), "abc");
  request.headers.set("Authorization", "Basic abc");
  EXPECT_EQ(request.bearer_token(), "");
  request.headers.add("Content-Type", "Application/JSON; charset=utf-8");
  EXPECT_EQ(request.media_type(), "application/json");
}

TEST(Message, ABodyIsJsonOnlyIfItSaysSo) {
  Request request;
  request.body = "{}";
  EXPECT_EQ(request.json().error().code, ErrorCode::unsupported_media);
  request.headers.add("Content-Type", "text/plain");
  EXPECT_EQ(request.json().error().value, "text/plain");
  request.headers.set("Content-Type", "application/merge-patch+json");
  EXPECT_TRUE(request.json().has_value());
  request.body.clear();
  EXPECT_EQ(request.json().error().reason, "BODY_MISSING");
  request.body = "{";
  EXPECT_EQ(request.json().error().reason, "JSON_MALFORMED");
  EXPECT_TRUE(require_media_type(request, {"a/b", "application/merge-patch+json"}).has_value());
  EXPECT_EQ(require_media_type(request, {"a/b"}).error().reason, "UNSUPPORTED_MEDIA_TYPE");
}

TEST(Problem, EveryCodeHasItsStatus) {
  const std::pair<ErrorCode, int> expected[] = {
      {ErrorCode::malformed, 400},         {ErrorCode::unauthenticated, 401},     {ErrorCode::forbidden, 403},
      {ErrorCode::not_found, 404},         {ErrorCode::conflict, 409},            {ErrorCode::precondition_failed, 412},
      {ErrorCode::precondition_missing, 428}, {ErrorCode::too_large, 413},        {ErrorCode::unsupported_media, 415},
      {ErrorCode::invalid, 422},           {ErrorCode::rate_limited, 429},        {ErrorCode::unavailable, 503},
      {ErrorCode::internal, 500}};
  for (const auto& [code, status] : expected) {
    const Response response = problem(plain_error(code), "id");
    EXPECT_EQ(response.status, status);
    EXPECT_NE(status_title(status), "Unknown");
    EXPECT_EQ(response.headers.has("Retry-After"), status == 429 || status == 503);
    EXPECT_EQ(response.headers.has("WWW-Authenticate"), status == 401);
  }
}

TEST(Problem, SaysAllThereIsAndNothingElse) {
  const Error error{.code = ErrorCode::invalid,
                    .reason = "PAYLOAD_INVALID",
                    .message = "The payload does not fit.",
                    .field = "/payload",
                    .value = "7",
                    .remedy = "Fix it.",
                    .violations = {{"/a", "/properties/a", "type", "Not a text.", R"({"type":"string"})"}, {"", "", "x", "y", "broken"}}};
  const Response response = problem(error, "req-1");
  EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
  EXPECT_EQ(Json::parse(response.body), Json::parse(R"({
    "type":"urn:carillon:problem:PAYLOAD_INVALID","title":"Unprocessable Content","status":422,
    "detail":"The payload does not fit.","code":"PAYLOAD_INVALID","field":"/payload","value":"7","remedy":"Fix it.","request_id":"req-1",
    "violations":[{"instance":"/a","schema":"/properties/a","keyword":"type","message":"Not a text.","params":{"type":"string"}},
                  {"instance":"","schema":"","keyword":"x","message":"y","params":{}}]})"));
  const Json bare = Json::parse(problem(plain_error(ErrorCode::not_found), "id").body);
  for (const char* key : {"field", "value", "remedy", "violations"}) EXPECT_FALSE(bare.contains(key)) << key;
}

TEST(Problem, SurvivesTextThatIsNotUtf8) {
  EXPECT_NO_THROW((void)problem(plain_error(ErrorCode::malformed, "\xff"), "id"));
}

TEST(Wire, WritesDatesAsRfc9110) {
  EXPECT_EQ(http_date(Instant::from_seconds(784111777)), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(Instant::from_seconds(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(Wire, AValueCannotForgeAField) {
  Response response = text_response("x");
  response.headers.add("Location", "/a\r\nSet-Cookie: evil=1");
  const auto head = response_head(response, {.keep_alive = true, .http_1_0 = false, .date = "d"});
  EXPECT_EQ(head.find("\r\nSet-Cookie"), std::string::npos);
}

TEST(Wire, NoContentHasNoLength) {
  const auto head = response_head(no_content(), {.keep_alive = false, .http_1_0 = false, .date = "d"});
  EXPECT_EQ(head.find("Content-Length"), std::string::npos);
  EXPECT_NE(head.find("Connection: close"), std::string::npos);
  EXPECT_FALSE(has_content(no_content(), "GET"));
  EXPECT_FALSE(has_content(text_response("x"), "HEAD"));
}

}  // namespace
}  // namespace carillon::web
