#include "engine/redaction/redaction.h"

#include "engine/schema/marks.h"

namespace carillon {
namespace {

/// Forgotten all at once when there are more: each is a few bytes, or a schema that the schema cache holds, too.
constexpr std::size_t kMostVersions = 20'000;

}  // namespace

Result<std::shared_ptr<const schema::Schema>> Redaction::marks_of(Tx& tx, TenantId tenant, WorkflowId workflow, std::int64_t version) {
  const Key key{tenant, workflow, version};
  {
    std::lock_guard lock(mutex_);
    if (auto it = marks_.find(key); it != marks_.end()) return it->second;
  }
  CARILLON_TRY(auto schema, schemas_.of_version(tx, tenant, workflow, version));
  if (schema && !schema::has_marks(*schema)) schema = nullptr;
  std::lock_guard lock(mutex_);
  if (marks_.size() >= kMostVersions) marks_.clear();
  marks_.emplace(key, schema);
  return schema;
}

Result<std::shared_ptr<const KeyPatterns>> Redaction::patterns_of(Tx& tx, TenantId tenant) {
  CARILLON_TRY(auto settings, store_.settings(tx, tenant));
  if (settings.patterns.empty()) return std::shared_ptr<const KeyPatterns>();
  return KeyPatterns::parse(settings.patterns);
}

Result<std::map<TenantId, std::shared_ptr<const KeyPatterns>>> Redaction::patterns_of(Tx& tx, std::span<const TenantId> tenants) {
  std::map<TenantId, std::shared_ptr<const KeyPatterns>> out;
  if (tenants.empty()) return out;
  CARILLON_TRY(auto all, store_.patterns(tx, tenants));
  for (const auto& [tenant, texts] : all) {
    if (texts.empty()) continue;
    CARILLON_TRY(out[tenant], KeyPatterns::parse(texts));
  }
  return out;
}

Result<Redactor> Redaction::of(Tx& tx, TenantId tenant, WorkflowId workflow, std::int64_t version) {
  CARILLON_TRY(auto marks, marks_of(tx, tenant, workflow, version));
  CARILLON_TRY(auto patterns, patterns_of(tx, tenant));
  return Redactor(marks, std::move(patterns));
}

Result<Redactor> Redaction::from(Tx& tx, const TenantContext& who, WorkflowId workflow, std::int64_t version) {
  if (who.may(kRevealPermission)) return Redactor();
  return of(tx, who.tenant, workflow, version);
}

Result<Redactor> Redaction::by_name(Tx& tx, const TenantContext& who) {
  if (who.may(kRevealPermission)) return Redactor();
  CARILLON_TRY(auto patterns, patterns_of(tx, who.tenant));
  return Redactor(nullptr, std::move(patterns));
}

}  // namespace carillon
