#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "web/http/message.h"
#include "web/http/websocket.h"

namespace carillon::web {

/// Answers a request. Runs on a handler thread (or on an I/O thread, see RouteOptions), so it is called by several
/// threads at once. An exception becomes a 500 without its text.
using Handler = std::function<Response(const Request&, const PathParams&)>;

struct RouteOptions {
  std::optional<std::size_t> max_body;  ///< bytes; the server's own limit if not set
  /// The handler neither waits nor computes for long, so it may run on the I/O thread and save two thread switches.
  bool never_blocks = false;
};

struct Route {
  std::string method;   ///< "GET"; of a WebSocket, too
  std::string pattern;  ///< "/api/v1/schedules/{id}/pause": the label of metrics
  Handler handler;
  RouteOptions options;
  std::optional<WebSocketEndpoint> websocket;
};

/// What a method and a path lead to.
struct RouteMatch {
  const Route* route = nullptr;       ///< null: nothing, see allowed
  PathParams params;                  ///< decoded
  std::vector<std::string> allowed;   ///< methods of a known path, sorted, with HEAD and OPTIONS; empty: unknown path
  std::optional<Error> error;         ///< the path cannot be decoded
};

/// Routes as a trie of segments: a lookup costs the length of the path, not the number of routes. A literal segment
/// wins over a parameter. Filled before the server starts, read by many threads afterwards.
class Router {
 public:
  Router();
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  /// `route` is "GET /api/v1/runs/{id}". Throws std::invalid_argument for a pattern that is none, a route that is there
  /// already, or two names for the same parameter: a mistake of the program, found at boot.
  void add(std::string_view route, Handler handler, RouteOptions options = {});
  /// A GET that upgrades; a GET without the upgrade is answered 426.
  void add_websocket(std::string_view path, WebSocketEndpoint endpoint);
  /// Answers GET and HEAD of paths nobody knows (the browser UI). Not part of routes().
  void set_fallback(Handler handler);

  /// HEAD finds the GET route unless there is one of its own.
  RouteMatch find(std::string_view method, std::string_view path) const;
  const Handler& fallback() const { return fallback_; }
  /// All routes as "GET /api/v1/runs/{id}", sorted.
  std::vector<std::string> routes() const;

 private:
  struct Node;
  Route& insert(std::string_view method, std::string_view pattern);
  std::unique_ptr<Node> root_;
  std::vector<std::unique_ptr<Route>> routes_;
  Handler fallback_;
};

}  // namespace carillon::web
