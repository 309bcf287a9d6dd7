// What WorkflowStore promises.
#include "tests/contract/stores/contract_fixture.h"

namespace carillon::contract {
namespace {

class WorkflowContract : public StoreContract {
 protected:
  WorkflowStore& store() { return set_->workflows(); }
  Workflow head(const std::string& name) {
    Workflow w;
    w.id = ids_.make<WorkflowId>();
    w.tenant = a_;
    w.name = name;
    w.description = "sends orders";
    w.created_at = w.updated_at = now();
    return w;
  }
  Status insert(const Workflow& w) {
    return set_->db().in_tenant(w.tenant, [&](Tx& tx) {
      return store().insert(tx, w, Draft{{"do: [first]", "yaml"}, 1, w.created_at, "ann"});
    });
  }
  Result<Workflow> get(TenantId as, TenantId tenant, WorkflowId id) {
    return in(as, [&](Tx& tx) { return store().get(tx, tenant, id); });
  }
  std::vector<std::string> names(const WorkflowFilter& filter) {
    std::vector<std::string> out;
    for (const auto& w : must(in(a_, [&](Tx& tx) { return store().list(tx, a_, filter); }))) out.push_back(w.name);
    return out;
  }
};

TEST_F(WorkflowContract, AHeadIsReadAsWritten) {
  Workflow w = head("orders");
  w.trigger = "event";
  must(insert(w));
  Workflow read = must(get(a_, a_, w.id));
  EXPECT_EQ(read.tenant, a_);
  EXPECT_EQ(read.name, "orders");
  EXPECT_EQ(read.description, "sends orders");
  EXPECT_EQ(read.trigger, "event");
  EXPECT_FALSE(read.latest_version);
  EXPECT_FALSE(read.latest_has_schema);
  EXPECT_TRUE(read.draft_changed);
  EXPECT_EQ(read.revision, 1);
  EXPECT_EQ(read.created_at, w.created_at);
}

TEST_F(WorkflowContract, AnotherTenantsWorkflowIsNotFound) {
  WorkflowId theirs = make_workflow(b_, "orders");
  for (TenantId as_if : {a_, b_}) {
    auto found = get(a_, as_if, theirs);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, ErrorCode::not_found);
    EXPECT_FALSE(in(a_, [&](Tx& tx) { return store().lock(tx, as_if, theirs); }));
    EXPECT_FALSE(in(a_, [&](Tx& tx) { return store().lock_shared(tx, as_if, theirs); }));
    EXPECT_FALSE(in(a_, [&](Tx& tx) { return store().draft(tx, as_if, theirs); }));
    EXPECT_FALSE(in(a_, [&](Tx& tx) { return store().version(tx, as_if, theirs, 1); }));
    EXPECT_TRUE(must(in(a_, [&](Tx& tx) { return store().versions(tx, as_if, theirs); })).empty());
  }
}

TEST_F(WorkflowContract, ANameIsTakenOncePerTenant) {
  must(insert(head("orders")));
  EXPECT_EQ(failure(insert(head("orders"))), failure_text(ErrorCode::conflict, "NAME_TAKEN", "/name"));
  make_workflow(b_, "orders");
  Workflow other = head("tickets");
  must(insert(other));
  other.name = "orders";
  EXPECT_EQ(failure(set_->db().in_tenant(a_, [&](Tx& tx) { return store().update(tx, other); })),
            failure_text(ErrorCode::conflict, "NAME_TAKEN", "/name"));
  EXPECT_EQ(must(get(a_, a_, other.id)).name, "tickets");
}

TEST_F(WorkflowContract, UpdateChangesTheHeadAndKeepsItsCreation) {
  Workflow w = head("orders");
  must(insert(w));
  Workflow changed = w;
  changed.name = "orders 2";
  changed.description = "new";
  changed.latest_version = 4;
  changed.latest_has_schema = true;
  changed.draft_changed = false;
  changed.revision = 2;
  changed.updated_at = w.updated_at + 1s;
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return store().update(tx, changed); }));
  Workflow read = must(in(a_, [&](Tx& tx) { return store().lock(tx, a_, w.id); }));
  EXPECT_EQ(read.name, "orders 2");
  EXPECT_EQ(read.description, "new");
  EXPECT_EQ(read.latest_version, 4);
  EXPECT_TRUE(read.latest_has_schema);
  EXPECT_FALSE(read.draft_changed);
  EXPECT_EQ(read.revision, 2);
  EXPECT_EQ(read.created_at, w.created_at);
  EXPECT_EQ(read.updated_at, changed.updated_at);
  EXPECT_EQ(must(in(a_, [&](Tx& tx) { return store().lock_shared(tx, a_, w.id); })).revision, 2);
}

TEST_F(WorkflowContract, ADraftIsReplaced) {
  Workflow w = head("orders");
  must(insert(w));
  EXPECT_EQ(must(in(a_, [&](Tx& tx) { return store().draft(tx, a_, w.id); })).definition.text, "do: [first]");
  Draft next{{R"({"do":[]})", "json"}, 2, w.created_at + 1s, "bob"};
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return store().put_draft(tx, a_, w.id, next); }));
  Draft read = must(in(a_, [&](Tx& tx) { return store().draft(tx, a_, w.id); }));
  EXPECT_EQ(read.definition.text, next.definition.text);
  EXPECT_EQ(read.definition.format, "json");
  EXPECT_EQ(read.revision, 2);
  EXPECT_EQ(read.updated_at, next.updated_at);
  EXPECT_EQ(read.updated_by, "bob");
}

TEST_F(WorkflowContract, VersionsAreListedNewestFirstAndReadAsWritten) {
  WorkflowId id = make_workflow(a_, "orders");
  for (std::int64_t n = 2; n <= 11; ++n) add_version(a_, id, n);
  auto versions = must(in(a_, [&](Tx& tx) { return store().versions(tx, a_, id); }));
  ASSERT_EQ(versions.size(), 11u);
  for (std::size_t n = 0; n < versions.size(); ++n) EXPECT_EQ(versions[n].number, 11 - static_cast<std::int64_t>(n));
  WorkflowVersion one = must(in(a_, [&](Tx& tx) { return store().version(tx, a_, id, 1); }));
  EXPECT_EQ(one.workflow, id);
  EXPECT_EQ(one.definition.text, "do: []");
  EXPECT_EQ(one.payload_schema, "{}");
  EXPECT_EQ(one.dialect, "2020-12");
  EXPECT_EQ(one.note, "note");
  EXPECT_EQ(one.published_by, "ann");
  auto missing = in(a_, [&](Tx& tx) { return store().version(tx, a_, id, 12); });
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
}

TEST_F(WorkflowContract, ListsGoByNameInPagesThatCoverAllOnce) {
  for (const char* name : {"delta", "alpha", "echo", "bravo", "charlie"}) must(insert(head(name)));
  make_workflow(b_, "able");
  EXPECT_THAT(names({"", "", 2}), ::testing::ElementsAre("alpha", "bravo"));
  EXPECT_THAT(names({"", "bravo", 2}), ::testing::ElementsAre("charlie", "delta"));
  EXPECT_THAT(names({"", "delta", 2}), ::testing::ElementsAre("echo"));
}

TEST_F(WorkflowContract, ListsAndCountsFilterByAPartOfTheNameInAnyCase) {
  for (const char* name : {"Nightly orders", "order sync", "100%_done"}) must(insert(head(name)));
  EXPECT_THAT(names({"ORDER", "", 10}), ::testing::UnorderedElementsAre("Nightly orders", "order sync"));
  EXPECT_THAT(names({"%_", "", 10}), ::testing::ElementsAre("100%_done")) << "no wildcards";
  EXPECT_TRUE(names({"x%y", "", 10}).empty());
  auto count = [&](const std::string& text) { return must(in(a_, [&](Tx& tx) { return store().count(tx, a_, {text, "", 1}); })); };
  EXPECT_EQ(count("order"), 2);
  EXPECT_EQ(count(""), 3);
}

}  // namespace
}  // namespace carillon::contract
