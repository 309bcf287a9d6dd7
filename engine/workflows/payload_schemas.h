#pragma once
#include <memory>

#include "engine/schema/schema_cache.h"
#include "engine/workflows/workflow_store.h"

namespace carillon {

/// Compiled payload schemas by their text, shared by a process. Thread-safe; bounded.
class PayloadSchemas {
 public:
  explicit PayloadSchemas(WorkflowStore& store) : store_(store) {}
  /// Of a published version; null when it pins none. not_found.
  Result<std::shared_ptr<const schema::Schema>> of_version(Tx& tx, TenantId tenant, WorkflowId workflow, std::int64_t number);
  /// Of a stored or new text; null for "". invalid with the reason of schema::Schema::compile.
  Result<std::shared_ptr<const schema::Schema>> of_text(const std::string& text);

 private:
  WorkflowStore& store_;
  schema::SchemaCache cache_;
};

/// invalid PAYLOAD_INVALID with every violation when `payload` does not fit; the message names how many and the first.
/// Secret references count as texts (schema/secret_reference.h), placeholders of hidden values (redaction/redactor.h) fit
/// nowhere. Violations tell nothing of what is in a marked value.
Status check_payload(const schema::Schema& schema, const Json& payload, const std::string& field);

}  // namespace carillon
