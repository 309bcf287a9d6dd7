#include <boost/asio/post.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>

#include "web/http/server_core.h"

namespace carillon::web {
namespace {

namespace beast = boost::beast;
namespace ws = boost::beast::websocket;

class WebSocketConnection;

/// The queue between the program's threads and the loop. It may outlive the connection, so it reaches the loop only
/// while `open`, under the mutex.
class PeerQueue final : public WebSocketPeer {
 public:
  struct Close {
    std::uint16_t code;
    std::string reason;
  };
  PeerQueue(const HttpServerOptions& options, IoLoop& loop)
      : max_messages_(options.websocket_queue_messages), max_bytes_(options.websocket_queue_bytes), loop_(loop) {}

  void attach(std::weak_ptr<WebSocketConnection> connection) { connection_ = std::move(connection); }
  bool send(std::string text) override;
  void close(std::uint16_t code, std::string reason) override;

  // On the loop's thread:
  /// The next message to write; nothing if there is none.
  std::optional<std::string> next();
  /// Why to close, once everything has been written.
  std::optional<Close> close_wanted();
  /// Nothing gets in any more.
  void shut();

 private:
  void wake();  // under mutex_
  const std::size_t max_messages_, max_bytes_;
  IoLoop& loop_;
  std::weak_ptr<WebSocketConnection> connection_;
  std::mutex mutex_;
  std::deque<std::string> queue_;
  std::size_t bytes_ = 0;
  bool open_ = true, woken_ = false;
  std::optional<Close> close_;
};

class WebSocketConnection final : public Connection, public std::enable_shared_from_this<WebSocketConnection> {
 public:
  explicit WebSocketConnection(WebSocketStart start)
      : core_(std::move(start.core)), loop_(start.loop), stream_(std::move(start.socket)), request_(std::move(start.request)),
        fields_(std::move(start.fields)), session_(std::move(start.session)),
        peer_(std::make_shared<PeerQueue>(core_->options, loop_)), entry_(*core_, loop_, *this), last_heard_(core_->steady()) {
    start.previous_entry.reset();
  }

  Task<> run();
  /// Writes what is queued, one message at a time, then the close frame if one is wanted.
  void flush();

  void sweep(Duration now) override;
  void drain() override { peer_->close(close_code::kGoingAway, "the server stops"); }
  void abort() override {
    boost::system::error_code ec;
    stream_.next_layer().close(ec);
  }

 private:
  Task<bool> handshake();
  Task<std::uint16_t> read_messages();
  Task<> in_session(std::function<void(WebSocketSession&)> call);
  void begin_close(const PeerQueue::Close& close);
  /// After both close frames the client should end the connection; this is how long it may take.
  Duration close_grace() const { return std::min<Duration>(core_->options.write_deadline, std::chrono::seconds(1)); }

  std::shared_ptr<ServerCore> core_;
  IoLoop& loop_;
  ws::stream<Socket> stream_;
  Request request_;
  Headers fields_;
  std::shared_ptr<WebSocketSession> session_;
  std::shared_ptr<PeerQueue> peer_;
  ConnectionEntry entry_;
  beast::flat_buffer incoming_;
  std::string outgoing_;
  std::shared_ptr<Waiter> closed_;  // set while our close frame is on its way
  Duration write_deadline_ = Duration::max();
  Duration last_heard_;
  bool writing_ = false, pinging_ = false, ready_ = false;
};

bool PeerQueue::send(std::string text) {
  std::lock_guard lock(mutex_);
  if (!open_ || close_) return false;
  if (queue_.size() >= max_messages_ || bytes_ + text.size() > max_bytes_) {
    // What is queued is dropped: the client has to resume from the last message it got anyway.
    queue_.clear();
    bytes_ = 0;
    close_ = Close{close_code::kTryAgainLater, "the messages were not read fast enough"};
    wake();
    return false;
  }
  bytes_ += text.size();
  queue_.push_back(std::move(text));
  wake();
  return true;
}

void PeerQueue::close(std::uint16_t code, std::string reason) {
  std::lock_guard lock(mutex_);
  if (!open_ || close_) return;
  // A control frame carries 125 bytes, two of them the code (RFC 6455 section 5.5).
  reason.resize(std::min<std::size_t>(reason.size(), 120));
  close_ = Close{code, std::move(reason)};
  wake();
}

void PeerQueue::wake() {
  if (std::exchange(woken_, true)) return;
  net::post(loop_.context, [connection = connection_] {
    if (auto alive = connection.lock()) alive->flush();
  });
}

std::optional<std::string> PeerQueue::next() {
  std::lock_guard lock(mutex_);
  woken_ = false;
  if (queue_.empty()) return std::nullopt;
  std::string text = std::move(queue_.front());
  queue_.pop_front();
  bytes_ -= text.size();
  return text;
}

std::optional<PeerQueue::Close> PeerQueue::close_wanted() {
  std::lock_guard lock(mutex_);
  return close_;
}

void PeerQueue::shut() {
  std::lock_guard lock(mutex_);
  open_ = false;
  queue_.clear();
  bytes_ = 0;
}

void WebSocketConnection::flush() {
  if (writing_ || !ready_ || closed_) return;
  if (auto text = peer_->next()) {
    outgoing_ = *std::move(text);
    writing_ = true;
    write_deadline_ = core_->steady() + core_->options.write_deadline;
    stream_.async_write(net::buffer(outgoing_), [self = shared_from_this()](const boost::system::error_code& ec, std::size_t) {
      self->writing_ = false;
      self->write_deadline_ = Duration::max();
      // A failed write breaks the connection for the reader too, which then ends it.
      if (!ec) self->flush();
    });
  } else if (const auto close = peer_->close_wanted()) {
    begin_close(*close);
  }
}

void WebSocketConnection::begin_close(const PeerQueue::Close& close) {
  closed_ = std::make_shared<Waiter>(loop_);
  write_deadline_ = core_->steady() + core_->options.write_deadline;
  stream_.async_close(ws::close_reason(static_cast<ws::close_code>(close.code), close.reason), [self = shared_from_this()](const boost::system::error_code&) {
    self->closed_->done = true;
    self->closed_->timer.cancel();
  });
}

void WebSocketConnection::sweep(Duration now) {
  const Duration interval = core_->options.websocket_ping;
  // A peer that takes nothing for so long would not take a close frame either.
  if (now >= write_deadline_ || now - last_heard_ >= 2 * interval) return abort();
  if (!ready_ || pinging_ || closed_ || now - last_heard_ < interval) return;
  pinging_ = true;
  stream_.async_ping({}, [self = shared_from_this()](const boost::system::error_code&) {});
}

Task<bool> WebSocketConnection::handshake() {
  namespace http = boost::beast::http;
  http::request<http::empty_body> request(http::verb::get, request_.target, 11);
  for (const auto& [name, value] : request_.headers.fields()) request.insert(name, value);
  stream_.set_option(ws::stream_base::decorator([fields = fields_](ws::response_type& response) {
    for (const auto& [name, value] : fields.fields()) response.insert(name, value);
  }));
  stream_.read_message_max(core_->options.websocket_max_message);
  stream_.text(true);
  stream_.control_callback([this](ws::frame_type kind, beast::string_view) {
    last_heard_ = core_->steady();
    pinging_ = false;
    if (kind == ws::frame_type::close) write_deadline_ = last_heard_ + close_grace();
  });
  write_deadline_ = core_->steady() + core_->options.write_deadline;
  auto [ec] = co_await stream_.async_accept(request, kAwait);
  write_deadline_ = Duration::max();
  co_return !ec;
}

/// Calls the program on a handler thread; on this one only when the pool has ended. An exception closes with 1011.
Task<> WebSocketConnection::in_session(std::function<void(WebSocketSession&)> call) {
  auto job = [core = core_.get(), session = session_, peer = peer_, call = std::move(call)] {
    try {
      call(*session);
    } catch (const std::exception& e) {
      core->parts.log.error("websocket session failed", {{"error", e.what()}});
      peer->close(close_code::kInternal, "something broke on the server");
    }
  };
  const bool taken = co_await run_on_pool(*core_, loop_, std::make_shared<Waiter>(loop_), job, HandlerPool::Place::always);
  if (!taken) job();
}

/// The code the connection ended with.
Task<std::uint16_t> WebSocketConnection::read_messages() {
  while (true) {
    auto [ec, bytes] = co_await stream_.async_read(incoming_, kAwait);
    // The peer's own code counts even if it then did not end the connection and was cut off.
    if (stream_.reason().code != ws::close_code::none) co_return static_cast<std::uint16_t>(stream_.reason().code);
    if (ec == ws::error::closed) co_return close_code::kNoStatus;
    if (ec == ws::error::message_too_big || ec == ws::error::buffer_overflow) co_return close_code::kTooBig;
    if (ec) co_return close_code::kAbnormal;
    last_heard_ = core_->steady();
    pinging_ = false;
    std::string text = beast::buffers_to_string(incoming_.data());
    incoming_.consume(incoming_.size());
    if (!stream_.got_text()) {
      peer_->close(close_code::kUnsupported, "only text messages are understood");
    } else if (!closed_) {
      // Shared, because a std::function must be copyable; copying the text itself is what this avoids.
      auto message = std::make_shared<std::string>(std::move(text));
      co_await in_session([message](WebSocketSession& session) { session.on_message(std::move(*message)); });
      // Silence while the program thought was not the peer's.
      last_heard_ = core_->steady();
    }
  }
}

Task<> WebSocketConnection::run() {
  peer_->attach(weak_from_this());
  if (!co_await handshake()) {
    peer_->shut();
    co_return;
  }
  ready_ = true;
  co_await in_session([peer = peer_](WebSocketSession& session) { session.on_ready(peer); });
  flush();
  const std::uint16_t code = co_await read_messages();
  peer_->shut();
  if (closed_ && !closed_->done) co_await closed_->timer.async_wait(kAwait);
  abort();
  // Why this side wanted the end says more than how the connection then broke.
  const auto wanted = peer_->close_wanted();
  const std::uint16_t told = wanted ? wanted->code : code;
  co_await in_session([told](WebSocketSession& session) { session.on_close(told); });
}

}  // namespace

Task<> run_websocket(WebSocketStart start) {
  auto connection = std::make_shared<WebSocketConnection>(std::move(start));
  co_await connection->run();
}

}  // namespace carillon::web
