#include "engine/schema/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <re2/re2.h>

#include <vector>

#include "engine/base/json.h"
#include "engine/schema/ecma.h"

namespace carillon::schema {
namespace {

constexpr std::size_t kMaxPatternBytes = 16 * 1024;

/// A pattern that one greedy pass over ASCII classes decides; the commonest kind by far.
class RunRegex final : public Regex {
 public:
  RunRegex(std::vector<ClassRun> runs, bool to_end) : runs_(std::move(runs)), to_end_(to_end) {}

  Match search(std::string_view text, std::int64_t& steps) const override {
    steps -= static_cast<std::int64_t>(text.size() / 16);
    const auto* p = reinterpret_cast<const unsigned char*>(text.data());
    const auto* const end = p + text.size();
    for (const ClassRun& run : runs_) {
      std::uint32_t n = 0;
      while (n < run.max && p != end && *p < 128 && (run.ascii[*p >> 6] >> (*p & 63) & 1)) ++p, ++n;
      if (n < run.min) return Match::no;
    }
    return !to_end_ || p == end ? Match::yes : Match::no;
  }

 private:
  std::vector<ClassRun> runs_;
  bool to_end_;
};

class Re2Regex final : public Regex {
 public:
  struct Part {
    std::unique_ptr<RE2> re;
    bool negative = false;
  };

  Match search(std::string_view text, std::int64_t& steps) const override {
    for (const Part& part : parts_) {
      // What RE2 does in the worst case, its automaton built state by state for every byte.
      steps -= 1 + static_cast<std::int64_t>(text.size()) * part.re->ProgramSize() / 100;
      if (steps < 0) return Match::limit;
      if (part.re->Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), RE2::UNANCHORED, nullptr, 0) == part.negative)
        return Match::no;
    }
    return Match::yes;
  }

  /// False if RE2 refuses the pattern (its tables or its memory do not suffice).
  bool add(const std::string& pattern, bool negative) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_never_capture(true);
    options.set_max_mem(1 << 20);
    auto re = std::make_unique<RE2>(pattern, options);
    if (!re->ok()) return false;
    parts_.push_back({std::move(re), negative});
    return true;
  }

 private:
  std::vector<Part> parts_;
};

class PcreRegex final : public Regex {
 public:
  explicit PcreRegex(pcre2_code* code) : code_(code, pcre2_code_free) {
    for (Tier& tier : tiers_) {
      pcre2_set_match_limit(tier.context.get(), tier.limit);
      pcre2_set_depth_limit(tier.context.get(), tier.limit);
      pcre2_set_heap_limit(tier.context.get(), 16 * 1024);
    }
  }
  bool backtracks() const override { return true; }

  /// Tries with little work allowed first, so that harmless texts cost little of the budget and the cost of a hostile
  /// one is known.
  Match search(std::string_view text, std::int64_t& steps) const override {
    const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(
        pcre2_match_data_create_from_pattern(code_.get(), nullptr), pcre2_match_data_free);
    for (const Tier& tier : tiers_) {
      steps -= tier.limit / 10 + static_cast<std::int64_t>(text.size() / 4);
      if (steps < 0) return Match::limit;
      const int rc = pcre2_match(code_.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, 0, data.get(),
                                 tier.context.get());
      if (rc >= 0) return Match::yes;
      if (rc == PCRE2_ERROR_NOMATCH) return Match::no;
      if (rc != PCRE2_ERROR_MATCHLIMIT && rc != PCRE2_ERROR_DEPTHLIMIT && rc != PCRE2_ERROR_HEAPLIMIT) return Match::no;
    }
    return Match::limit;
  }

 private:
  struct Tier {
    std::uint32_t limit;
    std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)> context{
        pcre2_match_context_create(nullptr), pcre2_match_context_free};
  };
  std::unique_ptr<pcre2_code, decltype(&pcre2_code_free)> code_;
  Tier tiers_[3] = {{2'000}, {20'000}, {200'000}};
};

Error pattern_error(std::string_view pattern, std::string message) {
  return Error{ErrorCode::invalid, "SCHEMA_PATTERN_INVALID", std::move(message), "", shorten(pattern),
               "Write the pattern as a regular expression of ECMA-262 (JavaScript, with the u flag).", {}};
}

}  // namespace

bool is_ecma_regex(std::string_view pattern) { return translate_ecma(pattern).error.empty(); }

Result<std::unique_ptr<Regex>> Regex::compile(std::string_view pattern) {
  if (pattern.size() > kMaxPatternBytes)
    return pattern_error(pattern, "The pattern has " + std::to_string(pattern.size()) + " bytes; at most " +
                                      std::to_string(kMaxPatternBytes) + " are taken.");
  EcmaTranslation t = translate_ecma(pattern);
  if (!t.error.empty()) return pattern_error(pattern, "The pattern is no regular expression: " + t.error + ".");
  if (t.runs_possible) return std::unique_ptr<Regex>(std::make_unique<RunRegex>(std::move(t.runs), t.runs_to_end));
  if (t.re2_possible) {
    auto re2 = std::make_unique<Re2Regex>();
    bool good = re2->add(t.re2, false);
    for (const auto& look : t.leading) good = good && re2->add(look.re2, look.negative);
    if (good) return std::unique_ptr<Regex>(std::move(re2));
  }
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(t.pcre.data()), t.pcre.size(),
                                   PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C,
                                   &error, &offset, nullptr);
  if (code == nullptr) {
    unsigned char text[160] = {};
    pcre2_get_error_message(error, text, sizeof text);
    return pattern_error(pattern, std::string("The pattern cannot be checked: ") + reinterpret_cast<const char*>(text) + ".");
  }
  return std::unique_ptr<Regex>(std::make_unique<PcreRegex>(code));
}

}  // namespace carillon::schema
