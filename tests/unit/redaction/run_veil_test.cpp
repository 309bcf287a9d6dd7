// What a worker sends, and what it stores instead.
#include "engine/runs/run_veil.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace carillon;
using testing::HasSubstr;
using testing::Not;

namespace {

class Veil : public testing::Test {
 protected:
  std::unique_ptr<Clock> clock = make_system_clock();
  std::unique_ptr<Rng> rng = make_seeded_rng(7);
  IdSource ids{*clock, *rng};
  std::unique_ptr<RunVeil> veil = RunVeil::over(R"({"body":"x","token":{"$secret":"api.key"}})", {}, ids);
  std::string token() const { return veil->input()["token"]; }
};

}  // namespace

TEST_F(Veil, IsNoneWhereNothingIsToBeHidden) {
  EXPECT_EQ(RunVeil::over(R"({"a":1})", {}, ids), nullptr);
  EXPECT_NE(veil, nullptr);
}

TEST_F(Veil, RevealsInTheAddressTheHeadersAndTheBodyEscapedForEach) {
  veil->learn("api.key", std::string("s3cr\"t &/ü"));
  HttpCall call;
  call.url = "https://x.test/a?k=" + token();
  call.headers = {{"Authorization", "Bearer " + token()}, {"Content-Type", "application/json"}};
  call.body = dump_json({{"t", "<" + token() + ">"}});
  const auto sent = veil->sent(call);
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(sent->url, "https://x.test/a?k=s3cr%22t%20%26%2F%C3%BC");
  EXPECT_EQ(sent->headers[0].second, "Bearer s3cr\"t &/ü");
  EXPECT_EQ(Json::parse(sent->body)["t"], "<s3cr\"t &/ü>");
  call.headers[1].second = "application/x-www-form-urlencoded";
  call.body = "t=" + token();
  EXPECT_EQ(veil->sent(call)->body, "t=s3cr%22t%20%26%2F%C3%BC");
  call.headers[1].second = "text/plain";
  EXPECT_EQ(veil->sent(call)->body, "t=s3cr\"t &/ü");
}

TEST_F(Veil, AnAddressMayBeASecret) {
  HttpCall call;
  call.url = token() + "?q=1";
  veil->learn("api.key", std::string("https://hooks.test/T0/B1"));
  EXPECT_EQ(veil->sent(call)->url, "https://hooks.test/T0/B1?q=1");
  veil->learn("api.key", std::string("no address at all"));
  EXPECT_EQ(veil->sent(call).error().reason, "SECRET_UNFIT");
}

TEST_F(Veil, RefusesNamingTheSecretWhatCannotBeSent) {
  HttpCall call;
  call.url = "https://x.test/";
  call.headers = {{"A", token()}};
  veil->learn("api.key", std::string("two\nlines here"));
  EXPECT_EQ(veil->sent(call).error().reason, "SECRET_UNFIT");
  EXPECT_THAT(veil->sent(call).error().message, HasSubstr("api.key"));
  EXPECT_THAT(veil->sent(call).error().message, Not(HasSubstr("lines")));
  veil->learn("api.key", Error{ErrorCode::invalid, "SECRET_UNKNOWN", "There is no secret \"api.key\".", "", "", "", {}});
  EXPECT_EQ(veil->sent(call).error().reason, "SECRET_UNKNOWN");
  call.headers.clear();
  EXPECT_TRUE(veil->sent(call)) << "a call that does not need it is sent";
}

TEST_F(Veil, WhatComesBackIsHiddenAgain) {
  veil->learn("api.key", std::string("s3cr\"t/value"));
  HttpOutcome outcome;
  outcome.body = R"({"echo":"Bearer s3cr\"t/value","plain":"s3cr"t/value","url":"s3cr%22t%2Fvalue","b":"czNjciJ0L3ZhbHVl"})";
  outcome.headers = {{"x-echo", "s3cr\"t/value"}};
  outcome.error = TransportError{"NETWORK", "could not reach s3cr\"t/value"};
  veil->received(outcome);
  for (const auto& text : {outcome.body, outcome.headers[0].second, outcome.error->message}) {
    EXPECT_THAT(text, Not(HasSubstr("s3cr")));
    EXPECT_THAT(text, Not(HasSubstr("czNjci")));
    EXPECT_THAT(text, HasSubstr(token()));
  }
}

TEST_F(Veil, StoresReferencesForStandIns) {
  const Json step{{"whole", token()}, {"part", "Bearer " + token()}, {token(), 1}, {"list", {token(), "\"" + token() + "\""}}};
  const std::string text = veil->stored(dump_json(step));
  const Json stored = Json::parse(text, nullptr, false);
  ASSERT_FALSE(stored.is_discarded()) << text;
  EXPECT_EQ(stored["whole"], Json({{"$secret", "api.key"}}));
  EXPECT_EQ(stored["part"], "Bearer [secret api.key]");
  EXPECT_EQ(stored["[secret api.key]"], 1);
  EXPECT_EQ(stored["list"][0], Json({{"$secret", "api.key"}}));
  EXPECT_EQ(stored["list"][1], "\"[secret api.key]\"");
  EXPECT_EQ(veil->stored(RunError{"t", 500, "A " + token(), "d " + token().substr(0, 20), ""}).title, "A [secret api.key]");
}

TEST_F(Veil, StandInsFromOutsideMeanNothing) {
  const auto other = RunVeil::over(R"({"token":{"$secret":"api.key"}})", {}, ids);
  veil->learn("api.key", std::string("s3cret-value"));
  HttpCall call;
  call.url = "https://x.test/";
  call.body = std::string(other->input()["token"]) + " ~secret.0.api.key~";
  EXPECT_EQ(veil->sent(call)->body, call.body);
}

TEST_F(Veil, GoesOnWithTheStandInsOfAnotherWorker) {
  const auto later = RunVeil::over(R"({"body":"x","token":{"$secret":"api.key"}})", {}, ids);
  ASSERT_NE(later->input(), veil->input());
  later->resume(veil->input());
  later->learn("api.key", std::string("s3cret-value"));
  HttpCall call;
  call.url = "https://x.test/?" + token();
  EXPECT_EQ(later->sent(call)->url, "https://x.test/?s3cret-value");
}

TEST_F(Veil, KeepsHiddenValuesOutOfErrors) {
  const auto schema = schema::Schema::compile(Json::parse(R"({"properties":{"pw":{"writeOnly":true}}})"));
  const auto hiding = RunVeil::over(R"({"pw":"hunter22"})", Redactor(*schema, nullptr), ids);
  const RunError stored = hiding->stored(RunError{"https://x.test/e", 500, "No hunter22", "jq: (\"hunter...) is no number", "/do/0/a"});
  EXPECT_EQ(stored.title, "No [redacted]");
  EXPECT_EQ(stored.detail, "jq: (\"[redacted]...) is no number");
  EXPECT_EQ(hiding->input()["pw"], "hunter22") << "the run itself works with it";
}
