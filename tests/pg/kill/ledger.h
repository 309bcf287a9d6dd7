#pragma once
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/runs/run.h"
#include "tests/pg/kill/load.h"

namespace carillon::test {

/// A record of the ledger and a run, as they are stored.
struct SeenFire {
  Instant due, fired;
  std::optional<Instant> last_due;
  std::int64_t count = 1;
  std::string verdict, run;
};
struct SeenRun {
  std::string id, due;  ///< the due time as its provenance names it
  Instant created;
  std::optional<Instant> ended;
  RunState state = RunState::succeeded;
  int takeovers = 0;
};
struct Ledger {
  std::unordered_map<std::string, std::vector<SeenFire>> fires;  ///< by schedule, in order of due times
  std::unordered_map<std::string, std::vector<SeenRun>> runs;    ///< by schedule
};
/// Of all schedules. To be called when everything has ended.
Ledger read_ledger(const std::string& database_url);

/// What the ledger says of a load, held against what the load had to do and against the rules of "Missed" and "Overlap".
struct Judgement {
  std::vector<std::string> problems;  ///< the first few; empty when every rule was kept
  std::size_t problem_count = 0;
  std::map<std::string, std::size_t> verdicts;
  std::size_t runs = 0, taken_over = 0;
  Duration late_median{0}, late_p99{0}, late_most{0};  ///< of started fires
  std::vector<Duration> silences;                      ///< the three longest times without any fire
  std::string text() const;
};
Judgement judge(const Ledger& ledger, const std::vector<LoadSchedule>& load);

}  // namespace carillon::test
