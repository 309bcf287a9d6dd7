// Operations of a payload migration, and what two schemas ask differently.
#include <gtest/gtest.h>

#include "engine/workflows/payload_migration.h"
#include "engine/workflows/schema_diff.h"

using namespace carillon;

namespace {

Json migrated(const Json& payload, const Json& operations) {
  auto migration = PayloadMigration::parse(operations);
  EXPECT_TRUE(migration) << migration.error().message;
  auto made = (*migration)->apply(payload, Instant{});
  EXPECT_TRUE(made) << made.error().message;
  return *made;
}
std::string refused(const Json& operations) {
  auto migration = PayloadMigration::parse(operations);
  EXPECT_FALSE(migration);
  return migration ? "" : migration.error().reason + " " + migration.error().field;
}

}  // namespace

TEST(PayloadMigration, RenameMovesAValueAndMakesItsParents) {
  EXPECT_EQ(migrated({{"a", 1}}, {{{"op", "rename"}, {"from", "/a"}, {"to", "/b/c"}}}), Json({{"b", {{"c", 1}}}}));
  EXPECT_EQ(migrated({{"x", 1}}, {{{"op", "rename"}, {"from", "/a"}, {"to", "/b"}}}), Json({{"x", 1}})) << "nothing where it is absent";
}

TEST(PayloadMigration, DefaultLeavesWhatIsThereEvenNull) {
  EXPECT_EQ(migrated(Json::object(), {{{"op", "default"}, {"path", "/a"}, {"value", 5}}}), Json({{"a", 5}}));
  EXPECT_EQ(migrated({{"a", nullptr}}, {{{"op", "default"}, {"path", "/a"}, {"value", 5}}}), Json({{"a", nullptr}}));
}

TEST(PayloadMigration, DropTakesOutMembersAndElements) {
  EXPECT_EQ(migrated({{"a", {1, 2, 3}}, {"b", 1}}, {{{"op", "drop"}, {"path", "/a/1"}}, {{"op", "drop"}, {"path", "/b"}}, {{"op", "drop"}, {"path", "/c"}}}),
            Json({{"a", {1, 3}}}));
}

TEST(PayloadMigration, SetSeesWhatEarlierOperationsMade) {
  EXPECT_EQ(migrated({{"cents", 250}}, {{{"op", "set"}, {"path", "/amount"}, {"expr", ".cents / 100"}},
                                        {{"op", "drop"}, {"path", "/cents"}},
                                        {{"op", "set"}, {"path", "/double"}, {"expr", ".amount * 2"}}}),
            Json({{"amount", 2.5}, {"double", 5}}));
}

TEST(PayloadMigration, PointersAreUnescaped) {
  EXPECT_EQ(migrated({{"a/b", 1}, {"c~d", 2}}, {{{"op", "drop"}, {"path", "/a~1b"}}, {{"op", "rename"}, {"from", "/c~0d"}, {"to", "/e"}}}),
            Json({{"e", 2}}));
}

TEST(PayloadMigration, WhatDoesNotApplyNamesTheOperation) {
  auto migration = PayloadMigration::parse({{{"op", "drop"}, {"path", "/x"}}, {{"op", "set"}, {"path", "/a/b"}, {"expr", "1"}}});
  ASSERT_TRUE(migration);
  auto made = (*migration)->apply({{"a", 1}}, Instant{});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().reason, "MIGRATION_FAILED");
  EXPECT_EQ(made.error().field, "/migration/1");
}

TEST(PayloadMigration, MalformedOperationsAreRefusedAtTheirPlace) {
  EXPECT_EQ(refused({{{"op", "move"}}}), "MIGRATION_MALFORMED /migration/0/op");
  EXPECT_EQ(refused({{{"op", "drop"}, {"path", "/a"}}, {{"op", "drop"}, {"path", "a"}}}), "MIGRATION_MALFORMED /migration/1/path");
  EXPECT_EQ(refused({{{"op", "drop"}, {"path", "/a~2"}}}), "MIGRATION_MALFORMED /migration/0/path");
  EXPECT_EQ(refused({{{"op", "default"}, {"path", "/a"}}}), "MIGRATION_MALFORMED /migration/0/value");
  EXPECT_EQ(refused({{{"op", "rename"}, {"from", "/a"}, {"to", "/a/b"}}}), "MIGRATION_MALFORMED /migration/0/to");
  EXPECT_EQ(refused({{{"op", "set"}, {"path", "/a"}, {"expr", ".a +"}}}), "MIGRATION_MALFORMED /migration/0/expr");
}

TEST(JsonChanges, NamesWhatWasAddedRemovedAndChanged) {
  EXPECT_EQ(json_changes({{"a", 1}, {"b", {{"c", 1}, {"d", 2}}}}, {{"b", {{"c", 3}, {"e", 4}}}}),
            Json({{{"pointer", "/a"}, {"kind", "removed"}, {"before", 1}},
                  {{"pointer", "/b/c"}, {"kind", "changed"}, {"before", 1}, {"after", 3}},
                  {{"pointer", "/b/d"}, {"kind", "removed"}, {"before", 2}},
                  {{"pointer", "/b/e"}, {"kind", "added"}, {"after", 4}}}));
}

TEST(SchemaChanges, FollowReferencesAndTellRequiredFromType) {
  const Json before = Json::parse(R"({"properties":{"a":{"$ref":"#/$defs/n"},"gone":{}},"required":["gone"],"$defs":{"n":{"type":"integer"}}})");
  const Json after = Json::parse(R"({"properties":{"a":{"$ref":"#/$defs/n"},"list":{"items":{"enum":[1]}}},"required":["a"],"$defs":{"n":{"type":"string","title":"N"}}})");
  std::vector<std::string> seen;
  for (const auto& c : schema_changes(before, after)) seen.push_back(c["change"].get<std::string>() + " " + c["pointer"].get<std::string>());
  EXPECT_EQ(seen, (std::vector<std::string>{"required /a", "type /a", "removed /gone", "optional /gone", "added /list"}));
  EXPECT_TRUE(schema_changes(before, before).empty());
}

TEST(SchemaChanges, ARecursiveSchemaEnds) {
  const Json before = Json::parse(R"({"properties":{"next":{"$ref":"#"}}})");
  Json after = before;
  after["minProperties"] = 1;
  EXPECT_FALSE(schema_changes(before, after).empty());
}

TEST(WithDefaults, FillsWhatIsAbsentInObjectsThatAreThere) {
  const Json schema = Json::parse(R"({"properties":{"a":{"default":1},"o":{"properties":{"b":{"default":2}}},"p":{"properties":{"c":{"default":3}}}}})");
  EXPECT_EQ(with_defaults(schema, {{"o", Json::object()}}), Json({{"a", 1}, {"o", {{"b", 2}}}}));
}
