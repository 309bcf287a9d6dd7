#include "engine/schema/number.h"

#include <charconv>

#include <string>

namespace carillon::schema {
namespace {

struct Decimal {
  std::uint64_t mantissa;
  int exponent;
};

/// |value| as its shortest decimal, trailing zeros moved into the exponent. At most 17 digits for a double (Ryu/Grisu
/// round-trip bound), 20 for an integer, so the mantissa always fits 64 bits.
Decimal shortest_decimal(const Number& value) {
  Decimal out{0, 0};
  if (value.kind == Number::Kind::i64) {
    out.mantissa = value.i < 0 ? 0 - static_cast<std::uint64_t>(value.i) : static_cast<std::uint64_t>(value.i);
  } else if (value.kind == Number::Kind::u64) {
    out.mantissa = value.u;
  } else {
    char text[64];
    auto end = std::to_chars(text, text + sizeof text, std::fabs(value.d), std::chars_format::scientific).ptr;
    bool fraction = false;
    const char* p = text;
    for (; p != end && *p != 'e'; ++p) {
      if (*p == '.') {
        fraction = true;
        continue;
      }
      out.mantissa = out.mantissa * 10 + static_cast<std::uint64_t>(*p - '0');
      if (fraction) --out.exponent;
    }
    if (p != end) {
      int e = 0;
      ++p;
      if (*p == '+') ++p;
      std::from_chars(p, end, e);
      out.exponent += e;
    }
  }
  if (out.mantissa == 0) return {0, 0};
  while (out.mantissa % 10 == 0) {
    out.mantissa /= 10;
    ++out.exponent;
  }
  return out;
}

std::uint64_t times_power_of_ten_mod(std::uint64_t value, int power, std::uint64_t modulus) {
  std::uint64_t result = value % modulus;
  std::uint64_t base = 10 % modulus;
  for (; power > 0; power >>= 1) {
    if (power & 1) result = static_cast<std::uint64_t>(static_cast<unsigned __int128>(result) * base % modulus);
    base = static_cast<std::uint64_t>(static_cast<unsigned __int128>(base) * base % modulus);
  }
  return result;
}

int compare_with_double(const Number& integer, double d) {
  if (d >= 18446744073709551616.0) return -1;
  if (d < -9223372036854775808.0) return 1;
  const double whole = std::floor(d);
  int order;
  if (integer.kind == Number::Kind::u64) {
    if (whole < 0) return 1;
    const auto w = static_cast<std::uint64_t>(whole);
    order = integer.u < w ? -1 : integer.u > w;
  } else if (whole >= 9223372036854775808.0) {
    return -1;
  } else {
    const auto w = static_cast<std::int64_t>(whole);
    order = integer.i < w ? -1 : integer.i > w;
  }
  if (order != 0) return order;
  return d > whole ? -1 : 0;
}

}  // namespace

int compare_slow(const Number& a, const Number& b) {
  using K = Number::Kind;
  if (a.kind == K::f64 && b.kind == K::f64) return a.d < b.d ? -1 : a.d > b.d;
  if (b.kind == K::f64) return compare_with_double(a, b.d);
  if (a.kind == K::f64) return -compare_with_double(b, a.d);
  if (a.kind == K::u64 && b.kind == K::u64) return a.u < b.u ? -1 : a.u > b.u;
  if (a.kind == K::u64) return 1;
  if (b.kind == K::u64) return -1;
  return a.i < b.i ? -1 : a.i > b.i;
}

Divisor::Divisor(const Number& divisor) : divisor_(divisor) {
  const Decimal d = shortest_decimal(divisor);
  mantissa_ = d.mantissa;
  exponent_ = d.exponent;
  // 10^22 is the largest power of ten that a double holds exactly.
  if (exponent_ <= 0 && exponent_ >= -22 && mantissa_ < (1ull << 53)) {
    scale_ = 1;
    for (int i = 0; i < -exponent_; ++i) scale_ *= 10;
  }
}

bool Divisor::divides(const Number& value) const {
  if (value.kind == Number::Kind::i64 && divisor_.kind == Number::Kind::i64)
    return divisor_.i != 0 && (divisor_.i == -1 || value.i % divisor_.i == 0);
  if (scale_ != 0 && value.kind == Number::Kind::f64) {
    // For |r| < 10^15 the double nearest to r / 10^k determines r, so the division below, which IEEE 754 rounds
    // correctly, gives the value back exactly when its shortest decimal is r × 10^-k.
    const double scaled = value.d * scale_;
    if (std::fabs(scaled) < 1e15) {
      const double r = std::nearbyint(scaled);
      if (r / scale_ != value.d) return false;
      return static_cast<std::uint64_t>(std::fabs(r)) % mantissa_ == 0;
    }
  }
  return divides_decimal(value);
}

bool Divisor::divides_decimal(const Number& value) const {
  if (mantissa_ == 0 || (value.kind == Number::Kind::f64 && !std::isfinite(value.d))) return false;
  const Decimal v = shortest_decimal(value);
  if (v.mantissa == 0) return true;
  if (v.exponent >= exponent_) return times_power_of_ten_mod(v.mantissa, v.exponent - exponent_, mantissa_) == 0;
  // The divisor's last digit stands left of the value's last digit, which is not zero.
  return false;
}

std::uint64_t hash_number(const Number& n) {
  auto mix = [](std::uint64_t x) {
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9ull;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebull;
    return x ^ (x >> 31);
  };
  if (n.kind == Number::Kind::i64) return mix(static_cast<std::uint64_t>(n.i));
  if (n.kind == Number::Kind::u64) return mix(n.u);
  if (std::trunc(n.d) == n.d) {
    if (n.d >= -9223372036854775808.0 && n.d < 9223372036854775808.0)
      return mix(static_cast<std::uint64_t>(static_cast<std::int64_t>(n.d)));
    if (n.d > 0 && n.d < 18446744073709551616.0) return mix(static_cast<std::uint64_t>(n.d));
  }
  std::uint64_t bits;
  static_assert(sizeof bits == sizeof n.d);
  __builtin_memcpy(&bits, &n.d, sizeof bits);
  return mix(bits ^ 0x5bf03635ull);
}

}  // namespace carillon::schema
