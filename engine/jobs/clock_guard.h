#pragma once
#include <mutex>
#include <set>

#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/base/log.h"
#include "engine/base/metrics.h"

namespace carillon {

/// Watches the database's clock against this machine's monotonic one (semantics.md, "Clock jumps"). After a step
/// forward of more than a minute nothing is caught up until three minutes have passed without another, or an operator
/// says so; what is live goes on. Thread-safe.
class ClockGuard {
 public:
  ClockGuard(const Clock& clock, Metrics& metrics, Logger& log);
  /// Tells it what the database's clock says now.
  void observe(Instant database_now);
  bool catch_up_held() const;
  /// By an operator: the new time is right. Answers whether anything was held.
  bool release();

  struct Jump {
    Instant at;      ///< on the database's clock, after the step
    Duration step;
    Instant before;  ///< what this node saw last before the step
  };
  /// The jump that holds catch-up, for a tenant who has not been told of it by this node. Others see the same jump at
  /// moments of their own, see told_since().
  std::optional<Jump> untold(TenantId tenant) const;
  void told(TenantId tenant);
  /// Whoever told of something after this told of `jump`, whichever node it was. Every look after a step is later than every
  /// look before it, so what was told after `before` is of this jump or, where this node has not looked for so long, of one
  /// that is part of it. Not further back than two holds: by then it is another one, of a clock that goes to and fro.
  static Instant told_since(const Jump& jump, Instant now);

 private:
  const Clock& clock_;
  Logger& log_;
  Gauge& held_;
  Counter& jumps_;
  mutable std::mutex mutex_;
  std::optional<Instant> last_seen_;
  Duration last_steady_{0};
  std::optional<Duration> held_until_;  ///< on the monotonic clock
  Jump jump_{};
  std::set<TenantId> told_;  ///< of jump_
};

}  // namespace carillon
