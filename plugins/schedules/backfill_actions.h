#pragma once
#include "plugins/schedules/actions.h"
#include "plugins/schedules/backfill.h"

namespace carillon::schedules {

/// The server actions backfills.preview, .create, .list, .get, .items, .pause, .resume, .cancel.
class BackfillActions {
 public:
  BackfillActions(const Ports& ports, Lifecycle& lifecycle) : p_(ports), life_(lifecycle) {}
  void contribute(PluginHost& host);

 private:
  using Answer = Result<ActionResponse>;
  Answer preview(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer create(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer list(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer get(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer items(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer pause(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer resume(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer cancel(Tx& tx, const TenantContext& who, const ActionRequest& request);

  struct Range {
    Instant from, to;
    bool include_fired = false;
  };
  /// RANGE_REVERSED and TO_IN_FUTURE at /to, TIME_MALFORMED.
  static Result<Range> read_range(Tx& tx, const Json& body);
  /// NOT_RECURRING; RANGE_TOO_LONG at /to. `unsettled`: from this due time on the planner itself decides.
  Result<BackfillPlan> plan(Tx& tx, const Schedule& schedule, Range range, std::optional<Instant> unsettled, const Recurrence& recurrence);
  /// Locked; conflict BACKFILL_ENDED.
  Result<Backfill> lock_open(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer changed(Tx& tx, const TenantContext& who, const Backfill& backfill, const std::string& action);

  Ports p_;
  Lifecycle& life_;
};

}  // namespace carillon::schedules
