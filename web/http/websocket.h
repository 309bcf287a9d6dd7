#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "web/http/message.h"

namespace carillon::web {

/// The parameters of a path by name, decoded: "{id}" → its text.
class PathParams {
 public:
  void add(std::string name, std::string value) { entries_.emplace_back(std::move(name), std::move(value)); }
  /// "" for a name the pattern does not have.
  std::string_view get(std::string_view name) const {
    for (const auto& [key, value] : entries_)
      if (key == name) return value;
    return {};
  }
  const std::vector<std::pair<std::string, std::string>>& entries() const { return entries_; }

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
};

/// Close codes of RFC 6455 section 7.4.1 and its registry, those that are used here.
namespace close_code {
inline constexpr std::uint16_t kNormal = 1000;
inline constexpr std::uint16_t kGoingAway = 1001;       ///< the server stops
inline constexpr std::uint16_t kUnsupported = 1003;     ///< binary messages
inline constexpr std::uint16_t kNoStatus = 1005;        ///< only reported: the peer gave none
inline constexpr std::uint16_t kAbnormal = 1006;        ///< only reported: the connection broke, or keep-alive was not answered
inline constexpr std::uint16_t kPolicy = 1008;
inline constexpr std::uint16_t kTooBig = 1009;
inline constexpr std::uint16_t kInternal = 1011;
inline constexpr std::uint16_t kTryAgainLater = 1013;   ///< slow consumer, or overload
}  // namespace close_code

/// The connection as the program sees it. Thread-safe; may be held longer than the connection lives.
class WebSocketPeer {
 public:
  virtual ~WebSocketPeer() = default;
  /// Queues one text message; never waits. False if the connection is closed or closing. A queue over its limit
  /// (HttpServerOptions::websocket_queue_*) closes the connection with 1013 and gives false.
  virtual bool send(std::string text) = 0;
  /// Closes after what is queued has been sent. Further calls do nothing.
  virtual void close(std::uint16_t code, std::string reason) = 0;
};

/// The program's side of one connection. Calls come from handler threads, one at a time and in order:
/// on_ready, on_message…, on_close (exactly once if on_ready was called, the last one). The next message is read when
/// on_message has returned. An exception closes with 1011.
class WebSocketSession {
 public:
  virtual ~WebSocketSession() = default;
  virtual void on_ready(std::shared_ptr<WebSocketPeer> peer) = 0;
  virtual void on_message(std::string text) = 0;
  virtual void on_close(std::uint16_t code) = 0;
};

/// What a route upgrades to.
struct WebSocketEndpoint {
  /// Decides before the upgrade, on a handler thread: authenticate here. An error is answered as problem details and
  /// the connection stays HTTP. A request that carries a cookie and no Authorization never gets here from another
  /// origin (see origin_check).
  std::function<Result<std::unique_ptr<WebSocketSession>>(const Request&, const PathParams&)> on_open;
};

}  // namespace carillon::web
