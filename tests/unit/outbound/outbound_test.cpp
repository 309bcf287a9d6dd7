#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <gtest/gtest.h>

#include <future>

#include "tests/unit/outbound/local_server.h"
#include "web/outbound/address_rules.h"
#include "web/outbound/curl_outbound.h"

using namespace carillon;
using namespace carillon::testing;

namespace {

struct Outbound {
  explicit Outbound(OutboundOptions options = local()) : http(std::move(options), log) { http.start(); }
  static OutboundOptions local() {
    OutboundOptions o;
    o.allowed_hosts = {"127.0.0.1"};
    return o;
  }
  std::future<HttpOutcome> send(HttpCall call, OutboundHttp::Ticket* ticket = nullptr) {
    auto promise = std::make_shared<std::promise<HttpOutcome>>();
    auto future = promise->get_future();
    auto t = http.start(call, [promise](HttpOutcome o) { promise->set_value(std::move(o)); });
    if (ticket != nullptr) *ticket = t;
    return future;
  }
  HttpOutcome get(const std::string& url) {
    HttpCall call;
    call.method = "GET";
    call.url = url;
    return send(call).get();
  }
  NullLogger log;
  CurlOutbound http;
};

std::string code(const HttpOutcome& o) {
  return o.error ? o.error->code : std::to_string(o.status);
}

}  // namespace

TEST(Outbound, SendsWhatTheCallSaysAndReturnsTheAnswer) {
  LocalServer server([](const std::string&) {
    return LocalServer::answer(201, "{\"a\":1}", "Content-Type: application/json\r\nX-Two:  spaced \r\n");
  });
  Outbound out;
  HttpCall call{1,
                "POST",
                server.url("/orders?x=1"),
                {{"X-One", "1"}, {"Content-Type", "text/plain"}, {"X-Empty", ""}},
                "hello",
                Duration{5'000'000},
                "run:/do/0/a:1"};
  HttpOutcome o = out.send(call).get();
  EXPECT_EQ(o.status, 201);
  EXPECT_EQ(o.body, "{\"a\":1}");
  EXPECT_FALSE(o.error);
  EXPECT_NE(std::ranges::find(o.headers, std::pair<std::string, std::string>("x-two", "spaced")), o.headers.end());
  const std::string request = server.requests().at(0);
  for (const char* part :
       {"POST /orders?x=1 HTTP/1.1", "X-One: 1\r\n", "X-Empty:\r\n", "Idempotency-Key: run:/do/0/a:1\r\n",
        "Content-Length: 5\r\n", "User-Agent: carillon\r\n", "\r\n\r\nhello"})
    EXPECT_NE(request.find(part), std::string::npos) << part << " in " << request;
  EXPECT_EQ(request.find("Expect"), std::string::npos);
}

TEST(Outbound, ReusesConnectionsAndRunsManyAtOnce) {
  LocalServer server([](const std::string&) { return LocalServer::answer(200, "ok"); });
  Outbound out;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(code(out.get(server.url())), "200");
  EXPECT_EQ(server.accepted, 1);
  std::vector<std::future<HttpOutcome>> all;
  for (int i = 0; i < 200; ++i)
    all.push_back(out.send({0, "GET", server.url("/" + std::to_string(i)), {}, "", Duration{20'000'000}, ""}));
  for (auto& f : all) EXPECT_EQ(code(f.get()), "200");
  EXPECT_LE(server.accepted, 65);
}

TEST(Outbound, DoesNotFollowRedirections) {
  LocalServer server(
      [](const std::string&) { return LocalServer::answer(302, "", "Location: http://127.0.0.1:1/\r\n"); });
  Outbound out;
  EXPECT_EQ(out.get(server.url()).status, 302);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST(Outbound, LimitsTheResponseWithAndWithoutAnnouncedLength) {
  LocalServer server([](const std::string& request) {
    if (request.starts_with("GET /known")) return LocalServer::answer(200, std::string(3000, 'x'));
    return std::string("HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nbb8\r\n") + std::string(3000, 'x') +
           "\r\n0\r\n\r\n";
  });
  OutboundOptions options = Outbound::local();
  options.max_response_bytes = 1000;
  Outbound out(options);
  EXPECT_EQ(code(out.get(server.url("/known"))), "RESPONSE_TOO_LARGE");
  EXPECT_EQ(code(out.get(server.url("/chunked"))), "RESPONSE_TOO_LARGE");
  Outbound roomy;
  EXPECT_EQ(roomy.get(server.url("/chunked")).body.size(), 3000u);
}

TEST(Outbound, EndsSilenceWithATimeoutAndCancelsOnDemand) {
  LocalServer server([](const std::string&) { return std::string(); });
  Outbound out;
  EXPECT_EQ(code(out.send({0, "GET", server.url(), {}, "", Duration{50'000}, ""}).get()), "TIMEOUT");
  OutboundHttp::Ticket ticket = 0;
  auto pending = out.send({0, "GET", server.url(), {}, "", Duration{60'000'000}, ""}, &ticket);
  out.http.cancel(ticket);
  EXPECT_EQ(code(pending.get()), "ABORTED");
  out.http.cancel(ticket);
  out.http.cancel(424242);
  auto last = out.send({0, "GET", server.url(), {}, "", Duration{60'000'000}, ""});
  out.http.stop();
  EXPECT_EQ(code(last.get()), "ABORTED");
  EXPECT_EQ(code(out.get(server.url())), "ABORTED");
}

TEST(Outbound, QueuesBeyondItsConcurrencyAndRefusesBeyondItsQueue) {
  LocalServer server([](const std::string&) { return std::string(); });
  OutboundOptions options = Outbound::local();
  options.max_concurrent = 1;
  options.max_queued = 1;
  Outbound out(options);
  OutboundHttp::Ticket first = 0, second = 0;
  auto a = out.send({0, "GET", server.url(), {}, "", Duration{60'000'000}, ""}, &first);
  auto b = out.send({0, "GET", server.url(), {}, "", Duration{60'000'000}, ""}, &second);
  EXPECT_EQ(code(out.get(server.url())), "BUSY");
  out.http.cancel(second);
  EXPECT_EQ(code(b.get()), "ABORTED");
  out.http.cancel(first);
  EXPECT_EQ(code(a.get()), "ABORTED");
}

TEST(Outbound, TellsWhatWentWrong) {
  int closed_port = 0;
  {
    LocalServer gone([](const std::string&) { return std::string(); });
    closed_port = gone.port();
  }
  LocalServer broken([](const std::string&) { return std::string("nonsense\r\n\r\n"); });
  Outbound out;
  EXPECT_EQ(code(out.get("http://127.0.0.1:" + std::to_string(closed_port))), "CONNECT");
  EXPECT_EQ(code(out.get(broken.url())), "NETWORK");
  EXPECT_EQ(code(out.get("http://no-such-host.invalid/")), "RESOLVE");
  EXPECT_EQ(code(out.get("https://127.0.0.1:" + std::to_string(broken.port()))), "TLS");
  for (const char* url :
       {"ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1", "", "http://", "http://x\r\nX: y/"})
    EXPECT_EQ(code(out.get(url)), "PROTOCOL_REFUSED") << url;
  EXPECT_EQ(code(out.send({0, "GET", broken.url(), {{"X", "a\r\nY: b"}}, "", Duration{0}, ""}).get()),
            "PROTOCOL_REFUSED");
}

TEST(OutboundGuard, RefusesAddressesInsideTheNetworkHoweverSpelled) {
  LocalServer server([](const std::string&) { return LocalServer::answer(200, "inside"); });
  Outbound out(OutboundOptions{});
  const std::string port = ":" + std::to_string(server.port()) + "/";
  for (const char* host : {"127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433", "017700000001", "[::1]",
                           "[::ffff:127.0.0.1]", "0.0.0.0", "[::]", "user@127.0.0.1"})
    EXPECT_EQ(code(out.get("http://" + std::string(host) + port)), "ADDRESS_REFUSED") << host;
  EXPECT_EQ(server.accepted, 0);
  OutboundOptions open;
  open.allow_private = true;
  Outbound inside(open);
  EXPECT_EQ(inside.get("http://127.0.0.1" + port).body, "inside");
  EXPECT_EQ(inside.get("http://127.1" + port).body, "inside");
}

TEST(OutboundGuard, KnowsWhichAddressesArePublic) {
  for (const char* yes : {"1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.0.1", "172.32.0.1", "100.128.0.1",
                          "2606:4700::1111", "2a00::1", "64:ff9b::808:808", "2002:808:808::1", "::ffff:8.8.8.8"})
    EXPECT_TRUE(is_public_address(yes)) << yes;
  for (const char* no : {"127.0.0.1",
                         "10.1.2.3",
                         "172.16.0.1",
                         "172.31.255.255",
                         "192.168.0.1",
                         "169.254.169.254",
                         "100.64.0.1",
                         "0.0.0.0",
                         "255.255.255.255",
                         "224.0.0.1",
                         "198.18.0.1",
                         "::",
                         "::1",
                         "fe80::1",
                         "fc00::1",
                         "fd00:ec2::254",
                         "ff02::1",
                         "::ffff:10.0.0.1",
                         "64:ff9b::a00:1",
                         "2002:a00:1::1",
                         "2001:db8::1",
                         "2001::1",
                         "text",
                         ""})
    EXPECT_FALSE(is_public_address(no)) << no;
}

TEST(AddressRules, RangesAreAddressAndBits) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  inet_pton(AF_INET, "10.1.2.3", &in.sin_addr);
  const auto& v4 = reinterpret_cast<const sockaddr&>(in);
  for (const char* yes : {"10.1.0.0/16", "10.1.2.3", "10.1.2.2/31", "0.0.0.0/0"}) EXPECT_TRUE(address_in_range(v4, yes)) << yes;
  for (const char* no : {"10.2.0.0/16", "10.1.2.4", "10.1.2.0/33", "fd00::/8", "erp.local", ""}) EXPECT_FALSE(address_in_range(v4, no)) << no;
  sockaddr_in6 in6{};
  in6.sin6_family = AF_INET6;
  inet_pton(AF_INET6, "fd12::1", &in6.sin6_addr);
  const auto& v6 = reinterpret_cast<const sockaddr&>(in6);
  EXPECT_TRUE(address_in_range(v6, "fd00::/8"));
  EXPECT_FALSE(address_in_range(v6, "fe00::/8"));
}
