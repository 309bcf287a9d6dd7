#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/instant.h"
#include "engine/base/json.h"

namespace carillon {

/// Names an effect within its run; never used twice in one run.
using EffectId = std::uint64_t;

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// Effect: send this request and post an HttpCompleted with the same id.
struct HttpCall {
  EffectId id = 0;
  std::string method;  ///< upper case
  std::string url;     ///< absolute, http or https, query included
  HttpHeaders headers;
  std::string body;
  Duration timeout{0};          ///< of the whole exchange
  std::string idempotency_key;  ///< "<run key>:<task pointer>:<visit>": the same for every retry and after a crash
  bool operator==(const HttpCall&) const = default;
};

/// Effect: post a TimerFired with the same id at or after `until`.
struct Wait {
  enum class Purpose { wait, retry, task_timeout, attempt_timeout, workflow_timeout, yield };
  EffectId id = 0;
  Instant until;
  Purpose purpose = Purpose::wait;
  bool operator==(const Wait&) const = default;
};

/// Effect: nobody waits for that effect any more; abort it if it runs. A result posted nevertheless is ignored.
struct Abandon {
  EffectId id = 0;
  bool operator==(const Abandon&) const = default;
};

using Effect = std::variant<HttpCall, Wait, Abandon>;

/// Why no response came. `code` is stable: TIMEOUT, CONNECT, RESOLVE, TLS, ADDRESS_REFUSED, PROTOCOL_REFUSED,
/// RESPONSE_TOO_LARGE, BUSY, ABORTED, NETWORK; SECRET_UNKNOWN, SECRET_UNREADABLE, SECRET_UNFIT when it was not sent.
struct TransportError {
  std::string code;
  std::string message;
};

/// An error in the DSL's sense (RFC 9457 members).
struct RunError {
  std::string type;  ///< URI
  int status = 500;
  std::string title, detail;
  std::string instance;  ///< reference of the task it comes from
  Json to_json() const;
  static RunError from_json(const Json& value);
  bool operator==(const RunError&) const = default;
};

/// The standard error types of DSL 1.0.
namespace error_type {
inline constexpr std::string_view kConfiguration = "https://serverlessworkflow.io/spec/1.0.0/errors/configuration";
inline constexpr std::string_view kValidation = "https://serverlessworkflow.io/spec/1.0.0/errors/validation";
inline constexpr std::string_view kExpression = "https://serverlessworkflow.io/spec/1.0.0/errors/expression";
inline constexpr std::string_view kTimeout = "https://serverlessworkflow.io/spec/1.0.0/errors/timeout";
inline constexpr std::string_view kCommunication = "https://serverlessworkflow.io/spec/1.0.0/errors/communication";
inline constexpr std::string_view kRuntime = "https://serverlessworkflow.io/spec/1.0.0/errors/runtime";
}  // namespace error_type

}  // namespace carillon
