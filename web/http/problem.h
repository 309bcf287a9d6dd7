#pragma once
#include <string_view>

#include "engine/base/result.h"
#include "web/http/message.h"

namespace carillon::web {

/// The status of an expected failure, as the comments of ErrorCode say.
int http_status(ErrorCode code);
/// The reason phrase: "Not Found"; "Unknown" for a status nobody registered.
std::string_view status_title(int status);

struct ProblemOptions {
  int status = 0;               ///< 0: http_status(error.code). For the protocol's own refusals (405, 408, 431, …).
  int retry_after_seconds = 1;  ///< said on 429 and 503
};

/// The one place an Error becomes an answer: application/problem+json (RFC 9457) with type
/// "urn:carillon:problem:<reason>", title, status, detail, code (= reason), request_id, and where there are any: field,
/// value, remedy, violations[{instance, schema, keyword, message, params}]. 401 carries WWW-Authenticate.
Response problem(const Error& error, std::string_view request_id, const ProblemOptions& options = {});

}  // namespace carillon::web
