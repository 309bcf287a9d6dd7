#include "engine/schema/schema_cache.h"

namespace carillon::schema {

Result<std::shared_ptr<const Schema>> SchemaCache::get(std::string_view schema_text, std::optional<Dialect> dialect) {
  std::string key(dialect ? dialect_name(*dialect) : "");
  key += '\n';
  key += schema_text;
  {
    const std::lock_guard lock(mutex_);
    if (const auto at = index_.find(key); at != index_.end()) {
      recent_.splice(recent_.begin(), recent_, at->second);
      return recent_.front().schema;
    }
  }
  CARILLON_TRY(const Json document, parse_json(schema_text));
  CompileOptions options;
  options.dialect = dialect;
  CARILLON_TRY(auto schema, Schema::compile(document, options));
  const std::lock_guard lock(mutex_);
  insert_locked(std::move(key), schema);
  return schema;
}

void SchemaCache::insert_locked(std::string key, const std::shared_ptr<const Schema>& schema) {
  // Another thread may have compiled the same text meanwhile.
  if (key.size() > max_bytes_ || max_entries_ == 0 || index_.contains(key)) return;
  bytes_ += key.size();
  recent_.push_front({std::move(key), schema});
  index_.emplace(recent_.front().key, recent_.begin());
  while (recent_.size() > max_entries_ || bytes_ > max_bytes_) {
    bytes_ -= recent_.back().key.size();
    index_.erase(recent_.back().key);
    recent_.pop_back();
  }
}

std::size_t SchemaCache::size() const {
  const std::lock_guard lock(mutex_);
  return recent_.size();
}

std::size_t SchemaCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace carillon::schema
