#pragma once
#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace carillon {

/// The closed set of expected failures. Each maps to exactly one HTTP status, in web/http/problem.cpp.
enum class ErrorCode {
  malformed,            ///< the input is not what its type says (broken JSON, wrong content type)     400
  unauthenticated,      ///< nobody, or a credential that is not valid any more                         401
  forbidden,            ///< somebody, without the permission                                           403
  not_found,            ///< no such thing in this tenant (another tenant's thing, too)                 404
  conflict,             ///< the state of the thing forbids it, or a unique name is taken               409
  precondition_failed,  ///< If-Match names a version that is not the current one                       412
  precondition_missing, ///< If-Match is needed and not there                                           428
  too_large,            ///< over an intake limit                                                       413
  unsupported_media,    ///< content type that is not understood                                        415
  invalid,              ///< well-formed and refused by a rule                                          422
  rate_limited,         ///< too many at once                                                           429
  unavailable,          ///< the database is away; trying again later is right                          503
  internal,             ///< broken                                                                     500
};

/// One failure of a payload against its schema, or of a request body against its shape.
struct Violation {
  std::string instance;     ///< RFC 6901 pointer into the instance, "" is the root
  std::string schema;       ///< RFC 6901 pointer into the schema (as a URI fragment without '#')
  std::string keyword;      ///< schema keyword, or the rule's name
  std::string message;      ///< one sentence a person understands
  std::string params_json;  ///< JSON object text with the keyword's parameters, "{}" if none
  bool operator==(const Violation&) const = default;
};

/// What went wrong, for whom it concerns: safe to show, never with internals.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string reason;   ///< stable, UPPER_SNAKE: what programs match on, e.g. RUN_AT_IN_PAST
  std::string message;  ///< cause, one sentence
  std::string field;    ///< RFC 6901 pointer into the request ("" if none)
  std::string value;    ///< the refused value as text, shortened ("" if none)
  std::string remedy;   ///< what to do about it, one sentence ("" if none)
  std::vector<Violation> violations;
};

/// A value or an Error. Never ignored.
template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
  Result(Error error) : std::expected<T, Error>(std::unexpect, std::move(error)) {}
};

using Status = Result<void>;

/// Ok value of a Status, for readability at the end of functions.
inline Status ok() { return Status(); }

}  // namespace carillon

#define CARILLON_CONCAT_(a, b) a##b
#define CARILLON_CONCAT(a, b) CARILLON_CONCAT_(a, b)
/// Returns the error of `expr` from the calling function.
#define CARILLON_CHECK(expr)                                                       \
  do {                                                                             \
    if (auto carillon_status = (expr); !carillon_status.has_value())               \
      return std::move(carillon_status).error();                                   \
  } while (false)
#define CARILLON_TRY_(tmp, decl, expr)                         \
  auto tmp = (expr);                                           \
  if (!tmp.has_value()) return std::move(tmp).error();         \
  decl = std::move(tmp).value()
/// `CARILLON_TRY(auto x, f())`: declares x as the value of f() or returns f()'s error from the calling function.
#define CARILLON_TRY(decl, expr) CARILLON_TRY_(CARILLON_CONCAT(carillon_try_, __LINE__), decl, expr)
