#pragma once
#include "tests/architecture/rules/source_tree.h"

namespace carillon::architecture {

/// One word per idea: identifiers and string literals of C++, SQL and the API description. Comments are prose and free.
Findings check_words(const SourceFile& file);

}  // namespace carillon::architecture
