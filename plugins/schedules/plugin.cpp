#include "plugins/schedules/plugin.h"

#include "plugins/schedules/bulk_actions.h"
#include "plugins/schedules/backfill_actions.h"
#include "plugins/schedules/history_actions.h"
#include "plugins/schedules/maintenance.h"
#include "plugins/schedules/publish_actions.h"
#include "plugins/schedules/publish_hook.h"
#include "plugins/schedules/retention.h"
#include "plugins/schedules/secret_schedules.h"
#include "plugins/schedules/stats_hook.h"

namespace carillon::schedules {
namespace {

/// Adds `schedules: {total, invalid}` to workflows.
class CountsDecorator final : public WorkflowDecorator {
 public:
  explicit CountsDecorator(ScheduleStore& schedules) : schedules_(schedules) {}
  carillon::Status decorate(Tx& tx, TenantId tenant, std::vector<Json>& views) override {
    CARILLON_TRY(auto counts, schedules_.counts(tx, tenant));
    for (auto& view : views) {
      auto it = counts.find(*WorkflowId::parse(view["id"].get_ref<const std::string&>()));
      if (it != counts.end()) view["schedules"] = {{"total", it->second.total}, {"invalid", it->second.invalid}};
    }
    return ok();
  }

 private:
  ScheduleStore& schedules_;
};

class SchedulesPlugin final : public Plugin {
 public:
  explicit SchedulesPlugin(const Ports& ports)
      : p_(ports), settler_(p_.schedules, p_.runs, p_.starter, p_.registrations, p_.zones, p_.ids, p_.policy),
        lifecycle_(p_.schedules, p_.jobs, p_.registrations, settler_, p_.zones), actions_(p_, lifecycle_), history_(p_, actions_), publish_(p_),
        backfill_actions_(p_, lifecycle_), maintenance_actions_(p_.maintenance, p_.registrations, p_.ids) {}

  std::string id() const override { return "schedules"; }
  std::string version() const override { return "1"; }
  void contribute(PluginHost& host) override {
    host.migrations("schedules");
    host.migrations("legacy");
    host.permission("schedules.view", "viewer");
    host.permission("schedules.manage", "editor");
    host.publish_hook(std::make_unique<RebindHook>(p_.schedules, p_.publishing, p_.registrations, lifecycle_, p_.redaction, p_.secrets, p_.zones));
    host.retention_hook(std::make_unique<ScheduleRetention>(p_.retention, p_.kept));
    host.secret_user(std::make_unique<SecretSchedules>(p_.schedules));
    // In this order: who holds a backlog's registration may come to want the counts, so these are taken after it.
    host.run_hook(std::make_unique<RoomHook>(p_.schedules, p_.registrations));
    host.run_hook(std::make_unique<StatsHook>(p_.schedules, p_.registrations, lifecycle_));
    host.run_hook(std::make_unique<BackfillHook>(p_.backfills, p_.registrations));
    host.workflow_decorator(std::make_unique<CountsDecorator>(p_.schedules));
    host.job_handler(kJobKind, std::make_unique<FireHandler>(p_.schedules, p_.runs, p_.starter, p_.registrations, p_.zones, p_.ids, p_.policy));
    host.job_handler(kBacklogKind, std::make_unique<BacklogHandler>(p_.schedules, p_.runs, p_.starter, p_.registrations, p_.ender, p_.clock_guard,
                                                                    p_.zones, p_.ids));
    host.job_handler(kBackfillKind, std::make_unique<BackfillHandler>(p_.backfills, p_.schedules, p_.starter, p_.ids));
    host.job_handler(kMaintenanceEndKind, std::make_unique<MaintenanceEndHandler>(p_.maintenance, p_.registrations));
    actions_.contribute(host);
    history_.contribute(host);
    publish_.contribute(host);
    bulk_.contribute(host);
    host.service(std::move(own_bulk_loop_));
    backfill_actions_.contribute(host);
    maintenance_actions_.contribute(host);
    host.navigation({"schedules", "Schedules", "/schedules", "schedules.view"});
  }

 private:
  Ports p_;
  FireHandler settler_;
  Lifecycle lifecycle_;
  ScheduleActions actions_;
  HistoryActions history_;
  PublishActions publish_;
  BulkRunner bulk_runner_{p_, actions_};
  std::unique_ptr<LoopService> own_bulk_loop_ = std::make_unique<LoopService>("bulk", p_.log, [this] { return bulk_runner_.tick(); });
  LoopService* bulk_loop_ = own_bulk_loop_.get();  // the host's, once contributed
  BulkActions bulk_{p_, [this] { bulk_loop_->notify(); }};
  BackfillActions backfill_actions_;
  MaintenanceActions maintenance_actions_;
};

}  // namespace

std::unique_ptr<Plugin> make_plugin(const Ports& ports) { return std::make_unique<SchedulesPlugin>(ports); }

}  // namespace carillon::schedules
