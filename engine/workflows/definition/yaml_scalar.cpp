#include <charconv>
#include <cmath>

#include "engine/workflows/definition/yaml_reader.h"

namespace carillon {
namespace {

bool yaml_digits(std::string_view s) {
  return !s.empty() && s.find_first_not_of("0123456789") == std::string_view::npos;
}

bool yaml_is_float(std::string_view s) {
  if (!s.empty() && (s[0] == '-' || s[0] == '+')) s.remove_prefix(1);
  const auto e = s.find_first_of("eE");
  if (e != std::string_view::npos) {
    std::string_view exponent = s.substr(e + 1);
    if (!exponent.empty() && (exponent[0] == '-' || exponent[0] == '+')) exponent.remove_prefix(1);
    if (!yaml_digits(exponent)) return false;
    s = s.substr(0, e);
  }
  const auto dot = s.find('.');
  if (dot == std::string_view::npos) return yaml_digits(s);
  const std::string_view before = s.substr(0, dot), after = s.substr(dot + 1);
  return before.empty() ? yaml_digits(after) : yaml_digits(before) && (after.empty() || yaml_digits(after));
}

template <class Int>
std::optional<Json> yaml_integer(std::string_view digits, int base) {
  Int value{};
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return Json(value);
}

std::optional<Json> yaml_whole(std::string_view digits, int base) {
  if (auto v = yaml_integer<std::int64_t>(digits, base)) return v;
  return yaml_integer<std::uint64_t>(digits, base);
}

}  // namespace

std::optional<Json> yaml_core_scalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return Json();
  if (text == "true" || text == "True" || text == "TRUE") return Json(true);
  if (text == "false" || text == "False" || text == "FALSE") return Json(false);
  std::string_view digits = text;
  if (digits[0] == '+') digits.remove_prefix(1);
  if (yaml_digits(digits) || (digits.starts_with('-') && text[0] == '-' && yaml_digits(digits.substr(1))))
    return yaml_whole(digits, 10);
  if (text.starts_with("0o") && text.find_first_not_of("01234567", 2) == std::string::npos && text.size() > 2)
    return yaml_whole(digits.substr(2), 8);
  if (text.starts_with("0x") && text.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string::npos &&
      text.size() > 2)
    return yaml_whole(digits.substr(2), 16);
  if (yaml_is_float(text)) {
    const double v = std::strtod(text.c_str(), nullptr);
    return std::isfinite(v) ? std::optional<Json>(v) : std::nullopt;
  }
  std::string_view special = text;
  if (special[0] == '-' || special[0] == '+') special.remove_prefix(1);
  for (std::string_view name : {".inf", ".Inf", ".INF"})
    if (special == name) return std::nullopt;
  for (std::string_view name : {".nan", ".NaN", ".NAN"})
    if (text == name) return std::nullopt;
  return Json(text);
}

}  // namespace carillon
