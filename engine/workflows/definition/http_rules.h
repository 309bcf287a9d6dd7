#pragma once
#include <string_view>

namespace carillon {

/// Rules of HTTP (RFC 9110) that hold for what a definition writes and for what its expressions give.

/// A method or header name: RFC 9110 token, at most 256 bytes.
bool http_token_ok(std::string_view s);
/// A header value: no control characters but tab, so nothing can be smuggled in behind a line break.
bool http_header_value_ok(std::string_view s);
/// Headers that belong to the connection and are never a definition's to set (any case).
bool http_header_reserved(std::string_view name);
/// An absolute http or https address without white space and control characters, at most 8 KiB.
bool http_url_ok(std::string_view s);

}  // namespace carillon
