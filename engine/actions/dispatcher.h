#pragma once
#include "engine/actions/action.h"
#include "engine/actions/idempotency_store.h"

namespace carillon {

/// Checks request bodies against the shapes of the API description. Null object: accepts everything.
class ShapeChecker {
 public:
  virtual ~ShapeChecker() = default;
  /// invalid (reason INVALID_REQUEST) with every violation, field of the first one.
  virtual Status check(const std::string& shape, const Json& body) const = 0;
};

/// The one way into a server action: permission, shape, transaction, idempotency, handle. Thread-safe; blocks.
class Dispatcher {
 public:
  Dispatcher(Database& db, const ActionRegistry& actions, const ShapeChecker& shapes, IdempotencyStore& answers)
      : db_(db), actions_(actions), shapes_(shapes), answers_(answers) {}

  /// forbidden MISSING_PERMISSION · invalid INVALID_REQUEST · conflict IDEMPOTENCY_KEY_REUSED · what the action says.
  Result<ActionResponse> call(const std::string& name, const TenantContext& context, const ActionRequest& request);

 private:
  Result<ActionResponse> rehearse(const ServerAction& action, const TenantContext& context, const ActionRequest& request);
  Database& db_;
  const ActionRegistry& actions_;
  const ShapeChecker& shapes_;
  IdempotencyStore& answers_;
};

}  // namespace carillon
