#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace carillon {

/// JSON values. Objects keep their keys sorted, so dump() is canonical.
using Json = nlohmann::json;

struct JsonLimits {
  std::size_t bytes = 1 << 20;  ///< whole text
  int depth = 128;              ///< nesting of arrays and objects
};

/// Strict RFC 8259 with what would be lost silently refused instead: duplicate keys, integers outside 64 bits, numbers
/// that overflow a double, \u0000 (PostgreSQL cannot hold it), nesting and size over the limits.
/// Fails with malformed (or too_large for the size); reason JSON_MALFORMED, JSON_DUPLICATE_KEY, JSON_NUMBER_RANGE,
/// JSON_NUL, JSON_TOO_DEEP, BODY_TOO_LARGE; the message names line and column, `field` the pointer where known.
Result<Json> parse_json(std::string_view text, const JsonLimits& limits = {});

/// A text for a stored document that is known to be good; throws on anything else.
Json parse_stored_json(std::string_view text);

/// Canonical text: keys sorted, no white space, UTF-8.
std::string dump_json(const Json& value);

/// Appends one reference token to an RFC 6901 pointer, escaped.
std::string pointer_append(std::string_view pointer, std::string_view token);

/// Violations as the API and stored holds show them, and back.
Json to_json(const std::vector<Violation>& violations);
std::vector<Violation> violations_from_json(const Json& json);

/// At most `limit` characters of a value for an error message, cut with "…" on a code point boundary.
std::string shorten(std::string_view text, std::size_t limit = 80);

}  // namespace carillon
