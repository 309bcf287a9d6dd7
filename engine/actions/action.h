#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/json.h"
#include "engine/storage/database.h"
#include "engine/tenancy/tenancy.h"

namespace carillon {

/// What a server action gets: already authenticated, permitted and shape-checked.
struct ActionRequest {
  std::map<std::string, std::string> params;  ///< path and query parameters by name
  Json body = Json::object();
  std::optional<std::int64_t> if_match;       ///< revision the caller last read
  std::string idempotency_key;                ///< "" for none

  /// A parameter as an id; not_found (reason NOT_FOUND) when it is not a UUID, since no such thing can exist.
  template <class T>
  Result<T> id(const std::string& name) const {
    auto it = params.find(name);
    std::optional<T> parsed = it == params.end() ? std::nullopt : T::parse(it->second);
    if (!parsed)
      return Error{ErrorCode::not_found, "NOT_FOUND", "There is nothing with this id.", name,
                   it == params.end() ? "" : shorten(it->second), "Check the id.", {}};
    return *parsed;
  }
  std::string param(const std::string& name, std::string fallback = "") const {
    auto it = params.find(name);
    return it == params.end() ? std::move(fallback) : it->second;
  }
  /// An integer parameter that the shape check has let through, or `fallback`.
  std::int64_t number(const std::string& name, std::int64_t fallback) const;
};

struct ActionResponse {
  Json body;
  std::optional<std::int64_t> revision;  ///< becomes the ETag
};

/// A permissioned command or query of the hub. Called by HTTP routes and in-process by a host platform, the same way.
/// `handle` runs inside one tenant transaction that the dispatcher opened and commits when it succeeds; it may run
/// several times (see Database).
struct ServerAction {
  std::string name;        ///< "schedules.create"
  std::string permission;  ///< "" when any signed-in actor may
  std::string body_shape;  ///< name of the request schema in the API description, "" when it takes no body
  bool idempotent_key = false;  ///< honours ActionRequest::idempotency_key
  bool rehearsal = false;       ///< its transaction is always rolled back: it only shows what would happen
  std::function<Result<ActionResponse>(Tx&, const TenantContext&, const ActionRequest&)> handle;
};

/// All server actions. Filled at boot, then frozen.
class ActionRegistry {
 public:
  Status add(ServerAction action);  ///< internal DUPLICATE_ACTION
  const ServerAction* find(const std::string& name) const;
  std::vector<std::string> names() const;

 private:
  std::map<std::string, ServerAction> actions_;
};

}  // namespace carillon
