#pragma once
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace carillon::testing {

/// A tiny HTTP/1.1 server on 127.0.0.1: one thread per connection, what it answers is a function of the request text
/// (head and body). An empty answer holds the connection open in silence until the server goes.
class LocalServer {
 public:
  using Handler = std::function<std::string(const std::string& request)>;
  explicit LocalServer(Handler handler) : handler_(std::move(handler)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 64);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    ::pipe(wake_);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~LocalServer() {
    stopping_ = true;
    ::close(wake_[1]);
    acceptor_.join();
    for (auto& t : connections_) t.join();
    ::close(wake_[0]);
    ::close(listener_);
  }

  std::string url(const std::string& path = "/") const { return "http://127.0.0.1:" + std::to_string(port_) + path; }
  int port() const { return port_; }
  std::atomic<int> accepted{0};
  std::vector<std::string> requests() {
    std::lock_guard lock(mutex_);
    return requests_;
  }

  static std::string answer(int status, const std::string& body, const std::string& more = "") {
    return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           more + "\r\n" + body;
  }

 private:
  bool readable(int fd) {
    pollfd fds[2] = {{fd, POLLIN, 0}, {wake_[0], POLLIN, 0}};
    ::poll(fds, 2, -1);
    return (fds[0].revents & (POLLIN | POLLHUP)) != 0 && !stopping_;
  }
  void accept_all() {
    while (readable(listener_)) {
      const int fd = ::accept(listener_, nullptr, nullptr);
      ++accepted;
      connections_.emplace_back([this, fd] {
        serve(fd);
        ::close(fd);
      });
    }
  }
  void serve(int fd) {
    std::string text;
    char buffer[4096];
    while (readable(fd)) {
      const ssize_t n = ::read(fd, buffer, sizeof buffer);
      if (n <= 0) return;
      text.append(buffer, static_cast<std::size_t>(n));
      if (text[0] == 0x16) {  // a TLS handshake
        (void)::send(fd, "plain", 5, MSG_NOSIGNAL);
        return;
      }
      const auto head = text.find("\r\n\r\n");
      if (head == std::string::npos) continue;
      const auto length_at = text.find("Content-Length: ");
      const std::size_t body = length_at < head ? std::stoul(text.substr(length_at + 16)) : 0;
      if (text.size() < head + 4 + body) continue;
      const std::string request = std::exchange(text, "");
      {
        std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      const std::string reply = handler_(request);
      if (reply.empty()) continue;
      if (::send(fd, reply.data(), reply.size(), MSG_NOSIGNAL) < 0) return;
    }
  }

  Handler handler_;
  int listener_ = -1, port_ = 0, wake_[2] = {-1, -1};
  std::atomic<bool> stopping_{false};
  std::thread acceptor_;
  std::vector<std::thread> connections_;
  std::mutex mutex_;
  std::vector<std::string> requests_;
};

}  // namespace carillon::testing
