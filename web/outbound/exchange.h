#pragma once
#include <curl/curl.h>

#include <memory>
#include <string>

#include "web/outbound/curl_outbound.h"

namespace carillon {

/// One request on its way through libcurl. Lives and is used on the adapter's thread only. Included by this folder's
/// .cpp files only: curl stays out of everybody else's.
class Exchange {
 public:
  Exchange(OutboundHttp::Ticket ticket, HttpCall call, OutboundHttp::Callback done, const OutboundOptions& options);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  OutboundHttp::Ticket ticket() const { return ticket_; }
  CURL* easy() const { return easy_; }
  /// Makes the curl handle; the reason if the call cannot be sent at all.
  std::optional<TransportError> prepare();
  /// Calls back with what curl's result means. Once.
  void finish(CURLcode result);
  void fail(TransportError error);

 private:
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  std::optional<TransportError> read_target();
  std::optional<TransportError> add_headers();
  void set_method_and_body();
  void set_limits();
  TransportError error_of(CURLcode result) const;

  OutboundHttp::Ticket ticket_;
  HttpCall call_;
  OutboundHttp::Callback done_;
  const OutboundOptions& options_;
  CURL* easy_ = nullptr;
  curl_slist* headers_ = nullptr;
  HttpOutcome outcome_;
  std::string refused_;  ///< the address that was not connected to
  bool may_be_private_ = false;
  bool too_large_ = false;
  char message_[CURL_ERROR_SIZE] = "";
};

}  // namespace carillon
