#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "engine/base/ids.h"

namespace carillon {

/// How far one publish has come. Written by it, read by anybody. Thread-safe.
struct PublishProgress {
  /// reading: how many there are; validating: their payloads, page by page, nothing locked; writing: what became of them.
  enum class Phase { reading, validating, writing };
  std::atomic<Phase> phase{Phase::reading};
  std::atomic<std::int64_t> done{0}, total{0};  ///< schedules
};

/// The publishes and plans that are under way on this node, by workflow. Thread-safe.
class PublishBoard {
 public:
  /// Shown until the answer is destroyed. Of several at a time of one workflow the newest is shown.
  std::shared_ptr<PublishProgress> begin(TenantId tenant, WorkflowId workflow) {
    auto progress = std::make_shared<PublishProgress>();
    std::lock_guard lock(mutex_);
    std::erase_if(shown_, [](const auto& entry) { return entry.second.expired(); });
    shown_[{tenant, workflow}] = progress;
    return progress;
  }
  /// Null when nothing is under way.
  std::shared_ptr<const PublishProgress> find(TenantId tenant, WorkflowId workflow) const {
    std::lock_guard lock(mutex_);
    auto it = shown_.find({tenant, workflow});
    return it == shown_.end() ? nullptr : it->second.lock();
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<TenantId, WorkflowId>, std::weak_ptr<PublishProgress>> shown_;
};

}  // namespace carillon
