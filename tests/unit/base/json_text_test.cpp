#include "engine/base/json_text.h"

#include <gtest/gtest.h>

#include <random>

namespace carillon {
namespace {

TEST(JsonWriter, WritesWhatDumpJsonWrites) {
  const Uuid id = *Uuid::parse("0192f0c1-2345-7abc-8def-0123456789ab");
  const Instant at = *parse_instant("2026-03-29T01:30:00.25Z");
  std::string out;
  {
    JsonWriter json(out);
    json.instant("at", at);
    json.id("id", id);
    json.begin("inner");
    json.number("a", -7);
    json.null("b");
    json.end();
    json.text("name", "Café \"7\"\n\\");
    json.raw("raw", "[1,2]");
  }
  const Json same{{"at", format_instant(at)}, {"id", id.to_string()},   {"inner", {{"a", -7}, {"b", nullptr}}},
                  {"name", "Café \"7\"\n\\"}, {"raw", {1, 2}}};
  EXPECT_EQ(out, dump_json(same));
}

TEST(JsonWriter, WritesAnEmptyObject) {
  std::string out;
  { JsonWriter json(out); }
  EXPECT_EQ(out, "{}");
}

TEST(JsonText, IsTheCanonicalTextOfAnything) {
  EXPECT_EQ(JsonText().text(), "{}");
  EXPECT_EQ(JsonText(Json{{"b", 1}, {"a", "x"}}).text(), R"({"a":"x","b":1})");
  EXPECT_EQ((JsonText{{"one", nullptr}}).text(), R"({"one":null})");
  EXPECT_EQ(JsonText::written("{\"a\":1}").text(), "{\"a\":1}");
}

TEST(AppendJsonString, IsAsDumpJsonForAnyBytes) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 rng(seed);
  for (int n = 0; n < 2'000; ++n) {
    std::string value;
    for (auto length = rng() % 12; length > 0; --length) value += static_cast<char>(n % 2 ? rng() : 32 + rng() % 96);
    std::string out;
    append_json_string(out, value);
    EXPECT_EQ(out, dump_json(Json(value)));
  }
}

TEST(AppendInstant, IsReadBack) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 rng(seed);
  constexpr std::int64_t first = days_from_civil(1, 1, 1) * 86'400'000'000, last = days_from_civil(9999, 12, 31) * 86'400'000'000;
  for (int n = 0; n < 5'000; ++n) {
    std::int64_t us = first + static_cast<std::int64_t>(rng() % static_cast<std::uint64_t>(last - first));
    if (n % 3 == 1) us -= us % 1'000;
    if (n % 3 == 2) us -= us % 1'000'000;
    const std::string text = format_instant(Instant{us});
    ASSERT_EQ(parse_instant(text), Instant{us}) << text;
  }
  EXPECT_EQ(format_instant(*parse_instant("0001-02-03T04:05:06.007Z")), "0001-02-03T04:05:06.007Z");
}

TEST(Uuid, RefusesEveryTextThatIsNotOne) {
  const std::string good = "0192f0c1-2345-7abc-8def-0123456789aB";
  ASSERT_TRUE(Uuid::parse(good));
  for (std::size_t at = 0; at < good.size(); ++at)
    for (char wrong : {'g', '/', ':', '@', '`', ' ', '\xff', '\0'}) {
      std::string bad = good;
      bad[at] = wrong;
      EXPECT_FALSE(Uuid::parse(bad)) << at << " " << wrong;
    }
  EXPECT_FALSE(Uuid::parse(good.substr(1)));
  EXPECT_FALSE(Uuid::parse(good + "0"));
}

}  // namespace
}  // namespace carillon
