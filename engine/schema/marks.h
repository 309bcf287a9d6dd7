#pragma once
#include <string>
#include <vector>

#include "engine/schema/schema.h"

namespace carillon::schema {

/// Whether the schema asks anywhere it can reach that a value be hidden: `"writeOnly": true` (JSON Schema Validation,
/// 9.4) or `"x-redact": true` in a subschema.
bool has_marks(const Schema& schema);

/// Pointers (RFC 6901) of the values in `instance` that are to be hidden, in document order, none below another. Every
/// subschema that could speak of a value counts, whether the value fits it or not: all branches of anyOf and oneOf, if,
/// then and else, not, contains, dependent schemas, what references lead to, and unevaluated* for every member or
/// element. So a value that does not fit its schema is hidden like one that does. Thread-safe.
std::vector<std::string> marked_places(const Schema& schema, const Json& instance);

}  // namespace carillon::schema
