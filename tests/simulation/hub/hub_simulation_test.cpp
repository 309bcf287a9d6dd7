#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "tests/simulation/hub/scenario.h"

namespace carillon::simulation {
namespace {

using schedules::Verdict;

#if defined(__SANITIZE_ADDRESS__) || (defined(__has_feature) && __has_feature(address_sanitizer))
constexpr std::uint64_t kSeedsInCi = 100;
#else
constexpr std::uint64_t kSeedsInCi = 2000;
#endif
constexpr std::size_t kShownProblems = 12;
constexpr std::uint64_t kEnough = 100;  ///< fewer lives need not have seen everything

std::uint64_t number_from(const char* variable, std::uint64_t fallback) {
  const char* text = std::getenv(variable);
  return text ? std::strtoull(text, nullptr, 10) : fallback;
}

/// CARILLON_SEEDS: how many lives are played; CARILLON_FIRST_SEED: to play one again.
TEST(HubSimulation, EveryDueTimeHasOneVerdictAndAtMostOneRunWhateverFails) {
  const std::uint64_t first = number_from("CARILLON_FIRST_SEED", 1), seeds = number_from("CARILLON_SEEDS", kSeedsInCi);
  Scenario::Totals totals;
  int failed = 0;
  for (std::uint64_t seed = first; seed < first + seeds && failed < 5; ++seed) {
    Scenario scenario(seed);
    auto problems = scenario.play();
    totals.add(scenario.totals());
    if (problems.empty()) continue;
    ++failed;
    std::string text;
    for (std::size_t n = 0; n < std::min(problems.size(), kShownProblems); ++n) text += "\n  " + problems[n];
    ADD_FAILURE() << "seed " << seed << " (again: CARILLON_FIRST_SEED=" << seed << " CARILLON_SEEDS=1), " << problems.size()
                  << " problems:" << text;
  }
  std::cout << seeds << " seeds from " << first << ": " << std::chrono::duration_cast<std::chrono::days>(totals.span).count() / 365
            << " years, " << totals.clock_changes << " clock changes, " << totals.crashes << " crashes, " << totals.runs << " runs, "
            << totals.fires << " records;";
  std::cout << " waited " << totals.waited << ", caught up " << totals.caught_up << ", terminated " << totals.terminated << ", retries " << totals.retries
            << ", held after failures " << totals.failure_holds << ", maintenance " << totals.maintenance << ", brought back " << totals.brought_back << ", published "
            << totals.published << ", payloads migrated " << totals.migrated << ", overtaken while waiting " << totals.overtaken << ";";
  for (const auto& [verdict, count] : totals.due_times) std::cout << " " << to_string(verdict) << " " << count;
  std::cout << "\n";
  if (failed || seeds < kEnough) return;
  // A simulation in which nothing happens proves nothing.
  EXPECT_GT(totals.span, std::chrono::days(seeds * 20));
  EXPECT_GT(totals.clock_changes, seeds);
  EXPECT_GT(totals.crashes, seeds);
  EXPECT_GT(totals.runs, seeds * 10);
  for (Verdict verdict : {Verdict::started, Verdict::skipped_overlap, Verdict::missed, Verdict::paused, Verdict::invalid, Verdict::expired,
                          Verdict::superseded})
    EXPECT_GT(totals.due_times[verdict], 0) << to_string(verdict);
  EXPECT_GT(totals.waited, seeds);
  for (const std::size_t count : {totals.caught_up, totals.terminated, totals.retries, totals.failure_holds, totals.maintenance, totals.brought_back}) EXPECT_GT(count, 0u);
  for (const std::size_t count : {totals.published, totals.migrated, totals.overtaken}) EXPECT_GT(count, seeds / 2);
}

}  // namespace
}  // namespace carillon::simulation
