#pragma once
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "engine/runs/run.h"
#include "engine/storage/database.h"

namespace carillon {

/// Where runs go straight from the transaction that creates them to a worker of the same process. Such a run stands in
/// the queue as claimed from the first moment, under a lease like any other: it needs no second transaction to be found,
/// and should this process die, another one takes it over when the lease has run out. What no worker here has a place
/// for is left to the queue. Workers offer places only while they leave nothing waiting there, so nobody is overtaken.
/// Thread-safe.
class RunHandover {
 public:
  /// One worker's places.
  class Seat {
   public:
    Seat(RunHandover& handover, NodeId owner, Duration lease, std::function<void()> wake);
    ~Seat();
    Seat(const Seat&) = delete;
    /// So many more runs the worker could take now, those not counted that are on their way or lie here.
    void offer(int places);
    /// The runs that were handed over and not collected yet. Each is held under its epoch, until the lease from its
    /// creation on runs out.
    std::vector<ClaimedRun> collect();

   private:
    friend class RunHandover;
    RunHandover& handover_;
    NodeId owner_;
    Duration lease_;
    std::function<void()> wake_;
    int places_ = 0;
    int promised_ = 0;  ///< to transactions that have not ended
    std::deque<ClaimedRun> handed_;
  };

  /// Marks as taken as many of `runs` as there are places for, in their order; those that are to begin later are left
  /// out. They are handed over with the commit. Where it does not come to that, the places are free again.
  void take(Tx& tx, std::vector<NewRun>& runs);

 private:
  class Promise;
  std::mutex mutex_;
  std::vector<Seat*> seats_;
};

}  // namespace carillon
