#include "engine/base/rng.h"

#include <sys/random.h>

#include <array>
#include <mutex>
#include <stdexcept>

namespace carillon {
namespace {

class SystemRng final : public Rng {
 public:
  std::uint64_t next() override {
    std::lock_guard lock(mutex_);
    if (used_ == buffer_.size()) {
      // getrandom() gives up to 256 bytes without being interrupted (getrandom(2)).
      if (getrandom(buffer_.data(), sizeof buffer_, 0) != static_cast<ssize_t>(sizeof buffer_))
        throw std::runtime_error("the operating system's random generator gave nothing");
      used_ = 0;
    }
    return buffer_[used_++];
  }

 private:
  std::mutex mutex_;
  std::array<std::uint64_t, 32> buffer_{};
  std::size_t used_ = 32;
};

class SeededRng final : public Rng {
 public:
  explicit SeededRng(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override {
    std::lock_guard lock(mutex_);
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

 private:
  std::mutex mutex_;
  std::uint64_t state_;
};

}  // namespace

std::unique_ptr<Rng> make_system_rng() { return std::make_unique<SystemRng>(); }
std::unique_ptr<Rng> make_seeded_rng(std::uint64_t seed) { return std::make_unique<SeededRng>(seed); }

std::string random_hex(Rng& rng, std::size_t bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes * 2);
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    if (i % 8 == 0) word = rng.next();
    out += kHex[(word >> 4) & 15];
    out += kHex[word & 15];
    word >>= 8;
  }
  return out;
}

}  // namespace carillon
