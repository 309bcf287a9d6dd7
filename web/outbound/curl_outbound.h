#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/base/log.h"
#include "engine/base/service.h"
#include "engine/runs/outbound.h"

namespace carillon {

struct OutboundOptions {
  bool allow_private =
      false;  ///< loopback, link-local, private, carrier-grade NAT, metadata, multicast, reserved addresses
  /// Hosts (exact, lower case, as in the URL) that may resolve to such addresses although allow_private is off.
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> allowed_ranges;  ///< "10.1.0.0/16": addresses that may be called although allow_private is off
  std::size_t max_response_bytes = 1 << 20;
  std::size_t max_concurrent = 256;  ///< exchanges at once; further ones queue
  std::size_t max_queued = 10'000;   ///< further ones end with BUSY
  std::size_t max_per_host = 64;     ///< connections to one host
  Duration connect_timeout{10'000'000};
  Duration default_timeout{30'000'000};  ///< for calls without a timeout
  Duration max_timeout{300'000'000};     ///< upper bound
  std::string user_agent = "carillon";
};

/// OutboundHttp over libcurl's multi interface: one thread for all exchanges, connections reused, redirections never
/// followed, http and https only, proxies of the environment ignored. Refuses addresses inside the network (see
/// options) where the connection is really opened, so neither DNS answers nor odd spellings of an address get around
/// it.
class CurlOutbound final : public OutboundHttp, public Service {
 public:
  CurlOutbound(OutboundOptions options, Logger& log);
  ~CurlOutbound() override;
  std::string_view name() const override { return "outbound http"; }
  void start() override;
  void stop() override;  ///< ends what runs with ABORTED
  Ticket start(const HttpCall& call, Callback done) override;
  void cancel(Ticket ticket) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace carillon
