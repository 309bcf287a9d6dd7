#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/schema/schema.h"

/// A secret reference stands in a payload for a text that only the secret store knows: the object {"$secret": "name"}.
/// Any object with a member "$secret" is one, and malformed if it is anything else.
namespace carillon::schema {

/// Letters, digits, ".", "_" and "-", beginning with a letter or digit; at most 100.
bool is_secret_name(std::string_view text);

/// The name in a well-formed reference; nothing for any other value. Points into `value`.
std::optional<std::string_view> secret_name_of(const Json& value);
Json secret_reference(std::string_view name);

/// Whether a canonical JSON text may hold references; never wrong about "no". Cheap: "$" is rare, quotes are not.
inline bool may_hold_secrets(std::string_view canonical_json) { return canonical_json.find("$secret\"") != std::string_view::npos; }
/// Whether there is an object with a member "$secret", well-formed or not.
bool holds_secrets(const Json& value);

struct SecretPlace {
  std::string pointer;
  std::string name;
};
/// All well-formed references, in document order.
std::vector<SecretPlace> secret_places(const Json& value);

/// As Schema::validate, for an instance with references. A reference counts as a text of which nothing is known: it fits
/// where a string fits, whatever minLength, maxLength, pattern and format say there (inside `not`, too, where such a rule
/// therefore refuses); it equals no value of const and enum. What is not of the shape of a reference is a violation of
/// keyword "$secret".
Result<std::vector<Violation>> validate_with_secrets(const Schema& schema, const Json& instance, const ValidateOptions& options = {});

}  // namespace carillon::schema
