#include "engine/schema/ecma_class.h"

#include <algorithm>
#include <charconv>

namespace carillon::schema {
namespace {

void append_code_point_escape(std::string& out, char32_t cp) {
  char hex[16];
  auto end = std::to_chars(hex, hex + sizeof hex, static_cast<std::uint32_t>(cp), 16).ptr;
  out += "\\x{";
  out.append(hex, end);
  out += '}';
}

}  // namespace

void CodePointClass::add_class(const CodePointClass& other) {
  ranges_.insert(ranges_.end(), other.ranges_.begin(), other.ranges_.end());
  properties_.insert(properties_.end(), other.properties_.begin(), other.properties_.end());
}

std::vector<std::pair<char32_t, char32_t>> CodePointClass::normalized() const {
  std::vector<std::pair<char32_t, char32_t>> in;
  for (auto [from, to] : ranges_) {
    if (from < 0xd800 && to > 0xdfff) {
      in.emplace_back(from, 0xd7ff);
      in.emplace_back(0xe000, to);
      continue;
    }
    if (from >= 0xd800 && from <= 0xdfff) from = 0xe000;
    if (to >= 0xd800 && to <= 0xdfff) to = 0xd7ff;
    if (from <= to) in.emplace_back(from, to);
  }
  std::sort(in.begin(), in.end());
  std::vector<std::pair<char32_t, char32_t>> out;
  for (auto range : in) {
    if (!out.empty() && range.first <= out.back().second + 1) out.back().second = std::max(out.back().second, range.second);
    else out.push_back(range);
  }
  return out;
}

std::string CodePointClass::text() const {
  const auto ranges = normalized();
  if (ranges.empty() && properties_.empty())
    return negated_ ? "[\\x{0}-\\x{10ffff}]" : "[^\\x{0}-\\x{10ffff}]";
  std::string out = negated_ ? "[^" : "[";
  for (auto [from, to] : ranges) {
    append_code_point_escape(out, from);
    if (to == from) continue;
    out += '-';
    append_code_point_escape(out, to);
  }
  for (const auto& property : properties_) out += property;
  return out + "]";
}

bool CodePointClass::ascii_only(unsigned long long (&bits)[2]) const {
  bits[0] = bits[1] = 0;
  if (negated_ || !properties_.empty()) return false;
  for (auto [from, to] : normalized()) {
    if (to > 0x7f) return false;
    for (char32_t c = from; c <= to; ++c) bits[c >> 6] |= 1ull << (c & 63);
  }
  return true;
}

CodePointClass CodePointClass::digits() {
  CodePointClass c;
  c.add('0', '9');
  return c;
}

CodePointClass CodePointClass::words() {
  CodePointClass c = digits();
  c.add('A', 'Z');
  c.add('a', 'z');
  c.add('_', '_');
  return c;
}

CodePointClass CodePointClass::spaces() {
  CodePointClass c;
  c.add(0x9, 0xd);
  for (char32_t cp : {0x20, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff}) c.add(cp, cp);
  c.add(0x2000, 0x200a);
  return c;
}

CodePointClass CodePointClass::line_terminators() {
  CodePointClass c;
  c.add('\n', '\n');
  c.add('\r', '\r');
  c.add(0x2028, 0x2029);
  return c;
}

CodePointClass CodePointClass::complement(const CodePointClass& of) {
  CodePointClass out;
  char32_t next = 0;
  for (auto [from, to] : of.normalized()) {
    if (from > next) out.add(next, from - 1);
    next = to + 1;
  }
  out.add(next, 0x10ffff);
  return out;
}

}  // namespace carillon::schema
