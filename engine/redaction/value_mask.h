#pragma once
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/base/json.h"

namespace carillon {

/// What a text shows in place of a hidden value.
inline constexpr std::string_view kHiddenText = "[redacted]";

/// Finds values again by their text: where a hidden value was copied into an output, a message or an error.
/// Found are texts of at least 4 bytes, in all their shapes (text_shapes.h), also cut off by "..." or "…" after at least
/// 4 bytes (as error messages do), and numbers of at least 4 digits. Not found are values that were changed otherwise
/// (hashed, split, compressed). Any number of threads once filled.
class ValueMask {
 public:
  /// All texts and numbers in `value`, except secret references.
  void add(const Json& value);
  bool empty() const { return forms_.empty(); }
  /// One pass, however many values there are.
  std::string text(std::string_view text) const;
  /// Texts and members' names masked, equal numbers and texts replaced by {"$redacted": {"type": …}}.
  Json json(const Json& value) const;

 private:
  /// Forms with the same first four bytes.
  struct Alike {
    std::set<std::string, std::less<>> texts, numbers;
    std::set<std::size_t, std::greater<>> lengths;
  };
  void add_form(std::string text, bool number);
  /// How many bytes of `text` from `at` on are a hidden value; 0 for none. `cut` is where the next "..." or "…" is.
  std::size_t hidden_at(std::string_view text, std::size_t at, std::size_t cut) const;
  std::unordered_map<std::uint32_t, Alike> forms_;
  std::unordered_set<std::string> exact_;  ///< dumped values
};

}  // namespace carillon
