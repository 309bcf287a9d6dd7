#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace carillon::architecture {

/// One token of SQL: a word in lower case, a parameter ("$1"), a quoted text (with quotes), or one sign.
struct SqlToken {
  std::string text;
  int query = 0;  ///< which SELECT (or the whole statement, 0) it belongs to; brackets without a SELECT open none
  int line = 1;
};

std::vector<SqlToken> tokens_of(std::string_view sql);
/// Cut at semicolons.
std::vector<std::vector<SqlToken>> statements_of(std::string_view sql);
/// True when `words` (separated by spaces) stand next to each other from `at`.
bool follows(const std::vector<SqlToken>& tokens, std::size_t at, std::string_view words);
/// The first place of such words, or npos.
std::size_t find_words(const std::vector<SqlToken>& tokens, std::string_view words);
/// The tokens as text with single spaces, to compare shapes.
std::string joined(const std::vector<SqlToken>& tokens);

}  // namespace carillon::architecture
