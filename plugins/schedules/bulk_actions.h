#pragma once
#include "plugins/schedules/bulk_runner.h"

namespace carillon::schedules {

/// The server actions schedules.bulk, .bulk_list, .bulk_get, .bulk_items, .bulk_cancel, .bulk_undo.
class BulkActions {
 public:
  /// `wake` is called after the commit of a new job.
  BulkActions(const Ports& ports, std::function<void()> wake) : p_(ports), wake_(std::move(wake)) {}
  void contribute(PluginHost& host);

 private:
  using Answer = Result<ActionResponse>;
  Answer start(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer list(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer get(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer items(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer cancel(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer undo(Tx& tx, const TenantContext& who, const ActionRequest& request);

  Result<BulkJob> found(Result<BulkJob> job) const;
  BulkJob new_job(Tx& tx, const TenantContext& who, BulkAction action, Json arguments) const;
  carillon::Status choose_ids(Tx& tx, const Json& ids, BulkJob& job);
  carillon::Status choose_matching(Tx& tx, const Json& body, BulkJob& job);
  ActionResponse begun(Tx& tx, const TenantContext& who, const BulkJob& job, const std::string& action);
  Ports p_;
  std::function<void()> wake_;
};

}  // namespace carillon::schedules
