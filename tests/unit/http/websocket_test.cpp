#include "tests/unit/http/server_fixture.h"

namespace carillon::web::testing {
namespace {

/// The client's side of RFC 6455, as far as the tests need it.
class SocketClient {
 public:
  struct Frame {
    int opcode;
    std::string payload;
    int close_code() const {
      return payload.size() < 2 ? 1005 : static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
    }
  };
  explicit SocketClient(std::uint16_t port, int receive_buffer = 0) : raw(port, receive_buffer) {}

  RawResponse upgrade(const std::string& fields = "", const std::string& path = "/stream") {
    raw.send("GET " + path + " HTTP/1.1\r\nHost: hub\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + fields + "\r\n");
    return raw.read_response();
  }
  void send(std::string_view payload, int opcode = 1) {
    std::string frame(1, static_cast<char>(0x80 | opcode));
    if (payload.size() < 126) {
      frame += static_cast<char>(0x80 | payload.size());
    } else {
      frame += static_cast<char>(0x80 | 127);
      for (int shift = 56; shift >= 0; shift -= 8) frame += static_cast<char>(payload.size() >> shift & 255);
    }
    // The mask 0 0 0 0 is legal and leaves the payload as it is.
    frame.append(4, '\0').append(payload);
    raw.send(frame);
  }
  Frame read() {
    const std::string head = raw.read_bytes(2);
    std::size_t length = head[1] & 127, more = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (more > 0) {
      length = 0;
      for (const char c : raw.read_bytes(more)) length = length << 8 | static_cast<unsigned char>(c);
    }
    return {head[0] & 15, raw.read_bytes(length)};
  }
  /// When the pong is here, the server has handled all that was sent before and waits for more.
  void settle() {
    send("settle", 9);
    EXPECT_EQ(read().opcode, 10);
  }
  RawClient raw;
};

/// What a session saw, for the test to wait on.
struct Seen {
  std::promise<std::shared_ptr<WebSocketPeer>> ready;
  std::promise<int> closed;
};

struct EchoSession final : WebSocketSession {
  explicit EchoSession(Seen& s) : seen(s) {}
  void on_ready(std::shared_ptr<WebSocketPeer> p) override {
    peer = p;
    seen.ready.set_value(p);
  }
  void on_message(std::string text) override {
    if (text == "throw") throw std::runtime_error("no");
    if (text == "bye") return peer->close(close_code::kNormal, "bye");
    EXPECT_TRUE(peer->send("echo " + text));
  }
  void on_close(std::uint16_t code) override { seen.closed.set_value(code); }
  Seen& seen;
  std::shared_ptr<WebSocketPeer> peer;
};

struct WebSocketTest : ServerTest {
  void SetUp() override {
    ServerTest::SetUp();
    router.add_websocket("/stream", {[this](const Request& request, const PathParams&) -> Result<std::unique_ptr<WebSocketSession>> {
                           if (request.query_value("token") == "bad") {
                             Error error;
                             error.code = ErrorCode::unauthenticated;
                             error.reason = "TOKEN_EXPIRED";
                             return error;
                           }
                           return std::make_unique<EchoSession>(seen);
                         }});
  }
  int closed_with() { return seen.closed.get_future().get(); }
  Seen seen;
};

TEST_F(WebSocketTest, EchoesAndCloses) {
  start();
  SocketClient socket(server->port());
  const auto accepted = socket.upgrade();
  EXPECT_EQ(accepted.status, 101);
  EXPECT_EQ(accepted.fields.at("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");  // RFC 6455 section 1.3
  EXPECT_TRUE(accepted.fields.contains("x-request-id"));
  EXPECT_FALSE(accepted.fields.contains("sec-websocket-extensions"));
  for (const char* text : {"one", "two"}) {
    socket.send(text);
    EXPECT_EQ(socket.read().payload, std::string("echo ") + text);
  }
  socket.send("ping!", 9);
  EXPECT_EQ(socket.read().opcode, 10);
  socket.send("bye");
  const auto frame = socket.read();
  EXPECT_EQ(frame.opcode, 8);
  EXPECT_EQ(frame.close_code(), 1000);
  socket.send(frame.payload, 8);
  socket.raw.finish_sending();
  EXPECT_EQ(closed_with(), 1000);
  EXPECT_TRUE(socket.raw.at_end());
}

TEST_F(WebSocketTest, TheClientsCloseIsReported) {
  start();
  SocketClient socket(server->port());
  socket.upgrade();
  socket.send("\x0F\xA0", 8);
  EXPECT_EQ(socket.read().opcode, 8);
  socket.raw.finish_sending();
  EXPECT_EQ(closed_with(), 4000);
}

TEST_F(WebSocketTest, ABrokenConnectionIsReported) {
  start();
  {
    SocketClient socket(server->port());
    socket.upgrade();
    (void)seen.ready.get_future().get();
  }
  EXPECT_EQ(closed_with(), 1006);
  until([&] { return server->connections() == 0; });
}

TEST_F(WebSocketTest, RefusalsStayHttp) {
  start();
  SocketClient bad(server->port());
  const auto refused = bad.upgrade("", "/stream?token=bad");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.code(), "TOKEN_EXPIRED");
  EXPECT_EQ(client().ask(get_request("/stream")).status, 426);
  EXPECT_EQ(client().ask("GET /stream HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n\r\n").code(),
            "WEBSOCKET_VERSION");
  EXPECT_EQ(client().ask("GET /stream HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n").code(),
            "WEBSOCKET_HANDSHAKE");
}

TEST_F(WebSocketTest, AForeignPageCannotUseTheCookie) {
  start();
  for (const char* origin : {"", "Origin: https://evil.example\r\n"}) {
    SocketClient foreign(server->port());
    EXPECT_EQ(foreign.upgrade(std::string("Cookie: s=1\r\n") + origin).code(), "ORIGIN_REFUSED");
  }
  SocketClient own(server->port());
  EXPECT_EQ(own.upgrade("Cookie: s=1\r\nOrigin: http://hub\r\n").status, 101);
}

TEST_F(WebSocketTest, TooLargeMessagesClose) {
  start();
  SocketClient socket(server->port());
  socket.upgrade();
  socket.send(std::string((64 << 10) + 1, 'x'));
  EXPECT_EQ(socket.read().close_code(), 1009);
  EXPECT_EQ(closed_with(), 1009);
}

TEST_F(WebSocketTest, BinaryMessagesClose) {
  start();
  SocketClient socket(server->port());
  socket.upgrade();
  socket.send("x", 2);
  EXPECT_EQ(socket.read().close_code(), 1003);
}

TEST_F(WebSocketTest, AnExceptionClosesWith1011) {
  start();
  SocketClient socket(server->port());
  socket.upgrade();
  socket.send("throw");
  EXPECT_EQ(socket.read().close_code(), 1011);
}

TEST_F(WebSocketTest, ASlowConsumerIsClosedWith1013) {
  start({.websocket_queue_messages = 16});
  SocketClient slow(server->port(), 4096);
  slow.upgrade();
  const auto peer = seen.ready.get_future().get();
  const std::string message(64 << 10, 'x');
  until([&] { return !peer->send(message); });
  EXPECT_FALSE(peer->send("late"));
  auto frame = slow.read();
  while (frame.opcode <= 1) frame = slow.read();
  EXPECT_EQ(frame.opcode, 8);
  EXPECT_EQ(frame.close_code(), 1013);
  slow.send(frame.payload, 8);
  slow.raw.finish_sending();
  EXPECT_EQ(closed_with(), 1013);
}

TEST_F(WebSocketTest, AConsumerThatNeverReadsIsCutOff) {
  auto& time = use_manual_clock();
  start({.websocket_queue_messages = 16});
  SocketClient stuck(server->port(), 4096);
  stuck.upgrade();
  const auto peer = seen.ready.get_future().get();
  const std::string message(256 << 10, 'x');
  until([&] { return !peer->send(message); });
  until([&] {
    time.advance(std::chrono::seconds(16));
    return server->connections() == 0;
  });
  EXPECT_EQ(closed_with(), 1013) << "the reason, although no close frame could be sent";
}

TEST_F(WebSocketTest, SilenceIsPingedAndThenCutOff) {
  auto& time = use_manual_clock();
  start();
  SocketClient silent(server->port());
  silent.upgrade();
  silent.settle();
  time.advance(std::chrono::seconds(20));
  EXPECT_EQ(silent.read().opcode, 9);
  time.advance(std::chrono::seconds(20));
  EXPECT_EQ(closed_with(), 1006);
  EXPECT_TRUE(silent.raw.at_end());
}

TEST_F(WebSocketTest, AnAnsweredPingKeepsTheConnection) {
  auto& time = use_manual_clock();
  start();
  SocketClient alive(server->port());
  alive.upgrade();
  for (int i = 0; i < 5; ++i) {
    alive.settle();
    time.advance(std::chrono::seconds(20));
    const auto ping = alive.read();
    ASSERT_EQ(ping.opcode, 9);
    alive.send(ping.payload, 10);
  }
  alive.send("still here");
  EXPECT_EQ(alive.read().payload, "echo still here");
}

TEST_F(WebSocketTest, ManyThreadsMaySend) {
  start({.websocket_queue_messages = 100'000});
  SocketClient socket(server->port());
  socket.upgrade();
  const auto peer = seen.ready.get_future().get();
  std::vector<std::future<void>> senders;
  for (int t = 0; t < 4; ++t)
    senders.push_back(std::async(std::launch::async, [&peer, t] {
      for (int i = 0; i < 500; ++i) EXPECT_TRUE(peer->send(std::to_string(t) + " " + std::to_string(i)));
    }));
  std::map<std::string, int> next;
  for (int i = 0; i < 2000; ++i) {
    const auto frame = socket.read();
    EXPECT_EQ(std::stoi(frame.payload.substr(2)), next[frame.payload.substr(0, 1)]++) << "each sender's order is kept";
  }
}

TEST_F(WebSocketTest, StopSays1001AndThePeerMayOutliveTheServer) {
  start();
  SocketClient socket(server->port());
  socket.upgrade();
  const auto peer = seen.ready.get_future().get();
  auto stopped = std::async(std::launch::async, [&] { server->stop(); });
  const auto frame = socket.read();
  EXPECT_EQ(frame.close_code(), 1001);
  socket.send(frame.payload, 8);
  socket.raw.finish_sending();
  stopped.get();
  EXPECT_EQ(closed_with(), 1001);
  server.reset();
  EXPECT_FALSE(peer->send("late"));
  peer->close(close_code::kNormal, "late");
}

}  // namespace
}  // namespace carillon::web::testing
