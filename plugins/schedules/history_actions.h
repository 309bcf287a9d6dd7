#pragma once
#include "plugins/schedules/actions.h"
#include "plugins/schedules/explain.h"

namespace carillon::schedules {

/// Server actions on a schedule's past: schedules.explain, .versions, .version, .compare, .restore.
class HistoryActions {
 public:
  HistoryActions(const Ports& ports, ScheduleActions& actions) : p_(ports), actions_(actions) {}
  void contribute(PluginHost& host);

 private:
  using Answer = Result<ActionResponse>;
  Answer explain_at(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer versions(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer version(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer compare(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer restore(Tx& tx, const TenantContext& who, const ActionRequest& request);

  struct Kept {
    ScheduleVersion version;
    Json payload;
  };
  /// not_found (field "revision").
  Result<Kept> kept(Tx& tx, const TenantContext& who, ScheduleId id, std::int64_t revision, const std::string& field);
  /// What is hidden from `who` in the payloads of these versions: what any of them hides, or the schedule now.
  Result<Redactor> redactor_of(Tx& tx, const TenantContext& who, ScheduleId id, std::initializer_list<const Kept*> versions);
  /// The version in force at the moment and, where another decided, that one; the holds of then.
  carillon::Status add_versions(Tx& tx, const TenantContext& who, const Schedule& now, Facts& facts);
  Result<Facts> facts_at(Tx& tx, const TenantContext& who, const ScheduleView& view, Instant at);

  Ports p_;
  ScheduleActions& actions_;
};

}  // namespace carillon::schedules
