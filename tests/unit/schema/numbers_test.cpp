#include <random>

#include "engine/schema/number.h"
#include "tests/unit/schema/support.h"

namespace carillon::schema {
namespace {

TEST(Numbers, MultipleOfIsDecimal) {
  EXPECT_TRUE(accepts(R"({"multipleOf":0.01})", "19.99"));
  EXPECT_TRUE(accepts(R"({"multipleOf":0.01})", "1000000000.07"));
  EXPECT_TRUE(accepts(R"({"multipleOf":0.1})", "0.3"));
  EXPECT_TRUE(accepts(R"({"multipleOf":1e-7})", "0.0000003"));
  EXPECT_TRUE(accepts(R"({"multipleOf":0.5})", "1e308"));
  EXPECT_TRUE(accepts(R"({"multipleOf":3})", "9007199254740993"));
  EXPECT_TRUE(accepts(R"({"multipleOf":5})", "18446744073709551615"));
  EXPECT_TRUE(accepts(R"({"multipleOf":2.5})", "10"));
  EXPECT_TRUE(accepts(R"({"multipleOf":0.01})", "0"));
  EXPECT_TRUE(accepts(R"({"multipleOf":1e-300})", "1e-299"));
  EXPECT_FALSE(accepts(R"({"multipleOf":0.01})", "19.995"));
  EXPECT_FALSE(accepts(R"({"multipleOf":0.01})", "1e-9"));
  EXPECT_FALSE(accepts(R"({"multipleOf":3})", "1e300"));
  EXPECT_FALSE(accepts(R"({"multipleOf":4})", "18446744073709551615"));
  EXPECT_FALSE(accepts(R"({"multipleOf":1e300})", "1e299"));
}

TEST(Numbers, MultipleOfAgreesWithIntegersOfCents) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 rng(seed);
  const Divisor cent(Number::of(0.01)), seven(Number::of(0.07));
  for (int i = 0; i < 20'000; ++i) {
    const std::int64_t cents = static_cast<std::int64_t>(rng() % 1'000'000'000'000);
    std::string text = std::to_string(cents / 100) + "." + std::to_string(cents / 10 % 10) + std::to_string(cents % 10);
    const Number value = Number::of(std::stod(text));
    ASSERT_TRUE(cent.divides(value)) << text;
    ASSERT_EQ(seven.divides(value), cents % 7 == 0) << text;
    ASSERT_FALSE(cent.divides(Number::of(std::stod(text + "5")))) << text;
  }
}

TEST(Numbers, OneIsAnIntegerHoweverWritten) {
  EXPECT_TRUE(accepts(R"({"type":"integer"})", "1.0"));
  EXPECT_TRUE(accepts(R"({"type":"integer"})", "1e3"));
  EXPECT_TRUE(accepts(R"({"type":"integer"})", "-0.0"));
  EXPECT_FALSE(accepts(R"({"type":"integer"})", "1.5"));
  EXPECT_TRUE(accepts(R"({"const":1})", "1.0"));
  EXPECT_TRUE(accepts(R"({"enum":[1,2,3,4,5,6,7,8,9,10]})", "3.0"));
  EXPECT_FALSE(accepts(R"({"uniqueItems":true})", "[1,2,3,4,5,6,7,8,9,1.0]"));
  EXPECT_FALSE(accepts(R"({"uniqueItems":true})", R"([{"a":1,"b":[2]},{"b":[2.0],"a":1}])"));
  EXPECT_FALSE(accepts(R"({"const":0})", "false"));
}

TEST(Numbers, BoundsAreExactAcrossKinds) {
  EXPECT_FALSE(accepts(R"({"maximum":9007199254740992})", "9007199254740993"));
  EXPECT_FALSE(accepts(R"({"maximum":9007199254740992.0})", "9007199254740993"));
  EXPECT_TRUE(accepts(R"({"minimum":9223372036854775807})", "9223372036854775808"));
  EXPECT_FALSE(accepts(R"({"exclusiveMinimum":18446744073709551614})", "18446744073709551614"));
  EXPECT_TRUE(accepts(R"({"exclusiveMinimum":18446744073709551614})", "18446744073709551615"));
  EXPECT_FALSE(accepts(R"({"maximum":-9223372036854775808})", "-9223372036854775807"));
  EXPECT_TRUE(accepts(R"({"minimum":-9.3e18})", "-9223372036854775808"));
  EXPECT_TRUE(accepts(R"({"exclusiveMaximum":1e308})", "18446744073709551615"));
  EXPECT_FALSE(accepts(R"({"exclusiveMaximum":0.30000000000000004})", "0.30000000000000004"));
}

TEST(Numbers, CompareIsATotalOrderOnMixedKinds) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 rng(seed);
  std::vector<Number> pool{Number::of(std::int64_t{0}), Number::of(INT64_MIN), Number::of(INT64_MAX), Number::of(UINT64_MAX),
                           Number::of(9.2233720368547758e18), Number::of(1.8446744073709552e19), Number::of(-0.5), Number::of(0.5)};
  for (int i = 0; i < 40; ++i) {
    pool.push_back(Number::of(static_cast<std::int64_t>(rng())));
    pool.push_back(Number::of(static_cast<std::uint64_t>(rng())));
    pool.push_back(Number::of(static_cast<double>(static_cast<std::int64_t>(rng()))));
  }
  for (const Number& a : pool)
    for (const Number& b : pool) {
      ASSERT_EQ(compare(a, b), -compare(b, a));
      if (compare(a, b) == 0) {
        ASSERT_EQ(hash_number(a), hash_number(b));
      }
      for (const Number& c : pool)
        if (compare(a, b) <= 0 && compare(b, c) <= 0) {
          ASSERT_LE(compare(a, c), 0);
        }
    }
}

}  // namespace
}  // namespace carillon::schema
