#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace carillon::schema {

/// One character class with its repetition, for patterns that are a plain sequence of such.
struct ClassRun {
  std::array<std::uint64_t, 2> ascii{};  ///< the members of the class; nothing beyond ASCII belongs to it
  std::uint32_t min = 1;
  std::uint32_t max = 1;  ///< UINT32_MAX: no upper bound
};

/// What an ECMA-262 pattern becomes.
struct EcmaTranslation {
  std::string error;  ///< empty if the pattern is one; else what is wrong and where

  struct Lookahead {
    std::string re2;
    bool negative = false;
  };
  /// `^` followed by lookaheads is a conjunction of searches, all anchored at the start.
  std::vector<Lookahead> leading;
  std::string re2;           ///< the pattern, or what follows `leading`
  bool re2_possible = true;  ///< false for look-around elsewhere, back references and properties RE2 does not know

  std::string pcre;  ///< the whole pattern

  bool runs_possible = false;  ///< the pattern is `^`, `runs`, and `$` if runs_to_end; a greedy pass decides it
  bool runs_to_end = false;
  std::vector<ClassRun> runs;
};

EcmaTranslation translate_ecma(std::string_view pattern);

/// The short name of a Unicode general category or script as RE2 and PCRE2 know it ("L" for "Letter"), empty for a name
/// of neither; `re2` tells whether RE2 knows it.
std::string unicode_property(std::string_view name, bool& re2);

}  // namespace carillon::schema
