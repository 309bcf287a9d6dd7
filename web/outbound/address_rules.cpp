#include "web/outbound/address_rules.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace carillon {
namespace {

constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

struct V4Range {
  std::uint32_t base;
  int bits;
};
constexpr std::array kNotPublicV4 = {
    V4Range{v4(0, 0, 0, 0), 8},      V4Range{v4(10, 0, 0, 0), 8},     V4Range{v4(100, 64, 0, 0), 10},
    V4Range{v4(127, 0, 0, 0), 8},    V4Range{v4(169, 254, 0, 0), 16}, V4Range{v4(172, 16, 0, 0), 12},
    V4Range{v4(192, 0, 0, 0), 24},   V4Range{v4(192, 0, 2, 0), 24},   V4Range{v4(192, 88, 99, 0), 24},
    V4Range{v4(192, 168, 0, 0), 16}, V4Range{v4(198, 18, 0, 0), 15},  V4Range{v4(198, 51, 100, 0), 24},
    V4Range{v4(203, 0, 113, 0), 24}, V4Range{v4(224, 0, 0, 0), 4},    V4Range{v4(240, 0, 0, 0), 4}};

bool public_v4(std::uint32_t address) {
  for (const V4Range& r : kNotPublicV4)
    if (((address ^ r.base) >> (32 - r.bits)) == 0) return false;
  return true;
}

std::uint32_t v4_at(const std::uint8_t* b) {
  return v4(b[0], b[1], b[2], b[3]);
}

bool public_v6(const std::uint8_t* b) {
  constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  constexpr std::uint8_t kNat64[12] = {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};
  if (std::memcmp(b, kMapped, 12) == 0 || std::memcmp(b, kNat64, 12) == 0) return public_v4(v4_at(b + 12));
  if ((b[0] & 0xe0) != 0x20) return false;                           // only 2000::/3 is global unicast
  if (b[0] == 0x20 && b[1] == 0x02) return public_v4(v4_at(b + 2));  // 6to4
  if (b[0] == 0x20 && b[1] == 0x01 && b[2] <= 0x01) return false;    // 2001::/23, Teredo and protocol assignments
  if (b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0d && b[3] == 0xb8) return false;  // documentation
  if (b[0] == 0x3f && b[1] == 0xff && (b[2] & 0xf0) == 0) return false;            // documentation, RFC 9637
  return true;
}

}  // namespace

bool is_public_address(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof in);
    return public_v4(ntohl(in.sin_addr.s_addr));
  }
  if (address.sa_family != AF_INET6) return false;
  sockaddr_in6 in6{};
  std::memcpy(&in6, &address, sizeof in6);
  return public_v6(in6.sin6_addr.s6_addr);
}

bool is_public_address(std::string_view text) {
  const std::string terminated(text);
  in_addr in{};
  in6_addr in6{};
  if (inet_pton(AF_INET, terminated.c_str(), &in) == 1) return public_v4(ntohl(in.s_addr));
  if (inet_pton(AF_INET6, terminated.c_str(), &in6) == 1) return public_v6(in6.s6_addr);
  return false;
}

bool address_in_range(const sockaddr& address, std::string_view range) {
  const auto slash = range.find('/');
  const std::string base(range.substr(0, slash));
  std::uint8_t wanted[16] = {}, given[16] = {};
  int width = 0;
  if (inet_pton(AF_INET, base.c_str(), wanted) == 1 && address.sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof in);
    std::memcpy(given, &in.sin_addr, 4);
    width = 32;
  } else if (inet_pton(AF_INET6, base.c_str(), wanted) == 1 && address.sa_family == AF_INET6) {
    sockaddr_in6 in6{};
    std::memcpy(&in6, &address, sizeof in6);
    std::memcpy(given, &in6.sin6_addr, 16);
    width = 128;
  } else {
    return false;
  }
  int bits = width;
  if (slash != std::string_view::npos) {
    const std::string_view digits = range.substr(slash + 1);
    if (std::from_chars(digits.data(), digits.data() + digits.size(), bits).ec != std::errc() || bits < 0 || bits > width) return false;
  }
  for (int i = 0; i < bits; ++i)
    if (((wanted[i / 8] ^ given[i / 8]) >> (7 - i % 8) & 1) != 0) return false;
  return true;
}

std::string address_text(const sockaddr& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof in);
    inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
  } else if (address.sa_family == AF_INET6) {
    sockaddr_in6 in6{};
    std::memcpy(&in6, &address, sizeof in6);
    inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof text);
  }
  return text;
}

}  // namespace carillon
