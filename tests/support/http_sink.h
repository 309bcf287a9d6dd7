#pragma once
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/instant.h"
#include "engine/base/json.h"

namespace carillon::test {

/// What a workflow sent to the sink.
struct SinkCall {
  std::string method, path;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  Json json() const { return Json::parse(body, nullptr, false); }
  std::string key() const {
    auto it = headers.find("idempotency-key");
    return it == headers.end() ? "" : it->second;
  }
};

struct SinkAnswer {
  int status = 200;
  std::string body = R"({"ok":true})";
};

/// An HTTP server on 127.0.0.1 that writes down what it gets and answers as it is told. While held, it reads requests
/// and keeps its answers back. Thread-safe.
class HttpSink {
 public:
  using Answerer = std::function<SinkAnswer(const SinkCall&)>;
  explicit HttpSink(Answerer answer = [](const SinkCall&) { return SinkAnswer{}; });
  ~HttpSink();
  HttpSink(const HttpSink&) = delete;

  std::string url(const std::string& path = "/") const { return "http://127.0.0.1:" + std::to_string(port_) + path; }
  std::vector<SinkCall> calls() const;
  std::size_t count() const;
  void hold();     ///< from now on answers wait for let_go()
  void let_go();
  void clear();    ///< forgets what came

 private:
  void accept_all();
  void serve(int socket);
  void answer_held();
  Answerer answer_;
  int listener_ = -1, epoll_ = -1, wake_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  bool held_ = false, stopping_ = false;
  std::vector<SinkCall> calls_;
  std::map<int, std::string> partial_;               ///< bytes by connection
  std::vector<std::pair<int, std::string>> kept_;    ///< answers that are held back
  std::thread thread_;
};

}  // namespace carillon::test
