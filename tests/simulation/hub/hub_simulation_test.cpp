#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "tests/simulation/hub/scenario.h"

namespace carillon::simulation {
namespace {

constexpr std::uint64_t kSeedsInCi = 300;
constexpr int kSteps = 400;
constexpr std::size_t kShownProblems = 12;

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
    auto problems = scenario.play(kSteps);
    totals.fires += scenario.totals().fires;
    totals.runs += scenario.totals().runs;
    totals.crashes += scenario.totals().crashes;
    if (problems.empty()) continue;
    ++failed;
    std::string text;
    for (std::size_t n = 0; n < std::min(problems.size(), kShownProblems); ++n) text += "\n  " + problems[n];
    ADD_FAILURE() << "seed " << seed << " (again: CARILLON_FIRST_SEED=" << seed << " CARILLON_SEEDS=1), " << problems.size()
                  << " problems:" << text;
  }
  std::cout << seeds << " seeds from " << first << ": " << totals.fires << " fires, " << totals.runs << " runs, "
            << totals.crashes << " crashes\n";
  // A simulation in which nothing happens proves nothing.
  if (!failed) {
    EXPECT_GT(totals.fires, seeds * 10);
    EXPECT_GT(totals.runs, seeds * 5);
    EXPECT_GT(totals.crashes, seeds);
  }
}

}  // namespace
}  // namespace carillon::simulation
