// What Database, Tx and EventStore promise.
#include "tests/contract/stores/contract_fixture.h"

namespace carillon::contract {
namespace {

class DatabaseContract : public StoreContract {
 protected:
  std::vector<EventBatch> events(TenantId tenant, std::int64_t after = 0, int limit = 100) {
    return must(in(tenant, [&](Tx& tx) { return set_->events().after(tx, tenant, after, limit); }));
  }
  Event event(const std::string& topic, std::int64_t version = 0) {
    return Event{topic, ids_.next(), "created", version, Json{{"state", "queued"}}};
  }
  static Json json_of(const Event& event) {
    return {{"topic", event.topic}, {"id", event.id.to_string()}, {"kind", event.kind}, {"version", event.version},
            {"patch", parse_stored_json(event.patch.text())}};
  }
  bool workflow_exists(const std::string& name) {
    return must(in(a_, [&](Tx& tx) { return set_->workflows().count(tx, a_, WorkflowFilter{name, "", 10}); })) > 0;
  }
  Status insert_workflow(Tx& tx, const std::string& name) {
    Workflow workflow;
    workflow.id = ids_.make<WorkflowId>();
    workflow.tenant = a_;
    workflow.name = name;
    workflow.created_at = workflow.updated_at = tx.now();
    return set_->workflows().insert(tx, workflow, Draft{{"do: []", "yaml"}, 1, tx.now(), "ann"});
  }
};

TEST_F(DatabaseContract, AnErrorRollsEverythingBack) {
  bool committed = false;
  Status status = set_->db().in_tenant(a_, [&](Tx& tx) -> Status {
    CARILLON_CHECK(insert_workflow(tx, "gone"));
    tx.emit(a_, event("workflows"));
    tx.after_commit([&] { committed = true; });
    return Error{ErrorCode::invalid, "REFUSED", "no", "/x", "", "", {}};
  });
  EXPECT_EQ(failure(status), failure_text(ErrorCode::invalid, "REFUSED", "/x"));
  EXPECT_FALSE(workflow_exists("gone"));
  EXPECT_TRUE(events(a_).empty());
  EXPECT_FALSE(committed);
}

TEST_F(DatabaseContract, AnExceptionRollsEverythingBack) {
  EXPECT_THROW(static_cast<void>(set_->db().in_tenant(a_,
                                                      [&](Tx& tx) -> Status {
                                                        must(insert_workflow(tx, "gone"));
                                                        throw std::runtime_error("broken");
                                                      })),
               std::runtime_error);
  EXPECT_FALSE(workflow_exists("gone"));
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return insert_workflow(tx, "stays"); }));
  EXPECT_TRUE(workflow_exists("stays"));
}

TEST_F(DatabaseContract, AfterCommitRunsOnceWhenTheRowsAreThere) {
  int calls = 0;
  bool seen = false;
  must(set_->db().in_tenant(a_, [&](Tx& tx) -> Status {
    tx.after_commit([&] {
      ++calls;
      seen = workflow_exists("kept");
    });
    return insert_workflow(tx, "kept");
  }));
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(seen);
}

TEST_F(DatabaseContract, OneTransactionReadsOneTimeAndItsOwnWrites) {
  must(set_->db().in_tenant(a_, [&](Tx& tx) -> Status {
    const Instant first = tx.now();
    CARILLON_CHECK(insert_workflow(tx, "mine"));
    CARILLON_TRY(auto found, set_->workflows().list(tx, a_, WorkflowFilter{"mine", "", 10}));
    EXPECT_EQ(found.size(), 1u);
    EXPECT_EQ(tx.now(), first);
    return ok();
  }));
}

TEST_F(DatabaseContract, ATransactionCannotWriteAnotherTenantsRow) {
  WorkflowId theirs = make_workflow(b_, "theirs");
  EXPECT_ANY_THROW(static_cast<void>(set_->db().in_tenant(a_, [&](Tx& tx) {
    return set_->workflows().insert_version(tx, b_, {theirs, 2, {"do: []", "yaml"}, "", "", "", tx.now(), "eve"});
  })));
  EXPECT_EQ(must(in(b_, [&](Tx& tx) { return set_->workflows().versions(tx, b_, theirs); })).size(), 1u);
}

TEST_F(DatabaseContract, EventsOfATransactionAreOneBatchInOrder) {
  Event first = event("schedules", 3), second = event("runs");
  must(set_->db().in_tenant(a_, [&](Tx& tx) -> Status {
    tx.emit(a_, first);
    tx.emit(a_, second);
    return ok();
  }));
  auto batches = events(a_);
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_EQ(batches[0].tenant, a_);
  EXPECT_EQ(batches[0].seq, 1);
  EXPECT_EQ(batches[0].events, Json::array({json_of(first), json_of(second)}));
}

TEST_F(DatabaseContract, SequenceNumbersHaveNoGapsAndArePerTenant) {
  for (int n = 0; n < 3; ++n) {
    must(set_->db().in_tenant(a_, [&](Tx& tx) -> Status {
      tx.emit(a_, event("runs", n));
      return ok();
    }));
    Status refused = set_->db().in_tenant(a_, [&](Tx& tx) -> Status {
      tx.emit(a_, event("runs"));
      return Error{ErrorCode::conflict, "NO", "no", "", "", "", {}};
    });
    EXPECT_FALSE(refused);
  }
  must(set_->db().in_system([&](Tx& tx) -> Status {
    tx.emit(b_, event("runs"));
    tx.emit(a_, event("runs", 3));
    return ok();
  }));
  auto of_a = events(a_);
  ASSERT_EQ(of_a.size(), 4u);
  for (std::size_t n = 0; n < 4; ++n) {
    EXPECT_EQ(of_a[n].seq, static_cast<std::int64_t>(n) + 1);
    EXPECT_EQ(of_a[n].events[0]["version"], n);
  }
  ASSERT_EQ(events(b_).size(), 1u);
  EXPECT_EQ(events(b_)[0].seq, 1);
}

TEST_F(DatabaseContract, TheStreamIsReadFromAnyPlaceWithALimit) {
  for (int n = 1; n <= 5; ++n)
    must(set_->db().in_tenant(a_, [&](Tx& tx) -> Status {
      tx.emit(a_, event("runs", n));
      return ok();
    }));
  auto page = events(a_, 2, 2);
  ASSERT_EQ(page.size(), 2u);
  EXPECT_EQ(page[0].seq, 3);
  EXPECT_EQ(page[1].seq, 4);
  EXPECT_TRUE(events(a_, 5).empty());
  EXPECT_EQ(must(in(a_, [&](Tx& tx) { return set_->events().head(tx, a_); })), 5);
  EXPECT_EQ(must(in(a_, [&](Tx& tx) { return set_->events().tail(tx, a_); })), 1);
}

TEST_F(DatabaseContract, AnEmptyStreamHasHeadZeroAndTailOne) {
  EXPECT_EQ(must(in(a_, [&](Tx& tx) { return set_->events().head(tx, a_); })), 0);
  EXPECT_EQ(must(in(a_, [&](Tx& tx) { return set_->events().tail(tx, a_); })), 1);
}

TEST_F(DatabaseContract, AStreamOfAnotherTenantLooksEmpty) {
  must(set_->db().in_tenant(b_, [&](Tx& tx) -> Status {
    tx.emit(b_, event("runs"));
    return ok();
  }));
  EXPECT_EQ(must(in(a_, [&](Tx& tx) { return set_->events().head(tx, b_); })), 0);
  EXPECT_TRUE(must(in(a_, [&](Tx& tx) { return set_->events().after(tx, b_, 0, 10); })).empty());
}

// Idempotency keys.

TEST_F(DatabaseContract, AKeptAnswerIsReplayed) {
  const KeptAnswer answer{77, R"({"id":"x"})", 4};
  must(set_->db().in_tenant(a_, [&](Tx& tx) -> Status {
    CARILLON_TRY(auto kept, set_->answers().take(tx, a_, "key-1", 77));
    EXPECT_FALSE(kept);
    return set_->answers().keep(tx, a_, "key-1", answer);
  }));
  auto kept = must(in(a_, [&](Tx& tx) { return set_->answers().take(tx, a_, "key-1", 78); }));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->request_hash, 77u) << "the hash of the first request, so that another one is noticed";
  EXPECT_EQ(kept->body, answer.body);
  EXPECT_EQ(kept->revision, 4);
}

TEST_F(DatabaseContract, AHashWithTheHighestBitSurvives) {
  const std::uint64_t hash = 0xfedcba9876543210ULL;
  must(set_->db().in_tenant(a_, [&](Tx& tx) -> Status {
    CARILLON_TRY(auto kept, set_->answers().take(tx, a_, "k", hash));
    EXPECT_FALSE(kept);
    return set_->answers().keep(tx, a_, "k", {hash, "{}", std::nullopt});
  }));
  auto kept = must(in(a_, [&](Tx& tx) { return set_->answers().take(tx, a_, "k", hash); }));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->request_hash, hash);
  EXPECT_FALSE(kept->revision);
}

TEST_F(DatabaseContract, AFailedRequestGivesItsKeyBack) {
  Status refused = set_->db().in_tenant(a_, [&](Tx& tx) -> Status {
    CARILLON_TRY(auto kept, set_->answers().take(tx, a_, "key-2", 1));
    EXPECT_FALSE(kept);
    return Error{ErrorCode::invalid, "NO", "no", "", "", "", {}};
  });
  EXPECT_FALSE(refused);
  EXPECT_FALSE(must(in(a_, [&](Tx& tx) { return set_->answers().take(tx, a_, "key-2", 1); })));
}

TEST_F(DatabaseContract, TenantsDoNotShareKeys) {
  must(set_->db().in_tenant(a_, [&](Tx& tx) -> Status {
    CARILLON_TRY(auto kept, set_->answers().take(tx, a_, "key-3", 1));
    EXPECT_FALSE(kept);
    return set_->answers().keep(tx, a_, "key-3", {1, "{}", std::nullopt});
  }));
  EXPECT_FALSE(must(in(b_, [&](Tx& tx) { return set_->answers().take(tx, b_, "key-3", 1); })));
}

}  // namespace
}  // namespace carillon::contract
