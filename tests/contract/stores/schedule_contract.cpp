// What ScheduleStore promises of the schedules themselves and of their lists.
#include "tests/contract/stores/contract_fixture.h"

namespace carillon::contract::schedule_tests {
namespace {

using namespace schedules;
using Done = carillon::Status;  // the other Status is a schedule's

class ScheduleContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    workflow_ = make_workflow(a_, "orders");
    t_ = now();
  }
  ScheduleStore& store() { return set_->schedules(); }
  Schedule read(ScheduleId id) {
    return must(in(a_, [&](Tx& tx) { return store().lock(tx, a_, id); }));
  }
  Done update(const Schedule& s) {
    return set_->db().in_tenant(a_, [&](Tx& tx) { return store().update(tx, s); });
  }
  ScheduleId add(const std::string& name, std::optional<Instant> due = std::nullopt,
                 const std::function<void(Schedule&)>& change = [](Schedule&) {}) {
    Schedule s = new_schedule(a_, workflow_, name);
    change(s);
    return insert_schedule(s, due);
  }
  std::vector<std::string> names(ScheduleFilter filter) {
    std::vector<std::string> out;
    do {
      auto page = must(in(a_, [&](Tx& tx) { return store().list(tx, a_, filter); }));
      EXPECT_LE(page.items.size(), static_cast<std::size_t>(filter.limit));
      for (const auto& view : page.items) out.push_back(view.schedule.name);
      filter.cursor = page.next_cursor;
    } while (!filter.cursor.empty() && out.size() < 100);
    return out;
  }
  std::vector<std::string> filtered(const std::function<void(ScheduleFilter&)>& set) {
    ScheduleFilter filter;
    set(filter);
    auto found = names(filter);
    EXPECT_EQ(must(in(a_, [&](Tx& tx) { return store().count(tx, a_, filter); })), static_cast<std::int64_t>(found.size()));
    return found;
  }
  static Hold hold(Instant since, const std::string& reason) { return Hold{reason, "ann", since, std::nullopt, {}}; }
  WorkflowId workflow_;
  Instant t_;
};

TEST_F(ScheduleContract, AScheduleIsReadAsInserted) {
  Schedule s = new_schedule(a_, workflow_, "nightly");
  s.description = "every night";
  s.labels = {"eu", "with, comma", "quote\""};
  s.bounds = {t_ - 1h, t_ + 1h};
  s.max_runs = 12;
  s.jitter = 1500ms;
  s.overlap = OverlapPolicy::allow;
  s.priority = Priority::high;
  s.revision = 4;
  s.holds[HoldKind::user] = Hold{"paused for the move", "ann", t_, t_ + 1h, {}};
  s.holds[HoldKind::invalid] =
      Hold{"does not fit", "", t_, std::nullopt, {{"/order", "/properties/order/type", "type", "must be string", R"({"type":"string"})"}}};
  insert_schedule(s);
  Schedule r = read(s.id);
  EXPECT_EQ(r.id, s.id);
  EXPECT_EQ(r.tenant, a_);
  EXPECT_EQ(r.workflow, workflow_);
  EXPECT_EQ(r.bound_version, 1);
  EXPECT_EQ(r.name, s.name);
  EXPECT_EQ(r.description, s.description);
  EXPECT_EQ(r.labels, s.labels);
  EXPECT_EQ(r.timing, s.timing);
  EXPECT_EQ(r.bounds, s.bounds);
  EXPECT_EQ(r.max_runs, 12);
  EXPECT_EQ(r.jitter, s.jitter);
  EXPECT_EQ(r.overlap, OverlapPolicy::allow);
  EXPECT_EQ(r.priority, Priority::high);
  EXPECT_EQ(r.payload, s.payload);
  EXPECT_EQ(holds_to_json(r.holds), holds_to_json(s.holds));
  EXPECT_EQ(r.settled_until, s.settled_until);
  EXPECT_EQ(r.revision, 4);
  EXPECT_EQ(r.created_at, s.created_at);
  EXPECT_EQ(r.updated_at, s.updated_at);
  EXPECT_EQ(r.created_by, "ann");
  EXPECT_FALSE(r.deleted);
}

TEST_F(ScheduleContract, EveryKindOfTimingSurvives) {
  const std::vector<Timing> timings{Once{t_ + 1h, "2026-10-25T02:30", "Europe/Berlin", Fold::later}, Once{t_, std::nullopt, std::nullopt},
                                    Cron{"*/5 * * * *", "America/New_York"}, Interval{90s, t_ - 3s}, Manual{}};
  for (const Timing& timing : timings) {
    Schedule s = new_schedule(a_, workflow_, "s" + std::to_string(timing.index()) + ids_.next().to_string());
    s.timing = timing;
    insert_schedule(s);
    EXPECT_EQ(read(s.id).timing, timing);
  }
}

TEST_F(ScheduleContract, AnotherTenantsScheduleIsNotFound) {
  ScheduleId id = add("nightly");
  for (TenantId named : {a_, b_}) {
    auto locked = in(b_, [&](Tx& tx) { return store().lock(tx, named, id); });
    ASSERT_FALSE(locked);
    EXPECT_EQ(locked.error().code, ErrorCode::not_found);
    EXPECT_FALSE(in(b_, [&](Tx& tx) { return store().view(tx, named, id); }));
    EXPECT_TRUE(must(in(b_, [&](Tx& tx) { return store().list(tx, named, {}); })).items.empty());
    EXPECT_EQ(must(in(b_, [&](Tx& tx) { return store().count(tx, named, {}); })), 0);
    EXPECT_TRUE(must(in(b_, [&](Tx& tx) { return store().lock_of_workflow(tx, named, workflow_); })).empty());
    EXPECT_TRUE(must(in(b_, [&](Tx& tx) { return store().counts(tx, named); })).empty());
  }
}

TEST_F(ScheduleContract, ANameIsTakenOncePerWorkflow) {
  add("nightly");
  Schedule again = new_schedule(a_, workflow_, "nightly");
  EXPECT_EQ(failure(set_->db().in_tenant(a_, [&](Tx& tx) { return store().insert(tx, again); })),
            failure_text(ErrorCode::conflict, "NAME_TAKEN", "/name"));
  insert_schedule(new_schedule(a_, make_workflow(a_, "tickets"), "nightly"));
  Schedule other = read(add("hourly"));
  other.name = "nightly";
  EXPECT_EQ(failure(update(other)), failure_text(ErrorCode::conflict, "NAME_TAKEN", "/name"));
  EXPECT_EQ(read(other.id).name, "hourly");
}

TEST_F(ScheduleContract, ADeletedScheduleIsGoneAndItsNameFree) {
  ScheduleId id = add("nightly");
  Schedule s = read(id);
  s.deleted = true;
  must(update(s));
  EXPECT_FALSE(in(a_, [&](Tx& tx) { return store().lock(tx, a_, id); }));
  EXPECT_FALSE(in(a_, [&](Tx& tx) { return store().view(tx, a_, id); }));
  EXPECT_TRUE(names({}).empty());
  EXPECT_TRUE(must(in(a_, [&](Tx& tx) { return store().counts(tx, a_); })).empty());
  ScheduleKey key{a_, id};
  EXPECT_TRUE(must(in_system([&](Tx& tx) { return store().load_for_fire(tx, std::span(&key, 1)); })).empty());
  add("nightly");
}

TEST_F(ScheduleContract, UpdateWritesAllButIdentityAndCreation) {
  ScheduleId id = add("nightly");
  add_version(a_, workflow_, 2);
  Schedule s = read(id);
  const Instant created = s.created_at;
  s.bound_version = 2;
  s.name = "daily";
  s.description = "text";
  s.labels = {"x"};
  s.timing = Interval{60s, t_};
  s.bounds.end = t_ + 5h;
  s.max_runs = 3;
  s.jitter = 2s;
  s.overlap = OverlapPolicy::allow;
  s.priority = Priority::low;
  s.payload = R"({"order":8})";
  s.holds[HoldKind::user] = hold(t_, "later");
  s.settled_until = t_ + 1s;
  s.revision = 2;
  s.updated_at = t_ + 2s;
  s.created_at = t_ + 9h;
  s.created_by = "mallory";
  must(update(s));
  Schedule r = read(id);
  EXPECT_EQ(r.bound_version, 2);
  EXPECT_EQ(r.name, "daily");
  EXPECT_EQ(r.description, "text");
  EXPECT_EQ(r.labels, s.labels);
  EXPECT_EQ(r.timing, s.timing);
  EXPECT_EQ(r.bounds, s.bounds);
  EXPECT_EQ(r.max_runs, 3);
  EXPECT_EQ(r.jitter, Duration(2s));
  EXPECT_EQ(r.overlap, OverlapPolicy::allow);
  EXPECT_EQ(r.priority, Priority::low);
  EXPECT_EQ(r.payload, s.payload);
  EXPECT_TRUE(r.holds.contains(HoldKind::user));
  EXPECT_EQ(r.settled_until, s.settled_until);
  EXPECT_EQ(r.revision, 2);
  EXPECT_EQ(r.updated_at, s.updated_at);
  EXPECT_EQ(r.created_at, created);
  EXPECT_EQ(r.created_by, "ann");
}

TEST_F(ScheduleContract, RebindWritesTheBindingAndTheHoldsOnly) {
  ScheduleId one = add("one"), two = add("two"), untouched = add("three");
  add_version(a_, workflow_, 2);
  std::vector<Schedule> changed{read(one), read(two)};
  for (Schedule& s : changed) {
    s.bound_version = 2;
    s.holds[HoldKind::invalid] = hold(t_, "does not fit");
    s.settled_until = t_ + 1s;
    s.revision = 2;
    s.updated_at = t_ + 1s;
    s.name = s.payload = "must not be written";
  }
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return store().rebind(tx, changed); }));
  for (ScheduleId id : {one, two}) {
    Schedule r = read(id);
    EXPECT_EQ(r.bound_version, 2);
    EXPECT_TRUE(r.holds.contains(HoldKind::invalid));
    EXPECT_EQ(r.settled_until, t_ + 1s);
    EXPECT_EQ(r.revision, 2);
    EXPECT_EQ(r.updated_at, t_ + 1s);
    EXPECT_NE(r.name, "must not be written");
    EXPECT_EQ(r.payload, R"({"order":7})");
  }
  EXPECT_EQ(read(untouched).bound_version, 1);
}

TEST_F(ScheduleContract, SchedulesOfAWorkflowComeInIdOrder) {
  std::vector<ScheduleId> ids;
  for (const char* name : {"c", "a", "b"}) ids.push_back(add(name));
  insert_schedule(new_schedule(a_, make_workflow(a_, "tickets"), "other"));
  std::vector<ScheduleId> found;
  for (const auto& s : must(in(a_, [&](Tx& tx) { return store().lock_of_workflow(tx, a_, workflow_); }))) found.push_back(s.id);
  std::ranges::sort(ids);
  EXPECT_EQ(found, ids);
}

TEST_F(ScheduleContract, CountsGoByWorkflow) {
  WorkflowId other = make_workflow(a_, "tickets");
  add("one");
  add("two", std::nullopt, [&](Schedule& s) { s.holds[HoldKind::invalid] = hold(t_, "no"); });
  insert_schedule(new_schedule(a_, other, "three"));
  auto counts = must(in(a_, [&](Tx& tx) { return store().counts(tx, a_); }));
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_EQ(counts[workflow_].total, 2);
  EXPECT_EQ(counts[workflow_].invalid, 1);
  EXPECT_EQ(counts[other].total, 1);
  EXPECT_EQ(counts[other].invalid, 0);
}

TEST_F(ScheduleContract, ListsFilterByEachField) {
  using ::testing::ElementsAre;
  using ::testing::UnorderedElementsAre;
  WorkflowId other = make_workflow(a_, "tickets");
  add("Alpha", std::nullopt, [](Schedule& s) { s.labels = {"eu", "gold"}; });
  add("beta", std::nullopt, [&](Schedule& s) {
    s.timing = Interval{60s, t_};
    s.labels = {"eu"};
    s.holds[HoldKind::user] = hold(t_, "x");
  });
  add("gamma", std::nullopt, [&](Schedule& s) {
    s.holds[HoldKind::invalid] = hold(t_, "x");
    s.holds[HoldKind::user] = hold(t_, "x");
  });
  insert_schedule(new_schedule(a_, other, "100%_alpha"));
  EXPECT_THAT(filtered([&](auto& f) { f.workflow = other; }), ElementsAre("100%_alpha"));
  EXPECT_THAT(filtered([](auto& f) { f.kind = "interval"; }), ElementsAre("beta"));
  EXPECT_THAT(filtered([](auto& f) { f.label = "eu"; }), UnorderedElementsAre("Alpha", "beta"));
  EXPECT_THAT(filtered([](auto& f) { f.label = "e"; }), ElementsAre()) << "a whole label";
  EXPECT_THAT(filtered([](auto& f) { f.text = "ALPHA"; }), UnorderedElementsAre("Alpha", "100%_alpha"));
  EXPECT_THAT(filtered([](auto& f) { f.text = "%_"; }), ElementsAre("100%_alpha")) << "no wildcards";
  EXPECT_THAT(filtered([](auto& f) { f.status = schedules::Status::active; }), UnorderedElementsAre("Alpha", "100%_alpha"));
  EXPECT_THAT(filtered([](auto& f) { f.status = schedules::Status::paused; }), ElementsAre("beta"));
  EXPECT_THAT(filtered([](auto& f) { f.status = schedules::Status::invalid; }), ElementsAre("gamma")) << "before paused";
  EXPECT_THAT(filtered([](auto& f) { f.status = schedules::Status::failed; }), ElementsAre());
  EXPECT_THAT(filtered([](auto& f) {
                f.label = "eu";
                f.kind = "cron";
              }),
              ElementsAre("Alpha"));
}

TEST_F(ScheduleContract, TheStatusOfEachHoldIsTheOneThatListsFind) {
  for (HoldKind kind : {HoldKind::user, HoldKind::invalid, HoldKind::failures, HoldKind::tenant, HoldKind::system,
                        HoldKind::completed, HoldKind::expired}) {
    const std::string name(to_string(kind));
    add(name, std::nullopt, [&](Schedule& s) { s.holds[kind] = hold(t_, "x"); });
    Holds holds;
    holds[kind] = hold(t_, "x");
    EXPECT_THAT(filtered([&](auto& f) { f.status = status_of(holds); }), ::testing::Contains(name));
  }
}

TEST_F(ScheduleContract, PagesCoverEverySortOnceInOrder) {
  // Pairs of equal sort values across the page borders, and some that are not due at all.
  const std::vector<std::string> order{"a", "b", "c", "d", "e", "f", "g"};
  for (std::size_t n = 0; n < order.size(); ++n) {
    std::optional<Instant> due;
    if (n < 5) due = t_ + std::chrono::hours(n / 2);
    add(order[n], due, [&](Schedule& s) { s.updated_at = t_ + std::chrono::seconds(n / 2); });
  }
  std::vector<std::string> reversed(order.rbegin(), order.rend());
  auto sorted = [&](const std::string& sort) {
    ScheduleFilter filter;
    filter.sort = sort;
    filter.limit = 2;
    return names(filter);
  };
  EXPECT_EQ(sorted("name"), order);
  EXPECT_EQ(sorted("-name"), reversed);
  // Ids are made in order, so they break ties like the names.
  EXPECT_EQ(sorted("next_due_at"), order) << "what is not due comes last";
  EXPECT_EQ(sorted("-next_due_at"), reversed);
  EXPECT_EQ(sorted("updated_at"), order);
  EXPECT_EQ(sorted("-updated_at"), reversed);
}

TEST_F(ScheduleContract, AnExactLastPageHasNoCursor) {
  add("a");
  add("b");
  ScheduleFilter filter;
  filter.limit = 2;
  EXPECT_EQ(must(in(a_, [&](Tx& tx) { return store().list(tx, a_, filter); })).next_cursor, "");
}

TEST_F(ScheduleContract, ACursorOfNobodyIsRefused) {
  for (const char* cursor : {"x", "not-a-uuid-not-a-uuid-not-a-uuid-not-", "%00"}) {
    ScheduleFilter filter;
    filter.cursor = cursor;
    auto page = in(a_, [&](Tx& tx) { return store().list(tx, a_, filter); });
    ASSERT_FALSE(page) << cursor;
    EXPECT_EQ(page.error().code, ErrorCode::malformed);
    EXPECT_EQ(page.error().field, "cursor");
  }
}

}  // namespace
}  // namespace carillon::contract::schedule_tests
