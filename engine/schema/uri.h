#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace carillon::schema {

/// The five parts of a URI reference (RFC 3986, appendix B); a missing part differs from an empty one.
struct UriParts {
  std::optional<std::string> scheme, authority, query, fragment;
  std::string path;
};
UriParts split_uri(std::string_view text);
std::string join_uri(const UriParts& parts);

/// `reference` seen from `base` (RFC 3986, 5.2), dot segments removed, fragment kept.
std::string resolve_uri(std::string_view base, std::string_view reference);

/// Before and after the first '#'; the fragment percent-decoded.
struct SplitReference {
  std::string document;
  std::string fragment;
};
SplitReference split_fragment(std::string_view uri);

}  // namespace carillon::schema
