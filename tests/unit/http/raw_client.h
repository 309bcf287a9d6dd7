#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "engine/base/json.h"

namespace carillon::web::testing {

struct RawResponse {
  int status = 0;
  std::map<std::string, std::string> fields;  // names in lower case
  std::string body;
  std::string code() const { return Json::parse(body).value("code", ""); }
};

/// A blocking socket that says exactly what it is told to. Reads give up after ten seconds, so a test fails instead of
/// hanging.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port, int receive_buffer = 0) {
    fd_ = socket(AF_INET, SOCK_STREAM, 0);
    const timeval limit{.tv_sec = 10, .tv_usec = 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (receive_buffer > 0) setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() {
    if (fd_ >= 0) close(fd_);
  }
  RawClient(RawClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_), buffer_(std::move(other.buffer_)) {}
  RawClient& operator=(RawClient&&) = delete;

  bool connected() const { return connected_; }

  /// False if the other side has closed.
  bool send(std::string_view text) {
    while (!text.empty()) {
      const auto sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void finish_sending() { shutdown(fd_, SHUT_WR); }

  bool readable(int milliseconds) {
    pollfd waited{.fd = fd_, .events = POLLIN, .revents = 0};
    return !buffer_.empty() || poll(&waited, 1, milliseconds) == 1;
  }

  /// Exactly so many bytes; throws if the connection ends before.
  std::string read_bytes(std::size_t count) {
    while (buffer_.size() < count)
      if (!fill()) throw std::runtime_error("the connection ended early, after: " + buffer_);
    std::string out = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return out;
  }
  std::string read_to_end() {
    while (fill()) {
    }
    return std::exchange(buffer_, {});
  }
  /// True when the other side closed without another byte.
  bool at_end() { return buffer_.empty() && !fill(); }

  std::string read_head() {
    while (buffer_.find("\r\n\r\n") == std::string::npos)
      if (!fill()) throw std::runtime_error("no response, only: \"" + buffer_ + "\"");
    return read_bytes(buffer_.find("\r\n\r\n") + 4);
  }
  RawResponse read_response(bool head_only = false) {
    RawResponse out;
    const std::string head = read_head();
    out.status = std::stoi(head.substr(9, 3));
    for (auto at = head.find("\r\n") + 2; at + 2 < head.size();) {
      const auto end = head.find("\r\n", at), colon = head.find(':', at);
      std::string name = head.substr(at, colon - at);
      for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      out.fields[name] = head.substr(colon + 2, end - colon - 2);
      at = end + 2;
    }
    if (!head_only && out.fields.contains("content-length")) out.body = read_bytes(std::stoul(out.fields["content-length"]));
    return out;
  }
  RawResponse ask(std::string_view request) {
    send(request);
    return read_response();
  }

 private:
  bool fill() {
    char chunk[65536];
    const auto got = recv(fd_, chunk, sizeof chunk, 0);
    if (got <= 0) return false;
    buffer_.append(chunk, static_cast<std::size_t>(got));
    return true;
  }
  int fd_ = -1;
  bool connected_ = false;
  std::string buffer_;
};

inline std::string get_request(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: hub\r\n\r\n";
}

}  // namespace carillon::web::testing
