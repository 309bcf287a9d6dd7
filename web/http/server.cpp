#include "web/http/server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <csignal>
#include <stdexcept>

#include "web/http/server_core.h"
#include "web/http/wire.h"

namespace carillon::web {
namespace {

using Acceptor = net::basic_socket_acceptor<net::ip::tcp, LoopExecutor>;

/// Connections over the limit that may be told so at the same time; more are closed without a word.
constexpr std::size_t kRefusedAtOnce = 64;

Duration sweep_interval(const HttpServerOptions& options) {
  const Duration shortest = std::min({options.read_deadline, options.write_deadline, options.handler_deadline,
                                      options.idle_deadline, options.websocket_ping});
  return std::clamp<Duration>(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(100));
}

void sweep_loop(ServerCore& core, IoLoop& loop) {
  loop.sweeper->expires_after(sweep_interval(core.options));
  loop.sweeper->async_wait([&core, &loop](const boost::system::error_code& ec) {
    if (ec || loop.ending) return;
    const Duration now = core.steady();
    // A copy: a connection may leave while it looks at its deadlines.
    const std::vector<Connection*> connections(loop.connections.begin(), loop.connections.end());
    for (Connection* connection : connections)
      if (loop.connections.contains(connection)) connection->sweep(now);
    sweep_loop(core, loop);
  });
}

template <class Call>
void each_connection(IoLoop& loop, Call call) {
  net::post(loop.context, [&loop, call] {
    const std::vector<Connection*> connections(loop.connections.begin(), loop.connections.end());
    for (Connection* connection : connections)
      if (loop.connections.contains(connection)) call(*connection);
  });
}

}  // namespace

std::string_view ServerCore::date(IoLoop& loop) const {
  const Instant now = parts.clock.now();
  if (now.seconds() != loop.date_second) {
    loop.date = http_date(now);
    loop.date_second = now.seconds();
  }
  return loop.date;
}

ConnectionEntry::ConnectionEntry(ServerCore& core, IoLoop& loop, Connection& connection)
    : core_(core), loop_(loop), connection_(connection) {
  loop_.connections.insert(&connection_);
  std::lock_guard lock(core_.mutex);
  ++core_.connection_count;
}

ConnectionEntry::~ConnectionEntry() {
  loop_.connections.erase(&connection_);
  std::lock_guard lock(core_.mutex);
  if (--core_.connection_count == 0) core_.emptied.notify_all();
}

Task<bool> run_on_pool(ServerCore& core, IoLoop& loop, std::shared_ptr<Waiter> waiter, HandlerPool::Job job,
                       HandlerPool::Place place) {
  // The loop outlives the pool's threads (HttpServer::stop), so the job may post to it whenever it ends.
  const bool taken = core.pool.submit(
      [&core, &loop, waiter, job = std::move(job)]() mutable {
        try {
          job();
        } catch (const std::exception& e) {
          core.parts.log.error("handler job failed", {{"error", e.what()}});
        }
        job = nullptr;
        net::post(loop.context, [waiter = std::move(waiter)] {
          waiter->done = true;
          waiter->timer.cancel();
        });
      },
      place);
  if (!taken) co_return false;
  co_await waiter->timer.async_wait(kAwait);
  co_return true;
}

struct HttpServer::Impl {
  Impl(HttpServerOptions options, HttpServerParts parts, HttpServerHooks hooks)
      : core(std::make_shared<ServerCore>(std::move(options), parts, std::move(hooks))) {}

  std::shared_ptr<ServerCore> core;
  std::vector<std::unique_ptr<IoLoop>> loops;
  std::unique_ptr<Acceptor> acceptor;  // lives on loops[0]
  std::atomic<std::uint16_t> port{0};
  bool running = false;

  void listen();
  Task<> accept_connections();
  void run_loop(IoLoop& loop);
  void wait_until_empty(Duration limit);
};

void HttpServer::Impl::listen() {
  const auto& options = core->options;
  const std::string where = options.address + ":" + std::to_string(options.port);
  boost::system::error_code ec;
  const auto address = net::ip::make_address(options.address, ec);
  if (ec) throw std::runtime_error("cannot listen on " + where + ": the address is not an IPv4 or IPv6 literal");
  const net::ip::tcp::endpoint endpoint(address, options.port);
  acceptor = std::make_unique<Acceptor>(loops.front()->context.get_executor());
  acceptor->open(endpoint.protocol(), ec);
  if (!ec) acceptor->set_option(net::socket_base::reuse_address(true), ec);
  if (!ec) acceptor->bind(endpoint, ec);
  if (!ec) acceptor->listen(net::socket_base::max_listen_connections, ec);
  if (ec) throw std::runtime_error("cannot listen on " + where + ": " + ec.message() + "; choose another address or port");
  port = acceptor->local_endpoint().port();
}

Task<> HttpServer::Impl::accept_connections() {
  std::size_t next = 0;
  LoopTimer pause(loops.front()->context.get_executor());
  while (!core->stopping) {
    IoLoop& loop = *loops[next++ % loops.size()];
    // The socket belongs to the loop that will serve it, and only that loop's thread touches it from here on.
    Socket socket(loop.context.get_executor());
    auto [ec] = co_await acceptor->async_accept(socket, kAwait);
    if (core->stopping || ec == net::error::operation_aborted) co_return;
    if (ec) {
      // Out of descriptors, mostly: accepting again at once would spin.
      core->parts.log.warn("accept failed", {{"error", ec.message()}});
      pause.expires_after(std::chrono::milliseconds(50));
      co_await pause.async_wait(kAwait);
      continue;
    }
    std::size_t open = 0;
    {
      std::lock_guard lock(core->mutex);
      open = core->connection_count;
    }
    if (open >= core->options.max_connections + kRefusedAtOnce) continue;
    const bool refuse = open >= core->options.max_connections;
    net::post(loop.context, [core = core, &loop, socket = std::move(socket), refuse]() mutable {
      spawn_http_session(std::move(core), loop, std::move(socket), refuse);
    });
  }
}

void HttpServer::Impl::run_loop(IoLoop& loop) {
  while (true) {
    try {
      loop.context.run();
      return;
    } catch (const std::exception& e) {
      core->parts.log.error("http loop failed", {{"error", e.what()}});
    }
  }
}

void HttpServer::Impl::wait_until_empty(Duration limit) {
  std::unique_lock lock(core->mutex);
  core->emptied.wait_for(lock, limit, [this] { return core->connection_count == 0; });
}

HttpServer::HttpServer(HttpServerOptions options, HttpServerParts parts, HttpServerHooks hooks)
    : impl_(std::make_unique<Impl>(std::move(options), parts, std::move(hooks))) {}

HttpServer::~HttpServer() { stop(); }

std::uint16_t HttpServer::port() const { return impl_->port; }

std::size_t HttpServer::connections() const {
  std::lock_guard lock(impl_->core->mutex);
  return impl_->core->connection_count;
}

void HttpServer::start() {
  // A client that went away must be an error of one write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  auto& impl = *impl_;
  for (int i = 0; i < std::max(1, impl.core->options.io_threads); ++i) {
    auto& loop = *impl.loops.emplace_back(std::make_unique<IoLoop>());
    loop.work.emplace(loop.context.get_executor());
    loop.sweeper = std::make_unique<LoopTimer>(loop.context.get_executor());
  }
  impl.listen();
  impl.core->pool.start();
  for (auto& loop : impl.loops) {
    sweep_loop(*impl.core, *loop);
    loop->thread = std::thread([&impl, &loop = *loop] { impl.run_loop(loop); });
  }
  net::co_spawn(impl.loops.front()->context, impl.accept_connections(), [core = impl.core](std::exception_ptr error) {
    if (error) core->parts.log.error("http accept loop ended", {});
  });
  impl.running = true;
  impl.core->parts.log.info("listening", {{"address", impl.core->options.address}, {"port", int{impl.port.load()}}});
}

void HttpServer::stop() {
  auto& impl = *impl_;
  if (!std::exchange(impl.running, false)) return;
  auto& core = *impl.core;
  core.stopping = true;
  net::post(impl.loops.front()->context, [&impl] { impl.acceptor->close(); });
  for (auto& loop : impl.loops) each_connection(*loop, [](Connection& connection) { connection.drain(); });
  impl.wait_until_empty(core.options.drain_deadline);
  core.responder.close();
  for (auto& loop : impl.loops) each_connection(*loop, [](Connection& connection) { connection.abort(); });
  core.pool.stop();
  for (auto& loop : impl.loops) {
    net::post(loop->context, [&loop = *loop] {
      loop.ending = true;
      loop.sweeper->cancel();
      loop.work.reset();
    });
  }
  for (auto& loop : impl.loops) loop->thread.join();
  impl.acceptor.reset();
  impl.loops.clear();
}

}  // namespace carillon::web
