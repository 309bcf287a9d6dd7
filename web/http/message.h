#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/instant.h"
#include "engine/base/json.h"
#include "engine/base/result.h"

namespace carillon::web {

/// Header fields in their order of arrival. Names compare without case (RFC 9110 section 5.1). Not thread-safe.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  /// Replaces every field of that name by one.
  void set(std::string_view name, std::string value);
  void remove(std::string_view name);
  /// The first value, "" if there is none.
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  const std::vector<Field>& fields() const { return fields_; }

 private:
  std::vector<Field> fields_;
};

/// Names and values of a query, decoded; values of one name keep their order.
using Query = std::multimap<std::string, std::string, std::less<>>;

/// One request, whole: the body is there. A value; handlers get it by const reference.
struct Request {
  std::string method{};          ///< upper case as sent: "GET"
  std::string target{};          ///< as sent: "/api/v1/runs?limit=5"
  std::string path{};            ///< the part before '?', still percent-encoded (the router decodes each segment)
  Query query{};
  Headers headers{};
  std::string body{};
  std::string remote_address{};  ///< the peer's IP address, without port
  std::string request_id{};      ///< the client's X-Request-Id if it is a plain token, else made here
  Duration received{};         ///< Clock::steady() at its first byte

  /// The first value of a query parameter, nothing if it is not there.
  std::optional<std::string> query_value(std::string_view name) const;
  /// Cookies by name, as sent; the first of a name wins (RFC 6265 section 5.4 puts the most specific first).
  std::map<std::string, std::string, std::less<>> cookies() const;
  std::string cookie(std::string_view name) const;
  /// The media type of the body in lower case without parameters: "application/json".
  std::string media_type() const;
  /// The credential of `Authorization: Bearer …`, "" if there is none.
  std::string_view bearer_token() const;
  /// The body as JSON. Fails with unsupported_media (UNSUPPORTED_MEDIA_TYPE) if it does not call itself
  /// application/json or …+json, malformed (BODY_MISSING) if it is empty, and as parse_json does.
  Result<Json> json(const JsonLimits& limits = {}) const;
};

/// One answer. `body` is sent unless `fixed` is set, which points to bytes that outlive the server.
struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  std::string_view fixed;

  std::string_view content() const { return fixed.data() != nullptr ? fixed : std::string_view(body); }
};

/// An answer with a body of JSON, canonical.
Response json_response(const Json& value, int status = 200);
Response text_response(std::string text, std::string content_type = "text/plain; charset=utf-8", int status = 200);
/// 204.
Response no_content();

/// Fails with unsupported_media unless the request's media type is one of `accepted`.
Status require_media_type(const Request& request, const std::vector<std::string>& accepted);

/// ASCII case-insensitive equality, as header names and schemes need.
bool equal_no_case(std::string_view a, std::string_view b);

}  // namespace carillon::web
