#include "tests/simulation/hub/sim_hub.h"

#include <stdexcept>

namespace carillon::simulation {
namespace {

/// Read once for all seeds; immutable.
const ZoneDatabase& shared_zones() {
  static const ZoneDatabase zones;
  return zones;
}

constexpr int kMostRounds = 100;
constexpr std::uint64_t kHour = 3'600'000'000;

/// Clocks of machines are right to an hour or so.
Duration wrong_by(SimHub& hub) {
  return hub.chance(70) ? Duration{0} : Duration{static_cast<std::int64_t>(hub.rng->below(2 * kHour)) - std::int64_t{kHour}};
}

/// Tells the hub whose planner is at it, for as long as it lives.
class Ticking {
 public:
  Ticking(SimHub& hub, const SimNode* node) : hub_(hub), before_(std::exchange(hub.ticking, node)) {}
  ~Ticking() { hub_.ticking = before_; }

 private:
  SimHub& hub_;
  const SimNode* before_;
};

}  // namespace

WorkerOptions SimNode::worker_options() {
  WorkerOptions options;
  options.node = ids_.make<NodeId>();
  options.concurrency = 20;
  options.claim_batch = 4;
  return options;
}

PlannerOptions SimNode::planner_options() {
  PlannerOptions options;
  options.batch = hub_.chance(50) ? 2 : 1000;
  options.tenants_per_transaction = hub_.chance(50) ? 1 : 0;
  return options;
}

void SimNode::tick_planner() {
  const Ticking ticking(hub_, this);
  for (int n = 0; n < kMostRounds; ++n) {
    look_at_clock();
    if (planner_.tick() != Duration{0}) return;
  }
}

/// A planner's round begins with a look at the database's clock.
void SimNode::look_at_clock() {
  if (hub_.faults && hub_.time.now() < hub_.database_back) return;
  const Duration ahead = hub_.clock.ahead();
  if (last_ahead_ && ahead - *last_ahead_ > std::chrono::minutes(1)) jump_over_ = hub_.time.steady() + std::chrono::minutes(3);
  last_ahead_ = ahead;
}

void SimLog::write(LogLevel, std::string_view event, std::initializer_list<LogField> fields) {
  if (event != "registration failed") return;
  broken_.emplace_back(event);
  for (const LogField& field : fields)
    if (const auto* text = std::get_if<std::string>(&field.value)) broken_.back() += " " + *text;
}

OutboundHttp::Ticket FakeHttp::start(const HttpCall& call, Callback done) {
  ++sink_[call.idempotency_key];
  HttpOutcome outcome;
  if (rng_.below(100) < 10) outcome.error = TransportError{"CONNECT", "nobody there"};
  else outcome.status = rng_.below(100) < 10 ? 500 : 200;
  outcome.headers = {{"content-type", "application/json"}};
  outcome.body = "{}";
  const Duration delay{static_cast<std::int64_t>(rng_.below(25'000'000))};
  pending_[++last_] = {std::move(done), time_.now() + delay, std::move(outcome)};
  return last_;
}

void FakeHttp::cancel(Ticket ticket) {
  auto it = pending_.find(ticket);
  if (it == pending_.end()) return;
  it->second.answer_at = time_.now();
  it->second.outcome = {};
  it->second.outcome.error = TransportError{"ABORTED", "cancelled"};
}

void FakeHttp::deliver() {
  std::vector<Pending> due;
  for (auto it = pending_.begin(); it != pending_.end();) {
    if (it->second.answer_at > time_.now()) {
      ++it;
      continue;
    }
    due.push_back(std::move(it->second));
    it = pending_.erase(it);
  }
  for (auto& call : due) call.done(std::move(call.outcome));
}

std::optional<Instant> FakeHttp::next() const {
  std::optional<Instant> next;
  for (const auto& [ticket, call] : pending_)
    if (!next || call.answer_at < *next) next = call.answer_at;
  return next;
}

SimHub::SimHub(std::uint64_t seed, Instant start) : time(start), rng(make_seeded_rng(seed)), zones(shared_zones()) {}

memory::Fault SimHub::choose_fault(const memory::CommitPoint& point) {
  if (!faults) return memory::Fault::none;
  if (time.now() < database_back) return memory::Fault::unavailable;
  if (!point.wrote) return memory::Fault::none;
  const std::uint64_t dice = rng->below(1000);
  if (dice < 15) return memory::Fault::crash_before_commit;
  if (dice < 30) return memory::Fault::crash_after_commit;
  if (dice < 50) return memory::Fault::conflict;
  if (dice < 60) return memory::Fault::unavailable;
  return memory::Fault::none;
}

memory::Fault SimHub::fault_at(const memory::CommitPoint& point) {
  last_fault = choose_fault(point);
  if (last_fault != memory::Fault::none && last_fault != memory::Fault::conflict) ++failures;
  const bool commits = last_fault == memory::Fault::none || last_fault == memory::Fault::crash_after_commit;
  if (commits) committed_at = point.now;
  if (commits && point.wrote && committing) committing(world.commits + 1);
  return last_fault;
}

PluginHost& SimNode::contribute(SimNode& node) {
  node.workflow_actions_.contribute(node.host_);
  node.run_actions_.contribute(node.host_);
  node.plugin_->contribute(node.host_);
  if (auto frozen = node.host_.freeze(); !frozen) throw std::logic_error(frozen.error().message);
  return node.host_;
}

std::vector<PublishHook*> SimNode::publish_hooks() const {
  std::vector<PublishHook*> out;
  for (const auto& hook : host_.publish_hooks()) out.push_back(hook.get());
  return out;
}

std::vector<RunHook*> SimNode::run_hooks() const {
  std::vector<RunHook*> out;
  for (const auto& hook : host_.run_hooks()) out.push_back(hook.get());
  return out;
}

SimNode::SimNode(SimHub& hub)
    : hub_(hub), clock_(hub.time, wrong_by(hub)), ids_(clock_, *hub.rng), db_(hub.world, hub.clock),
      http_(hub.time, *hub.rng, hub.sink), jobs_(hub.stores.jobs, hub.zones),
      starter_(hub.stores.runs, handover_, ids_), ender_(hub.stores.runs, [this] { return run_hooks(); }), guard_(clock_, metrics_, hub.log),
      publisher_(hub.stores.workflows, hub.schemas, [this] { return publish_hooks(); }),
      workflow_actions_(hub.stores.workflows, hub.schemas, publisher_, ids_),
      run_actions_(hub.stores.runs, hub.stores.workflows, hub.schemas, hub.stores.secrets, redaction_, starter_),
      plugin_(schedules::make_plugin({hub.stores.schedules, hub.stores.bulk, hub.stores.backfills, hub.stores.maintenance, hub.stores.publishing, hub.stores.retention, hub.stores.jobs,
                                      hub.stores.runs, hub.stores.workflows, hub.stores.tenants, hub.schemas, hub.stores.secrets, redaction_, jobs_, starter_, ender_, guard_, hub.zones, ids_,
                                      hub.log, [this]() -> Database& { return db_; }, {}})),
      programs_(hub.stores.workflows, 100), dispatcher_(db_, contribute(*this).actions(), shapes_, hub.stores.answers),
      planner_(db_, hub.stores.jobs, [this](const std::string& kind) { return host_.handler_of(kind); }, hub.zones, metrics_,
               hub.log, planner_options()),
      worker_(db_, hub.stores.runs, handover_, programs_, http_, clock_, ids_, hub.stores.secrets, redaction_, run_hooks(), metrics_, hub.log, worker_options(), [] {}) {
  planner_.watch(guard_);
  db_.set_begin_hook([this] {
    if (hub_.between) hub_.between();
  });
  db_.set_lock_hook([this] {
    if (hub_.before_lock) hub_.before_lock();
  });
  db_.set_fault_hook([this](const memory::CommitPoint& point) { return hub_.fault_at(point); });
}

}  // namespace carillon::simulation
