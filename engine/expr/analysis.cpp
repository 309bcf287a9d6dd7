#include "engine/expr/analysis.h"

#include <algorithm>

namespace carillon {
namespace {

bool expr_ident_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool expr_ident_char(char c) {
  return expr_ident_start(c) || (c >= '0' && c <= '9');
}

struct ExprToken {
  enum class Kind { ident, field, dot, dollar, open, close, string, other } kind;
  std::string_view text;
  char bracket = 0;  ///< innermost bracket it stands in: ( [ { or 0
};

/// Splits into tokens and checks that brackets pair. A string is one token per piece of text; what stands in `\( )` is
/// tokenised like the rest.
class ExprLexer {
 public:
  explicit ExprLexer(std::string_view text) : text_(text) {}

  /// "" or the problem.
  std::string run() {
    while (at_ < text_.size()) {
      std::string problem = in_string_ ? string_piece() : token();
      if (!problem.empty()) return problem;
    }
    if (in_string_) return "a string is not closed";
    if (!open_.empty()) return std::string("a \"") + shown(open_.back()) + "\" is not closed";
    return tokens.empty() ? "the expression is empty" : "";
  }

  std::vector<ExprToken> tokens;

 private:
  // An interpolation is held as 'i' on the bracket stack; closing it returns to the string around it.
  static std::string shown(char open) { return open == 'i' ? "\\(" : std::string(1, open); }
  static char closer(char open) { return open == '[' ? ']' : open == '{' ? '}' : ')'; }

  void add(ExprToken::Kind kind, std::size_t length) {
    tokens.push_back({kind, text_.substr(at_, length), open_.empty() ? '\0' : open_.back()});
    at_ += length;
  }

  std::string string_piece() {
    char c = text_[at_];
    if (c == '"') {
      in_string_ = false;
      add(ExprToken::Kind::string, 1);
    } else if (c == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] == '(') {
      open_ += 'i';
      in_string_ = false;
      add(ExprToken::Kind::open, 2);
    } else {
      at_ += c == '\\' && at_ + 1 < text_.size() ? 2 : 1;
    }
    return {};
  }

  std::string token() {
    char c = text_[at_];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') return ++at_, "";
    if (c == '#') return comment();
    if (c == '"') {
      in_string_ = true;
      add(ExprToken::Kind::string, 1);
      return {};
    }
    if (c == '(' || c == '[' || c == '{') {
      add(ExprToken::Kind::open, 1);
      open_ += c;
      return {};
    }
    if (c == ')' || c == ']' || c == '}') return close(c);
    if (c == '$') return add(ExprToken::Kind::dollar, 1), "";
    if (expr_ident_start(c)) return word(0, ExprToken::Kind::ident), "";
    if (c == '.' && at_ + 1 < text_.size() && expr_ident_start(text_[at_ + 1]))
      return word(1, ExprToken::Kind::field), "";
    if (c == '.' &&
        !(at_ + 1 < text_.size() && (text_[at_ + 1] == '.' || (text_[at_ + 1] >= '0' && text_[at_ + 1] <= '9'))))
      return add(ExprToken::Kind::dot, 1), "";
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "it holds a control character";
    if (c == '.' && text_[at_ + 1] == '.') return add(ExprToken::Kind::other, 2), "";
    add(ExprToken::Kind::other, 1);
    return {};
  }

  void word(std::size_t skip, ExprToken::Kind kind) {
    std::size_t end = at_ + skip;
    while (end < text_.size() && expr_ident_char(text_[end])) ++end;
    add(kind, end - at_);
  }

  // jq 1.6 ends a comment at the newline only; later versions let a backslash carry it on. Where they differ is
  // refused.
  std::string comment() {
    std::size_t end = std::min(text_.find('\n', at_), text_.size());
    std::string_view comment = text_.substr(at_, end - at_);
    if (comment.find_first_of("\\\r") != std::string_view::npos)
      return "a comment holds a backslash or a carriage return, which versions of jq read differently";
    at_ = end;
    return {};
  }

  std::string close(char c) {
    if (open_.empty()) return std::string("a \"") + c + "\" closes nothing";
    char open = open_.back();
    if (closer(open) != c) return std::string("a \"") + c + "\" closes a \"" + shown(open) + "\"";
    open_.pop_back();
    in_string_ = open == 'i';
    add(ExprToken::Kind::close, 1);
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool in_string_ = false;
  std::string open_;
};

constexpr std::string_view kRefusedVariables[] = {"ENV", "__prog_args"};
constexpr std::string_view kAbsentVariables[] = {"secrets", "authorization"};
constexpr std::string_view kRefusedWords[] = {"import", "include", "module"};

/// `{env}` and `{env: 1}` are keys, not calls.
bool is_object_key(const std::vector<ExprToken>& tokens, std::size_t i) {
  if (tokens[i].bracket != '{' || i == 0) return false;
  std::string_view before = tokens[i - 1].text;
  return before == "{" || (before == "," && tokens[i - 1].bracket == '{');
}

std::string refuse_token(const std::vector<ExprToken>& tokens, std::size_t i) {
  const ExprToken& t = tokens[i];
  if (t.kind != ExprToken::Kind::ident) return {};
  std::string name(t.text);
  if (i > 0 && tokens[i - 1].kind == ExprToken::Kind::dollar) {
    if (std::ranges::count(kRefusedVariables, t.text)) return "$" + name + " is not available in expressions";
    if (std::ranges::count(kAbsentVariables, t.text)) return "$" + name + " is not available yet";
    return {};
  }
  if (is_object_key(tokens, i)) return {};
  bool refused = std::ranges::count(kRefusedWords, t.text) > 0 ||
                 std::ranges::any_of(refused_functions(), [&](const RefusedFunction& f) { return f.name == t.text; });
  return refused ? "\"" + name + "\" is not available in expressions" : "";
}

std::optional<PlainPath> plain_path(const std::vector<ExprToken>& tokens) {
  using Kind = ExprToken::Kind;
  PlainPath path;
  std::size_t i = 0;
  if (tokens.size() == 1 && tokens[0].kind == Kind::dot) return path;
  if (tokens.size() >= 2 && tokens[0].kind == Kind::dollar && tokens[1].kind == Kind::ident) {
    if (tokens[1].text.starts_with("__")) return std::nullopt;
    path.variable = tokens[1].text;
    i = 2;
  }
  for (; i < tokens.size(); ++i) {
    if (tokens[i].kind != Kind::field) return std::nullopt;
    path.fields.emplace_back(tokens[i].text.substr(1));
  }
  return path;
}

}  // namespace

const std::vector<RefusedFunction>& refused_functions() {
  static const std::vector<RefusedFunction> kFunctions = {{"env", 0},
                                                          {"input", 0},
                                                          {"inputs", 0},
                                                          {"debug", 0},
                                                          {"debug", 1},
                                                          {"stderr", 0},
                                                          {"input_filename", 0},
                                                          {"input_line_number", 0},
                                                          {"get_search_list", 0},
                                                          {"get_prog_origin", 0},
                                                          {"get_jq_origin", 0},
                                                          {"modulemeta", 0},
                                                          {"halt", 0},
                                                          {"halt_error", 0},
                                                          {"halt_error", 1}};
  return kFunctions;
}

ExpressionAnalysis analyse_expression(std::string_view text) {
  ExpressionAnalysis analysis;
  if (text.size() > 16 * 1024) {
    analysis.problem = "it has more than 16 KiB";
    return analysis;
  }
  ExprLexer lexer(text);
  analysis.problem = lexer.run();
  for (std::size_t i = 0; analysis.problem.empty() && i < lexer.tokens.size(); ++i) {
    analysis.problem = refuse_token(lexer.tokens, i);
    if (i > 0 && lexer.tokens[i].kind == ExprToken::Kind::ident && lexer.tokens[i - 1].kind == ExprToken::Kind::dollar)
      analysis.variables.emplace(lexer.tokens[i].text);
  }
  if (analysis.problem.empty()) analysis.path = plain_path(lexer.tokens);
  return analysis;
}

}  // namespace carillon
