#include <algorithm>
#include <array>

#include "engine/schema/ecma.h"

namespace carillon::schema {
namespace {

struct CategoryName {
  std::string_view name, code;
};

/// General categories by their aliases (Unicode PropertyValueAliases, gc).
constexpr CategoryName kCategories[] = {
    {"Letter", "L"}, {"Cased_Letter", "LC"}, {"Uppercase_Letter", "Lu"}, {"Lowercase_Letter", "Ll"},
    {"Titlecase_Letter", "Lt"}, {"Modifier_Letter", "Lm"}, {"Other_Letter", "Lo"}, {"Mark", "M"},
    {"Combining_Mark", "M"}, {"Nonspacing_Mark", "Mn"}, {"Spacing_Mark", "Mc"}, {"Enclosing_Mark", "Me"},
    {"Number", "N"}, {"Decimal_Number", "Nd"}, {"digit", "Nd"}, {"Letter_Number", "Nl"}, {"Other_Number", "No"},
    {"Punctuation", "P"}, {"punct", "P"}, {"Connector_Punctuation", "Pc"}, {"Dash_Punctuation", "Pd"},
    {"Open_Punctuation", "Ps"}, {"Close_Punctuation", "Pe"}, {"Initial_Punctuation", "Pi"},
    {"Final_Punctuation", "Pf"}, {"Other_Punctuation", "Po"}, {"Symbol", "S"}, {"Math_Symbol", "Sm"},
    {"Currency_Symbol", "Sc"}, {"Modifier_Symbol", "Sk"}, {"Other_Symbol", "So"}, {"Separator", "Z"},
    {"Space_Separator", "Zs"}, {"Line_Separator", "Zl"}, {"Paragraph_Separator", "Zp"}, {"Other", "C"},
    {"Control", "Cc"}, {"cntrl", "Cc"}, {"Format", "Cf"}, {"Surrogate", "Cs"}, {"Private_Use", "Co"},
    {"Unassigned", "Cn"},
};
/// Categories RE2 has no table for.
constexpr std::array<std::string_view, 2> kNotInRe2{"LC", "Cn"};

/// Binary properties of ECMA-262 that PCRE2 knows by the same name.
constexpr std::string_view kBinary[] = {
    "Alphabetic", "ASCII", "Any", "Assigned", "ASCII_Hex_Digit", "AHex", "Alpha", "Cased", "Dash", "Diacritic", "Emoji",
    "Emoji_Component", "Emoji_Modifier", "Emoji_Modifier_Base", "Emoji_Presentation", "Extended_Pictographic",
    "Hex_Digit", "Hex", "ID_Continue", "IDC", "ID_Start", "IDS", "Ideographic", "Ideo", "Lowercase", "Lower", "Math",
    "Uppercase", "Upper", "White_Space", "space", "XID_Continue", "XIDC", "XID_Start", "XIDS",
};

/// Scripts people name in schemas; the names are those of Unicode, which RE2 and PCRE2 share.
constexpr std::string_view kScripts[] = {
    "Arabic", "Armenian", "Bengali", "Bopomofo", "Braille", "Cherokee", "Common", "Coptic", "Cyrillic", "Devanagari",
    "Ethiopic", "Georgian", "Gothic", "Greek", "Gujarati", "Gurmukhi", "Han", "Hangul", "Hebrew", "Hiragana",
    "Inherited", "Kannada", "Katakana", "Khmer", "Lao", "Latin", "Malayalam", "Mongolian", "Myanmar", "Ogham", "Oriya",
    "Runic", "Sinhala", "Syriac", "Tamil", "Telugu", "Thaana", "Thai", "Tibetan", "Tifinagh", "Yi",
};

}  // namespace

std::string unicode_property(std::string_view name, bool& re2) {
  re2 = true;
  std::string_view value = name;
  std::string_view kind;
  if (auto equals = name.find('='); equals != std::string_view::npos) {
    kind = name.substr(0, equals);
    value = name.substr(equals + 1);
  }
  if (kind == "Script" || kind == "sc" || kind == "Script_Extensions" || kind == "scx") {
    if (std::find(std::begin(kScripts), std::end(kScripts), value) == std::end(kScripts)) return {};
    return std::string(value);
  }
  if (!kind.empty() && kind != "General_Category" && kind != "gc") return {};
  for (const auto& [known, code] : kCategories) {
    if (known != value && code != value) continue;
    re2 = std::find(kNotInRe2.begin(), kNotInRe2.end(), code) == kNotInRe2.end();
    return code == "LC" ? "L&" : std::string(code);
  }
  if (kind.empty() && std::find(std::begin(kBinary), std::end(kBinary), value) != std::end(kBinary)) {
    re2 = value == "Any";
    return std::string(value);
  }
  return {};
}

}  // namespace carillon::schema
