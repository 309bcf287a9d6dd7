// Fires per second of the real planner, and of the worker behind it, beside a raw SQL baseline on the same server.
//   bench_planner [--schedules N] [--tenants N] [--batch N] [--parallel N]
//     [--tenants-per-transaction N] [--mode herd|single|lone|idle] [--stored N] [--lists] [--hub PROGRAM] [--worker] [--workers N] [--statements] [--no-baseline]
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "tests/bench/planner/baseline.h"
#include "tests/bench/planner/planner_data.h"

namespace carillon::bench {
namespace {

constexpr double kLongest = 60;  ///< seconds, then the figures so far are printed

/// Waits until `count` reaches `goal`; the instant that happened, or the last one looked at.
template <class Count>
Instant wait_until(const Clock& clock, Count count, std::int64_t goal) {
  Wakeup nobody;
  const Instant begin = clock.now();
  while (count() < goal && seconds_between(begin, clock.now()) < kLongest) nobody.wait_for(Duration{2'000});
  return clock.now();
}

/// Answers fires per second.
double run_fires(Engine& engine, BenchDatabase& database, const BenchOptions& options, Instant due) {
  if (options.statements) database.reset_statements();
  const CpuMeter cpu(database);
  engine.start();
  due = std::max(due, engine.clock.now());
  const int lone = options.mode == "lone" ? kLoneTenants : 0;
  const Instant recorded = wait_until(engine.clock, [&] { return engine.fired(); }, options.schedules + lone);
  const double hub_cpu = cpu.hub(), server_cpu = cpu.server();
  const Instant ended = options.worker ? wait_until(engine.clock, [&] { return engine.ended(); }, options.schedules + lone) : recorded;
  engine.stop();
  if (options.statements) database.print_statements();
  const double rate = static_cast<double>(engine.fired()) / seconds_between(due, recorded);
  std::printf("fires recorded    %s of %d in %.3f s after the due time: %.0f/s\n", database.value("SELECT count(*) FROM fires").c_str(),
              options.schedules + lone, seconds_between(due, recorded), rate);
  const auto late = [&](const char* percentile, const char* condition) {
    return database.value("SELECT round(percentile_disc(" + std::string(percentile) +
                          ") WITHIN GROUP (ORDER BY extract(epoch FROM fired_at - planned_at)) * 1000, 1) FROM fires f JOIN tenants t "
                          "ON t.tenant_id = f.tenant_id WHERE t.slug " + condition);
  };
  std::printf("lateness          p50 %s ms, p99 %s ms, max %s ms (start of the transaction that fired)\n", late("0.5", "LIKE 'tenant%'").c_str(),
              late("0.99", "LIKE 'tenant%'").c_str(), late("1", "LIKE 'tenant%'").c_str());
  if (lone > 0)
    std::printf("lone tenants      p50 %s ms, max %s ms late; %d of them, one each 50 ms from the due time on\n",
                late("0.5", "LIKE 'lone%'").c_str(), late("1", "LIKE 'lone%'").c_str(), lone);
  std::printf("CPU               hub %.1f us, server %.1f us per fire\n", hub_cpu * 1e6 / options.schedules, server_cpu * 1e6 / options.schedules);
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
  BenchDatabase database(options, *clock, log);
  const bool idle = options.mode == "idle";
  fill(database, options, clock->now());
  std::printf("%s: %d schedules due, %d more stored, %d tenants, batch %d, %d at a time%s%s\n", options.mode.c_str(), options.schedules,
              options.stored, options.mode == "single" ? 1 : options.tenants, options.batch, options.parallel,
              options.tenants_per_transaction == 1 ? ", one tenant to a transaction" : "", options.worker ? ", with a worker" : "");
  double rate = 0;
  {
    const Instant due = idle ? clock->now() + std::chrono::hours(1) : next_due(*clock);
    reset(database, options, due);
    Engine engine(database, options, *clock, log);
    if (idle) measure_idle(engine, database);
    else rate = run_fires(engine, database, options, due);
    if (options.lists) measure_lists(engine, database);
  }
  std::printf("hub memory        %s now, %s at most\n", memory_of("self", "VmRSS").c_str(), memory_of("self", "VmHWM").c_str());
  if (!options.hub.empty()) measure_hub(database, options);
  if (idle || !options.baseline) return;
  const Instant past = clock->now() - Duration{1'000'000};
  reset(database, options, past);
  const CpuMeter cpu(database);
  const double floor = options.schedules / run_baseline(database, options.batch, past);
  std::printf("raw SQL baseline  %.0f/s, server %.1f us per fire; the planner reaches %.0f %% of it\n", floor,
              cpu.server() * 1e6 / options.schedules, 100 * rate / floor);
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
    else if (flag == "--stored") options.stored = number(at);
    else if (flag == "--hub" && at + 1 < argc) options.hub = argv[++at];
    else if (flag == "--lists") options.lists = true;
    else if (flag == "--worker") options.worker = true;
    else if (flag == "--workers") options.workers = number(at);
    else if (flag == "--statements") options.statements = true;
    else if (flag == "--no-baseline") options.baseline = false;
    else throw std::invalid_argument("what is " + std::string(flag) + "?");
  }
  const std::string_view modes[] = {"herd", "single", "lone", "idle"};
  if (std::ranges::find(modes, options.mode) == std::end(modes)) throw std::invalid_argument("--mode herd|single|lone|idle");
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
