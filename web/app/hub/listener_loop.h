#pragma once
#include <memory>
#include <vector>

#include "engine/base/service.h"
#include "engine/events/event_store.h"
#include "engine/events/listener_store.h"
#include "engine/plugin/plugin.h"

namespace carillon {

/// Hands the change stream of every tenant to the listeners of the plugins. How far each has heard moves in the
/// transaction that held its place, so nodes take turns and a crash repeats a batch, never leaves one out.
class ListenerLoop {
 public:
  ListenerLoop(Database& db, EventStore& events, ListenerStore& positions, const std::vector<std::unique_ptr<Listener>>& listeners, Logger& log);
  Service& service() { return loop_; }
  void notify() { loop_.notify(); }

 private:
  Duration tick();
  /// True when there is more for this listener and tenant.
  Result<bool> deliver(Tx& tx, TenantId tenant, Listener& listener);
  Database& db_;
  EventStore& events_;
  ListenerStore& positions_;
  const std::vector<std::unique_ptr<Listener>>& listeners_;
  Logger& log_;
  LoopService loop_;
};

}  // namespace carillon
