#pragma once
#include <iosfwd>
#include <string>

namespace carillon::schema {

/// `carillon schema validate`: one JSON object per line of `in`,
///   {"schema":…, "instance":…, "dialect"?:"2020-12"|"draft-07", "remotes"?:{uri:schema}, "formats"?:bool}
/// and one answer per line on `out`, in order:
///   {"valid":bool,"violations":[{"instance","schema","keyword","message","params"}]}  or
///   {"error":{"code","message","pointer"}}
/// `formats` false makes `format` an annotation. Empty lines are skipped. Integers beyond 64 bits are read as doubles and
/// \u0000 is allowed, unlike at the server's intake, so that any test suite can be fed. Returns 0: verdicts are data.
int schema_validate_lines(std::istream& in, std::ostream& out);

/// `carillon schema validate --schema F --instance F`: for people. Prints one line per violation; the intake rules of the
/// server apply (parse_json). Returns 0 valid, 1 invalid, 2 when a file or the schema is no good (said on `err`).
int schema_validate_files(const std::string& schema_path, const std::string& instance_path, std::ostream& out,
                          std::ostream& err);

}  // namespace carillon::schema
