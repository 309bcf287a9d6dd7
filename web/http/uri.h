#pragma once
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "web/http/message.h"

namespace carillon::web {

/// Percent-decoding (RFC 3986 section 2.1) to valid UTF-8 without NUL.
/// Fails with malformed (URL_ENCODING). `plus_is_space` as forms and query strings write it.
Result<std::string> percent_decode(std::string_view text, bool plus_is_space);

/// "a=1&b=x%20y" → {a:1, b:"x y"}; a name without '=' has the value "". Fails as percent_decode, and with malformed
/// (QUERY_TOO_LONG) over 1,000 parameters.
Result<Query> parse_query(std::string_view text);

/// Sets path and query from `request.target`, which must be in origin form ("/…") or "*" for OPTIONS
/// (RFC 9112 section 3.2). Fails with malformed (REQUEST_TARGET) or as parse_query.
Status split_target(Request& request);

/// Whether a text is well-formed UTF-8 (RFC 3629).
bool is_utf8(std::string_view text);

}  // namespace carillon::web
