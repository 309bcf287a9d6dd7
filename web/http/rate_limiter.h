#pragma once
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/base/clock.h"
#include "engine/base/result.h"

namespace carillon::web {

struct RateLimit {
  double per_second = 10;       ///< tokens that come back each second
  double burst = 20;            ///< tokens a fresh key has
  std::size_t max_keys = 10'000;  ///< remembered; the longest unused is forgotten first
};

/// A token bucket per key (an address, an actor, a tenant). Memory is bounded: forgetting a key gives it a full bucket,
/// so max_keys bounds what an attacker with many keys can gain. Thread-safe.
class RateLimiter {
 public:
  RateLimiter(RateLimit limit, const Clock& clock) : limit_(limit), clock_(clock) {}
  /// Takes `cost` tokens. Zero if there were enough, else how long to wait (nothing is taken then).
  Duration take(std::string_view key, double cost = 1);
  /// As take(); fails with rate_limited, RATE_LIMITED, saying the wait.
  Status check(std::string_view key, double cost = 1);
  /// Gives a key its full bucket back (a successful sign-in).
  void reset(std::string_view key);
  std::size_t keys() const;

 private:
  struct Bucket {
    std::string key;
    double tokens;
    Duration at;
  };
  const RateLimit limit_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::list<Bucket> buckets_;  // most recently used first
  std::unordered_map<std::string_view, std::list<Bucket>::iterator> index_;
};

}  // namespace carillon::web
