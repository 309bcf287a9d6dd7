#pragma once
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/schema/keywords.h"

namespace carillon::schema {

/// The dialect that a `$schema` of the standard names (with or without an empty fragment, http or https).
std::optional<Dialect> standard_dialect(std::string_view schema_uri);

/// The document a URI names if it is a metaschema of the two drafts; null otherwise. What it demands is what the published
/// documents demand; titles and comments are left out.
std::shared_ptr<const Json> find_metaschema(std::string_view uri);

/// The compiled metaschema of a dialect.
Result<std::shared_ptr<const Schema>> compiled_metaschema(Dialect dialect, bool assert_formats);

/// The bit of a vocabulary URI of draft 2020-12; `asserts` is set for format-assertion. 0 for a URI not known.
std::uint8_t vocabulary_bit(std::string_view uri, bool& asserts);

Error unsupported_dialect(const Json& named, std::string pointer);

}  // namespace carillon::schema
