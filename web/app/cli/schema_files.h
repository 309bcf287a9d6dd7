#pragma once
#include <iosfwd>
#include <string>

namespace carillon {

/// `carillon schema validate --schema F --instance F`: for people and for CI. Either file is JSON or, by its name (.yaml,
/// .yml), YAML; the server's intake rules apply (duplicate keys, integers beyond 64 bits, nesting over 128 are refused).
/// Prints one line per violation, "FILE:LINE:COLUMN: pointer message", in the order of the file, and one line of summary.
/// Returns 0 valid, 1 invalid, 2 when a file cannot be read, the schema is none or the payload takes too much work; why
/// is said on `err`, with line and column.
int schema_validate_files(const std::string& schema_path, const std::string& instance_path, std::ostream& out, std::ostream& err);

}  // namespace carillon
