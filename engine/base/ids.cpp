#include "engine/base/ids.h"

namespace carillon {

namespace {

/// The value of each hexadecimal digit, -1 for every other byte.
constexpr auto kNibbles = [] {
  std::array<std::int8_t, 256> out{};
  out.fill(-1);
  for (int n = 0; n < 10; ++n) out[static_cast<std::size_t>('0' + n)] = static_cast<std::int8_t>(n);
  for (int n = 0; n < 6; ++n)
    out[static_cast<std::size_t>('a' + n)] = out[static_cast<std::size_t>('A' + n)] = static_cast<std::int8_t>(10 + n);
  return out;
}();
/// Where the two digits of each byte begin in the 36 characters.
constexpr std::array<std::uint8_t, 16> kDigitsAt = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};

void print_uuid(const Uuid& id, char* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out[8] = out[13] = out[18] = out[23] = '-';
  for (std::size_t i = 0; i < 16; ++i) {
    out[kDigitsAt[i]] = kHex[id.bytes[i] >> 4];
    out[kDigitsAt[i] + 1] = kHex[id.bytes[i] & 15];
  }
}

}  // namespace

std::string Uuid::to_string() const {
  std::string out(36, '-');
  print_uuid(*this, out.data());
  return out;
}

void Uuid::append_to(std::string& out) const {
  char buffer[36];
  print_uuid(*this, buffer);
  out.append(buffer, sizeof buffer);
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return std::nullopt;
  Uuid out;
  int all = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    const int hi = kNibbles[static_cast<std::uint8_t>(text[kDigitsAt[i]])], lo = kNibbles[static_cast<std::uint8_t>(text[kDigitsAt[i] + 1u])];
    all |= hi | lo;
    out.bytes[i] = static_cast<std::uint8_t>(hi << 4 | lo);
  }
  if (all < 0) return std::nullopt;
  return out;
}

Uuid IdSource::next() {
  std::uint64_t random = rng_.next();
  std::uint64_t random2 = rng_.next();
  std::int64_t ms;
  std::uint32_t count;
  {
    std::lock_guard lock(mutex_);
    ms = clock_.now().us / 1000;
    if (ms > last_ms_) {
      last_ms_ = ms;
      counter_ = static_cast<std::uint32_t>(random & 0x7ff);
    } else {
      // The clock stands still or went back: stay on the last millisecond and count on (RFC 9562 section 6.2).
      if (++counter_ > 0x3ffff) {
        counter_ = 0;
        ++last_ms_;
      }
      ms = last_ms_;
    }
    count = counter_;
  }
  Uuid out;
  for (int i = 0; i < 6; ++i) out.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  // 18 bits of counter: 12 in rand_a, 6 at the top of rand_b; 56 random bits behind them.
  out.bytes[6] = static_cast<std::uint8_t>(0x70 | (count >> 14 & 0x0f));
  out.bytes[7] = static_cast<std::uint8_t>(count >> 6);
  out.bytes[8] = static_cast<std::uint8_t>(0x80 | (count & 0x3f));
  for (std::size_t i = 9; i < 16; ++i) out.bytes[i] = static_cast<std::uint8_t>(random2 >> (8 * (i - 9)));
  return out;
}

}  // namespace carillon
