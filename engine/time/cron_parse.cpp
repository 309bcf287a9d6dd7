#include <algorithm>

#include "engine/base/json.h"
#include "engine/time/cron.h"

namespace carillon {
namespace {

constexpr std::size_t kLongestCron = 1000;

struct CronFieldSpec {
  std::string_view title;
  int low, high;               ///< as written; weekday 7 is 0
  int count;                   ///< number of different values, the largest step
  std::string_view names;      ///< three letters each, the first stands for first_name
  int first_name;
};
constexpr std::array<CronFieldSpec, 5> kFieldSpecs = {{
    {"minute", 0, 59, 60, "", 0},
    {"hour", 0, 23, 24, "", 0},
    {"day of month", 1, 31, 31, "", 0},
    {"month", 1, 12, 12, "janfebmaraprmayjunjulaugsepoctnovdec", 1},
    {"day of week", 0, 7, 7, "sunmontuewedthufrisat", 0},
}};
constexpr std::size_t kDayField = 2, kWeekdayField = 4;

struct CronMacro {
  std::string_view name, expansion;
};
constexpr CronMacro kMacros[] = {
    {"@hourly", "0 * * * *"},  {"@daily", "0 0 * * *"},   {"@midnight", "0 0 * * *"}, {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}};

bool cron_blank(char c) { return c == ' ' || c == '\t'; }
bool cron_digit(char c) { return c >= '0' && c <= '9'; }
char cron_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool cron_letter(char c) { return cron_lower(c) >= 'a' && cron_lower(c) <= 'z'; }
bool all_digits(std::string_view s) { return !s.empty() && std::all_of(s.begin(), s.end(), cron_digit); }
bool same_word(std::string_view a, std::string_view lower) {
  return a.size() == lower.size() &&
         std::equal(a.begin(), a.end(), lower.begin(), [](char x, char y) { return cron_lower(x) == y; });
}

/// A number of any length; everything above 999 counts as 999, which is outside every field.
int small_number(std::string_view digits) {
  int n = 0;
  for (char c : digits) n = std::min(999, n * 10 + (c - '0'));
  return n;
}

struct CronPart {
  std::string_view text;
  std::size_t position;
  CronPart sub(std::size_t from, std::size_t n = std::string_view::npos) const { return {text.substr(from, n), position + from}; }
};

/// Reads one expression. The first error ends it, by the exception-free way of a flag and a stored error.
class CronReader {
 public:
  explicit CronReader(CronFields& out) : out_(out) {}
  CronError error;

  bool read_field(std::size_t index, CronPart field) {
    spec_ = &kFieldSpecs[index];
    index_ = index;
    out_.text[index] = field.text;
    std::size_t begin = 0;
    while (true) {
      std::size_t comma = std::min(field.text.find(',', begin), field.text.size());
      if (!read_item(field.sub(begin, comma - begin))) return false;
      if (comma == field.text.size()) return true;
      begin = comma + 1;
    }
  }

  bool fail(CronFault fault, CronPart part, std::string message, std::string remedy) {
    error = {fault, part.position, std::move(message), std::move(remedy), shorten(part.text, 40)};
    return false;
  }

 private:
  std::string title() const { return std::string(spec_->title); }
  std::string span_text() const { return std::to_string(spec_->low) + " to " + std::to_string(spec_->high); }

  bool read_item(CronPart item) {
    if (item.text.empty())
      return fail(CronFault::empty, item, "The " + title() + " field has an empty item.", "Remove the extra comma.");
    std::size_t slash = item.text.find('/');
    CronPart base = item.sub(0, std::min(slash, item.text.size()));
    bool stepped = slash != std::string_view::npos;
    if (!stepped) {
      if (index_ == kDayField && is_day_extension(base)) return read_day_extension(base);
      if (index_ == kWeekdayField && is_weekday_extension(base)) return read_weekday_extension(base);
    }
    int low = 0, high = 0;
    bool open = false;
    if (!read_base(base, low, high, open)) return false;
    int step = 1;
    if (stepped && !read_step(item.sub(slash + 1), step)) return false;
    // "a/n" runs to the last value that has its own bit: Saturday, not the second Sunday.
    if (stepped && open) high = std::max(low, index_ == kWeekdayField ? 6 : spec_->high);
    for (int v = low; v <= high; v += step) set(v);
    return true;
  }

  bool read_base(CronPart base, int& low, int& high, bool& open) {
    if (base.text == "*") {
      low = spec_->low;
      high = index_ == kWeekdayField ? 6 : spec_->high;
      return true;
    }
    std::size_t dash = base.text.find('-');
    if (dash == std::string_view::npos) {
      open = true;
      if (!read_value(base, base, low)) return false;
      high = low;
      return true;
    }
    CronPart first = base.sub(0, dash), last = base.sub(dash + 1);
    if (!read_value(first, base, low) || !read_value(last, base, high)) return false;
    if (index_ == kWeekdayField && same_word(last.text, "sun")) {
      high = 7;
      if (same_word(first.text, "sun")) low = 7;
    }
    if (low > high)
      return fail(CronFault::reversed, base, "The range " + shorten(base.text, 20) + " ends before it begins.",
                  "Write the smaller value first, or two ranges with a comma between.");
    return true;
  }

  bool read_value(CronPart value, CronPart whole, int& out) {
    if (all_digits(value.text)) {
      out = small_number(value.text);
      if (out >= spec_->low && out <= spec_->high) return true;
      return fail(CronFault::range, value, shorten(value.text, 20) + " is outside the " + title() + " field.",
                  "Use " + span_text() + ".");
    }
    if (read_name(value.text, out)) return true;
    CronPart blamed = value.text.empty() ? whole : value;
    if (!blamed.text.empty() && cron_letter(blamed.text[0])) {
      return fail(CronFault::name, blamed, shorten(blamed.text, 20) + " is no name of the " + title() + " field.",
                  spec_->names.empty() ? "Use numbers from " + span_text() + "."
                                       : "Use three-letter English names (" + std::string(spec_->names.substr(0, 3)) +
                                             ", …) or numbers from " + span_text() + ".");
    }
    return fail(CronFault::syntax, blamed, shorten(blamed.text, 20) + " is no item of the " + title() + " field.",
                "Use *, a value, a range a-b or a step such as */5, with commas between.");
  }

  bool read_name(std::string_view text, int& out) const {
    if (text.size() != 3) return false;
    for (std::size_t i = 0; i + 3 <= spec_->names.size(); i += 3) {
      if (!same_word(text, spec_->names.substr(i, 3))) continue;
      out = spec_->first_name + static_cast<int>(i / 3);
      return true;
    }
    return false;
  }

  bool read_step(CronPart text, int& step) {
    step = all_digits(text.text) ? small_number(text.text) : 0;
    if (step >= 1 && step <= spec_->count) return true;
    if (!text.text.empty() && cron_letter(text.text[0]))
      return fail(CronFault::name, text, "A name cannot be a step.", "Use a whole number after the slash.");
    return fail(CronFault::step, text, "The step of the " + title() + " field is not valid.",
                "Use a whole number from 1 to " + std::to_string(spec_->count) + " after the slash.");
  }

  static bool is_day_extension(CronPart part) {
    return same_word(part.text, "l") || same_word(part.text, "lw") ||
           (part.text.size() > 1 && cron_lower(part.text.back()) == 'w' && all_digits(part.text.substr(0, part.text.size() - 1)));
  }

  bool read_day_extension(CronPart part) {
    if (same_word(part.text, "l")) return out_.last_day = true;
    if (same_word(part.text, "lw")) return out_.last_weekday = true;
    int day = 0;
    if (!read_value(part.sub(0, part.text.size() - 1), part, day)) return false;
    out_.nearest_days |= 1u << day;
    return true;
  }

  bool is_weekday_extension(CronPart part) const {
    if (part.text.find('#') != std::string_view::npos) return true;
    if (part.text.size() < 2 || cron_lower(part.text.back()) != 'l') return false;
    std::string_view day = part.text.substr(0, part.text.size() - 1);
    int ignored = 0;
    return all_digits(day) || read_name(day, ignored);
  }

  bool read_weekday_extension(CronPart part) {
    std::size_t hash = part.text.find('#');
    int day = 0;
    if (hash == std::string_view::npos) {
      if (!read_value(part.sub(0, part.text.size() - 1), part, day)) return false;
      out_.last_weekdays |= 1u << (day % 7);
      return true;
    }
    CronPart count = part.sub(hash + 1);
    if (hash == 0 || !all_digits(count.text))
      return fail(CronFault::syntax, part, shorten(part.text, 20) + " is no item of the day of week field.",
                  "Write weekday#n with n from 1 to 5, such as MON#2 for the second Monday.");
    if (!read_value(part.sub(0, hash), part, day)) return false;
    int nth = small_number(count.text);
    if (nth < 1 || nth > 5)
      return fail(CronFault::range, count, "A weekday comes at most five times in a month.", "Use a number from 1 to 5 after #.");
    auto& weeks = out_.nth_weekdays[static_cast<std::size_t>(day % 7)];
    weeks = static_cast<std::uint8_t>(weeks | (1u << nth));
    return true;
  }

  void set(int v) {
    switch (index_) {
      case 0: out_.minutes |= std::uint64_t{1} << v; break;
      case 1: out_.hours |= 1u << v; break;
      case 2: out_.days |= 1u << v; break;
      case 3: out_.months |= 1u << v; break;
      default: out_.weekdays |= 1u << (v % 7);
    }
  }

  CronFields& out_;
  const CronFieldSpec* spec_ = nullptr;
  std::size_t index_ = 0;
};

/// Splits at blanks, remembering where each field began.
std::vector<CronPart> split_fields(CronPart whole) {
  std::vector<CronPart> fields;
  std::size_t i = 0;
  while (i < whole.text.size()) {
    std::size_t begin = i;
    while (i < whole.text.size() && !cron_blank(whole.text[i])) ++i;
    if (i > begin) fields.push_back(whole.sub(begin, i - begin));
    while (i < whole.text.size() && cron_blank(whole.text[i])) ++i;
  }
  return fields;
}

CronError wrong_field_count(CronPart whole, const std::vector<CronPart>& fields) {
  const std::size_t n = fields.size();
  CronError error{CronFault::fields, whole.position + whole.text.size(), "", "", shorten(whole.text, 40)};
  if (n < 5) {
    error.message = n == 0 ? "The expression is empty." : "The expression has " + std::to_string(n) + " of five fields.";
    error.remedy = "Write minute, hour, day of month, month and day of week, such as 0 9 * * MON-FRI.";
    return error;
  }
  error.position = fields[5].position;
  error.value = shorten(fields[5].text, 40);
  error.message = "The expression has " + std::to_string(n) + " fields instead of five.";
  error.remedy = "Write minute, hour, day of month, month and day of week, without blanks inside a field.";
  if (n == 6) {
    error.message = "The expression has a sixth field: seconds are not part of cron here; use an interval.";
    error.remedy = "Leave five fields (minute, hour, day of month, month, day of week), or use an interval for seconds.";
  }
  return error;
}

std::optional<CronError> unreadable_text(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    if ((byte >= 0x20 && byte <= 0x7e) || byte == '\t') continue;
    return CronError{CronFault::charset, i, "The expression has a character that is not plain ASCII.",
                     "Type it with digits, letters, blanks and , - * / # only.", ""};
  }
  if (text.size() > kLongestCron)
    return CronError{CronFault::syntax, kLongestCron, "The expression is longer than 1,000 bytes.", "Write it shorter.", ""};
  return std::nullopt;
}

}  // namespace

std::string_view cron_fault_name(CronFault fault) {
  static constexpr std::string_view kNames[] = {"fields", "range", "reversed", "step",   "empty",
                                                "syntax", "name",  "macro",    "charset"};
  return kNames[static_cast<std::size_t>(fault)];
}

std::expected<CronExpression, CronError> CronExpression::parse(std::string_view text) {
  if (auto unreadable = unreadable_text(text)) return std::unexpected(std::move(*unreadable));
  CronPart whole{text, 0};
  while (!whole.text.empty() && cron_blank(whole.text.front())) whole = whole.sub(1);
  while (!whole.text.empty() && cron_blank(whole.text.back())) whole.text.remove_suffix(1);
  CronExpression out;
  out.text_ = whole.text;
  if (whole.text.starts_with('@')) {
    auto macro = std::find_if(std::begin(kMacros), std::end(kMacros),
                              [&](const CronMacro& m) { return same_word(whole.text, m.name); });
    if (macro == std::end(kMacros))
      return std::unexpected(CronError{CronFault::macro, whole.position, "There is no such macro.",
                                       "Use @hourly, @daily, @midnight, @weekly, @monthly, @yearly or @annually, alone.",
                                       shorten(whole.text, 40)});
    whole.text = macro->expansion;
  }
  std::vector<CronPart> fields = split_fields(whole);
  if (fields.size() != 5) return std::unexpected(wrong_field_count(whole, fields));
  CronReader reader(out.fields_);
  for (std::size_t i = 0; i < 5; ++i) {
    if (!reader.read_field(i, fields[i])) return std::unexpected(std::move(reader.error));
  }
  auto has = [&](std::size_t field, std::string_view any) { return fields[field].text.find_first_of(any) != std::string_view::npos; };
  out.fields_.days_restricted = !has(kDayField, "*");
  out.fields_.weekdays_restricted = !has(kWeekdayField, "*");
  out.fixed_ = !has(0, "*/") && !has(1, "*/");
  out.compile_days();
  return out;
}

Error to_error(const CronError& error, std::string_view field) {
  return Error{ErrorCode::invalid, "INVALID_CRON",
               error.message + " (" + std::string(cron_fault_name(error.fault)) + ", at position " +
                   std::to_string(error.position) + ")",
               std::string(field), error.value, error.remedy, {}};
}

}  // namespace carillon
