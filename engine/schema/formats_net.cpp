#include <array>
#include <cstdint>

#include "engine/schema/formats.h"
#include "engine/schema/utf8.h"

namespace carillon::schema {
namespace {

bool net_digit(char c) { return c >= '0' && c <= '9'; }
bool net_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool net_hex(char c) { return net_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool in_ranges(char32_t cp, std::initializer_list<std::pair<char32_t, char32_t>> ranges) {
  for (auto [from, to] : ranges)
    if (cp >= from && cp <= to) return true;
  return false;
}

/// Marks that a label may not start with (RFC 5891, 4.2.3.2): the blocks that hold them.
bool combining_mark(char32_t cp) {
  return in_ranges(cp, {{0x300, 0x36f}, {0x483, 0x489}, {0x591, 0x5bd}, {0x610, 0x61a}, {0x64b, 0x65f}, {0x900, 0x903},
                        {0x93a, 0x93c}, {0x93e, 0x94f}, {0x981, 0x983}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
                        {0x20d0, 0x20ff}, {0x302a, 0x302f}, {0x3099, 0x309a}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}});
}

/// Viramas of the Indic scripts (canonical combining class 9), for ZERO WIDTH JOINER (RFC 5892, A.1 and A.2).
bool virama(char32_t cp) {
  return in_ranges(cp, {{0x94d, 0x94d}, {0x9cd, 0x9cd}, {0xa4d, 0xa4d}, {0xacd, 0xacd}, {0xb4d, 0xb4d}, {0xbcd, 0xbcd},
                        {0xc4d, 0xc4d}, {0xccd, 0xccd}, {0xd4d, 0xd4d}, {0xdca, 0xdca}, {0xe3a, 0xe3a}, {0xf84, 0xf84},
                        {0x1039, 0x103a}, {0x1714, 0x1714}, {0x17d2, 0x17d2}});
}
bool arabic_joining(char32_t cp) { return in_ranges(cp, {{0x620, 0x64a}, {0x66e, 0x6d3}, {0x6fa, 0x6ff}}); }
bool greek(char32_t cp) { return in_ranges(cp, {{0x370, 0x3ff}, {0x1f00, 0x1fff}}); }
bool hebrew(char32_t cp) { return in_ranges(cp, {{0x591, 0x5f4}, {0xfb1d, 0xfb4f}}); }
bool kana_or_han(char32_t cp) {
  return in_ranges(cp, {{0x3041, 0x309f}, {0x30a1, 0x30fa}, {0x30fc, 0x30ff}, {0x3005, 0x3007}, {0x3400, 0x4dbf},
                        {0x4e00, 0x9fff}, {0xf900, 0xfaff}, {0x20000, 0x2ffff}});
}
/// Exceptions of RFC 5892, 2.6, that are disallowed, and ASCII that no host name has.
bool idn_disallowed(char32_t cp) {
  if (cp < 0x80) return !net_alpha(static_cast<char>(cp)) && !net_digit(static_cast<char>(cp)) && cp != '-';
  return in_ranges(cp, {{0x640, 0x640}, {0x7fa, 0x7fa}, {0x302e, 0x302f}, {0x3031, 0x3035}, {0x303b, 0x303b},
                        {0x80, 0xb6}, {0xb8, 0xbf}, {0x2000, 0x200b}, {0x200e, 0x206f}, {0x3000, 0x3004},
                        {0xd800, 0xf8ff}, {0xff00, 0xffff}});
}

/// The contextual rules of RFC 5892, appendix A, for one character of a label.
bool context_allows(const std::u32string& label, std::size_t i) {
  const char32_t before = i > 0 ? label[i - 1] : 0, after = i + 1 < label.size() ? label[i + 1] : 0;
  switch (label[i]) {
    case 0xb7: return before == 'l' && after == 'l';
    case 0x375: return greek(after);
    case 0x5f3:
    case 0x5f4: return hebrew(before);
    case 0x200d: return virama(before);
    case 0x200c: return virama(before) || (arabic_joining(before) && arabic_joining(after));
    case 0x30fb:
      for (char32_t cp : label)
        if (kana_or_han(cp)) return true;
      return false;
    default: break;
  }
  if (in_ranges(label[i], {{0x660, 0x669}}))
    for (char32_t cp : label)
      if (in_ranges(cp, {{0x6f0, 0x6f9}})) return false;
  return true;
}

/// Bytes of the Punycode form of a label with its "xn--" (RFC 3492, 6.3), or 0 when it overflows.
std::size_t punycode_size(const std::u32string& label) {
  std::size_t size = 4;
  std::uint32_t handled = 0;
  for (char32_t cp : label)
    if (cp < 0x80) ++size, ++handled;
  const std::uint32_t basic = handled;
  if (basic > 0) ++size;
  std::uint64_t n = 0x80, delta = 0, bias = 72;
  while (handled < label.size()) {
    char32_t m = 0x7fffffff;
    for (char32_t cp : label)
      if (cp >= n && cp < m) m = cp;
    delta += (m - n) * (handled + 1);
    n = m;
    for (char32_t cp : label) {
      if (cp < n) ++delta;
      if (cp != n) continue;
      std::uint64_t q = delta;
      for (std::uint64_t k = 36;; k += 36) {
        const std::uint64_t t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
        ++size;
        if (q < t) break;
        q = (q - t) / (36 - t);
      }
      delta = handled == basic ? delta / 700 : delta / 2;
      delta += delta / (handled + 1);
      std::uint64_t k = 0;
      for (; delta > 455; k += 36) delta /= 35;
      bias = k + 36 * delta / (delta + 38);
      delta = 0;
      ++handled;
    }
    ++delta;
    ++n;
    if (size > 64) return size;
  }
  return size;
}

bool is_idn_label(const std::u32string& label) {
  if (label.empty() || label.front() == '-' || label.back() == '-' || combining_mark(label.front())) return false;
  const bool ascii = label.find_first_not_of(U"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") ==
                     std::u32string::npos;
  if (label.size() >= 4 && label[2] == '-' && label[3] == '-') {
    if (!ascii || label[0] != 'x' || label[1] != 'n') return false;
    return label.size() > 5 && label.size() <= 63;
  }
  for (std::size_t i = 0; i < label.size(); ++i)
    if (idn_disallowed(label[i]) || !context_allows(label, i)) return false;
  return (ascii ? label.size() : punycode_size(label)) <= 63;
}

/// A character of a URI component besides percent encoding: unreserved, sub-delims, and `extra` (RFC 3986, 2 and 3).
bool uri_char(char c, bool iri, std::string_view extra) {
  if (net_alpha(c) || net_digit(c)) return true;
  if (static_cast<unsigned char>(c) >= 0x80) return iri;
  return std::string_view("-._~!$&'()*+,;=").contains(c) || extra.contains(c);
}

bool uri_component(std::string_view t, bool iri, std::string_view extra) {
  for (std::size_t i = 0; i < t.size(); ++i) {
    if (t[i] == '%') {
      if (i + 2 >= t.size() || !net_hex(t[i + 1]) || !net_hex(t[i + 2])) return false;
      i += 2;
    } else if (!uri_char(t[i], iri, extra)) {
      return false;
    }
  }
  return true;
}

bool uri_authority(std::string_view t, bool iri) {
  if (auto at = t.rfind('@'); at != std::string_view::npos) {
    if (!uri_component(t.substr(0, at), iri, ":")) return false;
    t = t.substr(at + 1);
  }
  std::string_view port;
  if (t.starts_with('[')) {
    const auto end = t.find(']');
    if (end == std::string_view::npos) return false;
    const std::string_view literal = t.substr(1, end - 1);
    const bool future = literal.size() > 3 && (literal[0] == 'v' || literal[0] == 'V') && literal.contains('.') &&
                        uri_component(literal, false, ":");
    if (!future && !is_ipv6(literal)) return false;
    port = t.substr(end + 1);
    if (!port.empty() && port[0] != ':') return false;
  } else {
    const auto colon = t.find(':');
    if (!uri_component(t.substr(0, colon), iri, "")) return false;
    port = colon == std::string_view::npos ? std::string_view{} : t.substr(colon);
  }
  for (std::size_t i = 1; i < port.size(); ++i)
    if (!net_digit(port[i])) return false;
  return true;
}

}  // namespace

bool is_ipv4(std::string_view t) {
  int parts = 0;
  std::size_t at = 0;
  while (true) {
    const std::size_t start = at;
    int value = 0;
    while (at < t.size() && net_digit(t[at]) && at - start < 4) value = value * 10 + (t[at++] - '0');
    const std::size_t digits = at - start;
    if (digits == 0 || digits > 3 || value > 255 || (digits > 1 && t[start] == '0')) return false;
    if (++parts == 4) return at == t.size();
    if (at == t.size() || t[at++] != '.') return false;
  }
}

bool is_ipv6(std::string_view t) {
  int groups = 0;
  bool gap = false;
  std::size_t at = 0;
  if (t.starts_with("::")) {
    gap = true;
    at = 2;
  }
  while (at < t.size()) {
    const std::size_t start = at;
    while (at < t.size() && net_hex(t[at])) ++at;
    if (at < t.size() && t[at] == '.') {
      if (!is_ipv4(t.substr(start))) return false;
      groups += 2;
      at = t.size();
      break;
    }
    if (at == start || at - start > 4) return false;
    ++groups;
    if (at == t.size()) break;
    if (t[at++] != ':') return false;
    if (at == t.size()) return false;
    if (t[at] == ':') {
      if (gap) return false;
      gap = true;
      ++at;
    }
  }
  return gap ? groups < 8 : groups == 8;
}

bool is_hostname(std::string_view t) {
  if (t.empty() || t.size() > 253) return false;
  std::size_t label = 0;
  for (std::size_t i = 0; i <= t.size(); ++i) {
    if (i == t.size() || t[i] == '.') {
      if (label == 0 || label > 63 || t[i - 1] == '-') return false;
      label = 0;
    } else {
      if (!net_alpha(t[i]) && !net_digit(t[i]) && (t[i] != '-' || label == 0)) return false;
      ++label;
    }
  }
  return true;
}

bool is_idn_hostname(std::string_view t) {
  if (t.empty() || t.size() > 1024) return false;
  std::u32string label;
  for (std::size_t at = 0; at < t.size();) {
    const char32_t cp = next_code_point(t, at);
    // The four dots of RFC 3490, 3.1.
    if (cp == '.' || cp == 0x3002 || cp == 0xff0e || cp == 0xff61) {
      if (!is_idn_label(label)) return false;
      label.clear();
    } else {
      label += cp;
    }
  }
  return is_idn_label(label);
}

bool is_uri_reference(std::string_view t, bool iri, bool absolute) {
  if (auto hash = t.find('#'); hash != std::string_view::npos) {
    if (!uri_component(t.substr(hash + 1), iri, ":@/?")) return false;
    t = t.substr(0, hash);
  }
  if (auto mark = t.find('?'); mark != std::string_view::npos) {
    if (!uri_component(t.substr(mark + 1), iri, ":@/?")) return false;
    t = t.substr(0, mark);
  }
  const auto colon = t.find(':');
  const bool schemed = colon != std::string_view::npos && t.find('/') > colon;
  if (schemed) {
    if (colon == 0 || !net_alpha(t[0])) return false;
    for (char c : t.substr(0, colon))
      if (!net_alpha(c) && !net_digit(c) && c != '+' && c != '-' && c != '.') return false;
    t = t.substr(colon + 1);
  } else if (absolute) {
    return false;
  }
  if (t.starts_with("//")) {
    const auto slash = t.find('/', 2);
    if (!uri_authority(t.substr(2, slash == std::string_view::npos ? slash : slash - 2), iri)) return false;
    t = slash == std::string_view::npos ? std::string_view{} : t.substr(slash);
  }
  return uri_component(t, iri, ":@/");
}

}  // namespace carillon::schema
