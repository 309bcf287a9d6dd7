#pragma once
#include "engine/redaction/redaction.h"
#include "engine/secrets/secret_store.h"
#include "plugins/schedules/lifecycle.h"
#include "plugins/schedules/publish_verdict.h"

namespace carillon::schedules {

/// Revalidates every schedule of a workflow against the new version and rebinds those that fit, in the publish
/// transaction. What takes long, reading and checking payloads, comes before the lock; inside only those are checked
/// that have changed since. Adds `schedules` (the first kAnswerLines, those whose state changed first), `next_cursor`
/// for the rest and `counts` to the answer, and keeps every verdict with the version.
class RebindHook final : public PublishHook {
 public:
  RebindHook(ScheduleStore& schedules, PublishStore& store, JobStore& registrations, Lifecycle& lifecycle, Redaction& redaction, SecretStore& secrets,
             const ZoneDatabase& zones)
      : schedules_(schedules), store_(store), registrations_(registrations), life_(lifecycle), redaction_(redaction), secrets_(secrets), zones_(zones) {}
  Result<std::unique_ptr<PreparedPublish>> prepare(Tx& tx, const PublishIntent& intent) override;
  carillon::Status on_publish(Tx& tx, const PublishContext& context, Json& answer) override;
  carillon::Status on_plan(Tx& tx, const PublishIntent& intent, PreparedPublish* prepared, const PlanPage& page, Json& answer) override;
  Result<std::string> fingerprint(Tx& tx, TenantId tenant, WorkflowId workflow) override { return store_.fingerprint(tx, tenant, workflow); }
  Result<std::vector<std::string>> changes_since(Tx& tx, TenantId tenant, WorkflowId workflow, Instant planned_at) override;

 private:
  struct Work;
  struct Settling;
  carillon::Status settle(Tx& tx, Work& work, std::span<const ScheduleId> ids);
  Result<Settling> decide(Tx& tx, Work& work, Schedule& schedule, const Registration* registration);
  carillon::Status write(Tx& tx, Work& work, std::span<Settling> settled);
  carillon::Status tell(Tx& tx, const Work& work);
  carillon::Status keep(Tx& tx, const Work& work, Json& answer);
  carillon::Status hold_what_is_due(Tx& tx, const Work& work);
  Result<Redactor> redactor_of(Tx& tx, const PublishIntent& intent);
  Result<Json> planned_changes(Tx& tx, const PublishIntent& intent, const Fitter& fitter, std::span<const VerdictLine> lines);

  ScheduleStore& schedules_;
  PublishStore& store_;
  JobStore& registrations_;
  Lifecycle& life_;
  Redaction& redaction_;
  SecretStore& secrets_;
  const ZoneDatabase& zones_;
};

}  // namespace carillon::schedules
