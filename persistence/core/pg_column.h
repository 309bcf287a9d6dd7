#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/ids.h"
#include "engine/base/instant.h"

namespace carillon::pg {

/// How an element of an array parameter travels: its type's number in pg_type and its binary form, as the type's
/// receive function reads it (PostgreSQL sources, src/backend/utils/adt).
template <class T>
struct Wire;

/// One array parameter in binary form, for unnest: a quarter of what the server spends on the same array as a text.
/// The element type must be the statement's exactly: std::int16_t for smallint[], std::int64_t for bigint[] and so on.
template <class T>
class Column {
 public:
  Column() { bytes_.resize(kHeader); }
  void add(const T& value) {
    const std::size_t at = bytes_.size();
    put_int32(0);
    Wire<T>::append(bytes_, value);
    set_int32(at, static_cast<std::int32_t>(bytes_.size() - at - sizeof(std::int32_t)));
    ++count_;
  }
  template <class Tag>
  void add(const Id<Tag>& id) { add(id.value); }
  template <class U>
  void add(const std::optional<U>& value) { value ? add(*value) : add_null(); }
  /// NULL for an empty text.
  void add_or_null(const T& value) { value.empty() ? add_null() : add(value); }
  void add_null() {
    put_int32(-1);
    has_null_ = true;
    ++count_;
  }
  /// The parameter so far; more may be added afterwards.
  const std::string& bytes() {
    const std::int32_t header[] = {1, has_null_ ? 1 : 0, Wire<T>::kType, count_, 1};
    for (std::size_t n = 0; n < std::size(header); ++n) set_int32(n * sizeof(std::int32_t), header[n]);
    return bytes_;
  }

 private:
  static constexpr std::size_t kHeader = 5 * sizeof(std::int32_t);
  void put_int32(std::int32_t value) {
    bytes_.resize(bytes_.size() + sizeof value);
    set_int32(bytes_.size() - sizeof value, value);
  }
  void set_int32(std::size_t at, std::int32_t value) {
    const std::uint32_t big = std::byteswap(static_cast<std::uint32_t>(value));
    std::memcpy(bytes_.data() + at, &big, sizeof big);
  }
  static_assert(std::endian::native == std::endian::little);
  std::string bytes_;
  std::int32_t count_ = 0;
  bool has_null_ = false;
};

template <class Int, std::int32_t type>
struct WireInt {
  static constexpr std::int32_t kType = type;
  static void append(std::string& out, Int value) {
    const auto big = std::byteswap(static_cast<std::make_unsigned_t<Int>>(value));
    char raw[sizeof big];
    std::memcpy(raw, &big, sizeof big);
    out.append(raw, sizeof raw);
  }
};
template <>
struct Wire<std::int16_t> : WireInt<std::int16_t, 21> {};
template <>
struct Wire<std::int32_t> : WireInt<std::int32_t, 23> {};
template <>
struct Wire<std::int64_t> : WireInt<std::int64_t, 20> {};
template <>
struct Wire<bool> {
  static constexpr std::int32_t kType = 16;
  static void append(std::string& out, bool value) { out += value ? '\1' : '\0'; }
};
template <>
struct Wire<Uuid> {
  static constexpr std::int32_t kType = 2950;
  static void append(std::string& out, const Uuid& value) { out.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()); }
};
/// Microseconds since 2000-01-01.
template <>
struct Wire<Instant> {
  static constexpr std::int32_t kType = 1184;
  static constexpr std::int64_t kEpoch = days_from_civil(2000, 1, 1) * 86'400'000'000;
  static void append(std::string& out, Instant value) { Wire<std::int64_t>::append(out, value.us - kEpoch); }
};
template <>
struct Wire<std::string_view> {
  static constexpr std::int32_t kType = 25;
  static void append(std::string& out, std::string_view value) { out += value; }
};

using UuidColumn = Column<Uuid>;
using InstantColumn = Column<Instant>;
using TextColumn = Column<std::string_view>;
using SmallColumn = Column<std::int16_t>;
using IntColumn = Column<std::int32_t>;
using BigColumn = Column<std::int64_t>;
using BoolColumn = Column<bool>;

}  // namespace carillon::pg
