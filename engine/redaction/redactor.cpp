#include "engine/redaction/redactor.h"

#include <algorithm>
#include <set>

#include "engine/schema/marks.h"
#include "engine/schema/secret_reference.h"

namespace carillon {
namespace {

constexpr const char* kPlaceholder = "$redacted";
constexpr std::size_t kMostPatterns = 100;
constexpr std::size_t kLongestPattern = 100;

using Places = std::set<std::string>;

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// The one of `places` that `pointer` is at or below; nothing if there is none.
std::optional<std::string> place_above(const Places& places, const std::string& pointer) {
  if (places.empty()) return std::nullopt;
  for (std::size_t end = pointer.size();; end = pointer.rfind('/', end - 1)) {
    if (auto it = places.find(pointer.substr(0, end)); it != places.end()) return *it;
    if (end == 0) return std::nullopt;
  }
}

const Json* value_at(const Json& value, const std::string& pointer) {
  const Json::json_pointer at(pointer);
  return value.contains(at) ? &value[at] : nullptr;
}

Json placeholder_of(const std::string& pointer, const Json& value) {
  return {{kPlaceholder, {{"at", pointer}, {"type", value.is_number() ? "number" : value.type_name()}}}};
}

void named_places(const KeyPatterns& patterns, const Json& value, const std::string& pointer, Places& out) {
  if (value.is_array())
    for (std::size_t i = 0; i < value.size(); ++i) named_places(patterns, value[i], pointer_append(pointer, std::to_string(i)), out);
  if (!value.is_object()) return;
  for (const auto& [key, member] : value.items()) {
    std::string at = pointer_append(pointer, key);
    if (patterns.matches(key)) out.insert(std::move(at));
    else named_places(patterns, member, at, out);
  }
}

void find_placeholders(const Json& value, const std::string& pointer, std::vector<std::string>& out) {
  if (value.is_array())
    for (std::size_t i = 0; i < value.size(); ++i) find_placeholders(value[i], pointer_append(pointer, std::to_string(i)), out);
  if (!value.is_object()) return;
  if (value.contains(kPlaceholder)) return out.push_back(pointer);
  for (const auto& [key, member] : value.items()) find_placeholders(member, pointer_append(pointer, key), out);
}

Error placeholder_error(const char* reason, const std::string& message, const std::string& field, const Json& value, const std::string& remedy) {
  return Error{ErrorCode::invalid, reason, message, field, shorten(dump_json(value)), remedy, {}};
}

/// The place that a placeholder names.
Result<std::string> named_place(const Json& placeholder, const std::string& field) {
  const Json& inner = placeholder.at(kPlaceholder);
  const bool good = placeholder.size() == 1 && inner.is_object() && inner.size() == 2 && inner.contains("at") && inner["at"].is_string() &&
                    inner.contains("type") && inner["type"].is_string();
  if (!good)
    return placeholder_error("PLACEHOLDER_MALFORMED", "A member \"$redacted\" is kept for placeholders of hidden values, and this is none.", field,
                             placeholder, "Send placeholders back exactly as you got them, or the value itself.");
  return inner["at"].get<std::string>();
}

/// Keywords whose violations name members of the value.
bool names_members(const std::string& keyword) {
  static const std::set<std::string> all = {"additionalProperties", "unevaluatedProperties", "propertyNames", "required",
                                            "dependentRequired",    "dependencies",          "oneOf",         "anyOf"};
  return all.contains(keyword);
}

}  // namespace

Result<std::shared_ptr<const KeyPatterns>> KeyPatterns::parse(const std::vector<std::string>& patterns) {
  if (patterns.size() > kMostPatterns)
    return Error{ErrorCode::invalid, "TOO_MANY_PATTERNS", "There are more than " + std::to_string(kMostPatterns) + " patterns.", "/patterns",
                 std::to_string(patterns.size()), "Join some with * and ?.", {}};
  auto out = std::make_shared<KeyPatterns>();
  for (std::size_t n = 0; n < patterns.size(); ++n) {
    const std::string& pattern = patterns[n];
    if (pattern.empty() || pattern.size() > kLongestPattern || pattern.find_first_not_of("*? \t") == std::string::npos)
      return Error{ErrorCode::invalid, "PATTERN_MALFORMED", "A pattern is 1 to " + std::to_string(kLongestPattern) + " bytes of a member's name, not only * and ?.",
                   "/patterns/" + std::to_string(n), shorten(pattern), "Write it like *password* or api?key.", {}};
    out->patterns_.push_back(lower_ascii(pattern));
  }
  return std::shared_ptr<const KeyPatterns>(std::move(out));
}

bool KeyPatterns::matches(std::string_view member) const {
  const std::string name = lower_ascii(member);
  const auto fits = [&](const std::string& pattern) {
    std::size_t p = 0, n = 0, star = std::string::npos, resume = 0;
    while (n < name.size()) {
      if (p < pattern.size() && pattern[p] == '*') {
        star = p++;
        resume = n;
      } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
        ++p;
        ++n;
      } else if (star != std::string::npos) {
        p = star + 1;
        n = ++resume;
      } else {
        return false;
      }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
  };
  return std::ranges::any_of(patterns_, fits);
}

Redactor::Redactor(const std::shared_ptr<const schema::Schema>& schema, std::shared_ptr<const KeyPatterns> patterns) {
  if (schema && schema::has_marks(*schema)) schemas_.push_back(schema);
  if (patterns) patterns_.push_back(std::move(patterns));
}

void Redactor::also(const Redactor& other) {
  schemas_.insert(schemas_.end(), other.schemas_.begin(), other.schemas_.end());
  patterns_.insert(patterns_.end(), other.patterns_.begin(), other.patterns_.end());
}

std::vector<std::string> Redactor::places(const Json& value) const {
  Places found;
  for (const auto& schema : schemas_)
    for (auto& place : schema::marked_places(*schema, value)) found.insert(std::move(place));
  for (const auto& patterns : patterns_) named_places(*patterns, value, "", found);
  std::vector<std::string> out;
  for (const auto& place : found) {
    const bool below = !place.empty() && place_above(found, place.substr(0, place.rfind('/')));
    if (!below && !schema::secret_name_of(value[Json::json_pointer(place)])) out.push_back(place);
  }
  return out;
}

Json Redactor::shown(Json value) const {
  if (idle()) return value;
  for (const auto& place : places(value)) {
    Json& at = value[Json::json_pointer(place)];
    at = placeholder_of(place, at);
  }
  return value;
}

Json Redactor::shown_by_name(Json value) const {
  if (patterns_.empty()) return value;
  Redactor named;
  named.patterns_ = patterns_;
  return named.shown(std::move(value));
}

ValueMask Redactor::mask_of(const Json& value) const {
  ValueMask out;
  if (!idle())
    for (const auto& place : places(value)) out.add(value[Json::json_pointer(place)]);
  return out;
}

Json Redactor::shown_changes(const Json& changes, const Json& before, const Json& after, const std::string& pointer_member,
                             const std::string& prefix) const {
  if (idle()) return changes;
  const auto list_before = places(before), list_after = places(after);
  Places hidden(list_before.begin(), list_before.end());
  hidden.insert(list_after.begin(), list_after.end());
  ValueMask mask = mask_of(before);
  for (const auto& place : list_after) mask.add(after[Json::json_pointer(place)]);
  const Json shown_before = shown(before), shown_after = shown(after);
  Places told;
  Json out = Json::array();
  for (const auto& change : changes) {
    const std::string whole = change.at(pointer_member);
    if (!whole.starts_with(prefix)) {
      out.push_back(change);
      continue;
    }
    const auto above = place_above(hidden, whole.substr(prefix.size()));
    const std::string pointer = above.value_or(whole.substr(prefix.size()));
    if (above && !told.insert(pointer).second) continue;
    Json entry = change;
    entry[pointer_member] = prefix + pointer;
    const Json* old = value_at(shown_before, pointer);
    const Json* fresh = value_at(shown_after, pointer);
    if (above && entry.contains("kind")) entry["kind"] = !old ? "added" : !fresh ? "removed" : "changed";
    if (entry.contains("before") || (above && old)) entry["before"] = old ? mask.json(*old) : Json(nullptr);
    if (entry.contains("after") || (above && fresh)) entry["after"] = fresh ? mask.json(*fresh) : Json(nullptr);
    out.push_back(std::move(entry));
  }
  return out;
}

bool holds_placeholders(const Json& value) {
  if (value.is_object() && value.contains(kPlaceholder)) return true;
  return value.is_structured() && std::ranges::any_of(value, holds_placeholders);
}

std::vector<std::string> placeholder_places(const Json& value) {
  std::vector<std::string> out;
  find_placeholders(value, "", out);
  return out;
}

Result<Json> restore_hidden(Json edited, const Json* stored, const Redactor& hidden_by, const Redactor& target, const std::string& field) {
  if (!holds_placeholders(edited)) return edited;
  const auto list = stored ? hidden_by.places(*stored) : std::vector<std::string>();
  const Places known(list.begin(), list.end());
  const auto destinations = placeholder_places(edited);
  const Json sent = edited;
  for (const auto& place : destinations) {
    const Json& placeholder = sent[Json::json_pointer(place)];
    CARILLON_TRY(const std::string from, named_place(placeholder, field + place));
    if (!known.contains(from))
      return placeholder_error("PLACEHOLDER_UNKNOWN",
                               stored ? "The stored payload has no hidden value at " + shorten(from) + " that this could stand for."
                                      : "This stands for a hidden value, and there is none stored here yet.",
                               field + place, placeholder, "Enter the value itself, or a secret reference {\"$secret\": \"name\"}.");
    edited[Json::json_pointer(place)] = (*stored)[Json::json_pointer(from)];
  }
  const auto hidden = target.places(edited);
  const Places covered(hidden.begin(), hidden.end());
  for (const auto& place : destinations)
    if (!place_above(covered, place))
      return placeholder_error("PLACEHOLDER_SHOWN", "The hidden value would be shown at " + (place.empty() ? std::string("the root") : shorten(place)) + ".",
                               field + place, sent[Json::json_pointer(place)], "Keep it where its schema hides it, or enter another value.");
  return edited;
}

std::vector<Violation> without_hidden(std::vector<Violation> violations, const schema::Schema& schema, const Json& payload) {
  if (!schema::has_marks(schema)) return violations;
  const auto list = schema::marked_places(schema, payload);
  const Places hidden(list.begin(), list.end());
  std::vector<Violation> out;
  for (auto& v : violations) {
    const auto above = place_above(hidden, v.instance);
    if (above && (*above != v.instance || names_members(v.keyword))) {
      v.instance = *above;
      v.message = "does not fit the keyword \"" + v.keyword + "\"; what is in it is hidden";
      v.params_json = "{}";
    }
    if (std::ranges::find(out, v) == out.end()) out.push_back(std::move(v));
  }
  return out;
}

}  // namespace carillon
