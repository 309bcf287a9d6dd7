#include "engine/runs/program_cache.h"

namespace carillon {

Result<std::shared_ptr<const RunnableVersion>> ProgramCache::get(Tx& tx, TenantId tenant, WorkflowId workflow, std::int64_t number) {
  const Key key{workflow, number};
  {
    std::lock_guard lock(mutex_);
    if (auto it = entries_.find(key); it != entries_.end()) {
      order_.splice(order_.begin(), order_, it->second.place);
      return it->second.version;
    }
  }
  CARILLON_TRY(auto stored, store_.version(tx, tenant, workflow, number));
  auto outcome = parse_definition(stored.definition.text,
                                  stored.definition.format == "json" ? DefinitionFormat::json : DefinitionFormat::yaml);
  if (!outcome.parsed) return definition_error(outcome.problems);
  std::shared_ptr<const schema::Schema> output_schema;
  if (const auto& document = outcome.parsed->definition.output_schema) {
    CARILLON_TRY(output_schema, schema::Schema::compile(*document));
  }
  // Compiled only where the text may mark something.
  std::shared_ptr<const schema::Schema> marks;
  if (stored.payload_schema.find("\"writeOnly\"") != std::string::npos || stored.payload_schema.find("\"x-redact\"") != std::string::npos) {
    schema::CompileOptions options;
    options.dialect = schema::parse_dialect(stored.dialect);
    CARILLON_TRY(marks, schema::Schema::compile(parse_stored_json(stored.payload_schema), options));
  }
  auto version = std::make_shared<const RunnableVersion>(RunnableVersion{Program(outcome.parsed), std::move(output_schema), std::move(marks)});
  std::lock_guard lock(mutex_);
  if (auto it = entries_.find(key); it != entries_.end()) return it->second.version;
  order_.push_front(key);
  entries_[key] = {version, order_.begin()};
  if (entries_.size() > capacity_) {
    entries_.erase(order_.back());
    order_.pop_back();
  }
  return version;
}

}  // namespace carillon
