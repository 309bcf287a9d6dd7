#include "engine/runs/worker_pool.h"

#include <algorithm>

namespace carillon {

WorkerPool::WorkerPool(int workers, const WorkerOptions& options, const Make& make, Metrics& metrics, Logger& log)
    : held_gauge_(metrics.gauge("carillon_runs_held", "Runs this node holds a lease for")) {
  const int count = std::clamp(workers, 1, std::max(options.concurrency, 1));
  for (int n = 0; n < count; ++n) {
    WorkerOptions share = options;
    share.concurrency = options.concurrency / count + (n < options.concurrency % count ? 1 : 0);
    auto seat = std::make_unique<Seat>();
    Seat* s = seat.get();
    s->worker = make(share, [s] { s->loop->notify(); });
    s->loop = std::make_unique<LoopService>("worker", log, [this, s] {
      const Duration pause = s->worker->tick();
      held_gauge_.set(held());
      return pause;
    });
    seats_.push_back(std::move(seat));
  }
}

void WorkerPool::start() {
  for (auto& seat : seats_) seat->loop->start();
}

void WorkerPool::notify() {
  for (auto& seat : seats_) seat->loop->notify();
}

void WorkerPool::drain() {
  for (auto& seat : seats_) seat->worker->drain();
}

void WorkerPool::stop() {
  for (auto& seat : seats_) seat->loop->stop();
}

void WorkerPool::hand_back_all() {
  for (auto& seat : seats_) seat->worker->hand_back_all();
}

int WorkerPool::held() const {
  int out = 0;
  for (const auto& seat : seats_) out += seat->worker->held();
  return out;
}

}  // namespace carillon
