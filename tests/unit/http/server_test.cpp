#include "tests/unit/http/server_fixture.h"

namespace carillon::web::testing {
namespace {

TEST_F(ServerTest, AnswersWithTheSecurityHeaders) {
  start();
  const auto response = client().ask(get_request("/hello"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "hello");
  const auto& fields = response.fields;
  EXPECT_EQ(fields.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(fields.at("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
  EXPECT_EQ(fields.at("cross-origin-opener-policy"), "same-origin");
  for (const char* name : {"referrer-policy", "permissions-policy", "date", "x-request-id"}) EXPECT_TRUE(fields.contains(name)) << name;
  EXPECT_FALSE(fields.contains("access-control-allow-origin"));
}

TEST_F(ServerTest, KeepsTheConnectionAndTheRequestId) {
  start();
  auto one = client();
  for (int i = 0; i < 3; ++i) {
    const auto response = one.ask("GET /fast HTTP/1.1\r\nHost: h\r\nX-Request-Id: my-id_" + std::to_string(i) + "\r\n\r\n");
    EXPECT_EQ(response.fields.at("x-request-id"), "my-id_" + std::to_string(i));
  }
  const auto forged = one.ask("GET /fast HTTP/1.1\r\nHost: h\r\nX-Request-Id: a b<c>\r\n\r\n");
  EXPECT_EQ(forged.fields.at("x-request-id").size(), 16U);
}

TEST_F(ServerTest, UnknownPathsAndMethods) {
  start();
  auto one = client();
  const auto missing = one.ask(get_request("/nothing"));
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.code(), "ROUTE_NOT_FOUND");
  EXPECT_EQ(missing.fields.at("content-type"), "application/problem+json");
  const auto wrong = one.ask("DELETE /hello HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.fields.at("allow"), "GET, HEAD, OPTIONS");
  const auto options = one.ask("OPTIONS /hello HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.fields.at("allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(one.ask(get_request("/%zz")).code(), "URL_ENCODING");
}

TEST_F(ServerTest, HeadHasTheLengthAndNoBody) {
  start();
  auto one = client();
  one.send("HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto response = one.read_response(true);
  EXPECT_EQ(response.fields.at("content-length"), "5");
  EXPECT_EQ(one.ask(get_request("/fast")).body, "fast") << "nothing of a body was in between";
}

TEST_F(ServerTest, ACrashIsA500WithoutItsText) {
  start();
  auto one = client();
  const auto response = one.ask(get_request("/broken"));
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.code(), "INTERNAL");
  EXPECT_EQ(response.body.find("hunter2"), std::string::npos);
  EXPECT_EQ(one.ask(get_request("/hello")).status, 200);
}

TEST_F(ServerTest, MalformedRequestsGetAPreciseAnswer) {
  start();
  struct Case {
    std::string raw;
    int status;
    std::string code;
  };
  const std::string host = "Host: h\r\n";
  const std::vector<Case> cases = {
      {"nonsense\r\n\r\n", 400, "REQUEST_MALFORMED"},
      {"\x16\x03\x01\x02", 400, "REQUEST_MALFORMED"},
      {"GET /hello HTTP/1.1\nHost: h\n\n", 505, "HTTP_VERSION"},
      {"G@T /hello HTTP/1.1\r\n" + host + "\r\n", 400, "REQUEST_MALFORMED"},
      {"GET  /hello HTTP/1.1\r\n" + host + "\r\n", 400, "REQUEST_MALFORMED"},
      {"GET /hello HTTP/2.0\r\n" + host + "\r\n", 505, "HTTP_VERSION"},
      {"GET /hello HTTP/1.7\r\n" + host + "\r\n", 505, "HTTP_VERSION"},
      {"GET /hello HTTP/1.1\r\n\r\n", 400, "HOST_MISSING"},
      {"GET /hello HTTP/1.1\r\n" + host + host + "\r\n", 400, "HOST_MISSING"},
      {"GET /hello HTTP/1.1\r\nHost : h\r\n\r\n", 400, "REQUEST_MALFORMED"},
      {"GET /hello HTTP/1.1\r\n" + host + "Bad\x01Name: x\r\n\r\n", 400, "REQUEST_MALFORMED"},
      {"GET /hello HTTP/1.1\r\n" + host + "A: x\x01y\r\n\r\n", 400, "REQUEST_MALFORMED"},
      {"GET http://other/hello HTTP/1.1\r\n" + host + "\r\n", 400, "REQUEST_TARGET"},
      {"CONNECT other:443 HTTP/1.1\r\n" + host + "\r\n", 400, "REQUEST_TARGET"},
      {"GET /hello?a=%zz HTTP/1.1\r\n" + host + "\r\n", 400, "URL_ENCODING"},
      {"POST /echo HTTP/1.1\r\n" + host + "Content-Length: x\r\n\r\n", 400, "CONTENT_LENGTH"},
      {"POST /echo HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n", 400, "CONTENT_LENGTH"},
      {"POST /echo HTTP/1.1\r\n" + host + "Content-Length: 99999999999999999999999\r\n\r\n", 400, "CONTENT_LENGTH"},
      {"POST /echo HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400, "CONTENT_LENGTH"},
      {"POST /echo HTTP/1.1\r\n" + host + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, ""},
      {"POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "CHUNK_MALFORMED"},
      {"POST /echo HTTP/1.1\r\n" + host + "Expect: miracle\r\nContent-Length: 1\r\n\r\na", 417, "EXPECTATION"},
      {"POST /small HTTP/1.1\r\n" + host + "Content-Length: 11\r\n\r\n12345678901", 413, "BODY_TOO_LARGE"},
      {"POST /small HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n6\r\n123456\r\n0\r\n\r\n", 413, "BODY_TOO_LARGE"},
      {"POST /echo HTTP/1.1\r\n" + host + "Content-Length: 1048577\r\n\r\n", 413, "BODY_TOO_LARGE"},
      {"GET /hello HTTP/1.1\r\n" + host + "A: " + std::string(20'000, 'x') + "\r\n\r\n", 431, "HEADER_TOO_LARGE"},
      {"GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\n" + host + "\r\n", 431, "HEADER_TOO_LARGE"},
  };
  for (const auto& one : cases) {
    auto connection = client();
    connection.send(one.raw);
    connection.finish_sending();
    const auto response = connection.read_response();
    SCOPED_TRACE(one.raw.substr(0, 100));
    EXPECT_EQ(response.status, one.status) << response.body;
    if (!one.code.empty()) EXPECT_EQ(response.code(), one.code);
    EXPECT_FALSE(response.fields.at("x-request-id").empty());
    EXPECT_EQ(response.fields.at("connection"), "close");
    EXPECT_TRUE(connection.at_end());
  }
}

TEST_F(ServerTest, NoiseNeverStopsIt) {
  start();
  const std::uint64_t seed = rng->next();
  SCOPED_TRACE("seed " + std::to_string(seed));
  const auto noise = make_seeded_rng(seed);
  const std::string good = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  for (int i = 0; i < 300; ++i) {
    std::string raw = good;
    for (std::uint64_t k = 0; k <= noise->below(4); ++k) raw[noise->below(raw.size())] = static_cast<char>(noise->below(256));
    auto connection = client();
    connection.send(raw.substr(0, noise->below(raw.size() + 1)));
    connection.finish_sending();
    const auto answer = connection.read_to_end();
    EXPECT_TRUE(answer.empty() || answer.starts_with("HTTP/1.1 ")) << raw;
    EXPECT_FALSE(answer.starts_with("HTTP/1.1 500")) << raw;
  }
  EXPECT_EQ(client().ask(get_request("/hello")).status, 200);
}

TEST_F(ServerTest, BodiesWholeChunkedAndExpected) {
  start();
  auto one = client();
  const std::string large(1 << 20, 'x');
  EXPECT_EQ(one.ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1048576\r\n\r\n" + large).body, large);
  EXPECT_EQ(one.ask("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n").body, "abcde");
  one.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(one.read_head(), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(one.ask("abc").body, "abc");
}

TEST_F(ServerTest, ARefusedUploadIsToldAndNotReset) {
  start();
  auto one = client();
  one.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n" + std::string(500'000, 'x'));
  EXPECT_EQ(one.read_response().status, 413);
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  start();
  auto one = client();
  std::string raw;
  for (int i = 0; i < 50; ++i)
    raw += "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n" + std::to_string(10 + i) + (i % 2 ? get_request("/fast") : "");
  one.send(raw);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(one.read_response().body, std::to_string(10 + i));
    if (i % 2) EXPECT_EQ(one.read_response().body, "fast");
  }
}

TEST_F(ServerTest, HttpOneZeroAndCloseAreKept) {
  start();
  auto old = client();
  EXPECT_EQ(old.ask("GET /hello HTTP/1.0\r\n\r\n").body, "hello");
  EXPECT_TRUE(old.at_end());
  auto kept = client();
  EXPECT_EQ(kept.ask("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").fields.at("connection"), "keep-alive");
  EXPECT_EQ(kept.ask("GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").fields.at("connection"), "close");
  EXPECT_TRUE(kept.at_end());
}

TEST_F(ServerTest, ASlowHeaderAndASlowBodyAreAnswered408) {
  start({.read_deadline = std::chrono::milliseconds(40)});
  for (const char* part : {"GET /hello HTTP/1.1\r\nHo", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab"}) {
    auto slow = client();
    slow.send(part);
    const auto response = slow.read_response();
    EXPECT_EQ(response.status, 408);
    EXPECT_EQ(response.code(), "REQUEST_TIMEOUT");
    EXPECT_TRUE(slow.at_end());
  }
}

TEST_F(ServerTest, DrippingDoesNotMoveTheDeadline) {
  start({.read_deadline = std::chrono::milliseconds(60)});
  auto slow = client();
  slow.send("GET /hello HTTP/1.1\r\nA: ");
  while (!slow.readable(5)) slow.send("x");
  EXPECT_EQ(slow.read_response().status, 408);
}

TEST_F(ServerTest, AnIdleConnectionIsClosedWithoutAWord) {
  auto& time = use_manual_clock();
  start();
  auto fresh = client(), used = client();
  EXPECT_EQ(used.ask(get_request("/hello")).status, 200);
  until([&] { return server->connections() == 2; });
  // Again and again: when the answer is here, the server may not have begun to wait for the next request.
  until([&] {
    time.advance(std::chrono::seconds(76));
    return server->connections() == 0;
  });
  EXPECT_TRUE(fresh.at_end());
  EXPECT_TRUE(used.at_end());
}

TEST_F(ServerTest, AReaderThatStopsIsCutOff) {
  router.add("GET /large", [](const Request&, const PathParams&) { return text_response(std::string(32 << 20, 'x')); });
  start({.write_deadline = std::chrono::milliseconds(60)});
  RawClient stuck(server->port(), 4096);
  stuck.send(get_request("/large"));
  until([&] { return server->connections() == 1; });
  until([&] { return server->connections() == 0; });
}

TEST_F(ServerTest, ALateHandlerIsAnsweredForAndItsAnswerDropped) {
  start({.handler_deadline = std::chrono::milliseconds(40)});
  auto one = client();
  const auto response = one.ask(get_request("/slow"));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.code(), "HANDLER_DEADLINE");
  EXPECT_TRUE(response.fields.contains("retry-after"));
  gate.opened.set_value();
  EXPECT_TRUE(one.at_end());
}

TEST_F(ServerTest, OverloadIsSaidAtOnce) {
  start({.handler_threads = 1, .handler_queue = 1});
  auto first = client();
  first.send(get_request("/slow"));
  gate.until_entered(1);
  std::vector<RawClient> rest;
  for (int i = 0; i < 6; ++i) rest.push_back(client());
  for (auto& one : rest) one.send(get_request("/hello"));
  std::set<std::size_t> refused;
  until([&] {
    for (std::size_t i = 0; i < rest.size(); ++i)
      if (rest[i].readable(0)) refused.insert(i);
    return refused.size() == 5;
  });
  for (const auto i : refused) {
    const auto response = rest[i].read_response();
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.code(), "OVERLOADED");
    EXPECT_EQ(response.fields.at("retry-after"), "1");
  }
  EXPECT_EQ(client().ask(get_request("/fast")).status, 200) << "what needs no thread still answers";
  gate.opened.set_value();
  EXPECT_EQ(first.read_response().body, "slow");
  for (std::size_t i = 0; i < rest.size(); ++i)
    if (!refused.contains(i)) EXPECT_EQ(rest[i].read_response().body, "hello");
}

TEST_F(ServerTest, ConnectionsOverTheLimitAreRefusedPolitely) {
  start({.max_connections = 2});
  auto one = client(), two = client();
  EXPECT_EQ(one.ask(get_request("/hello")).status, 200);
  EXPECT_EQ(two.ask(get_request("/hello")).status, 200);
  const auto refused = client().ask(get_request("/hello"));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.code(), "TOO_MANY_CONNECTIONS");
}

TEST_F(ServerTest, FiveHundredConnectionsAtOnce) {
  start({.io_threads = 2});
  std::vector<RawClient> clients;
  for (int i = 0; i < 500; ++i) clients.push_back(client());
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < clients.size(); ++i)
      ASSERT_TRUE(clients[i].send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n" + std::to_string(100 + i % 900)));
    // More than threads and queue hold: each gets its own answer or a 503, and no connection is lost.
    for (std::size_t i = 0; i < clients.size(); ++i) {
      const auto response = clients[i].read_response();
      if (response.status == 503) continue;
      EXPECT_EQ(response.status, 200);
      EXPECT_EQ(response.body, std::to_string(100 + i % 900));
    }
  }
  EXPECT_EQ(server->connections(), 500U);
}

TEST_F(ServerTest, HooksSurroundTheHandler) {
  std::promise<std::string> seen;
  HttpServerHooks hooks;
  hooks.before = [](const Request& request) -> std::optional<Response> {
    if (request.headers.has("X-Stop")) return text_response("stopped", "text/plain", 429);
    return std::nullopt;
  };
  hooks.after = [&](const Request& request, const Response& response, std::string_view route, Duration took) {
    EXPECT_GE(took.count(), 0);
    if (request.headers.has("X-Stop")) seen.set_value(std::string(route) + " " + std::to_string(response.status));
  };
  start({}, std::move(hooks));
  auto one = client();
  EXPECT_EQ(one.ask("GET /hello HTTP/1.1\r\nHost: h\r\nX-Stop: 1\r\n\r\n").body, "stopped");
  EXPECT_EQ(one.ask(get_request("/hello")).body, "hello");
  EXPECT_EQ(seen.get_future().get(), "/hello 429");
}

TEST_F(ServerTest, StopLetsARunningRequestFinish) {
  start();
  auto running = client(), idle = client();
  EXPECT_EQ(idle.ask(get_request("/hello")).status, 200);
  running.send(get_request("/slow"));
  gate.until_entered(1);
  auto stopped = std::async(std::launch::async, [&] { server->stop(); });
  EXPECT_TRUE(idle.at_end());
  until([&] { return !client().connected(); });
  EXPECT_NE(stopped.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  gate.opened.set_value();
  const auto response = running.read_response();
  EXPECT_EQ(response.body, "slow");
  EXPECT_EQ(response.fields.at("connection"), "close");
  stopped.get();
  EXPECT_EQ(server->connections(), 0U);
}

TEST_F(ServerTest, StopCutsOffWhatOutlastsTheDeadline) {
  start({.drain_deadline = std::chrono::milliseconds(20)});
  auto running = client();
  running.send(get_request("/slow"));
  gate.until_entered(1);
  auto stopped = std::async(std::launch::async, [&] { server->stop(); });
  EXPECT_TRUE(running.at_end()) << "the socket is let go before the handler has ended";
  gate.opened.set_value();
  stopped.get();
}

TEST_F(ServerTest, StopEndsThoughASweepIsDueAlready) {
  // A sweep that came due while the loop was busy cannot be cancelled any more; it once kept the loop alive for ever.
  router.add("GET /stall", [this](const Request&, const PathParams&) {
    gate.wait();
    return text_response("stalled");
  }, {.max_body = {}, .never_blocks = true});
  start({.idle_deadline = std::chrono::milliseconds(20), .drain_deadline = std::chrono::milliseconds(1)});
  auto one = client();
  one.send(get_request("/stall"));
  gate.until_entered(1);
  auto stopped = std::async(std::launch::async, [&] { server->stop(); });
  EXPECT_EQ(stopped.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout) << "the loop is busy";
  gate.opened.set_value();
  stopped.get();
}

TEST_F(ServerTest, AnAddressInUseIsSaid) {
  start();
  HttpServer second({.port = server->port()}, HttpServerParts{router, *clock, *rng, log});
  EXPECT_THROW(second.start(), std::runtime_error);
  HttpServer third({.address = "nonsense"}, HttpServerParts{router, *clock, *rng, log});
  EXPECT_THROW(third.start(), std::runtime_error);
}

}  // namespace
}  // namespace carillon::web::testing
