#include "engine/runs/interpreter/text_forms.h"

namespace carillon {

std::size_t json_bytes(const Json& value, std::size_t limit) {
  if (value.is_string()) return value.get_ref<const std::string&>().size() + 2;
  if (!value.is_structured()) return 5;
  std::size_t n = 2;
  for (auto it = value.begin(); it != value.end() && n <= limit; ++it) {
    if (value.is_object()) n += it.key().size() + 3;
    n += 1 + json_bytes(*it, limit - n);
  }
  return n;
}

std::string base64_text(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < bytes.size() ? static_cast<std::uint8_t>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += i + k <= bytes.size() ? kDigits[group >> (18 - 6 * k) & 63u] : '=';
  }
  return out;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<std::uint8_t>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

std::optional<std::string> scalar_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number() || value.is_boolean()) return value.dump();
  return std::nullopt;
}

Result<std::string> expand_uri_template(std::string_view text, const Json& values) {
  std::string out;
  while (!text.empty()) {
    const auto open = text.find('{');
    const auto close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) break;
    out += text.substr(0, open);
    const std::string name(text.substr(open + 1, close - open - 1));
    text.remove_prefix(close + 1);
    if (!values.is_object() || !values.contains(name) || values.at(name).is_null()) continue;
    auto value = scalar_text(values.at(name));
    if (!value)
      return Error{ErrorCode::invalid,
                   "URI_TEMPLATE",
                   "{" + shorten(name) + "} in the address stands for an object or a list.",
                   "",
                   shorten(name),
                   "Use a text, number or boolean, or make the whole address an expression.",
                   {}};
    out += percent_encoded(*value);
  }
  out += text;
  return out;
}

bool storable_text(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return false;
  try {
    (void)Json(std::string(text)).dump();
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

}  // namespace carillon
