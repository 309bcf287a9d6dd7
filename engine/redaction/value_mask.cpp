#include "engine/redaction/value_mask.h"

#include <algorithm>
#include <cstring>

#include "engine/redaction/text_shapes.h"
#include "engine/schema/secret_reference.h"

namespace carillon {
namespace {

constexpr std::size_t kShortestText = 4;
constexpr std::size_t kShortestNumber = 4;  ///< digits

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::uint32_t first_bytes(std::string_view text) {
  std::uint32_t out = 0;
  std::memcpy(&out, text.data(), sizeof out);
  return out;
}

/// Where the next "..." or "…" begins.
std::size_t next_cut(std::string_view text, std::size_t from) { return std::min(text.find("...", from), text.find("…", from)); }

}  // namespace

void ValueMask::add(const Json& value) {
  if (schema::secret_name_of(value)) return;
  if (value.is_structured()) {
    for (const auto& each : value) add(each);
    return;
  }
  if (const auto* text = value.get_ptr<const std::string*>()) {
    if (text->size() < kShortestText || !exact_.insert(dump_json(value)).second) return;
    for (auto& shape : shapes_of(*text)) add_form(std::move(shape), false);
  } else if (value.is_number()) {
    const std::string digits = dump_json(value);
    if (static_cast<std::size_t>(std::ranges::count_if(digits, is_digit)) < kShortestNumber || !exact_.insert(digits).second) return;
    add_form(digits, true);
  }
}

void ValueMask::add_form(std::string text, bool number) {
  Alike& alike = forms_[first_bytes(text)];
  alike.lengths.insert(text.size());
  (number ? alike.numbers : alike.texts).insert(std::move(text));
}

std::size_t ValueMask::hidden_at(std::string_view text, std::size_t at, std::size_t cut) const {
  const auto found = forms_.find(first_bytes(text.substr(at)));
  if (found == forms_.end()) return 0;
  const Alike& alike = found->second;
  for (const std::size_t length : alike.lengths) {
    if (at + length > text.size()) continue;
    const std::string_view here = text.substr(at, length);
    if (alike.texts.contains(here)) return length;
    const bool within = (at > 0 && is_digit(text[at - 1])) || (at + length < text.size() && is_digit(text[at + length]));
    if (!within && alike.numbers.contains(here)) return length;
  }
  // The beginning of one, and then what says that it goes on.
  if (cut == std::string_view::npos || cut < at + kShortestText) return 0;
  const std::string_view beginning = text.substr(at, cut - at);
  const auto longer = alike.texts.lower_bound(beginning);
  return longer != alike.texts.end() && longer->starts_with(beginning) ? beginning.size() : 0;
}

std::string ValueMask::text(std::string_view text) const {
  std::string out;
  std::size_t from = 0, cut = next_cut(text, 0);
  for (std::size_t at = 0; at + kShortestText <= text.size();) {
    if (cut < at) cut = next_cut(text, at);
    const std::size_t length = hidden_at(text, at, cut);
    if (length == 0) {
      ++at;
      continue;
    }
    out += text.substr(from, at - from);
    out += kHiddenText;
    from = at += length;
  }
  return out += text.substr(from);
}

Json ValueMask::json(const Json& value) const {
  if (empty()) return value;
  if (value.is_object()) {
    Json out = Json::object();
    for (const auto& [key, member] : value.items()) out[text(key)] = json(member);
    return out;
  }
  if (value.is_array()) {
    Json out = Json::array();
    for (const auto& element : value) out.push_back(json(element));
    return out;
  }
  if (!value.is_string() && !value.is_number()) return value;
  if (exact_.contains(dump_json(value)))
    return {{"$redacted", {{"type", value.is_string() ? "string" : "number"}}}};
  return value.is_string() ? Json(text(value.get_ref<const std::string&>())) : value;
}

}  // namespace carillon
