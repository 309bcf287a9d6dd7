#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/base/rng.h"

namespace carillon {

/// 128 bits, RFC 9562.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const Uuid&) const = default;
  bool is_nil() const { return *this == Uuid{}; }
  std::string to_string() const;
  void append_to(std::string& out) const;
  /// The 36-character form in any case; nothing for anything else.
  static std::optional<Uuid> parse(std::string_view text);
};

/// A Uuid that knows what it names, so that a run's id is never handed over as a schedule's.
template <class Tag>
struct Id {
  Uuid value;
  auto operator<=>(const Id&) const = default;
  bool is_nil() const { return value.is_nil(); }
  std::string to_string() const { return value.to_string(); }
  static std::optional<Id> parse(std::string_view text) {
    auto u = Uuid::parse(text);
    if (!u) return std::nullopt;
    return Id{*u};
  }
};

using TenantId = Id<struct TenantTag>;
using ActorId = Id<struct ActorTag>;
using WorkflowId = Id<struct WorkflowTag>;
using ScheduleId = Id<struct ScheduleTag>;
using RegistrationId = Id<struct RegistrationTag>;
using RunId = Id<struct RunTag>;
using NodeId = Id<struct NodeTag>;
using BackfillId = Id<struct BackfillTag>;

/// Makes UUIDv7 (RFC 9562 section 5.7): 48 bits of milliseconds, then a counter and random bits, so ids of one source
/// are strictly increasing. Thread-safe.
class IdSource {
 public:
  IdSource(const Clock& clock, Rng& rng) : clock_(clock), rng_(rng) {}
  Uuid next();
  template <class T>
  T make() { return T{next()}; }
  /// 128 unguessable bits in lower-case hex, where the generator is fit for secrets.
  std::string secret() { return random_hex(rng_, 16); }

 private:
  const Clock& clock_;
  Rng& rng_;
  std::mutex mutex_;
  std::int64_t last_ms_ = 0;
  std::uint32_t counter_ = 0;
};

/// 64-bit FNV-1a (Fowler, Noll, Vo), for deterministic spreading; not for secrets.
constexpr std::uint64_t fnv1a(std::string_view text, std::uint64_t seed = 0xcbf29ce484222325ULL) {
  for (char c : text) {
    seed ^= static_cast<std::uint8_t>(c);
    seed *= 0x100000001b3ULL;
  }
  return seed;
}

}  // namespace carillon

template <>
struct std::hash<carillon::Uuid> {
  std::size_t operator()(const carillon::Uuid& u) const noexcept {
    std::uint64_t a, b;
    std::memcpy(&a, u.bytes.data(), 8);
    std::memcpy(&b, u.bytes.data() + 8, 8);
    return a * 0x9e3779b97f4a7c15ULL ^ b;
  }
};
template <class Tag>
struct std::hash<carillon::Id<Tag>> {
  std::size_t operator()(const carillon::Id<Tag>& id) const noexcept { return std::hash<carillon::Uuid>{}(id.value); }
};
