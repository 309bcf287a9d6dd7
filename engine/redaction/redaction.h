#pragma once
#include <map>
#include <mutex>

#include "engine/redaction/redaction_store.h"
#include "engine/redaction/redactor.h"
#include "engine/tenancy/tenancy.h"
#include "engine/workflows/payload_schemas.h"

namespace carillon {

/// Who has it sees payloads as they are stored.
inline constexpr const char* kRevealPermission = "payloads.reveal";

/// Makes the redactor of a payload: of the version whose schema it was saved with, and of the tenant's patterns as they
/// are now. Versions are remembered, patterns are read each time. Thread-safe.
class Redaction {
 public:
  Redaction(PayloadSchemas& schemas, RedactionStore& store) : schemas_(schemas), store_(store) {}
  /// What is hidden from everybody without kRevealPermission.
  Result<Redactor> of(Tx& tx, TenantId tenant, WorkflowId workflow, std::int64_t version);
  /// What is hidden from `who`; idle for who may see all.
  Result<Redactor> from(Tx& tx, const TenantContext& who, WorkflowId workflow, std::int64_t version);
  /// By names alone, for what belongs to no version.
  Result<Redactor> by_name(Tx& tx, const TenantContext& who);
  /// The payload schema of a version where it marks anything, else null.
  Result<std::shared_ptr<const schema::Schema>> marks_of(Tx& tx, TenantId tenant, WorkflowId workflow, std::int64_t version);
  /// Compiled patterns; null for none.
  Result<std::shared_ptr<const KeyPatterns>> patterns_of(Tx& tx, TenantId tenant);
  /// Of several tenants at once; those without patterns are missing. System scope.
  Result<std::map<TenantId, std::shared_ptr<const KeyPatterns>>> patterns_of(Tx& tx, std::span<const TenantId> tenants);

 private:
  using Key = std::tuple<TenantId, WorkflowId, std::int64_t>;
  PayloadSchemas& schemas_;
  RedactionStore& store_;
  std::mutex mutex_;
  std::map<Key, std::shared_ptr<const schema::Schema>> marks_;  ///< null where nothing is marked
};

}  // namespace carillon
