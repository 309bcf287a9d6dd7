#include "engine/base/ids.h"

namespace carillon {

std::string Uuid::to_string() const {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out(36, '-');
  std::size_t pos = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) ++pos;
    out[pos++] = kHex[bytes[i] >> 4];
    out[pos++] = kHex[bytes[i] & 15];
  }
  return out;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  auto nibble = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  Uuid out;
  std::size_t pos = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      if (text[pos++] != '-') return std::nullopt;
    }
    int hi = nibble(text[pos]), lo = nibble(text[pos + 1]);
    if (hi < 0 || lo < 0) return std::nullopt;
    out.bytes[i] = static_cast<std::uint8_t>(hi << 4 | lo);
    pos += 2;
  }
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
