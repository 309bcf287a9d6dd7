#pragma once
#include <iosfwd>

namespace carillon::schema {

/// `carillon schema validate` without files: one JSON object per line of `in`,
///   {"schema":…, "instance":…, "dialect"?:"2020-12"|"draft-07", "remotes"?:{uri:schema}, "formats"?:bool}
/// and one answer per line on `out`, in order:
///   {"valid":bool,"violations":[{"instance","schema","keyword","message","params"}]}  or
///   {"error":{"code","message","pointer"}}
/// `formats` false makes `format` an annotation. Empty lines are skipped. Integers beyond 64 bits are read as doubles and
/// \u0000 is allowed, unlike at the server's intake, so that any test suite can be fed. A schema is compiled once for the
/// lines in a row that share it. Returns 0: verdicts are data.
int schema_validate_lines(std::istream& in, std::ostream& out);

}  // namespace carillon::schema
