#pragma once
#include <string_view>

#include "engine/workflows/definition/document.h"

namespace carillon {

/// Records where each value of a JSON text stands. The text must have been accepted by parse_json.
void map_json_places(std::string_view text, SourceMap& places);

/// 1-based line and column (in characters) of a byte offset.
SourcePlace place_of_offset(std::string_view text, std::size_t offset);

}  // namespace carillon
