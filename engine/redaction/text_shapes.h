#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace carillon {

/// How a text may look where it turns up again: as it is; escaped for JSON, up to three times (a text in a text), also with
/// "\/" and with \u for what is not ASCII; percent-encoded in either case of digits and with "+" for blanks; escaped for
/// HTML; and what is sure of it in base64 (RFC 4648, both alphabets) at each of the three offsets, for texts of 8 bytes
/// and more. Each shape once, the text itself first.
std::vector<std::string> shapes_of(std::string_view text);

}  // namespace carillon
