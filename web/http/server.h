#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/base/rng.h"
#include "engine/base/service.h"
#include "web/http/message.h"
#include "web/http/router.h"
#include "web/http/security.h"

namespace carillon::web {

struct HttpServerOptions {
  std::string address = "127.0.0.1";  ///< IPv4 or IPv6 literal
  std::uint16_t port = 0;             ///< 0: any free one, see HttpServer::port()
  int io_threads = 1;                 ///< each has its own event loop; a connection stays on its loop
  int handler_threads = 8;            ///< where handlers block
  std::size_t handler_queue = 256;    ///< requests waiting for a handler thread; one more is answered 503
  std::size_t max_connections = 2000; ///< one more is answered 503 and closed
  std::size_t max_body = 1 << 20;     ///< bytes; a route may say otherwise. Over it: 413
  std::size_t max_header = 16 << 10;  ///< bytes of request line and fields. Over it: 431
  Duration read_deadline = std::chrono::seconds(15);     ///< first byte to last byte of a request. Over it: 408
  Duration write_deadline = std::chrono::seconds(15);    ///< an answer the client does not take is cut off
  Duration handler_deadline = std::chrono::seconds(30);  ///< over it: 503, and the late answer is dropped
  Duration idle_deadline = std::chrono::seconds(75);     ///< a kept connection without a request is closed silently
  Duration drain_deadline = std::chrono::seconds(10);    ///< how long stop() waits for running requests
  bool keep_alive = true;
  CorsPolicy cors{};                  ///< closed by default
  bool hsts = false;                  ///< say Strict-Transport-Security (behind a TLS proxy)

  std::size_t websocket_max_message = 64 << 10;       ///< bytes of one incoming message. Over it: close 1009
  std::size_t websocket_queue_messages = 1024;        ///< outgoing; over one of them: close 1013
  std::size_t websocket_queue_bytes = 4 << 20;
  Duration websocket_ping = std::chrono::seconds(20); ///< silence after which a ping is sent; as long again closes
};

/// What surrounds every handler. All may be empty. Called by several threads at once.
struct HttpServerHooks {
  /// Before the handler, on its thread; an answer ends the request (rate limits, CSRF).
  std::function<std::optional<Response>(const Request&)> before;
  /// After the answer is made. `route` is the pattern, "" when no route was found.
  std::function<void(const Request&, const Response&, std::string_view route, Duration took)> after;
};

/// What it needs; all outlive the server.
struct HttpServerParts {
  const Router& router;
  const Clock& clock;
  Rng& rng;  ///< request ids
  Logger& log;
};

/// HTTP/1.1 and WebSocket. Every answer carries the security headers and X-Request-Id; every refusal, of a broken
/// request too, is problem details. Each finished request is logged at debug.
/// stop(): no new connections; idle ones are closed, running requests finish until drain_deadline, WebSockets are closed
/// with 1001; what is left is cut off, and stop() returns when no handler runs any more. Starts once.
class HttpServer final : public Service {
 public:
  HttpServer(HttpServerOptions options, HttpServerParts parts, HttpServerHooks hooks = {});
  ~HttpServer() override;
  std::string_view name() const override { return "http"; }
  /// Throws std::runtime_error, with address and remedy, if it cannot listen.
  void start() override;
  void stop() override;
  /// The port it listens on; 0 before start().
  std::uint16_t port() const;
  /// Open connections, WebSockets included. Any thread.
  std::size_t connections() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace carillon::web
