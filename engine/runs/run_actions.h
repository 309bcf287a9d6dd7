#pragma once
#include "engine/plugin/plugin.h"
#include "engine/redaction/redaction.h"
#include "engine/runs/handover.h"
#include "engine/runs/run_store.h"
#include "engine/secrets/secret_store.h"
#include "engine/workflows/payload_schemas.h"

namespace carillon {

/// Creates runs, the same way for every asker (a schedule's fire, by hand, retry, run now, backfill).
class RunStarter {
 public:
  RunStarter(RunStore& runs, RunHandover& handover, IdSource& ids) : runs_(runs), handover_(handover), ids_(ids) {}
  /// Stores the runs as they are and emits their events. Workers of this process that have places begin with them.
  Status create(Tx& tx, std::vector<NewRun> runs);
  /// Stores the run, emits its event and answers {run_id, queue_position, estimated_start, state}.
  Result<Json> start(Tx& tx, NewRun run);

 private:
  RunStore& runs_;
  RunHandover& handover_;
  IdSource& ids_;
};

/// The core's server actions on runs: runs.start, .list, .get, .cancel, .retry.
class RunActions {
 public:
  RunActions(RunStore& runs, WorkflowStore& workflows, PayloadSchemas& schemas, SecretStore& secrets, Redaction& redaction, RunStarter& starter)
      : runs_(runs), workflows_(workflows), schemas_(schemas), secrets_(secrets), redaction_(redaction), starter_(starter) {}
  void contribute(PluginHost& host);

 private:
  using Answer = Result<ActionResponse>;
  Answer start(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer list(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer get(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer cancel(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer retry(Tx& tx, const TenantContext& who, const ActionRequest& request);
  Answer view(Tx& tx, const TenantContext& who, RunId id);

  RunStore& runs_;
  WorkflowStore& workflows_;
  PayloadSchemas& schemas_;
  SecretStore& secrets_;
  Redaction& redaction_;
  RunStarter& starter_;
};

/// A run as lists show it.
Json run_json(const Run& run);

/// "normal" and so on in a request's body, normal if absent.
Priority priority_in(const Json& body);

}  // namespace carillon
