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
  bool dry_run = false;                        ///< the caller rolls back afterwards
};

/// The publish pipeline: lock the head → check the draft → insert version n + 1 → hooks in order. One transaction, the
/// caller's; an Error anywhere leaves nothing behind.
class Publisher {
 public:
  Publisher(WorkflowStore& store, PayloadSchemas& schemas, std::function<std::vector<PublishHook*>()> hooks)
      : store_(store), schemas_(schemas), hooks_(std::move(hooks)) {}
  /// Answers {workflow_id, version, dry_run} and what the hooks add.
  Result<Json> publish(Tx& tx, const TenantContext& who, const PublishRequest& request);

 private:
  WorkflowStore& store_;
  PayloadSchemas& schemas_;
  std::function<std::vector<PublishHook*>()> hooks_;
};

}  // namespace carillon
