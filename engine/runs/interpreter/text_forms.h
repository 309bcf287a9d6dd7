#pragma once
#include <string>
#include <string_view>

#include "engine/base/json.h"
#include "engine/base/result.h"

namespace carillon {

/// About how many bytes the JSON text of a value has; stops counting beyond `limit`.
std::size_t json_bytes(const Json& value, std::size_t limit);

/// RFC 4648 section 4, padded.
std::string base64_text(std::string_view bytes);

/// Everything but RFC 3986 unreserved characters as %XX.
std::string percent_encoded(std::string_view text);

/// RFC 6570 level 1: `{name}` becomes the percent-encoded member of `values`, nothing where there is none. Fails with
/// `invalid`/URI_TEMPLATE for a value that is an object or a list.
Result<std::string> expand_uri_template(std::string_view text, const Json& values);

/// A string as it is, numbers and booleans as JSON writes them; nothing for the rest.
std::optional<std::string> scalar_text(const Json& value);

/// Whether a text can be kept in a JSON document: UTF-8 without NUL.
bool storable_text(std::string_view text);

}  // namespace carillon
