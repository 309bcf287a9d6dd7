#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/json.h"

namespace carillon::test {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  /// The body as JSON; null when it is empty or none.
  Json json() const;
  std::string header(const std::string& name) const;
  std::string code() const { return json().is_object() ? json().value("code", "") : ""; }
};

/// A connected socket to 127.0.0.1 whose reads give up after twenty seconds. Throws std::runtime_error when nothing
/// listens there.
int connect_to(std::uint16_t port);
/// Everything or an exception.
void send_all(int socket, std::string_view bytes);

/// One request on a connection of its own. Blocks; throws std::runtime_error when there is no whole answer.
HttpAnswer http_ask(std::uint16_t port, const std::string& method, const std::string& path, const std::string& body = "",
                    const HeaderList& headers = {});

/// The receiving side of a WebSocket connection (RFC 6455), for text messages.
class WsClient {
 public:
  /// Throws with status and body of the answer when the hub refuses the handshake.
  WsClient(std::uint16_t port, const std::string& path, const HeaderList& headers);
  ~WsClient();
  WsClient(const WsClient&) = delete;
  /// The next text message; throws when the connection ends or nothing comes within twenty seconds. Answers pings.
  Json next();
  /// True when nothing arrives for `milliseconds`.
  bool silent_for(int milliseconds);

 private:
  std::string take(std::size_t count);
  void send_frame(unsigned char opcode, std::string payload);
  int socket_;
  std::string buffer_;
};

}  // namespace carillon::test
