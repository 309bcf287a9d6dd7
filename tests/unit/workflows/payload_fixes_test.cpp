// Reading the payloads that come with a publish.
#include <gtest/gtest.h>

#include "engine/workflows/payload_fixes.h"

using namespace carillon;

namespace {

std::string refused_fix(const Json& fixes) {
  auto parsed = PayloadFixes::parse(fixes);
  EXPECT_FALSE(parsed);
  return parsed ? "" : parsed.error().reason + " " + parsed.error().field;
}

}  // namespace

TEST(PayloadFixes, AreFoundByIdWithTheirRevisionAndCanonicalText) {
  auto parsed = PayloadFixes::parse({{"a", {{"revision", 3}, {"payload", {{"y", 1}, {"x", nullptr}}}}}});
  ASSERT_TRUE(parsed);
  const PayloadFix* fix = (*parsed)->find("a");
  ASSERT_NE(fix, nullptr);
  EXPECT_EQ(fix->revision, 3);
  EXPECT_EQ(fix->payload, R"({"x":null,"y":1})");
  EXPECT_EQ((*parsed)->find("b"), nullptr);
  EXPECT_EQ(*PayloadFixes::parse(Json::object()), nullptr) << "none is nothing";
}

TEST(PayloadFixes, WhatIsMalformedIsNamed) {
  EXPECT_EQ(refused_fix(Json::array()), "FIXES_MALFORMED /payload_fixes");
  EXPECT_EQ(refused_fix({{"a/b", {{"payload", 1}}}}), "FIXES_MALFORMED /payload_fixes/a~1b");
  EXPECT_EQ(refused_fix({{"a", {{"revision", "1"}, {"payload", 1}}}}), "FIXES_MALFORMED /payload_fixes/a");
  Json many = Json::object();
  for (int n = 0; n < 501; ++n) many[std::to_string(n)] = {{"revision", 1}, {"payload", 1}};
  EXPECT_EQ(refused_fix(many), "FIXES_MALFORMED /payload_fixes");
}
