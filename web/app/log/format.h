#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

#include "engine/base/instant.h"
#include "engine/base/log.h"

namespace carillon {

/// One line without its end, RFC 8259. Invalid UTF-8 becomes U+FFFD, so that a line always parses.
std::string format_json_line(Instant at, LogLevel level, std::string_view event,
                             std::initializer_list<LogField> fields);
/// One line (or several, if a field has them) for people; `at` in UTC.
std::string format_pretty_line(Instant at, LogLevel level, std::string_view event,
                               std::initializer_list<LogField> fields, bool colours);

}  // namespace carillon
