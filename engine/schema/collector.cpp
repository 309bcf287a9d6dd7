#include "engine/schema/collector.h"

#include <algorithm>

namespace carillon::schema {

void Collector::add(const Node& node, const char* keyword, std::string message, Json params) {
  if (full()) return;
  Finding f;
  for (const PathStep& step : path_) {
    f.violation.instance = pointer_append(f.violation.instance, step.member ? std::string(step.key) : std::to_string(step.position));
    f.order.push_back(step.position);
  }
  f.violation.keyword = keyword;
  f.violation.schema = node.is_false ? node.pointer : pointer_append(node.pointer, keyword);
  f.sequence = found_.size();
  f.violation.message = std::move(message);
  f.violation.params_json = dump_json(params);
  bytes_ += f.violation.instance.size() + f.violation.schema.size() + f.violation.message.size() + f.violation.params_json.size();
  found_.push_back(std::move(f));
}

void Collector::add_at_member(const Node& node, const char* keyword, std::string_view member, std::uint32_t position,
                              std::string message, Json params) {
  if (full()) return;
  add(node, keyword, std::move(message), std::move(params));
  Finding& f = found_.back();
  f.violation.instance = pointer_append(f.violation.instance, member);
  f.order.push_back(position);
}

void Collector::take(Collector&& other) {
  for (Finding& f : other.found_) {
    if (full()) return;
    f.sequence = found_.size();
    bytes_ += f.violation.instance.size() + f.violation.params_json.size();
    found_.push_back(std::move(f));
  }
}

std::vector<Violation> Collector::finish(std::size_t max) && {
  std::sort(found_.begin(), found_.end(), [](const Finding& a, const Finding& b) {
    return a.order != b.order ? a.order < b.order : a.sequence < b.sequence;
  });
  std::vector<Violation> out;
  for (Finding& f : found_) {
    if (out.size() >= max) break;
    // One subschema reached along two ways (allOf of two references) says the same twice.
    bool repeated = false;
    for (auto it = out.rbegin(); it != out.rend() && it->instance == f.violation.instance && !repeated; ++it)
      repeated = *it == f.violation;
    if (!repeated) out.push_back(std::move(f.violation));
  }
  return out;
}

namespace {

struct TypeWord {
  std::uint8_t bits;
  const char* name;
  const char* phrase;
};
constexpr TypeWord kTypeWords[] = {{kNumber, "number", "a number"}, {kInteger, "integer", "an integer"},
                                   {kString, "string", "a string"}, {kBoolean, "boolean", "true or false"},
                                   {kArray, "array", "an array"},   {kObject, "object", "an object"},
                                   {kNull, "null", "null"}};

std::vector<const TypeWord*> words_of(std::uint8_t types) {
  std::vector<const TypeWord*> out;
  for (const TypeWord& word : kTypeWords) {
    if ((types & word.bits) != word.bits) continue;
    out.push_back(&word);
    types = static_cast<std::uint8_t>(types & ~word.bits);
  }
  return out;
}

}  // namespace

std::string describe_types(std::uint8_t types) {
  std::string out;
  for (const TypeWord* word : words_of(types)) out += (out.empty() ? "" : " or ") + std::string(word->phrase);
  return out.empty() ? "of no type" : out;
}

Json type_names(std::uint8_t types) {
  Json out = Json::array();
  for (const TypeWord* word : words_of(types)) out.push_back(word->name);
  return out.size() == 1 ? out[0] : out;
}

namespace {

/// Takes what the text of a value is about as long as from `left`; stops when that is spent.
void spend_text(const Json& value, std::ptrdiff_t& left) {
  left -= 4;
  if (const auto* text = value.get_ptr<const std::string*>()) left -= static_cast<std::ptrdiff_t>(text->size());
  if (!value.is_structured()) return;
  for (auto it = value.begin(); it != value.end() && left > 0; ++it) {
    if (value.is_object()) left -= static_cast<std::ptrdiff_t>(it.key().size()) + 4;
    spend_text(*it, left);
  }
}

}  // namespace

bool is_short(const Json& value) {
  std::ptrdiff_t left = 2'000;
  spend_text(value, left);
  return left > 0;
}

std::string describe_value(const Json& value) {
  if (is_short(value)) return shorten(dump_json(value), 60);
  if (const auto* text = value.get_ptr<const std::string*>()) return "\"" + shorten(*text, 58);
  return (value.is_array() ? "an array of " : "an object of ") + std::to_string(value.size());
}

}  // namespace carillon::schema
