#include "web/app/hub/listener_loop.h"

namespace carillon {
namespace {

constexpr int kTenantsAtOnce = 200;
constexpr int kBatchesOfATenant = 100;
constexpr Duration kLongestListenerPause{1'000'000};

}  // namespace

ListenerLoop::ListenerLoop(Database& db, EventStore& events, ListenerStore& positions, const std::vector<std::unique_ptr<Listener>>& listeners,
                           Logger& log)
    : db_(db), events_(events), positions_(positions), listeners_(listeners), log_(log), loop_("listeners", log, [this] { return tick(); }) {}

Result<bool> ListenerLoop::deliver(Tx& tx, TenantId tenant, Listener& listener) {
  CARILLON_TRY(auto heard, positions_.take(tx, tenant, listener.name()));
  if (!heard) return false;
  CARILLON_TRY(auto batches, events_.after(tx, tenant, *heard, kBatchesOfATenant));
  std::int64_t seq = *heard;
  bool failed = false;
  for (const auto& batch : batches) {
    try {
      listener.on_events(batch);
    } catch (const std::exception& e) {
      log_.error("listener failed", {{"listener", listener.name()}, {"seq", batch.seq}, {"error", std::string(e.what())}});
      failed = true;
      break;
    }
    seq = batch.seq;
  }
  if (batches.empty()) {
    // What it had not heard is no longer kept.
    CARILLON_TRY(seq, events_.head(tx, tenant));
  }
  CARILLON_CHECK(positions_.move(tx, tenant, listener.name(), seq));
  return !failed && static_cast<int>(batches.size()) == kBatchesOfATenant;
}

Duration ListenerLoop::tick() {
  bool more = false;
  for (const auto& listener : listeners_) {
    auto tenants = transact_system(db_, [&](Tx& tx) { return positions_.behind(tx, listener->name(), kTenantsAtOnce); });
    if (!tenants) return kLongestListenerPause;
    more = more || static_cast<int>(tenants->size()) == kTenantsAtOnce;
    for (const TenantId tenant : *tenants) {
      if (loop_.stopping()) return Duration{0};
      auto left = transact_system(db_, [&](Tx& tx) { return deliver(tx, tenant, *listener); });
      if (!left) return kLongestListenerPause;
      more = more || *left;
    }
  }
  return more ? Duration{0} : kLongestListenerPause;
}

}  // namespace carillon
