#include "engine/redaction/text_shapes.h"

#include <algorithm>

#include "engine/base/json.h"
#include "engine/runs/interpreter/text_forms.h"

namespace carillon {
namespace {

constexpr std::size_t kShortestInBase64 = 8;

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
  return text;
}

/// As the inside of a JSON string.
std::string in_json(const std::string& text, bool ascii = false) {
  const std::string dumped = Json(text).dump(-1, ' ', ascii);
  return dumped.substr(1, dumped.size() - 2);
}

std::string in_html(std::string text, std::string_view quote) {
  text = replaced(std::move(text), "&", "&amp;");
  text = replaced(std::move(text), "<", "&lt;");
  text = replaced(std::move(text), ">", "&gt;");
  text = replaced(std::move(text), "'", "&#39;");
  return replaced(std::move(text), "\"", quote);
}

std::string lower_percents(std::string text) {
  for (std::size_t at = text.find('%'); at != std::string::npos; at = text.find('%', at + 1))
    for (std::size_t i = at + 1; i < text.size() && i <= at + 2; ++i) text[i] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[i])));
  return text;
}

/// The digits of base64 that depend on the text alone, when `offset` bytes come before it.
std::string in_base64(std::string_view text, std::size_t offset) {
  const std::size_t bits_before = offset * 8, bits = bits_before + text.size() * 8;
  const std::string digits = base64_text(std::string(offset, '\0') + std::string(text));
  const std::size_t first = (bits_before + 5) / 6, end = bits / 6;
  return digits.substr(first, end - first);
}

}  // namespace

std::vector<std::string> shapes_of(std::string_view view) {
  const std::string text(view);
  std::vector<std::string> out = {text};
  const auto add = [&](std::string shape) {
    if (std::ranges::find(out, shape) == out.end()) out.push_back(std::move(shape));
  };
  const std::string json = in_json(text), slashes = replaced(json, "/", "\\/");
  for (const std::string& once : {json, slashes, in_json(text, true)}) {
    add(once);
    add(in_json(once));
    add(in_json(in_json(once)));
  }
  const std::string percent = percent_encoded(text);
  for (const std::string& each : {percent, replaced(percent, "%20", "+")}) {
    add(each);
    add(lower_percents(each));
  }
  add(in_html(text, "&quot;"));
  add(in_html(text, "&#34;"));
  add(base64_text(text));
  if (text.size() >= kShortestInBase64)
    for (std::size_t offset = 0; offset < 3; ++offset) {
      const std::string digits = in_base64(text, offset);
      add(digits);
      add(replaced(replaced(digits, "+", "-"), "/", "_"));
    }
  return out;
}

}  // namespace carillon
