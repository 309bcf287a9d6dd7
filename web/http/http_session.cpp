#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "web/http/problem.h"
#include "web/http/server_core.h"
#include "web/http/uri.h"
#include "web/http/wire.h"

namespace carillon::web {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using Parser = http::request_parser<http::string_body>;

/// What is read and thrown away of a refused request, so that the client gets the answer and not a reset.
constexpr std::size_t kLingerBytes = 1 << 20;
constexpr Duration kLingerTime = std::chrono::seconds(1);

struct Refusal {
  Error error;
  int status;
};

Refusal refusal(int status, ErrorCode code, std::string reason, std::string message, std::string remedy) {
  return {{.code = code,
           .reason = std::move(reason),
           .message = std::move(message),
           .field = "",
           .value = "",
           .remedy = std::move(remedy),
           .violations = {}},
          status};
}

Refusal too_large_refusal(std::size_t limit) {
  return refusal(413, ErrorCode::too_large, "BODY_TOO_LARGE", "The body is over " + std::to_string(limit) + " bytes.",
                 "Send less, or in parts.");
}

/// The answer to a request that could not be read; nothing where nobody is there to get it.
std::optional<Refusal> refusal_of(const boost::system::error_code& ec, const HttpServerOptions& options, std::size_t body_limit) {
  const auto malformed = [](std::string reason, std::string message) {
    return refusal(400, ErrorCode::malformed, std::move(reason), std::move(message), "Send HTTP/1.1 as RFC 9112 defines it.");
  };
  if (ec == http::error::header_limit)
    return refusal(431, ErrorCode::too_large, "HEADER_TOO_LARGE",
                   "The request line and headers are over " + std::to_string(options.max_header) + " bytes.",
                   "Send fewer or shorter headers; move long queries into the body.");
  if (ec == http::error::body_limit) return too_large_refusal(body_limit);
  if (ec == http::error::bad_version)
    return refusal(505, ErrorCode::malformed, "HTTP_VERSION", "Only HTTP/1.0 and HTTP/1.1 are spoken here.", "Use HTTP/1.1.");
  if (ec == http::error::bad_content_length || ec == http::error::multiple_content_length)
    return malformed("CONTENT_LENGTH", "The Content-Length is not a number, or is there twice or beside Transfer-Encoding.");
  if (ec == http::error::bad_transfer_encoding)
    return malformed("TRANSFER_ENCODING", "The Transfer-Encoding is not one this server understands.");
  if (ec == http::error::bad_chunk || ec == http::error::bad_chunk_extension)
    return malformed("CHUNK_MALFORMED", "The chunked body is malformed.");
  if (ec == http::error::partial_message) return malformed("REQUEST_INCOMPLETE", "The request ended before it was whole.");
  if (ec.category() == make_error_code(http::error::bad_method).category() && ec != http::error::end_of_stream)
    return malformed("REQUEST_MALFORMED", "The request is not well-formed HTTP: " + ec.message() + ".");
  return std::nullopt;
}

class HttpSession final : public Connection, public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(std::shared_ptr<ServerCore> core, IoLoop& loop, Socket socket, bool refuse)
      : core_(std::move(core)), loop_(loop), socket_(std::move(socket)), refuse_(refuse),
        entry_(std::make_unique<ConnectionEntry>(*core_, loop_, *this)) {
    boost::system::error_code ec;
    socket_.set_option(net::ip::tcp::no_delay(true), ec);
    if (const auto peer = socket_.remote_endpoint(ec); !ec) remote_address_ = peer.address().to_string();
  }

  void sweep(Duration now) override {
    if (now < deadline_) return;
    // Said again at every sweep until the phase ends: a cancel between two steps of one read would be lost.
    expired_ = true;
    cancel();
  }
  void drain() override {
    draining_ = true;
    if (idle_) cancel();
  }
  void abort() override {
    draining_ = aborted_ = true;
    boost::system::error_code ec;
    if (waiter_) waiter_->timer.cancel();
    socket_.close(ec);
  }

  Task<> run();

 private:
  Task<bool> wait_for_request();
  Task<std::optional<Refusal>> read_request(Parser& parser, Request& request, RouteMatch& match);
  Task<std::optional<Refusal>> read_body(Parser& parser, Request& request, const RouteMatch& match);
  Task<bool> serve_one();
  Task<bool> refuse_request(Request& request, const Refusal& refusal, std::string_view route);
  Task<Response> answer(std::shared_ptr<Request> request, std::shared_ptr<RouteMatch> match);
  Task<bool> upgrade(std::shared_ptr<Request> request, std::shared_ptr<RouteMatch> match);
  Task<bool> write_response(const Request& request, const Response& response, bool keep, bool http_1_0);
  Task<> linger();
  std::optional<Refusal> take_head(const Parser& parser, Request& request);

  void begin_phase(Duration limit) {
    expired_ = false;
    deadline_ = core_->steady() + limit;
  }
  void end_phase() { deadline_ = Duration::max(); }
  void cancel() {
    boost::system::error_code ec;
    socket_.cancel(ec);
    if (waiter_) waiter_->timer.cancel();
  }

  std::shared_ptr<ServerCore> core_;
  IoLoop& loop_;
  Socket socket_;
  const bool refuse_;
  std::unique_ptr<ConnectionEntry> entry_;
  beast::flat_buffer buffer_;
  std::string remote_address_;
  std::shared_ptr<Waiter> waiter_;  // while a handler runs
  Duration deadline_ = Duration::max();
  bool expired_ = false, idle_ = false, draining_ = false, aborted_ = false;
};

Task<> HttpSession::run() {
  if (core_->stopping) draining_ = true;
  while (co_await wait_for_request()) {
    if (!co_await serve_one()) break;
  }
  boost::system::error_code ec;
  socket_.shutdown(net::socket_base::shutdown_both, ec);
  socket_.close(ec);
  entry_.reset();
}

/// True when the first bytes of a request are there.
Task<bool> HttpSession::wait_for_request() {
  if (buffer_.size() > 0) co_return !draining_;
  if (draining_) co_return false;
  begin_phase(core_->options.idle_deadline);
  idle_ = true;
  auto [ec, bytes] = co_await socket_.async_read_some(buffer_.prepare(4096), kAwait);
  idle_ = false;
  end_phase();
  buffer_.commit(bytes);
  co_return !ec && bytes > 0 && !aborted_;
}

std::optional<Refusal> HttpSession::take_head(const Parser& parser, Request& request) {
  const auto& head = parser.get();
  request.method = std::string_view(head.method_string());
  request.target = std::string_view(head.target());
  for (const auto& field : head) request.headers.add(std::string(field.name_string()), std::string(field.value()));
  request.request_id = core_->responder.request_id(request.headers.get("X-Request-Id"));
  // RFC 9112 section 3.2: a request of HTTP/1.1 without exactly one Host is refused.
  const auto hosts = request.headers.count("Host");
  if (hosts > 1 || (hosts == 0 && head.version() == 11))
    return refusal(400, ErrorCode::malformed, "HOST_MISSING", "The request does not have exactly one Host header.",
                   "Send one Host header.");
  if (auto status = split_target(request); !status) return Refusal{status.error(), 400};
  if (const auto expect = request.headers.get("Expect"); !expect.empty() && !equal_no_case(expect, "100-continue"))
    return refusal(417, ErrorCode::malformed, "EXPECTATION", "The Expect header asks for something unknown.",
                   "Expect 100-continue or nothing.");
  return std::nullopt;
}

Task<std::optional<Refusal>> HttpSession::read_body(Parser& parser, Request& request, const RouteMatch& match) {
  std::size_t limit = core_->options.max_body;
  if (match.route != nullptr && match.route->options.max_body) limit = *match.route->options.max_body;
  if (const auto length = parser.content_length(); length && *length > limit) co_return too_large_refusal(limit);
  parser.body_limit(limit);
  if (!parser.is_done() && request.headers.has("Expect") && buffer_.size() == 0) {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    auto [ec, sent] = co_await net::async_write(socket_, net::buffer(kContinue), kAwait);
    if (ec) co_return refusal_of(http::error::partial_message, core_->options, limit);
  }
  if (!parser.is_done()) {
    auto [ec, bytes] = co_await http::async_read(socket_, buffer_, parser, kAwait);
    if (ec && !expired_) co_return refusal_of(ec, core_->options, limit).value_or(Refusal{.error = {}, .status = 0});
  }
  if (parser.is_done()) request.body = std::move(parser.get().body());
  co_return std::nullopt;
}

/// Status 0 in the refusal: nobody is there to be told.
Task<std::optional<Refusal>> HttpSession::read_request(Parser& parser, Request& request, RouteMatch& match) {
  parser.header_limit(static_cast<std::uint32_t>(core_->options.max_header));
  parser.body_limit(boost::none);
  begin_phase(core_->options.read_deadline);
  std::optional<Refusal> refused;
  auto [ec, bytes] = co_await http::async_read_header(socket_, buffer_, parser, kAwait);
  if (ec && !expired_) {
    refused = refusal_of(ec, core_->options, 0).value_or(Refusal{.error = {}, .status = 0});
  } else if (!ec) {
    refused = take_head(parser, request);
    if (!refused) {
      match = core_->parts.router.find(request.method, request.path);
      refused = co_await read_body(parser, request, match);
    }
  }
  const bool late = expired_ && !parser.is_done();
  end_phase();
  if (aborted_) co_return Refusal{.error = {}, .status = 0};
  if (late)
    co_return refusal(408, ErrorCode::malformed, "REQUEST_TIMEOUT",
                      "The request did not arrive within " + describe_duration(core_->options.read_deadline) + ".",
                      "Send it again, faster.");
  co_return refused;
}

Task<bool> HttpSession::serve_one() {
  auto request = std::make_shared<Request>();
  auto match = std::make_shared<RouteMatch>();
  request->received = core_->steady();
  request->remote_address = remote_address_;
  Parser parser;
  const auto refused = co_await read_request(parser, *request, *match);
  if (refused && refused->status == 0) co_return false;
  const std::string_view route = match->route != nullptr ? std::string_view(match->route->pattern) : std::string_view();
  if (request->request_id.empty()) request->request_id = core_->responder.request_id("");
  if (refused) co_return co_await refuse_request(*request, *refused, route);
  if (refuse_) {
    const Refusal full = refusal(503, ErrorCode::unavailable, "TOO_MANY_CONNECTIONS", "The server holds as many connections as it may.",
                                 "Try again in a moment, and reuse connections.");
    co_return co_await refuse_request(*request, full, route);
  }
  if (match->route != nullptr && match->route->websocket && wants_websocket(*request))
    co_return co_await upgrade(request, match);
  Response response = co_await answer(request, match);
  if (aborted_) co_return false;
  core_->responder.finish(*request, response, route);
  const bool keep = parser.keep_alive() && core_->options.keep_alive && !draining_ && !core_->stopping && !response.headers.has("Connection");
  response.headers.remove("Connection");
  co_return co_await write_response(*request, response, keep, parser.get().version() == 10);
}

Task<bool> HttpSession::refuse_request(Request& request, const Refusal& refusal, std::string_view route) {
  Response response = problem(refusal.error, request.request_id, {.status = refusal.status});
  core_->responder.finish(request, response, route);
  co_await write_response(request, response, false, false);
  co_await linger();
  co_return false;
}

Task<Response> HttpSession::answer(std::shared_ptr<Request> request, std::shared_ptr<RouteMatch> match) {
  if (core_->responder.never_blocks(*request, *match)) co_return core_->responder.answer(*request, *match);
  auto response = std::make_shared<Response>();
  waiter_ = std::make_shared<Waiter>(loop_);
  begin_phase(core_->options.handler_deadline);
  const bool taken = co_await run_on_pool(
      *core_, loop_, waiter_,
      [core = core_.get(), request, match, response] { *response = core->responder.answer(*request, *match); },
      HandlerPool::Place::bounded);
  const bool done = waiter_->done;
  end_phase();
  waiter_.reset();
  if (taken && done) co_return std::move(*response);
  const std::string reason = taken ? "HANDLER_DEADLINE" : "OVERLOADED";
  const std::string message = taken ? "The answer took longer than " + describe_duration(core_->options.handler_deadline) + "."
                                    : "The server has more requests than it can take.";
  Response late = problem(refusal(503, ErrorCode::unavailable, reason, message, "Try again in a moment.").error, request->request_id);
  // What a late handler still does is not known, so a pipelined request must not run beside it.
  if (taken) late.headers.add("Connection", "close");
  co_return late;
}

Task<bool> HttpSession::upgrade(std::shared_ptr<Request> request, std::shared_ptr<RouteMatch> match) {
  auto decision = std::make_shared<Responder::Upgrade>();
  waiter_ = std::make_shared<Waiter>(loop_);
  begin_phase(core_->options.handler_deadline);
  const bool taken = co_await run_on_pool(
      *core_, loop_, waiter_,
      [core = core_.get(), request, match, decision] { *decision = core->responder.upgrade(*request, *match); },
      HandlerPool::Place::bounded);
  const bool done = waiter_->done;
  end_phase();
  waiter_.reset();
  if (aborted_) co_return false;
  if (!taken || !done)
    decision = std::make_shared<Responder::Upgrade>(Responder::Upgrade{
        nullptr, problem(refusal(503, ErrorCode::unavailable, "OVERLOADED", "The server has more requests than it can take.",
                                 "Try again in a moment.").error, request->request_id)});
  if (!decision->session) {
    core_->responder.finish(*request, decision->refusal, match->route->pattern);
    co_await write_response(*request, decision->refusal, false, false);
    co_return false;
  }
  Response accepted;
  accepted.status = 101;
  core_->responder.finish(*request, accepted, match->route->pattern);
  co_await run_websocket({.core = core_,
                          .loop = loop_,
                          .socket = std::move(socket_),
                          .request = *request,
                          .fields = std::move(accepted.headers),
                          .session = std::move(decision->session),
                          .previous_entry = std::move(entry_)});
  co_return false;
}

/// True if the connection may carry another request.
Task<bool> HttpSession::write_response(const Request& request, const Response& response, bool keep, bool http_1_0) {
  std::string head = response_head(response, {.keep_alive = keep, .http_1_0 = http_1_0, .date = core_->date(loop_)});
  std::string_view content = has_content(response, request.method) ? response.content() : std::string_view();
  if (content.size() < 4096) {
    head.append(content);
    content = {};
  }
  const std::array<net::const_buffer, 2> buffers{net::buffer(head), net::buffer(content.data(), content.size())};
  begin_phase(core_->options.write_deadline);
  auto [ec, bytes] = co_await net::async_write(socket_, buffers, kAwait);
  end_phase();
  co_return !ec && !aborted_ && keep;
}

Task<> HttpSession::linger() {
  boost::system::error_code ec;
  socket_.shutdown(net::socket_base::shutdown_send, ec);
  begin_phase(kLingerTime);
  std::array<char, 16384> rest;
  for (std::size_t total = 0; !ec && !expired_ && !draining_ && total < kLingerBytes;) {
    auto [read_error, bytes] = co_await socket_.async_read_some(net::buffer(rest), kAwait);
    ec = read_error;
    total += bytes;
  }
  end_phase();
}

}  // namespace

void spawn_http_session(std::shared_ptr<ServerCore> core, IoLoop& loop, Socket socket, bool refuse) {
  auto session = std::make_shared<HttpSession>(core, loop, std::move(socket), refuse);
  net::co_spawn(
      loop.context, [session]() -> Task<> { co_await session->run(); },
      [core, session](std::exception_ptr error) {
        if (!error) return;
        try {
          std::rethrow_exception(error);
        } catch (const std::exception& e) {
          core->parts.log.error("http session failed", {{"error", e.what()}});
        }
      });
}

}  // namespace carillon::web
