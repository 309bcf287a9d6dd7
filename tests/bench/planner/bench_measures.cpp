#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "tests/bench/planner/planner_data.h"
#include "tests/support/hub_process.h"

namespace carillon::bench {
namespace {

constexpr int kIdleFires = 60;
constexpr int kQuietSeconds = 10;

void wait(Duration time) {
  Wakeup nobody;
  nobody.wait_for(time);
}

TenantId tenant_of(const BenchDatabase& database, const std::string& slug) {
  return *TenantId::parse(database.value("SELECT tenant_id FROM tenants WHERE slug = '" + slug + "'"));
}

/// Promises `id` a moment from now, as a request would.
void promise(Engine& engine, TenantId tenant, RegistrationId id, Duration ahead) {
  Status put = engine.db.in_tenant(tenant, [&](Tx& tx) {
    const Instant at = tx.now() + ahead;
    return engine.jobs.put(tx, {tenant, id, "schedule", at, at, "", ""});
  });
  if (!put) throw std::runtime_error(put.error().message);
}

constexpr int kHubSeconds = 20;

}  // namespace

void measure_idle(Engine& engine, BenchDatabase& database) {
  const TenantId tenant = tenant_of(database, "tenant-1");
  const auto id = *RegistrationId::parse(database.value("SELECT min(id::text) FROM schedules WHERE holds = '{}' AND tenant_id = '" + tenant.to_string() + "'"));
  engine.start();
  wait(std::chrono::seconds(1));
  for (int n = 0; n < kIdleFires; ++n) {
    const std::int64_t before = engine.fired();
    promise(engine, tenant, id, Duration{20'000 + static_cast<std::int64_t>(engine.rng->below(150'000))});
    while (engine.fired() == before) wait(Duration{500});
  }
  const auto late = [&](const char* percentile) {
    return database.value("SELECT round(percentile_disc(" + std::string(percentile) +
                          ") WITHIN GROUP (ORDER BY extract(epoch FROM fired_at - planned_at)) * 1000, 2) FROM fires WHERE verdict = 'started'");
  };
  std::printf("lone fires        %s; late p50 %s ms, p99 %s ms, max %s ms\n", database.value("SELECT count(*) FROM fires").c_str(), late("0.5").c_str(),
              late("0.99").c_str(), late("1").c_str());
  const CpuMeter cpu(database);
  wait(std::chrono::seconds(kQuietSeconds));
  std::printf("nothing due       hub %.2f %%, server %.2f %% of a core\n", 100 * cpu.hub() / kQuietSeconds, 100 * cpu.server() / kQuietSeconds);
  engine.stop();
}

void measure_lists(Engine& engine, BenchDatabase& database) {
  const std::vector<std::pair<std::string, schedules::ScheduleFilter>> filters = [] {
    std::vector<std::pair<std::string, schedules::ScheduleFilter>> out(8);
    out[0].first = "everything";
    out[1] = {"status active", {}};
    out[1].second.status = schedules::Status::active;
    out[2] = {"status paused", {}};
    out[2].second.status = schedules::Status::paused;
    out[3] = {"status failed (none)", {}};
    out[3].second.status = schedules::Status::failed;
    out[4] = {"label nightly", {}};
    out[4].second.label = "nightly";
    out[5] = {"text 99", {}};
    out[5].second.text = "99";
    out[6] = {"text nowhere (none)", {}};
    out[6].second.text = "nowhere";
    out[7] = {"kind cron (none)", {}};
    out[7].second.kind = "cron";
    return out;
  }();
  for (const char* slug : {"tenant-1", "many-1"}) {
    const TenantId tenant = tenant_of(database, slug);
    std::printf("list of %s schedules, ms a page of 50 (first, second), best of 3\n",
                database.value("SELECT count(*) FROM schedules WHERE tenant_id = '" + tenant.to_string() + "'").c_str());
    for (const auto& [name, filter] : filters) {
      std::printf("  %-22s", name.c_str());
      for (const char* sort : {"name", "-name", "next_due_at", "-next_due_at", "updated_at", "-updated_at"}) {
        double best[] = {1e9, 1e9};
        for (int n = 0; n < 3; ++n) {
          schedules::ScheduleFilter f = filter;
          f.sort = sort;
          f.limit = 50;
          for (double& page_best : best) {
            const Instant begin = engine.clock.now();
            auto page = transact(engine.db, tenant, [&](Tx& tx) { return engine.schedules.list(tx, tenant, f); });
            if (!page) throw std::runtime_error(page.error().message);
            page_best = std::min(page_best, seconds_between(begin, engine.clock.now()) * 1000);
            f.cursor = page->next_cursor;
          }
        }
        std::printf(" %s %.1f %.1f ", sort, best[0], best[1]);
      }
      const Instant begin = engine.clock.now();
      auto count = transact(engine.db, tenant, [&](Tx& tx) { return engine.schedules.count(tx, tenant, filter); });
      std::printf(" count %lld in %.1f\n", static_cast<long long>(count.value()), seconds_between(begin, engine.clock.now()) * 1000);
    }
  }
}

void measure_hub(const BenchDatabase& database, const BenchOptions& options) {
  auto clock = make_system_clock();
  const auto home = std::filesystem::temp_directory_path() / ("carillon-bench-hub-" + std::to_string(::getpid()));
  {
    test::HubProcess hub({.program = options.hub, .home = home, .database_url = database.owner_url()});
    const Instant begin = clock->now();
    hub.start();
    hub.await_ready();
    std::printf("hub start         takes requests after %.2f s\n", seconds_between(begin, clock->now()));
    wait(std::chrono::seconds(3));
    const double own = process_cpu_seconds(hub.pid()), server = database.cpu_seconds();
    wait(std::chrono::seconds(kHubSeconds));
    std::printf("hub, nothing due  %.2f %% of a core, its server %.2f %%; memory %s now, %s at most\n",
                100 * (process_cpu_seconds(hub.pid()) - own) / kHubSeconds, 100 * (database.cpu_seconds() - server) / kHubSeconds,
                memory_of(std::to_string(hub.pid()), "VmRSS").c_str(), memory_of(std::to_string(hub.pid()), "VmHWM").c_str());
  }
  std::error_code none;
  std::filesystem::remove_all(home, none);
}

}  // namespace carillon::bench
