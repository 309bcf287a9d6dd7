#include "web/app/hub/hub.h"

#include <unistd.h>

#include <algorithm>

#include "engine/events/alert_actions.h"
#include "engine/jobs/planner.h"
#include "engine/redaction/redaction_actions.h"
#include "engine/runs/run_actions.h"
#include "engine/runs/worker_pool.h"
#include "engine/secrets/secret_actions.h"
#include "engine/workflows/workflow_actions.h"
#include "persistence/migrate/migrator.h"
#include "plugins/schedules/plugin.h"
#include "web/api/routes.h"
#include "web/api/stream.h"
#include "web/api/system_actions.h"
#include "web/app/hub/keys.h"
#include "web/app/hub/operator.h"
#include "web/app/hub/listener_loop.h"
#include "web/app/hub/retention.h"
#include "web/app/hub/storage.h"
#include "web/app/hub/system_routes.h"
#include "web/app/version.h"
#include "web/http/server.h"
#include "web/http/static_files.h"
#include "web/outbound/curl_outbound.h"

namespace carillon {
namespace {

constexpr Duration kHeartbeat = std::chrono::seconds(2);
/// One transaction's work in the hub overlaps another's in the database. Of the six connections of the system role.
constexpr int kPlannerTransactions = 2;
/// One computes while the other's transaction is under way; more only wait for each other.
constexpr int kWorkers = 2;
/// A due-scan sees this many batches, so that what a tenant has due at once is handled, and told, at once.
constexpr int kPlannerScanBatches = 10;

std::string host_name() {
  char buffer[256] = {};
  return gethostname(buffer, sizeof buffer - 1) == 0 ? buffer : "unknown";
}

Duration days_of(std::int64_t count) { return std::chrono::days(count); }

OutboundOptions outbound_options(const Config& config) {
  OutboundOptions options;
  options.allow_private = config.all_private_allowed();
  if (!options.allow_private)
    for (const auto& entry : config.outbound_allow_private)
      if (entry != "false") (entry.find('/') == std::string::npos ? options.allowed_hosts : options.allowed_ranges).push_back(entry);
  options.default_timeout = config.outbound_timeout;
  options.max_concurrent = static_cast<std::size_t>(config.worker_concurrency);
  options.user_agent = std::string("carillon/") + kVersion;
  return options;
}

web::HttpServerOptions http_options(const Config& config) {
  web::HttpServerOptions options;
  options.address = config.listen;
  options.port = static_cast<std::uint16_t>(config.port);
  options.io_threads = static_cast<int>(config.web_threads);
  options.handler_threads = static_cast<int>(config.database_pool);
  options.max_connections = static_cast<std::size_t>(config.http_max_connections);
  options.max_body = static_cast<std::size_t>(config.http_max_body);
  options.handler_deadline = config.http_request_timeout;
  return options;
}

}  // namespace

struct Hub::Impl {
  HubOptions options;
  Logger& log;
  const Config& config = options.config;
  std::unique_ptr<Clock> clock = make_system_clock();
  std::unique_ptr<Rng> rng = make_system_rng();
  /// The database's time. Tokens are judged by it, and ids carry it, so that all nodes agree.
  FollowingClock database_clock{*clock};
  IdSource ids{database_clock, *rng};
  Metrics metrics;
  ZoneDatabase zones;
  // Made once the database's time is known: an id made before would carry the machine's, and all later ones follow on.
  NodeId node;
  Instant started_at;
  Storage storage{config, *clock, *rng, ids, log};
  PluginHost host;
  std::vector<std::unique_ptr<Plugin>> plugins;
  api::ApiDescription description;

  // Made once the database is open, in this order, and let go of in the opposite one.
  std::unique_ptr<JobRunner> jobs;
  std::unique_ptr<PayloadSchemas> schemas;
  std::unique_ptr<Redaction> redaction;
  std::unique_ptr<ProgramCache> programs;
  RunHandover handover;
  std::unique_ptr<RunStarter> starter;
  std::unique_ptr<ClockGuard> clock_guard;
  std::unique_ptr<RunEnder> ender;
  std::unique_ptr<AlertActions> alert_actions;
  std::unique_ptr<Publisher> publisher;
  std::unique_ptr<WorkflowActions> workflow_actions;
  std::unique_ptr<RunActions> run_actions;
  std::unique_ptr<RedactionActions> redaction_actions;
  std::unique_ptr<SecretControl> secret_control;
  std::unique_ptr<SecretActions> secret_actions;
  std::unique_ptr<api::SystemActions> system_actions;
  std::unique_ptr<Dispatcher> dispatcher;
  std::unique_ptr<auth::JwtCodec> jwt;
  std::unique_ptr<api::Authenticator> authenticator;
  std::unique_ptr<CurlOutbound> outbound;
  std::unique_ptr<Planner> planner;
  std::unique_ptr<LoopService> planner_loop;
  std::unique_ptr<WorkerPool> workers;
  std::unique_ptr<LoopService> heartbeat;
  std::unique_ptr<api::StreamHub> stream;
  std::unique_ptr<ListenerLoop> listeners;
  std::unique_ptr<pg::PgListener> listener;
  web::Router router;
  std::unique_ptr<web::StaticFiles> ui;
  std::unique_ptr<web::HttpServer> server;
  bool running = false;

  Impl(HubOptions o, Logger& l) : options(std::move(o)), log(l) {}

  bool works() const { return config.role != "web"; }
  bool serves() const { return config.role != "worker" && options.serve_http; }
  void say(const std::string& phase) const {
    if (options.progress) options.progress(phase);
  }

  std::vector<RunHook*> run_hooks() const {
    std::vector<RunHook*> hooks;
    for (const auto& hook : host.run_hooks()) hooks.push_back(hook.get());
    return hooks;
  }
  Status boot();
  Status look_at_database_clock();
  Status make_actions();
  Status make_credentials();
  void make_loops();
  void make_server();
  void start_services();
  void stop_services();
  void drain_worker();
  TenantContext system_context(TenantId tenant, const std::string& name) {
    TenantContext context;
    context.tenant = tenant;
    context.actor_name = name;
    context.permissions = host.roles().permissions_of({"admin"});
    context.request_id = ids.next().to_string();
    return context;
  }
};

Status Hub::Impl::boot() {
  // Plugins name their migrations before the database is opened, and use their stores only afterwards.
  jobs = std::make_unique<JobRunner>(storage.jobs, zones);
  schemas = std::make_unique<PayloadSchemas>(storage.workflows);
  redaction = std::make_unique<Redaction>(*schemas, storage.redaction);
  starter = std::make_unique<RunStarter>(storage.runs, handover, ids);
  clock_guard = std::make_unique<ClockGuard>(*clock, metrics, log);
  ender = std::make_unique<RunEnder>(storage.runs, [this] { return run_hooks(); });
  plugins.push_back(schedules::make_plugin({storage.schedules, storage.bulk, storage.backfills, storage.maintenance, storage.publishing, storage.retention, storage.jobs, storage.runs,
                                            storage.workflows, storage.tenants, *schemas, storage.secrets, *redaction,
                                            *jobs, *starter, *ender, *clock_guard, zones, ids, log,
                                            [this]() -> Database& { return storage.db(); }, {config.planner_grace, std::chrono::hours(24)},
                                            {days_of(config.retention_deleted_schedules), days_of(config.retention_jobs), days_of(config.retention_verdicts)}}));
  CARILLON_CHECK(make_actions());
  CARILLON_CHECK(storage.open(host.migration_lines(), [this](const std::string& phase) { say(phase); }));
  CARILLON_CHECK(look_at_database_clock());
  node = ids.make<NodeId>();
  dispatcher = std::make_unique<Dispatcher>(storage.db(), host.actions(), description, storage.answers);
  CARILLON_CHECK(make_credentials());
  make_loops();
  make_server();
  start_services();
  return ok();
}

Status Hub::Impl::look_at_database_clock() {
  return storage.db().in_system([this](Tx& tx) {
    database_clock.follow(tx.now());
    started_at = tx.now();
    return ok();
  });
}

Status Hub::Impl::make_actions() {
  host.migrations("core");
  publisher = std::make_unique<Publisher>(storage.workflows, *schemas, [this] {
    std::vector<PublishHook*> hooks;
    for (const auto& hook : host.publish_hooks()) hooks.push_back(hook.get());
    return hooks;
  });
  workflow_actions = std::make_unique<WorkflowActions>(storage.workflows, *schemas, *publisher, ids);
  run_actions = std::make_unique<RunActions>(storage.runs, storage.workflows, *schemas, storage.secrets, *redaction, *starter);
  system_actions = std::make_unique<api::SystemActions>(storage.tenants, zones, ids, *rng);
  alert_actions = std::make_unique<AlertActions>(storage.alerts);
  redaction_actions = std::make_unique<RedactionActions>(storage.redaction);
  secret_control = std::make_unique<SecretControl>(storage.secrets, [this] {
    std::vector<SecretUser*> users;
    for (const auto& user : host.secret_users()) users.push_back(user.get());
    return users;
  });
  secret_actions = std::make_unique<SecretActions>(*secret_control);
  redaction_actions->contribute(host);
  secret_actions->contribute(host);
  workflow_actions->contribute(host);
  run_actions->contribute(host);
  system_actions->contribute(host);
  alert_actions->contribute(host);
  host.retention_hook(std::make_unique<ExpiredRetention>(storage.tenants));
  host.retention_hook(std::make_unique<AlertRetention>(storage.alerts, days_of(config.retention_alerts)));
  host.job_handler(kRetentionKind, std::make_unique<RetentionHandler>([this] {
    std::vector<RetentionHook*> hooks;
    for (const auto& hook : host.retention_hooks()) hooks.push_back(hook.get());
    return hooks;
  }, log));
  if (options.plugins)
    for (auto& plugin : options.plugins({*jobs, storage.workflows, zones, ids, log})) plugins.push_back(std::move(plugin));
  for (const auto& plugin : plugins) {
    plugin->contribute(host);
    log.debug("plugin", {{"id", plugin->id()}, {"version", plugin->version()}});
  }
  return host.freeze();
}

Status Hub::Impl::make_credentials() {
  CARILLON_TRY(auto keys, signing_keys(config, *rng));
  CARILLON_TRY(auto codec, auth::JwtCodec::create(std::move(keys), jwt_policy(), database_clock));
  jwt = std::make_unique<auth::JwtCodec>(std::move(codec));
  authenticator = std::make_unique<api::Authenticator>(storage.db(), storage.tenants, host.roles(), *jwt, *clock, *rng, ids, config.session_ttl);
  return ok();
}

void Hub::Impl::make_loops() {
  programs = std::make_unique<ProgramCache>(storage.workflows, 2000);
  if (works()) {
    outbound = std::make_unique<CurlOutbound>(outbound_options(config), log);
    PlannerOptions planner_options;
    planner_options.batch = static_cast<int>(config.planner_batch);
    planner_options.parallel = kPlannerTransactions;
    planner_options.scan = planner_options.batch * kPlannerScanBatches;
    planner_options.scans = 2;
    planner_options.tenants_per_transaction = static_cast<int>(config.planner_tenants_per_transaction);
    planner = std::make_unique<Planner>(storage.db(), storage.jobs, [this](const std::string& kind) { return host.handler_of(kind); }, zones,
                                        metrics, log, planner_options);
    planner_loop = std::make_unique<LoopService>("planner", log, [this] { return planner->tick(); });
    WorkerOptions worker_options;
    worker_options.node = node;
    worker_options.concurrency = static_cast<int>(config.worker_concurrency);
    worker_options.lease = config.worker_lease;
    worker_options.default_timeout = config.run_default_timeout;
    planner->watch(*clock_guard);
    const auto make_worker = [this](const WorkerOptions& share, std::function<void()> wake) {
      return std::make_unique<Worker>(storage.db(), storage.runs, handover, *programs, *outbound, *clock, ids, storage.secrets, *redaction, run_hooks(), metrics, log, share, std::move(wake));
    };
    workers = std::make_unique<WorkerPool>(kWorkers, worker_options, make_worker, metrics, log);
  }
  stream = std::make_unique<api::StreamHub>(storage.db(), storage.events, *authenticator, log);
  if (works() && !host.listeners().empty())
    listeners = std::make_unique<ListenerLoop>(storage.db(), storage.events, storage.listener_positions, host.listeners(), log);
  heartbeat = std::make_unique<LoopService>("heartbeat", log, [this] {
    Status beat = storage.db().in_system([&](Tx& tx) {
      database_clock.follow(tx.now());
      return storage.tenants.heartbeat(tx, {node, host_name(), kVersion, {config.role}, started_at, tx.now(),
                                            planner ? planner->lag() : Duration{0}, workers ? workers->held() : 0});
    });
    if (!beat) log.warn("heartbeat failed", {{"reason", beat.error().reason}});
    return kHeartbeat;
  });
  listener = std::make_unique<pg::PgListener>(storage.listen_url(), log, [this](const std::set<std::string>& topics) {
    if (topics.contains("jobs") && planner_loop) planner_loop->notify();
    if (topics.contains("runs") && workers) workers->notify();
    if (topics.contains("clock")) clock_guard->release();
    if (topics.contains("events")) stream->notify();
    if (topics.contains("events") && listeners) listeners->notify();
  });
}

void Hub::Impl::make_server() {
  if (!serves()) return;
  api::add_action_routes(router, host, *dispatcher, *authenticator, description);
  api::add_session_routes(router, *authenticator, description);
  add_system_routes(router, {description, metrics, [this] { return storage.ping(); }});
  router.add_websocket("/api/v1/stream", stream->endpoint());
  ui = std::make_unique<web::StaticFiles>(web::embedded_ui(), *rng);
  router.set_fallback([this](const web::Request& request, const web::PathParams&) { return ui->serve(request); });
  web::HttpServerHooks hooks;
  hooks.before = [](const web::Request& request) -> std::optional<web::Response> { return csrf_refusal(request); };
  hooks.after = [this](const web::Request& request, const web::Response& response, std::string_view route, Duration took) {
    count_request(metrics, request, response, route, took);
  };
  server = std::make_unique<web::HttpServer>(http_options(config), web::HttpServerParts{router, *clock, *rng, log}, std::move(hooks));
}

void Hub::Impl::start_services() {
  running = true;  // from the first one on there is something to stop
  if (outbound) outbound->start();
  if (planner_loop) planner_loop->start();
  if (workers) workers->start();
  stream->service().start();
  if (listeners) listeners->service().start();
  heartbeat->start();
  listener->start();
  for (const auto& service : host.services()) service->start();
  if (server) server->start();
}

void Hub::Impl::drain_worker() {
  if (!workers) return;
  workers->drain();
  const Duration deadline = clock->steady() + config.drain_timeout;
  Wakeup pause;
  int shown = -1;
  while (workers->held() > 0 && clock->steady() < deadline) {
    if (workers->held() != shown) log.info("draining", {{"runs", shown = workers->held()}});
    pause.wait_for(std::chrono::milliseconds(50));
  }
  workers->stop();
  workers->hand_back_all();
}

void Hub::Impl::stop_services() {
  if (!running) return;
  running = false;
  if (server) server->stop();
  for (const auto& service : host.services()) service->stop();
  if (planner_loop) planner_loop->stop();
  drain_worker();
  listener->stop();
  stream->service().stop();
  if (listeners) listeners->service().stop();
  heartbeat->stop();
  if (outbound) outbound->stop();
  Status forgotten = storage.db().in_system([&](Tx& tx) { return storage.tenants.forget_node(tx, node); });
  if (!forgotten) log.debug("node could not be forgotten", {{"reason", forgotten.error().reason}});
}

Hub::Hub(HubOptions options, Logger& log) : impl_(std::make_unique<Impl>(std::move(options), log)) {}

Hub::~Hub() { stop(); }

Status Hub::start() {
  try {
    return impl_->boot();
  } catch (const std::exception& e) {
    stop();
    return Error{ErrorCode::unavailable, "START_FAILED", e.what(), "", "", "", {}};
  }
}

void Hub::stop() {
  impl_->stop_services();
  impl_->storage.close();
}

Result<ActionResponse> Hub::call(const std::string& action, const TenantContext& who, const ActionRequest& request) {
  return impl_->dispatcher->call(action, who, request);
}

Result<TenantContext> Hub::host_context(const std::string& tenant_slug, const std::string& actor_name) {
  CARILLON_TRY(auto tenant, transact_system(impl_->storage.db(), [&](Tx& tx) { return impl_->storage.tenants.tenant_by_slug(tx, tenant_slug); }));
  if (!tenant)
    return Error{ErrorCode::not_found, "NOT_FOUND", "There is no tenant " + tenant_slug + ".", "tenant", tenant_slug, "Check the slug.", {}};
  return impl_->system_context(tenant->id, actor_name);
}

Result<bool> Hub::tenant_exists(const std::string& slug) {
  CARILLON_TRY(auto tenant, transact_system(impl_->storage.db(), [&](Tx& tx) { return impl_->storage.tenants.tenant_by_slug(tx, slug); }));
  return tenant.has_value();
}

Result<std::string> Hub::issue_token(const std::string& tenant_slug, const std::string& email, Duration ttl) {
  return sign_token_for(impl_->storage.db(), impl_->storage.tenants, *impl_->jwt, tenant_slug, email, ttl);
}

Result<Tenant> Hub::create_tenant(const std::string& slug, const std::string& name, const std::string& zone,
                                  const std::string& admin_email, const std::string& admin_password) {
  return make_tenant({impl_->storage.db(), impl_->storage.tenants, *impl_->jobs, impl_->zones, impl_->ids, *impl_->rng},
                     {slug, name, zone, admin_email, admin_password});
}

std::uint16_t Hub::port() const { return impl_->server ? impl_->server->port() : 0; }
std::vector<std::string> Hub::routes() const { return impl_->router.routes(); }
std::vector<std::string> Hub::action_names() const { return impl_->host.actions().names(); }
std::string Hub::owner_url() const { return impl_->storage.owner_url(); }

Result<int> migrate_database(const std::string& owner_url, bool plan, Logger& log, const std::function<void(const std::string&)>& say) {
  const std::vector<std::string> lines = {"core", "schedules", "legacy"};
  pg::Migrator migrator(owner_url, pg::role_password(owner_url), log);
  CARILLON_TRY(auto states, migrator.plan(lines));
  int missing = 0;
  for (const auto& [migration, applied] : states) {
    say((applied ? "applied  " : "pending  ") + migration.line + "/" + migration.name);
    if (!applied) ++missing;
  }
  if (plan) return missing;
  return migrator.migrate(lines);
}

}  // namespace carillon
