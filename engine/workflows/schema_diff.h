#pragma once
#include "engine/base/json.h"

namespace carillon {

/// What a new payload schema asks differently: [{pointer, change, before, after}] with `pointer` into the payload ("/*" for
/// the elements of an array), in its order. change: added, removed (a property), required, optional, type, enum, default,
/// or constraint (any other keyword; then with `keyword`). `before` and `after` are null where there was nothing.
/// References within the document are followed; at most `limit` entries. Null stands for no schema at all.
Json schema_changes(const Json& before, const Json& after, std::size_t limit = 500);

/// The payload with every absent property that the schema gives a `default` for, in objects that are there.
Json with_defaults(const Json& schema, Json payload);

}  // namespace carillon
