#include "web/http/uri.h"

namespace carillon::web {
namespace {

constexpr std::size_t kMaxQueryParameters = 1000;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Error encoding_error(std::string_view text, std::string message) {
  return Error{.code = ErrorCode::malformed,
               .reason = "URL_ENCODING",
               .message = std::move(message),
               .field = "",
               .value = shorten(text),
               .remedy = "Percent-encode the text as UTF-8.",
               .violations = {}};
}

/// How many bytes follow a lead byte, and the least and greatest first one of them (RFC 3629 section 4); -1: no lead byte.
struct Utf8Lead {
  int following;
  unsigned char low = 0x80, high = 0xBF;
};
Utf8Lead utf8_lead(unsigned char c) {
  if (c < 0x80) return {.following = 0};
  if (c < 0xC2) return {.following = -1};
  if (c < 0xE0) return {.following = 1};
  if (c == 0xE0) return {.following = 2, .low = 0xA0};
  if (c == 0xED) return {.following = 2, .low = 0x80, .high = 0x9F};
  if (c < 0xF0) return {.following = 2};
  if (c == 0xF0) return {.following = 3, .low = 0x90};
  if (c < 0xF4) return {.following = 3};
  if (c == 0xF4) return {.following = 3, .low = 0x80, .high = 0x8F};
  return {.following = -1};
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = utf8_lead(static_cast<unsigned char>(text[i++]));
    if (lead.following < 0 || i + static_cast<std::size_t>(lead.following) > text.size()) return false;
    for (int k = 0; k < lead.following; ++k) {
      const auto c = static_cast<unsigned char>(text[i++]);
      if (c < (k == 0 ? lead.low : 0x80) || c > (k == 0 ? lead.high : 0xBF)) return false;
    }
  }
  return true;
}

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 1 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return encoding_error(text, "A '%' in the address is not followed by two hexadecimal digits.");
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  if (out.find('\0') != std::string::npos) return encoding_error(text, "The address holds a NUL character.");
  if (!is_utf8(out)) return encoding_error(text, "The address is not UTF-8 once decoded.");
  return out;
}

Result<Query> parse_query(std::string_view text) {
  Query out;
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    CARILLON_TRY(auto name, percent_decode(pair.substr(0, equals), true));
    std::string value;
    if (equals != std::string_view::npos) {
      CARILLON_TRY(value, percent_decode(pair.substr(equals + 1), true));
    }
    if (out.size() == kMaxQueryParameters)
      return Error{.code = ErrorCode::malformed,
                   .reason = "QUERY_TOO_LONG",
                   .message = "The query has more than 1000 parameters.",
                   .field = "",
                   .value = "",
                   .remedy = "Send the values in the body, or in several requests.",
                   .violations = {}};
    out.emplace(std::move(name), std::move(value));
  }
  return out;
}

Status split_target(Request& request) {
  const std::string_view target = request.target;
  const bool asterisk = target == "*" && request.method == "OPTIONS";
  if (!asterisk && !target.starts_with('/'))
    return Error{.code = ErrorCode::malformed,
                 .reason = "REQUEST_TARGET",
                 .message = "The request target is not a path.",
                 .field = "",
                 .value = shorten(target),
                 .remedy = "Send the path and the query only; this server is no proxy.",
                 .violations = {}};
  const auto fragment_free = target.substr(0, target.find('#'));
  const auto question = fragment_free.find('?');
  request.path = std::string(fragment_free.substr(0, question));
  if (question == std::string_view::npos) return ok();
  CARILLON_TRY(request.query, parse_query(fragment_free.substr(question + 1)));
  return ok();
}

}  // namespace carillon::web
