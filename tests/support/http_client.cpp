#include "tests/support/http_client.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace carillon::test {
namespace {

std::string lower_name(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

bool read_more(int socket, std::string& into) {
  char chunk[65536];
  const ssize_t got = ::recv(socket, chunk, sizeof chunk, 0);
  if (got <= 0) return false;
  into.append(chunk, static_cast<std::size_t>(got));
  return true;
}

std::string read_head(int socket, std::string& buffer) {
  std::size_t end;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos)
    if (!read_more(socket, buffer)) throw std::runtime_error("no answer, only: " + buffer);
  std::string head = buffer.substr(0, end + 4);
  buffer.erase(0, end + 4);
  return head;
}

HttpAnswer answer_of_head(const std::string& head) {
  HttpAnswer out;
  out.status = std::stoi(head.substr(9, 3));
  for (std::size_t at = head.find("\r\n") + 2; at + 2 < head.size();) {
    const std::size_t end = head.find("\r\n", at), colon = head.find(':', at);
    std::string& value = out.headers[lower_name(head.substr(at, colon - at))];
    value += (value.empty() ? "" : "\n") + head.substr(colon + 2, end - colon - 2);
    at = end + 2;
  }
  return out;
}

std::string request_text(const std::string& method, const std::string& path, const std::string& body, const HeaderList& headers) {
  std::string text = method + " " + path + " HTTP/1.1\r\nHost: hub\r\n";
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  if (!body.empty() || method == "POST" || method == "PUT" || method == "PATCH")
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return text + "\r\n" + body;
}

struct Socket {
  int fd;
  ~Socket() { ::close(fd); }
};

}  // namespace

Json HttpAnswer::json() const { return body.empty() ? Json(nullptr) : Json::parse(body, nullptr, false); }

std::string HttpAnswer::header(const std::string& name) const {
  auto it = headers.find(name);
  return it == headers.end() ? "" : it->second;
}

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
  ::close(fd);
  throw std::runtime_error("nothing listens on port " + std::to_string(port));
}

void send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw std::runtime_error("the connection was closed while sending");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

HttpAnswer http_ask(std::uint16_t port, const std::string& method, const std::string& path, const std::string& body,
                    const HeaderList& headers) {
  const Socket socket{connect_to(port)};
  try {
    send_all(socket.fd, request_text(method, path, body, headers));
  } catch (const std::runtime_error&) {
    // A server may refuse a large body before it has read it; its answer is there to be read.
    if (body.empty()) throw;
  }
  std::string buffer;
  HttpAnswer answer = answer_of_head(read_head(socket.fd, buffer));
  const std::string length = answer.header("content-length");
  const std::size_t expected = length.empty() || method == "HEAD" ? 0 : std::stoul(length);
  while (buffer.size() < expected)
    if (!read_more(socket.fd, buffer)) throw std::runtime_error("the answer's body ended early");
  answer.body = buffer.substr(0, expected);
  return answer;
}

WsClient::WsClient(std::uint16_t port, const std::string& path, const HeaderList& headers) : socket_(connect_to(port)) {
  HeaderList all = headers;
  all.insert(all.end(), {{"Connection", "Upgrade"}, {"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"},
                         {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}});
  send_all(socket_, request_text("GET", path, "", all));
  const HttpAnswer answer = answer_of_head(read_head(socket_, buffer_));
  if (answer.status == 101) return;
  const std::string length = answer.header("content-length");
  const std::string body = length.empty() ? "" : take(std::stoul(length));
  ::close(socket_);
  throw std::runtime_error(std::to_string(answer.status) + " " + body);
}

WsClient::~WsClient() { ::close(socket_); }

std::string WsClient::take(std::size_t count) {
  while (buffer_.size() < count)
    if (!read_more(socket_, buffer_)) throw std::runtime_error("the stream ended");
  std::string out = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return out;
}

void WsClient::send_frame(unsigned char opcode, std::string payload) {
  // A mask of zeros is allowed and leaves the payload readable.
  std::string frame{static_cast<char>(0x80 | opcode), static_cast<char>(0x80 | payload.size()), 0, 0, 0, 0};
  send_all(socket_, frame + payload);
}

Json WsClient::next() {
  while (true) {
    const std::string start = take(2);
    const auto opcode = static_cast<unsigned char>(start[0]) & 0x0f;
    std::size_t length = static_cast<unsigned char>(start[1]) & 0x7f;
    if (length >= 126) {
      const std::string more = take(length == 126 ? 2 : 8);
      length = 0;
      for (char c : more) length = length << 8 | static_cast<unsigned char>(c);
    }
    std::string payload = take(length);
    if (opcode == 9) send_frame(10, std::move(payload));
    else if (opcode == 8) throw std::runtime_error("the hub closed the stream");
    else if (opcode == 1) return Json::parse(payload);
  }
}

bool WsClient::silent_for(int milliseconds) {
  pollfd waited{.fd = socket_, .events = POLLIN, .revents = 0};
  return buffer_.empty() && ::poll(&waited, 1, milliseconds) == 0;
}

}  // namespace carillon::test
