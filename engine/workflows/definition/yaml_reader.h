#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "engine/workflows/definition/document.h"

namespace carillon {

/// The YAML half of read_document, same contract; the size was checked.
std::optional<Document> read_yaml(std::string_view text, std::vector<Problem>& problems, const DocumentLimits& limits);

/// The value of a plain scalar by the YAML 1.2 core schema (section 10.3.2); nothing for .inf, .nan and integers
/// outside 64 bits, which JSON cannot hold.
std::optional<Json> yaml_core_scalar(const std::string& text);

}  // namespace carillon
