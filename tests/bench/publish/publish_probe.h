#pragma once
#include <functional>
#include <string>
#include <vector>

#include "plugins/schedules/publish_hook.h"

namespace carillon::bench {

/// Seconds spent in each call of the store, in the order of their first use.
class CallTimes {
 public:
  template <class Work>
  auto time(const char* name, Work&& work) {
    const auto begin = std::chrono::steady_clock::now();
    auto out = work();
    add(name, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    return out;
  }
  void print() const;

 private:
  struct Entry {
    std::string name;
    int calls = 0;
    double seconds = 0;
  };
  void add(const char* name, double seconds);
  std::vector<Entry> entries_;
};

/// A PublishStore that is looked at while it works.
class TimedPublishStore final : public schedules::PublishStore {
 public:
  TimedPublishStore(schedules::PublishStore& store, CallTimes& times) : store_(store), times_(times) {}
  Result<std::int64_t> count(Tx& tx, TenantId tenant, WorkflowId workflow) override;
  Result<std::vector<schedules::PublishRow>> read(Tx& tx, const schedules::PublishRead& read) override;
  Result<std::vector<schedules::PublishHead>> lock(Tx& tx, TenantId tenant, WorkflowId workflow) override;
  Result<std::vector<schedules::Schedule>> whole(Tx& tx, TenantId tenant, std::span<const ScheduleId> ids) override;
  Status bind(Tx& tx, TenantId tenant, std::int64_t version, std::span<const ScheduleId> ids) override;
  Status migrate(Tx& tx, std::span<const schedules::Schedule> schedules) override;
  Status add_versions(Tx& tx, TenantId tenant, std::span<const NewVersion> versions) override;
  Result<std::vector<RegistrationId>> due(Tx& tx, TenantId tenant, WorkflowId workflow, Instant until) override;
  Result<std::string> fingerprint(Tx& tx, TenantId tenant, WorkflowId workflow) override;
  Result<schedules::PublishChanges> changes_since(Tx& tx, TenantId tenant, WorkflowId workflow, Instant since) override;
  Status put_verdicts(Tx& tx, TenantId tenant, WorkflowId workflow, std::int64_t version, std::int64_t page, const std::string& text) override;
  Result<std::optional<std::string>> verdicts(Tx& tx, TenantId tenant, WorkflowId workflow, std::int64_t version, std::int64_t page) override;

 private:
  schedules::PublishStore& store_;
  CallTimes& times_;
};

/// The hook of the schedules, with the moments between which nothing is locked and everything is.
class TimedHook final : public PublishHook {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;
  TimedHook(PublishHook& hook) : hook_(hook) {}
  Result<std::unique_ptr<PreparedPublish>> prepare(Tx& tx, const PublishIntent& intent) override;
  Status on_publish(Tx& tx, const PublishContext& context, Json& answer) override;
  Status on_plan(Tx& tx, const PublishIntent& intent, PreparedPublish* prepared, const PlanPage& page, Json& answer) override {
    return hook_.on_plan(tx, intent, prepared, page, answer);
  }
  Result<std::string> fingerprint(Tx& tx, TenantId tenant, WorkflowId workflow) override { return hook_.fingerprint(tx, tenant, workflow); }
  SteadyTime prepared_at() const { return prepared_at_; }
  SteadyTime done_at() const { return done_at_; }

 private:
  PublishHook& hook_;
  SteadyTime prepared_at_, done_at_;
};

}  // namespace carillon::bench
