#include "engine/plugin/plugin.h"

#include <algorithm>

namespace carillon {

void PluginHost::refuse(const std::string& reason, const std::string& what) {
  if (!refusal_) refusal_ = Error{ErrorCode::internal, reason, what, "", "", "Remove one of the two contributions.", {}};
}

bool PluginHost::open(const std::string& what) {
  if (frozen_) refuse("HOST_FROZEN", what + " came after the boot had ended.");
  return !frozen_;
}

void PluginHost::migrations(const std::string& line) {
  if (!open("The migrations line " + line)) return;
  if (std::ranges::find(migration_lines_, line) != migration_lines_.end())
    return refuse("DUPLICATE_MIGRATIONS", "The migrations line " + line + " is registered twice.");
  migration_lines_.push_back(line);
}

void PluginHost::permission(const std::string& name, const std::string& lowest_role) {
  if (!open("The permission " + name)) return;
  if (auto added = roles_.add_permission(name, lowest_role); !added) refuse(added.error().reason, added.error().message);
}

void PluginHost::publish_hook(std::unique_ptr<PublishHook> hook) {
  if (open("A publish hook")) publish_hooks_.push_back(std::move(hook));
}

void PluginHost::run_hook(std::unique_ptr<RunHook> hook) {
  if (open("A run hook")) run_hooks_.push_back(std::move(hook));
}

void PluginHost::workflow_decorator(std::unique_ptr<WorkflowDecorator> decorator) {
  if (open("A workflow decorator")) decorators_.push_back(std::move(decorator));
}

void PluginHost::job_handler(const std::string& kind, std::unique_ptr<JobHandler> handler) {
  if (!open("The job handler " + kind)) return;
  if (!handlers_.emplace(kind, std::move(handler)).second)
    refuse("DUPLICATE_JOB_HANDLER", "The job handler " + kind + " is registered twice.");
}

void PluginHost::action(ServerAction action) {
  if (!open("The server action " + action.name)) return;
  if (auto added = actions_.add(std::move(action)); !added) refuse(added.error().reason, added.error().message);
}

void PluginHost::route(ActionRoute route) {
  if (!open("The route " + route.path)) return;
  for (const auto& known : routes_)
    if (known.method == route.method && known.path == route.path)
      return refuse("DUPLICATE_ROUTE", "The route " + route.method + " " + route.path + " is registered twice.");
  routes_.push_back(std::move(route));
}

void PluginHost::navigation(NavigationEntry entry) {
  if (!open("The navigation entry " + entry.id)) return;
  for (const auto& known : navigation_)
    if (known.id == entry.id) return refuse("DUPLICATE_NAVIGATION", "The navigation entry " + entry.id + " is registered twice.");
  navigation_.push_back(std::move(entry));
}

void PluginHost::listener(std::unique_ptr<Listener> listener) {
  const std::string name = listener->name();
  if (!open("The listener " + name)) return;
  for (const auto& known : listeners_)
    if (known->name() == name) return refuse("DUPLICATE_LISTENER", "The listener " + name + " is registered twice.");
  listeners_.push_back(std::move(listener));
}

void PluginHost::service(std::unique_ptr<Service> service) {
  if (open("The service " + std::string(service->name()))) services_.push_back(std::move(service));
}

void PluginHost::secret_user(std::unique_ptr<SecretUser> user) {
  if (open("A user of secrets")) secret_users_.push_back(std::move(user));
}

void PluginHost::retention_hook(std::unique_ptr<RetentionHook> hook) {
  if (open("A retention hook")) retention_hooks_.push_back(std::move(hook));
}

Status PluginHost::freeze() {
  for (const auto& route : routes_)
    if (actions_.find(route.action) == nullptr)
      refuse("ROUTE_WITHOUT_ACTION", "The route " + route.path + " calls " + route.action + ", which nobody registered.");
  frozen_ = true;
  if (refusal_) return *refusal_;
  return ok();
}

JobHandler* PluginHost::handler_of(const std::string& kind) const {
  auto it = handlers_.find(kind);
  return it == handlers_.end() ? nullptr : it->second.get();
}

}  // namespace carillon
