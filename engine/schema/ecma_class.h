#pragma once
#include <string>
#include <utility>
#include <vector>

namespace carillon::schema {

/// A set of code points as a regex class, built range by range.
class CodePointClass {
 public:
  void add(char32_t from, char32_t to) { ranges_.emplace_back(from, to); }
  void add_class(const CodePointClass& other);
  /// A property escape, spelled for both engines ("\\p{L}").
  void add_property(std::string escape) { properties_.push_back(std::move(escape)); }
  void negate() { negated_ = !negated_; }
  /// As a class of RE2 and PCRE2; surrogates, which UTF-8 cannot hold, are left out.
  std::string text() const;
  /// The ASCII members, if no other code point belongs to it.
  bool ascii_only(unsigned long long (&bits)[2]) const;

  static CodePointClass digits();
  static CodePointClass words();
  /// WhiteSpace and LineTerminator of ECMA-262.
  static CodePointClass spaces();
  static CodePointClass line_terminators();
  /// All code points that are not in `of`, which must hold ranges only.
  static CodePointClass complement(const CodePointClass& of);

 private:
  std::vector<std::pair<char32_t, char32_t>> normalized() const;

  std::vector<std::pair<char32_t, char32_t>> ranges_;
  std::vector<std::string> properties_;
  bool negated_ = false;
};

}  // namespace carillon::schema
