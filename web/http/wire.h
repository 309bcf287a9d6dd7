#pragma once
#include <string>
#include <string_view>

#include "engine/base/instant.h"
#include "web/http/message.h"

namespace carillon::web {

/// "Sat, 21 Nov 2026 04:30:00 GMT" (RFC 9110 section 5.6.7).
std::string http_date(Instant t);

struct WireOptions {
  bool keep_alive = true;
  bool http_1_0 = false;      ///< the client's version: keep-alive must be said
  std::string_view date;      ///< http_date() of now
};

/// Status line and fields up to the empty line. Content-Length, Date and Connection are set here; 204 and 304 carry no
/// Content-Length (RFC 9110 section 8.6). Line breaks inside a value become blanks, so no value can forge a field.
std::string response_head(const Response& response, const WireOptions& options);

/// Whether content follows the head: not for HEAD, 204 and 304.
bool has_content(const Response& response, std::string_view method);

}  // namespace carillon::web
