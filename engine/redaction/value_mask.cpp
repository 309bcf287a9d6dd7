#include "engine/redaction/value_mask.h"

#include <algorithm>

#include "engine/redaction/text_shapes.h"
#include "engine/schema/secret_reference.h"

namespace carillon {
namespace {

constexpr std::size_t kShortestText = 4;
constexpr std::size_t kShortestNumber = 4;  ///< digits
constexpr std::size_t kMostForms = 20'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// How many bytes of `text` from `at` on are the beginning of `form`.
std::size_t common_length(std::string_view text, std::size_t at, std::string_view form) {
  std::size_t n = 0;
  while (n < form.size() && at + n < text.size() && text[at + n] == form[n]) ++n;
  return n;
}

bool cut_off(std::string_view rest) { return rest.starts_with("...") || rest.starts_with("…"); }

}  // namespace

void ValueMask::add(const Json& value) {
  if (schema::secret_name_of(value)) return;
  if (const auto* text = value.get_ptr<const std::string*>()) return add_text(*text);
  if (value.is_structured()) {
    for (const auto& each : value) add(each);
    return;
  }
  if (!value.is_number()) return;
  const std::string text = dump_json(value);
  if (static_cast<std::size_t>(std::ranges::count_if(text, is_digit)) < kShortestNumber) return;
  exact_.push_back(text);
  add_form(text, true, false);
}

void ValueMask::add_text(const std::string& text) {
  if (text.size() < kShortestText) return;
  exact_.push_back(dump_json(text));
  for (auto& shape : shapes_of(text)) add_form(std::move(shape), false, true);
}

void ValueMask::add_form(std::string text, bool whole, bool cut) {
  if (forms_.size() >= kMostForms || std::ranges::find(forms_, text, &Form::text) != forms_.end()) return;
  const auto place = std::ranges::find_if(forms_, [&](const Form& other) { return other.text.size() < text.size(); });
  forms_.insert(place, {std::move(text), whole, cut});
}

std::string ValueMask::without(const Form& form, std::string text) const {
  const std::string_view start = std::string_view(form.text).substr(0, form.cut ? kShortestText : form.text.size());
  for (std::size_t at = text.find(start); at != std::string::npos; at = text.find(start, at)) {
    const std::size_t length = common_length(text, at, form.text);
    const std::string_view rest = std::string_view(text).substr(at + length);
    bool hit = length == form.text.size() || (form.cut && cut_off(rest));
    if (form.whole && ((at > 0 && is_digit(text[at - 1])) || (!rest.empty() && is_digit(rest[0])))) hit = false;
    if (!hit) {
      ++at;
      continue;
    }
    text.replace(at, length, kHiddenText);
    at += kHiddenText.size();
  }
  return text;
}

std::string ValueMask::text(std::string_view text) const {
  std::string out(text);
  for (const auto& form : forms_) out = without(form, std::move(out));
  return out;
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
  if (std::ranges::find(exact_, dump_json(value)) != exact_.end())
    return {{"$redacted", {{"type", value.is_string() ? "string" : "number"}}}};
  return value.is_string() ? Json(text(value.get_ref<const std::string&>())) : value;
}

}  // namespace carillon
