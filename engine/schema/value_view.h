#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>

#include "engine/base/json.h"
#include "engine/schema/number.h"

namespace carillon::schema {

/// Types of JSON Schema as bits; a number is kInteger or kFraction by its value.
enum TypeBit : std::uint8_t {
  kNull = 1,
  kBoolean = 2,
  kInteger = 4,
  kFraction = 8,
  kNumber = kInteger | kFraction,
  kString = 16,
  kArray = 32,
  kObject = 64,
  kAnyType = 127,
};

enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

/// The first eight bytes of a key as a big-endian number, so that keys mostly compare in one instruction. Keys with
/// equal prefixes need a full comparison.
inline std::uint64_t key_prefix(std::string_view key) {
  const std::size_t n = key.size();
  if (n >= 8) {
    std::uint64_t v;
    std::memcpy(&v, key.data(), 8);
    return __builtin_bswap64(v);
  }
  if (n == 0) return 0;
  const auto byte = [&](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(key[i])}; };
  if (n < 4) return byte(0) << 56 | byte(n / 2) << (56 - 8 * (n / 2)) | byte(n - 1) << (64 - 8 * n);
  // Two words that overlap; where they do, they say the same.
  std::uint32_t first, last;
  std::memcpy(&first, key.data(), 4);
  std::memcpy(&last, key.data() + n - 4, 4);
  return std::uint64_t{__builtin_bswap32(first)} << 32 | std::uint64_t{__builtin_bswap32(last)} << (8 * (8 - n));
}

/// Order of two keys with their prefixes; <0, 0, >0, as std::string orders them.
inline int compare_keys(std::uint64_t prefix_a, std::string_view a, std::uint64_t prefix_b, std::string_view b) {
  if (prefix_a != prefix_b) return prefix_a < prefix_b ? -1 : 1;
  // One of them ends within the prefix, so the other one goes on where it ends, or they are equal.
  if (a.size() <= 8 || b.size() <= 8) return a.size() < b.size() ? -1 : a.size() > b.size();
  return a.substr(8).compare(b.substr(8));
}

/// A value of a nlohmann tree. Every view offers this interface; the evaluators are templates over it.
class TreeView {
 public:
  /// Whether object members may come in any order (then the evaluators check it).
  static constexpr bool kOrderUnproven = false;

  TreeView() = default;
  explicit TreeView(const Json& value) : value_(&value) {}

  Kind kind() const {
    switch (value_->type()) {
      case Json::value_t::null: return Kind::null;
      case Json::value_t::boolean: return Kind::boolean;
      case Json::value_t::number_integer:
      case Json::value_t::number_unsigned:
      case Json::value_t::number_float: return Kind::number;
      case Json::value_t::string: return Kind::string;
      case Json::value_t::array: return Kind::array;
      case Json::value_t::object: return Kind::object;
      default: return Kind::null;
    }
  }
  bool boolean() const { return *value_->get_ptr<const bool*>(); }
  Number number() const {
    switch (value_->type()) {
      case Json::value_t::number_unsigned: return Number::of(*value_->get_ptr<const Json::number_unsigned_t*>());
      case Json::value_t::number_integer: return Number::of(*value_->get_ptr<const Json::number_integer_t*>());
      default: return Number::of(*value_->get_ptr<const double*>());
    }
  }
  std::string_view string() const { return *value_->get_ptr<const std::string*>(); }
  std::size_t size() const {
    if (auto* a = value_->get_ptr<const Json::array_t*>()) return a->size();
    return value_->get_ptr<const Json::object_t*>()->size();
  }
  /// `each(TreeView)` for the elements until it returns false; whether it never did.
  template <class F>
  bool elements(F&& each) const {
    for (const Json& e : *value_->get_ptr<const Json::array_t*>())
      if (!each(TreeView(e))) return false;
    return true;
  }
  /// `each(key, TreeView)` for the members in key order until it returns false; whether it never did.
  template <class F>
  bool members(F&& each) const {
    for (const auto& [key, e] : *value_->get_ptr<const Json::object_t*>())
      if (!each(std::string_view(key), TreeView(e))) return false;
    return true;
  }
  bool find(std::string_view key, TreeView& out) const {
    const auto& object = *value_->get_ptr<const Json::object_t*>();
    const auto at = object.find(key);
    if (at == object.end()) return false;
    out = TreeView(at->second);
    return true;
  }

 private:
  const Json* value_ = nullptr;
};

}  // namespace carillon::schema
