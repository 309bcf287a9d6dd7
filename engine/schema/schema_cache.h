#pragma once
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/schema/schema.h"

namespace carillon::schema {

/// Compiled schemas by their text, least recently used out first. Thread-safe. Two texts never share an entry: the text
/// itself is compared, not only its hash (schema authors are not trusted).
class SchemaCache {
 public:
  /// `max_bytes` counts schema text, not compiled size (about ten times that).
  explicit SchemaCache(std::size_t max_entries = 1024, std::size_t max_bytes = 32u << 20)
      : max_entries_(max_entries), max_bytes_(max_bytes) {}

  /// The compiled form of a stored canonical schema text; compiles on a miss (outside of the lock). `dialect` is the one
  /// stored with the version. Fails as Schema::compile and parse_json; failures are not kept.
  Result<std::shared_ptr<const Schema>> get(std::string_view schema_text, std::optional<Dialect> dialect = std::nullopt);

  std::size_t size() const;
  std::size_t bytes() const;

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const Schema> schema;
  };
  void insert_locked(std::string key, const std::shared_ptr<const Schema>& schema);

  const std::size_t max_entries_;
  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  std::list<Entry> recent_;                                              // most recent first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;  // views into recent_
  std::size_t bytes_ = 0;
};

}  // namespace carillon::schema
