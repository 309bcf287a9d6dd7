#include <gtest/gtest.h>

#include "tests/architecture/rules/word_rules.h"

namespace carillon::architecture {
namespace {

TEST(Words, OneWordPerIdeaEverywhere) {
  Findings found;
  for (const auto& file : read_tree(CARILLON_SOURCE_DIR))
    for (auto& finding : check_words(file)) found.push_back(std::move(finding));
  EXPECT_TRUE(found.empty()) << print(found);
}

TEST(Words, CatchesTheOtherWords) {
  const SourceFile bad[] = {{"engine/tenancy/tenancy.h", "struct OrganisationId {};"},
                            {"engine/tenancy/tenancy.h", "struct Caller {};"},
                            {"engine/workflows/publisher.cpp", "int pipeline_id = 0;"},
                            {"engine/workflows/publisher.cpp", "auto t = load(workflow_templates);"},
                            {"engine/workflows/publisher.cpp", "fail(\"The pipeline is broken.\");"},
                            {"plugins/schedules/input.cpp", "fail(\"The cron job has no name.\");"},
                            {"plugins/schedules/model.h", "struct CronJob {};"},
                            {"plugins/schedules/decide.cpp", "Instant next_slot;"},
                            {"plugins/schedules/decide.cpp", "int missed_ticks = 0;"},
                            {"engine/jobs/planner.h", "struct Invocation {};"},
                            {"engine/runs/run.h", "struct RunExecution {};"},
                            {"engine/jobs/planner.h", "class Scheduler {};"},
                            {"migrations/schedules/0001_schedules.sql", "CREATE TABLE invocations ("},
                            {"web/api/openapi.json", "  \"description\": \"Schedules of a pipeline\","}};
  for (const auto& sample : bad) {
    const Findings found = check_words(sample);
    ASSERT_FALSE(found.empty()) << sample.path << " may say: " << sample.text;
    EXPECT_EQ(found[0].line, 1);
  }
}

TEST(Words, LeavesProseAndOtherIdeasAlone) {
  const SourceFile good[] = {{"engine/jobs/job_runner.h", "/// Joins the caller's transaction. A pipeline of batches.\nint x;"},
                             {"engine/jobs/planner.h", "Duration tick();"},
                             {"engine/base/metrics.cpp", "auto& slot = family();"},
                             {"engine/base/ids.h", "template <class Tag> struct Id {};"},
                             {"web/app/cli/command_line.h", "struct Invocation {};"},
                             {"engine/time/cron.h", "int sticky = 0; // each tick"}};
  for (const auto& sample : good) EXPECT_TRUE(check_words(sample).empty()) << print(check_words(sample));
}

}  // namespace
}  // namespace carillon::architecture
