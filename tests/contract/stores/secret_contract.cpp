// Promises of SecretStore and RedactionStore.
#include "plugins/schedules/secret_schedules.h"
#include "tests/contract/stores/contract_fixture.h"

namespace carillon::contract {
namespace {

class SecretContract : public StoreContract {
 protected:
  bool put(TenantId tenant, const std::string& name, const std::string& value) {
    return must(in(tenant, [&](Tx& tx) { return set_->secrets().put(tx, tenant, name, value, "ann"); }));
  }
  std::vector<std::string> names(TenantId tenant) {
    std::vector<std::string> out;
    for (const auto& info : must(in(tenant, [&](Tx& tx) { return set_->secrets().list(tx, tenant); }))) out.push_back(info.name);
    return out;
  }
  std::map<SecretKey, Result<std::string>> read(const std::vector<SecretKey>& keys) {
    return must(in_system([&](Tx& tx) { return set_->secrets().read(tx, keys); }));
  }
};

TEST_F(SecretContract, PutMakesAndReplacesAndOnlyWorkersRead) {
  EXPECT_TRUE(put(a_, "db", "hunter22"));
  EXPECT_TRUE(put(a_, "api", "other value"));
  EXPECT_FALSE(put(a_, "db", "hunter33 ü \"x\""));
  EXPECT_THAT(names(a_), testing::ElementsAre("api", "db"));
  const auto values = read({{a_, "db"}, {a_, "api"}, {a_, "none"}, {b_, "db"}});
  ASSERT_EQ(values.size(), 2u);
  EXPECT_EQ(values.at({a_, "db"}).value(), "hunter33 ü \"x\"");
  EXPECT_EQ(values.at({a_, "api"}).value(), "other value");
  const auto info = must(in(a_, [&](Tx& tx) { return set_->secrets().find(tx, a_, "db"); }));
  EXPECT_EQ(info->updated_by, "ann");
  EXPECT_LE(info->created_at, info->updated_at);
}

TEST_F(SecretContract, OneTenantKnowsNothingOfAnothers) {
  put(a_, "db", "hunter22");
  EXPECT_THAT(names(b_), testing::IsEmpty());
  EXPECT_EQ(must(in(b_, [&](Tx& tx) { return set_->secrets().find(tx, a_, "db"); })), std::nullopt);
  EXPECT_FALSE(must(in(b_, [&](Tx& tx) { return set_->secrets().lock(tx, a_, "db"); })));
  EXPECT_TRUE(put(b_, "db", "another one"));
  EXPECT_EQ(read({{a_, "db"}}).at({a_, "db"}).value(), "hunter22");
}

TEST_F(SecretContract, HeldOnesAreThoseThatExist) {
  put(a_, "db", "hunter22");
  const std::set<std::string> wanted = {"db", "none"};
  EXPECT_THAT(must(in(a_, [&](Tx& tx) { return set_->secrets().hold(tx, a_, wanted); })), testing::ElementsAre("db"));
  EXPECT_TRUE(must(in(a_, [&](Tx& tx) { return set_->secrets().lock(tx, a_, "db"); })));
  must(set_->db().in_tenant(a_, [&](Tx& tx) { return set_->secrets().remove(tx, a_, "db"); }));
  EXPECT_THAT(names(a_), testing::IsEmpty());
  const Status again = set_->db().in_tenant(a_, [&](Tx& tx) { return set_->secrets().remove(tx, a_, "db"); });
  EXPECT_EQ(again.error().code, ErrorCode::not_found);
}

TEST_F(SecretContract, SchedulesThatReferToASecretAreFound) {
  const WorkflowId workflow = make_workflow(a_, "W");
  auto make = [&](const std::string& name, const std::string& payload) {
    auto s = new_schedule(a_, workflow, name);
    s.payload = payload;
    return insert_schedule(s, {});
  };
  make("second", R"({"a":{"$secret":"db"},"b":[{"$secret":"db"},{"$secret":"api"}]})");
  make("first", R"({"$secret":"db"})");
  make("none", R"({"a":"$secret","b":"{\"$secret\":\"db\"}"})");
  schedules::SecretSchedules users(set_->schedules());
  const auto uses = [&](TenantId tenant, const std::string& secret) {
    std::vector<std::string> out;
    for (const auto& use : must(in(tenant, [&](Tx& tx) { return users.uses(tx, tenant, secret, 10); }))) out.push_back(use.secret + " " + use.name + " " + use.workflow_name);
    return out;
  };
  EXPECT_THAT(uses(a_, "db"), testing::ElementsAre("db first W", "db second W"));
  EXPECT_THAT(uses(a_, "api"), testing::ElementsAre("api second W"));
  EXPECT_THAT(uses(a_, ""), testing::ElementsAre("db first W", "api second W", "db second W"));
  EXPECT_THAT(uses(b_, ""), testing::IsEmpty());
}

TEST_F(SecretContract, PatternsAreReplacedByWhoReadTheNewest) {
  const auto settings = [&](TenantId tenant) { return must(in(tenant, [&](Tx& tx) { return set_->redaction().settings(tx, tenant); })); };
  const auto change = [&](TenantId tenant, std::vector<std::string> patterns, std::int64_t revision) {
    const RedactionSettings wanted{std::move(patterns), revision, {}, "ann"};
    return set_->db().in_tenant(tenant, [&](Tx& tx) { return set_->redaction().put(tx, tenant, wanted); });
  };
  EXPECT_EQ(settings(a_).revision, 0);
  EXPECT_FALSE(settings(a_).updated_at);
  must(change(a_, {"*password*", "a,b \"c\""}, 1));
  EXPECT_EQ(settings(a_).patterns, (std::vector<std::string>{"*password*", "a,b \"c\""}));
  EXPECT_EQ(settings(a_).revision, 1);
  EXPECT_TRUE(settings(a_).updated_at);
  EXPECT_EQ(change(a_, {"late"}, 1).error().reason, "REVISION_CHANGED");
  must(change(a_, {}, 2));
  EXPECT_EQ(settings(a_).patterns, std::vector<std::string>());
  must(change(b_, {"pin"}, 1));
  const std::vector<TenantId> both = {a_, b_};
  const auto all = must(in_system([&](Tx& tx) { return set_->redaction().patterns(tx, both); }));
  EXPECT_EQ(all.at(b_), std::vector<std::string>{"pin"});
}

}  // namespace
}  // namespace carillon::contract
