// A publish and something else at once, statement by statement, in every order, on real row locks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "tests/pg/orders/orders_scene.h"

using namespace carillon;
using namespace carillon::test;

namespace {

using Stops = std::set<std::string>;

/// Each payload changes, and the group its runs belong to with it.
const Json kOrdersMigration = {{{"op", "set"}, {"path", "/key"}, {"expr", "(.v | tostring) + \" \" + .key"}}};

/// What somebody does, and what he may be told.
struct Deed {
  std::string name;
  Stops stops;
  std::function<Result<ActionResponse>()> work;
  std::set<std::string> refusals = {};
};

class PublishOrders : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { scene_ = std::make_unique<OrdersScene>(); }
  static void TearDownTestSuite() { scene_.reset(); }
  /// Nobody has waited in a circle, which the database would have ended, and the hub have tried again.
  void TearDown() override {
    EXPECT_EQ(deadlocks(), deadlocks_);
    EXPECT_EQ(scene_->errors(), std::vector<std::string>());
  }

  static Deed publish(Json body = {{"migration", kOrdersMigration}}, Stops stops = {"read_for_publish", "lock_workflow", "lock_for_publish", "COMMIT"}) {
    return {"publish", std::move(stops), [body] { return scene_->call("workflows.publish", scene_->id("workflow"), body); }};
  }
  /// An action on a schedule. With If-Match where it may be told that the revision has changed.
  Deed change(const std::string& what, const std::string& schedule, Json body, std::set<std::string> refusals = {},
              Stops stops = {"view_schedule", "share_workflow", "lock_schedule", "COMMIT"}) {
    return {what, std::move(stops),
            [this, what, schedule, body, conditional = refusals.contains("REVISION_CHANGED")] {
              return scene_->call("schedules." + what, scene_->id(schedule), body, conditional ? std::optional(known_revision_) : std::nullopt);
            },
            std::move(refusals)};
  }
  static Side side_of(const Deed& deed, std::string& told) {
    Side side;
    side.name = deed.name;
    side.stops = deed.stops;
    side.every_time = deed.name == "publish";
    side.work = [&deed, &told] {
      const auto answer = deed.work();
      told = answer ? "" : answer.error().reason;
    };
    return side;
  }
  /// What the hub's planner brings about once `sql` has made it due, and until `handled` answers t.
  static Side planner(const std::string& name, Stops stops, const std::string& sql, const std::string& handled) {
    Side side;
    side.name = name;
    side.role = "carillon_system";
    side.begins = "lock_due";
    side.stops = std::move(stops);
    side.once = true;
    side.work = [sql, handled] {
      SqlSession session(scene_->url());
      session.query(sql + "; NOTIFY carillon, 'jobs'");
      Wakeup pause;
      while (session.query(handled)[0][0] != "t") pause.wait_for(std::chrono::milliseconds(2));
    };
    return side;
  }
  static Side fire_of(const std::string& schedule) {
    const std::string which = " WHERE id = '" + scene_->id(schedule) + "'";
    return planner("fire", {"lock_due", "load_for_fire", "insert_fires", "COMMIT"},
                   "UPDATE registrations SET due_at = now() - interval '1 second', planned_at = now() - interval '1 second'" + which,
                   "SELECT coalesce(planned_at > now(), true) FROM registrations" + which);
  }
  /// A due time has waited for room, which there is now.
  static Side drain_of(const std::string& schedule) {
    const std::string& id = scene_->id(schedule);
    std::string backlog = id;
    backlog[14] = '8';  // the version of the ids of backlogs
    return planner("drain", {"lock_due", "try_lock_registrations", "load_for_fire", "COMMIT"},
                   "INSERT INTO backlog (tenant_id, schedule_id, due_at, planned_at, reason, since, scope, schedule_revision) SELECT tenant_id, id, now() - interval '1 second', "
                   "now() - interval '1 second', 'scheduled', now(), scope, revision FROM schedules WHERE id = '" + id + "'; "
                   "INSERT INTO registrations (tenant_id, id, kind, due_at, planned_at, zone_data, recurrence, lane) SELECT tenant_id, '" + backlog +
                   "', 'schedule_backlog', now(), now(), '', '', 1 FROM schedules WHERE id = '" + id + "'",
                   "SELECT (SELECT count(*) FROM backlog WHERE schedule_id = '" + id + "') + (SELECT count(*) FROM registrations WHERE id = '" + backlog +
                       "' AND planned_at IS NOT NULL) = 0");
  }

  /// Plays all orders of the two sides that `make` gives for a fresh copy; `judge` is asked after each.
  /// Where the machine stands still for so long that a wait for a lock times out, a side begins anew: then the order is
  /// played once more.
  static void play_one(Orders& orders, TwoSides& sides, const std::function<std::vector<Side>()>& make) {
    for (int more = 2;; --more) {
      scene_->copy();
      try {
        sides.start(make());
        for (auto ready = sides.ready(); !ready.empty(); ready = sides.ready()) sides.go(orders.choose(ready));
        return sides.finish();
      } catch (const OrderLost&) {
        if (more == 0) throw;
        sides.abandon();
        orders.again();
      }
    }
  }
  static void play(const std::string& what, const std::function<std::vector<Side>()>& make, const std::function<void()>& judge) {
    Orders orders;
    TwoSides& sides = scene_->sides();
    while (!HasFailure() && orders.next()) {
      try {
        play_one(orders, sides, make);
      } catch (...) {
        sides.abandon();
        std::printf("%s\n", testing::PrintToString(sides.trace()).c_str());
        throw;
      }
      SCOPED_TRACE(testing::PrintToString(sides.trace()));
      EXPECT_THAT(scene_->broken_laws(), testing::IsEmpty());
      judge();
    }
    std::printf("%s: %d orders\n", what.c_str(), orders.played());
    EXPECT_GT(orders.played(), 5);
  }
  /// Each is done, or refused for one of its reasons.
  void play_deeds(const Deed& one, const Deed& other, const std::string& schedule = "even") {
    std::string told[2];
    play(one.name + " and " + other.name + " of " + schedule,
         [&] {
           known_revision_ = scene_->revision(schedule);
           return std::vector{side_of(one, told[0]), side_of(other, told[1])};
         },
         [&] {
           for (const auto& [deed, said] : {std::pair(&one, &told[0]), {&other, &told[1]}})
             EXPECT_TRUE(said->empty() || deed->refusals.contains(*said)) << deed->name << " was told " << *said;
         });
  }
  /// Who starts a run and commits first uses the old version; who commits later the new one, or is refused.
  static void play_starts(const std::string& what, const std::string& schedule, const std::function<Side()>& start, bool migrated = true) {
    std::string told;
    const Json body = migrated ? Json{{"migration", kOrdersMigration}} : Json::object();
    Deed deed = publish(body, {"lock_for_publish", migrated ? "migrate_schedules" : "bind_schedules", "due_of_workflow", "COMMIT"});
    if (std::getenv("CARILLON_ORDERS_ALL") != nullptr) deed.stops.insert({"lock_workflow", "lock_registrations"});
    int later = 0, earlier = 0;
    play("publish and " + what + " of " + schedule, [&] { return std::vector{side_of(deed, told), start()}; },
         [&] {
           EXPECT_EQ(told, "");
           const std::string runs = scene_->ask("SELECT string_agg(version::text, ' ') FROM runs WHERE schedule_id = '" + scene_->id(schedule) + "'");
           const bool first = scene_->sides().first_commit() == 1 && runs == "2";
           ++(first ? earlier : later);
           if (!first) EXPECT_EQ(runs, schedule == "even" ? "" : "3");
         });
    EXPECT_GT(later, 0);
    EXPECT_GT(earlier, 0);
  }

  static std::string deadlocks() { return scene_->ask("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"); }

  static std::unique_ptr<OrdersScene> scene_;
  const std::string deadlocks_ = deadlocks();
  std::int64_t known_revision_ = 0;
};
std::unique_ptr<OrdersScene> PublishOrders::scene_;

}  // namespace

TEST_F(PublishOrders, WithAnother) {
  play_deeds(publish(), publish(Json::object()));
  EXPECT_EQ(scene_->ask("SELECT latest_version FROM workflows WHERE id = '" + scene_->id("workflow") + "'"), "4");
}

TEST_F(PublishOrders, OfAnotherWorkflowWhosePayloadsJoinTheSameRooms) {
  std::string told[2];
  int number = 0;
  play("publishes of two workflows",
       [&] {
         ++number;
         std::vector<Side> sides;
         for (const bool first : {true, false}) {
           if (!first) scene_->copy();
           const std::string x = "\"x" + std::to_string(number) + "\"", y = "\"y" + std::to_string(number) + "\"";
           const Json migration = {{{"op", "set"}, {"path", "/key"}, {"expr", "if .v == 0 then " + (first ? x : y) + " else " + (first ? y : x) + " end"}}};
           Side side;
           side.name = first ? "one" : "other";
           side.stops = {"add_overlap_scope", "COMMIT"};
           side.every_time = true;
           side.work = [&said = told[first ? 0 : 1], workflow = scene_->id("workflow"), migration] {
             const auto answer = scene_->call("workflows.publish", workflow, {{"migration", migration}});
             said = answer ? "" : answer.error().reason;
           };
           sides.push_back(std::move(side));
         }
         return sides;
       },
       [&] { EXPECT_EQ(told[0] + told[1], ""); });
}

TEST_F(PublishOrders, WithAChangeOfTheDraft) {
  const Deed save{"save_draft", {"lock_workflow", "put_draft", "COMMIT"}, [] {
    return scene_->call("workflows.save_draft", scene_->id("workflow"), {{"text", OrdersScene::definition(OrdersScene::kEven)}, {"format", "yaml"}}, 3);
  }};
  play_deeds(publish(), save);
}

TEST_F(PublishOrders, WithEditsOfPayloads) {
  // What was found before the lock is the opposite of what holds under it.
  for (const auto& [schedule, v] : {std::pair("even", 0), {"any", OrdersScene::kEven}, {"odd", OrdersScene::kEven}})
    play_deeds(publish(), change("update", schedule, {{"payload", {{"v", v}, {"key", "edited"}}}}, {"REVISION_CHANGED"}), schedule);
}

TEST_F(PublishOrders, WithPauses) {
  for (const char* schedule : {"even", "odd"}) play_deeds(publish(), change("pause", schedule, Json::object()), schedule);
}

TEST_F(PublishOrders, WithResumes) {
  for (const char* schedule : {"paused even", "paused odd"}) play_deeds(publish(), change("resume", schedule, Json::object()), schedule);
}

TEST_F(PublishOrders, WithDeletions) {
  for (const char* schedule : {"even", "odd"}) play_deeds(publish(), change("delete", schedule, Json::object(), {"REVISION_CHANGED"}), schedule);
}

TEST_F(PublishOrders, WithNewSchedules) {
  const Deed create{"create", {"share_workflow", "insert_schedule", "COMMIT"}, [] {
    return scene_->call("schedules.create", "", {{"workflow_id", scene_->id("workflow")}, {"name", "new"}, {"payload", {{"v", OrdersScene::kEven}, {"key", "new"}}},
                                                 {"timing", {{"kind", "interval"}, {"every", 1}, {"unit", "hours"}}}});
  }, {"PAYLOAD_INVALID"}};
  play_deeds(publish(), create);
}

TEST_F(PublishOrders, WithRunsByHand) {
  for (const char* schedule : {"even", "any"})
    play_deeds(publish(), change("run", schedule, Json::object(), {"SCHEDULE_INVALID"}, {"view_schedule", "insert_runs", "COMMIT"}), schedule);
}

TEST_F(PublishOrders, WithFires) {
  for (const char* schedule : {"even", "any"}) play_starts("fire", schedule, [schedule] { return fire_of(schedule); });
  play_starts("fire", "any", [] { return fire_of("any"); }, false);
}

TEST_F(PublishOrders, WithWhatHasWaitedForRoom) {
  play_starts("drain", "even", [] { return drain_of("even"); });
  play_starts("drain", "any", [] { return drain_of("any"); }, false);
}
