#include "engine/jobs/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carillon {
namespace {

class RetentionTx final : public Tx {
 public:
  Instant now() const override { return Instant::from_seconds(1'000); }
  void emit(TenantId, Event) override {}
  void audit(TenantId, AuditEntry) override {}
  void raise(TenantId, Alert) override {}
  void after_commit(std::function<void()> action) override { actions.push_back(std::move(action)); }
  void commit() {
    for (auto& action : actions) action();
  }
  std::vector<std::function<void()>> actions;
};

class Lines final : public Logger {
 public:
  void write(LogLevel, std::string_view, std::initializer_list<LogField> fields) override {
    for (const auto& field : fields)
      if (std::string_view(field.key) == "removed") removed.push_back(std::get<std::string>(field.value));
  }
  std::vector<std::string> removed;
};

/// Has so many rows for each tenant.
class Heap final : public RetentionHook {
 public:
  Heap(std::string what, std::int64_t rows) : what_(std::move(what)), rows_(rows) {}
  Result<Purged> purge(Tx&, TenantId tenant, std::int64_t limit) override {
    limits.push_back(limit);
    std::int64_t& left = left_.try_emplace(tenant, rows_).first->second;
    Purged out;
    out.rows = std::min(left, limit);
    left -= out.rows;
    out.add(what_, out.rows);
    out.more = left > 0;
    return out;
  }
  std::vector<std::int64_t> limits;

 private:
  std::string what_;
  std::int64_t rows_;
  std::map<TenantId, std::int64_t> left_;
};

struct RetentionTest : testing::Test {
  static DueJob job(std::uint8_t n) {
    DueJob out{{}, {}, Instant::from_seconds(900), Instant::from_seconds(900), "{}"};
    out.tenant.value.bytes[0] = n;
    out.id.value.bytes[0] = n;
    return out;
  }
  /// When each is called again: nothing where the planner sets the time.
  std::vector<std::optional<Instant>> round(const std::vector<DueJob>& jobs) {
    RetentionTx tx;
    std::vector<std::optional<Instant>> out;
    auto moves = handler.handle(tx, jobs);
    if (!moves) throw std::runtime_error(moves.error().message);
    for (const auto& move : *moves) {
      EXPECT_EQ(move.next_due_at, move.next_planned_at);
      out.push_back(move.next_due_at);
    }
    EXPECT_TRUE(lines.removed.empty()) << "nothing is said before the commit";
    tx.commit();
    return out;
  }
  const Instant soon = Instant::from_seconds(1'000) + RetentionHandler::kPause;
  Lines lines;
  std::vector<RetentionHook*> hooks;
  RetentionHandler handler{[this] { return hooks; }, lines};
};

using Times = std::vector<std::optional<Instant>>;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(RetentionTest, WhereNothingIsOverNothingIsSaidAndThePlannerSetsTheTime) {
  Heap empty("things", 0);
  hooks = {&empty};
  EXPECT_EQ(round({job(1)}), Times{std::nullopt});
  EXPECT_THAT(lines.removed, IsEmpty());
}

TEST_F(RetentionTest, EveryHookIsCalledAndWhatItRemovedIsCounted) {
  Heap some("things", 3), others("others", 4);
  hooks = {&some, &others};
  EXPECT_EQ(round({job(1)}), Times{std::nullopt});
  EXPECT_THAT(some.limits, ElementsAre(RetentionHandler::kRowsOfTransaction));
  EXPECT_THAT(others.limits, ElementsAre(RetentionHandler::kRowsOfTransaction - 3));
  EXPECT_THAT(lines.removed, ElementsAre("3 things, 4 others"));
}

TEST_F(RetentionTest, TheTenantsOfATransactionShareItsRowsAndComeAgainSoon) {
  Heap heap("things", RetentionHandler::kRowsOfTransaction + 500);
  hooks = {&heap};
  EXPECT_EQ(round({job(1), job(2)}), (Times{soon, soon}));
  EXPECT_THAT(heap.limits, ElementsAre(RetentionHandler::kRowsOfTransaction)) << "the second has no share";
  EXPECT_THAT(lines.removed, ElementsAre("1000 things"));
  lines.removed.clear();
  EXPECT_EQ(round({job(1), job(2)}), (Times{std::nullopt, soon}));
  EXPECT_THAT(lines.removed, ElementsAre("500 things", "500 things"));
  lines.removed.clear();
  EXPECT_EQ(round({job(1), job(2)}), (Times{std::nullopt, std::nullopt}));
  EXPECT_THAT(lines.removed, ElementsAre("1000 things"));
}

TEST_F(RetentionTest, AHookWithNoShareLeftIsCalledNextTime) {
  Heap much("things", RetentionHandler::kRowsOfTransaction), little("others", 1);
  hooks = {&much, &little};
  EXPECT_EQ(round({job(1)}), Times{soon});
  EXPECT_THAT(little.limits, IsEmpty());
  lines.removed.clear();
  EXPECT_EQ(round({job(1)}), Times{std::nullopt});
  EXPECT_THAT(lines.removed, ElementsAre("1 others"));
}

}  // namespace
}  // namespace carillon
