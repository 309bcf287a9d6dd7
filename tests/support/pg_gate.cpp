#include "tests/support/pg_gate.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

namespace carillon::test {
namespace {

constexpr const char* kGateSocketName = ".s.PGSQL.5432";
constexpr int kGatePollMilliseconds = 50;
constexpr std::uint32_t kProtocol3 = 196608;

sockaddr_un gate_address(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  return address;
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t n = 0;
  std::memcpy(&n, bytes.data() + at, sizeof n);
  return ntohl(n);
}

bool send_on(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// Takes the first whole message off the buffer: "" when there is none. `typed`: with a type in front of the length.
std::string take_message(std::string& buffer, bool typed) {
  const std::size_t head = typed ? 5 : 4;
  if (buffer.size() < head) return "";
  const std::size_t size = number_at(buffer, head - 4) + (typed ? 1 : 0);
  if (buffer.size() < size) return "";
  std::string message = buffer.substr(0, size);
  buffer.erase(0, size);
  return message;
}

/// The value of a parameter of the StartupMessage ("Message Formats" of the protocol, version 3.0).
std::string startup_parameter(const std::string& message, const std::string& name) {
  for (std::size_t at = 8; at < message.size();) {
    const std::string key = message.c_str() + at;
    at += key.size() + 1;
    if (key.empty() || at >= message.size()) break;
    const std::string value = message.c_str() + at;
    at += value.size() + 1;
    if (key == name) return value;
  }
  return "";
}

}  // namespace

/// One connection and its partner on the other side.
class PgGate::Link {
 public:
  Link(int client, int server, std::uint64_t number, GateKeeper& keeper) : client_(client), server_(server), keeper_(keeper) {
    statement_.connection = number;
  }
  ~Link() {
    ::close(client_);
    ::close(server_);
  }
  void pump(const std::atomic<bool>& stopping) {
    while (!stopping) {
      pollfd waited[2] = {{.fd = client_, .events = POLLIN, .revents = 0}, {.fd = server_, .events = POLLIN, .revents = 0}};
      if (::poll(waited, 2, kGatePollMilliseconds) <= 0) continue;
      // Who answers first is heard first: a server that says why it hangs up.
      if (waited[1].revents != 0) {
        const bool there = receive(server_, from_server_);
        if (there && !answer()) return;
        if (!there) {
          send_on(client_, held_back_);
          return;
        }
      }
      if (waited[0].revents != 0 && !(receive(client_, from_client_) && ask())) return;
    }
  }

 private:
  static bool receive(int fd, std::string& buffer) {
    char bytes[65536];
    const ssize_t got = ::recv(fd, bytes, sizeof bytes, 0);
    if (got > 0) buffer.append(bytes, static_cast<std::size_t>(got));
    return got > 0;
  }
  bool ask() {
    for (std::string message; !(message = take_message(from_client_, started_)).empty();) {
      if (!started_) {
        started_ = number_at(message, 4) == kProtocol3;
        if (started_) statement_.user = startup_parameter(message, "user");
      } else if (message[0] == 'Q' || message[0] == 'B') {
        // Query: the text. Bind: the portal's name, then the statement's.
        const char* text = message.c_str() + 5;
        statement_.name = message[0] == 'Q' ? text : text + std::strlen(text) + 1;
        if (!keeper_.coming(statement_)) return false;
        answering_ = true;
      }
      if (!send_on(server_, message)) return false;
    }
    return true;
  }
  bool answer() {
    for (std::string message; !(message = take_message(from_server_, true)).empty();) {
      if (message[0] == 'K') statement_.backend = static_cast<pid_t>(number_at(message, 5));
      const bool whole = message[0] == 'Z' || !answering_;
      held_back_ += message;
      if (!whole) continue;
      if (answering_ && !keeper_.answered(statement_)) return false;
      answering_ = false;
      if (!send_on(client_, std::exchange(held_back_, {}))) return false;
    }
    return true;
  }

  int client_, server_;
  GateKeeper& keeper_;
  GateStatement statement_;
  bool started_ = false;
  bool answering_ = false;  ///< to a statement that the keeper was asked about
  std::string from_client_, from_server_, held_back_;
};

PgGate::PgGate(std::filesystem::path server_socket, GateKeeper& keeper) : server_(std::move(server_socket)), keeper_(keeper) {
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = gate_address(dir_.path() / kGateSocketName);
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(listener_, 64) != 0)
    throw std::runtime_error("the gate cannot listen");
  acceptor_ = std::thread([this] { accept_all(); });
}

PgGate::~PgGate() {
  stopping_ = true;
  acceptor_.join();
  for (auto& link : links_) link.join();
  ::close(listener_);
}

void PgGate::accept_all() {
  while (!stopping_) {
    pollfd waited{.fd = listener_, .events = POLLIN, .revents = 0};
    if (::poll(&waited, 1, kGatePollMilliseconds) != 1) continue;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_un address = gate_address(server_);
    if (closed_ || ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      ::close(server);
      ::close(client);
      continue;
    }
    links_.emplace_back([this, link = std::make_shared<Link>(client, server, links_.size() + 1, keeper_)] { link->pump(stopping_); });
  }
}

}  // namespace carillon::test
