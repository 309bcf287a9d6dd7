#pragma once
#include <string>

#include "tests/support/hub_fixture.h"
#include "web/app/hub/import.h"

namespace carillon::test {

inline constexpr const char* kFirstTenant = "11111111-1111-4111-8111-111111111111";
inline constexpr const char* kSecondTenant = "22222222-2222-4222-8222-222222222222";

/// Text of a file of tests/data/legacy.
std::string legacy_file(const std::string& name);
/// "a0" → the schedule row …a0, "0c" → the workflow …0c of the vector.
std::string row_id(const std::string& last);
std::string workflow_id(const std::string& last);

/// A migrated database with the vector's tables beside the hub's.
class OldDatabase {
 public:
  explicit OldDatabase(TestDatabase&& database) : database_(std::move(database)) { fill(url()); }
  static void fill(const std::string& url) { query(url, legacy_file("old-shape.sql")); }

  std::string url() const { return database_.connection_string(); }
  std::string sql(const std::string& text) const { return query_value(url(), text); }
  /// Imports, failing the test when that is refused as a whole.
  LegacyReport import(LegacyRequest request = {"", "legacy", "", false, false}) const;
  /// A hash of every row of every table, the old ones included.
  std::string contents() const;

 private:
  TestDatabase database_;
};

/// The report's line on an old record; null when there is not exactly one.
Json line_of(const Json& report, const std::string& old_id);

}  // namespace carillon::test
