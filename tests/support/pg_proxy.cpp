#include "tests/support/pg_proxy.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

namespace carillon::test {
namespace {

constexpr const char* kSocketName = ".s.PGSQL.5432";
constexpr int kPollMilliseconds = 50;

sockaddr_un unix_address(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  return address;
}

bool pass_on(int to, const char* bytes, ssize_t count) {
  while (count > 0) {
    const ssize_t sent = ::send(to, bytes, static_cast<std::size_t>(count), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes += sent;
    count -= sent;
  }
  return true;
}

/// Takes one of a number of chances.
bool take_one(std::atomic<int>& chances) {
  int left = chances;
  while (left > 0)
    if (chances.compare_exchange_weak(left, left - 1)) return true;
  return false;
}

/// ErrorResponse FATAL 57P01 (PostgreSQL protocol 3.0, "Error and Notice Message Fields").
std::string shutdown_message() {
  std::string fields;
  for (const char* field : {"SFATAL", "VFATAL", "C57P01", "Mterminating connection due to administrator command"}) fields.append(field).push_back('\0');
  fields.push_back('\0');
  const std::size_t length = fields.size() + 4;
  return std::string{'E', 0, 0, static_cast<char>(length >> 8), static_cast<char>(length)} + fields;
}

/// The simple-query message "COMMIT" (PostgreSQL protocol 3.0, "Query").
bool is_commit(const char* bytes, ssize_t count) {
  return count >= 12 && bytes[0] == 'Q' && std::string_view(bytes + 5, 6) == "COMMIT";
}

}  // namespace

PgProxy::PgProxy(const std::filesystem::path& server_socket) : server_(server_socket) {
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = unix_address(dir_.path() / kSocketName);
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(listener_, 64) != 0)
    throw std::runtime_error("the proxy cannot listen");
  acceptor_ = std::thread([this] { accept_all(); });
}

PgProxy::~PgProxy() {
  stopping_ = true;
  acceptor_.join();
  go_away();
  for (auto& pump : pumps_) pump.join();
  ::close(listener_);
}

void PgProxy::go_away() {
  away_ = true;
  std::lock_guard lock(mutex_);
  for (int fd : open_) ::shutdown(fd, SHUT_RDWR);
}

void PgProxy::come_back() { away_ = false; }

void PgProxy::accept_all() {
  while (!stopping_) {
    pollfd waited{.fd = listener_, .events = POLLIN, .revents = 0};
    if (::poll(&waited, 1, kPollMilliseconds) != 1) continue;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    if (away_) {
      ::close(client);
      continue;
    }
    pumps_.emplace_back([this, client] { serve(client); });
  }
}

void PgProxy::serve(int client) {
  const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = unix_address(server_);
  bool alive = ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  {
    std::lock_guard lock(mutex_);
    open_.insert({client, server});
    if (away_) alive = false;
  }
  bool swallow = false, shut_down = false;
  char bytes[65536];
  while (alive) {
    pollfd waited[2] = {{.fd = client, .events = POLLIN, .revents = 0}, {.fd = server, .events = POLLIN, .revents = 0}};
    if (::poll(waited, 2, kPollMilliseconds) <= 0) continue;
    if (waited[0].revents != 0) {
      const ssize_t got = ::recv(client, bytes, sizeof bytes, 0);
      if (got > 0 && is_commit(bytes, got)) {
        shut_down = take_one(shut_down_after_);
        swallow = shut_down || take_one(lose_answers_);
        if (!swallow && take_one(lose_commits_)) {
          ++lost_;
          break;
        }
      }
      alive = got > 0 && pass_on(server, bytes, got);
    }
    if (alive && waited[1].revents != 0) {
      const ssize_t got = ::recv(server, bytes, sizeof bytes, 0);
      if (got > 0 && swallow) ++lost_;
      if (got > 0 && shut_down) {
        const std::string said = shutdown_message();
        pass_on(client, said.data(), static_cast<ssize_t>(said.size()));
      }
      alive = got > 0 && !swallow && pass_on(client, bytes, got);
    }
  }
  std::lock_guard lock(mutex_);
  for (int fd : {client, server}) {
    open_.erase(fd);
    ::close(fd);
  }
}

}  // namespace carillon::test
