#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "engine/base/service.h"
#include "engine/events/event_store.h"
#include "web/api/authenticator.h"
#include "web/http/websocket.h"

namespace carillon::api {

/// The live side of the API: WebSocket sessions of a node and the loop that hands them what the change stream brings.
/// Each session gets every batch of its tenant after its own sequence number exactly once, in order.
class StreamHub {
 public:
  StreamHub(Database& db, EventStore& events, Authenticator& authenticator, Logger& log);
  ~StreamHub();
  web::WebSocketEndpoint endpoint();
  Service& service() { return loop_; }
  /// Something was emitted somewhere.
  void notify() { loop_.notify(); }
  std::size_t sessions() const;

  /// One subscriber. Public for its session.
  struct Subscriber {
    TenantContext who;
    std::shared_ptr<web::WebSocketPeer> peer;
    std::int64_t seq = 0;
    std::set<std::string> topics;  ///< that it may see
  };
  void subscribe(std::shared_ptr<Subscriber> subscriber, std::optional<std::int64_t> since);
  void unsubscribe(const std::shared_ptr<Subscriber>& subscriber);

 private:
  Duration tick();
  Database& db_;
  EventStore& events_;
  Authenticator& authenticator_;
  mutable std::mutex mutex_;
  std::map<TenantId, std::set<std::shared_ptr<Subscriber>>> subscribers_;
  LoopService loop_;
};

}  // namespace carillon::api
