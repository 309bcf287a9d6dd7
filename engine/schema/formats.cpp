#include "engine/schema/formats.h"

#include <array>
#include <cstdint>
#include <utility>

#include "engine/schema/regex.h"

namespace carillon::schema {
namespace {

bool ascii_digit(char c) { return c >= '0' && c <= '9'; }
bool ascii_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool ascii_hex(char c) { return ascii_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// `count` digits at `at` as a number, or -1.
int fixed_digits(std::string_view t, std::size_t at, std::size_t count) {
  if (at + count > t.size()) return -1;
  int v = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (!ascii_digit(t[i])) return -1;
    v = v * 10 + (t[i] - '0');
  }
  return v;
}

/// RFC 3339 full-date.
bool is_date(std::string_view t) {
  if (t.size() != 10 || t[4] != '-' || t[7] != '-') return false;
  const int y = fixed_digits(t, 0, 4), m = fixed_digits(t, 5, 2), d = fixed_digits(t, 8, 2);
  if (y < 0 || m < 1 || m > 12 || d < 1) return false;
  static constexpr std::array<int, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
  return d <= kDays[static_cast<std::size_t>(m - 1)] + (m == 2 && leap ? 1 : 0);
}

/// RFC 3339 full-time; a leap second only where it is 23:59:60 in UTC.
bool is_time(std::string_view t) {
  if (t.size() < 9 || t[2] != ':' || t[5] != ':') return false;
  const int h = fixed_digits(t, 0, 2), m = fixed_digits(t, 3, 2), s = fixed_digits(t, 6, 2);
  if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 60) return false;
  std::size_t at = 8;
  if (t[at] == '.') {
    const std::size_t start = ++at;
    while (at < t.size() && ascii_digit(t[at])) ++at;
    if (at == start) return false;
  }
  if (at >= t.size()) return false;
  int offset = 0;
  if (t[at] == 'Z' || t[at] == 'z') {
    if (at + 1 != t.size()) return false;
  } else {
    if ((t[at] != '+' && t[at] != '-') || t.size() - at != 6 || t[at + 3] != ':') return false;
    const int oh = fixed_digits(t, at + 1, 2), om = fixed_digits(t, at + 4, 2);
    if (oh < 0 || oh > 23 || om < 0 || om > 59) return false;
    offset = (oh * 60 + om) * (t[at] == '-' ? -1 : 1);
  }
  if (s < 60) return true;
  return (h * 60 + m - offset + 2 * 1440) % 1440 == 1439;
}

bool is_date_time(std::string_view t) {
  return t.size() > 11 && (t[10] == 'T' || t[10] == 't') && is_date(t.substr(0, 10)) && is_time(t.substr(11));
}

/// RFC 3339, appendix A: units in order, weeks alone.
bool is_duration(std::string_view t) {
  if (t.size() < 3 || t[0] != 'P') return false;
  std::size_t at = 1;
  const auto section = [&](std::string_view units, bool adjacent) {
    std::size_t next_unit = 0;
    bool any = false;
    while (at < t.size() && t[at] != 'T') {
      const std::size_t start = at;
      while (at < t.size() && ascii_digit(t[at])) ++at;
      if (at == start || at == t.size()) return false;
      const auto unit = units.find(t[at++]);
      if (unit == std::string_view::npos || unit < next_unit) return false;
      if (adjacent && any && unit != next_unit) return false;
      next_unit = unit + 1;
      any = true;
    }
    return any;
  };
  if (t.back() == 'W') {
    for (std::size_t i = 1; i + 1 < t.size(); ++i)
      if (!ascii_digit(t[i])) return false;
    return true;
  }
  if (t[at] != 'T' && !section("YMD", true)) return false;
  if (at == t.size()) return true;
  ++at;
  return section("HMS", true) && at == t.size();
}

bool is_uuid(std::string_view t) {
  if (t.size() != 36) return false;
  for (std::size_t i = 0; i < 36; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? t[i] != '-' : !ascii_hex(t[i])) return false;
  }
  return true;
}

bool is_json_pointer(std::string_view t) {
  if (t.empty()) return true;
  if (t[0] != '/') return false;
  for (std::size_t i = 0; i < t.size(); ++i)
    if (t[i] == '~' && (i + 1 == t.size() || (t[i + 1] != '0' && t[i + 1] != '1'))) return false;
  return true;
}

/// draft-bhutton-relative-json-pointer-00, section 3.
bool is_relative_json_pointer(std::string_view t) {
  std::size_t at = 0;
  while (at < t.size() && ascii_digit(t[at])) ++at;
  if (at == 0 || (at > 1 && t[0] == '0')) return false;
  const std::string_view index = t.substr(at);
  if (index.size() > 1 && (index[0] == '+' || index[0] == '-')) {
    std::size_t end = at + 1;
    while (end < t.size() && ascii_digit(t[end])) ++end;
    if (end == at + 1 || t[at + 1] == '0') return false;
    at = end;
  }
  return t.substr(at) == "#" || is_json_pointer(t.substr(at));
}

/// RFC 5321 Mailbox; with `international` RFC 6531 (any non-ASCII in the local part, an IDN behind the @).
bool is_mailbox(std::string_view t, bool international) {
  const auto at = t.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == t.size() || at > 64 * (international ? 4 : 1)) return false;
  const std::string_view local = t.substr(0, at), domain = t.substr(at + 1);
  if (local.front() == '"') {
    if (local.size() < 2 || local.back() != '"') return false;
    for (std::size_t i = 1; i + 1 < local.size(); ++i) {
      const auto c = static_cast<unsigned char>(local[i]);
      if (c == '\\' && ++i + 1 >= local.size()) return false;
      if (c == '"' || c < 32 || c == 127 || (c > 127 && !international)) return false;
    }
  } else {
    char previous = '.';
    for (char c : local) {
      if (c == '.' && previous == '.') return false;
      const bool plain = ascii_alpha(c) || ascii_digit(c) || std::string_view(".!#$%&'*+-/=?^_`{|}~").contains(c);
      if (!plain && !(international && static_cast<unsigned char>(c) > 127)) return false;
      previous = c;
    }
    if (previous == '.') return false;
  }
  if (domain.front() == '[') {
    if (domain.back() != ']') return false;
    const std::string_view literal = domain.substr(1, domain.size() - 2);
    return literal.starts_with("IPv6:") ? is_ipv6(literal.substr(5)) : is_ipv4(literal);
  }
  return international ? is_idn_hostname(domain) : is_hostname(domain);
}

/// RFC 6570, 2: braces balanced, expressions made of an operator and variables with modifiers.
bool is_uri_template(std::string_view t) {
  for (std::size_t i = 0; i < t.size(); ++i) {
    const auto c = static_cast<unsigned char>(t[i]);
    if (c == '}' || c <= 32 || c == 127 || std::string_view("\"'<>\\^`|").contains(t[i])) return false;
    if (c == '%' && (i + 2 >= t.size() || !ascii_hex(t[i + 1]) || !ascii_hex(t[i + 2]))) return false;
    if (c != '{') continue;
    const auto end = t.find('}', i);
    if (end == std::string_view::npos) return false;
    std::string_view expression = t.substr(i + 1, end - i - 1);
    if (!expression.empty() && std::string_view("+#./;?&=,!@|").contains(expression[0])) expression.remove_prefix(1);
    if (expression.empty()) return false;
    bool variable = false;
    for (std::size_t k = 0; k < expression.size(); ++k) {
      const char e = expression[k];
      if (ascii_alpha(e) || ascii_digit(e) || e == '_' || e == '%' || (e == '.' && variable)) {
        variable = true;
      } else if (variable && (e == ',' || e == ':' || e == '*')) {
        if (e == ',') variable = false;
      } else {
        return false;
      }
    }
    if (!variable) return false;
    i = end;
  }
  return true;
}

}  // namespace

FormatCheck find_format(std::string_view name) {
  static constexpr std::pair<std::string_view, FormatCheck> kFormats[] = {
      {"date-time", is_date_time},
      {"date", is_date},
      {"time", is_time},
      {"duration", is_duration},
      {"email", [](std::string_view t) { return is_mailbox(t, false); }},
      {"idn-email", [](std::string_view t) { return is_mailbox(t, true); }},
      {"hostname", is_hostname},
      {"idn-hostname", is_idn_hostname},
      {"ipv4", is_ipv4},
      {"ipv6", is_ipv6},
      {"uri", [](std::string_view t) { return is_uri_reference(t, false, true); }},
      {"uri-reference", [](std::string_view t) { return is_uri_reference(t, false, false); }},
      {"iri", [](std::string_view t) { return is_uri_reference(t, true, true); }},
      {"iri-reference", [](std::string_view t) { return is_uri_reference(t, true, false); }},
      {"uuid", is_uuid},
      {"uri-template", is_uri_template},
      {"json-pointer", is_json_pointer},
      {"relative-json-pointer", is_relative_json_pointer},
      {"regex", is_ecma_regex},
  };
  for (const auto& [known, check] : kFormats)
    if (known == name) return check;
  return nullptr;
}

}  // namespace carillon::schema
