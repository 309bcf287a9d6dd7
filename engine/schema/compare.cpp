#include "engine/schema/compare.h"

namespace carillon::schema {

void index_value_set(ValueSet& set) {
  constexpr std::size_t kSmall = 8;
  if (std::all_of(set.values.begin(), set.values.end(), [](const Json* v) { return v->is_string(); }))
    for (const Json* v : set.values) set.texts.push_back(v->get_ref<const std::string&>());
  if (set.values.size() <= kSmall) return;
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
