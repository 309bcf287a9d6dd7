#include "web/outbound/exchange.h"

#include <sys/socket.h>

#include <algorithm>

#include "web/outbound/address_rules.h"

namespace carillon {
namespace {

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

long curl_milliseconds(Duration d) {
  return std::max<long>(1, static_cast<long>(d.count() / 1000));
}

bool breaks_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

}  // namespace

Exchange::Exchange(OutboundHttp::Ticket ticket, HttpCall call, OutboundHttp::Callback done,
                   const OutboundOptions& options)
    : ticket_(ticket), call_(std::move(call)), done_(std::move(done)), options_(options) {}

Exchange::~Exchange() {
  if (easy_ != nullptr) curl_easy_cleanup(easy_);
  if (headers_ != nullptr) curl_slist_free_all(headers_);
}

std::optional<TransportError> Exchange::prepare() {
  easy_ = curl_easy_init();
  if (easy_ == nullptr) return TransportError{"NETWORK", "no handle for the request could be made"};
  if (auto error = read_target()) return error;
  if (auto error = add_headers()) return error;
  curl_easy_setopt(easy_, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, message_);
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_PROXY, "");  // none, whatever the environment says
  curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy_, CURLOPT_URL, call_.url.c_str());
  curl_easy_setopt(easy_, CURLOPT_USERAGENT, options_.user_agent.c_str());
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
  set_method_and_body();
  set_limits();
  return std::nullopt;
}

/// Checks the scheme and finds out whether this host may lie inside the network.
std::optional<TransportError> Exchange::read_target() {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), curl_url_cleanup);
  char* part = nullptr;
  if (breaks_line(call_.url) || curl_url_set(url.get(), CURLUPART_URL, call_.url.c_str(), 0) != CURLUE_OK)
    return TransportError{"PROTOCOL_REFUSED", "the address is not well-formed"};
  curl_url_get(url.get(), CURLUPART_SCHEME, &part, 0);
  const std::string scheme = part == nullptr ? "" : lower_case(part);
  curl_free(part);
  if (scheme != "http" && scheme != "https")
    return TransportError{"PROTOCOL_REFUSED", "only http and https are spoken, not " + scheme};
  part = nullptr;
  curl_url_get(url.get(), CURLUPART_HOST, &part, 0);
  const std::string host = part == nullptr ? "" : lower_case(part);
  curl_free(part);
  may_be_private_ =
      options_.allow_private || std::ranges::find(options_.allowed_hosts, host) != options_.allowed_hosts.end();
  return std::nullopt;
}

std::optional<TransportError> Exchange::add_headers() {
  bool has_key = call_.idempotency_key.empty();
  auto add = [this](const std::string& line) { headers_ = curl_slist_append(headers_, line.c_str()); };
  for (const auto& [name, value] : call_.headers) {
    if (name.empty() || breaks_line(name) || breaks_line(value) || name.find(':') != std::string::npos)
      return TransportError{"PROTOCOL_REFUSED", "a header holds a line break or has no proper name"};
    has_key = has_key || lower_case(name) == "idempotency-key";
    add(value.empty() ? name + ";" : name + ": " + value);
  }
  if (!has_key) add("Idempotency-Key: " + call_.idempotency_key);
  add("Expect:");  // no waiting for 100-continue
  return std::nullopt;
}

void Exchange::set_method_and_body() {
  const bool carries =
      call_.method == "POST" || call_.method == "PUT" || call_.method == "PATCH" || !call_.body.empty();
  if (call_.method == "HEAD") {
    curl_easy_setopt(easy_, CURLOPT_NOBODY, 1L);
  } else if (carries) {
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call_.body.size()));
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, call_.body.data());
  }
  curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, call_.method.c_str());
}

void Exchange::set_limits() {
  const Duration timeout =
      std::min(call_.timeout.count() > 0 ? call_.timeout : options_.default_timeout, options_.max_timeout);
  curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, curl_milliseconds(timeout));
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, curl_milliseconds(std::min(timeout, options_.connect_timeout)));
  curl_easy_setopt(easy_, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(options_.max_response_bytes));
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &Exchange::on_body);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &Exchange::on_header);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy_, CURLOPT_OPENSOCKETFUNCTION, &Exchange::on_open_socket);
  curl_easy_setopt(easy_, CURLOPT_OPENSOCKETDATA, this);
}

std::size_t Exchange::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& e = *static_cast<Exchange*>(self);
  const std::size_t bytes = size * count;
  if (e.outcome_.body.size() + bytes > e.options_.max_response_bytes) {
    e.too_large_ = true;
    return 0;
  }
  e.outcome_.body.append(data, bytes);
  return bytes;
}

std::size_t Exchange::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& e = *static_cast<Exchange*>(self);
  std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) e.outcome_.headers.clear();  // an interim response came before
  const auto colon = line.find(':');
  if (colon != std::string_view::npos && !line.starts_with("HTTP/")) {
    std::string_view value = line.substr(colon + 1);
    const auto from = value.find_first_not_of(" \t");
    const auto to = value.find_last_not_of(" \t\r\n");
    value = from == std::string_view::npos || to == std::string_view::npos || from > to
                ? std::string_view()
                : value.substr(from, to - from + 1);
    e.outcome_.headers.emplace_back(lower_case(line.substr(0, colon)), value);
  }
  return size * count;
}

/// The one place where a connection begins: what is refused here is never spoken to, however its address was come by.
curl_socket_t Exchange::on_open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& e = *static_cast<Exchange*>(self);
  const bool allowed = e.may_be_private_ || is_public_address(address->addr) ||
                       std::ranges::any_of(e.options_.allowed_ranges, [&](const std::string& range) { return address_in_range(address->addr, range); });
  if (!allowed) {
    e.refused_ = address_text(address->addr);
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

TransportError Exchange::error_of(CURLcode result) const {
  const std::string detail = message_[0] != '\0' ? message_ : curl_easy_strerror(result);
  switch (result) {
    case CURLE_OPERATION_TIMEDOUT:
      return {"TIMEOUT", detail};
    case CURLE_COULDNT_RESOLVE_HOST:
      return {"RESOLVE", detail};
    case CURLE_URL_MALFORMAT:
      return {"PROTOCOL_REFUSED", detail};
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
      return {"TLS", detail};
    case CURLE_COULDNT_CONNECT:
      if (!refused_.empty())
        return {"ADDRESS_REFUSED",
                refused_ +
                    " is not a public address; a host inside the network must be allowed in the hub's configuration"};
      return {"CONNECT", detail};
    default:
      return {"NETWORK", detail};
  }
}

void Exchange::finish(CURLcode result) {
  if (too_large_ || result == CURLE_FILESIZE_EXCEEDED)
    return fail(
        {"RESPONSE_TOO_LARGE", "the response has more than " + std::to_string(options_.max_response_bytes) + " bytes"});
  if (result != CURLE_OK) return fail(error_of(result));
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  outcome_.status = static_cast<int>(status);
  done_(std::move(outcome_));
}

void Exchange::fail(TransportError error) {
  done_(HttpOutcome{0, {}, {}, std::move(error)});
}

}  // namespace carillon
