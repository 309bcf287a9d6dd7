#pragma once
#include <cmath>
#include <cstdint>
#include <limits>

namespace carillon::schema {

/// A JSON number as it is held: exactly one of the three. `u64` only above INT64_MAX, so equal integers look equal.
struct Number {
  enum class Kind : std::uint8_t { i64, u64, f64 };
  Kind kind = Kind::i64;
  union {
    std::int64_t i = 0;
    std::uint64_t u;
    double d;
  };

  static Number of(std::int64_t v) {
    Number n;
    n.kind = Kind::i64;
    n.i = v;
    return n;
  }
  static Number of(std::uint64_t v) {
    if (v <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return of(static_cast<std::int64_t>(v));
    Number n;
    n.kind = Kind::u64;
    n.u = v;
    return n;
  }
  static Number of(double v) {
    Number n;
    n.kind = Kind::f64;
    n.d = v;
    return n;
  }
  /// 1.0 is an integer (JSON Schema core, 4.2.3).
  bool is_integral() const { return kind != Kind::f64 || std::trunc(d) == d; }
};

/// Exact order of the two values as reals, without rounding either: <0, 0, >0.
int compare_slow(const Number& a, const Number& b);
inline int compare(const Number& a, const Number& b) {
  if (a.kind == b.kind) {
    if (a.kind == Number::Kind::i64) return a.i < b.i ? -1 : a.i > b.i;
    if (a.kind == Number::Kind::f64) return a.d < b.d ? -1 : a.d > b.d;
  }
  return compare_slow(a, b);
}

/// The divisor of `multipleOf`, prepared. Doubles mean their shortest decimal text, so 19.99 is a multiple of 0.01.
class Divisor {
 public:
  explicit Divisor(const Number& divisor);
  bool divides(const Number& value) const;

 private:
  bool divides_decimal(const Number& value) const;

  Number divisor_;
  std::uint64_t mantissa_ = 0;  ///< divisor = mantissa × 10^exponent, no trailing zeros in the mantissa
  int exponent_ = 0;
  double scale_ = 0;  ///< 10^-exponent where that is exact in a double, else 0
};

/// Equal for equal values, whatever their kinds.
std::uint64_t hash_number(const Number& n);

}  // namespace carillon::schema
