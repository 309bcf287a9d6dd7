#include "engine/time/posix_rule.h"

#include "engine/base/instant.h"

namespace carillon {
namespace {

/// Reads a PosixRule from left to right; every function answers false (or nothing) at the first thing that does not fit.
class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : text_(text) {}

  bool done() const { return pos_ == text_.size(); }
  bool eat(char c) {
    if (done() || text_[pos_] != c) return false;
    ++pos_;
    return true;
  }
  char peek() const { return done() ? '\0' : text_[pos_]; }

  bool name(std::string& out) {
    std::size_t begin = pos_;
    if (eat('<')) {
      std::size_t end = text_.find('>', pos_);
      if (end == std::string_view::npos) return false;
      out = text_.substr(pos_, end - pos_);
      pos_ = end + 1;
      return !out.empty();
    }
    while (!done() && is_letter(text_[pos_])) ++pos_;
    out = text_.substr(begin, pos_ - begin);
    return out.size() >= 3;
  }

  bool number(int& out, int low, int high) {
    std::size_t begin = pos_;
    out = 0;
    while (!done() && text_[pos_] >= '0' && text_[pos_] <= '9' && pos_ - begin < 4) out = out * 10 + (text_[pos_++] - '0');
    return pos_ > begin && out >= low && out <= high;
  }

  /// [+-]hh[:mm[:ss]]
  bool time(std::int32_t& out, int max_hours) {
    int sign = 1;
    if (eat('-')) sign = -1;
    else eat('+');
    int h = 0, m = 0, s = 0;
    if (!number(h, 0, max_hours)) return false;
    if (eat(':')) {
      if (!number(m, 0, 59)) return false;
      if (eat(':') && !number(s, 0, 59)) return false;
    }
    out = sign * (h * 3600 + m * 60 + s);
    return true;
  }

  bool change(PosixRule::Change& out) {
    using Kind = PosixRule::Change::Kind;
    if (eat('M')) {
      out.kind = Kind::month_week_day;
      if (!number(out.month, 1, 12) || !eat('.') || !number(out.week, 1, 5) || !eat('.') || !number(out.day, 0, 6))
        return false;
    } else if (eat('J')) {
      out.kind = Kind::julian;
      if (!number(out.day, 1, 365)) return false;
    } else {
      out.kind = Kind::day_of_year;
      if (!number(out.day, 0, 365)) return false;
    }
    return !eat('/') || time(out.time, 167);
  }

 private:
  static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
  std::string_view text_;
  std::size_t pos_ = 0;
};

bool rule_leap_year(std::int64_t y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; }

/// The day (since 1970) a change falls on in a year, before its time of day is added.
std::int64_t change_day(const PosixRule::Change& change, std::int64_t year) {
  switch (change.kind) {
    case PosixRule::Change::Kind::julian: {
      bool past_february = change.day >= 60;
      return days_from_civil(year, 1, 1) + change.day - 1 + (past_february && rule_leap_year(year) ? 1 : 0);
    }
    case PosixRule::Change::Kind::day_of_year:
      return days_from_civil(year, 1, 1) + change.day;
    case PosixRule::Change::Kind::month_week_day:
      break;
  }
  auto month = static_cast<unsigned>(change.month);
  std::int64_t first = days_from_civil(year, month, 1);
  std::int64_t after = month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, month + 1, 1);
  std::int64_t first_weekday = ((first + 4) % 7 + 7) % 7;
  std::int64_t day = first + (change.day - first_weekday + 7) % 7 + (change.week - 1) * 7;
  while (day >= after) day -= 7;
  return day;
}

}  // namespace

std::optional<PosixRule> PosixRule::parse(std::string_view text) {
  RuleReader reader(text);
  PosixRule rule;
  std::int32_t west = 0;
  if (!reader.name(rule.standard_name) || !reader.time(west, 24)) return std::nullopt;
  rule.standard_offset = -west;
  if (reader.done()) return rule;
  rule.has_daylight = true;
  if (!reader.name(rule.daylight_name)) return std::nullopt;
  rule.daylight_offset = rule.standard_offset + 3600;
  if (reader.peek() != ',') {
    if (!reader.time(west, 24)) return std::nullopt;
    rule.daylight_offset = -west;
  }
  // POSIX leaves a daylight name without rules to the implementation; IANA files always write them.
  if (!reader.eat(',') || !reader.change(rule.to_daylight)) return std::nullopt;
  if (!reader.eat(',') || !reader.change(rule.to_standard) || !reader.done()) return std::nullopt;
  return rule;
}

std::int64_t PosixRule::daylight_begins(std::int64_t year) const {
  return change_day(to_daylight, year) * 86400 + to_daylight.time - standard_offset;
}

std::int64_t PosixRule::standard_begins(std::int64_t year) const {
  return change_day(to_standard, year) * 86400 + to_standard.time - daylight_offset;
}

}  // namespace carillon
