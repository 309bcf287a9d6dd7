#pragma once
#include <functional>

#include "engine/runs/interpreter/effect.h"

namespace carillon {

struct HttpOutcome {
  int status = 0;
  HttpHeaders headers;  ///< of the last response, names in lower case
  std::string body;
  std::optional<TransportError> error;  ///< then nothing else is set
};

/// Port: requests to the outside world.
class OutboundHttp {
 public:
  using Ticket = std::uint64_t;
  using Callback = std::function<void(HttpOutcome)>;
  virtual ~OutboundHttp() = default;
  /// Begins the exchange and returns at once. The call's idempotency key is sent as `Idempotency-Key` unless the
  /// headers hold one. `done` is called exactly once, on a thread of the adapter (also after cancel and at stop, with
  /// ABORTED), or within start() itself if the call is refused at once (BUSY, or ABORTED once stopped); it must be
  /// quick, must not throw, and may call start or cancel.
  virtual Ticket start(const HttpCall& call, Callback done) = 0;
  /// Ends the exchange soon, with ABORTED unless it has ended already. Unknown tickets are ignored.
  virtual void cancel(Ticket ticket) = 0;
};

}  // namespace carillon
