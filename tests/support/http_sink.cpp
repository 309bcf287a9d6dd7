#include "tests/support/http_sink.h"

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace carillon::test {
namespace {

/// Takes one whole request off the front of `bytes`; false while it has not all arrived.
bool take_request(std::string& bytes, SinkCall& call) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  std::map<std::string, std::string> headers;
  const std::size_t line = bytes.find("\r\n");
  for (std::size_t at = line + 2; at < end + 2;) {
    const std::size_t stop = bytes.find("\r\n", at), colon = bytes.find(':', at);
    std::string name = bytes.substr(at, colon - at);
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    headers[name] = bytes.substr(colon + 2, stop - colon - 2);
    at = stop + 2;
  }
  const std::size_t length = headers.contains("content-length") ? std::stoul(headers["content-length"]) : 0;
  if (bytes.size() < end + 4 + length) return false;
  const std::string first = bytes.substr(0, line);
  call.method = first.substr(0, first.find(' '));
  call.path = first.substr(call.method.size() + 1, first.rfind(' ') - call.method.size() - 1);
  call.headers = std::move(headers);
  call.body = bytes.substr(end + 4, length);
  bytes.erase(0, end + 4 + length);
  return true;
}

std::string answer_text(const SinkAnswer& answer) {
  return "HTTP/1.1 " + std::to_string(answer.status) + " X\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body;
}

}  // namespace

HttpSink::HttpSink(Answerer answer) : answer_(std::move(answer)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 512) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("the sink cannot listen");
  port_ = ntohs(address.sin_port);
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  for (int fd : {listener_, wake_}) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }
  thread_ = std::thread([this] { accept_all(); });
}

HttpSink::~HttpSink() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ::eventfd_write(wake_, 1);
  thread_.join();
  for (const auto& [fd, _] : partial_) ::close(fd);
  for (int fd : {listener_, epoll_, wake_}) ::close(fd);
}

std::vector<SinkCall> HttpSink::calls() const {
  std::lock_guard lock(mutex_);
  return calls_;
}

std::size_t HttpSink::count() const {
  std::lock_guard lock(mutex_);
  return calls_.size();
}

void HttpSink::clear() {
  std::lock_guard lock(mutex_);
  calls_.clear();
}

void HttpSink::hold() {
  std::lock_guard lock(mutex_);
  held_ = true;
}

void HttpSink::let_go() {
  {
    std::lock_guard lock(mutex_);
    held_ = false;
  }
  ::eventfd_write(wake_, 1);
}

void HttpSink::answer_held() {
  std::lock_guard lock(mutex_);
  if (held_) return;
  for (const auto& [fd, text] : kept_)
    if (partial_.contains(fd)) (void)::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
  kept_.clear();
}

void HttpSink::accept_all() {
  epoll_event events[64];
  while (true) {
    const int n = ::epoll_wait(epoll_, events, 64, -1);
    for (int i = 0; i < n; ++i) {
      const int fd = events[i].data.fd;
      if (fd == wake_) {
        eventfd_t ignored;
        ::eventfd_read(wake_, &ignored);
      } else if (fd == listener_) {
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) continue;
        std::lock_guard lock(mutex_);
        partial_[client];
        epoll_event event{.events = EPOLLIN, .data = {.fd = client}};
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client, &event);
      } else {
        serve(fd);
      }
    }
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    answer_held();
  }
}

void HttpSink::serve(int fd) {
  char chunk[65536];
  const ssize_t got = ::recv(fd, chunk, sizeof chunk, 0);
  std::lock_guard lock(mutex_);
  if (got <= 0) {
    partial_.erase(fd);
    std::erase_if(kept_, [&](const auto& kept) { return kept.first == fd; });
    ::close(fd);
    return;
  }
  std::string& bytes = partial_[fd];
  bytes.append(chunk, static_cast<std::size_t>(got));
  SinkCall call;
  while (take_request(bytes, call)) {
    calls_.push_back(call);
    kept_.emplace_back(fd, answer_text(answer_(call)));
  }
}

}  // namespace carillon::test
