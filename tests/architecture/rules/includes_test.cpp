#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/architecture/rules/include_rules.h"

namespace carillon::architecture {
namespace {

TEST(Includes, EveryFileKeepsToItsLayer) {
  Findings found;
  std::size_t files = 0;
  for (const auto& file : read_tree(CARILLON_SOURCE_DIR)) {
    files += is_cpp(file.path);
    for (auto& finding : check_includes(file)) found.push_back(std::move(finding));
  }
  EXPECT_GT(files, 100u) << "the tree was not found at " CARILLON_SOURCE_DIR;
  EXPECT_TRUE(found.empty()) << print(found);
}

struct Sample {
  const char* path;
  const char* include;
};

TEST(Includes, CatchesWhatALayerMayNotKnow) {
  const Sample bad[] = {{"engine/base/ids.cpp", "\"engine/time/cron.h\""},
                        {"engine/base/ids.cpp", "\"rng.h\""},
                        {"engine/time/cron.cpp", "\"engine/jobs/planner.h\""},
                        {"engine/time/cron.cpp", "<date/tz.h>"},
                        {"engine/schema/schema.cpp", "<unistd.h>"},
                        {"engine/runs/interpreter/machine.cpp", "\"engine/storage/database.h\""},
                        {"engine/jobs/planner.cpp", "\"plugins/schedules/model.h\""},
                        {"engine/jobs/planner.cpp", "\"persistence/core/pg_tx.h\""},
                        {"engine/jobs/planner.cpp", "<pqxx/pqxx>"},
                        {"engine/runs/worker.cpp", "<boost/asio/post.hpp>"},
                        {"engine/runs/worker.cpp", "<curl/curl.h>"},
                        {"plugins/schedules/actions.cpp", "\"web/http/router.h\""},
                        {"plugins/schedules/actions.cpp", "\"persistence/core/sql.h\""},
                        {"plugins/schedules/actions.cpp", "\"plugins/alerts/model.h\""},
                        {"plugins/schedules/actions.cpp", "<sys/socket.h>"},
                        {"persistence/stores/pg_schedule_store.cpp", "\"plugins/schedules/decide.h\""},
                        {"persistence/stores/pg_schedule_store.cpp", "\"web/api/routes.h\""},
                        {"persistence/embedded/cluster.cpp", "\"persistence/core/sql.h\""},
                        {"persistence/stores/pg_run_store.h", "<pqxx/pqxx>"},
                        {"web/api/routes.cpp", "\"persistence/stores/pg_run_store.h\""},
                        {"web/api/routes.cpp", "\"plugins/schedules/plugin.h\""},
                        {"web/api/routes.cpp", "\"web/app/hub/hub.h\""},
                        {"web/http/server.cpp", "\"engine/actions/action.h\""},
                        {"web/http/server.h", "<boost/beast/core/flat_buffer.hpp>"},
                        {"web/app/serve.cpp", "\"persistence/core/pg_database.h\""},
                        {"common/strings.cpp", "\"engine/base/ids.h\""}};
  for (const auto& sample : bad) {
    const SourceFile file{sample.path, std::string("#pragma once\n#include ") + sample.include + "\n"};
    const Findings found = check_includes(file);
    ASSERT_EQ(found.size(), 1u) << sample.path << " may include " << sample.include;
    EXPECT_EQ(found[0].line, 2);
    EXPECT_FALSE(found[0].reason.empty());
  }
}

TEST(Includes, LetsTheRightOnesPass) {
  const Sample good[] = {{"engine/time/date_source.cpp", "<date/tz.h>"},
                         {"persistence/stores/schedules.cpp", "\"plugins/schedules/schedule_store.h\""},
                         {"persistence/core/pg_tx.h", "<pqxx/pqxx>"},
                         {"web/app/hub/hub.cpp", "\"plugins/schedules/plugin.h\""},
                         {"plugins/schedules/decide.cpp", "\"engine/time/timing.h\""}};
  for (const auto& sample : good)
    EXPECT_THAT(check_includes({sample.path, std::string("#include ") + sample.include + "\n"}), testing::IsEmpty()) << sample.path;
}

}  // namespace
}  // namespace carillon::architecture
