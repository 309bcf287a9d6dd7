#pragma once
#include <map>
#include <string>
#include <vector>

#include "tests/pg/kill/load.h"

namespace carillon::test {

/// What the ledger says of a load, held against what the load had to do and against the rules of "Missed" and "Overlap".
struct Judgement {
  std::vector<std::string> problems;  ///< the first few; empty when every rule was kept
  std::size_t problem_count = 0;
  std::map<std::string, std::size_t> verdicts;
  std::size_t runs = 0, taken_over = 0;
  Duration late_median{0}, late_p99{0}, late_most{0};  ///< of started fires
  std::vector<Duration> silences;                        ///< the three longest times without any fire
  std::string text() const;
};

/// Reads fires and runs of all schedules of the load. To be called when everything has ended.
Judgement judge(const std::string& database_url, const Load& load);

}  // namespace carillon::test
