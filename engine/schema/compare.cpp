#include "engine/schema/compare.h"

namespace carillon::schema {

namespace {

void list_few(ValueSet& set) {
  const auto all = [&](auto&& is) { return std::all_of(set.values.begin(), set.values.end(), is); };
  const auto is_small_integer = [](const Json* v) { return v->is_number() && TreeView(*v).number().kind == Number::Kind::i64; };
  if (all([](const Json* v) { return v->is_string(); })) {
    for (const Json* v : set.values) set.texts.push_back(v->get_ref<const std::string&>());
    for (const std::string_view text : set.texts) set.prefixes.push_back(key_prefix(text));
  } else if (all(is_small_integer)) {
    for (const Json* v : set.values) set.integers.push_back(TreeView(*v).number().i);
  }
}

}  // namespace

void index_value_set(ValueSet& set) {
  constexpr std::size_t kSmall = 8;
  if (set.values.size() <= kSmall) return list_few(set);
  std::size_t slots = 16;
  while (slots < set.values.size() * 2) slots *= 2;
  set.table.assign(slots, 0);
  set.hashes.reserve(set.values.size());
  for (std::size_t i = 0; i < set.values.size(); ++i) {
    std::int64_t steps = INT64_MAX;
    const std::uint64_t hash = hash_value(TreeView(*set.values[i]), steps);
    set.hashes.push_back(hash);
    std::size_t slot = hash & (slots - 1);
    while (set.table[slot] != 0) slot = (slot + 1) & (slots - 1);
    set.table[slot] = static_cast<std::uint32_t>(i + 1);
  }
}

}  // namespace carillon::schema
