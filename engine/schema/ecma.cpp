#include "engine/schema/ecma.h"

#include <limits>
#include <optional>
#include <set>

#include "engine/schema/ecma_class.h"
#include "engine/schema/utf8.h"

namespace carillon::schema {
namespace {

constexpr int kMaxGroupDepth = 100;
constexpr std::uint32_t kUnbounded = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t kRe2MaxRepeat = 1000;

struct Failure {
  std::string message;
};

/// Recursive descent over the Pattern grammar of ECMA-262, 22.2.1, writing both engines' dialects as it goes.
class EcmaParser {
 public:
  explicit EcmaParser(std::string_view pattern) : in_(pattern) {}

  EcmaTranslation run() {
    EcmaTranslation out;
    try {
      find_group_names();
      parse_top(out);
    } catch (const Failure& failure) {
      out.error = failure.message;
    }
    return out;
  }

 private:
  struct Text {
    std::string re2, pcre;
    void put(std::string_view both) {
      re2 += both;
      pcre += both;
    }
    void put(const Text& t) {
      re2 += t.re2;
      pcre += t.pcre;
    }
  };

  [[noreturn]] void fail(std::string message) const {
    throw Failure{std::move(message) + " at offset " + std::to_string(at_)};
  }
  bool done() const { return at_ >= in_.size(); }
  char peek() const { return done() ? '\0' : in_[at_]; }
  bool eat(std::string_view token) {
    if (!in_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  void find_group_names() {
    for (std::size_t i = 0; (i = in_.find("(?<", i)) != std::string_view::npos; i += 3) {
      const auto end = in_.find('>', i);
      if (end == std::string_view::npos) return;
      if (i + 3 < in_.size() && in_[i + 3] != '=' && in_[i + 3] != '!')
        names_.emplace(in_.substr(i + 3, end - i - 3));
    }
  }

  void parse_top(EcmaTranslation& out) {
    Text whole;
    runs_ok_ = true;
    if (eat("^")) {
      whole.put("\\A");
      bool negative;
      while ((negative = in_.substr(at_).starts_with("(?!")) || in_.substr(at_).starts_with("(?=")) {
        at_ += 3;
        Text inner;
        parse_disjunction(inner, 1);
        if (!eat(")")) fail("a group is not closed");
        out.leading.push_back({"\\A(?:" + inner.re2 + ")", negative});
        whole.pcre += (negative ? "(?!" : "(?=") + inner.pcre + ")";
        runs_ok_ = false;
      }
    } else {
      runs_ok_ = false;
    }
    parse_disjunction(whole, 0);
    if (!done()) fail("a ')' closes no group");
    // The conjunction holds only if `^` and the lookaheads govern the whole pattern.
    if (!out.leading.empty() && top_alternatives_ > 0) re2_possible_ = false;
    out.re2 = whole.re2;
    out.pcre = whole.pcre;
    out.re2_possible = re2_possible_;
    out.runs_possible = runs_ok_ && top_alternatives_ == 0 && greedy_decides();
    out.runs = runs_;
    out.runs_to_end = runs_end_;
  }

  /// A greedy pass is exact when what may follow a run of open length never starts with a member of its class.
  bool greedy_decides() const {
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      if (runs_[i].min == runs_[i].max) continue;
      for (std::size_t k = i + 1; k < runs_.size(); ++k) {
        for (int w : {0, 1})
          if (runs_[i].ascii[static_cast<std::size_t>(w)] & runs_[k].ascii[static_cast<std::size_t>(w)]) return false;
        if (runs_[k].min > 0) break;
      }
    }
    return true;
  }

  void parse_disjunction(Text& out, int depth) {
    if (depth > kMaxGroupDepth) fail("groups are nested more than " + std::to_string(kMaxGroupDepth) + " deep");
    while (true) {
      parse_alternative(out, depth);
      if (!eat("|")) return;
      out.put("|");
      if (depth == 0) ++top_alternatives_;
    }
  }

  void parse_alternative(Text& out, int depth) {
    while (!done() && peek() != '|' && peek() != ')') parse_term(out, depth);
  }

  void parse_term(Text& out, int depth) {
    if (depth == 0 && runs_end_) runs_ok_ = false;
    if (eat("^")) {
      if (depth == 0) runs_ok_ = false;
      return out.put("\\A");
    }
    if (eat("$")) {
      if (depth == 0) runs_end_ = true;
      return out.put("\\z");
    }
    if (eat("\\b")) return boundary(out, "\\b", depth);
    if (eat("\\B")) return boundary(out, "\\B", depth);
    for (std::string_view look : {"(?=", "(?!", "(?<=", "(?<!"}) {
      if (!eat(look)) continue;
      re2_possible_ = runs_ok_ = false;
      out.pcre += look;
      parse_disjunction(out, depth + 1);
      if (!eat(")")) fail("a group is not closed");
      out.pcre += ")";
      if (std::string_view("*+?").contains(peek()) && !done()) fail("a look-around cannot be repeated");
      return;
    }
    Text atom;
    std::optional<CodePointClass> set;
    parse_atom(atom, set, depth);
    parse_quantifier(out, atom, set, depth);
  }

  void boundary(Text& out, std::string_view text, int depth) {
    if (depth == 0) runs_ok_ = false;
    out.put(text);
  }

  void parse_atom(Text& out, std::optional<CodePointClass>& set, int depth) {
    if (eat("(")) return parse_group(out, depth);
    if (eat("[")) {
      set = parse_class();
    } else if (eat(".")) {
      set = CodePointClass::complement(CodePointClass::line_terminators());
    } else if (eat("\\")) {
      parse_atom_escape(out, set);
      if (!set) return;
    } else if (std::string_view("*+?").contains(peek())) {
      fail("a quantifier has nothing to repeat");
    } else {
      set.emplace();
      const char32_t cp = next_code_point(in_, at_);
      set->add(cp, cp);
    }
    out.put(set->text());
  }

  void parse_group(Text& out, int depth) {
    if (eat("?:")) {
      out.put("(?:");
    } else if (eat("?<")) {
      const auto end = in_.find('>', at_);
      if (end == std::string_view::npos) fail("a group name is not closed");
      const std::string name(in_.substr(at_, end - at_));
      if (name.empty() || name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") !=
                              std::string::npos || (name[0] >= '0' && name[0] <= '9'))
        fail("the group name \"" + name + "\" is not made of letters, digits and _");
      at_ = end + 1;
      out.re2 += "(?:";
      out.pcre += "(?<" + name + ">";
    } else if (eat("?")) {
      fail("'(?' starts no group that ECMA-262 knows");
    } else {
      out.re2 += "(?:";
      out.pcre += "(";
    }
    parse_disjunction(out, depth + 1);
    if (!eat(")")) fail("a group is not closed");
    out.put(")");
  }

  /// Either gives a class, or writes a back reference to `out`.
  void parse_atom_escape(Text& out, std::optional<CodePointClass>& set) {
    if (peek() >= '1' && peek() <= '9') {
      const std::uint32_t n = *number();
      out.pcre += "\\g{" + std::to_string(n) + "}";
      re2_possible_ = false;
      return;
    }
    if (eat("k<")) {
      const auto end = in_.find('>', at_);
      const std::string name(end == std::string_view::npos ? "" : in_.substr(at_, end - at_));
      if (!names_.contains(name)) fail("\\k names no group");
      at_ = end + 1;
      out.pcre += "\\k<" + name + ">";
      re2_possible_ = false;
      return;
    }
    set.emplace();
    (void)parse_class_escape(*set);
  }

  std::optional<std::uint32_t> number() {
    const std::size_t start = at_;
    std::uint64_t v = 0;
    while (peek() >= '0' && peek() <= '9') v = std::min<std::uint64_t>(v * 10 + static_cast<unsigned>(in_[at_++] - '0'), kUnbounded - 1);
    if (at_ == start) return std::nullopt;
    return static_cast<std::uint32_t>(v);
  }

  /// True and the bounds if a quantifier stands here.
  bool read_bounds(std::uint32_t& min, std::uint32_t& max) {
    if (eat("*")) return min = 0, max = kUnbounded, true;
    if (eat("+")) return min = 1, max = kUnbounded, true;
    if (eat("?")) return min = 0, max = 1, true;
    if (peek() != '{') return false;
    const std::size_t start = at_++;
    if (auto low = number()) {
      min = max = *low;
      if (eat(",")) max = number().value_or(kUnbounded);
      if (eat("}")) {
        if (min > max) fail("a quantifier's bounds are in the wrong order");
        return true;
      }
    }
    at_ = start;
    return false;
  }

  void parse_quantifier(Text& out, const Text& atom, const std::optional<CodePointClass>& set, int depth) {
    std::uint32_t min = 1, max = 1;
    const bool quantified = read_bounds(min, max);
    out.put(atom);
    if (quantified) {
      std::string text = min == 0 && max == kUnbounded   ? "*"
                         : min == 1 && max == kUnbounded ? "+"
                                                         : "{" + std::to_string(min) + "," +
                                                               (max == kUnbounded ? "" : std::to_string(max)) + "}";
      if (min > kRe2MaxRepeat || (max != kUnbounded && max > kRe2MaxRepeat)) re2_possible_ = false;
      if (eat("?")) text += "?";
      out.put(text);
      std::uint32_t a, b;
      const std::size_t before = at_;
      if (peek() != '{' && read_bounds(a, b)) {
        at_ = before;
        fail("a quantifier has nothing to repeat");
      }
    }
    if (depth != 0) return;
    ClassRun run;
    unsigned long long bits[2];
    if (!set || !set->ascii_only(bits)) {
      runs_ok_ = false;
      return;
    }
    run.ascii = {bits[0], bits[1]};
    run.min = min;
    run.max = max;
    runs_.push_back(run);
  }

  CodePointClass parse_class() {
    CodePointClass out;
    if (eat("^")) out.negate();
    while (!eat("]")) {
      if (done()) fail("a class is not closed");
      char32_t from = 0;
      if (!parse_class_atom(out, from)) continue;
      if (peek() == '-' && at_ + 1 < in_.size() && in_[at_ + 1] != ']') {
        ++at_;
        char32_t to = 0;
        CodePointClass right;
        if (!parse_class_atom(right, to)) fail("a range ends in a class");
        if (to < from) fail("a range is in the wrong order");
        out.add(from, to);
      } else {
        out.add(from, from);
      }
    }
    return out;
  }

  /// True with one code point, or false when a whole class was added to `out`.
  bool parse_class_atom(CodePointClass& out, char32_t& cp) {
    if (!eat("\\")) {
      cp = next_code_point(in_, at_);
      return true;
    }
    if (eat("b")) return cp = 8, true;
    CodePointClass set;
    if (auto single = parse_class_escape(set)) return cp = *single, true;
    out.add_class(set);
    return false;
  }

  int hex_value(std::size_t digits) {
    int v = 0;
    if (at_ + digits > in_.size()) fail("an escape is cut off");
    for (std::size_t i = 0; i < digits; ++i) {
      const char c = in_[at_ + i];
      const int d = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
      if (d < 0) fail("an escape has a digit that is not hexadecimal");
      v = v * 16 + d;
    }
    at_ += digits;
    return v;
  }

  char32_t unicode_escape() {
    if (eat("{")) {
      const auto end = in_.find('}', at_);
      if (end == std::string_view::npos || end == at_ || end - at_ > 6) fail("\\u{…} is not a code point");
      const int v = hex_value(end - at_);
      if (v > 0x10ffff) fail("\\u{…} is not a code point");
      ++at_;
      return static_cast<char32_t>(v);
    }
    const int high = hex_value(4);
    if (high < 0xd800 || high > 0xdbff || !in_.substr(at_).starts_with("\\u")) return static_cast<char32_t>(high);
    const std::size_t back = at_;
    at_ += 2;
    if (peek() != '{') {
      const int low = hex_value(4);
      if (low >= 0xdc00 && low <= 0xdfff) return static_cast<char32_t>(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
    }
    at_ = back;
    return static_cast<char32_t>(high);
  }

  void property_escape(CodePointClass& set, bool negated) {
    const auto end = in_.find('}', at_);
    if (!eat("{") || end == std::string_view::npos) fail("\\p needs a property in braces");
    bool re2 = true;
    const std::string name = unicode_property(in_.substr(at_, end - at_), re2);
    if (name.empty()) fail("\\p names no Unicode property");
    if (!re2) re2_possible_ = false;
    at_ = end + 1;
    set.add_property(std::string(negated ? "\\P{" : "\\p{") + name + "}");
  }

  /// What stands after a backslash, added to `set`; the code point if it is a single one.
  std::optional<char32_t> parse_class_escape(CodePointClass& set) {
    if (done()) fail("the pattern ends in a backslash");
    const auto single = [&set](char32_t cp) {
      set.add(cp, cp);
      return cp;
    };
    const char c = in_[at_++];
    switch (c) {
      case 'd': return set.add_class(CodePointClass::digits()), std::nullopt;
      case 'w': return set.add_class(CodePointClass::words()), std::nullopt;
      case 's': return set.add_class(CodePointClass::spaces()), std::nullopt;
      case 'D': return set.add_class(CodePointClass::complement(CodePointClass::digits())), std::nullopt;
      case 'W': return set.add_class(CodePointClass::complement(CodePointClass::words())), std::nullopt;
      case 'S': return set.add_class(CodePointClass::complement(CodePointClass::spaces())), std::nullopt;
      case 'p':
      case 'P': return property_escape(set, c == 'P'), std::nullopt;
      case 't': return single('\t');
      case 'n': return single('\n');
      case 'v': return single('\v');
      case 'f': return single('\f');
      case 'r': return single('\r');
      case 'u': return single(unicode_escape());
      case 'x': return single(static_cast<char32_t>(hex_value(2)));
      case 'c':
        if ((peek() >= 'a' && peek() <= 'z') || (peek() >= 'A' && peek() <= 'Z')) return single(static_cast<char32_t>(in_[at_++] & 31));
        fail("\\c needs a letter");
      case '0':
        if (peek() < '0' || peek() > '9') return single(0);
        fail("octal escapes are not part of ECMA-262");
      default: break;
    }
    const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (alphanumeric || static_cast<unsigned char>(c) >= 0x80) fail(std::string("\\") + c + " is not an escape of ECMA-262");
    return single(static_cast<unsigned char>(c));
  }

  std::string_view in_;
  std::size_t at_ = 0;
  int top_alternatives_ = 0;
  bool re2_possible_ = true;
  bool runs_ok_ = false;
  bool runs_end_ = false;
  std::vector<ClassRun> runs_;
  std::set<std::string, std::less<>> names_;
};

}  // namespace

EcmaTranslation translate_ecma(std::string_view pattern) { return EcmaParser(pattern).run(); }

}  // namespace carillon::schema
