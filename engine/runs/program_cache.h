#pragma once
#include <list>
#include <map>
#include <memory>
#include <mutex>

#include "engine/runs/interpreter/interpreter.h"
#include "engine/schema/schema.h"
#include "engine/workflows/workflow_store.h"

namespace carillon {

/// A version with all that running it needs.
struct RunnableVersion {
  Program program;
  std::shared_ptr<const schema::Schema> output_schema;  ///< null when the definition has none
  std::shared_ptr<const schema::Schema> marks;          ///< the payload schema where it marks what is hidden, else null
};

/// Compiled workflow versions, shared by all workers of a process. Thread-safe; bounded, least recently used out first.
class ProgramCache {
 public:
  ProgramCache(WorkflowStore& store, std::size_t capacity) : store_(store), capacity_(capacity) {}
  /// Compiles on first use (about 45 ms when the definition has jq expressions). not_found · invalid DEFINITION_INVALID
  /// for a stored definition that this binary cannot run.
  Result<std::shared_ptr<const RunnableVersion>> get(Tx& tx, TenantId tenant, WorkflowId workflow, std::int64_t version);

 private:
  using Key = std::pair<WorkflowId, std::int64_t>;
  struct Entry {
    std::shared_ptr<const RunnableVersion> version;
    std::list<Key>::iterator place;
  };
  WorkflowStore& store_;
  std::size_t capacity_;
  std::mutex mutex_;
  std::list<Key> order_;  ///< most recently used first
  std::map<Key, Entry> entries_;
};

}  // namespace carillon
