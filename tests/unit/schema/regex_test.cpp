#include "engine/schema/regex.h"

#include <gtest/gtest.h>

namespace carillon::schema {
namespace {

struct Sample {
  const char* pattern;
  const char* text;
  bool matches;
};

bool search(const char* pattern, std::string_view text) {
  auto regex = Regex::compile(pattern);
  EXPECT_TRUE(regex.has_value()) << pattern << ": " << regex.error().message;
  std::int64_t steps = 1'000'000;
  const Match m = regex.value()->search(text, steps);
  EXPECT_NE(m, Match::limit) << pattern;
  return m == Match::yes;
}

TEST(EcmaRegex, MatchesAsEcmaScriptDoes) {
  for (const Sample& s : {Sample{"^abc$", "abc\n", false}, Sample{"^.$", "\u2028", false}, Sample{"^.$", "\U0001F432", true},
                          Sample{"^\\uD83D\\uDC32$", "\U0001F432", true}, Sample{"^\\u{1F432}+$", "\U0001F432\U0001F432", true},
                          Sample{"^[^a]$", "\n", true}, Sample{"[]", "a", false}, Sample{"^[^]$", "\n", true},
                          Sample{"^\\s$", "\ufeff", true}, Sample{"^[\\s\\d]+$", "1 \u00a0", true}, Sample{"^[^\\s]$", "\u3000", false},
                          Sample{"^[\\S]$", "\u3000", false}, Sample{"^\\w+$", "é", false}, Sample{"^\\p{Lu}\\p{Script=Greek}+$", "Éαβ", true},
                          Sample{"^\\P{Letter}$", "1", true}, Sample{"^\\p{Alphabetic}$", "é", true}, Sample{"^(a|ab)(c|bcd)$", "abcd", true},
                          Sample{"^a{2,3}$", "aaaa", false}, Sample{"^a{2,}?b", "aaaab", true}, Sample{"^(?:x|y)z$", "yz", true},
                          Sample{"^(?<n>a)b$", "ab", true}, Sample{"^(?<n>a|b)\\k<n>$", "ab", false}, Sample{"^(a|b)\\1$", "bb", true},
                          Sample{"(?<=a)b", "ab", true}, Sample{"(?<!a)b", "ab", false}, Sample{"a(?=b)", "ac", false},
                          Sample{"^\\cJ$", "\n", true}, Sample{"^\\x41\\0?$", "A", true}, Sample{"^\\-\\/\\_\\@$", "-/_@", true},
                          Sample{"^{.*}$", "{x}", true}, Sample{"^[a-c-]+$", "a-c", true}, Sample{"\\bfoo\\b", "a foo b", true},
                          Sample{"^a*ab$", "aaab", true}, Sample{"^a?a$", "a", true}, Sample{"^a+b*a$", "aa", true},
                          Sample{"^[0-9]{3}-?[0-9]{2}$", "12345", true}, Sample{"^[a-z]{2,4}", "abcdefg", true}, Sample{"^x$|^y$", "y", true},
                          Sample{"^(?=a)b|c", "c", true}, Sample{"^a{1500}$", "a", false}, Sample{"", "anything", true}})
    EXPECT_EQ(search(s.pattern, s.text), s.matches) << s.pattern << " on " << s.text;
}

TEST(EcmaRegex, LeadingLookaheadsAreAConjunctionWithoutBacktracking) {
  constexpr const char* kPassword = "^(?=.*[a-z])(?=.*\\d)(?!.*(?:password|1234)).{8,20}$";
  auto regex = Regex::compile(kPassword);
  ASSERT_TRUE(regex.has_value());
  EXPECT_FALSE(regex.value()->backtracks());
  EXPECT_TRUE(search(kPassword, "correct7horse"));
  EXPECT_FALSE(search(kPassword, "correcthorse"));
  EXPECT_FALSE(search(kPassword, "mypassword77"));
  EXPECT_FALSE(search(kPassword, "short7"));
}

TEST(EcmaRegex, RefusesWhatIsNone) {
  for (const char* pattern : {"(", ")", "[a", "a**", "*a", "+", "?", "a{2,1}", "\\", "\\a", "\\Z", "\\u12", "\\u{110000}", "\\x4", "\\c1", "\\01",
                              "\\p{Nonsense}", "\\p", "(?<1>a)", "(?i)a", "(?>a)", "\\k<no>", "[z-a]", "[a-\\d]", "(?=a)*", "(?:a"})
    EXPECT_FALSE(is_ecma_regex(pattern)) << pattern;
}

TEST(EcmaRegex, RunMachineAgreesWithRe2) {
  // The same language written so that the one-pass machine takes the first form and RE2 the second.
  for (const auto& [runs, general] : {std::pair{"^[a-c]{1,3}[0-9]*x?$", "^(?:[a-c]{1,3}[0-9]*x?)$"}, std::pair{"^-?[0-9]+", "^(?:-?[0-9]+)"}}) {
    const std::string alphabet = "ab1x-\xc3\xa9";
    for (int n = 0; n < 4096; ++n) {
      std::string text;
      for (int k = n; k > 0; k /= 5) text += k % 5 == 4 ? "\u00e9" : std::string(1, alphabet[static_cast<std::size_t>(k % 5)]);
      ASSERT_EQ(search(runs, text), search(general, text)) << runs << " on " << text;
    }
  }
}

}  // namespace
}  // namespace carillon::schema
