#pragma once
#include "tests/architecture/rules/source_tree.h"

namespace carillon::architecture {

/// Which layer may include which, and which foreign headers belong to which folder (the table in the README).
Findings check_includes(const SourceFile& file);

}  // namespace carillon::architecture
