#pragma once
#include <memory>

#include "engine/base/json.h"
#include "engine/schema/schema.h"
#include "engine/storage/database.h"
#include "engine/tenancy/tenancy.h"
#include "engine/workflows/workflow.h"

namespace carillon {

/// What a publish hook learns. The head is locked; the new version is already inserted.
struct PublishContext {
  const TenantContext& who;
  const Workflow& workflow;        ///< the head as it will be
  const WorkflowVersion& version;  ///< the new version
  const schema::Schema* payload_schema = nullptr;  ///< null when the version pins none
  bool dry_run = false;            ///< the transaction will be rolled back; write as always
};

/// Joins the publish transaction, in the order of registration. An Error aborts the publish, whole.
class PublishHook {
 public:
  virtual ~PublishHook() = default;
  /// Adds its part to the publish's answer (top-level keys of `answer`).
  virtual Status on_publish(Tx& tx, const PublishContext& context, Json& answer) = 0;
};

}  // namespace carillon
