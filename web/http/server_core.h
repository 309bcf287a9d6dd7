#pragma once
// Inside the server only: the one header of this folder that names Asio. Included by server.cpp, http_session.cpp and
// websocket_connection.cpp and by nobody else.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_set>

#include "web/http/handler_pool.h"
#include "web/http/responder.h"
#include "web/http/server.h"

namespace carillon::web {

namespace net = boost::asio;
using LoopExecutor = net::io_context::executor_type;
using Socket = net::basic_stream_socket<net::ip::tcp, LoopExecutor>;
using LoopTimer = net::basic_waitable_timer<std::chrono::steady_clock, net::wait_traits<std::chrono::steady_clock>, LoopExecutor>;
template <class T = void>
using Task = net::awaitable<T, LoopExecutor>;
/// Awaits with (error, value) instead of an exception: on a socket every error is an expected one.
inline constexpr net::as_tuple_t<net::use_awaitable_t<LoopExecutor>> kAwait{};

/// What an event loop knows about a connection. All calls on the loop's thread.
class Connection {
 public:
  virtual ~Connection() = default;
  /// Called every few milliseconds with Clock::steady(): looks at its deadlines.
  virtual void sweep(Duration now) = 0;
  /// Finish what runs, take nothing new.
  virtual void drain() = 0;
  /// Let go of the socket now.
  virtual void abort() = 0;
};

/// One thread with its event loop and the connections that live on it.
struct IoLoop {
  net::io_context context{1};
  std::optional<net::executor_work_guard<LoopExecutor>> work;
  std::unordered_set<Connection*> connections;  // loop thread only
  std::unique_ptr<LoopTimer> sweeper;
  bool ending = false;  // loop thread only; a sweep that is due already cannot be cancelled and must not begin another
  std::thread thread;
  std::string date;  // http_date of date_second; loop thread only
  std::int64_t date_second = -1;
};

/// What all connections share.
struct ServerCore {
  ServerCore(HttpServerOptions o, HttpServerParts p, HttpServerHooks h)
      : options(std::move(o)), parts(p), hooks(std::move(h)) {}

  HttpServerOptions options;
  HttpServerParts parts;
  HttpServerHooks hooks;
  Responder responder{options, parts, hooks};
  HandlerPool pool{options.handler_threads, options.handler_queue, parts.log};
  std::atomic<bool> stopping{false};

  std::mutex mutex;
  std::condition_variable emptied;
  std::size_t connection_count = 0;  // under mutex

  Duration steady() const { return parts.clock.steady(); }
  std::string_view date(IoLoop& loop) const;
};

/// A connection is known to its loop and counted while this lives. On the loop's thread.
class ConnectionEntry {
 public:
  ConnectionEntry(ServerCore& core, IoLoop& loop, Connection& connection);
  ~ConnectionEntry();
  ConnectionEntry(const ConnectionEntry&) = delete;
  ConnectionEntry& operator=(const ConnectionEntry&) = delete;

 private:
  ServerCore& core_;
  IoLoop& loop_;
  Connection& connection_;
};

/// Waits on a loop for something another thread does. `done` is set on the loop's thread.
struct Waiter {
  explicit Waiter(IoLoop& loop) : timer(loop.context.get_executor(), LoopTimer::time_point::max()) {}
  LoopTimer timer;
  bool done = false;
};

/// Runs `job` on the handler pool and resumes on the loop when it has run, or earlier when `waiter->timer` is cancelled
/// (waiter->done tells which; the job then still runs). The job owns all it touches. False if the pool did not take it.
Task<bool> run_on_pool(ServerCore& core, IoLoop& loop, std::shared_ptr<Waiter> waiter, HandlerPool::Job job,
                       HandlerPool::Place place);

/// Serves one accepted socket until it closes. `refuse`: over max_connections, answers one request with 503.
void spawn_http_session(std::shared_ptr<ServerCore> core, IoLoop& loop, Socket socket, bool refuse);

/// A request that becomes a WebSocket.
struct WebSocketStart {
  std::shared_ptr<ServerCore> core;
  IoLoop& loop;
  Socket socket;
  Request request;
  Headers fields;  ///< of the 101
  std::unique_ptr<WebSocketSession> session;
  std::unique_ptr<ConnectionEntry> previous_entry;  ///< let go of when the new connection has its own
};
/// Handshake, messages, close. Returns when the connection is gone and on_close has been called.
Task<> run_websocket(WebSocketStart start);

}  // namespace carillon::web
