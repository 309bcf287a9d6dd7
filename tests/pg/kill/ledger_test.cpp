// The judge of the other tests here is worth something only if it finds what is wrong.
#include "tests/pg/kill/ledger.h"

#include <gtest/gtest.h>

using namespace carillon;
using namespace carillon::test;

namespace {

constexpr const char* kId = "s";
constexpr std::int64_t kEvery = 10;

Instant due(int n) { return Instant::from_seconds(1'800'000'000 + n * kEvery); }

/// One schedule of five due times, ten seconds apart, that were handled as they should be.
struct Case {
  std::vector<LoadSchedule> load;
  Ledger ledger;

  explicit Case(bool overlap_skip = false) {
    LoadSchedule s;
    s.name = "S";
    s.timing = {{"kind", "interval"}};
    s.overlap_skip = overlap_skip;
    s.id = kId;
    for (int n = 0; n < 5; ++n) {
      s.due.push_back(due(n));
      const std::string run = "run " + std::to_string(n);
      ledger.fires[kId].push_back({due(n), due(n) + Duration{2000}, {}, 1, "started", run});
      ledger.runs[kId].push_back({run, format_instant(due(n)), due(n) + Duration{2000}, due(n) + Duration{9000}, RunState::succeeded, 0});
    }
    load.push_back(std::move(s));
  }
  SeenFire& fire(std::size_t n) { return ledger.fires[kId][n]; }
  std::vector<SeenRun>& runs() { return ledger.runs[kId]; }
  /// The n-th was not started, for that reason.
  void unstarted(int n, const std::string& verdict) {
    fire(static_cast<std::size_t>(n)).verdict = verdict;
    fire(static_cast<std::size_t>(n)).run.clear();
    runs().erase(runs().begin() + n);
  }
  std::size_t problems() const { return judge(ledger, load).problem_count; }
};

}  // namespace

TEST(Ledger, HasNoProblemWithWhatIsRight) {
  EXPECT_EQ(Case().problems(), 0u) << judge(Case().ledger, Case().load).text();
  EXPECT_EQ(Case(true).problems(), 0u);
  EXPECT_EQ(judge(Case().ledger, Case().load).late_median, Duration{2000});
}

TEST(Ledger, FindsAGapADoubleAndAStranger) {
  Case gap;
  gap.ledger.fires[kId].erase(gap.ledger.fires[kId].begin() + 2);
  EXPECT_GT(gap.problems(), 0u);
  Case end;
  end.ledger.fires[kId].pop_back();
  end.runs().pop_back();
  EXPECT_EQ(end.problems(), 1u);
  Case twice;
  twice.ledger.fires[kId].insert(twice.ledger.fires[kId].begin() + 2, twice.fire(2));
  EXPECT_GT(twice.problems(), 0u);
  Case moved;
  moved.fire(2).due += std::chrono::seconds(1);
  EXPECT_GT(moved.problems(), 0u);
  Case stranger;
  stranger.ledger.fires["another"].push_back(stranger.fire(0));
  EXPECT_EQ(stranger.problems(), 1u);
}

TEST(Ledger, FindsRunsThatAreMissingTooManyOrUnfinished) {
  Case second;
  second.runs().push_back(second.runs()[1]);
  second.runs().back().id = "run 7";
  EXPECT_GT(second.problems(), 0u);
  Case none;
  none.runs().pop_back();
  EXPECT_EQ(none.problems(), 1u);
  Case unfinished;
  unfinished.runs()[3].state = RunState::running;
  EXPECT_EQ(unfinished.problems(), 1u);
}

TEST(Ledger, HoldsVerdictsAgainstTheGrace) {
  Case too_soon;
  too_soon.unstarted(2, "missed");
  EXPECT_EQ(too_soon.problems(), 1u) << "missed, though there was time";
  Case late;
  late.unstarted(2, "missed");
  late.fire(2).fired = due(3);
  EXPECT_EQ(late.problems(), 0u);
  Case started_late;
  started_late.fire(2).fired = due(3);
  EXPECT_EQ(started_late.problems(), 1u);
  Case early;
  early.fire(2).fired = due(2) - Duration{1};
  EXPECT_EQ(early.problems(), 1u);
  Case paused;
  paused.unstarted(2, "paused");
  EXPECT_EQ(paused.problems(), 1u);
}

TEST(Ledger, ReadsStretches) {
  Case stretch;
  stretch.unstarted(2, "missed");
  stretch.unstarted(1, "missed");
  stretch.fire(1).fired = due(4);
  stretch.fire(1).count = 2;
  stretch.fire(1).last_due = due(2);
  stretch.ledger.fires[kId].erase(stretch.ledger.fires[kId].begin() + 2);
  EXPECT_EQ(stretch.problems(), 0u) << judge(stretch.ledger, stretch.load).text();
  EXPECT_EQ(judge(stretch.ledger, stretch.load).verdicts["missed"], 2u);
  stretch.fire(1).count = 3;
  EXPECT_EQ(stretch.problems(), 1u);
}

TEST(Ledger, HoldsSkipsAgainstTheRunsOfThatTime) {
  Case allowed;
  allowed.unstarted(2, "skipped_overlap");
  EXPECT_EQ(allowed.problems(), 1u) << "overlaps are allowed here";
  Case idle(true);
  idle.unstarted(4, "skipped_overlap");
  EXPECT_EQ(idle.problems(), 0u) << "the end of the run before may not have been known yet";
  for (auto& run : idle.runs()) run.ended = due(0) + Duration{5000};
  EXPECT_EQ(idle.problems(), 1u) << "nothing had been under way for long";
  Case busy(true);
  busy.unstarted(2, "skipped_overlap");
  busy.runs()[1].ended = due(2) + Duration{5000};
  EXPECT_EQ(busy.problems(), 0u);
  Case beside(true);
  beside.runs()[0].ended = due(4);
  EXPECT_GT(beside.problems(), 0u) << "started beside a run that ended much later";
}
