#pragma once
#include <string_view>

namespace carillon {

/// The languages sentences are made in.
enum class Locale { en, de, ja };

/// The language of a BCP 47 tag ("de-AT" is de), English for one that is not spoken here.
constexpr Locale locale_of(std::string_view tag) {
  auto starts = [&](char a, char b) {
    return tag.size() >= 2 && (tag[0] | 0x20) == a && (tag[1] | 0x20) == b &&
           (tag.size() == 2 || tag[2] == '-' || tag[2] == '_');
  };
  if (starts('d', 'e')) return Locale::de;
  if (starts('j', 'a')) return Locale::ja;
  return Locale::en;
}

}  // namespace carillon
