#pragma once
#include "engine/schema/program.h"
#include "engine/schema/value_view.h"

/// Equality and hashes of JSON values over any view: numbers by value (1 = 1.0), members in any order, strings by bytes.
namespace carillon::schema {

constexpr int kMaxValueDepth = 512;

inline std::uint64_t mix_hash(std::uint64_t x) {
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93ull;
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93ull;
  return x ^ (x >> 32);
}

inline std::uint64_t hash_text(std::string_view text) {
  std::uint64_t h = 0x9e3779b97f4a7c15ull ^ text.size();
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    h = (h ^ word) * 0xd6e8feb86659fd93ull;
    h ^= h >> 32;
  }
  return mix_hash(h ^ key_prefix(text.substr(i)));
}

/// `steps` falls by the values visited; below zero, or beyond kMaxValueDepth, the result means nothing and the caller
/// gives up.
template <class View>
std::uint64_t hash_value(const View& v, std::int64_t& steps, int depth = 0) {
  --steps;
  if (depth > kMaxValueDepth) steps = -1;
  if (steps < 0) return 0;
  switch (v.kind()) {
    case Kind::null: return 1;
    case Kind::boolean: return v.boolean() ? 2 : 3;
    case Kind::number: return hash_number(v.number());
    case Kind::string: {
      const std::string_view text = v.string();
      steps -= static_cast<std::int64_t>(text.size() / 256);
      return hash_text(text);
    }
    case Kind::array: {
      std::uint64_t h = 5;
      v.elements([&](const View& e) {
        h = mix_hash(h * 31 + hash_value(e, steps, depth + 1));
        return steps >= 0;
      });
      return h;
    }
    case Kind::object: break;
  }
  std::uint64_t h = 7;
  v.members([&](std::string_view key, const View& e) {
    h += mix_hash(hash_text(key) ^ (hash_value(e, steps, depth + 1) * 3));
    return steps >= 0;
  });
  return mix_hash(h);
}

template <class A, class B>
bool equal_values(const A& a, const B& b, std::int64_t& steps, int depth = 0) {
  --steps;
  if (depth > kMaxValueDepth) steps = -1;
  if (steps < 0) return false;
  const Kind kind = a.kind();
  if (kind != b.kind()) return false;
  switch (kind) {
    case Kind::null: return true;
    case Kind::boolean: return a.boolean() == b.boolean();
    case Kind::number: return compare(a.number(), b.number()) == 0;
    case Kind::string: {
      const std::string_view text = a.string();
      steps -= static_cast<std::int64_t>(text.size() / 256);
      return text == b.string();
    }
    case Kind::array: {
      if (a.size() != b.size()) return false;
      std::vector<B> right;
      right.reserve(b.size());
      b.elements([&](const B& e) { return right.push_back(e), true; });
      std::size_t i = 0;
      return a.elements([&](const A& e) { return equal_values(e, right[i++], steps, depth + 1); });
    }
    case Kind::object: break;
  }
  if (a.size() != b.size()) return false;
  return a.members([&](std::string_view key, const A& e) {
    B other;
    return b.find(key, other) && equal_values(e, other, steps, depth + 1);
  });
}

/// Fills hashes and table from `set.values`.
void index_value_set(ValueSet& set);

inline bool is_among(const ValueSet& set, std::string_view text) {
  const std::uint64_t prefix = key_prefix(text);
  for (std::size_t i = 0; i < set.texts.size(); ++i)
    if (set.prefixes[i] == prefix && set.texts[i].size() == text.size() && (text.size() <= 8 || set.texts[i] == text)) return true;
  return false;
}

template <class View>
bool set_contains(const ValueSet& set, const View& v, std::int64_t& steps) {
  if (!set.texts.empty()) {
    if (v.kind() != Kind::string) return false;
    const std::string_view text = v.string();
    steps -= static_cast<std::int64_t>(text.size() / 256);
    return is_among(set, text);
  }
  if (!set.integers.empty()) {
    if (v.kind() != Kind::number) return false;
    const Number number = v.number();
    for (const std::int64_t candidate : set.integers)
      if (compare(number, Number::of(candidate)) == 0) return true;
    return false;
  }
  if (set.table.empty()) {
    for (const Json* candidate : set.values)
      if (equal_values(v, TreeView(*candidate), steps)) return true;
    return false;
  }
  const std::uint64_t hash = hash_value(v, steps);
  if (steps < 0) return false;
  const std::size_t mask = set.table.size() - 1;
  for (std::size_t slot = hash & mask; set.table[slot] != 0; slot = (slot + 1) & mask) {
    const std::uint32_t i = set.table[slot] - 1;
    if (set.hashes[i] == hash && equal_values(v, TreeView(*set.values[i]), steps)) return true;
  }
  return false;
}

/// As find_duplicate, every pair compared; faster than hashing for a handful.
template <class View>
std::pair<std::ptrdiff_t, std::ptrdiff_t> find_duplicate_of_few(const View& array, std::int64_t& steps) {
  std::array<View, 8> seen;
  std::size_t count = 0;
  std::pair<std::ptrdiff_t, std::ptrdiff_t> found{-1, -1};
  array.elements([&](const View& e) {
    for (std::size_t i = 0; i < count; ++i) {
      if (!equal_values(seen[i], e, steps)) continue;
      found = {static_cast<std::ptrdiff_t>(i), static_cast<std::ptrdiff_t>(count)};
      return false;
    }
    seen[count++] = e;
    return steps >= 0;
  });
  return found;
}

/// The first pair of equal elements, first < second; {-1, -1} if all differ.
template <class View>
std::pair<std::ptrdiff_t, std::ptrdiff_t> find_duplicate(const View& array, std::int64_t& steps) {
  const std::size_t n = array.size();
  if (n < 2) return {-1, -1};
  if (n <= 8) return find_duplicate_of_few(array, steps);
  struct Seen {
    std::uint64_t hash;
    std::uint32_t index;
    View value;
  };
  constexpr std::size_t kInline = 24;
  std::array<Seen, kInline> few;
  std::vector<Seen> many;
  Seen* seen = few.data();
  if (n > kInline) {
    many.resize(n);
    seen = many.data();
  }
  std::uint32_t count = 0;
  array.elements([&](const View& e) {
    seen[count] = {hash_value(e, steps), count, e};
    ++count;
    return steps >= 0;
  });
  if (steps < 0) return {-1, -1};
  steps -= static_cast<std::int64_t>(n);
  std::sort(seen, seen + count, [](const Seen& a, const Seen& b) { return a.hash != b.hash ? a.hash < b.hash : a.index < b.index; });
  std::pair<std::ptrdiff_t, std::ptrdiff_t> found{-1, -1};
  for (std::uint32_t i = 0; i + 1 < count && steps >= 0; ++i)
    for (std::uint32_t k = i + 1; k < count && seen[k].hash == seen[i].hash && steps >= 0; ++k) {
      if (!equal_values(seen[i].value, seen[k].value, steps)) continue;
      if (found.second < 0 || seen[k].index < found.second) found = {seen[i].index, seen[k].index};
      break;
    }
  return found;
}

}  // namespace carillon::schema
