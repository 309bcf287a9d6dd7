#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace carillon::schema {

/// Whether a text is a regular expression of ECMA-262 with the `u` flag. Two things it refuses are taken, because schemas
/// in the wild rely on them: an escaped ASCII punctuation mark, and a lone `{`, `}` or `]`.
bool is_ecma_regex(std::string_view pattern);

enum class Match { no, yes, limit };

/// An ECMA-262 pattern of a schema author who is not trusted. Three machines, the first that can express it:
/// a single pass over ASCII classes, RE2 (linear time), PCRE2 with match, depth and heap limits. Immutable, thread-safe.
class Regex {
 public:
  virtual ~Regex() = default;
  /// Finds the pattern anywhere in the text. Takes its work off `steps`; `limit` when a limit of the machine or `steps`
  /// ends first.
  virtual Match search(std::string_view text, std::int64_t& steps) const = 0;
  /// True on the machine that can run into its limits (publishing warns).
  virtual bool backtracks() const { return false; }

  /// Fails with invalid SCHEMA_PATTERN_INVALID; the message names what is wrong, `field` is left empty.
  static Result<std::unique_ptr<Regex>> compile(std::string_view pattern);
};

}  // namespace carillon::schema
