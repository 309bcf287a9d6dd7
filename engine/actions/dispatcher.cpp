#include "engine/actions/dispatcher.h"

namespace carillon {

std::int64_t ActionRequest::number(const std::string& name, std::int64_t fallback) const {
  auto it = params.find(name);
  if (it == params.end() || it->second.empty()) return fallback;
  std::int64_t value = 0;
  for (char c : it->second) {
    if (c < '0' || c > '9' || value > 1'000'000'000'000LL) return fallback;
    value = value * 10 + (c - '0');
  }
  return value;
}

Status ActionRegistry::add(ServerAction action) {
  std::string name = action.name;
  if (!actions_.emplace(name, std::move(action)).second)
    return Error{ErrorCode::internal, "DUPLICATE_ACTION", "The server action " + name + " is registered twice.", "", name, "", {}};
  return ok();
}

const ServerAction* ActionRegistry::find(const std::string& name) const {
  auto it = actions_.find(name);
  return it == actions_.end() ? nullptr : &it->second;
}

std::vector<std::string> ActionRegistry::names() const {
  std::vector<std::string> out;
  for (const auto& [name, _] : actions_) out.push_back(name);
  return out;
}

Result<ActionResponse> Dispatcher::call(const std::string& name, const TenantContext& context,
                                        const ActionRequest& request) {
  const ServerAction* action = actions_.find(name);
  if (action == nullptr)
    return Error{ErrorCode::not_found, "UNKNOWN_ACTION", "There is no server action " + shorten(name) + ".", "",
                 shorten(name), "List the names with ActionRegistry::names().", {}};
  if (!action->permission.empty() && !context.may(action->permission))
    return Error{ErrorCode::forbidden, "MISSING_PERMISSION", "This needs the permission " + action->permission + ".", "",
                 action->permission, "Ask an admin of the tenant for a role that has it.", {}};
  if (!action->body_shape.empty()) CARILLON_CHECK(shapes_.check(action->body_shape, request.body));
  const bool keyed = action->idempotent_key && !request.idempotency_key.empty();
  std::uint64_t hash = 0;
  if (keyed) {
    // What an answer shows depends on what its reader may see, so an answer is kept for those who may see the same.
    hash = fnv1a(name);
    for (const auto& permission : context.permissions) hash = fnv1a(permission, hash);
    for (const auto& [key, value] : request.params) hash = fnv1a(value, fnv1a(key, hash));
    hash = fnv1a(dump_json(request.body), hash);
  }
  if (action->rehearsal) return rehearse(*action, context, request);
  return transact(db_, context.tenant, [&](Tx& tx) -> Result<ActionResponse> {
    if (keyed) {
      CARILLON_TRY(auto kept, answers_.take(tx, context.tenant, request.idempotency_key, hash));
      if (kept) {
        if (kept->request_hash != hash)
          return Error{ErrorCode::conflict, "IDEMPOTENCY_KEY_REUSED",
                       "This idempotency key was used for another request.", "Idempotency-Key",
                       shorten(request.idempotency_key), "Make a new key for a new request.", {}};
        return ActionResponse{parse_stored_json(kept->body), kept->revision};
      }
    }
    CARILLON_TRY(ActionResponse response, action->handle(tx, context, request));
    if (keyed)
      CARILLON_CHECK(answers_.keep(tx, context.tenant, request.idempotency_key,
                                   KeptAnswer{hash, dump_json(response.body), response.revision}));
    return response;
  });
}

Result<ActionResponse> Dispatcher::rehearse(const ServerAction& action, const TenantContext& context,
                                            const ActionRequest& request) {
  std::optional<ActionResponse> shown;
  Status status = db_.in_tenant(context.tenant, [&](Tx& tx) -> Status {
    shown.reset();
    CARILLON_TRY(shown, action.handle(tx, context, request));
    return Error{ErrorCode::internal, "REHEARSAL", "The rehearsal is over.", "", "", "", {}};  // rolls back
  });
  if (shown) return std::move(*shown);
  return status.error();
}

}  // namespace carillon
