#pragma once
#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

namespace carillon::memory {

/// ASCII only, which is enough for what tests look for.
inline std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// Whether `part` occurs in `text` in any case; an empty part occurs everywhere.
inline bool contains_any_case(std::string_view text, std::string_view part) {
  return lower_case(text).find(lower_case(part)) != std::string::npos;
}

}  // namespace carillon::memory
