#pragma once
#include <sys/resource.h>

#include "engine/jobs/planner.h"
#include "engine/runs/worker_pool.h"
#include "persistence/core/pg_database.h"
#include "persistence/core/pg_listener.h"
#include "persistence/stores/pg_job_store.h"
#include "persistence/stores/pg_run_store.h"
#include "persistence/stores/pg_schedule_store.h"
#include "persistence/stores/pg_secret_store.h"
#include "persistence/stores/pg_workflow_store.h"
#include "plugins/schedules/stats_hook.h"
#include "tests/bench/support/bench_database.h"

namespace carillon::bench {

/// The workflow of the bench calls nobody.
class NoOutbound final : public OutboundHttp {
 public:
  Ticket start(const HttpCall&, Callback done) override {
    done({});
    return 0;
  }
  void cancel(Ticket) override {}
};

/// A hub without its web: stores, planner and, when asked for, a worker.
struct Engine {
  Engine(BenchDatabase& database, const EngineOptions& o, const Clock& c, Logger& l)
      : options(o), clock(c), log(l), db({database.app_url(), database.system_url()}, *rng, ids, l) {
    PlannerOptions planner_options;
    planner_options.batch = o.batch;
    planner_options.parallel = o.parallel;
    planner_options.scan = 10 * o.batch;
    planner_options.scans = 2;
    planner_options.tenants_per_transaction = o.tenants_per_transaction;
    planner = std::make_unique<Planner>(db, jobs, [this](const std::string&) { return &handler; }, zones, metrics, log, planner_options);
    planner_loop = std::make_unique<LoopService>("planner", log, [this] { return planner->tick(); });
    WorkerOptions worker_options;
    worker_options.node = ids.make<NodeId>();
    const auto make_worker = [this, &c, &l](const WorkerOptions& share, std::function<void()> wake) {
      return std::make_unique<Worker>(db, runs, handover, programs, outbound, c, ids, secrets, redaction, std::vector<RunHook*>{&room_hook, &stats}, metrics, l, share, std::move(wake));
    };
    workers = std::make_unique<WorkerPool>(o.workers, worker_options, make_worker, metrics, l);
    listener = std::make_unique<pg::PgListener>(database.system_url(), log, [this](const std::set<std::string>& topics) {
      if (topics.contains("jobs")) planner_loop->notify();
      if (topics.contains("runs")) workers->notify();
    });
  }
  void start() {
    planner_loop->start();
    listener->start();
    if (options.worker) workers->start();
  }
  void stop() {
    listener->stop();
    planner_loop->stop();
    workers->stop();
  }
  std::int64_t fired() { return metrics.counter("carillon_registrations_handled_total", "").value(); }
  std::int64_t ended() { return metrics.counter("carillon_runs_ended_total", "").value(); }

  const EngineOptions& options;
  const Clock& clock;
  Logger& log;
  std::unique_ptr<Rng> rng = make_system_rng();
  IdSource ids{clock, *rng};
  Metrics metrics;
  ZoneDatabase zones;
  pg::PgDatabase db;
  pg::PgJobStore jobs;
  pg::PgRunStore runs;
  pg::PgScheduleStore schedules;
  pg::PgWorkflowStore workflows;
  KeyFile secret_keys{"secrets.keys"};
  pg::PgSecretStore secrets{secret_keys};
  pg::PgRedactionStore redaction_settings;
  PayloadSchemas schemas{workflows};
  Redaction redaction{schemas, redaction_settings};
  ProgramCache programs{workflows, 2000};
  NoOutbound outbound;
  RunHandover handover;
  RunStarter starter{runs, handover, ids};
  schedules::FireHandler handler{schedules, runs, starter, jobs, zones, ids, {}};
  JobRunner job_runner{jobs, zones};
  schedules::Lifecycle lifecycle{schedules, job_runner, jobs, handler, zones};
  schedules::StatsHook stats{schedules, jobs, lifecycle};
  schedules::RoomHook room_hook{schedules, jobs};
  std::unique_ptr<Planner> planner;
  std::unique_ptr<WorkerPool> workers;
  std::unique_ptr<LoopService> planner_loop;
  std::unique_ptr<pg::PgListener> listener;
};

inline double seconds_between(Instant from, Instant to) { return static_cast<double>((to - from).count()) / 1e6; }

inline double own_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Processor seconds of the hub (this process) and of its database since it was made.
class CpuMeter {
 public:
  explicit CpuMeter(const BenchDatabase& database) : database_(database), hub_(own_cpu_seconds()), server_(database.cpu_seconds()) {}
  double hub() const { return own_cpu_seconds() - hub_; }
  double server() const { return database_.cpu_seconds() - server_; }

 private:
  const BenchDatabase& database_;
  double hub_, server_;
};

}  // namespace carillon::bench
