#pragma once
#include <cstdint>
#include <memory>
#include <string>

namespace carillon {

/// A source of random bits. Thread-safe.
class Rng {
 public:
  virtual ~Rng() = default;
  virtual std::uint64_t next() = 0;
  /// Uniform in [0, bound); 0 for bound 0.
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
};

/// Fit for secrets (the operating system's generator, buffered).
std::unique_ptr<Rng> make_system_rng();
/// Repeats itself for the same seed (splitmix64).
std::unique_ptr<Rng> make_seeded_rng(std::uint64_t seed);

/// `bytes` random bytes as lower-case hex.
std::string random_hex(Rng& rng, std::size_t bytes);

}  // namespace carillon
