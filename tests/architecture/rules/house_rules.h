#pragma once
#include "tests/architecture/rules/source_tree.h"

namespace carillon::architecture {

/// Sizes, leftovers, sleeps, clocks and paths of a machine, file by file.
Findings check_house(const SourceFile& file);
/// Nothing but the named entries at the top.
Findings check_top_level(const std::vector<std::string>& entries);
/// Every folder with code, SQL or UI says what it is; no folder is a place for everything.
Findings check_folders(const std::vector<std::string>& folders, const std::vector<SourceFile>& files);

}  // namespace carillon::architecture
