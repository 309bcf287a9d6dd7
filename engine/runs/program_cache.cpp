#include "engine/runs/program_cache.h"

namespace carillon {

Result<std::shared_ptr<const Program>> ProgramCache::get(Tx& tx, TenantId tenant, WorkflowId workflow, std::int64_t version) {
  const Key key{workflow, version};
  {
    std::lock_guard lock(mutex_);
    if (auto it = entries_.find(key); it != entries_.end()) {
      order_.splice(order_.begin(), order_, it->second.place);
      return it->second.program;
    }
  }
  CARILLON_TRY(auto stored, store_.version(tx, tenant, workflow, version));
  auto outcome = parse_definition(stored.definition.text,
                                  stored.definition.format == "json" ? DefinitionFormat::json : DefinitionFormat::yaml);
  if (!outcome.parsed) return definition_error(outcome.problems);
  auto program = std::make_shared<const Program>(outcome.parsed);
  std::lock_guard lock(mutex_);
  if (auto it = entries_.find(key); it != entries_.end()) return it->second.program;
  order_.push_front(key);
  entries_[key] = {program, order_.begin()};
  if (entries_.size() > capacity_) {
    entries_.erase(order_.back());
    order_.pop_back();
  }
  return program;
}

}  // namespace carillon
