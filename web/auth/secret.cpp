#include "web/auth/secret.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <array>
#include <cstdint>

namespace carillon::auth {

std::string make_token(Rng& rng, std::string_view prefix) {
  // base64url (RFC 4648 section 5). 43 digits of 6 bits hold 256; each comes from its own fresh bits.
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out(prefix);
  std::uint64_t word = 0;
  for (int i = 0; i < 43; ++i) {
    if (i % 10 == 0) word = rng.next();
    out += kDigits[word & 63];
    word >>= 6;
  }
  return out;
}

std::string hash_token(std::string_view token) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), digest.data());
  std::string out;
  for (const unsigned char byte : digest) {
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

bool constant_time_equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace carillon::auth
