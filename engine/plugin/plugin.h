#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/actions/action.h"
#include "engine/base/service.h"
#include "engine/events/event.h"
#include "engine/jobs/job_runner.h"
#include "engine/jobs/retention.h"
#include "engine/runs/run_store.h"
#include "engine/secrets/secret_use.h"
#include "engine/workflows/publish_hook.h"

namespace carillon {

/// Reacts to the change stream after the commit, at least once, in order per tenant, on one node at a time. What throws
/// is given the same batch again. Called with a database connection held, so long work belongs into a run.
class Listener {
 public:
  virtual ~Listener() = default;
  /// Stable: how far it has heard is kept under this name.
  virtual std::string name() const = 0;
  virtual void on_events(const EventBatch& batch) = 0;
};

/// Adds what a plugin knows of workflows to the answers that list them.
class WorkflowDecorator {
 public:
  virtual ~WorkflowDecorator() = default;
  /// Adds keys to `views` (JSON objects with "id"), which are all of the context's tenant.
  virtual Status decorate(Tx& tx, TenantId tenant, std::vector<Json>& views) = 0;
};

/// An HTTP route that calls a server action with the path, the query, the body and the conditional headers.
struct ActionRoute {
  std::string method;  ///< "GET", "POST", …
  std::string path;    ///< "/api/v1/schedules/{id}"
  std::string action;
  int success_status = 200;
};

/// An entry of the Hub's menu.
struct NavigationEntry {
  std::string id, title, path, permission;
};

/// Everything a plugin may add to the hub: a set of typed registrars. Each refuses what is there twice; the first
/// refusal is kept and stops the boot (see freeze()).
class PluginHost {
 public:
  void migrations(const std::string& line);
  void permission(const std::string& name, const std::string& lowest_role);
  void publish_hook(std::unique_ptr<PublishHook> hook);
  void run_hook(std::unique_ptr<RunHook> hook);
  void workflow_decorator(std::unique_ptr<WorkflowDecorator> decorator);
  void job_handler(const std::string& kind, std::unique_ptr<JobHandler> handler);
  void action(ServerAction action);
  void route(ActionRoute route);
  void navigation(NavigationEntry entry);
  void listener(std::unique_ptr<Listener> listener);
  void service(std::unique_ptr<Service> service);
  void secret_user(std::unique_ptr<SecretUser> user);
  void retention_hook(std::unique_ptr<RetentionHook> hook);

  /// No more contributions; the first refusal if there was one, or a route whose action nobody registered.
  Status freeze();

  const std::vector<std::string>& migration_lines() const { return migration_lines_; }
  const RoleTable& roles() const { return roles_; }
  const std::vector<std::unique_ptr<PublishHook>>& publish_hooks() const { return publish_hooks_; }
  const std::vector<std::unique_ptr<RunHook>>& run_hooks() const { return run_hooks_; }
  const std::vector<std::unique_ptr<WorkflowDecorator>>& workflow_decorators() const { return decorators_; }
  JobHandler* handler_of(const std::string& kind) const;
  const ActionRegistry& actions() const { return actions_; }
  const std::vector<ActionRoute>& routes() const { return routes_; }
  const std::vector<NavigationEntry>& navigation_entries() const { return navigation_; }
  const std::vector<std::unique_ptr<Listener>>& listeners() const { return listeners_; }
  const std::vector<std::unique_ptr<Service>>& services() const { return services_; }
  const std::vector<std::unique_ptr<SecretUser>>& secret_users() const { return secret_users_; }
  const std::vector<std::unique_ptr<RetentionHook>>& retention_hooks() const { return retention_hooks_; }

 private:
  void refuse(const std::string& reason, const std::string& what);
  bool open(const std::string& what);
  bool frozen_ = false;
  std::optional<Error> refusal_;
  std::vector<std::string> migration_lines_;
  RoleTable roles_;
  std::vector<std::unique_ptr<PublishHook>> publish_hooks_;
  std::vector<std::unique_ptr<RunHook>> run_hooks_;
  std::vector<std::unique_ptr<WorkflowDecorator>> decorators_;
  std::map<std::string, std::unique_ptr<JobHandler>> handlers_;
  ActionRegistry actions_;
  std::vector<ActionRoute> routes_;
  std::vector<NavigationEntry> navigation_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::unique_ptr<Service>> services_;
  std::vector<std::unique_ptr<SecretUser>> secret_users_;
  std::vector<std::unique_ptr<RetentionHook>> retention_hooks_;
};

/// A capability that plugs in. contribute() reads as its table of contents.
class Plugin {
 public:
  virtual ~Plugin() = default;
  virtual std::string id() const = 0;
  virtual std::string version() const = 0;
  virtual void contribute(PluginHost& host) = 0;
};

}  // namespace carillon
