#pragma once
#include <atomic>
#include <string>
#include <string_view>

#include "web/http/router.h"
#include "web/http/server.h"

namespace carillon::web {

/// What lies between a whole request and its answer and needs no socket. Thread-safe.
class Responder {
 public:
  Responder(const HttpServerOptions& options, const HttpServerParts& parts, const HttpServerHooks& hooks)
      : options_(options), parts_(parts), hooks_(hooks) {}

  /// The client's X-Request-Id if it is 1 to 64 letters, digits, '-', '_' or '.', else a new one.
  std::string request_id(std::string_view from_client) const;

  /// Runs the before hook and the handler, or answers 404, 405, OPTIONS and preflights itself. Never throws: an
  /// exception is logged and becomes a 500.
  Response answer(const Request& request, const RouteMatch& match) const;
  /// Whether answer() may run on an I/O thread.
  bool never_blocks(const Request& request, const RouteMatch& match) const;

  /// Decides on an upgrade: the before hook, the origin, the handshake's fields, then the endpoint. Never throws.
  struct Upgrade {
    std::unique_ptr<WebSocketSession> session;  ///< null: send the refusal
    Response refusal;
  };
  Upgrade upgrade(const Request& request, const RouteMatch& match) const;

  /// Completes an answer: security and CORS fields, X-Request-Id; the after hook and the access log.
  void finish(const Request& request, Response& response, std::string_view route) const;

  /// From now on requests that wait for a thread are answered 503 without their handler.
  void close() { closed_ = true; }

 private:
  Response dispatch(const Request& request, const RouteMatch& match) const;
  Response unknown_route(const Request& request, const RouteMatch& match) const;
  Response crashed(const Request& request, std::string_view what) const;
  const HttpServerOptions& options_;
  const HttpServerParts& parts_;
  const HttpServerHooks& hooks_;
  std::atomic<bool> closed_{false};
};

/// Whether a request asks to become a WebSocket.
bool wants_websocket(const Request& request);
/// The handshake's fields (RFC 6455 section 4.2.1). Fails with malformed: WEBSOCKET_HANDSHAKE, or WEBSOCKET_VERSION
/// (answered 426).
Status check_websocket_handshake(const Request& request);

}  // namespace carillon::web
