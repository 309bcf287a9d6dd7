#include "engine/runs/handover.h"

#include <algorithm>
#include <memory>

namespace carillon {
namespace {

ClaimedRun begun(const NewRun& run) {
  ClaimedRun out;
  out.tenant = run.tenant;
  out.id = run.id;
  out.workflow = run.workflow;
  out.version = run.version;
  out.input = run.input;
  out.provenance = run.provenance;
  out.created_at = run.created_at;
  out.epoch = kFirstEpoch;
  out.priority = run.priority;
  out.settings = run.settings;
  return out;
}

bool holds(const std::vector<RunHandover::Seat*>& seats, const RunHandover::Seat* seat) { return std::ranges::find(seats, seat) != seats.end(); }

}  // namespace

/// Places promised to one transaction at one seat. Kept by what the transaction does after its commit, so it goes with it.
class RunHandover::Promise {
 public:
  Promise(RunHandover& handover, Seat& seat, std::vector<ClaimedRun> runs)
      : handover_(handover), seat_(&seat), places_(static_cast<int>(runs.size())), runs_(std::move(runs)) {}
  Promise(const Promise&) = delete;
  ~Promise() { give_back(); }

  void keep() {
    std::function<void()> wake;
    {
      std::lock_guard lock(handover_.mutex_);
      if (!holds(handover_.seats_, seat_)) return;  // the worker is gone; their leases will run out
      std::ranges::move(runs_, std::back_inserter(seat_->handed_));
      seat_->promised_ -= std::exchange(places_, 0);
      wake = seat_->wake_;
    }
    wake();
  }

 private:
  void give_back() {
    std::lock_guard lock(handover_.mutex_);
    if (holds(handover_.seats_, seat_)) seat_->promised_ -= places_;
  }

  RunHandover& handover_;
  Seat* seat_;
  int places_;
  std::vector<ClaimedRun> runs_;
};

RunHandover::Seat::Seat(RunHandover& handover, NodeId owner, Duration lease, std::function<void()> wake)
    : handover_(handover), owner_(owner), lease_(lease), wake_(std::move(wake)) {
  std::lock_guard lock(handover_.mutex_);
  handover_.seats_.push_back(this);
}

RunHandover::Seat::~Seat() {
  std::lock_guard lock(handover_.mutex_);
  std::erase(handover_.seats_, this);
}

void RunHandover::Seat::offer(int places) {
  std::lock_guard lock(handover_.mutex_);
  places_ = places;
}

std::vector<ClaimedRun> RunHandover::Seat::collect() {
  std::lock_guard lock(handover_.mutex_);
  std::vector<ClaimedRun> out(std::move_iterator(handed_.begin()), std::move_iterator(handed_.end()));
  handed_.clear();
  // They take places now; how many are left the worker says when it has begun them.
  places_ = std::max(0, places_ - static_cast<int>(out.size()));
  return out;
}

void RunHandover::take(Tx& tx, std::vector<NewRun>& runs) {
  std::lock_guard lock(mutex_);
  const auto free = [](const Seat* seat) { return seat->places_ - seat->promised_ - static_cast<int>(seat->handed_.size()); };
  auto run = runs.begin();
  while (run != runs.end() && !seats_.empty()) {
    Seat& seat = **std::ranges::max_element(seats_, {}, free);
    const int places = free(&seat);
    if (places <= 0) return;
    std::vector<ClaimedRun> mine;
    for (; run != runs.end() && static_cast<int>(mine.size()) < places; ++run) {
      if (run->not_before) continue;
      run->taken = RunTaken{seat.owner_, run->created_at + seat.lease_};
      mine.push_back(begun(*run));
    }
    if (mine.empty()) return;
    seat.promised_ += static_cast<int>(mine.size());
    tx.after_commit([promise = std::make_shared<Promise>(*this, seat, std::move(mine))] { promise->keep(); });
  }
}

}  // namespace carillon
