// What TenantStore promises.
#include "tests/contract/stores/contract_fixture.h"

namespace carillon::contract {
namespace {

class TenantContract : public StoreContract {
 protected:
  TenantStore& store() { return set_->tenants(); }
  Actor make_actor(TenantId tenant, const std::string& email, const std::string& kind = "user") {
    Actor actor{ids_.make<ActorId>(), tenant, kind, "Ann", email, "hash", {"editor", "viewer"}};
    must(set_->db().in_tenant(tenant, [&](Tx& tx) { return store().insert_actor(tx, actor); }));
    return actor;
  }
  Session make_session(const Actor& actor, const std::string& hash, Duration lifetime) {
    Session session{ids_.next(), actor.id, hash, now(), now() + lifetime};
    must(set_->db().in_tenant(actor.tenant, [&](Tx& tx) { return store().insert_session(tx, actor.tenant, session); }));
    return session;
  }
  std::optional<Session> session(TenantId tenant, const std::string& hash) {
    return must(in(tenant, [&](Tx& tx) { return store().session(tx, tenant, hash); }));
  }
};

TEST_F(TenantContract, ATenantIsFoundByIdAndSlug) {
  Tenant tenant = must(in(a_, [&](Tx& tx) { return store().tenant(tx, a_); }));
  EXPECT_EQ(tenant.slug, "alpha");
  EXPECT_EQ(tenant.name, "Tenant alpha");
  EXPECT_EQ(tenant.default_zone, "Europe/Berlin");
  auto by_slug = must(in_system([&](Tx& tx) { return store().tenant_by_slug(tx, "beta"); }));
  ASSERT_TRUE(by_slug);
  EXPECT_EQ(by_slug->id, b_);
  EXPECT_FALSE(must(in_system([&](Tx& tx) { return store().tenant_by_slug(tx, "gamma"); })));
}

TEST_F(TenantContract, AnotherTenantIsNotFound) {
  auto other = in(a_, [&](Tx& tx) { return store().tenant(tx, b_); });
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::not_found);
}

TEST_F(TenantContract, ASlugIsTakenOnce) {
  Tenant again{ids_.make<TenantId>(), "alpha", "Copy", "UTC"};
  Status status = set_->db().in_system([&](Tx& tx) { return store().insert_tenant(tx, again); });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::conflict);
  EXPECT_EQ(status.error().reason, "SLUG_TAKEN");
}

TEST_F(TenantContract, AnActorIsReadAsWritten) {
  Actor actor = make_actor(a_, "ann@example.com");
  auto found = must(in(a_, [&](Tx& tx) { return store().actor(tx, a_, actor.id); }));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "Ann");
  EXPECT_EQ(found->kind, "user");
  EXPECT_EQ(found->password_hash, "hash");
  EXPECT_EQ(found->roles, actor.roles);
  EXPECT_FALSE(must(in(b_, [&](Tx& tx) { return store().actor(tx, b_, actor.id); })));
  EXPECT_FALSE(must(in(b_, [&](Tx& tx) { return store().actor(tx, a_, actor.id); })));
}

TEST_F(TenantContract, ActorsAreFoundByEmailInAnyCaseOverAllTenants) {
  Actor one = make_actor(a_, "Ann@Example.com"), two = make_actor(b_, "ann@example.com");
  make_actor(a_, "", "key");
  auto found = must(in_system([&](Tx& tx) { return store().actors_by_email(tx, "ANN@example.COM"); }));
  std::vector<ActorId> ids;
  for (const Actor& actor : found) ids.push_back(actor.id);
  EXPECT_THAT(ids, ::testing::UnorderedElementsAre(one.id, two.id));
  EXPECT_TRUE(must(in_system([&](Tx& tx) { return store().actors_by_email(tx, ""); })).empty());
}

TEST_F(TenantContract, ASessionLivesUntilItExpiresOrIsDeleted) {
  Actor actor = make_actor(a_, "ann@example.com");
  Session made = make_session(actor, "aa", 1h);
  make_session(actor, "bb", -1s);
  auto found = session(a_, "aa");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, made.id);
  EXPECT_EQ(found->actor, actor.id);
  EXPECT_EQ(found->expires_at, made.expires_at);
  EXPECT_FALSE(session(a_, "bb")) << "expired";
  EXPECT_FALSE(session(b_, "aa")) << "another tenant's";
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return store().delete_session(tx, a_, "aa"); }));
  EXPECT_FALSE(session(a_, "aa"));
}

TEST_F(TenantContract, ApiKeysAreListedFoundTouchedAndDeleted) {
  Actor robot = make_actor(a_, "", "key");
  ApiKey key{ids_.next(), robot.id, "deploys", "operator", "ck_12", "feed", now(), std::nullopt};
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return store().insert_api_key(tx, a_, key); }));
  auto find = [&](TenantId tenant) { return must(in(tenant, [&](Tx& tx) { return store().api_key_by_hash(tx, tenant, "feed"); })); };
  auto found = find(a_);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, key.id);
  EXPECT_EQ(found->role, "operator");
  EXPECT_EQ(found->prefix, "ck_12");
  EXPECT_FALSE(found->last_used_at);
  EXPECT_FALSE(find(b_));
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return store().touch_api_key(tx, a_, key.id); }));
  EXPECT_TRUE(find(a_)->last_used_at);
  EXPECT_EQ(must(in(a_, [&](Tx& tx) { return store().api_keys(tx, a_); })).size(), 1u);
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return store().delete_api_key(tx, a_, key.id); }));
  EXPECT_FALSE(find(a_));
  Status again = set_->db().in_tenant(a_, [&](Tx& tx) { return store().delete_api_key(tx, a_, key.id); });
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::not_found);
}

TEST_F(TenantContract, DeletingAnotherTenantsKeyIsNotFoundAndChangesNothing) {
  Actor robot = make_actor(b_, "", "key");
  ApiKey key{ids_.next(), robot.id, "theirs", "viewer", "ck_34", "beef", now(), std::nullopt};
  must(set_->db().in_tenant(b_, [&](Tx& tx) { return store().insert_api_key(tx, b_, key); }));
  Status status = set_->db().in_tenant(a_, [&](Tx& tx) { return store().delete_api_key(tx, a_, key.id); });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::not_found);
  EXPECT_EQ(must(in(b_, [&](Tx& tx) { return store().api_keys(tx, b_); })).size(), 1u);
}

TEST_F(TenantContract, PurgeTakesOnlyWhatHasExpired) {
  Actor actor = make_actor(a_, "ann@example.com");
  make_session(actor, "fresh", 1h);
  make_session(actor, "stale", -1h);
  must(set_->db().in_tenant(a_, [&](Tx& tx) -> Status {
    tx.emit(a_, {"runs", ids_.next(), "created", 0, Json::object()});
    CARILLON_TRY(auto kept, set_->answers().take(tx, a_, "key", 1));
    EXPECT_FALSE(kept);
    return set_->answers().keep(tx, a_, "key", {1, "{}", std::nullopt});
  }));
  must(set_->db().in_system([&](Tx& tx) { return store().purge_expired(tx, a_); }));
  EXPECT_TRUE(session(a_, "fresh"));
  EXPECT_TRUE(must(in(a_, [&](Tx& tx) { return set_->answers().take(tx, a_, "key", 1); })));
  EXPECT_EQ(must(in(a_, [&](Tx& tx) { return set_->events().after(tx, a_, 0, 10); })).size(), 1u);
}

TEST_F(TenantContract, NodesShowTheirLastHeartbeatUntilForgotten) {
  NodeRecord node{ids_.make<NodeId>(), "host-1", "0.1", {"web", "worker"}, now(), {}, 5ms, 2};
  auto beat = [&] { must(set_->db().in_system([&](Tx& tx) { return store().heartbeat(tx, node); })); };
  auto nodes = [&] { return must(in_system([&](Tx& tx) { return store().nodes(tx); })); };
  beat();
  node.lag = 7ms;
  node.running = 3;
  beat();
  auto seen = nodes();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].host, "host-1");
  EXPECT_EQ(seen[0].roles, node.roles);
  EXPECT_EQ(seen[0].lag, Duration(7ms));
  EXPECT_EQ(seen[0].running, 3);
  EXPECT_GE(seen[0].seen_at, node.started_at);
  must(set_->db().in_system([&](Tx& tx) { return store().forget_node(tx, node.id); }));
  EXPECT_TRUE(nodes().empty());
}

}  // namespace
}  // namespace carillon::contract
