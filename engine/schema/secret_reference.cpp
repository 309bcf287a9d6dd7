#include "engine/schema/secret_reference.h"

#include <algorithm>

#include "engine/schema/evaluation_result.h"

namespace carillon::schema {
namespace {

constexpr const char* kSecretMember = "$secret";
constexpr std::size_t kLongestSecretName = 100;
/// What a reference is while it is validated: a text that no schema's const or enum reasonably holds.
constexpr std::string_view kOpaque = "\x01$secret:";

/// A tree in which references have become opaque texts.
class OpaqueView {
 public:
  static constexpr bool kOrderUnproven = false;
  OpaqueView() = default;
  explicit OpaqueView(TreeView view) : view_(view) {}
  Kind kind() const { return view_.kind(); }
  bool boolean() const { return view_.boolean(); }
  Number number() const { return view_.number(); }
  std::string_view string() const { return view_.string(); }
  std::size_t size() const { return view_.size(); }
  bool opaque() const { return view_.string().starts_with(kOpaque); }
  template <class F>
  bool elements(F&& each) const {
    return view_.elements([&](const TreeView& e) { return each(OpaqueView(e)); });
  }
  template <class F>
  bool members(F&& each) const {
    return view_.members([&](std::string_view key, const TreeView& e) { return each(key, OpaqueView(e)); });
  }
  bool find(std::string_view key, OpaqueView& out) const {
    TreeView found;
    if (!view_.find(key, found)) return false;
    out = OpaqueView(found);
    return true;
  }

 private:
  TreeView view_;
};

template <class Each>
void each_reference(const Json& value, const std::string& pointer, Each&& each) {
  if (value.is_object()) {
    if (value.contains(kSecretMember)) return each(value, pointer);
    for (const auto& [key, member] : value.items()) each_reference(member, pointer_append(pointer, key), each);
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) each_reference(value[i], pointer_append(pointer, std::to_string(i)), each);
  }
}

Violation malformed_reference(const std::string& pointer) {
  return {pointer, "", kSecretMember,
          "must be a secret reference: {\"$secret\": \"name\"} and nothing else, the name of letters, digits, \".\", \"_\" and \"-\"", "{}"};
}

}  // namespace

bool is_secret_name(std::string_view text) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= kLongestSecretName && plain(text[0]) &&
         std::ranges::all_of(text, [&](char c) { return plain(c) || c == '.' || c == '_' || c == '-'; });
}

std::optional<std::string_view> secret_name_of(const Json& value) {
  if (!value.is_object() || value.size() != 1) return std::nullopt;
  const auto at = value.find(kSecretMember);
  if (at == value.end() || !at->is_string()) return std::nullopt;
  const std::string_view name = at->get_ref<const std::string&>();
  return is_secret_name(name) ? std::optional(name) : std::nullopt;
}

Json secret_reference(std::string_view name) { return {{kSecretMember, name}}; }

bool holds_secrets(const Json& value) {
  if (value.is_object() && value.contains(kSecretMember)) return true;
  return value.is_structured() && std::ranges::any_of(value, holds_secrets);
}

std::vector<SecretPlace> secret_places(const Json& value) {
  std::vector<SecretPlace> out;
  each_reference(value, "", [&](const Json& reference, const std::string& pointer) {
    if (auto name = secret_name_of(reference)) out.push_back({pointer, std::string(*name)});
  });
  return out;
}

Result<std::vector<Violation>> validate_with_secrets(const Schema& schema, const Json& instance, const ValidateOptions& options) {
  std::vector<Violation> malformed;
  Json opaque = instance;
  std::set<std::string> places;
  each_reference(instance, "", [&](const Json& reference, const std::string& pointer) {
    places.insert(pointer);
    const auto name = secret_name_of(reference);
    if (!name && malformed.size() < options.max_violations) malformed.push_back(malformed_reference(pointer));
    opaque[Json::json_pointer(pointer)] = std::string(kOpaque) + std::string(name.value_or(""));
  });
  if (!malformed.empty()) return malformed;
  bool unordered = false;
  CARILLON_TRY(auto violations, evaluate_violations(schema.program(), OpaqueView(TreeView(opaque)), options, unordered));
  for (auto& v : violations)
    if (places.contains(v.instance)) v.message += "; a secret reference stands for a text that is not known here";
  return violations;
}

}  // namespace carillon::schema
