#pragma once
#include <string>
#include <string_view>
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
  std::string text(std::string_view text) const;
  /// Texts and members' names masked, equal numbers and texts replaced by {"$redacted": {"type": …}}.
  Json json(const Json& value) const;

 private:
  struct Form {
    std::string text;
    bool whole = false;  ///< a number: not within a longer one
    bool cut = false;    ///< its beginning counts, too
  };
  void add_text(const std::string& text);
  void add_form(std::string text, bool whole, bool cut);
  std::string without(const Form& form, std::string text) const;
  std::vector<Form> forms_;        ///< longest first
  std::vector<std::string> exact_; ///< dumped values
};

}  // namespace carillon
