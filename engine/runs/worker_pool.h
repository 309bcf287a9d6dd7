#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "engine/base/service.h"
#include "engine/runs/worker.h"

namespace carillon {

/// The workers of a process, each on a thread of its own: while the transaction of one is under way another computes.
/// They take runs from the one queue as workers of different nodes do. Thread-safe after start().
class WorkerPool {
 public:
  using Make = std::function<std::unique_ptr<Worker>(const WorkerOptions& options, std::function<void()> wake)>;
  /// `options` are those of all together: each gets its share of the concurrency. At most `workers`, at least one.
  WorkerPool(int workers, const WorkerOptions& options, const Make& make, Metrics& metrics, Logger& log);
  void start();
  /// There may be something to claim.
  void notify();
  /// Stops claiming; the runs they hold go on.
  void drain();
  void stop();
  /// Gives back what is still held, so that another node goes on at once. After stop().
  void hand_back_all();
  int held() const;

 private:
  struct Seat {
    std::unique_ptr<Worker> worker;
    std::unique_ptr<LoopService> loop;
  };
  Gauge& held_gauge_;
  std::vector<std::unique_ptr<Seat>> seats_;
};

}  // namespace carillon
