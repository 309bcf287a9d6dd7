#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "engine/schema/schema.h"
#include "tests/support/http_client.h"

namespace carillon::test {

/// Holds answers against the API description: each status must be described for its operation, each body must have the
/// described shape. Thread-safe.
class ApiContract {
 public:
  explicit ApiContract(const Json& document);
  /// What is wrong with the answer to `method` `path` (path without query); "" when it is as described.
  std::string check(const std::string& method, const std::string& path, const HttpAnswer& answer);
  /// "GET /api/v1/runs/{id}" for a request, nothing when no operation has such a path.
  std::optional<std::string> operation_of(const std::string& method, const std::string& path) const;
  std::set<std::string> operations() const;
  /// Operations that have given a good (2xx) answer so far.
  std::set<std::string> answered() const;

 private:
  std::shared_ptr<const schema::Schema> compiled(const Json& shape);
  Json document_, definitions_;
  mutable std::mutex mutex_;
  std::set<std::string> answered_;
  std::map<std::string, std::shared_ptr<const schema::Schema>> shapes_;  ///< by text
};

}  // namespace carillon::test
