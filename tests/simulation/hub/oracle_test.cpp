// The oracle itself: what it compares with is right, and it finds what is wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulation/hub/scenario.h"

namespace carillon::simulation {
namespace {

using testing::HasSubstr;

/// What the oracle says once `spoil` has changed the world of a life that went well.
template <class Spoil>
std::string complaint_of(std::uint64_t seed, Spoil&& spoil) {
  Scenario scenario(seed);
  EXPECT_TRUE(scenario.play().empty());
  memory::MemoryWorld& world = scenario.world();
  world.undo.begin();
  EXPECT_TRUE(spoil(world)) << "seed " << seed << " has nothing to spoil";
  world.undo.commit();
  std::string out;
  for (const std::string& problem : find_violations(world, scenario.history())) out += problem + "\n";
  return out;
}

/// Changes the first record of that verdict that never waited.
template <class Change>
auto spoil_fire(schedules::Verdict verdict, Change&& change) {
  return [=](memory::MemoryWorld& world) {
    for (const auto& [key, fire] : world.fires.rows())
      if (fire.verdict == verdict && !world.waits.find(key)) return world.fires.edit(key, change);
    return false;
  };
}

}  // namespace

TEST(SimCron, NamesTheSameTimesAsAWalkOverEveryMinute) {
  const std::uint64_t seed = 20261121;
  SCOPED_TRACE("seed " + std::to_string(seed));
  const auto rng = make_seeded_rng(seed);
  std::size_t times = 0;
  for (const std::string& name : simulated_zones()) {
    const ZoneTable& zone = ZoneTable::of(name);
    auto changes = zone.changes(1'262'304'000, 2'366'841'600);
    for (int n = 0; n < 40; ++n) {
      const std::int64_t near = changes.empty() ? 1'800'000'000 : changes[rng->below(changes.size())].at;
      const std::int64_t from = near - static_cast<std::int64_t>(rng->below(3 * 86'400)), until = from + 4 * 86'400;
      const SimCron cron = random_cron(*rng, static_cast<Pace>(n % 4), zone, Instant::from_seconds(near));
      const auto walked = cron.walk(zone, from, until);
      ASSERT_EQ(cron.times(zone, from, until), walked) << cron.expression() << " in " << name << " from " << from;
      times += walked.size();
    }
  }
  EXPECT_GT(times, 10'000u);
}

TEST(Oracle, FindsALostDueTime) {
  EXPECT_THAT(complaint_of(3, [](memory::MemoryWorld& world) {
    return world.fires.rows().empty() ? false : world.fires.erase(world.fires.rows().begin()->first);
  }), HasSubstr("a due time without a verdict"));
}

TEST(Oracle, FindsAWrongVerdict) {
  using schedules::Verdict;
  for (Verdict verdict : {Verdict::started, Verdict::missed})
    EXPECT_THAT(complaint_of(3, spoil_fire(verdict, [](schedules::Fire& fire) { fire.verdict = Verdict::skipped_overlap; })),
                HasSubstr("expected " + std::string(to_string(verdict))));
}

TEST(Oracle, FindsAWrongReason) {
  EXPECT_THAT(complaint_of(3, spoil_fire(schedules::Verdict::missed, [](schedules::Fire& fire) { fire.reason = "Nobody knows."; })),
              HasSubstr("Nobody knows."));
}

TEST(Oracle, FindsAStretchThatCountsTooFew) {
  EXPECT_THAT(complaint_of(3, [](memory::MemoryWorld& world) {
    for (const auto& [key, fire] : world.fires.rows())
      if (fire.count > 1) return world.fires.edit(key, [](schedules::Fire& f) { --f.count; });
    return false;
  }), HasSubstr("due times, there are"));
}

TEST(Oracle, FindsASecondRunOfOneFire) {
  EXPECT_THAT(complaint_of(3, [](memory::MemoryWorld& world) {
    for (const auto& [key, run] : world.runs.rows()) {
      if (run.provenance.reason != "scheduled") continue;
      carillon::Run again = run;
      again.id.value.bytes[15] ^= 1;
      const memory::Owned<RunId> at{again.tenant, again.id};
      world.run_commits.put(at, *world.run_commits.find(key));
      world.run_end_commits.put(at, *world.run_end_commits.find(key));
      world.runs.put(at, again);
      return true;
    }
    return false;
  }), HasSubstr("of no fire"));
}

TEST(Oracle, FindsARunWithAnotherPayload) {
  EXPECT_THAT(complaint_of(3, [](memory::MemoryWorld& world) {
    for (const auto& [key, run] : world.runs.rows())
      if (run.provenance.reason == "scheduled") return world.runs.edit(key, [](carillon::Run& r) { r.input = R"({"n":-1,"s":"y"})"; });
    return false;
  }), HasSubstr("ran with {\"n\":-1"));
}

TEST(Oracle, FindsAFireThatANodeLeftAlone) {
  // As if the records had come some commits later: undisturbed rounds of nodes passed them by.
  EXPECT_THAT(complaint_of(3, [](memory::MemoryWorld& world) {
    for (const auto& [key, fire] : world.fires.rows())
      if (fire.verdict == schedules::Verdict::missed) world.fire_commits.edit(key, [](std::uint64_t& commit) { commit += 40; });
    return true;
  }), HasSubstr("left it alone"));
}

}  // namespace carillon::simulation
