#include "web/http/rate_limiter.h"

#include <cmath>

#include "engine/base/json.h"

namespace carillon::web {

Duration RateLimiter::take(std::string_view key, double cost) {
  std::lock_guard lock(mutex_);
  const Duration now = clock_.steady();
  auto found = index_.find(key);
  if (found == index_.end()) {
    if (buckets_.size() >= std::max<std::size_t>(1, limit_.max_keys)) {
      index_.erase(buckets_.back().key);
      buckets_.pop_back();
    }
    buckets_.push_front({std::string(key), limit_.burst, now});
    found = index_.emplace(buckets_.front().key, buckets_.begin()).first;
  } else {
    buckets_.splice(buckets_.begin(), buckets_, found->second);
  }
  Bucket& bucket = *found->second;
  const double elapsed = std::max(0.0, static_cast<double>((now - bucket.at).count()) / 1e6);
  bucket.tokens = std::min(limit_.burst, bucket.tokens + elapsed * limit_.per_second);
  bucket.at = now;
  if (bucket.tokens >= cost) {
    bucket.tokens -= cost;
    return Duration{0};
  }
  return Duration{static_cast<std::int64_t>(std::ceil((cost - bucket.tokens) / limit_.per_second * 1e6))};
}

Status RateLimiter::check(std::string_view key, double cost) {
  const Duration wait = take(key, cost);
  if (wait.count() == 0) return ok();
  return Error{.code = ErrorCode::rate_limited,
               .reason = "RATE_LIMITED",
               .message = "Too many requests.",
               .field = "",
               .value = "",
               .remedy = "Try again in " + describe_duration(wait) + ".",
               .violations = {}};
}

void RateLimiter::reset(std::string_view key) {
  std::lock_guard lock(mutex_);
  const auto found = index_.find(key);
  if (found == index_.end()) return;
  const auto bucket = found->second;
  index_.erase(found);
  buckets_.erase(bucket);
}

std::size_t RateLimiter::keys() const {
  std::lock_guard lock(mutex_);
  return buckets_.size();
}

}  // namespace carillon::web
