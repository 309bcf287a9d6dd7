#include "tests/architecture/rules/sql_text.h"

#include <cctype>

namespace carillon::architecture {
namespace {

bool is_sql_word_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

/// Past the token that begins at `at`.
std::size_t end_of_token(std::string_view sql, std::size_t at) {
  if (sql[at] == '\'') {
    for (std::size_t n = at + 1; n < sql.size(); ++n) {
      if (sql[n] != '\'') continue;
      if (n + 1 < sql.size() && sql[n + 1] == '\'') ++n;
      else return n + 1;
    }
    return sql.size();
  }
  std::size_t n = at + 1;
  if (sql[at] == '$' || is_sql_word_char(sql[at]))
    while (n < sql.size() && is_sql_word_char(sql[n])) ++n;
  else if (sql.substr(at, 2) == "::" || sql.substr(at, 2) == "||" || sql.substr(at, 2) == "<=" || sql.substr(at, 2) == ">=") ++n;
  return n;
}

std::string lower(std::string_view text) {
  std::string out(text);
  if (!out.empty() && out[0] == '\'') return out;
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// Numbers the queries: a bracket whose first word is SELECT opens one.
void number_queries(std::vector<SqlToken>& tokens) {
  std::vector<int> open = {0};
  int made = 0;
  for (std::size_t n = 0; n < tokens.size(); ++n) {
    if (tokens[n].text == "(") {
      const bool query = n + 1 < tokens.size() && tokens[n + 1].text == "select";
      open.push_back(query ? ++made : open.back());
    }
    tokens[n].query = open.back();
    if (tokens[n].text == ")" && open.size() > 1) open.pop_back();
  }
}

}  // namespace

std::vector<SqlToken> tokens_of(std::string_view sql) {
  std::vector<SqlToken> out;
  int line = 1;
  for (std::size_t n = 0; n < sql.size();) {
    if (std::isspace(static_cast<unsigned char>(sql[n]))) {
      line += sql[n] == '\n';
      ++n;
    } else if (sql.substr(n, 2) == "--") {
      n = std::min(sql.find('\n', n), sql.size());
    } else {
      const auto end = end_of_token(sql, n);
      out.push_back({lower(sql.substr(n, end - n)), 0, line});
      n = end;
    }
  }
  number_queries(out);
  return out;
}

std::vector<std::vector<SqlToken>> statements_of(std::string_view sql) {
  std::vector<std::vector<SqlToken>> out(1);
  for (auto& token : tokens_of(sql)) {
    if (token.text == ";") out.emplace_back();
    else out.back().push_back(std::move(token));
  }
  std::erase_if(out, [](const auto& statement) { return statement.empty(); });
  return out;
}

bool follows(const std::vector<SqlToken>& tokens, std::size_t at, std::string_view words) {
  for (; !words.empty(); ++at) {
    const auto end = std::min(words.find(' '), words.size());
    if (at >= tokens.size() || tokens[at].text != words.substr(0, end)) return false;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return true;
}

std::size_t find_words(const std::vector<SqlToken>& tokens, std::string_view words) {
  for (std::size_t n = 0; n < tokens.size(); ++n)
    if (follows(tokens, n, words)) return n;
  return std::string::npos;
}

std::string joined(const std::vector<SqlToken>& tokens) {
  std::string out;
  for (const auto& token : tokens) out += (out.empty() ? "" : " ") + token.text;
  return out;
}

}  // namespace carillon::architecture
