// Fires per second of the real planner, and of the worker behind it, beside a raw SQL baseline on the same server.
//   bench_planner [--schedules N] [--tenants N] [--batch N] [--parallel N]
//     [--tenants-per-transaction N] [--mode herd|single|idle] [--worker] [--no-baseline]
#include <sys/resource.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "engine/jobs/planner.h"
#include "engine/runs/worker.h"
#include "persistence/core/pg_database.h"
#include "persistence/core/pg_listener.h"
#include "persistence/stores/pg_job_store.h"
#include "persistence/stores/pg_run_store.h"
#include "persistence/stores/pg_schedule_store.h"
#include "persistence/stores/pg_workflow_store.h"
#include "plugins/schedules/stats_hook.h"
#include "tests/bench/planner/baseline.h"

namespace carillon::bench {
namespace {

constexpr double kLongest = 60;  ///< seconds, then the figures so far are printed

double seconds_between(Instant from, Instant to) { return static_cast<double>((to - from).count()) / 1e6; }

double own_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::string memory_line(const char* key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key)) return line.substr(line.find_first_of("0123456789"));
  return "?";
}

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
  Engine(BenchDatabase& database, const BenchOptions& o, Clock& c, Logger& l)
      : options(o), clock(c), log(l), db({database.app_url(), database.system_url()}, *rng, ids, l) {
    PlannerOptions planner_options;
    planner_options.batch = o.batch;
    planner_options.parallel = o.parallel;
    planner_options.tenants_per_transaction = o.tenants_per_transaction;
    planner = std::make_unique<Planner>(db, jobs, [this](const std::string&) { return &handler; }, zones, metrics, log, planner_options);
    planner_loop = std::make_unique<LoopService>("planner", log, [this] { return planner->tick(); });
    WorkerOptions worker_options;
    worker_options.node = ids.make<NodeId>();
    worker = std::make_unique<Worker>(db, runs, programs, outbound, clock, ids, std::vector<RunHook*>{&stats, &room_hook}, metrics, log, worker_options,
                                      [this] { worker_loop->notify(); });
    worker_loop = std::make_unique<LoopService>("worker", log, [this] { return worker->tick(); });
    listener = std::make_unique<pg::PgListener>(database.system_url(), log, [this](const std::set<std::string>& topics) {
      if (topics.contains("runs")) worker_loop->notify();
    });
  }
  void start() {
    planner_loop->start();
    if (!options.worker) return;
    worker_loop->start();
    listener->start();
  }
  void stop() {
    listener->stop();
    planner_loop->stop();
    worker_loop->stop();
  }
  std::int64_t fired() { return metrics.counter("carillon_registrations_handled_total", "").value(); }
  std::int64_t ended() { return metrics.counter("carillon_runs_ended_total", "").value(); }

  const BenchOptions& options;
  Clock& clock;
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
  ProgramCache programs{workflows, 2000};
  NoOutbound outbound;
  schedules::FireHandler handler{schedules, runs, jobs, zones, ids, {}};
  JobRunner job_runner{jobs, zones};
  schedules::Lifecycle lifecycle{schedules, job_runner, jobs, handler, zones};
  schedules::StatsHook stats{schedules, jobs, lifecycle};
  schedules::RoomHook room_hook{schedules, jobs};
  std::unique_ptr<Planner> planner;
  std::unique_ptr<Worker> worker;
  std::unique_ptr<LoopService> planner_loop, worker_loop;
  std::unique_ptr<pg::PgListener> listener;
};

/// Waits until `count` reaches `goal`; the instant that happened, or the last one looked at.
template <class Count>
Instant wait_until(const Clock& clock, Count count, std::int64_t goal) {
  Wakeup nobody;
  const Instant begin = clock.now();
  while (count() < goal && seconds_between(begin, clock.now()) < kLongest) nobody.wait_for(Duration{2'000});
  return clock.now();
}

void run_idle(Engine& engine) {
  constexpr int kRounds = 300;
  engine.planner->tick();
  const Instant begin = engine.clock.now();
  const double cpu = own_cpu_seconds();
  for (int n = 0; n < kRounds; ++n) engine.planner->tick();
  std::printf("idle round        %.0f us, hub CPU %.0f us\n", seconds_between(begin, engine.clock.now()) * 1e6 / kRounds,
              (own_cpu_seconds() - cpu) * 1e6 / kRounds);
}

/// Answers fires per second.
double run_fires(Engine& engine, BenchDatabase& database, const BenchOptions& options, Instant due) {
  const double cpu = own_cpu_seconds();
  engine.start();
  due = std::max(due, engine.clock.now());
  const Instant recorded = wait_until(engine.clock, [&] { return engine.fired(); }, options.schedules);
  const double fire_cpu = own_cpu_seconds() - cpu;
  const Instant ended = options.worker ? wait_until(engine.clock, [&] { return engine.ended(); }, options.schedules) : recorded;
  engine.stop();
  const double rate = static_cast<double>(engine.fired()) / seconds_between(due, recorded);
  std::printf("fires recorded    %s of %d in %.3f s after the due time: %.0f/s\n", database.value("SELECT count(*) FROM fires").c_str(),
              options.schedules, seconds_between(due, recorded), rate);
  const std::string late = "SELECT round(percentile_disc($) WITHIN GROUP (ORDER BY extract(epoch FROM fired_at - planned_at)) * 1000) FROM fires";
  const auto percentile = [&](const char* p) { return database.value(std::string(late).replace(late.find('$'), 1, p)); };
  std::printf("lateness          p50 %s ms, p99 %s ms, max %s ms (start of the transaction that fired)\n", percentile("0.5").c_str(),
              percentile("0.99").c_str(), percentile("1").c_str());
  std::printf("hub CPU           %.1f us per fire\n", fire_cpu * 1e6 / options.schedules);
  if (options.worker)
    std::printf("runs ended        %s in %.3f s after the due time: %.0f/s\n",
                database.value("SELECT count(*) FROM runs WHERE state = 4 AND ended_at IS NOT NULL").c_str(), seconds_between(due, ended),
                static_cast<double>(engine.ended()) / seconds_between(due, ended));
  return rate;
}

Instant next_due(const Clock& clock) {
  const Instant now = clock.now();
  return Instant{(now.us / 1'000'000 + 3) * 1'000'000};
}

void run(const BenchOptions& options) {
  auto clock = make_system_clock();
  StderrLogger log;
  BenchDatabase database(*clock, log);
  const bool idle = options.mode == "idle";
  database.fill(options, clock->now());
  std::printf("%s: %d schedules, %d tenants, batch %d, %d at a time%s\n", options.mode.c_str(), options.schedules, options.mode == "single" ? 1 : options.tenants,
              options.batch, options.parallel, options.worker ? ", with a worker" : "");
  double rate = 0;
  {
    const Instant due = idle ? clock->now() + std::chrono::hours(1) : next_due(*clock);
    database.reset(due);
    Engine engine(database, options, *clock, log);
    if (idle) run_idle(engine);
    else rate = run_fires(engine, database, options, due);
  }
  std::printf("hub memory        %s now, %s at most\n", memory_line("VmRSS").c_str(), memory_line("VmHWM").c_str());
  if (idle || !options.baseline) return;
  const Instant past = clock->now() - Duration{1'000'000};
  database.reset(past);
  const double floor = options.schedules / run_baseline(database, options.batch, past);
  std::printf("raw SQL baseline  %.0f/s; the planner reaches %.0f %% of it\n", floor, 100 * rate / floor);
}

BenchOptions options_of(int argc, char** argv) {
  BenchOptions options;
  const auto number = [&](int& at) {
    if (at + 1 >= argc) throw std::invalid_argument(std::string(argv[at]) + " needs a number");
    return std::stoi(argv[++at]);
  };
  for (int at = 1; at < argc; ++at) {
    const std::string_view flag = argv[at];
    if (flag == "--schedules") options.schedules = number(at);
    else if (flag == "--tenants") options.tenants = number(at);
    else if (flag == "--batch") options.batch = number(at);
    else if (flag == "--parallel") options.parallel = number(at);
    else if (flag == "--tenants-per-transaction") options.tenants_per_transaction = number(at);
    else if (flag == "--mode" && at + 1 < argc) options.mode = argv[++at];
    else if (flag == "--worker") options.worker = true;
    else if (flag == "--no-baseline") options.baseline = false;
    else throw std::invalid_argument("what is " + std::string(flag) + "?");
  }
  if (options.mode != "herd" && options.mode != "single" && options.mode != "idle") throw std::invalid_argument("--mode herd|single|idle");
  return options;
}

}  // namespace
}  // namespace carillon::bench

int main(int argc, char** argv) {
  try {
    carillon::bench::run(carillon::bench::options_of(argc, argv));
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench_planner: %s\n", e.what());
    return 1;
  }
}
