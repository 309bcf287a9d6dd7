#include "engine/base/instant.h"

#include <cstdio>

namespace carillon {
namespace {

/// Reads exactly `digits` decimal digits at `pos`, advancing it; -1 if they are not there.
int read_digits(std::string_view text, size_t& pos, int digits) {
  if (pos + static_cast<size_t>(digits) > text.size()) return -1;
  int value = 0;
  for (int i = 0; i < digits; ++i) {
    char c = text[pos + static_cast<size_t>(i)];
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  pos += static_cast<size_t>(digits);
  return value;
}

/// Writes the last `digits` decimal digits of a value that is not negative; answers where they end.
char* put_digits(char* out, std::int64_t value, int digits) {
  for (int n = digits - 1; n >= 0; --n, value /= 10) out[n] = static_cast<char>('0' + value % 10);
  return out + digits;
}

bool eat(std::string_view text, size_t& pos, char c) {
  if (pos >= text.size() || text[pos] != c) return false;
  ++pos;
  return true;
}

bool valid_date(int y, int m, int d) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (y < 1 || m < 1 || m > 12 || d < 1) return false;
  bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
  return d <= kDays[m - 1] + (m == 2 && leap ? 1 : 0);
}

}  // namespace

void append_instant(std::string& out, Instant t) {
  const std::int64_t seconds = t.seconds();
  const std::int64_t micros = t.us - seconds * 1'000'000;
  const std::int64_t days = seconds >= 0 ? seconds / 86400 : -((-seconds + 86399) / 86400);
  const std::int64_t sod = seconds - days * 86400;
  const CivilDate date = civil_from_days(days);
  char buffer[64];
  char* at = buffer;
  if (date.year >= 0 && date.year <= 9999) at = put_digits(at, date.year, 4);
  else at += std::snprintf(buffer, sizeof buffer, "%04lld", static_cast<long long>(date.year));
  const auto part = [&at](char before, std::int64_t value, int digits) {
    *at++ = before;
    at = put_digits(at, value, digits);
  };
  part('-', date.month, 2);
  part('-', date.day, 2);
  part('T', sod / 3600, 2);
  part(':', sod / 60 % 60, 2);
  part(':', sod % 60, 2);
  if (micros % 1000 != 0) part('.', micros, 6);
  else if (micros != 0) part('.', micros / 1000, 3);
  *at++ = 'Z';
  out.append(buffer, at);
}

std::string format_instant(Instant t) {
  std::string out;
  append_instant(out, t);
  return out;
}

std::optional<Instant> parse_instant(std::string_view text) {
  size_t pos = 0;
  int y = read_digits(text, pos, 4);
  if (y < 0 || !eat(text, pos, '-')) return std::nullopt;
  int mo = read_digits(text, pos, 2);
  if (mo < 0 || !eat(text, pos, '-')) return std::nullopt;
  int d = read_digits(text, pos, 2);
  if (d < 0 || !valid_date(y, mo, d)) return std::nullopt;
  if (!eat(text, pos, 'T') && !eat(text, pos, 't') && !eat(text, pos, ' ')) return std::nullopt;
  int h = read_digits(text, pos, 2);
  if (h < 0 || h > 23 || !eat(text, pos, ':')) return std::nullopt;
  int mi = read_digits(text, pos, 2);
  if (mi < 0 || mi > 59) return std::nullopt;
  int s = 0;
  std::int64_t micros = 0;
  if (eat(text, pos, ':')) {
    s = read_digits(text, pos, 2);
    if (s < 0 || s > 59) return std::nullopt;
    if (eat(text, pos, '.') || eat(text, pos, ',')) {
      int digits = 0;
      std::int64_t scale = 100'000;
      while (pos < text.size() && text[pos] >= '0' && text[pos] <= '9') {
        micros += (text[pos] - '0') * scale;
        scale /= 10;
        ++pos;
        ++digits;
      }
      if (digits == 0 || digits > 9) return std::nullopt;
    }
  }
  int offset = 0;
  if (eat(text, pos, 'Z') || eat(text, pos, 'z')) {
    offset = 0;
  } else if (pos < text.size() && (text[pos] == '+' || text[pos] == '-')) {
    int sign = text[pos] == '-' ? -1 : 1;
    ++pos;
    int oh = read_digits(text, pos, 2);
    if (oh < 0 || oh > 23) return std::nullopt;
    eat(text, pos, ':');
    int om = read_digits(text, pos, 2);
    if (om < 0 || om > 59) return std::nullopt;
    offset = sign * (oh * 3600 + om * 60);
  } else {
    return std::nullopt;
  }
  if (pos != text.size()) return std::nullopt;
  std::int64_t days = days_from_civil(y, static_cast<unsigned>(mo), static_cast<unsigned>(d));
  const Instant t{(days * 86400 + h * 3600 + mi * 60 + s - offset) * 1'000'000 + micros};
  if (t < kFirstInstant || t > kLastInstant) return std::nullopt;
  return t;
}

std::optional<Duration> parse_duration(std::string_view text) {
  size_t pos = 0;
  if (!eat(text, pos, 'P')) return std::nullopt;
  bool in_time = false, any = false;
  int last_rank = -1;
  std::int64_t total = 0;
  while (pos < text.size()) {
    if (!in_time && eat(text, pos, 'T')) {
      in_time = true;
      if (pos == text.size()) return std::nullopt;
      continue;
    }
    std::int64_t whole = 0;
    int digits = 0;
    while (pos < text.size() && text[pos] >= '0' && text[pos] <= '9' && digits < 10) {
      whole = whole * 10 + (text[pos++] - '0');
      ++digits;
    }
    if (digits == 0) return std::nullopt;
    std::int64_t micros = 0;
    bool fraction = eat(text, pos, '.');
    if (fraction) {
      std::int64_t scale = 100'000;
      int fraction_digits = 0;
      while (pos < text.size() && text[pos] >= '0' && text[pos] <= '9') {
        micros += (text[pos++] - '0') * scale;
        scale /= 10;
        ++fraction_digits;
      }
      if (fraction_digits == 0) return std::nullopt;
    }
    if (pos >= text.size()) return std::nullopt;
    char unit = text[pos++];
    int rank;
    std::int64_t unit_seconds;
    if (!in_time && unit == 'W') rank = 0, unit_seconds = 604800;
    else if (!in_time && unit == 'D') rank = 1, unit_seconds = 86400;
    else if (in_time && unit == 'H') rank = 2, unit_seconds = 3600;
    else if (in_time && unit == 'M') rank = 3, unit_seconds = 60;
    else if (in_time && unit == 'S') rank = 4, unit_seconds = 1;
    else return std::nullopt;
    if (rank <= last_rank || (fraction && unit != 'S')) return std::nullopt;
    last_rank = rank;
    total += whole * unit_seconds * 1'000'000 + micros;
    any = true;
  }
  if (!any) return std::nullopt;
  return Duration{total};
}

std::string describe_duration(Duration d) {
  std::int64_t us = d.count();
  std::string sign = us < 0 ? "-" : "";
  if (us < 0) us = -us;
  if (us < 1000) return sign + std::to_string(us) + " µs";
  if (us < 1'000'000) return sign + std::to_string(us / 1000) + " ms";
  struct Unit { std::int64_t us; const char* name; };
  static constexpr Unit kUnits[] = {{86'400'000'000, " d"}, {3'600'000'000, " h"}, {60'000'000, " min"}, {1'000'000, " s"}};
  std::string out;
  int parts = 0;
  for (const Unit& unit : kUnits) {
    std::int64_t n = us / unit.us;
    us %= unit.us;
    if (n == 0) {
      if (parts > 0) break;
      continue;
    }
    if (parts > 0) out += ' ';
    out += std::to_string(n) + unit.name;
    if (++parts == 2) break;
  }
  return sign + out;
}

}  // namespace carillon
