#include <gtest/gtest.h>

#include <fstream>

#include "engine/base/json.h"
#include "engine/time/cron.h"
#include "tests/unit/time/support.h"

using namespace carillon;

namespace {

std::vector<Json> read_vectors(const std::string& name) {
  std::ifstream file(std::string(CARILLON_TEST_DATA) + "/cron/" + name);
  std::vector<Json> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(Json::parse(line));
  return lines;
}

class CronVectors : public testing::TestWithParam<std::pair<const char*, std::size_t>> {};

}  // namespace

TEST_P(CronVectors, NextMatches) {
  auto [name, size] = GetParam();
  std::vector<Json> vectors = read_vectors(name);
  ASSERT_EQ(vectors.size(), size);
  for (const Json& v : vectors) {
    auto cron = CronExpression::parse(v["expr"].get<std::string>());
    ASSERT_TRUE(cron.has_value()) << v << cron.error().message;
    const Zone& zone = test_zone(v["tz"].get<std::string>());
    Instant t = at(v["after"].get<std::string>());
    Json got = Json::array();
    ZoneHint hint;
    for (int i = 0; i < 5; ++i) {
      auto next = cron->next(t, zone, &hint);
      if (!next) break;
      got.push_back(format_instant(*next));
      t = *next;
    }
    EXPECT_EQ(got, v["next"]) << v;
    EXPECT_EQ(cron->never_fires(), v["next"].empty()) << v;
  }
}

INSTANTIATE_TEST_SUITE_P(Files, CronVectors,
                         testing::Values(std::pair{"agreed.jsonl", std::size_t{2000}}, std::pair{"dst.jsonl", std::size_t{300}},
                                         std::pair{"policy.jsonl", std::size_t{60}}, std::pair{"ext.jsonl", std::size_t{200}},
                                         std::pair{"tricky.jsonl", std::size_t{20}}),
                         [](const auto& info) { return std::string(info.param.first, std::strchr(info.param.first, '.')); });

TEST(CronVectorsInvalid, AreRefusedForTheirReason) {
  std::vector<Json> vectors = read_vectors("invalid.jsonl");
  ASSERT_EQ(vectors.size(), 60u);
  for (const Json& v : vectors) {
    auto text = v["expr"].get<std::string>();
    auto cron = CronExpression::parse(text);
    ASSERT_FALSE(cron.has_value()) << v;
    EXPECT_EQ(cron_fault_name(cron.error().fault), v["reason"].get<std::string>()) << v;
    EXPECT_LE(cron.error().position, text.size()) << v;
    EXPECT_FALSE(cron.error().message.empty() || cron.error().remedy.empty()) << v;
  }
}
