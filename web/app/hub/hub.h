#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "engine/actions/dispatcher.h"
#include "engine/plugin/plugin.h"
#include "engine/tenancy/tenancy.h"
#include "engine/workflows/workflow_store.h"
#include "web/app/config/config.h"

namespace carillon {

/// What an embedding program is given to build its own plugins with, and what a plugin may keep.
struct HubParts {
  JobRunner& jobs;
  WorkflowStore& workflows;
  const ZoneDatabase& zones;
  IdSource& ids;
  Logger& log;
};

struct HubOptions {
  Config config;
  bool serve_http = true;  ///< false for a host platform that calls server actions in-process only
  /// Makes further plugins, after the hub's own; called once at boot.
  std::function<std::vector<std::unique_ptr<Plugin>>(const HubParts&)> plugins;
  /// Told what the boot is doing, for people who wait.
  std::function<void(const std::string& phase)> progress;
};

/// The whole hub in one object: the composition root, and the library a host platform links. Construct, start(), use,
/// stop(). start() answers the first thing that is wrong, with its remedy; nothing runs then.
class Hub {
 public:
  Hub(HubOptions options, Logger& log);
  ~Hub();
  Hub(const Hub&) = delete;

  Status start();
  /// Drains: takes nothing new, lets runs end until the drain timeout, hands back the rest, stops everything.
  void stop();

  /// Calls a server action as an HTTP client would, without HTTP. Any thread, between start() and stop().
  Result<ActionResponse> call(const std::string& action, const TenantContext& who, const ActionRequest& request);
  /// A context with every permission in one tenant, for a host platform that has authenticated its own user.
  Result<TenantContext> host_context(const std::string& tenant_slug, const std::string& actor_name);
  /// A bearer token for an actor of a tenant ("" is its first admin); not_found.
  Result<std::string> issue_token(const std::string& tenant_slug, const std::string& email, Duration ttl);
  /// A tenant with one admin; conflict SLUG_TAKEN.
  Result<Tenant> create_tenant(const std::string& slug, const std::string& name, const std::string& zone,
                               const std::string& admin_email, const std::string& admin_password);
  Result<bool> tenant_exists(const std::string& slug);

  std::uint16_t port() const;
  /// Routes as "GET /api/v1/runs/{id}", for the test that compares them with the API description.
  std::vector<std::string> routes() const;
  std::vector<std::string> action_names() const;
  std::string owner_url() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Applies (or with `plan` only lists) migrations of the hub's own lines to `owner_url`; prints to `say`.
Result<int> migrate_database(const std::string& owner_url, bool plan, Logger& log, const std::function<void(const std::string&)>& say);

}  // namespace carillon
