#pragma once
#include "engine/workflows/publish_hook.h"
#include "plugins/schedules/lifecycle.h"

namespace carillon::schedules {

/// Revalidates every schedule of a workflow against the new version and rebinds those that fit, in the publish
/// transaction. Adds `schedules` (each with its verdict) and `counts` to the answer.
class RebindHook final : public PublishHook {
 public:
  RebindHook(ScheduleStore& schedules, JobStore& registrations, Lifecycle& lifecycle, const ZoneDatabase& zones)
      : schedules_(schedules), registrations_(registrations), life_(lifecycle), zones_(zones) {}
  carillon::Status on_publish(Tx& tx, const PublishContext& context, Json& answer) override;

 private:
  Result<Json> rebind(Tx& tx, const PublishContext& context, Schedule& schedule);

  ScheduleStore& schedules_;
  JobStore& registrations_;
  Lifecycle& life_;
  const ZoneDatabase& zones_;
};

}  // namespace carillon::schedules
