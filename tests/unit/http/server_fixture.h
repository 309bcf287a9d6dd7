#pragma once
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "tests/unit/http/raw_client.h"
#include "web/http/server.h"

namespace carillon::web::testing {

/// A gate that handlers wait at until the test opens it.
struct Gate {
  std::promise<void> opened;
  std::shared_future<void> open{opened.get_future()};
  std::atomic<int> entered{0};
  void wait() {
    ++entered;
    entered.notify_all();
    open.wait();
  }
  void until_entered(int count) {
    for (int now = entered; now < count; now = entered) entered.wait(now);
  }
};

struct ServerTest : ::testing::Test {
  void start(HttpServerOptions options = {}, HttpServerHooks hooks = {}) {
    server = std::make_unique<HttpServer>(std::move(options), HttpServerParts{router, *clock, *rng, log}, std::move(hooks));
    server->start();
  }
  void SetUp() override {
    router.add("GET /hello", [](const Request&, const PathParams&) { return text_response("hello"); });
    router.add("GET /fast", [](const Request&, const PathParams&) { return text_response("fast"); }, {.max_body = {}, .never_blocks = true});
    router.add("POST /echo", [](const Request& request, const PathParams&) { return text_response(request.body); });
    router.add("POST /small", [](const Request& request, const PathParams&) { return text_response(request.body); },
               {.max_body = 10, .never_blocks = false});
    router.add("GET /slow", [this](const Request&, const PathParams&) {
      gate.wait();
      return text_response("slow");
    });
    router.add("GET /broken", [](const Request&, const PathParams&) -> Response { throw std::runtime_error("password=hunter2"); });
  }
  void TearDown() override {
    if (server) server->stop();
  }
  /// From here on deadlines pass only when the test says so. Before start().
  ManualClock& use_manual_clock() {
    auto manual = std::make_unique<ManualClock>(Instant::from_seconds(1'800'000'000));
    auto& out = *manual;
    clock = std::move(manual);
    return out;
  }
  RawClient client() { return RawClient(server->port()); }
  /// Waits, without a clock, until a condition holds; the test's own time limit ends it otherwise.
  template <class Condition>
  static void until(Condition condition) {
    while (!condition()) std::this_thread::yield();
  }

  Router router;
  std::unique_ptr<Clock> clock = make_system_clock();
  std::unique_ptr<Rng> rng = make_system_rng();
  NullLogger log;
  Gate gate;
  std::unique_ptr<HttpServer> server;
};

}  // namespace carillon::web::testing
