// What PublishStore promises.
#include "plugins/schedules/publish_store.h"
#include "tests/contract/stores/contract_fixture.h"

namespace carillon::contract::publish_tests {
namespace {

using namespace schedules;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using Done = carillon::Status;  // the other Status is a schedule's

class PublishContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    workflow_ = make_workflow(a_, "orders");
    other_ = make_workflow(a_, "tickets");
    add_version(a_, workflow_, 2);
    t_ = now();
  }
  PublishStore& store() { return set_->publishing(); }
  ScheduleId add(const std::string& name, const std::function<void(Schedule&)>& change = [](Schedule&) {}, std::optional<Instant> due = {}) {
    Schedule s = new_schedule(a_, workflow_, name);
    change(s);
    return insert_schedule(s, due);
  }
  Schedule read(ScheduleId id) {
    return must(in(a_, [&](Tx& tx) { return set_->schedules().lock(tx, a_, id); }));
  }
  void edit(ScheduleId id, const std::function<void(Schedule&)>& change) {
    must(set_->db().in_tenant(a_, [&](Tx& tx) -> Done {
      CARILLON_TRY(auto s, set_->schedules().lock(tx, a_, id));
      change(s);
      ++s.revision;
      s.updated_at = tx.now();
      return set_->schedules().update(tx, s);
    }));
  }
  void remove(ScheduleId id) {
    edit(id, [](Schedule& s) { s.deleted = true; });
  }
  std::vector<PublishRow> page(PublishRead read) {
    return must(in(a_, [&](Tx& tx) { return store().read(tx, read); }));
  }
  std::vector<PublishHead> lock(WorkflowId workflow) {
    return must(in(a_, [&](Tx& tx) { return store().lock(tx, a_, workflow); }));
  }
  std::string fingerprint() {
    return must(in(a_, [&](Tx& tx) { return store().fingerprint(tx, a_, workflow_); }));
  }
  std::vector<std::string> names(const std::vector<PublishRow>& rows) {
    std::vector<std::string> out;
    for (const auto& row : rows) out.push_back(row.name);
    return out;
  }
  static std::function<void(Schedule&)> held(HoldKind kind) {
    return [kind](Schedule& s) { s.holds[kind] = Hold{"why", "ann", s.created_at, {}, {}}; };
  }
  WorkflowId workflow_, other_;
  Instant t_;
};

TEST_F(PublishContract, CountsTheLiveSchedulesOfTheWorkflow) {
  const ScheduleId gone = add("a");
  add("b");
  add("c", held(HoldKind::completed));
  insert_schedule(new_schedule(a_, other_, "d"));
  remove(gone);
  EXPECT_EQ(must(in(a_, [&](Tx& tx) { return store().count(tx, a_, workflow_); })), 2);
}

TEST_F(PublishContract, ReadsInPagesByName) {
  for (const char* name : {"d", "a", "c", "e", "b"}) add(name);
  insert_schedule(new_schedule(a_, other_, "b2"));
  remove(add("c2"));
  EXPECT_THAT(names(page({a_, workflow_, {}, "", 2})), ElementsAre("a", "b"));
  EXPECT_THAT(names(page({a_, workflow_, {}, "b", 2})), ElementsAre("c", "d"));
  EXPECT_THAT(names(page({a_, workflow_, {}, "d", 2})), ElementsAre("e"));
  EXPECT_THAT(page({a_, workflow_, {}, "e", 2}), IsEmpty());
}

TEST_F(PublishContract, ARowHasWhatDecidesOnTheSchedule) {
  const ScheduleId id = add("a", [&](Schedule& s) {
    s.revision = 5;
    s.bounds = {t_ - 1h, t_ + 9h};
    s.holds[HoldKind::user] = Hold{"why", "ann", t_, {}, {}};
    s.holds[HoldKind::invalid] = Hold{"why", "", t_, {}, {}};
  }, t_ + 1h);
  const auto rows = page({a_, workflow_, {}, "", 9});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].id, id);
  EXPECT_EQ(rows[0].revision, 5);
  EXPECT_EQ(rows[0].bound_version, 1);
  EXPECT_EQ(rows[0].status, schedules::Status::invalid);
  EXPECT_TRUE(rows[0].invalid);
  EXPECT_EQ(timing_from_stored(parse_stored_json(rows[0].timing)), Timing(Cron{"0 9 * * *", "Europe/Berlin"}));
  EXPECT_EQ(rows[0].bounds, (Bounds{t_ - 1h, t_ + 9h}));
  EXPECT_EQ(rows[0].payload, R"({"order":7})");
  EXPECT_EQ(rows[0].due_at, t_ + 1h);
}

TEST_F(PublishContract, PayloadsThatAreTrustedOrOverAreLeftOut) {
  add("completed", held(HoldKind::completed));
  add("expired", held(HoldKind::expired));
  add("fits");
  add("invalid", held(HoldKind::invalid));
  add("newer", [](Schedule& s) { s.bound_version = 2; });
  auto with_payload = [&](std::optional<std::int64_t> trusted) {
    std::vector<std::string> out;
    for (const auto& row : page({a_, workflow_, trusted, "", 9}))
      if (row.payload) out.push_back(row.name);
    return out;
  };
  EXPECT_THAT(with_payload({}), ElementsAre("fits", "invalid", "newer"));
  EXPECT_THAT(with_payload(1), ElementsAre("invalid", "newer"));
  EXPECT_THAT(with_payload(2), ElementsAre("fits", "invalid"));
}

TEST_F(PublishContract, HeadsComeInIdOrderWithTheirHolds) {
  std::vector<ScheduleId> ids = {add("z", held(HoldKind::user)), add("y", {[](Schedule& s) { s.revision = 3; }}, t_ + 1h), add("x")};
  remove(ids.back());
  ids.pop_back();
  std::ranges::sort(ids);
  insert_schedule(new_schedule(a_, other_, "w"));
  const auto heads = lock(workflow_);
  ASSERT_EQ(heads.size(), 2u);
  for (std::size_t n = 0; n < 2; ++n) EXPECT_EQ(heads[n].id, ids[n]);
  const auto& held = heads[0].name == "z" ? heads[0] : heads[1];
  const auto& due = heads[0].name == "z" ? heads[1] : heads[0];
  EXPECT_EQ(held.holds.at(HoldKind::user).reason, "why");
  EXPECT_EQ(held.due_at, std::nullopt);
  EXPECT_TRUE(due.holds.empty());
  EXPECT_EQ(due.due_at, t_ + 1h);
  EXPECT_EQ(due.revision, 3);
  EXPECT_EQ(due.bound_version, 1);
}

TEST_F(PublishContract, WholeAnswersTheLiveOnesOfThoseNamed) {
  const ScheduleId one = add("one", held(HoldKind::user)), gone = add("gone"), two = add("two");
  remove(gone);
  std::vector<ScheduleId> wanted = {two, gone, one, ids_.make<ScheduleId>()};
  const auto found = must(in(a_, [&](Tx& tx) { return store().whole(tx, a_, wanted); }));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_LT(found[0].id, found[1].id);
  for (const auto& s : found) {
    const Schedule stored = read(s.id);
    EXPECT_EQ(s.name, stored.name);
    EXPECT_EQ(s.payload, stored.payload);
    EXPECT_EQ(s.timing, stored.timing);
    EXPECT_EQ(holds_to_json(s.holds), holds_to_json(stored.holds));
    EXPECT_EQ(s.revision, stored.revision);
  }
}

TEST_F(PublishContract, BindMovesTheBindingAndNotTheTimeOfTheUpdate) {
  std::vector<ScheduleId> ids = {add("one"), add("two", held(HoldKind::user))};
  const ScheduleId untouched = add("three");
  std::vector<Schedule> before = {read(ids[0]), read(ids[1])};
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return store().bind(tx, a_, 2, ids); }));
  for (const Schedule& old : before) {
    const Schedule s = read(old.id);
    EXPECT_EQ(s.bound_version, 2);
    EXPECT_EQ(s.revision, old.revision + 1);
    EXPECT_EQ(s.updated_at, old.updated_at);
    EXPECT_EQ(s.settled_until, old.settled_until);
    EXPECT_EQ(s.payload, old.payload);
    EXPECT_EQ(holds_to_json(s.holds), holds_to_json(old.holds));
  }
  EXPECT_EQ(read(untouched).bound_version, 1);
  EXPECT_EQ(read(untouched).revision, 1);
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return store().bind(tx, a_, 2, {}); }));
}

TEST_F(PublishContract, MigrateWritesPayloadAndKeyBesides) {
  const ScheduleId id = add("a"), untouched = add("b");
  Schedule s = read(id);
  s.bound_version = 2;
  s.revision = 2;
  s.updated_at = t_ + 1s;
  s.settled_until = t_ + 2s;
  s.payload = R"({"order":"8, \"and\" \\"})";
  s.room = {OverlapScope::key, ".order", "8", {}};
  s.holds[HoldKind::user] = Hold{"why", "ann", t_, {}, {}};
  s.name = "not written";
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return store().migrate(tx, std::span(&s, 1)); }));
  const Schedule r = read(id);
  EXPECT_EQ(r.bound_version, 2);
  EXPECT_EQ(r.revision, 2);
  EXPECT_EQ(r.updated_at, t_ + 1s);
  EXPECT_EQ(r.settled_until, t_ + 2s);
  EXPECT_EQ(r.payload, s.payload);
  EXPECT_EQ(scope_of(r), "k:8");
  EXPECT_TRUE(r.holds.contains(HoldKind::user));
  EXPECT_EQ(r.name, "a");
  EXPECT_EQ(read(untouched).payload, R"({"order":7})");
}

TEST_F(PublishContract, VersionsAreKeptWithTheSchedules) {
  const ScheduleId one = add("one"), two = add("two");
  const Json document{{"name", "one"}};
  std::vector<PublishStore::NewVersion> versions = {{one, {2, t_, "ann", "workflows.publish", document, R"({"x":"a, b"})"}},
                                                    {two, {2, t_, "ann", "workflows.publish", document, {}}}};
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return store().add_versions(tx, a_, versions); }));
  auto kept = must(in(a_, [&](Tx& tx) { return set_->schedules().versions(tx, a_, one, {}, 9); }));
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].revision, 2);
  EXPECT_EQ(kept[0].at, t_);
  EXPECT_EQ(kept[0].actor, "ann");
  EXPECT_EQ(kept[0].action, "workflows.publish");
  EXPECT_EQ(kept[0].document, document);
  EXPECT_EQ(kept[0].payload, R"({"x":"a, b"})");
  kept = must(in(a_, [&](Tx& tx) { return set_->schedules().versions(tx, a_, two, {}, 9); }));
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].payload, std::nullopt);
}

TEST_F(PublishContract, DueAreTheLiveOnesOfTheWorkflowThatArePlannedByThen) {
  const ScheduleId early = add("early", [](Schedule&) {}, t_ - 1h), just = add("just", [](Schedule&) {}, t_);
  add("late", [](Schedule&) {}, t_ + 1us);
  add("never");
  remove(add("gone", [](Schedule&) {}, t_ - 1h));
  insert_schedule(new_schedule(a_, other_, "other"), t_ - 1h);
  std::vector<RegistrationId> wanted = {RegistrationId{early.value}, RegistrationId{just.value}};
  std::ranges::sort(wanted);
  EXPECT_EQ(must(in(a_, [&](Tx& tx) { return store().due(tx, a_, workflow_, t_); })), wanted);
}

TEST_F(PublishContract, TheFingerprintChangesWithTheSchedulesOfTheWorkflowOnly) {
  std::set<std::string> seen = {fingerprint()};
  auto expect_new = [&](const char* why) {
    EXPECT_EQ(fingerprint(), fingerprint()) << why;
    EXPECT_TRUE(seen.insert(fingerprint()).second) << why << " " << fingerprint();
  };
  const ScheduleId one = add("one");
  expect_new("added");
  const ScheduleId two = add("two");
  expect_new("another one");
  edit(one, [](Schedule&) {});
  expect_new("edited");
  edit(two, [](Schedule&) {});
  expect_new("the other one, too");
  remove(one);
  expect_new("removed");
  const std::string before = fingerprint();
  insert_schedule(new_schedule(a_, other_, "other"));
  EXPECT_EQ(fingerprint(), before);
  for (char c : fingerprint()) EXPECT_TRUE(std::isalnum(static_cast<unsigned char>(c))) << c;
}

TEST_F(PublishContract, WhatHasBecomeOfSchedulesIsToldByKind) {
  const Instant since = t_ - 1min;
  const auto old = [&](Schedule& s) { s.created_at = s.updated_at = since; };
  const ScheduleId edited = add("edited", old), removed = add("removed", old);
  add("as it was", old);
  edit(edited, [](Schedule&) {});
  remove(removed);
  remove(add("came and went"));
  for (const char* name : {"n7", "n1", "n6", "n2", "n5", "n3", "n4"}) add(name);
  insert_schedule(new_schedule(a_, other_, "other"));
  const PublishChanges changes = must(in(a_, [&](Tx& tx) { return store().changes_since(tx, a_, workflow_, since); }));
  EXPECT_EQ(changes.edited.count, 1);
  EXPECT_THAT(changes.edited.names, ElementsAre("edited"));
  EXPECT_EQ(changes.removed.count, 1);
  EXPECT_THAT(changes.removed.names, ElementsAre("removed"));
  EXPECT_EQ(changes.added.count, 7);
  EXPECT_THAT(changes.added.names, ElementsAre("n1", "n2", "n3", "n4", "n5"));
}

TEST_F(PublishContract, VerdictsAreKeptInPagesOfAVersion) {
  auto put = [&](std::int64_t version, std::int64_t page, const std::string& text) {
    must(set_->db().in_tenant(a_, [&](Tx& tx) { return store().put_verdicts(tx, a_, workflow_, version, page, text); }));
  };
  auto get = [&](TenantId as, std::int64_t version, std::int64_t page) {
    return must(in(as, [&](Tx& tx) { return store().verdicts(tx, a_, workflow_, version, page); }));
  };
  put(1, 0, R"(["one"])");
  put(2, 0, R"(["two, \"quoted\""])");
  put(2, 1, R"(["more"])");
  EXPECT_EQ(get(a_, 1, 0), R"(["one"])");
  EXPECT_EQ(get(a_, 2, 0), R"(["two, \"quoted\""])");
  EXPECT_EQ(get(a_, 2, 1), R"(["more"])");
  EXPECT_EQ(get(a_, 2, 2), std::nullopt);
  EXPECT_EQ(get(b_, 1, 0), std::nullopt);
}

TEST_F(PublishContract, AnotherTenantSeesAndChangesNothing) {
  const ScheduleId id = add("a", [](Schedule&) {}, t_);
  must(set_->db().in_tenant(b_, [&](Tx& tx) -> Done {
    CARILLON_TRY(auto count, store().count(tx, a_, workflow_));
    EXPECT_EQ(count, 0);
    CARILLON_TRY(auto rows, store().read(tx, {a_, workflow_, {}, "", 9}));
    EXPECT_THAT(rows, IsEmpty());
    CARILLON_TRY(auto heads, store().lock(tx, a_, workflow_));
    EXPECT_THAT(heads, IsEmpty());
    CARILLON_TRY(auto whole, store().whole(tx, a_, std::span(&id, 1)));
    EXPECT_THAT(whole, IsEmpty());
    CARILLON_TRY(auto due, store().due(tx, a_, workflow_, t_));
    EXPECT_THAT(due, IsEmpty());
    CARILLON_TRY(auto changes, store().changes_since(tx, a_, workflow_, t_ - 1h));
    EXPECT_EQ(changes.added.count + changes.edited.count + changes.removed.count, 0);
    return store().bind(tx, a_, 2, std::span(&id, 1));
  }));
  EXPECT_EQ(read(id).bound_version, 1);
}

}  // namespace
}  // namespace carillon::contract::publish_tests
