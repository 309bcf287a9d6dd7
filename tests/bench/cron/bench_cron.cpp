#include <chrono>
#include <cstdio>

#include "engine/time/cron.h"

using namespace carillon;

/// Prints the nanoseconds of one next() for usual and for rare expressions.
int main() {
  using SteadyClock = std::chrono::steady_clock;
  auto begin = SteadyClock::now();
  ZoneDatabase zones;
  auto load = std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - begin).count();
  std::printf("zone database %s, %zu zones, read in %lld ms\n", zones.version().c_str(), zones.names().size(),
              static_cast<long long>(load));
  struct Case {
    const char* expression;
    int count;
  };
  for (const Case& c : {Case{"* * * * *", 2'000'000}, Case{"*/15 * * * *", 2'000'000}, Case{"0 9 * * MON-FRI", 1'000'000},
                        Case{"30 2 * * *", 1'000'000}, Case{"0 0 LW * *", 200'000}, Case{"0 12 13 * 5", 500'000},
                        Case{"0 0 1 1 *", 200'000}, Case{"0 0 29 2 *", 100'000}}) {
    auto cron = CronExpression::parse(c.expression);
    const Zone* zone = zones.find("Europe/Berlin");
    const Instant start = *parse_instant("2026-01-01T00:00:00Z"), end = *parse_instant("2400-01-01T00:00:00Z");
    std::uint64_t checksum = 0;
    ZoneHint hint;
    Instant t = start;
    begin = SteadyClock::now();
    for (int i = 0; i < c.count; ++i) {
      auto next = cron->next(t, *zone, &hint);
      t = next && *next < end ? *next : start;
      checksum += static_cast<std::uint64_t>(t.us);
    }
    double ns = std::chrono::duration<double, std::nano>(SteadyClock::now() - begin).count() / c.count;
    std::printf("%-18s %9.1f ns/next  (checksum %llu)\n", c.expression, ns, static_cast<unsigned long long>(checksum));
  }
}
