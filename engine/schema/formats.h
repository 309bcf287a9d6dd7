#pragma once
#include <string_view>

namespace carillon::schema {

/// Decides whether a string is of a format. Pure, thread-safe.
using FormatCheck = bool (*)(std::string_view text);

/// The check for a format name of the two drafts (JSON Schema validation, section 7.3), or null for a name they do not
/// know.
FormatCheck find_format(std::string_view name);

bool is_ipv4(std::string_view text);                        ///< RFC 2673, 3.2: four decimal octets, no leading zeros
bool is_ipv6(std::string_view text);                        ///< RFC 4291, 2.2, without zone or prefix length
bool is_hostname(std::string_view text);                    ///< RFC 1123, 2.1
bool is_idn_hostname(std::string_view text);                ///< RFC 5890 with the contextual rules of RFC 5892
bool is_uri_reference(std::string_view text, bool iri, bool absolute);  ///< RFC 3986 / 3987

}  // namespace carillon::schema
