#pragma once
#include <map>
#include <memory>
#include <string>

#include "engine/actions/dispatcher.h"
#include "engine/jobs/planner.h"
#include "engine/runs/run_actions.h"
#include "engine/runs/worker.h"
#include "engine/workflows/workflow_actions.h"
#include "plugins/schedules/plugin.h"
#include "tests/simulation/hub/sim_clock.h"
#include "tests/support/memory/memory_stores.h"

namespace carillon::simulation {

/// The service that workflows call: remembers how often each idempotency key arrived.
using Sink = std::map<std::string, int>;

/// Outbound HTTP under the virtual clock: every call is answered some seconds later, when deliver() is called.
class FakeHttp final : public OutboundHttp {
 public:
  FakeHttp(const Clock& time, Rng& rng, Sink& sink) : time_(time), rng_(rng), sink_(sink) {}
  Ticket start(const HttpCall& call, Callback done) override;
  void cancel(Ticket ticket) override;
  /// Answers what is due by now.
  void deliver();
  /// When the next answer is due.
  std::optional<Instant> next() const;

 private:
  struct Pending {
    Callback done;
    Instant answer_at;
    HttpOutcome outcome;
  };
  const Clock& time_;
  Rng& rng_;
  Sink& sink_;
  Ticket last_ = 0;
  std::map<Ticket, Pending> pending_;
};

class SimNode;

/// Hears of registrations that a planner could not handle: that never happens.
class SimLog final : public Logger {
 public:
  void write(LogLevel, std::string_view event, std::initializer_list<LogField> fields) override;
  const std::vector<std::string>& broken() const { return broken_; }

 private:
  std::vector<std::string> broken_;
};

/// What all nodes share: the database and its clock, chance and the outside world.
struct SimHub {
  SimHub(std::uint64_t seed, Instant start);
  ManualClock time;              ///< how much time has really gone by; never steps
  SteppingClock clock{time};     ///< the database's
  std::unique_ptr<Rng> rng;
  memory::MemoryWorld world;
  memory::MemoryStores stores{world};
  PayloadSchemas schemas{stores.workflows};
  const ZoneDatabase& zones;
  SimLog log;
  Sink sink;
  bool faults = true;                            ///< whether commits may fail
  Instant database_back;                         ///< until this true time the database answers nobody
  memory::Fault last_fault = memory::Fault::none;  ///< what happened at the latest commit
  Instant committed_at;                          ///< the time of the transaction that has committed last
  std::uint64_t failures = 0;                    ///< commits that did not end well

  const SimNode* ticking = nullptr;  ///< whose planner is at it
  std::function<void()> before_lock;  ///< may let others commit before a transaction that has only read gets its first lock
  std::function<void()> between;  ///< may let another node come in between two transactions of one
  /// A transaction that wrote is about to commit, its rows are in place. Called with the number it will have.
  std::function<void(std::uint64_t commit)> committing;

  bool chance(std::uint64_t percent) { return rng->below(100) < percent; }
  memory::Fault fault_at(const memory::CommitPoint& point);

 private:
  memory::Fault choose_fault(const memory::CommitPoint& point);
};

/// One process of the hub, made of the product's own parts. Dropping it is a crash: only the database survives.
class SimNode {
 public:
  explicit SimNode(SimHub& hub);
  /// A round of the planner, as often as it asks for another at once.
  void tick_planner();
  void tick_worker() {
    http_.deliver();
    worker_.tick();
  }
  Result<ActionResponse> call(const std::string& action, const TenantContext& who, const ActionRequest& request) {
    return dispatcher_.call(action, who, request);
  }
  /// It has seen the database's clock jump forward less than three minutes ago, by an account of its own.
  bool saw_jump() const { return jump_over_ && hub_.time.steady() < *jump_over_; }
  ClockGuard& clock_guard() { return guard_; }
  std::optional<Instant> next_answer() const { return http_.next(); }

 private:
  class AnyShape final : public ShapeChecker {
    Status check(const std::string&, const Json&) const override { return ok(); }
  };
  static PluginHost& contribute(SimNode& node);
  std::vector<PublishHook*> publish_hooks() const;
  std::vector<RunHook*> run_hooks() const;
  void look_at_clock();
  WorkerOptions worker_options();
  PlannerOptions planner_options();

  SimHub& hub_;
  SteppingClock clock_;  ///< this machine's, which is not the database's
  std::optional<Duration> last_ahead_, jump_over_;
  IdSource ids_;
  memory::MemoryDatabase db_;
  FakeHttp http_;
  Metrics metrics_;
  Redaction redaction_{hub_.schemas, hub_.stores.redaction};
  JobRunner jobs_;
  RunHandover handover_;
  RunStarter starter_;
  RunEnder ender_;
  ClockGuard guard_;
  Publisher publisher_;
  WorkflowActions workflow_actions_;
  RunActions run_actions_;
  std::unique_ptr<Plugin> plugin_;
  PluginHost host_;
  ProgramCache programs_;
  AnyShape shapes_;
  Dispatcher dispatcher_;
  Planner planner_;
  Worker worker_;
};

}  // namespace carillon::simulation
