#pragma once
#include "engine/runs/program_cache.h"
#include "engine/workflows/payload_schemas.h"
#include "engine/workflows/publish_hook.h"

namespace carillon {

/// What checking a definition found. `problems` is empty exactly when it may be saved and published.
struct DefinitionCheck {
  std::vector<Problem> problems;
  std::shared_ptr<const ParsedDefinition> parsed;  ///< null when refused
  std::string payload_schema;                      ///< canonical text, "" for none
  std::shared_ptr<const schema::Schema> compiled_schema;
};
/// All problems at once: of the document, of its expressions, of its payload schema.
DefinitionCheck check_definition(const DefinitionText& definition, PayloadSchemas& schemas);
Json problems_to_json(const std::vector<Problem>& problems);

struct PublishRequest {
  WorkflowId workflow;
  std::string note;
  std::optional<std::int64_t> draft_revision;  ///< refuse (conflict DRAFT_CHANGED) when the draft has gone on
  std::string plan_hash;                       ///< of publish: refuse (conflict PLAN_STALE) when the plan no longer holds
  PlanPage page;                               ///< of plan
  std::shared_ptr<const PayloadMigration> migration;  ///< null without one
  std::shared_ptr<const PayloadFixes> fixes;          ///< null without any
};

/// The publish pipeline: read and check the draft → hooks prepare, which takes long and locks nothing → lock the head →
/// see that neither draft nor latest version has gone on (else prepare again) → insert version n + 1 → hooks in order.
/// One transaction, the caller's; an Error anywhere leaves nothing behind. Thread-safe.
class Publisher {
 public:
  Publisher(WorkflowStore& store, PayloadSchemas& schemas, std::function<std::vector<PublishHook*>()> hooks)
      : store_(store), schemas_(schemas), hooks_(std::move(hooks)) {}
  /// Answers {workflow_id, version, dry_run} and what the hooks add.
  Result<Json> publish(Tx& tx, const TenantContext& who, const PublishRequest& request);
  /// What publish() would answer now, with schema_changes, the payload schema it would pin, and plan_hash. Locks and writes nothing.
  Result<Json> plan(Tx& tx, const TenantContext& who, const PublishRequest& request);
  const PublishBoard& board() const { return board_; }

 private:
  struct Seen {
    Workflow workflow;
    Draft draft;
  };
  struct Ready {
    DefinitionCheck check;
    std::string old_schema;  ///< of the latest version, "" for none
    std::unique_ptr<Workflow> head;
    std::unique_ptr<PublishIntent> intent;
    std::vector<std::unique_ptr<PreparedPublish>> prepared;  ///< one for each hook
  };
  Result<Seen> look(Tx& tx, const TenantContext& who, const PublishRequest& request, bool locked);
  Result<Ready> prepare(Tx& tx, const TenantContext& who, const PublishRequest& request, const Seen& seen, PublishProgress& progress);
  Result<std::string> fingerprint(Tx& tx, const TenantContext& who, WorkflowId workflow);
  Status check_plan(Tx& tx, const TenantContext& who, const PublishRequest& request, const Seen& seen);

  WorkflowStore& store_;
  PayloadSchemas& schemas_;
  std::function<std::vector<PublishHook*>()> hooks_;
  PublishBoard board_;
};

}  // namespace carillon
